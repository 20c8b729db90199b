"""Two simulations of one programme, counted and kept, to be compared."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bansos.demo import story
from bansos.demo.clock import on_day
from bansos.demo.enrolling import version_of
from bansos.demo.jobs import run_here
from programs.rules.thresholds import thresholds
from programs.services.simulations import SimulationValues, draft_simulation, run_simulation

if TYPE_CHECKING:
    from bansos.demo.seeding import Seeding

COUNTED_ON = date(story.YEAR, 10, 1)
BUDGET = Decimal(4_000_000_000)


def play_trials(seeding: Seeding) -> None:
    """PKH Plus as it is, and from five years earlier; both with neighbouring ages as a chart."""
    by, version = seeding.users["staf"], version_of("35", story.PKH_PLUS)
    with on_day(COUNTED_ON) as at:
        for name, age in (("Umur 70, seperti sekarang", 70), ("Umur mulai 65", 65)):
            criteria = _from_age(version.criteria, age)
            row = draft_simulation(
                version=version,
                values=SimulationValues(
                    name=name,
                    baseline=version,
                    budget=BUDGET,
                    threshold=next(row.key for row in thresholds(criteria) if row.value == age),
                ),
                criteria=criteria,
                by=by,
                at=at,
            )
            run_here(run_simulation(simulation=row, by=by, at=at))
    seeding.say("2 simulasi PKH Plus untuk dibandingkan.")


def _from_age(criteria: Sequence[Any], age: int) -> list[Any]:
    """The same criteria with another lowest age."""
    found: list[Any] = deepcopy(list(criteria))
    for row in found:
        if row["code"] == "min_age_on_stage":
            row["params"]["age"] = age
    return found
