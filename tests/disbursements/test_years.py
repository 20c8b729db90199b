"""The closing of a budget year: refused while anything is open, then no money moves for it."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from bansos.documents.services import read_bytes
from bansos.jobs.models import Job
from bansos.lib.errors import NotAllowed, Refused, Stale
from bansos.regions.models import Holiday
from disbursements.choices import LedgerKind
from disbursements.models import FiscalYear, LedgerEvent
from disbursements.queries.treasury.year import open_things, year_to_close
from disbursements.services import budgets, closing, lists, years
from tests.cast import Cast
from tests.factories.accounts import PASSWORD
from tests.factories.disbursements import (
    NOW,
    World,
    answer_row,
    fresh,
    lines_of,
    make_world,
    quick_records,
    run,
)

YEAR = 2026


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast, people=2)


def finish(world: World) -> None:
    """One list paid, delivered and closed."""
    pay_list = world.sent()
    world.answer(pay_list, [answer_row(line) for line in lines_of(pay_list)])
    with quick_records():
        run(closing.close(pay_list=fresh(pay_list), by=world.cast.tono, at=world.tick()))


def test_what_is_open_is_named_with_links(world: World, client: Client) -> None:
    pay_list = world.sent()
    rows = [answer_row(line) for line in lines_of(pay_list)]
    rows[0] = answer_row(lines_of(pay_list)[0], "GAGAL", "Rekening ditutup")
    world.answer(pay_list, rows)
    found = {item.words: (item.count, item.amount) for item in open_things(world.cast.agency, YEAR)}
    assert found == {
        "Retur belum selesai": (1, 500_000),
        "Daftar ber-SP2D belum direkonsiliasi": (1, 1_000_000),
        "Dana masih di rekening bendahara": (1, 500_000),
    }
    with pytest.raises(Refused, match="Retur belum selesai: 1"):
        years.ask_closing(agency=world.cast.agency, year=YEAR, by=world.cast.tono, at=NOW)
    client.force_login(world.cast.tono)
    page = client.get(f"/laporan/bendahara/tahun/?tahun={YEAR}").content.decode()
    assert 'href="/penyaluran/retur/"' in page
    answer = client.post("/laporan/bendahara/tahun/", {"tahun": YEAR, "aksi": "ajukan"})
    assert answer.status_code == 409
    assert not FiscalYear.objects.filter(asked_at__isnull=False).exists()


def test_two_people_close_a_year_for_ever(world: World) -> None:
    finish(world)
    agency, tono, hadi = world.cast.agency, world.cast.tono, world.cast.hadi
    with pytest.raises(Stale):
        years.close_year(agency=agency, year=YEAR, password=PASSWORD, by=hadi, at=world.tick())
    years.ask_closing(agency=agency, year=YEAR, by=tono, at=world.tick())
    with pytest.raises(NotAllowed, match="Kata sandi"):
        years.close_year(agency=agency, year=YEAR, password="salah", by=hadi, at=world.tick())
    with pytest.raises(NotAllowed):
        years.close_year(agency=agency, year=YEAR, password=PASSWORD, by=tono, at=world.tick())
    run(years.close_year(agency=agency, year=YEAR, password=PASSWORD, by=hadi, at=world.tick()))
    row = FiscalYear.objects.get(agency=agency, year=YEAR)
    assert row.is_closed
    assert row.record is not None
    pages = PdfReader(io.BytesIO(read_bytes(row.record))).pages
    words = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))
    assert "BERITA ACARA PENUTUPAN TAHUN ANGGARAN" in words
    assert "satu juta rupiah" in words
    assert "Rp100.000.000 Rp1.000.000 Rp1.000.000 Rp0 Rp99.000.000" in words
    _nothing_moves(world)
    _next_year(world)


def _nothing_moves(world: World) -> None:
    """The service says so in a sentence; the database refuses whoever passes it by."""
    with pytest.raises(Refused, match="sudah ditutup"):
        lists.create_list(
            stage=world.stages[1], area_code="35.19", by=world.cast.budi, at=world.tick()
        )
    with pytest.raises(Refused, match="sudah ditutup"):
        budgets.change_ceiling(
            budget=world.budget,
            ceiling=Decimal(200_000_000),
            dpa_number="DPPA",
            by=world.cast.budi,
            at=world.tick(),
        )
    with pytest.raises(IntegrityError, match="is closed"), transaction.atomic():
        LedgerEvent.objects.create(
            key="past-the-service",
            kind=LedgerKind.RESERVE,
            budget=world.budget,
            area_code="35.19",
            at=NOW,
            by=world.cast.budi,
        )
    row = FiscalYear.objects.get(year=YEAR)
    with pytest.raises(IntegrityError, match="closed for ever"), transaction.atomic():
        FiscalYear.objects.filter(pk=row.pk).update(closed_at=None, closed_by=None)
    with pytest.raises(IntegrityError, match="closed for ever"), transaction.atomic():
        FiscalYear.objects.filter(pk=row.pk).delete()
    with pytest.raises(Stale):
        years.ask_closing(agency=world.cast.agency, year=YEAR, by=world.cast.tono, at=world.tick())


def _next_year(world: World) -> None:
    agency, tono = world.cast.agency, world.cast.tono
    with pytest.raises(Refused, match="belum ditutup"):
        years.open_year(agency=agency, year=YEAR + 2, by=tono, at=world.tick())
    row = years.open_year(agency=agency, year=YEAR + 1, by=tono, at=world.tick())
    assert row.opened_by == tono
    assert Holiday.objects.filter(area_code="35", day=date(2027, 8, 17)).exists()


def test_the_page_opens_with_the_oldest_year_that_is_open(world: World) -> None:
    agency, january = world.cast.agency, date(YEAR + 1, 1, 2)
    assert year_to_close(agency, today=date(YEAR, 11, 23)) == YEAR
    assert year_to_close(agency, today=january) == YEAR
    assert year_to_close(agency, today=date(YEAR + 3, 12, 31)) == YEAR
    assert year_to_close(agency, today=date(YEAR + 4, 1, 1)) == YEAR + 4, "no longer offered"
    finish(world)
    years.ask_closing(agency=agency, year=YEAR, by=world.cast.tono, at=world.tick())
    assert year_to_close(agency, today=january) == YEAR, "one person closes nothing"
    years.close_year(
        agency=agency, year=YEAR, password=PASSWORD, by=world.cast.hadi, at=world.tick()
    )
    assert year_to_close(agency, today=january) == YEAR + 1


def test_a_regency_closes_nothing(world: World) -> None:
    world.cast.tono.area_code = "35.19"
    with pytest.raises(NotAllowed):
        years.ask_closing(agency=world.cast.agency, year=YEAR, by=world.cast.tono, at=NOW)


def test_a_record_whose_making_stopped_is_asked_for_again(world: World, client: Client) -> None:
    finish(world)
    agency, tono, hadi = world.cast.agency, world.cast.tono, world.cast.hadi
    path = reverse("monitoring:fiscal_year")
    client.force_login(tono)
    page = client.get(f"{path}?tahun={YEAR}").content.decode()
    assert f"Tidak ada. Tahun {YEAR} dapat ditutup." in page
    assert f"Realisasi tahun {YEAR}" in page
    ask = {"tahun": YEAR, "aksi": "berkas"}
    assert client.post(path, ask).status_code == 409, "nothing to make before it is closed"
    years.ask_closing(agency=agency, year=YEAR, by=tono, at=world.tick())
    job = years.close_year(agency=agency, year=YEAR, password=PASSWORD, by=hadi, at=world.tick())
    assert client.post(path, ask).status_code == 409, "it is being made"
    Job.objects.filter(pk=job.pk).update(state="failed", finished_at=world.clock)
    page = client.get(f"{path}?tahun={YEAR}").content.decode()
    assert "Berita Acara belum ada: pembuatannya berhenti." in page
    assert client.post(path, ask).status_code == 302
    run(Job.objects.open().get(kind="disbursements.year_paper"))
    assert FiscalYear.objects.get(agency=agency, year=YEAR).record is not None
    assert client.post(path, ask).status_code == 409
