"""Numbered PDF of a treasurers' list, and the budget card as PDF and XLSX; made by jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from bansos.accounts.models import Agency, User
from bansos.accounts.permissions import Permission
from bansos.accounts.queries import own_agency
from bansos.documents import services as documents
from bansos.documents.documents import MIMES
from bansos.documents.models import Document
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib import lists, pulse
from bansos.lib.cells import column_text
from bansos.lib.dates import day_of
from bansos.lib.errors import NotAllowed, Refused
from bansos.lib.money import number, rupiah
from bansos.lib.sheets.writing import table_workbook
from bansos.regions.queries import name_of, names_of
from disbursements.documents.sheets import (
    COUNT,
    MONEY,
    PLACE,
    TEXT,
    Grid,
    Sheet,
    render_sheet,
    written,
)
from disbursements.documents.stage_base import Issue, head_of, treasurer_of
from disbursements.models import BankPart, BudgetLine
from disbursements.queries.treasury.card import card_lines, card_sums
from monitoring.documents.long_list import fitting_columns
from monitoring.queries.treasury import bank_sums
from programs.documents.name_table import NameTable, render_name_table

REPORT, CARD = "disbursements.treasury_report", "disbursements.budget_card"
LONG = "disbursements.treasury_report_long"
PDF = "application/pdf"
# A list of more rows is no letter with an annex any more; see docs/adr/0013.
LETTER_ROWS = 300
MOST_ROWS = 50_000
# As many sums of a bank as stand on the page of the signatures, a line each.
MOST_BANKS = 16
BANK_SUMS = (
    ("lines", "Pembayaran"),
    ("total", "Jumlah"),
    ("delivered", "Tersalur"),
    ("came_back", "Retur"),
    ("silent", "Belum diketahui"),
)
KINDS = {"money": MONEY, "number": COUNT}


@dataclass(frozen=True)
class Listed:
    """The rows of a list as they stand on paper, and the filters that chose them."""

    spec: type[lists.ListSpec]
    heads: Sequence[str]
    kinds: Sequence[str]
    lines: Sequence[tuple[Any, ...]]
    chosen: str
    # What a rail and a bank add up to, on the list of banks.
    banks: Sequence[dict[str, Any]] = ()

    def sums(self) -> dict[int, tuple[str, str, Any]]:
        """Place of a column -> (words, kind, sum), of the columns the list itself adds up."""
        wanted = {str(column.label) for column in self.spec.columns if column.total}
        return {
            place: (
                head if head.startswith("Jumlah") else f"Jumlah {head}",
                KINDS[kind],
                sum((line[place] or 0) for line in self.lines),
            )
            for place, (head, kind) in enumerate(zip(self.heads, self.kinds, strict=True))
            if head in wanted
        }


def _may_make(by: User) -> None:
    if not by.can(Permission.REPORT_MAKE):
        raise NotAllowed("REPORT-RIGHT", _("Peran Anda tidak dapat membuat laporan."))


def request_report(*, slug: str, title: Any, query: str, by: Any, at: datetime) -> Job:
    """Ask for the PDF of a list with the filters of the screen."""
    _may_make(by)
    return jobs.submit(
        kind="monitoring.treasury_report",
        title=_("Laporan: %(list)s") % {"list": title},
        by=by,
        at=at,
        params={"slug": slug, "query": query},
        total=1,
    )


def request_card(*, budget: BudgetLine, by: Any, at: datetime) -> Job:
    """Ask for kartu kendali of a budget line as PDF and XLSX."""
    _may_make(by)
    return jobs.submit(
        kind="monitoring.budget_card",
        title=_("Kartu kendali %(dpa)s") % {"dpa": budget.dpa_number},
        by=by,
        at=at,
        params={"budget": budget.pk},
        total=1,
    )


def _numbered(
    kind: str, prefix: str, agency: Agency, at: datetime, *, layout: str = ""
) -> tuple[Issue, Any]:
    on = day_of(at, agency.zone)
    template = documents.template_for(kind=layout or kind, agency=agency, on=on)
    sequence = documents.next_number(agency=agency, kind=kind, on=on)
    code = documents.new_check_code()
    issue = Issue(f"{prefix}/{sequence:04d}/{on.year}", on, at, code, documents.check_url(code))
    return issue, template


def _frame(agency: Agency, issue: Issue, area: str) -> dict[str, Any]:
    return {
        "agency": agency,
        "number": issue.number,
        "on": issue.on,
        "made_at": issue.at,
        "check_code": issue.check_code,
        "check_url": issue.check_url,
        "programme": "",
        "stage": "",
        "area": area,
        "list_number": "",
        "training": settings.TRAINING_MODE,
    }


def issue_report(*, spec: type[lists.ListSpec], query: str, by: User, at: datetime) -> Document:
    """The PDF of a list as its owner sees it now; Refused beyond what paper can bear.

    A list longer than a letter bears is drawn row by row, signed at its end; the owner of its job
    sees how far it is and may stop it.
    """
    _may_make(by)
    agency, params = own_agency(by), QueryDict(query)
    heads, rows, kinds = lists.export_rows(spec, by, params)
    lines = list(islice(rows, MOST_ROWS + 1))
    if len(lines) > MOST_ROWS:
        raise Refused(
            "REPORT-BIG",
            _(
                "Daftar lebih dari %(most)s baris, jadi tidak dicetak. Tambahkan saringan, atau"
                " ekspor ke Excel."
            )
            % {"most": number(MOST_ROWS)},
        )
    found = Listed(spec, heads, kinds, lines, _chosen(spec, by, params), _banks(spec, by, params))
    is_long = len(lines) > LETTER_ROWS
    issue, template = _numbered(REPORT, "LAP-BEN", agency, at, layout=LONG if is_long else REPORT)
    write = _long if is_long else _letter
    return documents.issue(
        kind=REPORT,
        title=f"{spec.title} {issue.number}",
        content=write(found, agency, issue, by, template.path),
        file_name=f"{issue.number.replace('/', '-')}.pdf",
        mime=PDF,
        agency=agency,
        area_code=by.area_code,
        subject=by,
        by=by,
        at=at,
        number=issue.number,
        check_code=issue.check_code,
        template_version=template.version,
        permission=Permission.PAYLIST_VIEW,
    )


def _chosen(spec: type[lists.ListSpec], by: User, params: QueryDict) -> str:
    """The filters that are on, in words: a part of a list never looks like the whole."""
    _rows, filterset, _text = spec().rows(by, params)
    if filterset is None or not filterset.form.is_valid():
        return ""
    chips = lists.filter_chips(filterset.form, params)
    return "; ".join(f"{chip.label}: {chip.value}" for chip in chips)


def _banks(spec: type[lists.ListSpec], by: User, params: QueryDict) -> list[dict[str, Any]]:
    return bank_sums(spec().rows(by, params)[0]) if spec.model is BankPart else []


def _bank_grid(banks: Sequence[dict[str, Any]]) -> Grid:
    names = [name for name, _head in BANK_SUMS]
    kinds = [COUNT, MONEY, MONEY, MONEY, MONEY]
    heads = [("Saluran", TEXT), ("Kode bank", TEXT)]
    heads += [(head, kind) for (_name, head), kind in zip(BANK_SUMS, kinds, strict=True)]
    rows = [
        (row["rail_words"], row["bank_code"] or "-", *(row[name] for name in names))
        for row in banks
    ]
    total = ("Jumlah", "", *(sum(row[name] for row in banks) for name in names))
    return Grid("Menurut saluran dan bank", heads, rows, total, tight=True)


def _bank_notes(banks: Sequence[dict[str, Any]]) -> list[str]:
    """The same sums as sentences, where they have room beside the signatures."""
    if len(banks) > MOST_BANKS:
        return []
    return [
        f"{row['rail_words']}, bank {row['bank_code'] or '-'}: {number(row['lines'])} pembayaran,"
        f" {rupiah(row['total'])}; tersalur {rupiah(row['delivered'])}, retur"
        f" {rupiah(row['came_back'])}, belum diketahui {rupiah(row['silent'])}."
        for row in banks
    ]


def _opening(agency: Agency, by: User) -> str:
    return (
        f"Laporan ini dibuat dari catatan {agency.name} menurut keadaan saat dicetak,"
        f" untuk wilayah {by.area_name}."
    )


def _letter(found: Listed, agency: Agency, issue: Issue, by: User, path: str) -> bytes:
    """A short list as a letter with its rows attached."""
    columns = [
        ("No", PLACE),
        *(
            (head, KINDS.get(kind, TEXT))
            for head, kind in zip(found.heads, found.kinds, strict=True)
        ),
    ]
    numbered = [(place, *line) for place, line in enumerate(found.lines, start=1)]
    sums = [(words, written(amount, kind)) for words, kind, amount in found.sums().values()]
    chosen = [("Saringan", found.chosen)] if found.chosen else []
    sheet = Sheet(
        **_frame(agency, issue, by.area_name),
        title=str(found.spec.title),
        subtitle=by.area_name,
        opening=[_opening(agency, by)],
        facts=[*chosen, ("Banyak baris", number(len(found.lines))), *sums],
        grids=[_bank_grid(found.banks)] if found.banks else [],
        closing=["Daftar lengkap terlampir."],
        annexes=[Grid(str(found.spec.title), columns, numbered, tight=True)],
        signers=[treasurer_of(agency), head_of(agency)],
    )
    return render_sheet(sheet, path=path)


def _long(found: Listed, agency: Agency, issue: Issue, by: User, path: str) -> bytes:
    """A long list drawn row by row, with its sums as the last row."""
    kinds, lines = found.kinds, found.lines
    rows = [
        (
            number(place),
            *(column_text(kind, cell) for kind, cell in zip(kinds, line, strict=True)),
        )
        for place, line in enumerate(lines, start=1)
    ]
    sums = found.sums()
    cells = [
        written(sums[place][2], sums[place][1]) if place in sums else ""
        for place in range(len(kinds))
    ]
    total = ("", "Jumlah", *cells[1:])
    heads = ("No", *found.heads)
    words = [f"{label}: {written(amount, kind)}" for label, kind, amount in sums.values()]
    chosen = [f"Saringan: {found.chosen}."] if found.chosen else []
    table = NameTable(
        agency=agency.name,
        city=agency.city,
        number=issue.number,
        on=issue.on,
        check_code=issue.check_code,
        check_url=issue.check_url,
        about=f"{number(len(lines))} baris",
        training=settings.TRAINING_MODE,
        title=str(found.spec.title),
        subtitle="; ".join(part for part in (by.area_name, found.chosen) if part),
        columns=fitting_columns(heads, ("number", *kinds), rows, total),
        rows=rows,
        total=total,
        notes=[
            _opening(agency, by),
            *chosen,
            *_bank_notes(found.banks),
            f"{'; '.join([f'Banyak baris: {number(len(lines))}', *words])}.",
        ],
        signers=[
            (who.role, who.name, who.number) for who in (treasurer_of(agency), head_of(agency))
        ],
    )
    return render_name_table(table, path=path, tell=pulse.beat)


CARD_HEADS = (
    ("No", PLACE),
    ("Tanggal", TEXT),
    ("Nomor dokumen", TEXT),
    ("Uraian", TEXT),
    ("Wilayah", TEXT),
    ("Debit", MONEY),
    ("Kredit", MONEY),
    ("Sisa pagu", MONEY),
    ("Saldo bendahara", MONEY),
)


def _card_rows(budget: BudgetLine) -> list[tuple[Any, ...]]:
    lines = list(card_lines(budget))
    names = names_of(line.area_code for line in lines)
    return [
        (
            line.place,
            line.day,
            line.document,
            line.words,
            names.get(line.area_code, line.area_code),
            line.debit,
            line.credit,
            line.left,
            line.held,
        )
        for line in lines
    ]


def issue_card(*, budget: BudgetLine, by: User, at: datetime) -> Document:
    """Kartu kendali as PDF and XLSX from the same rows; the PDF is returned."""
    _may_make(by)
    agency, rows, sums = budget.agency, _card_rows(budget), card_sums(budget)
    issue, template = _numbered(CARD, "KK", agency, at)
    end = ("", "", "", "Jumlah", "", sums.debit, sums.credit, sums.left, sums.held)
    sheet = Sheet(
        **_frame(agency, issue, name_of(agency.area_code)),
        title="Kartu Kendali Anggaran",
        subtitle=f"{budget.version}, {budget.dpa_number}",
        facts=[
            ("Program", str(budget.version)),
            ("DPA", budget.dpa_number),
            ("Kode rekening", budget.account_code),
            ("Pagu", rupiah(budget.ceiling)),
            ("Terikat", rupiah(budget.reserved)),
            ("Cair (SP2D)", rupiah(budget.paid)),
            ("Tersalur", rupiah(budget.delivered)),
            ("Kembali ke kas daerah", rupiah(budget.returned)),
            ("Sisa pagu", rupiah(budget.left)),
            ("Banyak mutasi", number(sums.lines)),
        ],
        closing=["Rincian mutasi terlampir, berurutan menurut waktu."],
        annexes=[Grid("Mutasi", CARD_HEADS, rows, end, tight=True)],
        signers=[treasurer_of(agency), head_of(agency)],
    )
    shared: dict[str, Any] = {
        "agency": agency,
        "area_code": budget.area_code,
        "subject": budget,
        "by": by,
        "at": at,
        "permission": Permission.BUDGET_VIEW,
        "is_personal": False,
    }
    name = issue.number.replace("/", "-")
    documents.issue(
        kind=f"{CARD}_xlsx",
        title=f"Kartu kendali {budget.version} (XLSX)",
        content=table_workbook(
            [words for words, _kind in CARD_HEADS],
            [*rows, end],
            title="Kartu Kendali Anggaran",
            subtitle=f"{budget.version}, {budget.dpa_number}",
            money_columns={5, 6, 7, 8},
        ),
        file_name=f"{name}.xlsx",
        mime=MIMES["xlsx"],
        **shared,
    )
    return documents.issue(
        kind=CARD,
        title=f"Kartu kendali {budget.version}",
        content=render_sheet(sheet, path=template.path),
        file_name=f"{name}.pdf",
        mime=PDF,
        number=issue.number,
        check_code=issue.check_code,
        template_version=template.version,
        **shared,
    )
