"""What the bank answered: stored sealed, mapped, previewed; applied by its neighbour applying."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.jobs import services as jobs
from bansos.lib import pulse
from bansos.lib.blobs import put_bytes
from bansos.lib.crypto import seal_bytes
from bansos.lib.errors import BadInput, NotAllowed, Refused
from bansos.lib.scopes import covers
from bansos.lib.sheets.mapping import require_columns, study_headers
from beneficiaries.models import Layout
from disbursements.choices import ResultState, RowState
from disbursements.models import PayList, ResultFile, ResultRow, StagedRow
from disbursements.models.bank import READ_JOB
from disbursements.rules.matching import Verdict
from disbursements.rules.statements import Format, format_of
from disbursements.services import moves, staging, statements
from disbursements.services.applying import (
    apply_result,
    judge,
    may_answer,
    may_apply,
    only_checked,
    own_answer,
)
from disbursements.services.reading import (
    COLUMNS,
    PURPOSE,
    SEALED_FOR,
    Overview,
    rows_of,
    studied,
    upload_slices,
)
from disbursements.services.statements import apply_statement

__all__ = [
    "PREVIEW_ROWS",
    "STAGED_FOR",
    "apply_result",
    "apply_statement",
    "clear_old_rows",
    "count_verdicts",
    "has_begun",
    "may_apply",
    "refuse_result",
    "set_result_mapping",
    "upload_result",
    "upload_statement",
]

# So long the rows of a long answer stay read while nobody applies or refuses its file.
STAGED_FOR = timedelta(days=7)
# Up to here the preview is counted while the officer waits.
PREVIEW_ROWS = 5_000
# Up to here a file whose columns were matched by hand is read while the officer waits.
ROWS_AT_ONCE = 10_000


@transaction.atomic
def upload_result(
    *, pay_list: PayList, data: bytes, file_name: str, by: User, at: datetime
) -> ResultFile:
    """Read and store a bank's answer; the same bytes again give the same file, nothing is doubled.

    The format is told by the content. A file of a standard format is divided among all the lists
    it names; given back is the share of this list, or the statement when it names this list
    nowhere. Raises BadInput with one sentence for a file that is no answer, Refused when the list
    is not at the bank. Nothing is applied before apply_result().
    """
    moves.require_right(by, Permission.BANK_RESULT)
    if format_of(data) != Format.TABLE:
        return _share(pay_list, data, file_name, by, at)
    row = moves.lock_row(pay_list)
    may_answer(row)
    digest = hashlib.sha256(data).hexdigest()
    known: ResultFile | None = answer_with(row, digest)
    if known is not None:
        return known
    result = store_table(row, data, file_name, by, at)
    study(result, data)
    audit.record(
        verb="disbursements.upload_result",
        by=by,
        at=at,
        target=result,
        sha256=digest,
        rows=result.counts["rows"],
        list=row.number,
    )
    return result


def answer_with(row: PayList, digest: str) -> ResultFile | None:
    """The answer of these bytes that a list has already."""
    found = row.results.without_bytes().filter(sha256=digest).exclude(state=ResultState.REFUSED)
    return found.first()


def store_table(
    row: PayList, data: bytes, file_name: str, by: User, at: datetime, **more: Any
) -> ResultFile:
    """A table as it came, sealed; nothing of it is read."""
    result = ResultFile.objects.create(
        pay_list=row,
        area_code=row.area_code,
        file_name=file_name[-150:],
        sha256=hashlib.sha256(data).hexdigest(),
        uploaded_at=at,
        uploaded_by=by,
        **more,
    )
    put_bytes(result, "sealed_file", seal_bytes(data, context=SEALED_FOR))
    return result


def study(result: ResultFile, data: bytes) -> None:
    """Find the columns of a stored table and preview() it when all are known.

    Raises BadInput for a file that is no answer, Refused for the answer of another list.
    """
    if result.pay_list is None:
        raise ValueError("A table speaks of one list.")
    table = next(upload_slices(data, result.file_name))
    area_code = result.pay_list.budget.area_code
    layout = Layout.objects.filter(
        purpose=PURPOSE, signature=table.signature, area_code=area_code
    ).first()
    result.signature, result.headers = table.signature, list(table.headers)
    guess = study_headers(table.headers, COLUMNS)
    result.mapping = layout.mapping if layout else guess.mapping
    result.save(update_fields=["signature", "headers", "mapping"])
    if _missing(result.mapping):
        result.counts = {"rows": _count(data, result.file_name)}
        result.save(update_fields=["counts"])
    else:
        preview(result, data)
        own_answer(result.pay_list, result.counts["lists"])


def _count(data: bytes, file_name: str) -> int:
    count = 0
    for part in upload_slices(data, file_name):
        count += len(part.rows)
        pulse.beat(count, 0)
    return count


@transaction.atomic
def upload_statement(*, data: bytes, file_name: str, by: User, at: datetime) -> ResultFile:
    """Store a file of a standard format for all the lists it names, and count what it would do.

    Raises what store_statement() raises.
    """
    statement = statements.store_statement(data=data, file_name=file_name, by=by, at=at)
    if statement.uploaded_at == at:
        for share in statement.shares.all():
            preview(share)
    return statement


def _share(pay_list: PayList, data: bytes, file_name: str, by: User, at: datetime) -> ResultFile:
    """The share of one list. No list is held: shares of others are written, each touches its own.

    Who holds one list and waits for another meets somebody who does it the other way round.
    """
    row = PayList.objects.get(pk=pay_list.pk)
    may_answer(row)
    digest = hashlib.sha256(data).hexdigest()
    known = answer_with(row, digest)
    if known is not None:
        return known
    statement = upload_statement(data=data, file_name=file_name, by=by, at=at)
    own = statement.shares.filter(pay_list=row).first()
    return own if own is not None else statement


def _missing(mapping: Mapping[str, int]) -> list[str]:
    return [column.key for column in COLUMNS if column.required and column.key not in mapping]


@transaction.atomic
def set_result_mapping(
    *, result: ResultFile, mapping: Mapping[str, int], by: User, at: datetime
) -> ResultFile:
    """Say which column is which; remembered for the next file of this layout.

    Raises BadInput when a required column has no place or a column serves two fields, Refused
    once a row of the file is in: one file is read in one way.
    """
    moves.require_right(by, Permission.BANK_RESULT)
    result = ResultFile.objects.without_bytes().select_for_update().get(pk=result.pk)
    only_checked(result)
    if has_begun(result):
        raise Refused(
            "RESULT-BEGUN",
            _(
                "Sebagian baris berkas ini sudah diterapkan, jadi pencocokan kolomnya tetap."
                " Tidak ada yang berubah. Terapkan sisanya."
            ),
        )
    if result.pay_list is None or result.format != Format.TABLE:
        raise BadInput("RESULT-MAPPING", _("Berkas format baku tidak memerlukan pencocokan kolom."))
    places = [place for place in mapping.values() if 0 <= place < len(result.headers)]
    if len(places) != len(mapping) or len(set(places)) != len(places):
        raise BadInput(
            "RESULT-MAPPING", _("Satu kolom hanya untuk satu isian. Periksa pencocokan kolom.")
        )
    require_columns(mapping, result.headers, COLUMNS)
    result.mapping = dict(mapping)
    result.save(update_fields=["mapping"])
    Layout.objects.update_or_create(
        purpose=PURPOSE,
        signature=result.signature,
        area_code=result.pay_list.budget.area_code,
        defaults={"mapping": dict(mapping), "used_at": at},
    )
    if int(result.counts.get("rows", 0)) > ROWS_AT_ONCE:
        ask_reading(result, by=by, at=at)
    else:
        preview(result)
    return result


def ask_reading(result: ResultFile, *, by: User, at: datetime) -> None:
    """Let a worker read a stored file; nobody applies or refuses it meanwhile."""
    of = result.pay_list.number if result.pay_list else _("rekening koran")
    result.job = jobs.submit(
        kind=READ_JOB,
        title=_("Membaca hasil bank %(number)s") % {"number": of},
        by=by,
        at=at,
        params={"result": result.pk},
        total=int(result.counts.get("rows", 0)),
    )
    result.save(update_fields=["job"])


def has_begun(*results: ResultFile) -> bool:
    """A row of one of these files is in."""
    return bool(ResultRow.objects.filter(result__in=results).exists())


def preview(result: ResultFile, data: bytes | None = None) -> None:
    """Count what the file says and, of a short one, what applying it would do now.

    A long table is staged as it is read: reading it once more would double its work.
    """
    seen = Overview()
    rows = seen.of(rows_of(result, data))
    few = list(islice(rows, PREVIEW_ROWS + 1))
    counts: dict[str, Any] = {}
    if len(few) <= PREVIEW_ROWS:
        answer = studied(tuple(few), Format(result.format))
        verdicts = judge(int(str(result.pay_list_id)), answer, answer.rows)
        counts["preview"] = count_verdicts(verdicts)
    elif result.format == Format.TABLE:
        staging.stage(result, rows=chain(few, rows))
    else:
        deque(rows, maxlen=0)
    counts |= {"rows": seen.count, "lists": seen.lists}
    result.counts = counts
    result.save(update_fields=["counts"])


def count_verdicts(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """Settled, returned, late, same, quarantine: how many rows are what."""
    counts = {"settled": 0, "returned": 0, "late": 0, "same": 0, "quarantine": 0}
    for verdict in verdicts:
        if verdict.state == RowState.APPLIED:
            counts[str(verdict.row.outcome)] += 1
            counts["late"] += verdict.late
        else:
            counts[str(verdict.state)] += 1
    return counts


@transaction.atomic
def refuse_result(*, result: ResultFile, by: User, at: datetime) -> None:
    """Throw a file away before it is applied, with all its shares: its bytes are deleted.

    Raises Refused once a row of it is in: what moved money stays provable.
    """
    moves.require_right(by, Permission.BANK_RESULT)
    row = (
        ResultFile.objects.without_bytes().select_for_update().get(pk=result.source_id or result.pk)
    )
    if not covers(by.area_code, row.area_code):
        raise NotAllowed(
            "RESULT-AREA",
            _(
                "Berkas ini diunggah kantor lain dan memuat juga daftar di luar wilayah Anda, jadi"
                " tidak Anda tolak. Tidak ada yang berubah. Hubungi yang mengunggahnya."
            ),
        )
    whole = [row, *ResultFile.objects.without_bytes().select_for_update().filter(source=row)]
    for part in whole:
        only_checked(part)
    if has_begun(*whole):
        raise Refused(
            "RESULT-BEGUN",
            _(
                "Sebagian baris berkas ini sudah diterapkan, jadi berkas tidak dapat ditolak."
                " Terapkan sisanya."
            ),
        )
    ResultFile.objects.filter(pk__in=[part.pk for part in whole]).update(
        state=ResultState.REFUSED, sealed_file=None
    )
    for part in whole:
        staging.clear(part)
    audit.record(verb="disbursements.refuse_result", by=by, at=at, target=row, sha256=row.sha256)


def clear_old_rows(*, at: datetime) -> int:
    """Rows read from files that nobody applied for STAGED_FOR are cleared; how many files.

    They hold names and are a copy: the file itself stays, waits as before, and is read again when
    it is applied. Each file in its own transaction, with its event in the trail.
    """
    staged = StagedRow.objects.filter(result=OuterRef("pk"))
    waiting = ResultFile.objects.filter(
        Exists(staged), state=ResultState.CHECKED, uploaded_at__lt=at - STAGED_FOR
    )
    return sum(_clear_one(pk, at) for pk in waiting.values_list("pk", flat=True))


@transaction.atomic
def _clear_one(pk: int, at: datetime) -> bool:
    row = ResultFile.objects.without_bytes().select_for_update().get(pk=pk)
    if not may_apply(row):
        return False
    staging.clear(row)
    audit.record(
        verb="disbursements.clear_staged_rows",
        by=None,
        at=at,
        target=row,
        reason=_("Berkas belum diterapkan dalam %(days)s hari; berkasnya tetap tersimpan.")
        % {"days": STAGED_FOR.days},
        sha256=row.sha256,
    )
    return True
