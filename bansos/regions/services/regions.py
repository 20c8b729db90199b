"""Loads regions: the 59 regencies are our own facts, districts and villages come from a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction

from bansos.regions.choices import Level
from bansos.regions.models import Region

PROVINCES = {"15": "Jambi", "35": "Jawa Timur", "64": "Kalimantan Timur"}
REGENCIES = Path(__file__).parent.parent / "data" / "regencies.csv"


@transaction.atomic
def load_regions(*, districts: Path, villages: Path) -> int:
    """Write provinces, regencies, districts and villages of the three provinces; returns the count.

    The two CSV files have columns code, parent code, name with Kemendagri codes (dotted or not).
    Running it again changes nothing but names.
    """
    rows = [
        Region(code=code, name=f"Provinsi {name}", level=Level.PROVINCE, bps_code=code)
        for code, name in PROVINCES.items()
    ]
    rows += [
        Region(
            code=row["code"],
            name=row["name"],
            level=Level.REGENCY,
            parent_id=row["code"][:2],
            bps_code=row["bps_code"],
        )
        for row in _read(REGENCIES)
    ]
    known = {row.code for row in rows}
    for path, level, length in ((districts, Level.DISTRICT, 8), (villages, Level.VILLAGE, 13)):
        for row in _read(path):
            code = dotted(row["code"])
            parent = code[: length - (3 if level == Level.DISTRICT else 5)]
            if parent in known:
                known.add(code)
                rows.append(
                    Region(code=code, name=row["name"].strip(), level=level, parent_id=parent)
                )
    Region.objects.bulk_create(
        rows,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "level", "parent", "bps_code"],
    )
    return len(rows)


def dotted(code: str) -> str:
    """ "3519012001" as "35.19.01.2001"; a dotted code stays as it is."""
    digits = code.replace(".", "")
    cuts = [digits[0:2], digits[2:4], digits[4:6], digits[6:10]]
    return ".".join(part for part in cuts if part)


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        yield from csv.DictReader(handle)
