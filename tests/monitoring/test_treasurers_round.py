"""A treasurer's round in a real Chromium: deadlines, reports, card, cash plan, papers, year end."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from bansos.documents.models import Document
from bansos.jobs.models import Job
from disbursements.models import CashPlan, FiscalYear, PayList
from disbursements.services import closing
from tests.cast import make_cast
from tests.factories.accounts import PASSWORD
from tests.factories.disbursements import (
    World,
    answer_row,
    fresh,
    lines_of,
    make_world,
    quick_records,
    run,
)
from tests.looks import sign_in

YEAR = "/laporan/bendahara/tahun/?tahun=2026"


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world(make_cast(), people=2)


def work() -> None:
    """Do what the worker would do with the newest job."""
    run(Job.objects.latest("created_at"))


def test_a_treasurers_round(world: World, page: Page, live_server: LiveServer) -> None:
    pay_list = world.approved()
    sign_in(page, live_server, world.cast.tono)
    page.goto("/")
    expect(page.get_by_role("link", name="SP2D belum terbit")).to_be_visible()
    page.get_by_role("link", name="Laporan bendahara").click()
    expect(page.get_by_role("heading", name="Laporan bendahara")).to_be_visible()
    page.get_by_role("link", name="Buka 1 baris").first.click()
    expect(
        page.get_by_text("Ajukan SPM Rp1.000.000 ke BPKAD: 2 penerima x Rp500.000.")
    ).to_be_visible()
    page.get_by_role("button", name="Buat laporan PDF bernomor").click()
    page.wait_for_url("**/pekerjaan/**")
    work()
    assert Document.objects.get(kind="disbursements.treasury_report").number.startswith("LAP-BEN/")
    _plan(page, world)
    _papers(page, pay_list)


def _plan(page: Page, world: World) -> None:
    page.goto(f"/laporan/bendahara/kartu/{world.budget.pk}/")
    expect(page.get_by_role("link", name="DPA DPA/A.1/2026")).to_be_visible()
    page.get_by_role("link", name="Rencana kas").click()
    page.get_by_label("Maret").fill("1.000.000")
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_text("Rencana kas disimpan.")).to_be_visible()
    assert CashPlan.objects.get(month=3).amount == 1_000_000


def _papers(page: Page, pay_list: PayList) -> None:
    page.goto(f"/penyaluran/daftar/{pay_list.pk}/")
    page.get_by_role("link", name="Berkas tahap").click()
    expect(page.get_by_text("Dibuat sesudah SP2D dicatat.").first).to_be_visible()
    page.locator("form", has=page.locator("input[value=responsibility]")).last.get_by_role(
        "button", name="Buat"
    ).click()
    page.wait_for_url("**/pekerjaan/**")
    work()
    page.goto(f"/penyaluran/daftar/{pay_list.pk}/berkas-tahap/")
    expect(page.get_by_role("link", name=f"SPTJM {pay_list.number}")).to_be_visible()


def test_the_years_end_by_two_people(world: World, page: Page, live_server: LiveServer) -> None:
    pay_list = world.sent()
    sign_in(page, live_server, world.cast.tono)
    page.goto(YEAR)
    expect(page.get_by_role("link", name="Daftar ber-SP2D belum direkonsiliasi")).to_be_visible()
    expect(page.get_by_text("Selesaikan dahulu yang masih terbuka.")).to_be_visible()
    world.answer(pay_list, [answer_row(line) for line in lines_of(pay_list)])
    with quick_records():
        run(closing.close(pay_list=fresh(pay_list), by=world.cast.tono, at=world.tick()))
    page.goto(YEAR)
    page.get_by_role("button", name="Ajukan penutupan 2026").click()
    expect(page.get_by_text("menunggu pengesahan Kepala Dinas").first).to_be_visible()
    sign_in(page, live_server, world.cast.hadi)
    page.goto(YEAR)
    page.get_by_label("Kata sandi Anda").fill("bukan ini")
    page.get_by_role("button", name="Tutup tahun anggaran 2026").click()
    expect(page.get_by_text("Kata sandi tidak cocok.").first).to_be_visible()
    page.get_by_label("Kata sandi Anda").fill(PASSWORD)
    page.get_by_role("button", name="Tutup tahun anggaran 2026").click()
    expect(page.get_by_text("Ditutup oleh Hadi Prasetyo")).to_be_visible()
    assert FiscalYear.objects.get(year=2026).is_closed
