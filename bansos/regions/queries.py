"""Reads of regions: names for codes, children, matching of names in lists."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from bansos.regions.choices import Level
from bansos.regions.models import Region


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
