"""Files for the bank: made once, stored under their hash, handed out with a trace."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.documents import services as documents
from bansos.documents.choices import DocumentState
from bansos.documents.models import Document
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from bansos.lib.faults import point
from disbursements.choices import CorrectionKind, FileFormat, LineState, ListKind, ListState
from disbursements.documents.bank_files import (
    BankList,
    write_csv,
    write_pain001,
    write_pain001_03,
    write_xlsx,
)
from disbursements.documents.content import bank_list_of, instruction_of
from disbursements.documents.letters import render_instruction
from disbursements.models import BankFile, PayList
from disbursements.queries.leaving import may_be_out
from disbursements.queries.rails import beyond_limits, paid_on
from disbursements.rules.moves import COUNTED
from disbursements.services import moves
from disbursements.services.approving import fingerprint
from disbursements.services.preflight import Progress, beyond_words
from disbursements.services.submissions import records
from programs.choices import Rail

READY = (ListState.SP2D, ListState.SENT, ListState.PARTLY_SETTLED, ListState.SETTLED)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLAIN: dict[FileFormat, tuple[Callable[[IO[bytes], BankList], None], str, str]] = {
    FileFormat.XLSX: (write_xlsx, "xlsx", XLSX),
    FileFormat.CSV: (write_csv, "csv", "text/csv"),
    FileFormat.PAIN001: (write_pain001, "xml", "application/xml"),
    FileFormat.PAIN001_03: (write_pain001_03, "03.xml", "application/xml"),
}
ORDER = (FileFormat.XLSX, FileFormat.CSV, FileFormat.PAIN001, FileFormat.INSTRUCTION)


def is_ready(pay_list: PayList) -> bool:
    """The list may go to the bank: SP2D out, or an approved follow-up list of one that has it."""
    follow_up = pay_list.kind == ListKind.FOLLOW_UP and pay_list.state == ListState.APPROVED
    return pay_list.state in READY or follow_up


def has_files(pay_list: PayList) -> bool:
    """Something that a bank could pay from was made of the list, in whichever layout."""
    return bool(pay_list.files.exists() or pay_list.layout_files.exists())


def usable_formats(pay_list: PayList) -> set[str]:
    """The formats of which the list has a file that may go; a letter whose SP2D was corrected may
    not, until it is written again."""
    usable = pay_list.files.filter(document__state=DocumentState.VALID)
    return set(usable.values_list("format", flat=True))


def only_ready(pay_list: PayList) -> None:
    """Raises Refused unless the list may go to the bank; its SP2D may have been taken back."""
    if not is_ready(pay_list):
        raise Refused(
            "BANK-EARLY",
            _("Berkas bank dibuat sesudah SP2D dicatat. Belum ada berkas yang dibuat."),
        )


def gate(document: Document, at: datetime) -> None:
    """Raises Refused for a file for the bank, by whichever door it is asked for: while its list has
    no SP2D, when it was withdrawn with one or another took its place (a closed list shows what the
    bank had), and before the first handing out when a payment no longer fits its rail. Holds the
    list; call inside a transaction."""
    row = moves.lock_row(PayList.objects.get(pk=document.subject_id))
    if row.state != ListState.CLOSED and not is_ready(row):
        raise Refused(
            "BANK-EARLY",
            _("Daftar ini tanpa SP2D, jadi berkasnya tidak diserahkan. Jangan kirim ke bank."),
        )
    state = Document.objects.values_list("state", flat=True).get(pk=document.pk)
    replaced = state == DocumentState.SUPERSEDED and row.state != ListState.CLOSED
    if state == DocumentState.WITHDRAWN or replaced:
        raise Refused(
            "BANK-WITHDRAWN",
            _(
                "Berkas ini ditarik karena SP2D-nya dikoreksi, jadi tidak diserahkan. Pakai berkas"
                " yang baru; jangan kirim yang lama ke bank."
            ),
        )
    if is_ready(row) and not may_be_out(row):
        _still_within_limits(row, at)


def formats_for(pay_list: PayList) -> tuple[FileFormat, ...]:
    """What is made of a list: the four, and the older pain.001 where a bank's channel takes it."""
    older = pay_list.budget.agency.bank_channels.filter(
        active=True, file_format=FileFormat.PAIN001_03
    )
    return (*ORDER[:-1], FileFormat.PAIN001_03, ORDER[-1]) if older.exists() else ORDER


