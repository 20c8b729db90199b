"""Reads of premiums: who pays for whom in a month, figures and cost of a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from programs.choices import EnrolmentState, PremiumChange, PremiumState
from programs.models import (
    Enrolment,
    PremiumCover,
    PremiumLine,
    PremiumPlan,
    PremiumRound,
    ProgrammeVersion,
    UnitCount,
)

# Apps above say how much money a programme year has; None where none is recorded.
CEILINGS: list[Callable[[ProgrammeVersion], Decimal | None]] = []
PAID_CHANGES = (PremiumChange.KEEP, PremiumChange.ADD)
COSTED = (PremiumState.VERIFIED, PremiumState.SENT, PremiumState.ACCEPTED)


def covers_in(person_ids: Iterable[int], *, insurance: str, month: date) -> dict[int, PremiumCover]:
    """Person id -> who pays their premium in a month."""
    rows = PremiumCover.objects.filter(
        Q(until_month=None) | Q(until_month__gte=month),
        person_id__in=list(person_ids),
        insurance=insurance,
        from_month__lte=month,
        is_void=False,
    )
    return {row.person_id: row for row in rows}


@dataclass(frozen=True)
class RoundFigures:
    """People and money of one list, as far as the user may see its people."""

    keep: int
    add: int
    drop: int
    waiting: int
    rejected: int
    accepted: int
    refused: int
    # Who is, or as things stand will be, paid in this month, and what that costs.
    paid: int
    cost: Decimal


def figures_of(rounds: Sequence[PremiumRound], user: Any) -> dict[int, RoundFigures]:
    """Round id -> its figures, from the lines the user may see; one query for any number."""
    paid = Q(change__in=PAID_CHANGES, state__in=COSTED)
    lines = PremiumLine.objects.visible_to(user).filter(round__in=[row.pk for row in rounds])
    counts: dict[str, Count] = {
        **{name: Count("pk", filter=Q(change=name)) for name in PremiumChange.values},
        **{
            name: Count("pk", filter=Q(state=name))
            for name in ("waiting", "rejected", "accepted", "refused")
        },
        "paid": Count("pk", filter=paid),
    }
    grouped: Any = lines.order_by().values("round_id").annotate(**counts)
    known = {found["round_id"]: found for found in grouped}
    return {row.pk: _figures(row, known.get(row.pk, {}), counts) for row in rounds}


def _figures(row: PremiumRound, found: Mapping[str, int], names: Iterable[str]) -> RoundFigures:
    counted = {name: found.get(name, 0) for name in names}
    tariff = row.plan.version.tariff or Decimal(0)
    return RoundFigures(**counted, cost=tariff * counted["paid"])


def accepted_count(round_: PremiumRound) -> int:
    """How many people the insurer accepted for the month."""
    return int(
        PremiumLine.objects.filter(
            round=round_, change__in=PAID_CHANGES, state=PremiumState.ACCEPTED
        ).count()
    )


@dataclass(frozen=True)
class PlanFigures:
    """What a plan costs: its rounds, newest first, and the money of its year."""

    plan: PremiumPlan
    rounds: list[tuple[PremiumRound, RoundFigures]]
    spent: Decimal
    ceiling: Decimal | None
    # Whoever is paid from month to month at present.
    open_covers: int = 0

    @property
    def left(self) -> Decimal | None:
        """What of the ceiling no month has used; None without a ceiling."""
        return None if self.ceiling is None else self.ceiling - self.spent


def plans_of(user: Any) -> list[PlanFigures]:
    """Every plan of the user's province with its months and money.

    A constant number of queries for the people; the ceilings are asked per plan.
    """
    found = PremiumPlan.objects.visible_to(user).select_related(
        "version__programme", "insurer__payee"
    )
    plans = list(found.order_by("-version__year", "pk"))
    rows = PremiumRound.objects.filter(plan__in=plans).select_related("plan__version")
    rounds = list(rows.order_by("-month"))
    figures = figures_of(rounds, user)
    accepted = _accepted(plans)
    covers = _counted(
        PremiumCover.objects.filter(plan__in=plans, until_month=None, is_void=False), "plan_id"
    )
    return [
        PlanFigures(
            plan=plan,
            rounds=[(row, figures[row.pk]) for row in rounds if row.plan_id == plan.pk],
            spent=(plan.version.tariff or Decimal(0)) * accepted.get(plan.pk, 0),
            ceiling=ceiling_of(plan.version),
            open_covers=covers.get(plan.pk, 0),
        )
        for plan in plans
    ]


def money_of(plan: PremiumPlan) -> PlanFigures:
    """The money of one plan's year without its months; it is the province's, not the area's."""
    spent = (plan.version.tariff or Decimal(0)) * _accepted([plan]).get(plan.pk, 0)
    return PlanFigures(plan=plan, rounds=[], spent=spent, ceiling=ceiling_of(plan.version))


def _accepted(plans: Sequence[PremiumPlan]) -> dict[int, int]:
    """Plan id -> months of people that its insurer accepted."""
    lines = PremiumLine.objects.filter(
        change__in=PAID_CHANGES, state=PremiumState.ACCEPTED, round__plan__in=plans
    )
    return _counted(lines, "round__plan_id")


def _counted(rows: QuerySet[Any], by: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(by).annotate(count=Count("pk")))


def ceiling_of(version: ProgrammeVersion) -> Decimal | None:
    """The budget recorded for a programme year; None when there is none."""
    found = [amount for ask in CEILINGS if (amount := ask(version)) is not None]
    return sum(found, Decimal(0)) if found else None


def counted_units(round_: PremiumRound) -> int | None:
    """The units that stand for the month of a list; None while it is not counted."""
    found: int | None = (
        UnitCount.objects.filter(
            entitlement__enrolment__version=round_.plan.version_id,
            entitlement__enrolment__payee=round_.plan.insurer_id,
            month=round_.month,
        )
        .values_list("units", flat=True)
        .first()
    )
    return found


def insurer_enrolment(plan: PremiumPlan) -> Enrolment | None:
    """The determined enrolment the premium is paid through; None before its decree."""
    found: Enrolment | None = Enrolment.objects.filter(
        version=plan.version_id, payee=plan.insurer_id, state=EnrolmentState.ACTIVE
    ).first()
    return found
