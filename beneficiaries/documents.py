"""Workbooks of the import: the rows to correct, and the template to fill in. Bytes, no writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from bansos.lib.sheets.mapping import ExpectedColumn
from bansos.lib.sheets.writing import BadRow, Written, error_workbook, template_workbook
from beneficiaries.choices import RowVerdict
from beneficiaries.models import ImportBatch, ImportRow
from beneficiaries.queries.rows import sheet_row

TEMPLATE_VERSION = "1"


def error_file(batch: ImportBatch) -> bytes:
    """The problem rows of a list as a workbook that can be corrected and uploaded as it is."""
    causes: dict[str, int] = {}
    for item in batch.causes:
        if item["stops"]:
            causes[item["label"]] = causes.get(item["label"], 0) + item["count"]
    return error_workbook(batch.headers, _bad_rows(batch), causes)


def _bad_rows(batch: ImportBatch) -> Iterator[BadRow]:
    rows = batch.rows.filter(verdict=RowVerdict.PROBLEM).order_by("row_number")
    for row in rows.iterator(chunk_size=500):
        yield bad_row(row, batch.mapping)


def bad_row(row: ImportRow, mapping: Mapping[str, int]) -> BadRow:
    """One row with its sentences put to the columns they are about, the others behind it."""
    problems: dict[int, str] = {}
    remarks: list[str] = []
    for finding in row.problems:
        place = mapping.get(finding["field"])
        if place is None:
            remarks.append(finding["message"])
        elif place in problems:
            problems[place] = f"{problems[place]} {finding['message']}"
        else:
            problems[place] = finding["message"]
    remarks += [_("Periksa: %(hint)s") % {"hint": finding["message"]} for finding in row.warnings]
    return BadRow(sheet_row(row), problems, tuple(remarks))


def template_file(
    columns: Sequence[ExpectedColumn],
    *,
    title: str,
    instructions: Iterable[Any],
    choices: Mapping[str, Sequence[str]],
    rows: Iterable[Mapping[str, Written]] = (),
) -> bytes:
    """Our own template of a purpose, empty or filled with what is known."""
    return template_workbook(
        columns,
        title=title,
        instructions=[str(line) for line in instructions],
        version=TEMPLATE_VERSION,
        choices=choices,
        rows=rows,
    )
