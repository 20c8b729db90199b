"""A returned line and the lines that pay it again: what happens at one end is told to the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bansos.accounts.models import User
from disbursements.choices import Decision, LineState, ListKind, ReturnState
from disbursements.models import PayList, PaymentLine, ReturnCase
from disbursements.services import moves


def origins_of(line_ids: Sequence[int]) -> list[int]:
    """Every line that the given ones pay again, directly or through another follow-up list."""
    found: list[int] = []
    step = list(line_ids)
    while step:
        step = list(
            PaymentLine.objects.filter(pk__in=step, retransfer_of__isnull=False).values_list(
                "retransfer_of_id", flat=True
            )
        )
        found += step
    return found


def lines_to_heirs(lines: Iterable[PaymentLine]) -> set[int]:
    """Which of the lines pay an heir: a return they pay again, near or far, was decided so."""
    found: set[int] = set()
    step = {line.pk: line.retransfer_of_id for line in lines if line.retransfer_of_id}
    while step:
        origins = PaymentLine.objects.filter(pk__in=set(step.values()))
        rows = {
            pk: (before, decision)
            for pk, before, decision in origins.values_list(
                "pk", "retransfer_of_id", "return_case__decision"
            )
        }
        found |= {pk for pk, origin in step.items() if rows[origin][1] == Decision.HEIR}
        step = {pk: rows[origin][0] for pk, origin in step.items() if rows[origin][0]}
    return found


def settled(*, line_ids: Sequence[int], at: datetime) -> None:
    """A follow-up line was delivered: the lines it pays again are paid, their cases done."""
    origins = origins_of(line_ids)
    if not origins:
        return
    PaymentLine.objects.filter(pk__in=origins, state=LineState.RETURNED).update(
        state=LineState.REPAID
    )
    ReturnCase.objects.filter(line__in=origins, state=ReturnState.IN_FOLLOW_UP).update(
        state=ReturnState.DONE, done_at=at
    )


def came_back(*, line_ids: Sequence[int], at: datetime) -> None:
    """A delivered follow-up line came back late: what it had paid again is open again."""
    origins = origins_of(line_ids)
    if not origins:
        return
    PaymentLine.objects.filter(pk__in=origins, state=LineState.REPAID).update(
        state=LineState.RETURNED
    )
    ReturnCase.objects.filter(line__in=origins, state=ReturnState.DONE).update(
        state=ReturnState.IN_FOLLOW_UP, done_at=None
    )


def paid_back(*, line_id: int, at: datetime) -> None:
    """The money of a returned line went to kas daerah: with it, of the lines it paid again."""
    origins = [line_id, *origins_of([line_id])]
    PaymentLine.objects.filter(pk__in=origins, state=LineState.RETURNED).update(
        state=LineState.PAID_BACK
    )
    ReturnCase.objects.filter(line__in=origins).exclude(state=ReturnState.DONE).update(
        state=ReturnState.DONE, done_at=at
    )


def owed_again(*, line_id: int, at: datetime) -> None:
    """A deposit slip was taken back: the line and the lines it paid again are returns again.

    Their cases wait in the follow-up list they were in; the caller says what its own case does.
    """
    origins = origins_of([line_id])
    PaymentLine.objects.filter(pk__in=[line_id, *origins], state=LineState.PAID_BACK).update(
        state=LineState.RETURNED
    )
    ReturnCase.objects.filter(line__in=origins, state=ReturnState.DONE).update(
        state=ReturnState.IN_FOLLOW_UP, done_at=None
    )


def refresh_parent(*, pay_list: PayList, by: User, at: datetime) -> None:
    """After a change in a follow-up list, its main list and sister lists follow."""
    main = pay_list.parent or pay_list
    family = PayList.objects.filter(parent=main, kind=ListKind.FOLLOW_UP)
    for row in [main, *family]:
        if row.pk != pay_list.pk:
            moves.follow_lines(pay_list=moves.lock_row(row), by=by, at=at)
