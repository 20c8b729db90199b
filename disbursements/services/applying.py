"""Applying a bank's answer, 2,000 rows at a time, each row once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.jobs import services as jobs
from bansos.jobs.choices import JobState
from bansos.jobs.models import Job
from bansos.lib.errors import Refused
from bansos.lib.faults import point
from bansos.lib.sheets.mapping import require_columns
from disbursements.choices import (
    LedgerKind,
    LineState,
    Outcome,
    ResultFormat,
    ResultState,
    ReturnReason,
    ReturnState,
    RowState,
)
from disbursements.models import (
    CashCounter,
    PayList,
    PaymentLine,
    ResultFile,
    ResultRow,
    ReturnCase,
)
from disbursements.rules.matching import QUARANTINE, KnownLine, Verdict, match_rows
from disbursements.rules.moves import AT_BANK, AWAITS_RESULT
from disbursements.rules.references import list_of as number_of
from disbursements.services import budgets, chains, moves
from disbursements.services.preflight import Progress
from disbursements.services.reading import COLUMNS, BankAnswer, answer_of
from disbursements.services.submissions import records

CHUNK = 2_000


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


def own_answer(pay_list: PayList, answer: BankAnswer) -> None:
    """Raises Refused for a table that names other lists and this one nowhere."""
    named = {number for row in answer.rows if (number := number_of(row.reference))}
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


def only_checked(result: ResultFile) -> None:
    """Raises Refused when the file is applied, refused or being worked on."""
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
    row = ResultFile.objects.select_related("source").get(pk=result.pk)
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
    row = ResultFile.objects.select_for_update().get(pk=result.pk)
    if row.job is not None and row.state != ResultState.REFUSED and not may_apply(row):
        return row.job
    only_checked(row)
    may_answer(moves.lock_row(list_of(row)))
    if row.format == ResultFormat.TABLE:
        require_columns(row.mapping, row.headers, COLUMNS)
        own_answer(list_of(row), answer_of(row))
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


def apply_step(*, result: ResultFile, by: User, at: datetime) -> Progress:
    """Apply the next 2,000 rows; call inside a transaction. Repeating a step changes nothing.

    Holds the list, so that two files of one list follow each other.
    """
    pay_list = moves.lock_family(list_of(result))
    may_answer(pay_list)
    answer = answer_of(result)
    # Every row of the file leaves one row of ours, so their number is where to go on; rows linked
    # at the desk meanwhile belong to the same file but are no row of it.
    start = ResultRow.objects.filter(result=result, origin=None).count()
    chunk = answer.rows[start : start + CHUNK]
    verdicts = judge(pay_list.pk, answer, chunk)
    point("answer.judged")
    _write(pay_list, result, verdicts, by, at)
    done = start + len(chunk)
    if done < len(answer.rows):
        return Progress(False, done, {"row": done})
    _finish(pay_list, result, by, at)
    point("answer.finished")
    return Progress(True, done)


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


def _write(
    pay_list: PayList, result: ResultFile, verdicts: Sequence[Verdict], by: User, at: datetime
) -> None:
    ResultRow.objects.bulk_create([result_row(result, verdict) for verdict in verdicts])
    applied = [verdict for verdict in verdicts if verdict.state == RowState.APPLIED]
    if not applied:
        return
    # Not only at the end: a job that stops half-way must not leave a paid file in doubt.
    records.bank_has_answered(pay_list=pay_list, by=by, at=at)
    today = at.astimezone(pay_list.budget.agency.zone).date()
    settled = [v for v in applied if v.row.outcome == Outcome.SETTLED]
    returned = [v for v in applied if v.row.outcome == Outcome.RETURNED and not v.late]
    late = [v for v in applied if v.late]
    _settle(pay_list, settled, today)
    point("answer.settled")
    _return(pay_list, returned, AT_BANK, today)
    _return(pay_list, late, (LineState.SETTLED,), today)
    point("answer.returned")
    first = verdicts[0].row.row_number
    for kind, rows in ((LedgerKind.SETTLE, settled), (LedgerKind.LATE_RETURN, late)):
        if rows:
            budgets.post(
                kind=kind,
                key=f"result:{result.pk}:{kind}:{first}",
                budget=pay_list.budget,
                allocation=pay_list.allocation,
                amount=_sum(rows),
                by=by,
                at=at,
                subject=result,
                note=f"{pay_list.number}: {len(rows)} KPM",
            )
    chains.settled(line_ids=_ids(settled), at=at)
    chains.came_back(line_ids=_ids(late), at=at)


def _ids(verdicts: Sequence[Verdict]) -> list[int]:
    return [verdict.line_id for verdict in verdicts if verdict.line_id is not None]


def _sum(verdicts: Sequence[Verdict]) -> Decimal:
    return sum((v.row.amount for v in verdicts if v.row.amount is not None), Decimal(0))


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


def _day(pay_list: PayList, verdict: Verdict, today: date) -> date:
    """The bank's day when it can be true: not before the sending, not in the future."""
    day = verdict.row.bank_date
    sent = (pay_list.sent_at or pay_list.made_at).astimezone(pay_list.budget.agency.zone).date()
    return day if day is not None and sent <= day <= today else today


def _settle(pay_list: PayList, verdicts: Sequence[Verdict], today: date) -> None:
    by_day: dict[date, list[int]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.line_id is not None:
            by_day[_day(pay_list, verdict, today)].append(verdict.line_id)
    for day, ids in by_day.items():
        changed = PaymentLine.objects.filter(pk__in=ids, state__in=AT_BANK).update(
            state=LineState.SETTLED, settled_on=day
        )
        if changed != len(ids):
            raise moves.stale()


def _return(
    pay_list: PayList, verdicts: Sequence[Verdict], old: Sequence[LineState], today: date
) -> None:
    ids = _ids(verdicts)
    changed = PaymentLine.objects.filter(pk__in=ids, state__in=old).update(state=LineState.RETURNED)
    if changed != len(ids):
        raise moves.stale()
    areas = dict(PaymentLine.objects.filter(pk__in=ids).values_list("pk", "area_code"))
    ReturnCase.objects.bulk_create(
        [
            ReturnCase(
                line_id=verdict.line_id,
                area_code=areas.get(verdict.line_id or 0, pay_list.area_code),
                reason=verdict.row.reason or ReturnReason.OTHER,
                bank_text=verdict.row.bank_text,
                returned_on=_day(pay_list, verdict, today),
                amount=verdict.row.amount,
                state=ReturnState.OPEN,
            )
            for verdict in verdicts
        ]
    )


def _finish(pay_list: PayList, result: ResultFile, by: User, at: datetime) -> None:
    pay_list.lines.filter(state=LineState.SUBMITTED).update(state=LineState.UNKNOWN)
    records.bank_has_answered(pay_list=pay_list, by=by, at=at)
    moves.follow_lines(pay_list=pay_list, by=by, at=at)
    chains.refresh_parent(pay_list=pay_list, by=by, at=at)
    counts: dict[str, Any] = {"rows": result.counts.get("rows", 0)}
    own = result.rows.filter(origin=None)
    for state, outcome, code in own.values_list("state", "outcome", "quarantine_code"):
        key = str(outcome) if state == RowState.APPLIED else str(state)
        counts[key] = counts.get(key, 0) + 1
        if code:
            codes = counts.setdefault("codes", {})
            codes[code] = codes.get(code, 0) + 1
    counts["unknown"] = pay_list.lines.filter(state=LineState.UNKNOWN).count()
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
