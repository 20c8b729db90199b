"""Who is on no exclusion list: a yes only when every list that is asked for was loaded."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from programs.rules import Facts
from tests.programs.golden import judged

FILE = Path(__file__).resolve().parent.parent / "golden" / "exclusions.csv"


def cases() -> list[dict[str, str]]:
    """The worked cases, as an official reads them."""
    with FILE.open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle, delimiter=";"))


def codes(text: str) -> list[str]:
    """Codes with commas; "-" is none."""
    return [] if text == "-" else [code for code in text.split(",") if code]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["kasus"])
def test_worked_case(case: dict[str, str]) -> None:
    loaded = codes(case["dimuat"])
    facts = Facts(
        stage_date=date(2026, 3, 15),
        exclusion_codes=codes(case["tercatat"]) if loaded else None,
        exclusion_kinds=loaded,
        exclusion_source="Daftar 2026",
    )
    asked = {"code": "not_excluded", "params": {"codes": codes(case["kode"])}, "label": ""}
    assert judged([asked], facts) == (case["jawaban"], case["alasan"])
