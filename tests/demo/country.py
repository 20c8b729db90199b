"""Regions for the demo: all regencies, and a few districts of each with real villages."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from bansos.regions.services import regions

KEPT_DISTRICTS = 2
SOURCE = Path(__file__).resolve().parents[2] / "node_modules/idn-area-data/data"


def load_some_regions(folder: Path) -> None:
    """Every regency of the three provinces with its first districts, from the installed package."""
    districts = list(_rows("districts.csv"))
    kept: dict[str, list[str]] = {}
    for code, parent, _name in districts:
        found = kept.setdefault(parent, [])
        if len(found) < KEPT_DISTRICTS:
            found.append(code)
    wanted = {code for codes in kept.values() for code in codes}
    _write(folder / "d.csv", (row for row in districts if row[0] in wanted))
    _write(folder / "v.csv", (row for row in _rows("villages.csv") if row[1] in wanted))
    regions.load_regions(districts=folder / "d.csv", villages=folder / "v.csv")


def _rows(name: str) -> Iterator[tuple[str, str, str]]:
    with (SOURCE / name).open(encoding="utf-8-sig", newline="") as handle:
        for row in csv.reader(handle):
            if row[0][:2] in {"15", "35", "64"}:
                yield row[0], row[1], row[2]


def _write(path: Path, rows: Iterator[tuple[str, str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("code", "parent", "name"))
        writer.writerows(rows)
