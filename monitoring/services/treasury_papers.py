"""Numbered PDF of a treasurers' list, and the budget card as PDF and XLSX; made by jobs."""

from __future__ import annotations

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
from bansos.lib import lists
from bansos.lib.dates import day_of
from bansos.lib.errors import NotAllowed, Refused
from bansos.lib.money import number, rupiah
from bansos.lib.sheets.writing import table_workbook
from bansos.regions.queries import name_of, names_of
from disbursements.documents.sheets import COUNT, MONEY, PLACE, TEXT, Grid, Sheet, render_sheet
from disbursements.documents.stage_base import Issue, head_of, treasurer_of
from disbursements.models import BudgetLine
from disbursements.queries.treasury.card import card_lines, card_sums

REPORT, CARD = "disbursements.treasury_report", "disbursements.budget_card"
PDF = "application/pdf"
MOST_ROWS = 1_000
KINDS = {"money": MONEY, "number": COUNT}


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


def _numbered(kind: str, prefix: str, agency: Agency, at: datetime) -> tuple[Issue, Any]:
    on = day_of(at, agency.zone)
    template = documents.template_for(kind=kind, agency=agency, on=on)
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
    """The PDF of a list as its owner sees it now; Refused beyond what paper can bear."""
    _may_make(by)
    agency = own_agency(by)
    heads, rows, kinds = lists.export_rows(spec, by, QueryDict(query))
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
    columns = [
        ("No", PLACE),
        *((head, KINDS.get(kind, TEXT)) for head, kind in zip(heads, kinds, strict=True)),
    ]
    numbered = [(place, *line) for place, line in enumerate(lines, start=1)]
    issue, template = _numbered(REPORT, "LAP-BEN", agency, at)
    sheet = Sheet(
        **_frame(agency, issue, by.area_name),
        title=str(spec.title),
        subtitle=by.area_name,
        opening=[
            (
                f"Laporan ini dibuat dari catatan {agency.name} menurut keadaan saat dicetak,"
                f" untuk wilayah {by.area_name}."
            )
        ],
        facts=[("Banyak baris", number(len(lines))), *_totals(spec, columns, numbered)],
        closing=["Daftar lengkap terlampir."],
        annexes=[Grid(str(spec.title), columns, numbered, tight=True)],
        signers=[treasurer_of(agency), head_of(agency)],
    )
    return documents.issue(
        kind=REPORT,
        title=f"{spec.title} {issue.number}",
        content=render_sheet(sheet, path=template.path),
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


def _totals(
    spec: Any, columns: list[tuple[str, str]], rows: list[tuple[Any, ...]]
) -> list[tuple[str, str]]:
    """The sums of the columns the list itself adds up."""
    wanted = {str(column.label) for column in spec.columns if column.total}
    found = []
    for place, (label, kind) in enumerate(columns):
        if label in wanted:
            total = sum((row[place] or 0) for row in rows)
            words = label if label.startswith("Jumlah") else f"Jumlah {label}"
            found.append((words, rupiah(total) if kind == MONEY else number(total)))
    return found


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
