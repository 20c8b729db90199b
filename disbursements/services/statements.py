"""Statements and answers: stored once, divided among the lists they name, the rest apart."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.jobs.models import Job
from bansos.lib import pulse
from bansos.lib.blobs import put_bytes
from bansos.lib.crypto import seal_bytes
from bansos.lib.errors import BadInput, Refused
from bansos.lib.nik import mask_account
from disbursements.choices import ResultState, RowState
from disbursements.models import PayList, ResultFile, ResultRow
from disbursements.rules.matching import BankRow, Verdict
from disbursements.rules.moves import AWAITS_RESULT
from disbursements.rules.references import list_of
from disbursements.rules.statements import Entry, Format, format_of, read_entries
from disbursements.rules.statements.entries import too_long
from disbursements.services import moves
from disbursements.services.applying import begin, only_checked, result_row
from disbursements.services.reading import MOST_ENTRIES, SEALED_FOR, answer_of
from disbursements.services.sheets import layout_for, mark_used

BEAT_EVERY = 1_000


@transaction.atomic
def store_statement(*, data: bytes, file_name: str, by: User, at: datetime) -> ResultFile:
    """Read and store a pain.002, camt.053, camt.054, MT940 or table and its shares of each list.

    The same bytes again give the same file. A list that waits for no answer gets no share: its
    rows stay with the statement. Nothing is applied. Raises BadInput for a table in no layout of
    the office, and for a file that is broken anywhere; Refused when another office has the same
    bytes for one of its lists.
    """
    moves.require_right(by, Permission.BANK_RESULT)
    digest = hashlib.sha256(data).hexdigest()
    known = known_statement(digest, by)
    if known is not None:
        return known
    kind = kind_of(data)
    layout = layout_for(data, file_name, by.area_code) if kind == Format.SHEET else None
    entries = _entries_of(data, kind, file_name, layout)
    try:
        with transaction.atomic():
            statement = keep_statement(data, kind, file_name, by, at)
            _note_layout(statement, layout)
            return _store(statement, entries, by, at)
    except IntegrityError as error:
        # Somebody put the same bytes in at the same time, or holds a share of one of its lists.
        known = known_statement(digest, by)
        if known is not None:
            return known
        raise _shared() from error


def _shared() -> Refused:
    return Refused(
        "STATEMENT-SHARED",
        _(
            "Kantor lain sudah mengunggah berkas yang sama untuk daftar di dalamnya. Tidak ada"
            " yang disimpan lagi. Lihat bagian daftar Anda di halaman daftarnya."
        ),
    )


def known_statement(digest: str, by: User) -> ResultFile | None:
    """The statement of these bytes that the user's own office has already."""
    rows = ResultFile.objects.without_bytes()
    rows = rows.filter(pay_list=None, area_code=by.area_code, sha256=digest)
    found: ResultFile | None = rows.exclude(state=ResultState.REFUSED).first()
    return found


def _note_layout(statement: ResultFile, layout: Mapping[str, Any] | None) -> None:
    """The layout a table is read with stays with it, however the layout changes later."""
    if layout is not None:
        statement.mapping = dict(layout)
        statement.save(update_fields=["mapping"])
        mark_used(layout, statement.uploaded_at)


def _store(statement: ResultFile, entries: list[Entry], by: User, at: datetime) -> ResultFile:
    named = _share_out(statement, entries, by)
    audit.record(
        verb="disbursements.upload_result",
        by=by,
        at=at,
        target=statement,
        sha256=statement.sha256,
        rows=len(entries),
        lists=dict(named),
    )
    return statement


def kind_of(data: bytes) -> Format:
    """The format of a file by its bytes; a table is taken for a statement here."""
    kind = format_of(data)
    return Format.SHEET if kind == Format.TABLE else kind


def keep_statement(data: bytes, kind: Format, file_name: str, by: User, at: datetime) -> ResultFile:
    """A statement as it came, sealed; nothing of it is read."""
    statement = ResultFile.objects.create(
        pay_list=None,
        area_code=by.area_code,
        format=kind,
        file_name=file_name[-150:],
        sha256=hashlib.sha256(data).hexdigest(),
        uploaded_at=at,
        uploaded_by=by,
    )
    put_bytes(statement, "sealed_file", seal_bytes(data, context=SEALED_FOR))
    return statement


