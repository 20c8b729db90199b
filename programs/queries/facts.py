"""The facts behind the criteria: what the register, the snapshots and other enrolments say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from beneficiaries.choices import SnapshotKind
from beneficiaries.models import Person, Snapshot
from beneficiaries.queries import facts_about
from beneficiaries.queries.facts import snapshots_on, source_words
from programs.choices import HOLDING
from programs.models import Enrolment, ProgrammeVersion
from programs.rules import Facts, reference_stage


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


def _received(version: ProgrammeVersion, person_ids: Sequence[int]) -> dict[int, set[str]]:
    """Person id -> codes of programmes they were active in, in other versions."""
    rows = (
        Enrolment.objects.filter(person_id__in=person_ids, active_from__isnull=False)
        .exclude(version=version)
        .values_list("person_id", "version__programme__code")
    )
    found: dict[int, set[str]] = {}
    for person_id, code in rows:
        found.setdefault(person_id, set()).add(code)
    return found


def facts_for(
    persons: Sequence[Person],
    *,
    version: ProgrammeVersion,
    today: date,
    stage_date: date | None = None,
    observed: dict[int, dict[str, bool]] | None = None,
    observed_source: str = "",
) -> dict[int, Facts]:
    """Person id -> the facts the criteria of a version are judged by.

    Ages are counted on `stage_date` (default: the reference day of the version); snapshots are
    the newest with a date up to `today`. A constant number of queries for any number of people.
    """
    day = stage_date or reference_day(version, today=today)
    known: dict[int, Any] = facts_about(persons, on=today)
    deaths = snapshots_on(today).get(SnapshotKind.DEATH, [])
    families = {p.family_id for p in persons if p.family_id is not None}
    elders = _elders(version, families)
    received = _received(version, [p.pk for p in persons])
    seen = observed or {}
    return {
        person.pk: _facts(
            person,
            known[person.pk],
            stage_date=day,
            deaths=deaths,
            others=elders,
            received=received,
            observed=seen.get(person.pk, {}),
            observed_source=observed_source,
        )
        for person in persons
    }


def _facts(
    person: Person,
    known: Any,
    *,
    stage_date: date,
    deaths: Sequence[Snapshot],
    others: dict[int, set[int]],
    received: dict[int, set[str]],
    observed: dict[str, bool],
    observed_source: str,
) -> Facts:
    in_family = None
    if person.family_id is not None:
        in_family = len(others.get(person.family_id, set()) - {person.pk})
    # Nobody in a death list is alive only as far as a list was looked into.
    looked = [row for row in deaths if person.area_code.startswith(row.area_code)]
    death_source = known.death_source or (source_words(looked[0]) if looked else "")
    return Facts(
        stage_date=stage_date,
        birth_date=known.birth_date,
        sex=known.sex,
        died_on=known.died_on,
        death_source=death_source,
        desil=known.desil,
        in_dtsen=known.in_dtsen,
        dtsen_source=known.desil_source,
        in_regular_pkh=known.in_regular_pkh,
        pkh_source=known.pkh_source,
        exclusion_codes=known.exclusion_codes if known.exclusion_source else None,
        exclusion_source=known.exclusion_source,
        area_code=known.area_code,
        home_outside=known.home_outside,
        others_in_family=in_family,
        received=sorted(received.get(person.pk, set())),
        observed=observed,
        observed_source=observed_source,
    )