@transaction.atomic
def make_files(
    *, pay_list: PayList, by: User, at: datetime, formats: Sequence[FileFormat] = ()
) -> Job:
    """Make XLSX, CSV, pain.001 and the instruction letter in the background; once for ever.

    `formats`: these instead, beside what is there. Raises Refused before the SP2D, while a
    rail does not carry what it should, and for a new format once the list has gone to the bank.
    """
    moves.require_right(by, Permission.BANK_FILE)
    moves.not_while_busy(pay_list)
    row = moves.lock_row(pay_list)
    moves.not_while_busy(row)  # its job takes the place of the act's on the list
    only_ready(row)
    if row.lines.filter(rail=Rail.CASH, state__in=COUNTED).exists():
        raise Refused(
            "BANK-CASH",
            _("Daftar ini dibayar tunai, jadi tidak ada berkas bank. Tidak ada yang dibuat."),
        )
    if not has_files(row):
        _only_within_limits(row, at)
    wanted = formats or formats_for(row)
    for kind in wanted:
        _only_before_leaving(row, kind)
    job = jobs.submit(
        kind="disbursements.bank_files",
        title=_("Membuat berkas bank %(number)s") % {"number": row.number},
        by=by,
        at=at,
        params={"list": row.pk, "formats": [str(kind) for kind in wanted]},
        total=len(wanted),
    )
    PayList.objects.filter(pk=row.pk).update(job=job)
    return job


def _only_within_limits(pay_list: PayList, at: datetime) -> None:
    """Raises Refused when a rail's limits changed since the approval: the bank would send it back.

    Asked before the first file only: a list whose files may be at the bank is not drawn again.
    """
    today = day_of(at, pay_list.budget.agency.zone)
    beyond = beyond_limits(pay_list, on=paid_on(pay_list, today))
    if beyond:
        raise Refused(
            "BANK-RAIL",
            _(
                "%(words)s Berkas bank belum dibuat. Periksa batas jalurnya; bila benar, batalkan"
                " daftar ini dan susun ulang."
            )
            % {"words": beyond_words(beyond)},
        )


def _still_within_limits(pay_list: PayList, at: datetime) -> None:
    """Raises Refused when a payment no longer fits the rail its file names (docs/adr/0034)."""
    today = day_of(at, pay_list.budget.agency.zone)
    beyond = beyond_limits(pay_list, on=paid_on(pay_list, today))
    if beyond:
        raise Refused(
            "BANK-RAIL-CHANGED",
            _(
                "Batas jalur berubah sesudah berkas bank dibuat: %(count)s pembayaran tidak lagi"
                " muat di jalurnya. Daftar belum dikirim. Bila batasnya keliru, ajukan yang benar;"
                " bila benar, batalkan SP2D (daftar utama) lalu daftar ini, susun ulang, lalu buat"
                " berkasnya lagi. Bila berkasnya sudah diambil, catat sebagai terkirim."
            )
            % {"count": beyond},
        )


def has_left(pay_list: PayList) -> bool:
    """The list is at the bank or was; not when the bank refused it whole."""
    return pay_list.sent_at is not None and records.live_submission(pay_list) is not None


def _only_before_leaving(pay_list: PayList, kind: FileFormat) -> None:
    """Raises Refused for a format that is not there yet when a bank may have paid already."""
    if has_left(pay_list) and not pay_list.files.filter(format=kind).exists():
        raise Refused(
            "BANK-LEFT",
            _(
                "Daftar ini sudah dikirim ke bank, jadi berkas bentuk lain tidak dibuat lagi."
                " Berkas yang ada tetap dapat diunduh."
            ),
        )


