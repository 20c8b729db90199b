"""Layouts of bank files as data: versions, preview, test file, and the files they make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from bansos.accounts.models import Agency, User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.documents import services as documents
from bansos.documents.models import Document
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed
from bansos.lib.scopes import covers
from bansos.regions.queries import name_of
from disbursements.choices import LayoutFormat
from disbursements.documents.bank_files import BankLine, BankList
from disbursements.documents.content import DISTRICT, bank_list_of
from disbursements.documents.layout_files import LayoutSpec, preview_rows, render_layout
from disbursements.models import BankLayout, LayoutFile, PayList, PaymentLine
from disbursements.rules.layouts import (
    BadLayout,
    check_cells,
    check_columns,
    parse_cells,
    parse_columns,
)
from disbursements.rules.moves import COUNTED
from disbursements.services import bank, moves
from disbursements.services.proxied import owner_name

JOB = "disbursements.layout_files"
SHOWN = 5
SEPARATORS = ("", ",", ";", "|")
MIME = {
    LayoutFormat.CSV: "text/csv",
    LayoutFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BANK_CODE = re.compile(r"[0-9]{3}")


def spec_of(layout: BankLayout) -> LayoutSpec:
    """A stored layout for the renderer."""
    return LayoutSpec(
        format=layout.format,
        columns=layout.columns,
        header=layout.header,
        trailer=layout.trailer,
        headings=layout.headings,
        label=layout.label,
        separator=layout.separator,
        amount_format=layout.amount_format,
    )


# All that a file of a version looks like; the trail keeps it, and the auditor compares.
SAYS = ("columns", "header", "trailer", "headings", "label", "separator", "amount_format", "format")


@transaction.atomic
def save_layout(
    *,
    layout: BankLayout | None,
    agency: Agency,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
) -> BankLayout:
    """Write a layout; one that made a file stays as it is, and its change is the next version.

    values: bank_code, name, format, columns, header, trailer (rows of a grid, or as written),
    headings, label, separator, amount_format, valid_from, active. Raises BadInput with the field
    at fault.
    """
    moves.require_right(by, Permission.CHANNEL_MANAGE)
    if not covers(by.area_code, agency.area_code):
        raise NotAllowed("CHANNEL-AREA", _("Hanya administrator provinsi yang dapat mengaturnya."))
    parsed = _parsed(values)
    row = BankLayout(agency=agency, area_code=agency.area_code, made_at=at, made_by=by)
    if layout is not None:
        held = BankLayout.objects.select_for_update().get(pk=layout.pk)
        row = held if held.used_at is None else row
        parsed |= {"bank_code": held.bank_code, "name": held.name}
    same = BankLayout.objects.filter(
        agency=agency, bank_code=parsed["bank_code"], name=parsed["name"]
    )
    if row.pk is None:
        if layout is None and same.exists():
            raise _bad("name", _("Nama ini sudah dipakai; ubah susunan itu."))
        row.version = (same.aggregate(last=Max("version"))["last"] or 0) + 1
    for name, value in parsed.items():
        setattr(row, name, value)
    if row.active:
        # One version of a layout makes files; the others stay as the proof of what they made.
        same.exclude(pk=row.pk).update(active=False)
    row.save()
    audit.record(
        verb="disbursements.save_layout",
        by=by,
        at=at,
        target=row,
        area_code=row.area_code,
        name=str(row),
        columns=[column["field"] for column in row.columns],
        layout={name: getattr(row, name) for name in SAYS},
        active=row.active,
    )
    return row


def tried_out(*, agency: Agency, values: Mapping[str, Any]) -> BankLayout:
    """The layout these values would make, for preview and test file; nothing is stored.

    Raises BadInput with the field at fault.
    """
    return BankLayout(agency=agency, area_code=agency.area_code, **_parsed(values))


def _parsed(values: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(values)
    for name, parse, check in (
        ("columns", parse_columns, check_columns),
        ("header", parse_cells, check_cells),
        ("trailer", parse_cells, check_cells),
    ):
        given = values[name]
        try:
            found[name] = parse(given) if isinstance(given, str) else check(given)
        except BadLayout as error:
            raise _bad(name, str(error)) from error
    if not BANK_CODE.fullmatch(values["bank_code"]):
        raise _bad("bank_code", _("Kode bank tiga angka, misalnya 114."))
    if values["separator"] not in SEPARATORS:
        raise _bad("separator", _("Pilih salah satu pemisah."))
    fixed = values["format"] == LayoutFormat.CSV and not values["separator"]
    if fixed and not all(column["width"] and column["pad"] for column in found["columns"]):
        raise _bad("columns", _("Tanpa pemisah, setiap kolom perlu lebar dan rata."))
    return found


def _bad(field: str, sentence: str) -> BadInput:
    return BadInput("LAYOUT-INPUT", sentence, fields={field: sentence})


def made_up_list(agency: Agency, *, on: date, at: datetime) -> BankList:
    """Five payees that do not exist, for a file that a bank may try out."""
    names = ("CONTOH SATU", "CONTOH DUA, S.SOS", "=CONTOH TIGA", "CONTOH EMPAT", "CONTOH LIMA")
    lines = [
        BankLine(
            position=place,
            name=name,
            account_number=f"00000000{place:02d}",
            bank_code=agency.bank_code,
            amount=Decimal(500_000 + place),
            reference=f"D99990000000000{place}",
            address=f"RT 0{place}",
            village="Desa Contoh",
            district="Kecamatan Contoh",
        )
        for place, name in enumerate(names, start=1)
    ]
    return BankList(
        number=f"DB-{agency.area_code[:2]}-{on.year}-0000",
        agency=agency.name,
        stage="Tahap uji",
        programme="Uji susunan berkas",
        created_at=at,
        execution_date=on,
        debtor_name=agency.name,
        debtor_account=agency.source_account or "0000000000",
        bank_code=agency.bank_code,
        bank_bic="",
        lines=lines,
        zone=agency.time_zone,
    )


def preview(
    layout: BankLayout, *, pay_list: PayList | None, on: date, at: datetime
) -> list[list[str]]:
    """The first rows on the screen: of a list with masked numbers, or made up."""
    whole = made_up_list(layout.agency, on=on, at=at)
    rows = (
        list(
            pay_list.lines.filter(state__in=COUNTED)
            .select_related("proxy_account")
            .order_by("position")[:SHOWN]
        )
        if (pay_list is not None)
        else []
    )
    if pay_list is not None and rows:
        whole = replace(whole, number=pay_list.number, lines=[_masked(row) for row in rows])
    return list(preview_rows(spec_of(layout), whole))


def _masked(row: PaymentLine) -> BankLine:
    return BankLine(
        position=row.position,
        name=owner_name(row),
        account_number=row.account_masked,
        bank_code=row.bank_code,
        amount=row.amount,
        reference=row.reference,
        address=row.address,
        village=name_of(row.area_code),
        district=name_of(row.area_code[:DISTRICT]),
    )


def test_file(layout: BankLayout, *, on: date, at: datetime) -> bytes:
    """A file of made-up rows in this layout."""
    return render_layout(spec_of(layout), made_up_list(layout.agency, on=on, at=at))


def layouts_for(pay_list: PayList, on: date) -> list[BankLayout]:
    """The layouts in force for the paying bank that made no file of this list yet; none for a
    list that has gone to the bank: nothing new that it could pay from is made then."""
    if bank.has_left(pay_list):
        return []
    agency = pay_list.budget.agency
    rows = BankLayout.objects.filter(
        agency=agency, bank_code=agency.bank_code, active=True, valid_from__lte=on
    )
    return list(rows.exclude(files__pay_list=pay_list).order_by("name"))


def make_all(*, pay_list: PayList, by: User, at: datetime) -> Job | None:
    """Ask a worker for the files of every layout in force; None when there is none to make."""
    count = len(layouts_for(pay_list, day_of(at, pay_list.budget.agency.zone)))
    if not count:
        return None
    return jobs.submit(
        kind=JOB,
        title=_("Membuat berkas susunan bank %(number)s") % {"number": pay_list.number},
        by=by,
        at=at,
        params={"list": pay_list.pk},
        total=count,
    )


def file_step(*, pay_list: PayList, by: User, at: datetime) -> bool:
    """Make the next file; inside a transaction that holds the list. False when all are there.

    Raises Refused when the SP2D was taken back since it was asked for.
    """
    bank.only_ready(pay_list)
    waiting = layouts_for(pay_list, day_of(at, pay_list.budget.agency.zone))
    if not waiting:
        return False
    bank.same_as_approved(pay_list)
    layout = BankLayout.objects.select_for_update().get(pk=waiting[0].pk)
    document = documents.issue(
        kind="disbursements.layout_file",
        title=f"{layout.name} v{layout.version} {pay_list.number}",
        content=render_layout(spec_of(layout), bank_list_of(pay_list)),
        file_name=f"{pay_list.number}-{layout.bank_code}-v{layout.version}.{layout.format}",
        mime=MIME[LayoutFormat(layout.format)],
        agency=layout.agency,
        area_code=pay_list.area_code,
        subject=pay_list,
        by=by,
        at=at,
        permission=Permission.BANK_FILE,
    )
    LayoutFile.objects.create(
        pay_list=pay_list,
        layout=layout,
        document=document,
        sha256=document.sha256,
        count=pay_list.count,
        total=pay_list.total,
        made_at=at,
        made_by=by,
    )
    if layout.used_at is None:
        layout.used_at = at
        layout.save(update_fields=["used_at"])
    return len(waiting) > 1


@transaction.atomic
def hand_out(*, file: LayoutFile, by: User, at: datetime) -> tuple[Document, bytes]:
    """The stored bytes for the bank; who took them and when is recorded.

    Raises Refused for a list without SP2D.
    """
    moves.require_right(by, Permission.BANK_FILE)
    content = documents.hand_out(document=file.document, by=by, at=at)
    moves.note_event(
        pay_list=file.pay_list,
        verb="disbursements.hand_out_file",
        by=by,
        at=at,
        format=str(file.layout),
        sha256=file.sha256,
    )
    return file.document, content
