"""The report as a workbook: one sheet per table, the very figures of the PDF."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from bansos.lib.parts import Head
from monitoring.documents.grids import Grid

# Excel allows 31 characters and none of []:*?/\
SHEETS = {
    "lines": "Program",
    "reach": "Penerima per wilayah",
    "money": "Pagu dan realisasi",
    "stages": "Tahap",
    "ages": "Umur dan jenis kelamin",
    "times": "Ketepatan waktu",
    "returns": "Retur menurut sebab",
    "states": "Usulan",
    "districts": "Per kecamatan",
    "lists": "Daftar bayar",
    "cases": "Retur",
}
OPTIONS = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
FIRST_ROW = 4


def render_workbook(
    *, title: str, lines: Sequence[str], tables: dict[str, Grid], made: datetime
) -> bytes:
    """XLSX bytes: a first sheet with the words, then the tables. Same input, same bytes."""
    target = io.BytesIO()
    with Workbook(target, {**OPTIONS, "in_memory": True}) as book:
        book.set_properties({"title": title, "created": made.replace(tzinfo=None, microsecond=0)})
        styles = _styles(book)
        _front(book, title, lines, styles)
        for key, name in SHEETS.items():
            if key in tables:
                _sheet(book.add_worksheet(name), tables[key], styles)
    return target.getvalue()


def _styles(book: Workbook) -> dict[str, Format]:
    money, count, day = "#,##0.00", "#,##0", "dd-mm-yyyy"
    total = {"bold": True, "top": 1}
    return {
        "title": book.add_format({"bold": True, "font_size": 13}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "note": book.add_format({"italic": True, "font_color": "#52606E"}),
        "head": book.add_format(
            {"bold": True, "bg_color": "#E6EAEE", "border": 1, "text_wrap": True, "valign": "top"}
        ),
        "text": book.add_format({}),
        "money": book.add_format({"num_format": money}),
        "number": book.add_format({"num_format": count}),
        "date": book.add_format({"num_format": day, "align": "left"}),
        "text_total": book.add_format(total),
        "money_total": book.add_format({**total, "num_format": money}),
        "number_total": book.add_format({**total, "num_format": count}),
        "date_total": book.add_format(total),
    }


def _front(book: Workbook, title: str, lines: Sequence[str], styles: dict[str, Format]) -> None:
    sheet = book.add_worksheet("Ringkasan")
    sheet.set_column(0, 0, 110, styles["wrap"])
    sheet.write_string(0, 0, title, styles["title"])
    for place, line in enumerate(lines, start=2):
        sheet.write_string(place, 0, line, styles["wrap"])


def _sheet(sheet: Worksheet, grid: Grid, styles: dict[str, Format]) -> None:
    sheet.write_string(0, 0, grid.title, styles["title"])
    sheet.write_string(1, 0, grid.note, styles["note"])
    for place, column in enumerate(grid.columns):
        sheet.set_column(place, place, _width(column, grid, place))
        sheet.write_string(FIRST_ROW - 1, place, str(column.label), styles["head"])
    for row_number, row in enumerate(grid.rows, start=FIRST_ROW):
        for place, (value, column) in enumerate(zip(row, grid.columns, strict=True)):
            _write(sheet, row_number, place, value, styles[column.kind])
    for place, (value, column) in enumerate(zip(grid.totals, grid.columns, strict=False)):
        style = styles[f"{column.kind}_total"]
        _write(sheet, FIRST_ROW + len(grid.rows), place, value, style)
    sheet.freeze_panes(FIRST_ROW, 1)
    sheet.repeat_rows(FIRST_ROW - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _width(column: Head, grid: Grid, place: int) -> int:
    if column.kind == "money":
        return 20
    longest = max((len(str(row[place] or "")) for row in grid.rows), default=0)
    return min(46, max(longest, len(str(column.label))) + 3)


def _write(sheet: Worksheet, row: int, place: int, value: Any, style: Format) -> None:
    if value is None:
        sheet.write_blank(row, place, None, style)
    elif isinstance(value, Decimal | int):
        sheet.write_number(row, place, value, style)
    elif isinstance(value, date):
        sheet.write_datetime(row, place, value, style)
    else:
        sheet.write_string(row, place, str(value), style)
