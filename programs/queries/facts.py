"""The facts behind the criteria: what the register, the snapshots and other enrolments say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from beneficiaries.choices import SnapshotKind
from beneficiaries.models import Person, Snapshot
from beneficiaries.queries import facts_about
from beneficiaries.queries.facts import snapshots_on, source_words
from programs.choices import HOLDING
from programs.models import Enrolment, ProgrammeVersion
from programs.queries import traits
from programs.queries.scores import paid_for, scores_for
from programs.rules import Facts, asks_group, conditions, reference_stage

# The kinds that ask what somebody has received.
GRANTED = {"never_received", "received_programme"}


def reference_day(version: ProgrammeVersion, *, today: date) -> date:
    """The day ages are counted on: the next stage, else the last, else the end of the year."""
    days = list(version.stages.order_by("number").values_list("stage_date", flat=True))
    return reference_stage(days, today) or date(version.year, 12, 31)


def _elders(version: ProgrammeVersion, family_ids: set[int]) -> dict[int, set[int]]:
    """Family id -> people of it who hold a place in the version."""
    rows = Enrolment.objects.filter(
        version=version, family_id__in=family_ids, state__in=HOLDING
    ).values_list("family_id", "person_id")
    found: dict[int, set[int]] = {}
    for family_id, person_id in rows:
        found.setdefault(family_id, set()).add(person_id)
    return found


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """What is read once for all people: only what the criteria of the version ask for."""

    stage_date: date
    today: date
    year: int
    deaths: Sequence[Snapshot]
    elders: dict[int, set[int]]
    # None where no criterion asks who has received.
    grants: Mapping[int, list[Any]] | None
    family_grants: Mapping[int, list[Any]]
    read: dict[str, Mapping[int, Any]] = field(default_factory=dict)

    def of(self, name: str, key: int | None) -> Any:
        """One fact of one person or family; None where it was not read."""
        return None if key is None else self.read.get(name, {}).get(key)


def _ground(
    persons: Sequence[Person],
    version: ProgrammeVersion,
    *,
    today: date,
    day: date,
    payees: Mapping[int, int | None],
) -> _Ground:
    asked = {str(row["code"]) for row in conditions(version.criteria)}
    ids = [person.pk for person in persons]
    families = {p.family_id for p in persons if p.family_id is not None}
    grants: Mapping[int, list[Any]] | None = None
    family_grants: Mapping[int, list[Any]] = {}
    if asked & GRANTED:
        of_families = families if "received_programme" in asked else ()
        grants, family_grants = traits.grants(version, ids, of_families)
    readers: dict[str, tuple[set[str], Any]] = {
        "disabilities": ({"disability_is"}, lambda: traits.disabilities(ids, today)),
        "ppks": ({"ppks_is"}, lambda: traits.categories(ids, today)),
        "relations": ({"relation_is"}, lambda: traits.relations(persons)),
        "births": ({"family_size", "family_has_aged"}, lambda: traits.births(families, today)),
        "sizes": ({"group_size"}, lambda: traits.group_sizes(ids, payees)),
        "grades": ({"accredited"}, lambda: traits.grades(ids, payees, day)),
        "paid": ({"amount_received"}, lambda: paid_for(ids, year=version.year) or {}),
        "work": ({"works_elsewhere"}, lambda: traits.work_places(ids, today)),
        "pillars": ({"pillar_is"}, lambda: traits.pillar_terms(ids, today)),
        "residents": ({"not_in_institution"}, lambda: traits.residents(persons, today)),
        "scores": (
            {"score_between"},
            lambda: scores_for(ids, version=version, on=today),
        ),
    }
    return _Ground(
        stage_date=day,
        today=today,
        year=version.year,
        deaths=snapshots_on(today).get(SnapshotKind.DEATH, []),
        elders=_elders(version, families),
        grants=grants,
        family_grants=family_grants,
        read={name: read() for name, (codes, read) in readers.items() if codes & asked},
    )


def facts_for(
    persons: Sequence[Person],
    *,
    version: ProgrammeVersion,
    today: date,
    stage_date: date | None = None,
    observed: dict[int, dict[str, bool]] | None = None,
    observed_source: str = "",
    payees: Mapping[int, int | None] | None = None,
) -> dict[int, Facts]:
    """Person id -> the facts the criteria of a version are judged by.

    Ages are counted on `stage_date` (default: the reference day of the version); snapshots are
    the newest with a date up to `today`. `payees`: person id -> the group or institution they
    answer for; without one their own group and home are looked at. A constant number of queries
    for any number of people.
    """
    day = stage_date or reference_day(version, today=today)
    found = _facts_alone(
        persons,
        version=version,
        today=today,
        day=day,
        observed=observed or {},
        observed_source=observed_source,
        payees=payees or {},
    )
    if not asks_group(version.criteria):
        return found
    groups = traits.group_members([person.pk for person in persons], payees or {})
    members = {member.pk: member for people in groups.values() for member in people}
    each = _facts_alone(list(members.values()), version=version, today=today, day=day)
    seats = {pk: [(who.name, each[who.pk]) for who in people] for pk, people in groups.items()}
    return {pk: replace(own, members=seats.get(pk)) for pk, own in found.items()}


def _facts_alone(
    persons: Sequence[Person],
    *,
    version: ProgrammeVersion,
    today: date,
    day: date,
    observed: Mapping[int, dict[str, bool]] = MappingProxyType({}),
    observed_source: str = "",
    payees: Mapping[int, int | None] = MappingProxyType({}),
) -> dict[int, Facts]:
    """The facts of people without those of the members of their groups."""
    known: dict[int, Any] = facts_about(persons, on=today)
    ground = _ground(persons, version, today=today, day=day, payees=payees)
    return {
        person.pk: _facts(
            person,
            known[person.pk],
            ground,
            observed=observed.get(person.pk, {}),
            observed_source=observed_source,
        )
        for person in persons
    }


def _facts(
    person: Person, known: Any, ground: _Ground, *, observed: dict[str, bool], observed_source: str
) -> Facts:
    family = person.family_id
    # Nobody in a death list is alive only as far as a list was looked into.
    looked = [row for row in ground.deaths if person.area_code.startswith(row.area_code)]
    death_source = known.death_source or (source_words(looked[0]) if looked else "")
    grants = None if ground.grants is None else ground.grants.get(person.pk, [])
    return Facts(
        stage_date=ground.stage_date,
        asked_on=ground.today,
        year=ground.year,
        birth_date=known.birth_date,
        sex=known.sex,
        died_on=known.died_on,
        death_source=death_source,
        desil=known.desil,
        in_dtsen=known.in_dtsen,
        dtsen_source=known.desil_source,
        dtsen_as_of=known.desil_as_of,
        in_regular_pkh=known.in_regular_pkh,
        pkh_source=known.pkh_source,
        exclusion_codes=known.exclusion_codes if known.exclusion_source else None,
        exclusion_source=known.exclusion_source,
        exclusion_kinds=known.exclusion_kinds,
        area_code=known.area_code,
        home_outside=known.home_outside,
        others_in_family=None
        if family is None
        else len(ground.elders.get(family, set()) - {person.pk}),
        received=None if grants is None else sorted({row.code for row in grants}),
        observed=observed,
        observed_source=observed_source,
        lists=_lists(known, bool(looked)),
        list_sources=_list_sources(known, death_source),
        disabilities=ground.of("disabilities", person.pk),
        ppks=ground.of("ppks", person.pk),
        relations=ground.of("relations", person.pk),
        family_births=ground.of("births", family),
        grants=grants,
        family_grants=None if family is None else ground.family_grants.get(family, []),
        paid=ground.of("paid", person.pk),
        group_size=ground.of("sizes", person.pk),
        accreditation=ground.of("grades", person.pk),
        work_codes=ground.of("work", person.pk),
        in_institution=ground.of("residents", person.pk),
        pillars=ground.of("pillars", person.pk),
        scores=ground.of("scores", person.pk) or {},
    )


def _lists(known: Any, deaths_looked_up: bool) -> dict[str, bool]:
    """Kind of list -> in it; only the lists that hold the person's area."""
    found: dict[str, bool | None] = {
        SnapshotKind.DTSEN.value: known.in_dtsen,
        SnapshotKind.PKH.value: known.in_regular_pkh,
        SnapshotKind.SEMBAKO.value: known.in_sembako,
        SnapshotKind.DISABILITY.value: known.in_disability_register,
        SnapshotKind.DEATH.value: True
        if known.died_on is not None
        else (False if deaths_looked_up else None),
        **{str(kind): kind in known.exclusion_hits for kind in known.exclusion_kinds},
    }
    return {kind: answer for kind, answer in found.items() if answer is not None}


def _list_sources(known: Any, death_source: str) -> dict[str, str]:
    return {
        SnapshotKind.DTSEN.value: known.desil_source,
        SnapshotKind.PKH.value: known.pkh_source,
        SnapshotKind.SEMBAKO.value: known.sembako_source,
        SnapshotKind.DISABILITY.value: known.disability_source,
        SnapshotKind.DEATH.value: death_source,
        **{str(kind): known.exclusion_source for kind in known.exclusion_kinds},
    }
