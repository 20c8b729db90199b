"""Reads of premiums: who pays for whom in a month, figures and cost of a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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


def figures_of(round_: PremiumRound, lines: QuerySet[PremiumLine]) -> RoundFigures:
    """One query over the lines of a round."""
    paid = Q(change__in=PAID_CHANGES, state__in=COSTED)
    found = lines.order_by().aggregate(
        **{name: Count("pk", filter=Q(change=name)) for name in PremiumChange.values},
        **{
            name: Count("pk", filter=Q(state=name))
            for name in ("waiting", "rejected", "accepted", "refused")
        },
        paid=Count("pk", filter=paid),
    )
    tariff = round_.plan.version.tariff or Decimal(0)
    return RoundFigures(**found, cost=tariff * found["paid"])


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

    @property
    def left(self) -> Decimal | None:
        """What of the ceiling no month has used; None without a ceiling."""
        return None if self.ceiling is None else self.ceiling - self.spent


def plans_of(user: Any) -> list[PlanFigures]:
    """Every plan of the user's province with its months."""
    plans = PremiumPlan.objects.visible_to(user).select_related(
        "version__programme", "insurer__payee"
    )
    return [plan_figures(plan, user) for plan in plans.order_by("-version__year", "pk")]


def plan_figures(plan: PremiumPlan, user: Any) -> PlanFigures:
    """Months and money of one plan; the money is the province's, not the area's."""
    rows = plan.rounds.select_related("plan__version").order_by("-month")
    lines = PremiumLine.objects.filter(change__in=PAID_CHANGES, state=PremiumState.ACCEPTED)
    accepted = lines.filter(round__plan=plan).count()
    ceilings = [found for ask in CEILINGS if (found := ask(plan.version)) is not None]
    return PlanFigures(
        plan=plan,
        rounds=[
            (row, figures_of(row, PremiumLine.objects.visible_to(user).filter(round=row)))
            for row in rows
        ],
        spent=(plan.version.tariff or Decimal(0)) * accepted,
        ceiling=sum(ceilings, Decimal(0)) if ceilings else None,
    )


def insurer_enrolment(plan: PremiumPlan) -> Enrolment | None:
    """The determined enrolment the premium is paid through; None before its decree."""
    found: Enrolment | None = Enrolment.objects.filter(
        version=plan.version_id, payee=plan.insurer_id, state=EnrolmentState.ACTIVE
    ).first()
    return found


def strays_count(round_: PremiumRound) -> int:
    """Rows of answers that fit no line."""
    return int(round_.answers.aggregate(count=Count("strays"))["count"] or 0)
