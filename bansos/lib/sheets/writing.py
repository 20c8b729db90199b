"""Lists out: templates, error workbooks, exports. Text never becomes a formula, bytes repeat."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from bansos.lib.errors import BadInput
from bansos.lib.sheets.cells import Cell, column_letter
from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn
from bansos.lib.sheets.reading import ADVICE_HEADER, SOURCE_ROW_HEADER, SheetRow
from bansos.lib.sheets.sources import MARKER_SHEET

# Excel's own bounds: more rows are dropped by it, longer texts refused.
MAX_SHEET_ROWS = 1_048_576
MAX_TEXT = 32_767
EXCEL_FIRST_YEAR = 1900
# Rows of a template that get drop-downs; text formats reach over whole columns.
TEMPLATE_ROWS = 5_000
# A whole number this long is no quantity: it is a NIK or an account that lost its text format.
LONG_NUMBER = 10**9
MIN_WIDTH, MAX_WIDTH = 8, 45
MADE_ON = datetime(2000, 1, 1)  # noqa: DTZ001  a fixed stamp: the same list gives the same bytes

DATE_FORMAT = "dd/mm/yyyy"
MOMENT_FORMAT = "dd/mm/yyyy hh:mm"
MONEY_FORMAT = "#,##0.00"
DATA_SHEET, GUIDE_SHEET = "Data", "Petunjuk"
FIX_SHEET, SUMMARY_SHEET = "Perbaiki", "Ringkasan"

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA_SIGNS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
_BREAKING_SIGNS = frozenset("\t\r\n")
_HEAD = {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
_RED = {"bg_color": "#FFC7CE", "font_color": "#9C0006"}

Written = str | Decimal | int | bool | date | datetime | time | None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row to correct: what is wrong per column (position in the headers), and on the whole."""

    row: SheetRow
    problems: Mapping[int, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def template_workbook(
    columns: Sequence[ExpectedColumn],
    *,
    title: str,
    instructions: Sequence[str],
    version: str,
    choices: Mapping[str, Sequence[str]] | None = None,
    rows: Iterable[Mapping[str, Written]] = (),
) -> bytes:
    """A workbook to fill in: text columns for digits, drop-downs, instructions, its version.

    `choices` gives the allowed words per column key, `rows` pre-fills by column key. The version
    comes back as `Table.template_version` when the filled workbook is read.
    """
    target = io.BytesIO()
    with _workbook(target, constant_memory=False) as book:
        sheet = book.add_worksheet(DATA_SHEET)
        head, needed = book.add_format(_HEAD), book.add_format({**_HEAD, "bg_color": "#FFE699"})
        sheet.write_string(0, 0, _text(title), book.add_format({"bold": True, "font_size": 13}))
        formats = {kind: book.add_format(_kind_format(kind)) for kind in ColumnKind}
        for place, column in enumerate(columns):
            style = needed if column.required else head
            sheet.set_column(place, place, _width(column.label), formats[column.kind])
            sheet.write_string(2, place, _text(column.label), style)
        sheet.freeze_panes(3, 0)
        for number, row in enumerate(rows, start=3):
            for place, column in enumerate(columns):
                _write(sheet, number, place, row.get(column.key), formats[column.kind])
        _write_guide(book, title, instructions, columns)
        _write_marker(book, sheet, version, columns, choices or {})
    return target.getvalue()


def error_workbook(
    headers: Sequence[str], bad_rows: Iterable[BadRow], causes: Mapping[str, int]
) -> bytes:
    """The rows to correct and nothing else, in the columns they came in.

    Sheet "Perbaiki": bad cells red with the reason as a comment, before them the row of the first
    upload, after them all reasons in words; `read_table` knows both columns and leaves them out.
    Sheet "Ringkasan": rows per cause. A number stays a number, so damage stays visible.
    """
    target = io.BytesIO()
    with _workbook(target, constant_memory=False) as book:
        sheet = book.add_worksheet(FIX_SHEET)
        head = book.add_format({**_HEAD, "bg_color": "#DDEBF7"})
        names = [SOURCE_ROW_HEADER, *headers, ADVICE_HEADER]
        for place, name in enumerate(names):
            sheet.set_column(place, place, _width(name))
            sheet.write_string(0, place, _text(name), head)
        sheet.set_column(len(names) - 1, len(names) - 1, MAX_WIDTH)
        sheet.freeze_panes(1, 1)
        styles = _CellStyles(book)
        count = 0
        for count, bad in enumerate(bad_rows, start=1):
            _write_bad_row(sheet, count, headers, bad, styles)
        _write_summary(book, count, causes)
    return target.getvalue()


def table_workbook(
    headers: Sequence[str],
    rows: Iterable[Sequence[Written]],
    *,
    title: str,
    subtitle: str = "",
    money_columns: Collection[int] = (),
    text_columns: Collection[int] = (),
    totals: Collection[int] = (),
) -> bytes:
    """A list as a workbook; see `write_table_workbook`."""
    with tempfile.TemporaryFile() as target:
        write_table_workbook(
            target,
            headers,
            rows,
            title=title,
            subtitle=subtitle,
            money_columns=money_columns,
            text_columns=text_columns,
            totals=totals,
        )
        target.seek(0)
        return target.read()


def write_table_workbook(
    target: IO[bytes],
    headers: Sequence[str],
    rows: Iterable[Sequence[Written]],
    *,
    title: str,
    subtitle: str = "",
    money_columns: Collection[int] = (),
    text_columns: Collection[int] = (),
    totals: Collection[int] = (),
) -> int:
    """Write a list row by row in constant memory; the number of rows written comes back.

    `money_columns` hold Decimal rupiah with two decimals, `text_columns` digits that are no
    number, `totals` the columns added up in a last row "Jumlah" (as values, not formulas).
    Moments are written on the clock of the active time zone. Raises BadInput for more rows than a
    sheet holds and TypeError for a float.
    """
    with _workbook(target, constant_memory=True) as book:
        sheet = book.add_worksheet(DATA_SHEET)
        styles = _TableStyles(book, money_columns, text_columns)
        for place, header in enumerate(headers):
            sheet.set_column(place, place, styles.width(place, header))
        sheet.write_string(0, 0, _text(title), book.add_format({"bold": True, "font_size": 13}))
        sheet.write_string(1, 0, _text(subtitle))
        for place, header in enumerate(headers):
            sheet.write_string(3, place, _text(header), styles.head)
        sheet.freeze_panes(4, 0)
        sums = dict.fromkeys(sorted(totals), Decimal(0))
        count = 0
        for count, row in enumerate(rows, start=1):
            if count + 5 > MAX_SHEET_ROWS:
                raise _too_large()
            for place, value in enumerate(row):
                styles.write(sheet, count + 3, place, value)
            for place in sums:
                sums[place] += _amount(row[place])
        if headers:
            sheet.autofilter(3, 0, 3 + count, len(headers) - 1)
        if sums:
            _write_totals(sheet, count + 4, sums, styles)
        sheet.repeat_rows(3)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
    return count


def csv_bytes(
    headers: Sequence[str],
    rows: Iterable[Sequence[Written]],
    *,
    delimiter: str = ";",
    bom: bool = True,
) -> bytes:
    """A list as CSV in UTF-8: with a mark and semicolons, as Excel in Indonesia opens it.

    Text that a spreadsheet would run (= + - @ tab return) gets an apostrophe in front; numbers do
    not. Decimals have a comma beside semicolons and a point otherwise; whole rupiah have none.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([_guarded(header) for header in headers])
    point = "," if delimiter == ";" else "."
    for row in rows:
        writer.writerow([_csv_text(value, point) for value in row])
    return target.getvalue().encode("utf-8-sig" if bom else "utf-8")


def _workbook(target: IO[bytes], *, constant_memory: bool) -> Workbook:
    options = {
        "constant_memory": constant_memory,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    book = Workbook(target, options)
    book.set_properties({"created": MADE_ON})
    return book


def _text(value: object) -> str:
    return _UNWRITABLE.sub("", str(value))[:MAX_TEXT]


def _width(header: str) -> int:
    return max(MIN_WIDTH, min(MAX_WIDTH, len(header) + 4))


def _kind_format(kind: ColumnKind) -> dict[str, Any]:
    patterns = {
        ColumnKind.DATE: DATE_FORMAT,
        ColumnKind.MONEY: MONEY_FORMAT,
        ColumnKind.NUMBER: "General",
        ColumnKind.ORDINAL: "0",
    }
    return {"num_format": patterns.get(kind, "@")}


def _write(sheet: Worksheet, row: int, place: int, value: Written, style: Format) -> None:
    """One value in its own kind; text by `write_string`, which nothing turns into a formula."""
    if value is None or value == "":
        sheet.write_blank(row, place, None, style)
    elif isinstance(value, bool):
        sheet.write_string(row, place, _yes_no(value), style)
    elif isinstance(value, Decimal | int):
        sheet.write_number(row, place, value, style)
    elif isinstance(value, date) and value.year < EXCEL_FIRST_YEAR:
        sheet.write_string(row, place, f"{value:%d/%m/%Y}", style)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, place, _on_the_clock(value), style)
    elif isinstance(value, date | time):
        sheet.write_datetime(row, place, value, style)
    elif isinstance(value, float):
        raise TypeError("Figures of a list are Decimal or int, never float.")
    else:
        sheet.write_string(row, place, _text(value), style)


def _on_the_clock(moment: datetime) -> datetime:
    return timezone.make_naive(moment) if timezone.is_aware(moment) else moment


def _yes_no(truth: bool) -> str:
    return "Ya" if truth else "Tidak"


def _write_guide(
    book: Workbook, title: str, instructions: Sequence[str], columns: Sequence[ExpectedColumn]
) -> None:
    sheet = book.add_worksheet(GUIDE_SHEET)
    wrap, bold = book.add_format({"text_wrap": True, "valign": "top"}), {"bold": True}
    sheet.set_column(0, 0, 4)
    sheet.set_column(1, 1, 100, wrap)
    sheet.write_string(0, 0, _text(title), book.add_format({**bold, "font_size": 13}))
    for number, line in enumerate(instructions, start=1):
        sheet.write_number(number + 1, 0, number)
        sheet.write_string(number + 1, 1, _text(line), wrap)
    needed = ", ".join(column.label for column in columns if column.required)
    if needed:
        line = _("Kolom wajib (berlatar kuning): %(needed)s.") % {"needed": needed}
        sheet.write_string(len(instructions) + 3, 1, _text(line), wrap)


def _write_marker(
    book: Workbook,
    sheet: Worksheet,
    version: str,
    columns: Sequence[ExpectedColumn],
    choices: Mapping[str, Sequence[str]],
) -> None:
    """The sheet nobody sees: the version in its first row, the words of the drop-downs below."""
    marker = book.add_worksheet(MARKER_SHEET)
    marker.very_hidden()
    marker.write_string(0, 0, "templat")
    marker.write_string(0, 1, _text(version))
    for place, column in enumerate(columns):
        words = choices.get(column.key, ())
        if not words:
            continue
        for number, word in enumerate(words):
            marker.write_string(2 + number, place, _text(word))
        letter = column_letter(place)
        rule = {
            "validate": "list",
            "source": f"='{MARKER_SHEET}'!${letter}$3:${letter}${2 + len(words)}",
            "error_title": _("Pilihan tidak dikenal")[:32],
            "error_message": _("Pilih salah satu dari daftar."),
        }
        sheet.data_validation(3, place, 2 + TEMPLATE_ROWS, place, rule)


class _CellStyles:
    """The formats of the error workbook: text, date and plain number, each also in red."""

    def __init__(self, book: Workbook) -> None:
        self._formats = {
            (pattern, bad): book.add_format({"num_format": pattern, **(_RED if bad else {})})
            for pattern in ("@", DATE_FORMAT, MOMENT_FORMAT, "General")
            for bad in (False, True)
        }
        self.advice = book.add_format({"text_wrap": True, "valign": "top"})

    def of(self, cell: Cell, *, bad: bool) -> Format:
        return self._formats[_pattern(cell, bad=bad), bad]


def _pattern(cell: Cell, *, bad: bool) -> str:
    if isinstance(cell.value, datetime):
        return MOMENT_FORMAT
    if isinstance(cell.value, date):
        return DATE_FORMAT
    # In a cell formatted as text, what the officer types over a damaged NIK stays text.
    is_quantity = isinstance(cell.value, Decimal) and abs(cell.value) < LONG_NUMBER
    return "General" if is_quantity and not bad else "@"


def _write_bad_row(
    sheet: Worksheet, number: int, headers: Sequence[str], bad: BadRow, styles: _CellStyles
) -> None:
    sheet.write_number(number, 0, bad.row.source_row or bad.row.row_number)
    for index in range(len(headers)):
        cell, problem = bad.row.cell(index), bad.problems.get(index)
        if problem or cell.text:
            style = styles.of(cell, bad=bool(problem))
            _write(sheet, number, index + 1, cell.value, style)
        if problem:
            sheet.write_comment(number, index + 1, _text(problem), {"author": "", "x_scale": 2})
    reasons = [f"{headers[index]}: {bad.problems[index]}" for index in sorted(bad.problems)]
    advice = " ".join([*reasons, *bad.remarks])
    sheet.write_string(number, len(headers) + 1, _text(advice), styles.advice)


def _write_summary(book: Workbook, count: int, causes: Mapping[str, int]) -> None:
    sheet = book.add_worksheet(SUMMARY_SHEET)
    bold, head = book.add_format({"bold": True}), book.add_format(_HEAD)
    sheet.set_column(0, 0, 70)
    sheet.set_column(1, 1, 14)
    sheet.write_string(0, 0, _text(_("%(count)d baris perlu diperbaiki") % {"count": count}), bold)
    advice = _(
        "Perbaiki sel berwarna merah di lembar Perbaiki, simpan, lalu unggah berkas ini apa adanya."
    )
    sheet.write_string(1, 0, _text(advice))
    sheet.write_string(3, 0, _("Penyebab"), head)
    sheet.write_string(3, 1, _("Jumlah baris"), head)
    ordered = sorted(causes.items(), key=lambda pair: (-pair[1], pair[0]))
    for number, (cause, rows) in enumerate(ordered, start=4):
        sheet.write_string(number, 0, _text(cause))
        sheet.write_number(number, 1, rows)


class _TableStyles:
    """The formats of an export, and the one way its values are written."""

    def __init__(
        self, book: Workbook, money_columns: Collection[int], text_columns: Collection[int]
    ) -> None:
        self.money_columns = frozenset(money_columns)
        self.text_columns = frozenset(text_columns)
        self.head = book.add_format({**_HEAD, "bg_color": "#DDEBF7"})
        self.bold = book.add_format({"bold": True, "top": 1})
        self.bold_money = book.add_format({"bold": True, "top": 1, "num_format": MONEY_FORMAT})
        self._plain = book.add_format()
        self._text = book.add_format({"num_format": "@"})
        self._money = book.add_format({"num_format": MONEY_FORMAT})
        self._date = book.add_format({"num_format": DATE_FORMAT})
        self._moment = book.add_format({"num_format": MOMENT_FORMAT})
        self._time = book.add_format({"num_format": "hh:mm"})

    def width(self, place: int, header: str) -> int:
        return max(20 if place in self.text_columns | self.money_columns else 0, _width(header))

    def write(self, sheet: Worksheet, row: int, place: int, value: Written) -> None:
        if value is None or value == "":
            return
        if place in self.text_columns:
            sheet.write_string(row, place, _text(value), self._text)
            return
        _write(sheet, row, place, value, self._style(place, value))

    def _style(self, place: int, value: Written) -> Format:
        if isinstance(value, datetime):
            return self._moment
        if isinstance(value, date):
            return self._date
        if isinstance(value, time):
            return self._time
        if place in self.money_columns and isinstance(value, Decimal | int):
            return self._money
        return self._plain


def _amount(value: Written) -> Decimal:
    if value is None or value == "":
        return Decimal(0)
    if isinstance(value, Decimal | int):
        return Decimal(value)
    raise TypeError("Only Decimal and int are added up.")


def _write_totals(
    sheet: Worksheet, row: int, sums: Mapping[int, Decimal], styles: _TableStyles
) -> None:
    free = next((place for place in range(max(sums) + 1) if place not in sums), None)
    if free is not None:
        sheet.write_string(row, free, "Jumlah", styles.bold)
    for place, total in sums.items():
        style = styles.bold_money if place in styles.money_columns else styles.bold
        sheet.write_number(row, place, total, style)


def _too_large() -> BadInput:
    return BadInput(
        "ekspor_terlalu_besar",
        _(
            "Daftar ini lebih panjang daripada satu lembar Excel. Tidak ada berkas yang dibuat. "
            "Persempit saringan, atau unduh sebagai CSV."
        ),
    )


def _csv_text(value: Written, point: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _yes_no(value)
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value()
        return f"{value:.0f}" if whole else f"{value:f}".replace(".", point)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return _on_the_clock(value).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return _guarded(value)


def _guarded(value: object) -> str:
    """Text that no spreadsheet runs; a lone dash, the mark for nothing, stays as it is."""
    text = _UNWRITABLE.sub("", str(value))
    first = text.lstrip()[:1]
    risky = first in _FORMULA_SIGNS or text[:1] in _BREAKING_SIGNS
    return f"'{text}" if text and risky and text != "-" else text
