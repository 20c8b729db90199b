"""Reads of a list on its way in: sample cells per column, first rows to correct."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bansos.lib.nik import BULLET, clean_digits, mask_nik
from beneficiaries.choices import RowVerdict
from beneficiaries.models import ImportBatch, ImportRow
from beneficiaries.queries.rows import cell_of

SAMPLES = 3
LONGEST = 40
SECRET_DIGITS = 8


@dataclass(frozen=True)
class PreviewRow:
    """A row with its number, its name, and what is wrong in words."""

    number: int
    name: str
    nik: str
    findings: list[str]


def shown(text: str) -> str:
    """A cell as a sample: long numbers are masked, long texts cut."""
    digits = clean_digits(text)
    if digits.isdigit() and len(digits) > SECRET_DIGITS and "/" not in text:
        return mask_nik(digits) if len(digits) >= 16 else BULLET * 4 + digits[-4:]
    return text[:LONGEST]


def mapping_samples(batch: ImportBatch) -> list[tuple[str, list[str]]]:
    """Per header of the file: its first cells that hold something."""
    rows = list(batch.rows.order_by("row_number")[: SAMPLES * 2])
    found = []
    for place, header in enumerate(batch.headers):
        texts = [cell_of(row, place).text for row in rows]
        found.append((header, [shown(text) for text in texts if text][:SAMPLES]))
    return found


def problem_preview(batch: ImportBatch, limit: int) -> list[PreviewRow]:
    """The first rows that do not go in, with their sentences."""
    rows = batch.rows.filter(verdict=RowVerdict.PROBLEM).order_by("row_number")[:limit]
    return _preview(batch, rows, "problems")


def warned_preview(batch: ImportBatch, limit: int) -> list[PreviewRow]:
    """The first rows that go in with a doubt."""
    rows = batch.rows.exclude(verdict=RowVerdict.PROBLEM).exclude(warnings=[])
    return _preview(batch, rows.order_by("row_number")[:limit], "warnings")


def _preview(batch: ImportBatch, rows: Iterable[ImportRow], kind: str) -> list[PreviewRow]:
    return [
        PreviewRow(
            number=row.values.get("source") or row.row_number,
            name=cell_of(row, batch.mapping.get("name")).text[:LONGEST],
            nik=shown(cell_of(row, batch.mapping.get("nik")).text),
            findings=[finding["message"] for finding in getattr(row, kind)],
        )
        for row in rows
    ]
