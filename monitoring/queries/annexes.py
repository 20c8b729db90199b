"""The rows behind the sums, for the annexes of a report: pay lists and returns, without names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from bansos.regions.queries import names_of
from disbursements.choices import Decision, ListState, ReturnReason
from disbursements.models import PayList, ReturnCase
from monitoring.queries.scope import Scope


@dataclass(frozen=True)
class ListRow:
    """One pay list: number, where, stage, state, people and rupiah, its SP2D."""

    number: str
    area: str
    stage: str
    state: str
    people: int
    amount: Decimal
    sp2d_number: str
    sp2d_date: date | None = None


@dataclass(frozen=True)
class CaseRow:
    """One return by the bank's reference: never a name or an account."""

    reference: str
    area: str
    cause: str
    returned_on: date
    amount: Decimal
    decision: str
    sts_number: str
    sts_date: date | None = None


def list_rows(scope: Scope) -> list[ListRow]:
    """Lists with an SP2D in the period, and their follow-ups; by area, stage and number.

    A list belongs to a regency: a report on a district has none.
    """
    rows = (
        scope.rows(PayList.objects, "version")
        .exclude(state__in=[ListState.DRAFT, ListState.CANCELLED])
        .filter(
            Q(**scope.within("sp2d_date"), sp2d_date__isnull=False)
            | Q(**scope.within("parent__sp2d_date"), parent__sp2d_date__isnull=False)
        )
        .select_related("stage")
        .order_by("area_code", "stage__number", "number")
    )
    found = list(rows)
    names = names_of([row.area_code for row in found])
    return [
        ListRow(
            number=row.number,
            area=names.get(row.area_code, row.area_code),
            stage=row.stage.name,
            state=str(ListState(row.state).label),
            people=row.count,
            amount=row.total,
            sp2d_number=row.sp2d_number,
            sp2d_date=row.sp2d_date,
        )
        for row in found
    ]


def case_rows(scope: Scope) -> list[CaseRow]:
    """Returns of the period, by area and reference."""
    rows = (
        scope.rows(ReturnCase.objects, "line__pay_list__version")
        .filter(**scope.within("returned_on"))
        .select_related("line")
        .order_by("area_code", "line__reference")
        .only(
            *("area_code", "reason", "returned_on", "amount", "decision", "sts_number"),
            *("sts_date", "line__reference"),
        )
    )
    found = list(rows)
    names = names_of([row.area_code for row in found])
    return [
        CaseRow(
            reference=row.line.reference,
            area=names.get(row.area_code[:8], row.area_code[:8]),
            cause=str(ReturnReason(row.reason).label),
            returned_on=row.returned_on,
            amount=row.amount,
            decision=str(Decision(row.decision).label) if row.decision else "",
            sts_number=row.sts_number,
            sts_date=row.sts_date,
        )
        for row in found
    ]
