"""Reads of simulations for their pages: figures against budget and quota, two side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from bansos.accounts.models import User
from bansos.regions.queries import names_of
from programs.choices import HOLDING
from programs.models import ProgrammeVersion, Simulation


def simulations_of(user: User) -> QuerySet[Simulation]:
    """Simulations a user may read, with what their pages name."""
    rows: QuerySet[Simulation] = Simulation.objects.visible_to(user)
    return rows.select_related(
        "version__programme__agency", "baseline__programme", "job", "made_by", "run_by"
    )


def baselines_for(version: ProgrammeVersion) -> QuerySet[ProgrammeVersion]:
    """Versions of the programme with a list, newest first: what a simulation is held against."""
    rows: QuerySet[ProgrammeVersion] = ProgrammeVersion.objects.filter(
        programme_id=version.programme_id, enrolments__state__in=HOLDING
    )
    return rows.select_related("programme").distinct().order_by("-year", "-version")


@dataclass(frozen=True)
class Figures:
    """The sums of a simulation. Money is None while the rate is open."""

    yes: int
    pending: int
    unknown: int
    places: int
    hoped: int
    quota: int | None
    cost: Decimal | None
    cost_in_quota: Decimal | None
    budget: Decimal | None

    @property
    def short(self) -> Decimal | None:
        """What the budget lacks for everybody within the quota; 0 when it is enough."""
        if self.cost_in_quota is None or self.budget is None:
            return None
        return max(self.cost_in_quota - self.budget, Decimal(0))


def figures_of(simulation: Simulation) -> Figures:
    """Sums over all regencies."""
    totals = simulation.result("totals", {})
    money = simulation.areas.aggregate(cost=Sum("cost"), inside=Sum("cost_in_quota"))
    return Figures(
        **{name: int(totals.get(name, 0)) for name in ("yes", "pending", "unknown")},
        places=int(totals.get("places", 0)),
        hoped=int(totals.get("hoped", 0)),
        quota=simulation.version.quota_total,
        cost=money["cost"],
        cost_in_quota=money["inside"],
        budget=simulation.budget,
    )


def node_warnings(simulation: Simulation) -> list[tuple[str, str]]:
    """(criterion, "nobody" or "everybody") of criteria that the data decides for all alike."""
    found = []
    for row in simulation.result("nodes", []):
        if row["yes"] == 0 and row["unknown"] == 0 and row["no"]:
            found.append((row["label"], "nobody"))
        elif row["no"] == 0 and row["unknown"] == 0 and row["yes"]:
            found.append((row["label"], "everybody"))
    return found


@dataclass(frozen=True)
class PairRow:
    """One regency in two simulations; None where one of them counted nobody."""

    name: str
    first: int | None
    second: int | None
    first_cost: Decimal | None
    second_cost: Decimal | None

    @property
    def change(self) -> int:
        """How many more the second one has."""
        return (self.second or 0) - (self.first or 0)


def side_by_side(first: Simulation, second: Simulation) -> list[PairRow]:
    """Two simulations per regency: people who could be named, and their cost."""
    left = {row.area_code: row for row in first.areas.all()}
    right = {row.area_code: row for row in second.areas.all()}
    codes = sorted({*left, *right})
    names = names_of(codes)

    def of(rows: dict[str, Any], code: str, read: Callable[[Any], Any]) -> Any:
        return read(rows[code]) if code in rows else None

    return [
        PairRow(
            names.get(code, code),
            of(left, code, lambda row: row.hoped),
            of(right, code, lambda row: row.hoped),
            of(left, code, lambda row: row.cost),
            of(right, code, lambda row: row.cost),
        )
        for code in codes
    ]


def others_of(simulation: Simulation, user: User) -> Sequence[Simulation]:
    """Counted simulations of the same programme to hold this one against."""
    rows = simulations_of(user).filter(
        version__programme_id=simulation.version.programme_id, finished_at__isnull=False
    )
    return list(rows.exclude(pk=simulation.pk).order_by("-finished_at", "pk")[:20])
