"""A pay list in a layout that is data: CSV or XLSX, one row at a time, the same bytes always."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any

from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from bansos.lib.dates import in_zone
from bansos.lib.errors import Refused
from disbursements.choices import AmountFormat, LayoutFormat
from disbursements.documents.bank_files import (
    GENERIC,
    BankLine,
    BankList,
    check_bank_list,
    tidy,
)

LONGEST = 250
LABEL = f"# {GENERIC}"
# What a number means must never be cut; a name or an address may be.
NEVER_CUT = frozenset({"position", "reference", "account_number", "amount", "bank_code"})
FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True)
class LayoutSpec:
    """A layout as the renderer needs it; see models.layouts.BankLayout."""

    format: str
    columns: Sequence[Mapping[str, Any]]
    header: Sequence[Mapping[str, str]] = field(default_factory=tuple)
    trailer: Sequence[Mapping[str, str]] = field(default_factory=tuple)
    headings: bool = True
    label: bool = True
    separator: str = ","
    amount_format: str = AmountFormat.DOT


def render_layout(spec: LayoutSpec, bank_list: BankList) -> bytes:
    """The list as bytes; see write_layout()."""
    with tempfile.TemporaryFile() as target:
        write_layout(target, spec, bank_list)
        target.seek(0)
        return target.read()


def write_layout(target: IO[bytes], spec: LayoutSpec, bank_list: BankList) -> None:
    """Write the list in this layout: label, header, headings, one row per transfer, trailer.

    Raises Refused when the list is not fit to be paid, or when a number does not fit its column.
    """
    check_bank_list(bank_list)
    if spec.format == LayoutFormat.XLSX:
        _write_xlsx(target, spec, bank_list)
        return
    text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=True)
    for row in _all_rows(spec, bank_list):
        text.write(_line(row, spec.separator))
    text.detach()


def preview_rows(spec: LayoutSpec, bank_list: BankList) -> Iterator[list[str]]:
    """The same rows as cells, for the screen."""
    return _all_rows(spec, bank_list)


def _all_rows(spec: LayoutSpec, bank_list: BankList) -> Iterator[list[str]]:
    if spec.label:
        yield [LABEL]
    if spec.header:
        yield [_control(cell, spec, bank_list) for cell in spec.header]
    if spec.headings:
        yield [_fit(str(column["heading"]), {**column, "fill": " "}) for column in spec.columns]
    for line in bank_list.lines:
        yield [_value(column, line, spec, bank_list) for column in spec.columns]
    if spec.trailer:
        yield [_control(cell, spec, bank_list) for cell in spec.trailer]


def _line(cells: list[str], separator: str) -> str:
    """One line; without a separator the columns are told by their widths."""
    if not separator or cells == [LABEL]:
        return "".join(cells) + "\r\n"
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=separator).writerow(cells)
    return target.getvalue()


def _value(column: Mapping[str, Any], line: BankLine, spec: LayoutSpec, whole: BankList) -> str:
    name = str(column["field"])
    if name == "amount":
        text = amount_text(line.amount, spec.amount_format)
    elif name in {"text", "list_number", "date"}:
        text = _control({"field": name, "text": str(column["text"])}, spec, whole)
    else:
        text = tidy(str(getattr(line, name)), LONGEST)
        if name not in NEVER_CUT and text.startswith(FORMULA):
            text = f"'{text}"
    return _fit(text, column, number=name in NEVER_CUT)


def _control(cell: Mapping[str, str], spec: LayoutSpec, whole: BankList) -> str:
    found = {
        "count": str(whole.count),
        "total": amount_text(whole.total, spec.amount_format),
        "list_number": whole.number,
        "date": whole.execution_date.isoformat(),
        "source_account": whole.debtor_account,
        "bank_code": whole.bank_code,
        "text": cell["text"],
    }
    return found[cell["field"]]


def amount_text(amount: Decimal, form: str) -> str:
    """An amount as a layout writes it. Raises Refused for sen where the layout has none."""
    text = f"{amount:.2f}"
    if form == AmountFormat.COMMA:
        return text.replace(".", ",")
    if form == AmountFormat.SEN:
        return text.replace(".", "")
    if form == AmountFormat.WHOLE:
        if not text.endswith(".00"):
            raise _refused(_("jumlah memuat sen, tetapi susunan berkas ini tanpa sen"))
        return text.removesuffix(".00")
    return text


def _fit(text: str, column: Mapping[str, Any], *, number: bool = False) -> str:
    width, side = int(column["width"]), column["pad"]
    if width and len(text) > width:
        if number:
            raise _refused(_("“%(text)s” tidak muat") % {"text": column["heading"] or "angka"})
        text = text[:width]
    if not side:
        return text
    # Flush left fills behind, flush right fills in front.
    if side == "left":
        return text.ljust(width, str(column["fill"]))
    return text.rjust(width, str(column["fill"]))


def _refused(fault: str) -> Refused:
    sentence = _(
        "Berkas susunan bank tidak dapat dibuat: %(fault)s. Tidak ada berkas yang dibuat."
        " Perbaiki susunannya, lalu buat lagi."
    )
    return Refused("LAYOUT-FILE", sentence % {"fault": fault})


def _write_xlsx(target: IO[bytes], spec: LayoutSpec, whole: BankList) -> None:
    options = {
        "constant_memory": True,
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    book = Workbook(target, options)
    made = in_zone(whole.created_at, whole.zone).replace(tzinfo=None, microsecond=0)
    book.set_properties({"created": made, "comments": GENERIC})
    sheet, text = book.add_worksheet("Daftar"), book.add_format({"num_format": "@"})
    for place, column in enumerate(spec.columns):
        sheet.set_column(place, place, max(10, min(60, int(column["width"] or 18))))
    for number, row in enumerate(_all_rows(spec, whole)):
        for place, cell in enumerate(row):
            sheet.write_string(number, place, cell, text)
    book.close()
