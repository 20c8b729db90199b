"""Writes of the holiday calendar: fill a year, add, change, remove, take over a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bansos.audit import services as audit
from bansos.lib.calendar import first_holidays, is_bank_day, next_bank_day
from bansos.lib.dates import day_words
from bansos.lib.errors import BadInput, NotAllowed, Refused
from bansos.lib.scopes import covers
from bansos.regions.choices import Certainty, HolidayKind
from bansos.regions.models import Holiday
from bansos.regions.queries import PROVINCE, days_off, is_filled

FIRST_YEAR, LAST_YEAR = 2020, 2100
REGENCY = 5


@dataclass(frozen=True)
class DayOff:
    """One day as a form or a list gives it."""

    day: date
    name: str
    kind: HolidayKind
    certainty: Certainty
    source: str


def require_bank_day(day: date, agency: Any) -> None:
    """Raises BadInput naming the next bank day when banks of the agency's area do not work then."""
    closed = days_off(agency.area_code, day)
    if is_bank_day(day, closed):
        return
    language = get_language() or "id"
    raise BadInput(
        "NOT-BANK-DAY",
        _(
            "%(day)s bukan hari kerja bank menurut kalender dinas. Tidak ada yang berubah. Pilih"
            " hari kerja; yang terdekat %(next)s."
        )
        % {
            "day": day_words(day, language),
            "next": day_words(next_bank_day(day, closed), language),
        },
    )


def _check_reach(by: Any, area_code: str) -> None:
    if len(by.area_code) > PROVINCE or not covers(by.area_code, area_code):
        raise NotAllowed(
            "CALENDAR-AREA", _("Kalender diatur oleh petugas provinsi. Tidak ada yang berubah.")
        )


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadInput("CALENDAR-YEAR", _("Tahun kalender harus antara 2020 dan 2100."))


@transaction.atomic
def fill_year(*, area_code: str, year: int, by: Any, at: datetime) -> int:
    """Add what the package knows of a year and the office lacks; returns how many days.

    Nothing the office wrote is touched. Every row is marked as an estimate until someone has
    compared it with the joint decree.
    """
    _check_reach(by, area_code)
    _check_year(year)
    source = f"Paket holidays {version('holidays')}"
    rows = [
        Holiday(
            area_code=area_code,
            day=holiday.day,
            name=holiday.name[:120],
            kind=HolidayKind.SHARED_LEAVE if holiday.shared_leave else HolidayKind.NATIONAL,
            certainty=Certainty.ESTIMATED,
            source=source,
        )
        for holiday in first_holidays(year)
    ]
    stored = Holiday.objects.filter(area_code=area_code, day__year=year)
    before = stored.count()
    Holiday.objects.bulk_create(rows, ignore_conflicts=True)
    added = stored.count() - before
    first = stored.order_by("day").first()
    if added and first is not None:
        audit.record(
            verb="regions.fill_calendar",
            by=by,
            at=at,
            target=first,
            year=year,
            days=added,
            source=source,
        )
    return added


@transaction.atomic
def save_holiday(
    *, holiday: Holiday | None, area_code: str, found: DayOff, by: Any, at: datetime
) -> Holiday:
    """Add a day, or change one; the first day of an unfilled year fills the rest of it.

    Raises Refused when that day already stands in the calendar of the area.
    """
    _check_reach(by, area_code)
    _check_shape(area_code, found)
    row = holiday or Holiday(area_code=area_code)
    _check_reach(by, row.area_code)
    if not is_filled(area_code, found.day.year):
        fill_year(area_code=area_code[:PROVINCE], year=found.day.year, by=by, at=at)
    if Holiday.objects.filter(area_code=area_code, day=found.day).exclude(pk=row.pk).exists():
        raise Refused(
            "CALENDAR-TWICE",
            _("Hari itu sudah ada di kalender. Tidak ada yang berubah. Ubah baris yang ada."),
        )
    old = _values(row) if row.pk is not None else {}
    row.area_code = area_code
    for name, value in _fields(found).items():
        setattr(row, name, value)
    row.save()
    audit.record(verb="regions.save_holiday", by=by, at=at, target=row, old=old, new=_values(row))
    return row