def divide_statement(statement: ResultFile, data: bytes) -> None:
    """Give the lists that a kept statement names their shares, as store_statement() does.

    Raises what store_statement() raises of its content.
    """
    kind, name = Format(statement.format), statement.file_name
    layout = layout_for(data, name, statement.area_code) if kind == Format.SHEET else None
    entries = _entries_of(data, kind, name, layout)
    _note_layout(statement, layout)
    try:
        with transaction.atomic():
            _share_out(statement, entries, statement.uploaded_by)
    except IntegrityError as error:
        raise _shared() from error


def _share_out(statement: ResultFile, entries: list[Entry], by: User) -> Counter[str]:
    named = _divide(statement, entries, by, statement.uploaded_at)
    statement.counts = {"rows": len(entries) - sum(named.values())} | _facts(entries)
    statement.save(update_fields=["counts"])
    return named


def _entries_of(
    data: bytes, kind: Format, name: str, layout: Mapping[str, Any] | None
) -> list[Entry]:
    entries = []
    for entry in read_entries(data, kind, name=name, layout=layout):
        entries.append(entry)
        if len(entries) % BEAT_EVERY == 0:
            pulse.beat(len(entries), 0)
        if len(entries) > MOST_ENTRIES:
            raise too_long(MOST_ENTRIES)
    if not entries:
        raise BadInput(
            "STATEMENT-EMPTY",
            _("Berkas ini tidak memuat satu pun baris pembayaran, jadi tidak disimpan."),
        )
    return entries


def _facts(entries: list[Entry]) -> dict[str, object]:
    """What the head of its page says; no personal data."""
    days = sorted(entry.booked_on for entry in entries if entry.booked_on)
    account = next((entry.account for entry in entries if entry.account), "")
    return {
        "entries": len(entries),
        "account": mask_account(account) if account else "",
        "from": days[0].isoformat() if days else "",
        "until": days[-1].isoformat() if days else "",
    }


def _divide(
    statement: ResultFile, entries: Iterable[Entry], by: User, at: datetime
) -> Counter[str]:
    """A share for each list of the user's area that waits; how many rows each has."""
    found = Counter(list_of(entry.our_reference) for entry in entries)
    lists = PayList.objects.visible_to(by).filter(
        number__in=[number for number in found if number], state__in=AWAITS_RESULT, counter=None
    )
    named: Counter[str] = Counter()
    for row in lists.order_by("pk"):
        named[row.number] = found[row.number]
        ResultFile.objects.create(
            pay_list=row,
            source=statement,
            area_code=row.area_code,
            format=statement.format,
            file_name=statement.file_name,
            sha256=statement.sha256,
            counts={"rows": found[row.number]},
            uploaded_at=at,
            uploaded_by=by,
        )
    return named


@transaction.atomic
def apply_statement(*, statement: ResultFile, by: User, at: datetime) -> list[Job]:
    """Apply every share in the background and lay the rows of no list on the desk; once.

    Raises Refused when it is applied or refused, or one of its lists no longer waits: nothing is
    applied then.
    """
    moves.require_right(by, Permission.BANK_RESULT)
    files = ResultFile.objects.without_bytes().select_for_update()
    row = files.get(pk=statement.pk, pay_list=None)
    only_checked(row)
    shares = list(row.shares.select_related("pay_list").order_by("pk"))
    moves.lock_lists([share.pay_list for share in shares if share.pay_list is not None])
    made = [begin(result=share, by=by, at=at) for share in shares]
    rows = answer_of(row).rows
    waiting = _numbers_known(rows, row.area_code)
    ResultRow.objects.bulk_create(
        [result_row(row, _leftover(found, waiting)) for found in rows], batch_size=1_000
    )
    counts: dict[str, object] = {**row.counts, "quarantine": len(rows)}
    counts["codes"] = dict(Counter(_leftover(found, waiting).code for found in rows))
    ResultFile.objects.filter(pk=row.pk).update(
        state=ResultState.APPLIED, applied_at=at, counts=counts
    )
    audit.record(
        verb="disbursements.apply_result", by=by, at=at, target=row, counts=counts["codes"]
    )
    return made


def _numbers_known(rows: Iterable[BankRow], area_code: str) -> frozenset[str]:
    numbers = {list_of(row.reference) for row in rows} - {""}
    found = PayList.objects.filter(number__in=numbers, area_code__startswith=area_code)
    return frozenset(found.values_list("number", flat=True))


def _leftover(row: BankRow, known: frozenset[str]) -> Verdict:
    """Why a row of a statement is of no list that waits."""
    code = row.exception
    if not code:
        code = "not_awaited" if list_of(row.reference) in known else "unknown_reference"
    return Verdict(row, RowState.QUARANTINE, code)
