"""A list over a channel in a real browser: it times out, the page says what to do, it is solved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from bansos.demo.simulator.process import Simulator, running
from disbursements.models import BankSubmission
from disbursements.services import bank as bank_files
from tests.cast import make_cast
from tests.factories.channels import make_drop, secrets_of
from tests.factories.disbursements import World, fresh, make_world, quick_letters, run
from tests.looks import sign_in, too_wide, violations


@pytest.fixture
def bank(tmp_path: Path, settings: Any) -> Iterator[Simulator]:
    """A bank that takes the file and never answers, once."""
    with running(tmp_path, scenario="timeout_after_accept_once+no_dedupe") as found:
        settings.BANK_SECRETS = secrets_of(found)
        yield found


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world(make_cast(), people=6)


def looks_well(page: Page) -> None:
    for width in (1366, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert not too_wide(page)
    assert violations(page) == []
    page.set_viewport_size({"width": 1366, "height": 900})


def test_the_treasurer_sends_is_left_in_doubt_and_asks(
    world: World, bank: Simulator, page: Page, live_server: LiveServer
) -> None:
    make_drop(world.cast, bank)
    row = world.with_sp2d()
    with quick_letters():
        run(bank_files.make_files(pay_list=row, by=world.cast.budi, at=world.tick()))
    sign_in(page, live_server, world.cast.tono)
    here = reverse("disbursements:list", args=[row.pk])
    page.goto(here)
    page.get_by_role("button", name="Kirim lewat Kotak berkas latihan").click()
    expect(page.get_by_role("heading", name=f"Kiriman daftar {row.number}")).to_be_visible()
    sent = BankSubmission.objects.get()
    run(sent.job)

    page.goto(here)
    main = page.get_by_role("main")
    expect(main.get_by_text("Kiriman belum diketahui").first).to_be_visible()
    expect(main.get_by_text("Jangan kirim lagi")).to_be_visible()
    looks_well(page)
    page.get_by_role("link", name="Buka kiriman").click()
    expect(main.get_by_text("Bank tidak menjawab.").first).to_be_visible()
    expect(main.get_by_text("Putuskan berdua")).to_be_visible()
    looks_well(page)
    assert set(bank.credits().values()) == {1}

    page.get_by_role("button", name="Tanyakan status ke bank").click()
    sent.refresh_from_db()
    run(sent.job)
    page.reload()
    expect(main.get_by_text("Diterima bank").first).to_be_visible()
    expect(main.get_by_text("Putuskan berdua")).to_have_count(0)
    page.goto(here)
    expect(main.get_by_text("Bank sudah menerima.")).to_be_visible()
    assert set(bank.credits().values()) == {1}
    assert set(fresh(row).lines.values_list("state", flat=True)) == {"submitted"}
    assert fresh(row).results.count() == 1