def _check_shape(area_code: str, found: DayOff) -> None:
    _check_year(found.day.year)
    if not found.name.strip() or not found.source.strip():
        raise BadInput("CALENDAR-INPUT", _("Isi nama hari libur dan sumbernya (SKB atau SE)."))
    if len(area_code) not in {PROVINCE, REGENCY}:
        raise BadInput("CALENDAR-PLACE", _("Kalender berlaku untuk provinsi atau kab/kota."))
    if len(area_code) == REGENCY and found.kind != HolidayKind.REGIONAL:
        raise BadInput(
            "CALENDAR-KIND",
            _("Libur nasional dan cuti bersama berlaku seluruh provinsi, bukan satu kab/kota."),
        )


def _fields(found: DayOff) -> dict[str, Any]:
    return {
        "day": found.day,
        "name": found.name.strip()[:120],
        "kind": found.kind,
        "certainty": found.certainty,
        "source": found.source.strip()[:150],
    }


def _values(row: Holiday) -> dict[str, Any]:
    names = ("area_code", "day", "name", "kind", "certainty", "source")
    return {name: str(getattr(row, name)) for name in names}


@transaction.atomic
def remove_holiday(*, holiday: Holiday, reason: str, by: Any, at: datetime) -> None:
    """Take a day out of the calendar; the trail keeps what it said and why it went."""
    _check_reach(by, holiday.area_code)
    if not reason.strip():
        raise BadInput("CALENDAR-REASON", _("Isi alasan penghapusan, misalnya nomor SKB baru."))
    rest = Holiday.objects.filter(area_code=holiday.area_code, day__year=holiday.day.year)
    if len(holiday.area_code) == PROVINCE and rest.count() == 1:
        raise Refused(
            "CALENDAR-LAST",
            _("Ini hari libur terakhir pada tahun itu. Tambahkan penggantinya lebih dulu."),
        )
    audit.record(
        verb="regions.remove_holiday",
        by=by,
        at=at,
        target=holiday,
        reason=reason.strip(),
        old=_values(holiday),
    )
    holiday.delete()


@transaction.atomic
def confirm_year(*, area_code: str, year: int, source: str, by: Any, at: datetime) -> int:
    """Declare the estimates of a year official after comparing them with the decree `source`."""
    _check_reach(by, area_code)
    if not source.strip():
        raise BadInput("CALENDAR-SOURCE", _("Isi nomor dan tanggal SKB yang menjadi dasar."))
    rows = Holiday.objects.filter(
        area_code=area_code, day__year=year, certainty=Certainty.ESTIMATED
    )
    first = rows.order_by("day").first()
    if first is None:
        raise Refused(
            "CALENDAR-CONFIRMED",
            _("Tidak ada perkiraan pada tahun itu, jadi tidak ada yang disahkan."),
        )
    count = rows.update(certainty=Certainty.OFFICIAL, source=source.strip()[:150])
    audit.record(
        verb="regions.confirm_calendar",
        by=by,
        at=at,
        target=first,
        year=year,
        days=count,
        source=source.strip(),
    )
    return int(count)


@transaction.atomic
def import_holidays(
    *, area_code: str, days: Sequence[DayOff], by: Any, at: datetime
) -> tuple[int, int]:
    """Take over a whole list for one area: (added, changed). Days not in the list stay.

    A year the office had not filled is filled first, so that a short list never empties it.
    """
    _check_reach(by, area_code)
    for year in sorted({found.day.year for found in days}):
        if not is_filled(area_code, year):
            fill_year(area_code=area_code[:PROVINCE], year=year, by=by, at=at)
    known = {row.day: row for row in Holiday.objects.filter(area_code=area_code)}
    added = changed = 0
    for found in days:
        row = known.get(found.day)
        if row is not None and not differs(row, found):
            continue
        save_holiday(holiday=row, area_code=area_code, found=found, by=by, at=at)
        added, changed = (added + 1, changed) if row is None else (added, changed + 1)
    return added, changed


def differs(row: Holiday, found: DayOff) -> bool:
    """True when a list says something else about a day than the calendar."""
    return any(getattr(row, name) != value for name, value in _fields(found).items())
