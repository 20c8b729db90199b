"""A few people for the programmes of East Java that nobody told a count of.

Made up for training. Where the programme tells its worth they are determined; where it does not,
they are verified and the decree waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bansos.demo import story
from bansos.demo.clock import on_day
from bansos.demo.enrolling import Crew, enrol, save_souls, version_of
from bansos.demo.places import villages_of
from bansos.demo.population import Population, Soul
from bansos.demo.story import MADIUN
from beneficiaries.choices import Ppks
from beneficiaries.services.traits import add_category
from programs.choices import Channel
from programs.rules.assessing import SourceWords

if TYPE_CHECKING:
    from bansos.demo.seeding import Seeding


@dataclass(frozen=True)
class Handful:
    """So many people of these ages for a programme; its decree where there is one."""

    code: str
    count: int
    youngest: int
    oldest: int
    sex: str = ""
    category: Ppks | None = None
    decree: str = ""
    # The institution of the province that proposes them, where only those may.
    office: str = ""


HANDFULS = (
    Handful(
        "KIP-PUTRI",
        6,
        22,
        50,
        sex="P",
        category=Ppks.VULNERABLE_WOMAN,
        decree="188/107/KPTS/013/2026",
    ),
    Handful(
        "KIP-PPKS",
        5,
        20,
        50,
        decree="188/108/KPTS/013/2026",
        office="UPT Rehabilitasi Sosial (latihan)",
    ),
    Handful("KWU-EKSPM", 5, 20, 50),
    Handful("BUFFER", 4, 20, 60),
    Handful("PRSE", 5, 22, 50, sex="P", category=Ppks.VULNERABLE_WOMAN),
)


def make_handfuls(population: Population) -> dict[str, list[Soul]]:
    """Programme -> its people: made beside the others, so that those stay who they are."""
    apart = Population(len(HANDFULS) + 100)
    apart.taken = population.taken
    villages = villages_of(MADIUN)
    return {
        row.code: [
            apart.soul(apart.birth(story.DPA_DATE, row.youngest, row.oldest), villages, sex=row.sex)
            for _one in range(row.count)
        ]
        for row in HANDFULS
    }


def prepare(souls: Sequence[Soul], category: Ppks, *, crew: Crew) -> None:
    """Record the category of people before anybody proposes them."""
    with on_day(story.PROPOSED_ON) as at:
        for person in save_souls(souls, by=crew.petugas, at=at):
            add_category(
                person=person,
                code=category,
                since=story.DPA_DATE,
                source="Pendataan desa (latihan)",
                by=crew.petugas,
                at=at,
            )


def play_handfuls(seeding: Seeding) -> None:
    """Propose, verify, and name in a decree where the worth is known."""
    crew = seeding.crew(MADIUN)
    for row in HANDFULS:
        souls = seeding.handfuls[row.code]
        if row.category is not None:
            prepare(souls, row.category, crew=crew)
        enrol(
            seeding,
            version_of("35", row.code),
            {MADIUN: souls},
            decree_area=MADIUN,
            number=row.decree,
            channel=Channel.UPT if row.office else Channel.LIST,
            words=_words(row) if row.office else None,
        )
    seeding.say(f"Madiun: {sum(row.count for row in HANDFULS)} orang di program kecil.")


def _words(row: Handful) -> SourceWords:
    return SourceWords(
        office=row.office,
        letter_number="400.9/012/LAT/2026",
        letter_date=story.DPA_DATE,
    )
