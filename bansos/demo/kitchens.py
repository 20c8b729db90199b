"""Permakanan of Madiun: homes and their people, days and bills by the month, one stage paid.

The 51 are counted; homes, their people and bills and the tariff are made up for training.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bansos.accounts.models import User
from bansos.demo import enrolling, story
from bansos.demo.clock import on_day
from bansos.demo.counters import SIGNED_PAPER
from bansos.demo.enrolling import Crew, save_souls, version_of
from bansos.demo.jobs import run_here
from bansos.demo.paying import Papers, Paying
from bansos.demo.places import villages_of
from bansos.demo.population import Population, Soul
from bansos.demo.story import MADIUN
from beneficiaries.choices import Grade, InstitutionKind
from beneficiaries.models import Institution, Person
from beneficiaries.services.payees import (
    InstitutionValues,
    accredit,
    register_institution,
    set_payee_account,
)
from beneficiaries.services.residents import admit
from programs.choices import Channel
from programs.models import Enrolment, ProgrammeVersion, Stage
from programs.queries.entitlements import months_of
from programs.services.proposals import Candidate, propose_many
from programs.services.residents import ReceiptValues, add_receipt, fill_units

if TYPE_CHECKING:
    from bansos.demo.seeding import Seeding

KITCHENS = (
    ("LKSA Harapan Bunda", InstitutionKind.LKSA),
    ("LKSA Kasih Ibu", InstitutionKind.LKSA),
    ("LKS-LU Budi Asih", InstitutionKind.LKS_LU),
)
LIVED_SINCE, CAME_LATER = date(2025, 1, 2), date(story.YEAR, 1, 12)
ACCREDITED_ON = date(2024, 6, 3)
ADULT = 18
DECREE = "188/106/KPTS/013/2026"
# Months that are over on the day of the story, and the stages whose list is paid and closed.
COUNTED_FROM = story.DECREED_ON + timedelta(days=3)
COUNTED_UNTIL, STAGES_PAID = date(story.YEAR, 10, 1), 1
BILLED = Decimal("0.96")


def feed_homes(seeding: Seeding, souls: Sequence[Soul]) -> None:
    """From the homes' registration to their food of ten months; the first stage is paid."""
    crew, version = seeding.crew(MADIUN), version_of("35", story.MEALS)
    apart = Population(len(KITCHENS))
    apart.taken = seeding.population.taken
    with on_day(story.PROPOSED_ON) as at:
        residents = save_souls(souls, by=crew.petugas, at=at)
    homes = _open(residents, apart, by=seeding.users["staf"])
    rows = _determined(version, homes, apart, crew=crew)
    for number, stage in enumerate(version.stages.select_related("version").order_by("number")):
        months = [month for month in months_of(stage) if month <= COUNTED_UNTIL]
        _count(rows, stage, months, crew=crew)
        if number < STAGES_PAID:
            _pay(stage, apart, crew=crew)
    seeding.say(f"Madiun: {len(residents)} penghuni di {len(homes)} LKSA dan LKS-LU.")


def _open(residents: Sequence[Person], apart: Population, *, by: User) -> list[Institution]:
    """Accredited homes with their accounts, and who has lived in them; some came this year.

    The children, then the elders, as the line of the programme orders them.
    """
    villages = villages_of(MADIUN)
    young = [person for person in residents if _is_child(person)]
    old = [person for person in residents if not _is_child(person)]
    half = len(young) // 2
    lists = zip(KITCHENS, (young[:half], young[half:], old), strict=True)
    homes = []
    with on_day(story.PROPOSED_ON) as at:
        for place, ((name, kind), people) in enumerate(lists):
            village = villages[place % len(villages)].code
            values = InstitutionValues(name=name, kind=kind, village_id=village)
            home = register_institution(values=values, by=by, at=at)
            accredit(
                institution=home,
                grade=Grade.B,
                certificate_number=f"BALKS/LAT/{place + 1:03d}",
                granted_on=ACCREDITED_ON,
                by=by,
                at=at,
            )
            set_payee_account(
                payee=home.payee,
                bank_code=by.agency.bank_code,
                number=apart.account(),
                holder_name=name,
                by=by,
                at=at,
            )
            for number, person in enumerate(people):
                came = CAME_LATER if number % 5 == 0 else LIVED_SINCE
                admit(institution=home, person=person, from_date=came, by=by, at=at)
            homes.append(home)
    return homes


def _is_child(person: Person) -> bool:
    return person.birth_date is not None and person.birth_date.year >= story.YEAR - ADULT


def _determined(
    version: ProgrammeVersion, homes: Sequence[Institution], apart: Population, *, crew: Crew
) -> list[Enrolment]:
    """The homes proposed by whoever answers for them, verified, and named in a decree."""
    heads = apart.adults(len(homes), villages_of(MADIUN), on=story.DPA_DATE, youngest=30, oldest=60)
    with on_day(story.PROPOSED_ON) as at:
        people = save_souls(heads, by=crew.petugas, at=at)
        rows = propose_many(
            version=version,
            candidates=[
                Candidate(person=person, payee=home.payee)
                for person, home in zip(people, homes, strict=True)
            ],
            channel=Channel.LIST,
            by=crew.petugas,
            at=at,
        )
    with on_day(story.VERIFIED_ON) as at:
        enrolling.verify(rows, crew=crew, at=at)
    with on_day(story.DECREED_ON) as at:
        enrolling.decree(
            version,
            MADIUN,
            crew=crew,
            number=DECREE,
            on=story.DECREED_ON,
            at=at,
            finish=run_here,
        )
    named = Enrolment.objects.filter(pk__in=[row.pk for row in rows])
    return list(named.select_related("payee__institution").order_by("pk"))


def _count(rows: Sequence[Enrolment], stage: Stage, months: Sequence[date], *, crew: Crew) -> None:
    """Days from the residents' lists once a month is over, and what the food cost."""
    for month in months:
        # 32 days on is always the next month; nothing is counted before the decree.
        counted_on = max((month + timedelta(days=32)).replace(day=5), COUNTED_FROM)
        with on_day(counted_on) as at:
            for row in rows:
                made = fill_units(enrolment=row, stage=stage, month=month, by=crew.petugas, at=at)
                days = made.counts.get(month=month).units
                bill = ReceiptValues(
                    month=month,
                    number=f"K/{month:%m}/{row.pk}",
                    seller="Toko Pangan (latihan)",
                    issued_on=counted_on.replace(day=1),
                    amount=(days * made.unit_price * BILLED).quantize(Decimal(1000)),
                    content=SIGNED_PAPER.read_bytes(),
                )
                add_receipt(entitlement=made, values=bill, by=crew.petugas, at=at)


def _pay(stage: Stage, apart: Population, *, crew: Crew) -> None:
    """The list of the stage, from its draw to its closing."""
    paying = Paying(crew, run_here)
    steps = paying.whole(stage, MADIUN, Papers(apart, villages_of(MADIUN, districts=1)))
    for days in story.RHYTHM:
        # Its last month is counted in the days after it.
        with on_day(stage.stage_date + timedelta(days=days + 10)):
            next(steps)
