"""Jambi's KUBE as real groups: five family heads, officers, an account of the group."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from bansos.accounts.models import User
from bansos.demo.enrolling import Crew, save_souls
from bansos.demo.population import Population, Soul
from beneficiaries.choices import GroupRole
from beneficiaries.models import Group
from beneficiaries.rules.groups import FEWEST, OFFICERS
from beneficiaries.services.groups import activate_group, add_member, check_group, form_group
from beneficiaries.services.payees import set_payee_account
from programs.choices import Channel
from programs.models import Enrolment, ProgrammeVersion
from programs.services.proposals import Candidate, propose_many

# Made up for training: nobody says what Jambi's groups did.
BUSINESSES = ("Ternak ayam", "Warung sembako", "Kue dan camilan", "Anyaman", "Jahit")
NAMES = ("Melati", "Mawar", "Kenanga", "Cempaka", "Anggrek", "Dahlia", "Teratai", "Seroja")


def with_companions(
    chairs: Sequence[Soul], population: Population, *, on: date
) -> list[list[Soul]]:
    """Each chair with four neighbours of the same village."""
    return [
        [
            chair,
            *population.adults(FEWEST - 1, [chair.village], on=on, youngest=21, oldest=57),
        ]
        for chair in chairs
    ]


def propose_groups(
    version: ProgrammeVersion,
    groups: Sequence[Sequence[Soul]],
    *,
    crew: Crew,
    formed_on: date,
    at: datetime,
) -> list[Enrolment]:
    """Form the groups, check them, give each its account, and propose them; the chair answers."""
    candidates = []
    for number, souls in enumerate(groups, start=1):
        people = save_souls(souls, by=crew.petugas, at=at)
        group = _formed(souls, number, formed_on=formed_on, by=crew.petugas, at=at)
        for place, person in enumerate(people):
            role = OFFICERS[place] if place < len(OFFICERS) else GroupRole.MEMBER
            add_member(
                group=group,
                person=person,
                joined_on=formed_on,
                role=role,
                by=crew.petugas,
                at=at,
            )
        group = check_group(
            group=group, by=crew.verifikator, at=at, note="KK dan rumah tiap anggota sudah dilihat."
        )
        set_payee_account(
            payee=group.payee,
            bank_code=version.bank_code or version.programme.agency.bank_code,
            number=souls[0].account,
            holder_name=group.payee.name,
            signatories=[people[0], people[OFFICERS.index(GroupRole.TREASURER)]],
            by=crew.petugas,
            at=at,
        )
        group = activate_group(group=group, by=crew.petugas, at=at)
        candidates.append(Candidate(person=people[0], payee=group.payee))
    return propose_many(
        version=version, candidates=candidates, channel=Channel.LIST, by=crew.petugas, at=at
    )


def _formed(
    souls: Sequence[Soul], number: int, *, formed_on: date, by: User, at: datetime
) -> Group:
    village = souls[0].village
    return form_group(
        name=f"KUBE {NAMES[number % len(NAMES)]} {number}",
        village_id=village.code,
        business_kind=BUSINESSES[number % len(BUSINESSES)],
        formed_on=formed_on,
        by=by,
        at=at,
    )
