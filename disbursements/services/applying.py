"""Applying a bank's answer, 10,000 rows at a time, each row once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.jobs import services as jobs
from bansos.jobs.choices import JobState
from bansos.jobs.models import Job
from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from bansos.lib.faults import point
from bansos.lib.sheets.mapping import require_columns
from disbursements.choices import (
    LedgerKind,
    LineState,
    ListKind,
    ResultFormat,
    ResultState,
    RowState,
)
from disbursements.models import CashCounter, PayList, PaymentLine, ResultFile, ResultRow
from disbursements.rules.matching import QUARANTINE, KnownLine, Verdict, match_rows
from disbursements.rules.moves import AWAITS_RESULT
from disbursements.services import budgets, chains, moves, staging
from disbursements.services.preflight import Progress
from disbursements.services.reading import COLUMNS, BankAnswer
from disbursements.services.submissions import records

CHUNK = 10_000


def may_answer(row: PayList) -> None:
    """Raises Refused unless the list is at the bank, so that an answer may come."""
    if CashCounter.objects.filter(pay_list=row).exists():
        raise Refused(
            "RESULT-CASH",
            _(
                "Daftar ini dibayar tunai di loket, jadi tidak menunggu hasil bank. Tidak ada yang"
                " berubah. Catat pembayarannya di halaman loket."
            ),
        )
    if row.state not in AWAITS_RESULT:
        raise Refused(
            "RESULT-STATE",
            _(
                "Daftar ini sekarang %(state)s, jadi hasil bank tidak dapat diterima. Tidak ada"
                " yang berubah. Periksa daftar mana yang dijawab bank, lalu unggah di sana."
            )
            % {"state": row.get_state_display()},
        )


def own_answer(pay_list: PayList, named: Sequence[str]) -> None:
    """Raises Refused for a table that names other lists and this one nowhere."""
    if named and pay_list.number not in named:
        raise Refused(
            "RESULT-OTHER-LIST",
            _(
                "Berkas ini menjawab daftar %(numbers)s, bukan daftar ini. Tidak ada yang berubah."
                " Unggah dari halaman daftar itu."
            )
            % {"numbers": ", ".join(sorted(named)[:3])},
        )


def may_apply(result: ResultFile) -> bool:
    """True while nothing works on a checked file: never begun, or its job failed or was stopped."""
    ended = result.job is not None and result.job.state in (JobState.FAILED, JobState.CANCELLED)
    return result.state == ResultState.CHECKED and (result.job is None or ended)


def not_while_read(result: ResultFile) -> None:
    """Raises Refused while a worker reads the file."""
    if result.is_being_read:
        raise Refused(
            "RESULT-READING",
            _(
                "Berkas ini masih dibaca di latar. Tidak ada yang berubah. Tunggu sampai selesai,"
                " atau batalkan pekerjaannya."
            ),
        )


def only_checked(result: ResultFile) -> None:
    """Raises Refused when the file is applied, refused or being worked on."""
    not_while_read(result)
    if not may_apply(result):
        raise Refused(
            "RESULT-DONE",
            _("Berkas hasil ini sudah diterapkan atau ditolak. Tidak ada yang berubah."),
        )


def list_of(result: ResultFile) -> PayList:
    """The list a file speaks of; raises Refused for a whole statement, which has its own act."""
    if result.pay_list is None:
        raise Refused(
            "RESULT-STATEMENT",
            _("Berkas ini rekening koran dengan banyak daftar. Terapkan dari halamannya."),
        )
    return result.pay_list


@transaction.atomic
def apply_result(*, result: ResultFile, by: User, at: datetime) -> Job:
    """Apply a mapped file in the background; a second call gives the same job.

    A file whose job failed or was stopped goes on behind the last row that is in. Raises Refused
    for the share of a statement that is not applied yet: its lists go together.
    """
    rows = ResultFile.objects.defer("sealed_file", "source__sealed_file")
    row = rows.select_related("source").get(pk=result.pk)
    if row.source is not None and row.source.state != ResultState.APPLIED:
        raise Refused(
            "RESULT-SHARE",
            _(
                "Bagian ini milik rekening koran yang belum diterapkan. Tidak ada yang berubah."
                " Terapkan rekening korannya dari halamannya."
            ),
        )
    return begin(result=row, by=by, at=at)


@transaction.atomic
def begin(*, result: ResultFile, by: User, at: datetime) -> Job:
    """apply_result() for a file of its own, or for a share by the hand of its statement."""
    moves.require_right(by, Permission.BANK_RESULT)
    row = ResultFile.objects.without_bytes().select_for_update().get(pk=result.pk)
    not_while_read(row)
    if row.job is not None and row.state != ResultState.REFUSED and not may_apply(row):
        return row.job
    only_checked(row)
    may_answer(moves.lock_row(list_of(row)))
    if row.format == ResultFormat.TABLE:
        require_columns(row.mapping, row.headers, COLUMNS)
        own_answer(list_of(row), row.counts.get("lists", ()))
    row.job = jobs.submit(
        kind="disbursements.apply_result",
        title=_("Menerapkan hasil bank %(number)s") % {"number": list_of(row).number},
        by=by,
        at=at,
        params={"result": row.pk},
        total=int(row.counts.get("rows", 0)),
    )
    row.save(update_fields=["job"])
    return row.job


def apply_step(
    *, result: ResultFile, by: User, at: datetime, cursor: Mapping[str, object] | None = None
) -> Progress:
    """Apply the next 10,000 rows; call inside a transaction. Repeating a step changes nothing.

    Holds the list, so that two files of one list follow each other. The first step reads the file
    into the staging table; so does any step that finds it empty, as it is after a crash.
    """
    pay_list = moves.lock_family(list_of(result))
    may_answer(pay_list)
    after, done = _stand(result, cursor or {})
    total = int(result.counts.get("rows", 0))
    part = staging.next_part(result, after=after, limit=CHUNK)
    if part is None and done < total:
        staging.stage(result)
        part = staging.next_part(result, after=after, limit=CHUNK)
    if part is not None:
        done += staging.write_rows(result, part)
        point("answer.judged")
        _book(pay_list, result, part, by, at)
        if done < total:
            return Progress(False, done, {"row": part.last, "done": done})
    _finish(pay_list, result, by, at)
    point("answer.finished")
    return Progress(True, done)


def _stand(result: ResultFile, cursor: Mapping[str, object]) -> tuple[int, int]:
    """The last row that is in, and how many are.

    Every row of the file leaves one row of ours, so their number is how far it is; rows linked at
    the desk meanwhile belong to the same file but are no row of it. They are counted anew only
    when the step before was not of this job: to count a long file in each step is to read it a
    hundred times.
    """
    own = ResultRow.objects.filter(result=result, origin=None)
    # Not MAX(): it reads every row of the file in each step, this reads one from the index.
    last = own.order_by("-row_number").values_list("row_number", flat=True).first() or 0
    if last and cursor.get("row") == last:
        return last, int(str(cursor["done"]))
    return last, own.count()


def judge(pay_list_id: int, answer: BankAnswer, rows: Sequence[Any]) -> list[Verdict]:
    """What applying these rows now would do; reads only."""
    references = [row.reference for row in rows if row.reference]
    lines = PaymentLine.objects.filter(reference__in=references).values_list(
        "pk", "pay_list_id", "amount", "account_index", "state", "reference"
    )
    told: dict[int, set[str]] = defaultdict(set)
    undone: dict[int, set[str]] = defaultdict(set)
    found = list(lines)
    words = ResultRow.objects.filter(line__in=[row[0] for row in found], state=RowState.APPLIED)
    for line_id, outcome in words.standing().values_list("line_id", "outcome"):
        told[line_id].add(outcome)
    for line_id, outcome in words.taken_back().values_list("line_id", "outcome"):
        undone[line_id].add(outcome)
    known = {
        reference: KnownLine(
            pk,
            list_id,
            amount,
            index or "",
            LineState(state),
            frozenset(told[pk]),
            frozenset(undone[pk]),
        )
        for pk, list_id, amount, index, state, reference in found
    }
    return match_rows(rows, known, pay_list_id=pay_list_id, doubles=answer.doubles)


def _book(
    pay_list: PayList, result: ResultFile, part: staging.Part, by: User, at: datetime
) -> None:
    """Lines, returns and the ledger follow the rows of this part that were applied."""
    told = staging.applied(result, part)
    if not told.count:
        return
    # Not only at the end: a job that stops half-way must not leave a paid file in doubt.
    records.bank_has_answered(pay_list=pay_list, by=by, at=at)
    zone = pay_list.budget.agency.zone
    sent = day_of(pay_list.sent_at or pay_list.made_at, zone)
    days = (sent, day_of(at, zone))
    if staging.settle_lines(result, part, days) != told.settled:
        raise moves.stale()
    point("answer.settled")
    if staging.return_lines(result, part, late=told.late) != told.returned:
        raise moves.stale()
    staging.open_cases(result, part, days)
    point("answer.returned")
    for kind, count, amount in (
        (LedgerKind.SETTLE, told.settled, told.settled_amount),
        (LedgerKind.LATE_RETURN, len(told.late), told.late_amount),
    ):
        if count:
            budgets.post(
                kind=kind,
                key=f"result:{result.pk}:{kind}:{part.first}",
                budget=pay_list.budget,
                allocation=pay_list.allocation,
                amount=amount,
                by=by,
                at=at,
                subject=result,
                note=f"{pay_list.number}: {count} KPM",
            )
    if pay_list.kind == ListKind.FOLLOW_UP:  # only its lines pay others again
        chains.settled(line_ids=staging.settled_ids(result, part), at=at)
        chains.came_back(line_ids=told.late, at=at)


def result_row(result: ResultFile, verdict: Verdict) -> ResultRow:
    """What is written of one judged row."""
    row = verdict.row
    reason = str(QUARANTINE[verdict.code]) if verdict.code else ""
    return ResultRow(
        result=result,
        row_number=row.row_number,
        reference=row.reference,
        amount=row.amount,
        account_index=row.account_index,
        name=row.name,
        outcome=row.outcome or "",
        reason=row.reason or "",
        bank_text=row.bank_text,
        bank_date=row.bank_date,
        bank_reference=row.bank_reference,
        currency=row.currency,
        reason_code=row.reason_code,
        state=verdict.state,
        quarantine_code=verdict.code,
        quarantine_reason=reason,
        line_id=verdict.line_id,
    )


def _finish(pay_list: PayList, result: ResultFile, by: User, at: datetime) -> None:
    if pay_list.has_lines(LineState.SUBMITTED):
        moves.set_lines(pay_list, [LineState.SUBMITTED], LineState.UNKNOWN)
    records.bank_has_answered(pay_list=pay_list, by=by, at=at)
    moves.follow_lines(pay_list=pay_list, by=by, at=at)
    chains.refresh_parent(pay_list=pay_list, by=by, at=at)
    counts: dict[str, Any] = {"rows": result.counts.get("rows", 0)}
    own = result.rows.filter(origin=None).values_list("state", "outcome", "quarantine_code")
    for state, outcome, code, count in own.annotate(n=Count("pk")).order_by():
        key = str(outcome) if state == RowState.APPLIED else str(state)
        counts[key] = counts.get(key, 0) + count
        if code:
            codes = counts.setdefault("codes", {})
            codes[code] = codes.get(code, 0) + count
    staging.clear(result)
    if counts["rows"] >= moves.MANY_LINES:
        moves.tell_states()
    counts["unknown"] = pay_list.count_lines(LineState.UNKNOWN)
    ResultFile.objects.filter(pk=result.pk).update(
        state=ResultState.APPLIED, applied_at=at, counts=counts
    )
    audit.record(
        verb="disbursements.apply_result",
        by=by,
        at=at,
        target=result,
        list=pay_list.number,
        counts=counts,
    )