def file_step(
    *,
    pay_list: PayList,
    place: int,
    by: User,
    at: datetime,
    formats: Sequence[FileFormat] = ORDER,
) -> Progress:
    """Make the file at `place` of the formats unless it is there; in a transaction with the list.

    Raises Refused when the SP2D was taken back since it was asked for, the list has gone to the
    bank meanwhile, or the lines no longer give the approved fingerprint.
    """
    only_ready(pay_list)
    kind = formats[place]
    if not BankFile.objects.filter(pay_list=pay_list, format=kind).exists():
        _only_before_leaving(pay_list, kind)
        same_as_approved(pay_list)
        _store(pay_list, kind, by, at)
    elif kind == FileFormat.INSTRUCTION:
        renew_letter(pay_list=pay_list, by=by, at=at)
    done = place + 1
    return Progress(done == len(formats), done, {"place": done})


def same_as_approved(pay_list: PayList) -> None:
    """Raises Refused unless the lines still give the fingerprint that was approved."""
    now = fingerprint(pay_list)
    if (now.hash, now.count, now.total) != (
        pay_list.content_hash,
        pay_list.count,
        pay_list.total,
    ):
        raise Refused(
            "BANK-HASH",
            _(
                "Isi daftar tidak sama dengan yang disetujui. Berkas bank tidak dibuat. Hubungi"
                " petugas TI; jangan kirim apa pun ke bank."
            ),
        )


def renew_letter(*, pay_list: PayList, by: User, at: datetime) -> None:
    """Write the instruction once more, with the SP2D as it is now; the old one is superseded.

    Inside a transaction that holds the list; nothing happens while there is no letter, or while
    the one that is there names the SP2D as it is: a worker and an officer may both have been asked.
    """
    file = pay_list.files.filter(format=FileFormat.INSTRUCTION).select_related("document").first()
    if file is None or file.document.state == DocumentState.VALID and not _is_outdated(file):
        return
    document = _issue(pay_list, FileFormat.INSTRUCTION, by, at, supersedes=file.document)
    file.document, file.sha256 = document, document.sha256
    file.made_at, file.made_by = at, by
    file.save()


def _is_outdated(file: BankFile) -> bool:
    """The SP2D was corrected since: corrections used to leave the withdrawing to the worker."""
    paper = file.pay_list.parent or file.pay_list
    done = paper.corrections.filter(kind=CorrectionKind.SP2D, confirmed_at__gt=file.made_at)
    return bool(done.exclude(new={}).exists())


def _store(pay_list: PayList, kind: FileFormat, by: User, at: datetime) -> None:
    document = _issue(pay_list, kind, by, at)
    BankFile.objects.create(
        pay_list=pay_list,
        format=kind,
        document=document,
        sha256=document.sha256,
        count=pay_list.count,
        total=pay_list.total,
        made_at=at,
        made_by=by,
    )
    point("file.stored")


def _issue(
    pay_list: PayList,
    kind: FileFormat,
    by: User,
    at: datetime,
    *,
    supersedes: Document | None = None,
) -> Document:
    """Write the file beside the memory, not into it, and keep it under its hash."""
    with tempfile.TemporaryFile() as content:
        made = _write(content, pay_list, kind)
        point("file.rendered")
        document: Document = documents.issue(
            kind=f"disbursements.{kind}",
            title=f"{kind.label} {pay_list.number}",
            content=content,
            file_name=f"{pay_list.number}.{made.suffix}",
            mime=made.mime,
            agency=pay_list.budget.agency,
            area_code=pay_list.area_code,
            subject=pay_list,
            by=by,
            at=at,
            number=made.number,
            check_code=made.check_code,
            template_version=made.template_version,
            permission=Permission.BANK_FILE,
            supersedes=supersedes,
        )
    return document


