"""Simulations for tests: PKH Plus of East Java; `counted=True` for one with results."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import factory

from programs.models import Simulation, SimulationArea
from programs.rules import sentence
from tests.factories.accounts import UserFactory
from tests.factories.programs import ProgrammeVersionFactory

NOW = datetime(2026, 2, 2, 3, 0, tzinfo=UTC)
RESULTS: dict[str, Any] = {
    "totals": {"yes": 120, "pending": 0, "unknown": 4, "places": 100, "hoped": 100},
    "changes": {"in": 60, "pending": 0, "stay": 40, "doubt": 1, "out": 2},
    "nodes": [{"label": "Masih hidup", "yes": 0, "no": 9, "unknown": 0}],
    "overlap": [{"code": "ASPD", "name": "ASPD", "people": 3}],
    "points": [
        {"value": "69", "people": 120, "own": False},
        {"value": "70", "people": 100, "own": True},
    ],
}


class SimulationFactory(factory.django.DjangoModelFactory):
    """A draft with the criteria of its version."""

    class Meta:
        model = Simulation
        skip_postgeneration_save = True

    class Params:
        counted = factory.Trait(
            run_at=NOW,
            run_by=factory.SelfAttribute("made_by"),
            facts_on=date(2026, 2, 2),
            stage_date=date(2026, 3, 15),
            finished_at=NOW,
            results=factory.LazyFunction(lambda: dict(RESULTS)),
            threshold="0:age",
        )

    version = factory.SubFactory(ProgrammeVersionFactory)
    area_code = "35"
    name = factory.Sequence(lambda n: f"Percobaan {n + 1}")
    criteria = factory.SelfAttribute("version.criteria")
    sentence = factory.LazyAttribute(lambda row: sentence(row.criteria))
    budget = Decimal(100_000_000)
    made_at = NOW
    made_by = factory.SubFactory(UserFactory, role="staf_program", area_code="35")

    @factory.post_generation
    def areas(obj, create, extracted, **kwargs) -> None:  # type: ignore[no-untyped-def]  # noqa: N805
        if create and obj.finished_at:
            SimulationArea.objects.create(
                simulation=obj,
                area_code="35.19",
                **obj.results["totals"],
                quota=90,
                cost=Decimal(200_000_000),
                cost_in_quota=Decimal(180_000_000),
            )
