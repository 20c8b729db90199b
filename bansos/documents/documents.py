"""Builds the files of list exports: bytes out, no writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils.timezone import localtime

from bansos.lib.dates import short_date
from bansos.lib.money import rupiah
from bansos.lib.sheets.writing import csv_bytes, table_workbook

MIMES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "pdf": "application/pdf",
}


def as_text(value: Any) -> str:
    """A value as a printed list shows it."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return rupiah(value)
    if isinstance(value, datetime):
        local = localtime(value)
        return f"{short_date(local.date())} {local:%H.%M}"
    if isinstance(value, date):
        return short_date(value)
    return str(value)


def render_list(
    file_format: str,
    *,
    title: str,
    subtitle: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[Any]],
    kinds: Sequence[str],
) -> bytes:
    """The list as XLSX, CSV or PDF bytes."""
    if file_format == "xlsx":
        money = [place for place, kind in enumerate(kinds) if kind == "money"]
        return table_workbook(headers, rows, title=title, subtitle=subtitle, money_columns=money)
    if file_format == "csv":
        return csv_bytes(headers, rows)
    return _pdf(title, subtitle, headers, rows, kinds)


def _pdf(
    title: str,
    subtitle: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[Any]],
    kinds: Sequence[str],
) -> bytes:
    from bansos.lib.pdf import render_pdf

    numeric = [kind in {"money", "number"} for kind in kinds]
    heads = list(zip(headers, numeric, strict=True))
    lines = [
        [(as_text(cell), right) for cell, right in zip(row, numeric, strict=True)] for row in rows
    ]
    context = {"title": title, "subtitle": subtitle, "heads": heads, "lines": lines}
    return render_pdf(render_to_string("documents/list.html", context))
