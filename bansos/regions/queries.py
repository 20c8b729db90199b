"""Reads of regions: names for codes, children, names in lists, the days an office is closed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from bansos.lib.calendar import first_holidays
from bansos.regions.choices import Level
from bansos.regions.models import Holiday, Region

PROVINCE = 2


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """Code -> name, for every code and every region above it."""
    wanted = {code[:length] for code in codes for length in (2, 5, 8, 13) if len(code) >= length}
    return dict(Region.objects.filter(code__in=wanted).values_list("code", "name"))


def name_of(code: str) -> str:
    """The name of one region, or its code when unknown."""
    return names_of([code]).get(code, code)


def full_name(code: str, names: dict[str, str] | None = None) -> str:
    """ "Tambakmas, Kec. Kebonsari, Kabupaten Madiun" without the province."""
    names = names if names is not None else names_of([code])
    parts = [names.get(code[:13], "")] if len(code) >= 13 else []
    if len(code) >= 8:
        parts.append(f"Kec. {names.get(code[:8], code[:8])}")
    parts.append(names.get(code[:5], code[:5]))
    return ", ".join(part for part in parts if part)


def regencies_of(area_code: str) -> list[Region]:
    """Regencies and cities inside an area (a province or one regency), by code."""
    return list(
        Region.objects.filter(level=Level.REGENCY, code__startswith=area_code[:5]).order_by("code")
    )


def districts_of(area_code: str) -> list[Region]:
    """Districts inside an area, by code."""
    return list(
        Region.objects.filter(level=Level.DISTRICT, code__startswith=area_code).order_by("code")
    )


def plain_name(name: str) -> str:
    """A name for comparing: upper case, without its kind ("KAB.MADIUN"), marks and spaces."""
    text = re.sub(r"[^A-Z0-9]+", " ", name.upper()).strip()
    text = re.sub(r"^(KABUPATEN|KAB|KOTA|KECAMATAN|KEC|DESA|DS|KELURAHAN|KEL)\s+", "", text)
    return re.sub(r"\s+", "", text)


@lru_cache(maxsize=64)
def _villages(regency_code: str, count: int) -> dict[tuple[str, str], list[str]]:
    # `count` is part of the key so that a reload of regions is noticed.
    districts = dict(
        Region.objects.filter(level=Level.DISTRICT, code__startswith=regency_code).values_list(
            "code", "name"
        )
    )
    found: dict[tuple[str, str], list[str]] = {}
    rows = Region.objects.filter(level=Level.VILLAGE, code__startswith=regency_code)
    for code, name in rows.values_list("code", "name"):
        key = (plain_name(districts.get(code[:8], "")), plain_name(name))
        found.setdefault(key, []).append(code)
    return found


def find_village(*, regency_code: str, district: str, village: str) -> str | None:
    """The code of a village named in a list; None when unknown or not unique."""
    count = Region.objects.filter(level=Level.VILLAGE, code__startswith=regency_code).count()
    codes = _villages(regency_code, count).get((plain_name(district), plain_name(village)), [])
    return codes[0] if len(codes) == 1 else None


@lru_cache(maxsize=32)
def _estimated(year: int) -> frozenset[date]:
    return frozenset(holiday.day for holiday in first_holidays(year))


def days_off(area_code: str, around: date) -> frozenset[date]:
    """The days without bank service in an area, from the year before to the year after a day.

    The office's own calendar, with the days of the regencies the code lies in. A year the office
    has not filled yet is estimated from the package `holidays`, never taken as free of holidays.
    """
    years = (around.year - 1, around.year, around.year + 1)
    codes = {area_code[:PROVINCE], area_code[:5]}
    rows = Holiday.objects.filter(
        area_code__in=codes, day__gte=date(years[0], 1, 1), day__lte=date(years[2], 12, 31)
    ).values_list("area_code", "day")
    found: set[date] = set()
    filled: set[int] = set()
    for code, day in rows:
        found.add(day)
        if len(code) == PROVINCE:
            filled.add(day.year)
    for year in years:
        if year not in filled:
            found |= _estimated(year)
    return frozenset(found)


def is_filled(area_code: str, year: int) -> bool:
    """True when the office keeps its own calendar of that year."""
    rows = Holiday.objects.filter(area_code=area_code[:PROVINCE], day__year=year)
    return bool(rows.exists())
