"""A list to the simulated bank and back by its statement, in a real browser, to the closing."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from bansos.demo.simulator.process import Simulator, running
from disbursements.models import BankDay, BankSubmission, DeskDecision, PayList, ResultFile
from disbursements.services import bank as bank_files
from tests.cast import make_cast
from tests.factories.channels import make_drop, secrets_of
from tests.factories.disbursements import (
    World,
    fresh,
    make_world,
    quick_letters,
    quick_records,
    run,
)
from tests.journeys.test_bank_channel import looks_well
from tests.looks import sign_in


@pytest.fixture
def bank(tmp_path: Path, settings: Any) -> Iterator[Simulator]:
    """A bank whose statement also has its fees and lines of others."""
    with running(tmp_path, scenario="statement_noise") as found:
        settings.BANK_SECRETS = secrets_of(found)
        yield found


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world(make_cast(), people=6)


def statement_of(bank: Simulator) -> bytes:
    """The account's camt.053 of the bank's day."""
    request = urllib.request.Request(  # noqa: S310
        f"{bank.url}/rekening-koran?format=camt053",
        headers={"Authorization": f"Bearer {bank.key}"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        data: bytes = answer.read()
    return data


def send(page: Page, world: World, row: PayList) -> None:
    """The treasurer hands the file over; the worker has done its part."""
    page.goto(reverse("disbursements:list", args=[row.pk]))
    page.get_by_role("button", name="Kirim lewat Kotak berkas latihan").click()
    expect(page.get_by_role("heading", name=f"Kiriman daftar {row.number}")).to_be_visible()
    run(BankSubmission.objects.get().job)


def bring_in(page: Page, data: bytes) -> None:
    """The statement is uploaded at the desk and applied."""
    page.goto(reverse("disbursements:desk"))
    page.get_by_role("link", name="Unggah berkas bank").click()
    file = {"name": "rekening-koran.xml", "mimeType": "application/xml", "buffer": data}
    page.locator("input[type=file]").set_input_files(files=[file])
    page.get_by_role("button", name="Unggah dan baca").click()
    expect(page.get_by_text("Perkiraan; belum ada yang diterapkan")).to_be_visible()
    looks_well(page)
    page.get_by_role("button", name="Terapkan").click()
    expect(page.get_by_text("Hasil bank sedang diterapkan di latar.")).to_be_visible()
    run(ResultFile.objects.get(pay_list__isnull=False).job)


def test_what_the_statement_says_ends_in_a_closed_reconciliation(
    world: World, bank: Simulator, page: Page, live_server: LiveServer
) -> None:
    bank.control(today=timezone.localdate(timezone=world.cast.agency.zone).isoformat())
    make_drop(world.cast, bank)
    row = world.with_sp2d()
    with quick_letters():
        run(bank_files.make_files(pay_list=row, by=world.cast.budi, at=world.tick()))
    sign_in(page, live_server, world.cast.tono)
    send(page, world, row)
    assert set(bank.credits().values()) == {1}
    bring_in(page, statement_of(bank))
    assert set(fresh(row).lines.values_list("state", flat=True)) == {"settled"}

    # Fees and strangers wait on the desk; one is set aside, opened again, then all are.
    main = page.get_by_role("main")
    page.goto(reverse("disbursements:desk"))
    looks_well(page)
    page.locator("tbody a").first.click()
    aside = page.get_by_role("button", name="Sisihkan", exact=True)
    expect(aside).to_be_visible()
    here = page.url
    looks_well(page)
    aside.click()
    expect(main.get_by_text("Baris disisihkan.")).to_be_visible()
    page.goto(here)
    page.get_by_label("Alasan").fill("Salah pilih alasan")
    page.get_by_role("button", name="Buka lagi").click()
    expect(main.get_by_text("Pembatalan dicatat.")).to_be_visible()
    acts = list(DeskDecision.objects.order_by("pk").values_list("act", flat=True))
    assert acts == ["aside", "undo"]
    page.goto(reverse("disbursements:desk"))
    while page.locator("tbody a").count():
        page.locator("tbody a").first.click()
        page.get_by_label("Sisihkan juga baris lain").check()
        aside.click()
        expect(main.get_by_text("baris disisihkan.")).to_be_visible()
        page.goto(reverse("disbursements:desk"))

    page.get_by_role("link", name="Tutup hari").click()
    close = page.get_by_role("button", name="Tutup hari")
    expect(close).to_be_visible()
    looks_well(page)
    close.click()
    expect(main.get_by_text("Hari bank ditutup.")).to_be_visible()
    assert BankDay.objects.count() == 1

    page.goto(reverse("disbursements:reconcile", args=[row.pk]))
    looks_well(page)
    page.get_by_role("button", name="Tutup rekonsiliasi").click()
    with quick_records():
        run(fresh(row).job)
    page.goto(reverse("disbursements:list", args=[row.pk]))
    expect(main.get_by_text("Ditutup").first).to_be_visible()
    assert fresh(row).state == "closed"
