"""The workers of Madiun's cigarette-factory aid: each at a factory of another regency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from bansos.demo import story
from bansos.demo.clock import on_day
from bansos.demo.enrolling import save_souls
from bansos.demo.population import Soul
from beneficiaries.services.pillars import add_company, employ

if TYPE_CHECKING:
    from bansos.demo.seeding import Seeding

# Made up for training: nobody says which factories the 231 work in.
FACTORIES = (
    ("Pabrik Rokok Sekar Arum (latihan)", "35.20"),
    ("Pabrik Rokok Daun Mas (latihan)", "35.21"),
    ("Pabrik Rokok Lawu Jaya (latihan)", "35.77"),
)
EMPLOYED_SINCE = date(2024, 1, 2)


def employ_workers(seeding: Seeding, groups: Mapping[str, Sequence[Soul]]) -> None:
    """Register the people and where they work, before anybody proposes them."""
    for area_code, souls in groups.items():
        by = seeding.crew(area_code).petugas
        with on_day(story.PROPOSED_ON) as at:
            factories = [
                add_company(name=name, area_code=place, by=by, at=at) for name, place in FACTORIES
            ]
            for number, person in enumerate(save_souls(souls, by=by, at=at)):
                employ(
                    person=person,
                    company=factories[number % len(factories)],
                    occupation="Pelinting",
                    from_date=EMPLOYED_SINCE,
                    source="Daftar pekerja dari perusahaan (latihan)",
                    by=by,
                    at=at,
                )
