"""Dated facts about people for their criteria: each a query or two for any number of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Case, Q, When
from django.db.models.functions import Left

from beneficiaries.choices import BpsRelation, Grade, GroupRole
from beneficiaries.models import (
    Accreditation,
    Disability,
    FamilyMember,
    GroupMember,
    Institution,
    Person,
    PersonCategory,
    Pillar,
    Residency,
    Worker,
)
from beneficiaries.rules.relations import TO_BPS, from_bps
from programs.models import ProgrammeVersion
from programs.queries.received import help_of
from programs.rules import Grant, PillarTerm

GRADES = (Grade.A, Grade.B, Grade.C)
# "35": as far as a code tells the province.
PROVINCE = 2


def valid_on(day: date) -> Q:
    """Rows with since and until_date that hold on a day; the last day counts."""
    return (Q(since=None) | Q(since__lte=day)) & (Q(until_date=None) | Q(until_date__gte=day))


def disabilities(person_ids: Sequence[int], on: date) -> dict[int, list[str]]:
    """Person id -> kinds recorded, [] for nobody recorded any."""
    rows = Disability.objects.filter(valid_on(on), person__in=person_ids)
    return _grouped(person_ids, rows.order_by("kind").values_list("person_id", "kind"))


def categories(person_ids: Sequence[int], on: date) -> dict[int, list[str]]:
    """Person id -> PPKS codes recorded."""
    rows = PersonCategory.objects.filter(valid_on(on), person__in=person_ids)
    return _grouped(person_ids, rows.order_by("code").values_list("person_id", "code"))


def work_places(person_ids: Sequence[int], on: date) -> dict[int, list[str]]:
    """Person id -> regencies of the places of work that hold on a day; [] for nobody's word."""
    begun = Q(from_date=None) | Q(from_date__lte=on)
    lasts = Q(until_date=None) | Q(until_date__gte=on)
    rows = Worker.objects.filter(begun, lasts, person__in=person_ids)
    return _grouped(person_ids, rows.order_by("pk").values_list("person_id", "work_code"))


