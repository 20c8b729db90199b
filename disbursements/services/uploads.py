"""A bank's file is handed in: a small one is read at once, a large one by a worker."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.blobs import get_bytes
from bansos.lib.crypto import open_bytes
from bansos.lib.sheets.guard import inspect_upload
from disbursements.choices import ResultState
from disbursements.models import PayList, ResultFile
from disbursements.rules.statements import Format, format_of
from disbursements.services import moves, results, staging, statements
from disbursements.services.applying import may_answer
from disbursements.services.reading import SEALED_FOR

# Up to here somebody waits in front of the page: some ten thousand rows, a second or two.
BYTES_AT_ONCE = 1_000_000


@transaction.atomic
def hand_in(
    *, pay_list: PayList, data: bytes, file_name: str, by: User, at: datetime
) -> ResultFile:
    """Store a bank's answer to a list; a large file is read by a worker.

    Raises what results.upload_result() raises; of a large file only what is told without reading
    its rows, the rest ends the job with the same sentence and the file is not kept.
    """
    if len(data) <= BYTES_AT_ONCE:
        return results.upload_result(
            pay_list=pay_list, data=data, file_name=file_name, by=by, at=at
        )
    moves.require_right(by, Permission.BANK_RESULT)
    digest = hashlib.sha256(data).hexdigest()
    if format_of(data) != Format.TABLE:
        row = PayList.objects.get(pk=pay_list.pk)
        may_answer(row)
        known = results.answer_with(row, digest)
        return known or _keep_statement(data, file_name, by, at)
    inspect_upload(data, file_name)
    row = moves.lock_row(pay_list)
    may_answer(row)
    known = results.answer_with(row, digest)
    if known is not None:
        return known
    return _begin(results.store_table(row, data, file_name, by, at), by, at)


@transaction.atomic
def hand_in_statement(*, data: bytes, file_name: str, by: User, at: datetime) -> ResultFile:
    """Store a file of a standard format; a large one is read by a worker.

    Raises what results.upload_statement() raises, of a large file as hand_in() does.
    """
    if len(data) <= BYTES_AT_ONCE:
        return results.upload_statement(data=data, file_name=file_name, by=by, at=at)
    moves.require_right(by, Permission.BANK_RESULT)
    return _keep_statement(data, file_name, by, at)


def _keep_statement(data: bytes, file_name: str, by: User, at: datetime) -> ResultFile:
    known = statements.known_statement(hashlib.sha256(data).hexdigest(), by)
    if known is not None:
        return known
    kind = statements.kind_of(data)
    if kind == Format.SHEET:
        inspect_upload(data, file_name)
    return _begin(statements.keep_statement(data, kind, file_name, by, at), by, at)


def _begin(result: ResultFile, by: User, at: datetime) -> ResultFile:
    audit.record(
        verb="disbursements.upload_result", by=by, at=at, target=result, sha256=result.sha256
    )
    results.ask_reading(result, by=by, at=at)
    return result


@transaction.atomic
def read(*, result: ResultFile, by: User, at: datetime) -> int:
    """Read a file for which a worker was asked, all of it; how many rows. Raises BadInput or
    Refused for a file that is no answer of its list."""
    row = ResultFile.objects.without_bytes().select_for_update().get(pk=result.pk)
    data = open_bytes(get_bytes(row, "sealed_file") or b"", context=SEALED_FOR)
    if row.pay_list is None:
        statements.divide_statement(row, data)
        for share in row.shares.all():
            results.preview(share)
    elif row.headers:
        results.preview(row, data)
    else:
        # Nearly the number of rows of a CSV, to show how far the reading is.
        row.counts = {"rows": data.count(b"\n") if row.file_name.lower().endswith("csv") else 0}
        results.study(row, data)
    row.job = None
    row.save(update_fields=["job"])
    rows = int(str(row.counts.get("entries", row.counts["rows"])))
    audit.record(
        verb="disbursements.read_result", by=by, at=at, target=row, sha256=row.sha256, rows=rows
    )
    return rows


def stop(*, result: ResultFile, by: User, at: datetime) -> None:
    """The reading was cancelled or failed: a file never read is not kept, one that was stays."""
    staging.clear(result)
    if result.counts or result.state != ResultState.CHECKED:
        return
    ResultFile.objects.filter(pk=result.pk).update(state=ResultState.REFUSED, sealed_file=None)
    audit.record(
        verb="disbursements.refuse_result", by=by, at=at, target=result, sha256=result.sha256
    )
