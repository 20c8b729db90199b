"""What two people do about money, in a real browser with the simulated bank behind it: a channel
that was off, a name the bank knows otherwise, a deposit slip and an SP2D recorded wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from bansos.demo.simulator.process import Simulator, running
from bansos.jobs.models import Job
from disbursements.choices import Decision, NameState
from disbursements.models import BankSubmission, NameCheck, PayList, ReturnCase, Sts
from disbursements.services import bank as bank_files
from disbursements.services import deposits, naming, returns
from tests.cast import make_cast
from tests.factories.books import breaches
from tests.factories.channels import make_snap, secrets_of
from tests.factories.disbursements import (
    BANK,
    World,
    answer_row,
    fresh,
    lines_of,
    make_world,
    quick_letters,
    run,
)
from tests.journeys.test_bank_channel import looks_well
from tests.looks import sign_in

REASON = "Nama kecil; buku tabungan dan KTP sudah dicocokkan."


@pytest.fixture
def bank(tmp_path: Path, settings: Any) -> Iterator[Simulator]:
    """A bank that takes the first instruction and does not answer it."""
    with running(tmp_path, scenario="timeout_after_accept_once+no_dedupe") as found:
        settings.BANK_SECRETS = secrets_of(found)
        yield found


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world(make_cast(), people=4)


def test_snap_is_off_then_tested_switched_on_sent_over_and_asked(
    world: World, bank: Simulator, page: Page, live_server: LiveServer
) -> None:
    channel = make_snap(world.cast, bank, active=False)
    row = world.with_sp2d()
    with quick_letters():
        run(bank_files.make_files(pay_list=row, by=world.cast.budi, at=world.tick()))
    here, main = reverse("disbursements:list", args=[row.pk]), page.get_by_role("main")
    send = page.get_by_role("button", name="Kirim lewat SNAP latihan")
    sign_in(page, live_server, world.cast.tono)
    page.goto(live_server.url + here)
    expect(main.get_by_text(row.number).first).to_be_visible()
    expect(send).to_have_count(0)

    sign_in(page, live_server, world.cast.adi)
    page.goto(live_server.url + reverse("disbursements:channel", args=[channel.pk]))
    expect(main.get_by_text("Mati", exact=True)).to_be_visible()
    page.get_by_role("button", name="Uji sambungan").click()
    expect(main.get_by_text("berhasil", exact=True)).to_be_visible()
    page.get_by_role("button", name="Nyalakan").click()
    expect(main.get_by_text("Aktif", exact=True)).to_be_visible()
    looks_well(page)

    sign_in(page, live_server, world.cast.tono)
    page.goto(live_server.url + here)
    send.click()
    expect(page.get_by_role("heading", name=f"Kiriman daftar {row.number}")).to_be_visible()
    sent = BankSubmission.objects.get()
    run(sent.job)
    page.goto(live_server.url + reverse("disbursements:submission", args=[sent.pk]))
    ask = page.get_by_role("button", name="Tanyakan status ke bank")
    expect(ask).to_be_visible()
    looks_well(page)
    ask.click()
    page.wait_for_load_state()
    sent.refresh_from_db()
    run(sent.job)
    page.goto(live_server.url + reverse("disbursements:submission", args=[sent.pk]))
    expect(main.get_by_text("Diterima bank").first).to_be_visible()
    assert set(bank.credits().values()) == {1}
    assert len(bank.credits()) == fresh(row).count


def test_a_name_the_bank_knows_otherwise_is_decided_by_two(
    world: World, bank: Simulator, page: Page, live_server: LiveServer
) -> None:
    bank.control(scenario="normal")
    make_snap(world.cast, bank)
    row = world.drawn()
    lines = lines_of(row)
    names = ["BAMBANG WICAKSONO", *(line.payee_name.upper() for line in lines[1:])]
    bank.open_accounts(
        [
            {"bank_code": BANK, "account": line.account_number or "", "name": name}
            for line, name in zip(lines, names, strict=True)
        ]
    )
    sign_in(page, live_server, world.cast.budi)
    page.goto(live_server.url + reverse("disbursements:list", args=[row.pk]))
    page.get_by_role("button", name="Cocokkan nama ke bank").click()
    expect(page.get_by_text("Nama rekening sedang dicocokkan").first).to_be_visible()
    run(Job.objects.get(kind=naming.JOB))
    check = NameCheck.objects.get(state=NameState.DIFFERS)
    path = live_server.url + reverse("disbursements:name", args=[check.pk])
    main = page.get_by_role("main")
    page.goto(path)
    expect(main.get_by_text("BAMBANG WICAKSONO").first).to_be_visible()
    expect(main.get_by_text(f"{check.likeness} %").first).to_be_visible()
    looks_well(page)
    page.get_by_label("Alasan").first.fill(REASON)
    page.get_by_role("button", name="Ajukan kepada orang kedua").click()
    expect(page.get_by_text("menunggu pengesahan orang kedua").first).to_be_visible()

    sign_in(page, live_server, world.cast.ratna)
    page.goto(path)
    expect(main.get_by_text(REASON).first).to_be_visible()
    page.get_by_label("Saya sahkan").check()
    page.get_by_role("button", name="Simpan jawaban").click()
    expect(page.get_by_text("Jawaban disimpan.").first).to_be_visible()
    check.refresh_from_db()
    assert (check.state, check.decided_by, check.confirmed_by) == (
        NameState.ACCEPTED,
        world.cast.budi,
        world.cast.ratna,
    )


@pytest.fixture
def clock(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The pages go by the clock of this world, whatever day it is."""
    monkeypatch.setattr(timezone, "now", lambda: world.tick())
    return world


