"""The papers of a stage: which there are, when each may be made, and making them by a job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.documents import services as documents
from bansos.documents.choices import DocumentState
from bansos.documents.documents import MIMES
from bansos.documents.models import Document
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, Refused
from bansos.lib.sheets.writing import table_workbook
from bansos.regions.queries import name_of, names_of
from disbursements.choices import ListState
from disbursements.documents import stage_base, stage_names, stage_recaps
from disbursements.documents import stage_papers as build
from disbursements.documents.content import record_of
from disbursements.documents.letters import render_return_record
from disbursements.documents.receipts import render_receipts
from disbursements.documents.sheets import MONEY, Sheet, render_sheet
from disbursements.models import PayList, ReturnCase
from disbursements.queries.identity import identity_of
from disbursements.services import moves
from disbursements.services.preflight import Progress
from programs.documents.name_table import NameTable, render_name_table

KIND = "disbursements.stage_papers"
PDF = "application/pdf"
FROZEN = tuple(state for state in ListState if state not in {ListState.DRAFT, ListState.CANCELLED})
APPROVED = tuple(state for state in FROZEN if state not in {ListState.LOCKED, ListState.AWAITING})
# Its names are a table of their own when there are too many for the sheet.
BNBA = "update_record"
Names = Callable[[PayList, stage_base.Issue], NameTable]
Build = Callable[[PayList, stage_base.Issue], Sheet]


@dataclass(frozen=True)
class Paper:
    """One kind of paper: its number prefix, its words, when it may be made, who reads it."""

    key: str
    prefix: str
    title: str
    what: Any
    sheet: Build | None
    needs: str
    permission: Permission = Permission.PAYLIST_VIEW

    @property
    def kind(self) -> str:
        """The kind of its documents and templates."""
        return f"disbursements.{self.key}"


LOCKED, AGREED, RELEASED, RETURNED = "locked", "agreed", "released", "returned"
WHEN: dict[str, Any] = {
    LOCKED: gettext_lazy("Dibuat sesudah daftar dikunci."),
    AGREED: gettext_lazy("Dibuat sesudah daftar disetujui."),
    RELEASED: gettext_lazy("Dibuat sesudah SP2D dicatat."),
    RETURNED: gettext_lazy("Dibuat bila ada retur."),
}
PAPERS: dict[str, Paper] = {
    paper.key: paper
    for paper in (
        Paper(
            "update_record",
            "BA-MUT",
            "Berita Acara pemutakhiran",
            gettext_lazy(
                "Eligible, non-eligible, dan tidak komitmen per kecamatan, dengan daftar nama."
            ),
            build.update_record,
            LOCKED,
        ),
        Paper(
            "funds_data",
            "SPM-DATA",
            "Data pendukung SPM dan SP2D",
            gettext_lazy("Tarif kali rekening eligible, dan ketersediaan anggaran."),
            build.funds_data,
            AGREED,
        ),
        Paper(
            "accounts_to_close",
            "SI-TUTUP",
            "Daftar rekening non-eligible untuk ditutup",
            gettext_lazy("Surat ke bank menyertai standing instruction, dengan XLSX."),
            build.accounts_to_close,
            AGREED,
            Permission.BANK_FILE,
        ),
        Paper(
            "batch_receipt",
            "KWT",
            "Kuitansi gabungan",
            gettext_lazy("Satu kuitansi untuk seluruh daftar."),
            build.batch_receipt,
            RELEASED,
        ),
        Paper(
            "receipts",
            "KWT-P",
            "Kuitansi per penerima",
            gettext_lazy(
                "Satu kuitansi per baris, untuk pembayaran tunai; satu berkas per kecamatan."
            ),
            None,
            RELEASED,
            Permission.DOCUMENT_VIEW,
        ),
        Paper(
            "cash_register",
            "DBT",
            "Daftar pembayaran tunai",
            gettext_lazy(
                "Untuk ditandatangani di loket, dengan XLSX yang dapat diisi dan diunggah kembali."
            ),
            None,
            RELEASED,
            Permission.DOCUMENT_VIEW,
        ),
        Paper(
            "handover",
            "BAST",
            "BAST pembayaran",
            gettext_lazy("Serah terima dana dinas ke bank penyalur."),
            build.handover,
            RELEASED,
        ),
        Paper(
            "responsibility",
            "SPTJM",
            "SPTJM",
            gettext_lazy("Pernyataan tanggung jawab mutlak Kepala Dinas."),
            build.responsibility,
            AGREED,
        ),
        Paper(
            "recap",
            "REKAP",
            "Rekapitulasi per kecamatan",
            gettext_lazy("SP2D, tersalur, susulan, kas daerah, dan retur; per kecamatan dan desa."),
            stage_recaps.recap,
            RELEASED,
        ),
        Paper(
            "recap_province",
            "REKAP-PROV",
            "Rekapitulasi per kabupaten/kota",
            gettext_lazy("Seluruh provinsi pada tahap yang sama."),
            stage_recaps.recap_province,
            RELEASED,
        ),
        Paper(
            "follow_up_list",
            "SUSULAN",
            "Daftar susulan dan penyelesaian retur",
            gettext_lazy("Setiap retur dengan sebab, keputusan, dan akhirnya; dengan XLSX."),
            stage_recaps.follow_up_list,
            RETURNED,
        ),
        Paper(
            "return_record",
            "BA-KEM",
            "Berita Acara pengembalian",
            gettext_lazy("Retur menurut sebab dan setiap STS ke kas daerah."),
            None,
            RETURNED,
        ),
    )
}


# What goes to or is signed by a paying bank.
OF_BANKS = ("accounts_to_close", "batch_receipt", "handover")


def why_not(paper: Paper, pay_list: PayList, user: User) -> str:
    """Why the paper cannot be made now, in words; "" when it can."""
    if not user.can(Permission.BANK_FILE):
        return _("Dibuat oleh staf program provinsi atau bendahara.")
    if paper.key == "recap_province" and len(user.area_code) > 2:
        return _("Dibuat oleh petugas provinsi.")
    if not _is_ready(paper.needs, pay_list):
        return str(WHEN[paper.needs])
    cash = pay_list.stage.version.is_cash
    if paper.key == "cash_register" and not cash:
        return _("Hanya untuk daftar yang dibayar tunai.")
    if paper.key in OF_BANKS and cash:
        return _("Daftar ini dibayar tunai, tanpa bank.")
    if paper.key == "accounts_to_close" and not build.closing_rows(pay_list):
        return _("Tidak ada rekening yang perlu ditutup.")
    return ""


def _is_ready(needs: str, pay_list: PayList) -> bool:
    if needs == LOCKED:
        return pay_list.state in FROZEN
    if needs == AGREED:
        return pay_list.state in APPROVED
    if needs == RELEASED:
        return pay_list.state in APPROVED and bool(pay_list.sp2d_number)
    main = pay_list.parent or pay_list
    return ReturnCase.objects.filter(line__pay_list__in=[main, *main.follow_ups.all()]).exists()


@transaction.atomic
def make_papers(*, pay_list: PayList, keys: Sequence[str], by: User, at: datetime) -> Job:
    """Make the papers in the background, one a step. Raises Refused when one is not due yet."""
    moves.require_right(by, Permission.BANK_FILE)
    row = moves.lock_row(pay_list)
    if not keys or any(key not in PAPERS for key in keys):
        raise BadInput("PAPER-KIND", _("Pilih berkas yang dibuat. Belum ada yang dibuat."))
    for key in keys:
        why = why_not(PAPERS[key], row, by)
        if why:
            words = _("%(paper)s belum dapat dibuat. ") % {"paper": PAPERS[key].title}
            raise Refused("PAPER-EARLY", words + why)
    return jobs.submit(
        kind=KIND,
        title=_("Membuat berkas tahap %(number)s") % {"number": row.number},
        by=by,
        at=at,
        params={"list": row.pk, "papers": list(keys)},
        total=len(keys),
    )


def paper_step(
    *, pay_list: PayList, keys: Sequence[str], place: int, by: User, at: datetime
) -> Progress:
    """Make the paper at `place` of the keys; the older one of its kind is superseded."""
    paper = PAPERS[keys[place]]
    if paper.key == "receipts":
        _issue_receipts(paper, pay_list, by, at)
    elif paper.key == "return_record":
        _issue_return_record(paper, pay_list, by, at)
    elif paper.key == "cash_register":
        _issue_names(paper, pay_list, stage_names.cash_register, by, at)
    else:
        _issue_sheet(paper, pay_list, by, at)
    done = place + 1
    return Progress(done == len(keys), done, {"place": done})


def _numbered(paper: Paper, pay_list: PayList, at: datetime) -> tuple[stage_base.Issue, Any]:
    agency = pay_list.budget.agency
    on = day_of(at, agency.zone)
    template = documents.template_for(kind=paper.kind, agency=agency, on=on)
    sequence = documents.next_number(agency=agency, kind=paper.kind, on=on)
    code = documents.new_check_code()
    number = f"{paper.prefix}/{sequence:04d}/{on.year}"
    return stage_base.Issue(number, on, at, code, documents.check_url(code)), template


def _keep(
    paper: Paper,
    pay_list: PayList,
    issue: stage_base.Issue,
    by: User,
    *,
    content: bytes,
    version: int,
    title: str = "",
    suffix: str = "",
) -> Document:
    words = title or paper.title
    name = f"{paper.prefix}-{pay_list.number}{suffix}.pdf"
    return documents.issue(
        kind=paper.kind,
        title=f"{words} {pay_list.number}",
        content=content,
        file_name=name,
        mime=PDF,
        agency=pay_list.budget.agency,
        area_code=pay_list.area_code,
        subject=pay_list,
        by=by,
        at=issue.at,
        number=issue.number,
        check_code=issue.check_code,
        template_version=version,
        permission=paper.permission,
        supersedes=latest(pay_list, paper.kind, file_name=name),
    )


def latest(pay_list: PayList, kind: str, *, file_name: str) -> Document | None:
    """The valid paper of a kind about a list that a new one takes the place of."""
    found: Document | None = (
        Document.objects.filter(
            subject_type=pay_list._meta.label_lower,
            subject_id=str(pay_list.pk),
            kind=kind,
            file_name=file_name,
            state=DocumentState.VALID,
        )
        .order_by("-issued_at")
        .first()
    )
    return found


def _issue_sheet(paper: Paper, pay_list: PayList, by: User, at: datetime) -> None:
    if paper.sheet is None:
        raise ValueError(f"{paper.key} is no sheet")
    issue, template = _numbered(paper, pay_list, at)
    content = render_sheet(paper.sheet(pay_list, issue), path=template.path)
    _keep(paper, pay_list, issue, by, content=content, version=template.version)
    if paper.key == BNBA and pay_list.count > stage_base.MOST_NAMES:
        annex = replace(paper, key=f"{BNBA}_names", prefix="BNBA", title="Lampiran BNBA")
        _issue_names(annex, pay_list, stage_names.eligible_names, by, at)
    _issue_workbook(paper, pay_list, by, at)


def _issue_workbook(paper: Paper, pay_list: PayList, by: User, at: datetime) -> None:
    workbook = WORKBOOKS.get(paper.key)
    if workbook is not None:
        _keep_workbook(paper, pay_list, workbook(pay_list), by, at)


def _issue_names(paper: Paper, pay_list: PayList, of: Names, by: User, at: datetime) -> None:
    issue, template = _numbered(paper, pay_list, at)
    content = render_name_table(of(pay_list, issue), path=template.path)
    _keep(paper, pay_list, issue, by, content=content, version=template.version)
    _issue_workbook(paper, pay_list, by, at)


def _issue_return_record(paper: Paper, pay_list: PayList, by: User, at: datetime) -> None:
    issue, template = _numbered(paper, pay_list, at)
    letter = record_of(
        identity_of(pay_list),
        number=issue.number,
        on=issue.on,
        at=at,
        check_code=issue.check_code,
        check_url=issue.check_url,
    )
    content = render_return_record(letter, path=template.path)
    _keep(paper, pay_list, issue, by, content=content, version=template.version)


def _issue_receipts(paper: Paper, pay_list: PayList, by: User, at: datetime) -> None:
    for district, _count, _total in stage_base.by_place(pay_list, stage_base.DISTRICT):
        issue, template = _numbered(paper, pay_list, at)
        content = render_receipts(build.receipts(pay_list, district, issue), path=template.path)
        _keep(
            paper,
            pay_list,
            issue,
            by,
            content=content,
            version=template.version,
            title=f"{paper.title}, Kec. {name_of(district)},",
            suffix=f"-{district}",
        )


def _accounts_book(pay_list: PayList) -> tuple[list[str], list[tuple[Any, ...]], set[int]]:
    rows = build.closing_rows(pay_list)
    names = names_of(row.area_code for row in rows)
    heads = ["No", "Nomor rekening", "Atas nama", "Desa/Kelurahan", "Kecamatan", "Alasan"]
    return (
        heads,
        [
            (
                place,
                row.account_number,
                row.holder_name,
                names.get(row.area_code, ""),
                names.get(row.area_code[: stage_base.DISTRICT], ""),
                row.reason,
            )
            for place, row in enumerate(rows, start=1)
        ],
        set(),
    )


def _update_book(pay_list: PayList) -> tuple[list[str], list[tuple[Any, ...]], set[int]]:
    heads = ["No", "Nama", "NIK (tersamar)", "Desa/Kelurahan", "Kecamatan", "Hasil", "Alasan"]
    return [*heads, "Jumlah"], build.update_names(pay_list), {7}


def _follow_up_book(pay_list: PayList) -> tuple[list[str], list[tuple[Any, ...]], set[int]]:
    heads = [words for words, _kind in stage_recaps.FOLLOW_UP_HEADS]
    money = {n for n, (_words, kind) in enumerate(stage_recaps.FOLLOW_UP_HEADS) if kind == MONEY}
    return heads, stage_recaps.follow_up_names(pay_list), money


def _recap_book(pay_list: PayList) -> tuple[list[str], list[tuple[Any, ...]], set[int]]:
    grid = stage_recaps.recap_grid(pay_list)
    money = {n for n, (_words, kind) in enumerate(grid.heads) if kind == MONEY}
    return (
        [words for words, _kind in grid.heads],
        [*map(tuple, grid.rows), tuple(grid.total)],
        money,
    )


Book = Callable[[PayList], tuple[list[str], list[tuple[Any, ...]], set[int]]]


def _register_book(pay_list: PayList) -> tuple[list[str], list[tuple[Any, ...]], set[int]]:
    heads = ["No", "Referensi", "Nama", "Desa/Kelurahan", "Jumlah", "Jumlah dibayar"]
    heads += ["Tanggal bayar", "Diterima oleh", "Tanda terima"]
    rows = list(stage_base.counted(pay_list))
    names = names_of(row.area_code for row in rows)
    return (
        heads,
        [
            (row.position, row.reference, row.payee_name, names.get(row.area_code, ""), row.amount)
            + (None, None, None, None)
            for row in rows
        ],
        {4, 5},
    )


WORKBOOKS: dict[str, Book] = {
    "cash_register": _register_book,
    "update_record": _update_book,
    "accounts_to_close": _accounts_book,
    "follow_up_list": _follow_up_book,
    "recap": _recap_book,
}


def _keep_workbook(
    paper: Paper,
    pay_list: PayList,
    book: tuple[list[str], list[tuple[Any, ...]], set[int]],
    by: User,
    at: datetime,
) -> None:
    heads, rows, money = book
    name = f"{paper.prefix}-{pay_list.number}.xlsx"
    kind = f"{paper.kind}_xlsx"
    documents.issue(
        kind=kind,
        title=f"{paper.title} (XLSX) {pay_list.number}",
        content=table_workbook(
            heads,
            rows,
            title=paper.title,
            subtitle=f"{stage_base.subject(pay_list)}, {pay_list.number}",
            money_columns=money,
        ),
        file_name=name,
        mime=MIMES["xlsx"],
        agency=pay_list.budget.agency,
        area_code=pay_list.area_code,
        subject=pay_list,
        by=by,
        at=at,
        permission=paper.permission,
        supersedes=latest(pay_list, kind, file_name=name),
    )
