"""The office's calendar: filled, changed with a trail, read by every deadline."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from bansos.audit.models import Event
from bansos.lib.calendar import add_bank_days, bank_days_between
from bansos.lib.errors import BadInput, NotAllowed, Refused
from bansos.regions.choices import Certainty, HolidayKind
from bansos.regions.models import Holiday
from bansos.regions.queries import days_off
from bansos.regions.services import calendar
from bansos.regions.services.day_lists import read_days
from tests.cast import Cast
from tests.factories.accounts import HolidayFactory

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
GOLDEN = Path(__file__).parent.parent / "golden" / "working_days.csv"
HEIR_DAY = calendar.DayOff(
    date(2026, 11, 24),
    "Pilkada serentak",
    HolidayKind.REGIONAL,
    Certainty.OFFICIAL,
    "SE Gubernur 12/2026",
)


def worked_examples() -> list[dict[str, str]]:
    with GOLDEN.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize("case", worked_examples(), ids=lambda case: case["kasus"])
def test_worked_examples(cast: Cast, case: dict[str, str]) -> None:
    calendar.fill_year(area_code="35", year=2026, by=cast.budi, at=NOW)
    start, end = date.fromisoformat(case["mulai"]), date.fromisoformat(case["jatuh_tempo"])
    days = int(case["hari_kerja"])
    closed = days_off("35", start)
    assert add_bank_days(start, days, closed) == end
    assert bank_days_between(start, end, closed) == days


def test_an_unfilled_year_is_estimated_not_free_of_holidays(cast: Cast) -> None:
    assert date(2026, 8, 17) in days_off("35", date(2026, 11, 1))
    assert not Holiday.objects.exists()
    calendar.save_holiday(holiday=None, area_code="35", found=HEIR_DAY, by=cast.budi, at=NOW)
    # The first day of an unfilled year brings the rest of the year with it.
    assert Holiday.objects.filter(day__year=2026).count() == 26
    assert {date(2026, 8, 17), date(2026, 11, 24)} <= days_off("35", date(2026, 11, 1))


def test_a_regency_has_its_own_days(cast: Cast) -> None:
    calendar.save_holiday(holiday=None, area_code="35.19", found=HEIR_DAY, by=cast.budi, at=NOW)
    assert HEIR_DAY.day in days_off("35.19.01", HEIR_DAY.day)
    assert HEIR_DAY.day not in days_off("35", HEIR_DAY.day)
    assert HEIR_DAY.day not in days_off("35.20", HEIR_DAY.day)


def test_a_bank_day_is_required_in_one_sentence(cast: Cast) -> None:
    calendar.require_bank_day(date(2026, 11, 23), cast.agency)
    with pytest.raises(BadInput) as refused:
        calendar.require_bank_day(date(2026, 12, 24), cast.agency)
    assert "Kamis, 24 Desember 2026 bukan hari kerja bank" in str(refused.value)
    assert "Senin, 28 Desember 2026" in str(refused.value)


def test_the_trail_tells_every_change(cast: Cast) -> None:
    added = calendar.fill_year(area_code="35", year=2026, by=cast.adi, at=NOW)
    assert added == 25
    assert calendar.fill_year(area_code="35", year=2026, by=cast.adi, at=NOW) == 0
    row = Holiday.objects.get(day=date(2026, 12, 24))
    moved = calendar.DayOff(
        date(2026, 12, 28), row.name, HolidayKind.SHARED_LEAVE, Certainty.OFFICIAL, "SKB baru"
    )
    calendar.save_holiday(holiday=row, area_code="35", found=moved, by=cast.adi, at=NOW)
    event = Event.objects.get(verb="regions.save_holiday")
    assert (event.data["old"]["day"], event.data["new"]["day"]) == ("2026-12-24", "2026-12-28")
    calendar.remove_holiday(holiday=row, reason="SKB dicabut", by=cast.adi, at=NOW)
    gone = Event.objects.get(verb="regions.remove_holiday")
    assert gone.reason == "SKB dicabut"
    assert gone.data["old"]["day"] == "2026-12-28"
    assert date(2026, 12, 28) not in days_off("35", date(2026, 12, 1))


def test_confirming_a_year_names_the_decree(cast: Cast) -> None:
    calendar.fill_year(area_code="35", year=2026, by=cast.budi, at=NOW)
    count = calendar.confirm_year(
        area_code="35", year=2026, source="SKB 1/2026", by=cast.budi, at=NOW
    )
    assert count == 25
    assert set(Holiday.objects.values_list("certainty", "source")) == {("official", "SKB 1/2026")}
    with pytest.raises(Refused):
        calendar.confirm_year(area_code="35", year=2026, source="SKB", by=cast.budi, at=NOW)


def test_what_is_refused(cast: Cast) -> None:
    HolidayFactory()
    with pytest.raises(NotAllowed):
        calendar.fill_year(area_code="35", year=2026, by=cast.sari, at=NOW)
    with pytest.raises(NotAllowed):
        calendar.fill_year(area_code="35", year=2026, by=cast.kalt, at=NOW)
    row = Holiday.objects.get()
    with pytest.raises(Refused, match="terakhir"):
        calendar.remove_holiday(holiday=row, reason="coba", by=cast.budi, at=NOW)
    found = calendar.DayOff(row.day, "Dua kali", HolidayKind.NATIONAL, Certainty.OFFICIAL, "SKB")
    with pytest.raises(Refused, match="sudah ada"):
        calendar.save_holiday(holiday=None, area_code="35", found=found, by=cast.budi, at=NOW)
    with pytest.raises(BadInput, match="seluruh provinsi"):
        calendar.save_holiday(holiday=None, area_code="35.19", found=found, by=cast.budi, at=NOW)


def test_a_list_is_read_whole_or_not_at_all() -> None:
    good = "tanggal,nama,jenis\n2027-01-01,Tahun Baru,libur_nasional\n2-1-2027,Cuti,Cuti Bersama\n"
    days = read_days(good.encode(), "skb.csv")
    assert [found.kind for found in days] == [HolidayKind.NATIONAL, HolidayKind.SHARED_LEAVE]
    assert days[1].day == date(2027, 1, 2)
    assert days[1].source == "skb.csv"
    bad = good + "2027-01-01,Lagi,nasional\nbesok,Entah,nasional\n2027-03-01,Apa,pesta\n"
    with pytest.raises(BadInput) as refused:
        read_days(bad.encode(), "skb.csv")
    for words in ("Baris 4: Tanggal ini ditulis dua kali", "Baris 5", "Baris 6: Jenis harus"):
        assert words in str(refused.value)


def test_the_pages_import_after_a_preview(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    client.force_login(cast.budi)
    page = client.get("/kelola/kalender/")
    assert "Kalender 2026 belum diisi" in page.content.decode()
    data = b"tanggal,nama,jenis\n2026-12-31,Cuti akhir tahun,cuti bersama\n"
    from django.core.files.uploadedfile import SimpleUploadedFile

    read = client.post("/kelola/kalender/impor/", {"file": SimpleUploadedFile("skb.csv", data)})
    assert read.status_code == 200
    assert "Masukkan 1 hari" in read.content.decode()
    assert not Holiday.objects.exists()
    client.post("/kelola/kalender/impor/", {"isi": read.context["sealed"]})
    assert Holiday.objects.get(day=date(2026, 12, 31)).source == "skb.csv"
    assert Holiday.objects.count() == 26
    spoiled = client.post("/kelola/kalender/impor/", {"isi": "palsu"})
    assert spoiled.status_code == 422
    wrong = client.post("/kelola/kalender/impor/", {"file": SimpleUploadedFile("a.csv", b"x")})
    assert wrong.status_code == 422
    confirmed = client.post("/kelola/kalender/sahkan/", {"year": "2026", "source": "SKB 1/2026"})
    assert confirmed.status_code == 302
    assert not Holiday.objects.filter(certainty=Certainty.ESTIMATED).exists()
