"""Collectively opened accounts: two timers in working days, which only tell."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bansos.lib.errors import BadInput, NotAllowed, Refused
from disbursements.models import AccountOpening
from disbursements.queries.treasury.deadlines import deadlines_for
from disbursements.services import openings
from disbursements.services.openings import Letter
from tests.cast import Cast
from tests.factories.disbursements import World, make_world

pytestmark = pytest.mark.django_db
# A Monday of a month without holidays.
ASKED = date(2026, 9, 7)
NOW = datetime(2026, 9, 30, 3, 0, tzinfo=UTC)


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast, people=0)


def ask(world: World, **changes: Any) -> AccountOpening:
    values: dict[str, Any] = {"number": "900/1/2026", "asked_on": ASKED, "count": 10}
    return openings.ask_opening(
        version=world.version,
        area_code=changes.pop("area_code", "35.19"),
        by=changes.pop("by", world.cast.budi),
        letter=Letter(**values | changes),
        at=NOW,
    )


def told(world: World, on: date) -> list[tuple[str, date, int]]:
    found = deadlines_for(world.cast.tono, on)
    return [(row.title, row.due, row.left) for row in found if row.key == "opening"]


def test_ten_days_to_begin_then_seven_to_report(world: World) -> None:
    row = ask(world)
    assert told(world, ASKED) == [("Pembukaan rekening kolektif", date(2026, 9, 21), 10)]
    assert told(world, date(2026, 9, 22))[0][2] == -1
    openings.note_opening(opening=row, acted_on=date(2026, 9, 14), by=world.cast.tono, at=NOW)
    assert told(world, date(2026, 9, 14)) == [("Laporan pembukaan rekening", date(2026, 9, 23), 7)]
    done = openings.note_opening(
        opening=row,
        acted_on=date(2026, 9, 14),
        reported_on=date(2026, 9, 21),
        failed=3,
        note="KYC",
        by=world.cast.tono,
        at=NOW,
    )
    assert (done.opened, done.failed) == (7, 3)
    assert told(world, date(2026, 9, 24)) == []
    with pytest.raises(Refused, match="sudah dicatat"):
        openings.note_opening(opening=row, acted_on=ASKED, by=world.cast.tono, at=NOW)


def test_what_is_refused(world: World) -> None:
    row = ask(world)
    with pytest.raises(Refused, match="sudah dicatat"):
        ask(world)
    for changes in ({"number": " "}, {"count": 0}, {"asked_on": date(2026, 10, 1)}):
        with pytest.raises(BadInput):
            ask(world, **changes)
    with pytest.raises(BadInput):
        ask(world, number="2", opening_days=0)
    for user in (world.cast.ratna, world.cast.sari):
        with pytest.raises(NotAllowed):
            ask(world, number="3", by=user)
    with pytest.raises(NotAllowed):
        ask(world, number="4", area_code="64.01")
    note = {"opening": row, "by": world.cast.tono, "at": NOW}
    with pytest.raises(BadInput, match="Urutan"):
        openings.note_opening(acted_on=ASKED - timedelta(days=1), **note)
    with pytest.raises(BadInput, match="Yang gagal"):
        openings.note_opening(acted_on=ASKED, reported_on=ASKED, failed=11, **note)
    with pytest.raises(BadInput, match="tanggal laporan bank"):
        openings.note_opening(acted_on=ASKED, failed=3, **note)
    row.refresh_from_db()
    assert (row.acted_on, row.failed) == (None, None), "nothing of it is kept"


def test_the_pages_record_and_tell(world: World, client: Client) -> None:
    client.force_login(world.cast.tono)
    typed = {
        "version": world.version.pk,
        "area_code": "35.19",
        "number": "900/7/2026",
        "asked_on": "07-09-2026",
        "count": "10",
        "opening_days": "10",
        "report_days": "7",
    }
    assert client.post(reverse("disbursements:opening_new"), typed).status_code == 302
    row = AccountOpening.objects.get()
    address = reverse("disbursements:opening", args=[row.pk])
    assert client.post(address, {"acted_on": "01-09-2026", "failed": "0"}).status_code == 422
    wrong = client.post(address, {"acted_on": "10-09-2026", "failed": "3"})
    assert wrong.status_code == 422
    words = wrong.content.decode()
    assert "Ada 1 bagian yang perlu diperbaiki" in words, "one fault is told as one"
    assert words.count("Isi tanggal laporan bank") == 2, "in the summary and at the field"
    assert client.post(address, {"acted_on": "10-09-2026", "failed": "0"}).status_code == 302
    assert "Laporan pembukaan rekening" in client.get("/").content.decode()