def _grouped(ids: Sequence[int], pairs: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {pk: [] for pk in ids}
    for pk, value in pairs:
        found[pk].append(value)
    return found


def relations(persons: Sequence[Person]) -> dict[int, list[int]]:
    """Person id -> what they may be to the head of the family; BPS sometimes leaves two."""
    sexes = {person.pk: person.sex for person in persons}
    rows = FamilyMember.objects.filter(person__in=list(sexes), until_date=None)
    found: dict[int, list[int]] = {}
    for pk, relation, bps in rows.values_list("person_id", "relation", "bps_relation"):
        if relation:
            found[pk] = [int(relation)]
        elif bps:
            sure = from_bps(BpsRelation(bps), sexes[pk])
            possible = [int(ours) for ours, theirs in TO_BPS.items() if theirs == bps]
            found[pk] = [int(sure)] if sure else possible
    return found


def births(family_ids: Iterable[int], on: date) -> dict[int, list[date | None]]:
    """Family id -> birth dates of its living members."""
    living = Q(died_on=None) | Q(died_on__gt=on)
    rows = Person.objects.filter(living, family__in=list(family_ids))
    found: dict[int, list[date | None]] = defaultdict(list)
    for pk, birth in rows.order_by("pk").values_list("family_id", "birth_date"):
        found[pk or 0].append(birth)
    return found


def _lived(on: date) -> Q:
    """Stays that hold on a day; the first and the last day count."""
    return Q(from_date__lte=on) & (Q(until_date=None) | Q(until_date__gte=on))


def pillar_terms(person_ids: Sequence[int], on: date) -> dict[int, list[PillarTerm]]:
    """Person id -> terms as a social pillar, whether each holds on a day; nobody else is named."""
    found: dict[int, list[PillarTerm]] = defaultdict(list)
    for row in Pillar.objects.filter(person__in=person_ids).order_by("pk"):
        until = row.active_until
        serves = row.active_from <= on and (until is None or until >= on)
        term = PillarTerm(row.kind, serves, bool(row.certificate_number), row.load)
        found[row.person_id or 0].append(term)
    return found


def provinces_with_residents(on: date) -> list[str]:
    """Provinces an institution of which says who lives in it on a day: only there is "no" known."""
    rows = Residency.objects.filter(_lived(on))
    codes = rows.annotate(province=Left("institution__payee__area_code", PROVINCE))
    return sorted(set(codes.values_list("province", flat=True).distinct()))


def residents(persons: Sequence[Person], on: date) -> dict[int, bool]:
    """Person id -> lives in an institution on a day; who nobody can know of is missing."""
    stays = Residency.objects.filter(_lived(on), person__in=persons)
    inside = set(stays.values_list("person_id", flat=True))
    known = set(provinces_with_residents(on))
    return {
        person.pk: person.pk in inside
        for person in persons
        if person.pk in inside or person.area_code[:PROVINCE] in known
    }


def grants(
    version: ProgrammeVersion, person_ids: Sequence[int], family_ids: Iterable[int]
) -> tuple[dict[int, list[Grant]], dict[int, list[Grant]]]:
    """Programmes that people, and families, have received: other versions only; one query."""
    own: dict[int, list[Grant]] = defaultdict(list)
    shared: dict[int, list[Grant]] = defaultdict(list)
    for row in help_of(person_ids, family_ids):
        if not row.had or row.version_id == version.pk:
            continue
        own[row.person_id].append(Grant(row.code, row.year))
        if row.family_id is not None:
            shared[row.family_id].append(Grant(row.code, row.year, of_person=False))
    return own, shared


def group_sizes(person_ids: Sequence[int], payees: Mapping[int, int | None]) -> dict[int, int]:
    """Person id -> living members of the group they answer for, else of their own."""
    return {pk: len(people) for pk, people in group_members(person_ids, payees).items()}


def group_members(
    person_ids: Sequence[int], payees: Mapping[int, int | None]
) -> dict[int, list[Person]]:
    """Person id -> members today of the group they answer for, else of their own; chair first."""
    open_rows = GroupMember.objects.filter(left_on=None)
    group_of: dict[int, int] = dict(
        open_rows.filter(person__in=person_ids).values_list("person_id", "group_id")
    )
    group_of |= {pk: payee for pk, payee in payees.items() if payee is not None}
    people: dict[int, list[Person]] = defaultdict(list)
    rows = open_rows.filter(group__in=set(group_of.values())).select_related("person")
    first = Case(When(role=GroupRole.CHAIR, then=0), default=1)
    for row in rows.order_by("group_id", first, "pk"):
        people[row.group_id].append(row.person)
    return {pk: people[group] for pk, group in group_of.items() if group in people}


def grades(person_ids: Sequence[int], payees: Mapping[int, int | None], on: date) -> dict[int, str]:
    """Person id -> accreditation on the day of the institution answered for, else lived in.

    "" for an institution without a valid one; who has no institution is missing.
    """
    stays = Residency.objects.filter(_lived(on), person__in=person_ids)
    home_of: dict[int, int] = dict(stays.values_list("person_id", "institution_id"))
    named = {pk: payee for pk, payee in payees.items() if payee is not None}
    known = set(Institution.objects.filter(pk__in=named.values()).values_list("pk", flat=True))
    home_of |= {pk: payee for pk, payee in named.items() if payee in known}
    newest: dict[int, Accreditation] = {}
    rows = Accreditation.objects.filter(institution__in=set(home_of.values()), valid_from__lte=on)
    for row in rows.order_by("valid_from", "pk"):
        newest[row.institution_id] = row
    return {pk: _grade(newest.get(home), on) for pk, home in home_of.items()}


def _grade(row: Accreditation | None, on: date) -> str:
    holds = row is not None and row.grade in GRADES and row.valid_until >= on
    return row.grade if row is not None and holds else ""
