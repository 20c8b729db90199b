"""Pillars of Madiun and Tagana of Jambi, Jambi's home, and the treasury that receives BKK."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from bansos.accounts.models import User
from bansos.demo import story
from bansos.demo.clock import on_day
from bansos.demo.enrolling import save_souls
from bansos.demo.places import villages_of
from bansos.demo.story import MADIUN
from beneficiaries.choices import InstitutionKind, PillarKind
from beneficiaries.models import Person
from beneficiaries.services.payees import (
    InstitutionValues,
    register_government,
    register_institution,
    set_payee_account,
)
from beneficiaries.services.pillars import PillarValues, appoint
from beneficiaries.services.residents import admit

if TYPE_CHECKING:
    from bansos.demo.seeding import Seeding

# Madiun 2025 counts 148 together; how many of each kind is made up for training.
MADIUN_PILLARS = {
    PillarKind.TKSK: 15,
    PillarKind.PKH_PLUS: 90,
    PillarKind.DISABILITY: 18,
    PillarKind.TAGANA: 25,
}
SERVING_SINCE = date(2025, 1, 2)
HOME = "PSTW Budi Luhur"
AIDS_OFFICE = "UPTD PSBAWEP Harapan Mulya"
HOMES_AREA = "15.71"


def appoint_madiun(seeding: Seeding, people: Sequence[Person]) -> None:
    """Everybody who receives operational money or tali asih is a pillar of a district."""
    kinds = [kind for kind, count in MADIUN_PILLARS.items() for _one in range(count)]
    by = seeding.users["staf"]
    _appoint(zip(people, kinds, strict=True), by=by)
    seeding.say(f"Madiun: {len(people)} pilar sosial.")


def _appoint(rows: Iterator[tuple[Person, PillarKind]], *, by: User) -> None:
    with on_day(story.DPA_DATE) as at:
        for person, kind in rows:
            values = PillarValues(
                kind=kind, area_code=person.area_code[:8], active_from=SERVING_SINCE
            )
            appoint(values=values, person=person, by=by, at=at)


def appoint_tagana(seeding: Seeding) -> None:
    """Jambi's Tagana over its eleven regencies and cities, as even as whole people allow."""
    by = seeding.users["staf.jambi"]
    each, rest = divmod(seeding.scale.tagana, len(story.JAMBI))
    for place, area_code in enumerate(story.JAMBI):
        souls = seeding.population.adults(
            each + (place < rest),
            villages_of(area_code),
            on=story.DPA_DATE,
            youngest=19,
            oldest=50,
        )
        with on_day(story.DPA_DATE) as at:
            people = save_souls(souls, by=by, at=at)
        _appoint(((person, PillarKind.TAGANA) for person in people), by=by)
    seeding.say(f"Jambi: {seeding.scale.tagana} Tagana di {len(story.JAMBI)} wilayah.")


def open_homes(seeding: Seeding, residents: Sequence[Person]) -> None:
    """The elders' home of Jambi with who lives there, and the office that supplies aids."""
    by, village = seeding.users["staf.jambi"], villages_of(HOMES_AREA)[0].code
    with on_day(story.PROPOSED_ON) as at:
        home = register_institution(
            values=InstitutionValues(name=HOME, kind=InstitutionKind.PANTI, village_id=village),
            by=by,
            at=at,
        )
        register_institution(
            values=InstitutionValues(
                name=AIDS_OFFICE, kind=InstitutionKind.UPT, village_id=village
            ),
            by=by,
            at=at,
        )
        for person in residents:
            admit(institution=home, person=person, from_date=SERVING_SINCE, by=by, at=at)


def open_treasury(seeding: Seeding) -> None:
    """The treasury of Kabupaten Madiun, where BKK of the province arrives."""
    by = seeding.users["staf"]
    with on_day(story.DPA_DATE) as at:
        madiun = register_government(
            region_code=MADIUN,
            name="Pemerintah Kabupaten Madiun",
            treasurer_name="Bendahara Umum Daerah (latihan)",
            by=by,
            at=at,
        )
        set_payee_account(
            payee=madiun.payee,
            bank_code=by.agency.bank_code,
            number=seeding.population.account(),
            holder_name="RKUD Kabupaten Madiun",
            by=by,
            at=at,
        )
