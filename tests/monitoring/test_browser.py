"""The pages of monitoring in a real Chromium: accessible, no sideways scroll, links that lead."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from bansos.accounts.models import User
from bansos.jobs import services as jobs
from monitoring import services, tasks
from tests.cast import Cast, make_cast
from tests.factories.monitoring import Year, make_year
from tests.looks import sign_in, too_wide, violations


@pytest.fixture
def world(transactional_db: None) -> tuple[Cast, Year]:
    cast = make_cast()
    return cast, make_year(cast)


def assert_fit(page: Page, where: str) -> None:
    assert violations(page) == [], where
    assert not too_wide(page), where


@pytest.mark.parametrize("theme", ["terang", "gelap"])
def test_pages_are_accessible_and_fit(
    world: tuple[Cast, Year], page: Page, live_server: LiveServer, theme: str
) -> None:
    cast, year = world
    report = services.request_report(
        version=year.version,
        area_code="35",
        from_date=year.version.stages.earliest("number").stage_date,
        until_date=timezone.localdate(),
        by=cast.budi,
        at=timezone.now(),
    )
    assert tasks.services.KIND == "monitoring.report"
    paths = ["/", "/laporan/", "/laporan/baru/", "/laporan/dasbor/", f"/laporan/{report.pk}/"]
    User.objects.update(theme=theme)
    sign_in(page, live_server, cast.budi)
    for done in (False, True):
        if done:
            while jobs.run_step(job_id=str(report.job_id), at=timezone.now()):
                pass
        for width in (1366, 360) if theme == "terang" else (1366,):
            page.set_viewport_size({"width": width, "height": 800})
            # The dark theme repaints the same markup: its colours are looked at once.
            for path in paths[-1:] if done else paths[:-1]:
                page.goto(path)
                assert_fit(page, f"{path} {width} {theme}")
    expect(page.get_by_text("Belum tuntas Rp1.000.000")).to_be_visible()


def test_a_mark_opens_its_rows(
    world: tuple[Cast, Year], page: Page, live_server: LiveServer
) -> None:
    cast, _year = world
    sign_in(page, live_server, cast.budi)
    page.goto("/laporan/dasbor/")
    page.get_by_role("link", name="Meninggal").click()
    expect(page).to_have_url(f"{live_server.url}/penyaluran/retur/?reason=died")
    page.goto("/laporan/dasbor/")
    page.get_by_text("Lihat sebagai tabel").first.click()
    expect(page.get_by_role("cell", name="Kabupaten Magetan").first).to_be_visible()


def test_choose_an_area_without_a_script(
    world: tuple[Cast, Year], page: Page, live_server: LiveServer
) -> None:
    cast, _year = world
    sign_in(page, live_server, cast.budi)
    page.goto("/laporan/dasbor/")
    page.get_by_label("Wilayah", exact=True).select_option("35.20")
    page.get_by_role("button", name="Tampilkan").click()
    expect(page.get_by_text("Tahun anggaran 2026, Kabupaten Magetan")).to_be_visible()
    page.get_by_role("link", name="Hapus semua saringan").click()
    expect(page.get_by_text("Tahun anggaran 2026, Provinsi Jawa Timur")).to_be_visible()