@dataclass(frozen=True)
class _Made:
    """What a written file is."""

    suffix: str
    mime: str
    number: str = ""
    check_code: str = ""
    template_version: int = 1


def _write(target: IO[bytes], pay_list: PayList, kind: FileFormat) -> _Made:
    if kind != FileFormat.INSTRUCTION:
        write, suffix, mime = PLAIN[kind]
        write(target, bank_list_of(pay_list))
        return _Made(suffix, mime)
    code = documents.new_check_code()
    url, before = documents.check_url(code), _letters_before(pay_list)
    letter = instruction_of(pay_list, check_code=code, check_url=url, before=before)
    template = documents.template_for(
        kind="disbursements.instruction", agency=pay_list.budget.agency, on=letter.on
    )
    target.write(render_instruction(letter, path=template.path))
    return _Made("pdf", "application/pdf", letter.number, code, template.version)


def _letters_before(pay_list: PayList) -> list[str]:
    """Numbers of the instructions of a list that a new one takes the place of."""
    rows = Document.objects.filter(
        kind=f"disbursements.{FileFormat.INSTRUCTION}",
        subject_type=pay_list._meta.label_lower,
        subject_id=str(pay_list.pk),
    )
    return list(rows.order_by("issued_at").values_list("number", flat=True))


def hand_out(*, file: BankFile, by: User, at: datetime) -> tuple[Document, bytes]:
    """The stored bytes for the bank; who took them and when is recorded.

    Raises what gate() raises.
    """
    moves.require_right(by, Permission.BANK_FILE)
    with transaction.atomic():
        content = documents.hand_out(document=file.document, by=by, at=at)
        moves.note_event(
            pay_list=file.pay_list,
            verb="disbursements.hand_out_file",
            by=by,
            at=at,
            format=file.format,
            sha256=file.sha256,
        )
    return file.document, content


def may_send(row: PayList, by: User) -> list[BankFile]:
    """The files of a list that may go; raises Stale, NotAllowed or Refused when it may not."""
    moves.require_right(by, Permission.BANK_FILE)
    moves.expect(row, ListState.SP2D, ListState.APPROVED)
    files = list(row.files.select_related("document"))
    missing = {str(kind) for kind in ORDER} - usable_formats(row)
    if not is_ready(row) or missing:
        raise Refused(
            "BANK-FILES", _("Berkas bank belum lengkap. Buat berkasnya dulu, lalu kirim ke bank.")
        )
    return files


@transaction.atomic
def mark_sent(*, pay_list: PayList, by: User, at: datetime) -> PayList:
    """Record that an officer took the files to the bank; see release().

    A file that was handed out may be paid already, whatever the limits say since: it is recorded
    as sent, so that the bank's answer can come in.
    """
    row = moves.lock_row(pay_list)
    row = release(row, by=by, at=at, is_out=may_be_out(row))
    records.open_submission(pay_list=row, channel=None, file=None, by=by, at=at)
    return row


def release(row: PayList, *, by: User, at: datetime, is_out: bool = False) -> PayList:
    """The list leaves the house: from now on only the bank's answer moves a line.

    Hold the list's row. Raises Refused while a file is missing or its stored bytes are not the
    ones recorded, and when a rail's limits changed so that a payment no longer fits its rail,
    unless the files are out of the house already.
    """
    files = may_send(row, by)
    if not is_out:
        _still_within_limits(row, at)
    for file in files:
        documents.check_stored(file.document)
    same_as_approved(row)
    moves.move(
        pay_list=row,
        to=ListState.SENT,
        by=by,
        at=at,
        verb="disbursements.send_list",
        sent_at=at,
        sent_by=by,
    )
    sent = moves.set_lines(row, [LineState.WAITING], LineState.SUBMITTED)
    if sent != row.count:
        raise moves.stale()
    return row
