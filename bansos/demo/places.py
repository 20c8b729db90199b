"""The real villages that made-up people live in."""

from __future__ import annotations

from collections import Counter

from bansos.demo.population import Village
from bansos.regions.choices import Level
from bansos.regions.models import Region
from bansos.regions.queries import plain_name


def villages_of(regency_code: str, *, districts: int = 0) -> list[Village]:
    """Villages of a regency by code, of its first few districts when a number is given.

    Leaves out names that a district has twice: a list could not tell them apart.
    """
    regency = Region.objects.get(pk=regency_code)
    rows = Region.objects.filter(code__startswith=f"{regency_code}.").order_by("code")
    names = {row.code: row.name for row in rows if row.level == Level.DISTRICT}
    wanted = sorted(names)[: districts or None]
    found = [
        Village(row.code, row.name, names[row.code[:8]], regency.name)
        for row in rows
        if row.level == Level.VILLAGE and row.code[:8] in wanted
    ]
    twice = Counter((village.code[:8], plain_name(village.name)) for village in found)
    return [v for v in found if twice[v.code[:8], plain_name(v.name)] == 1]
