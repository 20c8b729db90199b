"""Sums for budget pages and the lists that wait for the bank; grouped in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse

from bansos.regions.queries import names_of
from disbursements.choices import ListState
from disbursements.models import Allocation, BudgetLine, PayList
from disbursements.rules.moves import AT_BANK
from programs.models import ProgrammeVersion

FIGURES = ("reserved", "paid", "delivered", "returned")


@dataclass(frozen=True)
class BudgetFigures:
    """The running sums of one budget line or allocation; left = ceiling - reserved - paid."""

    code: str
    name: str
    ceiling: Decimal
    reserved: Decimal
    paid: Decimal
    delivered: Decimal
    returned: Decimal
    href: str = ""

    @property
    def left(self) -> Decimal:
        """Pagu - terikat - cair."""
        return self.ceiling - self.reserved - self.paid

    @property
    def holding(self) -> Decimal:
        """Cair - tersalur - kembali: in the treasurer's account."""
        return self.paid - self.delivered - self.returned


def budget_figures(user: Any, year: int) -> list[BudgetFigures]:
    """Every programme of the year with its sums, as far as the user may look; one query.

    Someone of one regency sees that regency's allocation as the ceiling.
    """
    if len(user.area_code) > 2:
        return _of_regency(user, year)
    rows = BudgetLine.objects.visible_to(user).filter(year=year)
    return [
        BudgetFigures(
            code=row.version.programme.code,
            name=row.version.programme.name,
            ceiling=row.ceiling,
            href=reverse("disbursements:budget", args=[row.pk]),
            **{name: getattr(row, name) for name in FIGURES},
        )
        for row in rows.select_related("version__programme").order_by("version__programme__name")
    ]


def _of_regency(user: Any, year: int) -> list[BudgetFigures]:
    rows = Allocation.objects.filter(area_code=user.area_code[:5], budget__year=year)
    rows = rows.select_related("budget__version__programme")
    return [
        BudgetFigures(
            code=row.budget.version.programme.code,
            name=row.budget.version.programme.name,
            ceiling=row.amount,
            **{name: getattr(row, name) for name in FIGURES},
        )
        for row in rows.order_by("budget__version__programme__name")
    ]


def allocation_figures(budget: BudgetLine) -> list[BudgetFigures]:
    """The shares of a budget line by regency; two queries."""
    rows = list(budget.allocations.order_by("area_code"))
    names = names_of(row.area_code for row in rows)
    return [
        BudgetFigures(
            code=row.area_code,
            name=names.get(row.area_code, row.area_code),
            ceiling=row.amount,
            href=f"{reverse('disbursements:ledger')}?budget={budget.pk}&area_code={row.area_code}",
            **{name: getattr(row, name) for name in FIGURES},
        )
        for row in rows
    ]


def budget_years(user: Any) -> list[int]:
    """Years with a budget, newest first."""
    rows = BudgetLine.objects.visible_to(user).order_by("-year")
    return list(rows.values_list("year", flat=True).distinct())


def awaiting_answer(user: Any) -> QuerySet[PayList]:
    """Lists at the bank of which something is still unknown, oldest first; none of a counter."""
    rows: QuerySet[PayList] = PayList.objects.visible_to(user).filter(
        state__in=[ListState.SENT, ListState.PARTLY_SETTLED], counter=None
    )
    return (
        rows.annotate(
            missing=Count("lines", filter=Q(lines__state__in=AT_BANK)),
            missing_amount=Sum("lines__amount", filter=Q(lines__state__in=AT_BANK)),
        )
        .filter(missing__gt=0)
        .select_related("stage__version__programme")
        .order_by("sent_at")
    )


def total_of(rows: Sequence[BudgetFigures], *, name: str = "") -> BudgetFigures:
    """The sum of several rows."""
    sums = {
        key: sum((getattr(row, key) for row in rows), Decimal(0)) for key in ("ceiling", *FIGURES)
    }
    return BudgetFigures(
        code="",
        name=name,
        ceiling=sums["ceiling"],
        reserved=sums["reserved"],
        paid=sums["paid"],
        delivered=sums["delivered"],
        returned=sums["returned"],
    )


def ceiling_of(version: ProgrammeVersion) -> Decimal | None:
    """The ceiling of a programme year; None before its budget line is recorded."""
    return BudgetLine.objects.filter(version=version).values_list("ceiling", flat=True).first()