def agree(page: Page, live_server: LiveServer, world: World, path: str) -> None:
    """The head of section agrees to the correction that waits on this page."""
    sign_in(page, live_server, world.cast.ratna)
    page.goto(path)
    expect(page.get_by_text("Koreksi menunggu pengesahan")).to_be_visible()
    looks_well(page)
    page.get_by_label("Saya sahkan").check()
    page.get_by_role("button", name="Simpan jawaban").click()
    expect(page.get_by_text("Koreksi disahkan.").first).to_be_visible()


def slip_of(world: World) -> Sts:
    """One return of a sent list, paid back to kas daerah with a slip."""
    sent = world.sent()
    lines = lines_of(sent)
    world.answer(sent, [answer_row(lines[0], "GAGAL", "Pindah"), *map(answer_row, lines[1:])])
    case = ReturnCase.objects.get()
    cast = world.cast
    returns.decide_return(
        case=case, decision=Decision.TREASURY, note="", by=cast.tono, at=world.tick()
    )
    returns.confirm_return(case=case, agreed=True, note="", by=cast.ratna, at=world.tick())
    world.clock += timedelta(days=1)
    return deposits.record_deposit(
        amounts={case.pk: case.amount},
        number="STS-1",
        on=case.returned_on,
        total=case.amount,
        by=cast.tono,
        at=world.tick(),
    )


def test_a_deposit_slip_recorded_wrongly_is_taken_back_by_two(
    clock: World, page: Page, live_server: LiveServer
) -> None:
    world, slip = clock, slip_of(clock)
    path = live_server.url + reverse("disbursements:deposit", args=[slip.pk])
    sign_in(page, live_server, world.cast.tono)
    page.goto(path)
    expect(page.get_by_role("heading", name="STS ini salah dicatat")).to_be_visible()
    looks_well(page)
    page.get_by_label("Alasan").fill("Nomor STS milik dinas lain.")
    page.get_by_role("button", name="Ajukan koreksi").click()
    expect(page.get_by_text("Koreksi menunggu pengesahan")).to_be_visible()
    slip.refresh_from_db()
    assert slip.reversed_at is None, "nothing moves before the second person"
    paid_back = set(ReturnCase.objects.values_list("state", flat=True))
    agree(page, live_server, world, path)
    slip.refresh_from_db()
    assert slip.reversed_by == world.cast.ratna
    assert set(ReturnCase.objects.values_list("state", flat=True)) == {"decided"}
    assert paid_back.isdisjoint({"decided"})
    found = [words for words in breaches(world.clock) if not words.startswith(("I9", "I12"))]
    assert found == []


def test_an_sp2d_recorded_wrongly_is_corrected_by_two(
    clock: World, page: Page, live_server: LiveServer
) -> None:
    world, row = clock, clock.with_sp2d()
    path = live_server.url + reverse("disbursements:sp2d_correct", args=[row.pk])
    sign_in(page, live_server, world.cast.tono)
    page.goto(path)
    expect(page.get_by_role("heading", name="Koreksi SP2D")).to_be_visible()
    looks_well(page)
    page.get_by_label("Nomor SP2D").fill("SP2D-99")
    page.get_by_label("Alasan").fill("Salah ketik.")
    page.get_by_role("button", name="Ajukan koreksi").click()
    expect(page.get_by_text("Koreksi menunggu pengesahan")).to_be_visible()
    assert fresh(row).sp2d_number == row.sp2d_number
    agree(page, live_server, world, path)
    kept: PayList = fresh(row)
    assert (kept.sp2d_number, kept.sp2d_date, kept.state) == ("SP2D-99", row.sp2d_date, row.state)
