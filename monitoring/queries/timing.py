"""How fast the money came (planned day, SP2D, delivery) and why it came back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, Q, Sum, Value
from django.db.models.functions import Coalesce

from disbursements.choices import Decision, LineState, ReturnReason
from disbursements.models import ReturnCase
from monitoring.queries.money import ZERO, StageRow
from monitoring.queries.scope import Scope
from monitoring.rules import waits


@dataclass(frozen=True)
class TimeRow:
    """One stage: planned day, first and last SP2D, and the days between SP2D and delivery.

    `sp2d_days` counts from the planned day to the first SP2D (negative = before it).
    `within_10`, `within_30`, `later` count people by calendar days after the SP2D; `waiting` are
    people whose money was released and is neither delivered nor settled otherwise.
    """

    key: str
    programme: str
    name: str
    planned: date
    first_sp2d: date | None = None
    last_sp2d: date | None = None
    sp2d_days: int | None = None
    median_days: int | None = None
    longest_days: int | None = None
    within_10: int = 0
    within_30: int = 0
    later: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class ReturnRow:
    """Returns of one cause and what was decided about them; people and rupiah."""

    key: str
    name: str
    count: int
    amount: Decimal
    follow_up: int = 0
    heir: int = 0
    treasury: int = 0
    undecided: int = 0


WAITING = (LineState.SUBMITTED, LineState.UNKNOWN, LineState.WAITING, LineState.RETURNED)
# The old line of a repaid return is told by its follow-up line.
LEFT_OUT = (LineState.EXCLUDED, LineState.CANCELLED, LineState.REPAID)


def timeliness(scope: Scope, stages: Iterable[StageRow]) -> list[TimeRow]:
    """One row per stage, also for those without an SP2D yet. One query: few dates, many lines."""
    rows = (
        scope.lines()
        .exclude(state__in=LEFT_OUT)
        .annotate(released=Coalesce("pay_list__parent__sp2d_date", "pay_list__sp2d_date"))
        .filter(**scope.within("released"), released__isnull=False)
        .values("stage", "released", "settled_on", "state")
        .annotate(people=Count("pk"))
        .order_by()
    )
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(str(row["stage"]), []).append(row)
    return [_time_row(stage, groups.get(stage.key, [])) for stage in stages]


def _time_row(stage: StageRow, rows: list[dict[str, Any]]) -> TimeRow:
    days = [row["released"] for row in rows]
    first = min(days, default=None)
    found = waits(
        ((row["settled_on"] - row["released"]).days, row["people"])
        for row in rows
        if row["state"] == LineState.SETTLED
    )
    return TimeRow(
        key=stage.key,
        programme=stage.programme,
        name=stage.name,
        planned=stage.planned,
        first_sp2d=first,
        last_sp2d=max(days, default=None),
        sp2d_days=(first - stage.planned).days if first else None,
        median_days=found.median,
        longest_days=found.longest,
        within_10=found.buckets[0],
        within_30=found.buckets[1],
        later=found.buckets[2],
        waiting=sum(row["people"] for row in rows if row["state"] in WAITING),
    )


def returns_by_cause(scope: Scope) -> list[ReturnRow]:
    """Returns of the period by cause, most first."""
    rows = scope.rows(ReturnCase.objects, "line__pay_list__version").filter(
        **scope.within("returned_on")
    )
    counts = {
        name: Count("pk", filter=Q(decision=decision))
        for name, decision in (
            ("follow_up", Decision.FOLLOW_UP),
            ("heir", Decision.HEIR),
            ("treasury", Decision.TREASURY),
            ("undecided", ""),
        )
    }
    sums = rows.values("reason").annotate(
        count=Count("pk"),
        money=Coalesce(Sum("amount"), Value(ZERO), output_field=DecimalField()),
        **counts,
    )
    found = [
        ReturnRow(
            key=row["reason"],
            name=str(ReturnReason(row["reason"]).label),
            count=row["count"],
            amount=row["money"],
            **{name: row[name] for name in counts},
        )
        for row in sums.order_by()
    ]
    return sorted(found, key=lambda row: (-row.count, row.name))
