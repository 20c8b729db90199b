"""Layouts of account statements as tables: in versions, tried on a file, chosen by headings."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from bansos.accounts.models import Agency, User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.errors import BadInput, NotAllowed
from bansos.lib.nik import mask_account
from bansos.lib.scopes import covers
from disbursements.choices import DateOrder, NumberSigns
from disbursements.models import StatementLayout
from disbursements.rules.statements.entries import Entry, Told
from disbursements.rules.statements.sheet import (
    BadColumns,
    SheetLayout,
    check_sheet_columns,
    read_book,
    sheet_for,
    sheets_of,
)
from disbursements.services import moves

PROVINCE = 2
SHOWN = 20
BANK_CODE = re.compile(r"[0-9]{3}")
CURRENCY = re.compile(r"[A-Z]{3}")
SAYS = ("columns", "date_order", "number_signs", "currency")
# What the rows of a test file say: reference, words, money out (or, below zero, in), account, name.
MADE_UP = (
    ("D999900000000001", "TRANSFER", "500000.00", "0000000001", "CONTOH SATU"),
    ("D999900000000002", "TRANSFER", "1031145.59", "0000000002", "CONTOH DUA"),
    ("D999900000000002", "RETUR REKENING TUTUP", "-1031145.59", "0000000002", "CONTOH DUA"),
    ("", "BIAYA ADMINISTRASI", "6500.00", "", ""),
    ("", "SETORAN LAIN", "-250000.00", "0000000009", "CONTOH LAIN"),
)
OPENING = Decimal("5000000.00")


def spec_of(layout: StatementLayout) -> SheetLayout:
    """A stored layout for the reader."""
    return SheetLayout(
        columns=layout.columns,
        date_order=layout.date_order,
        number_signs=layout.number_signs,
        currency=layout.currency,
    )


@transaction.atomic
def save_sheet_layout(
    *,
    layout: StatementLayout | None,
    agency: Agency,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
) -> StatementLayout:
    """Write a layout; one that a statement was read with stays, its change is the next version.

    values: bank_code, name, columns (field -> heading), date_order, number_signs, currency,
    active. Raises BadInput with the field at fault.
    """
    moves.require_right(by, Permission.CHANNEL_MANAGE)
    if not covers(by.area_code, agency.area_code):
        raise NotAllowed("CHANNEL-AREA", _("Hanya administrator provinsi yang dapat mengaturnya."))
    parsed = _parsed(values)
    row = StatementLayout(agency=agency, area_code=agency.area_code)
    if layout is not None:
        held = StatementLayout.objects.select_for_update().get(pk=layout.pk)
        row = held if held.used_at is None else row
        parsed |= {"bank_code": held.bank_code, "name": held.name}
    same = StatementLayout.objects.filter(
        agency=agency, bank_code=parsed["bank_code"], name=parsed["name"]
    )
    if row.pk is None:
        if layout is None and same.exists():
            raise _bad("name", _("Nama ini sudah dipakai; ubah susunan itu."))
        row.version = (same.aggregate(last=Max("version"))["last"] or 0) + 1
    for name, value in (parsed | {"made_at": at, "made_by": by}).items():
        setattr(row, name, value)
    if row.active:
        same.exclude(pk=row.pk).update(active=False)
    row.save()
    audit.record(
        verb="disbursements.save_statement_layout",
        by=by,
        at=at,
        target=row,
        area_code=row.area_code,
        name=str(row),
        layout={name: getattr(row, name) for name in SAYS},
        active=row.active,
    )
    return row


def tried_sheet(*, agency: Agency, values: Mapping[str, Any]) -> StatementLayout:
    """The layout these values would make; nothing is stored. Raises BadInput with the field."""
    return StatementLayout(agency=agency, area_code=agency.area_code, **_parsed(values))


def _parsed(values: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(values)
    try:
        found["columns"] = check_sheet_columns(values["columns"])
    except BadColumns as error:
        raise BadInput("LAYOUT-INPUT", str(error)) from error
    found["currency"] = str(values["currency"]).strip().upper()
    if not BANK_CODE.fullmatch(values["bank_code"]):
        raise _bad("bank_code", _("Kode bank tiga angka, misalnya 114."))
    if not CURRENCY.fullmatch(found["currency"]):
        raise _bad("currency", _("Mata uang tiga huruf, misalnya IDR."))
    return found


def _bad(field: str, sentence: str) -> BadInput:
    return BadInput("LAYOUT-INPUT", sentence, fields={field: sentence})


def layout_for(data: bytes, file_name: str, area_code: str) -> dict[str, Any]:
    """The layout in use that this table is written in, as a stored statement keeps it.

    Raises BadInput for a file that is no table, and for one in no layout of the province.
    """
    rows = StatementLayout.objects.filter(area_code=area_code[:PROVINCE], active=True)
    layouts = {row.pk: row for row in rows}
    sheets = sheets_of(data, file_name)
    found = sheet_for(sheets, {pk: spec_of(row) for pk, row in layouts.items()})
    if found is None:
        raise BadInput(
            "STATEMENT-TABLE",
            _(
                "Judul kolom tabel ini tidak cocok dengan susunan rekening koran mana pun, jadi"
                " tidak ada yang disimpan. Jawaban satu daftar diunggah dari halaman daftarnya;"
                " untuk rekening koran, minta administrator menambah susunannya."
            ),
        )
    row = layouts[found[0]]
    return {**spec_of(row).as_data(), "layout": row.pk, "name": row.name, "version": row.version}


def mark_used(kept: Mapping[str, Any], at: datetime) -> None:
    """A statement was read with this version: it does not change any more."""
    StatementLayout.objects.filter(pk=kept["layout"], used_at=None).update(used_at=at)


@dataclass(frozen=True)
class Tried:
    """What a file says under a layout: its first movements, and how many of each kind."""

    rows: list[tuple[Any, ...]]
    counts: dict[str, int]


def try_file(layout: StatementLayout, data: bytes, file_name: str) -> Tried:
    """Read a file with a layout and store nothing; account numbers are masked.

    Raises BadInput when the file cannot be read so.
    """
    spec = spec_of(layout)
    if sheet_for(sheets_of(data, file_name), {0: spec}) is None:
        raise BadInput(
            "LAYOUT-FILE",
            _(
                "Judul kolom di berkas ini tidak sama dengan susunan ini. Tidak ada yang disimpan."
                " Samakan judulnya, lalu coba lagi."
            ),
        )
    counts: dict[str, int] = {}
    entries = read_book(data, file_name, spec)
    first = [_counted(entry, counts) for entry in islice(entries, SHOWN)]
    for entry in entries:
        _counted(entry, counts)
    return Tried([_shown(entry) for entry in first], counts)


def _counted(entry: Entry, counts: dict[str, int]) -> Entry:
    counts[str(entry.outcome)] = counts.get(str(entry.outcome), 0) + 1
    return entry


def _shown(entry: Entry) -> tuple[Any, ...]:
    account = mask_account(entry.counter_account) if entry.counter_account else ""
    return (
        entry.row_number,
        entry.booked_on,
        entry.our_reference,
        account,
        entry.name,
        entry.amount,
        Told(entry.outcome),
    )


def test_sheet(layout: StatementLayout, *, on: date) -> bytes:
    """A CSV of made-up rows as the bank would write it in this layout."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(layout.columns.values())
    balance = OPENING
    for reference, words, moved, account, name in MADE_UP:
        out = Decimal(moved)
        balance -= out
        told = {
            "date": _day(on, layout.date_order),
            "reference": reference,
            "description": words if "reference" in layout.columns else f"{words} {reference}",
            "account": account,
            "name": name,
            "balance": _amount(balance, layout.number_signs),
            "currency": layout.currency,
            "bank_reference": f"BANK{abs(out):.0f}",
            **_money(out, layout),
        }
        writer.writerow([told[field] for field in layout.columns])
    return target.getvalue().encode("utf-8-sig")


def _money(out: Decimal, layout: StatementLayout) -> dict[str, str]:
    """The amount as its columns tell it: two columns, a mark, or the sign."""
    amount = _amount(abs(out), layout.number_signs)
    signed = f"-{amount}" if out > 0 else amount
    return {
        "debit": amount if out > 0 else "",
        "credit": amount if out < 0 else "",
        "amount": amount if "mark" in layout.columns else signed,
        "mark": "D" if out > 0 else "K",
    }


def _amount(amount: Decimal, signs: str) -> str:
    text = f"{amount:,.2f}"
    return text.translate(str.maketrans(",.", ".,")) if signs == NumberSigns.COMMA else text


def _day(on: date, order: str) -> str:
    patterns = {
        DateOrder.DMY: "%d/%m/%Y",
        DateOrder.YMD: "%Y-%m-%d",
        DateOrder.MDY: "%m/%d/%Y",
    }
    return on.strftime(patterns[DateOrder(order)])
