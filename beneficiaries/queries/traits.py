"""Reads of what is recorded about people and families over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.lib.parts import Pair
from beneficiaries.choices import Difficulty, KeyKind, SnapshotKind
from beneficiaries.models import (
    Disability,
    Family,
    FamilyMember,
    Guardian,
    Person,
    PersonCategory,
    SnapshotEntry,
)
from beneficiaries.rules.categories import RESTRICTED


@dataclass(frozen=True)
class State:
    """What is recorded about one person, as one user may see it."""

    disabilities: list[Disability]
    categories: list[PersonCategory]
    hidden: int
    guardian: Guardian | None
    wards: list[Guardian]
    stays: list[Any]
    groups: list[Any]
    work: list[Any]
    offices: list[Any]


def state_of(person: Person, user: User) -> State:
    """Everything over time, the open ones first; restricted categories for who may see them."""
    categories = list(person.categories.order_by("until_date", "code"))
    shown = [row for row in categories if row.code not in RESTRICTED]
    if user.can(Permission.SENSITIVE_VIEW):
        shown = categories
    visible = Person.objects.visible_to(user)
    wards = Guardian.objects.filter(person=person, until_date=None, ward__in=visible)
    return State(
        disabilities=list(person.disabilities.order_by("-pk")),
        categories=shown,
        hidden=len(categories) - len(shown),
        guardian=person.guardians.filter(until_date=None).select_related("person").first(),
        wards=list(wards.select_related("ward")),
        stays=list(person.residencies.select_related("institution__payee").order_by("-from_date")),
        groups=list(person.groups.select_related("group__payee").order_by("-joined_on")),
        work=list(person.jobs.select_related("company").order_by("-pk")),
        offices=list(person.pillars.order_by("-active_from")),
    )


def answers_of(row: Disability, labels: dict[str, Any]) -> list[Pair]:
    """The questions that were asked, with their answers in words."""
    asked = [(name, getattr(row, name)) for name in Disability.ACTIVITIES]
    return [
        Pair(label=labels[name], value=Difficulty(answer).label) for name, answer in asked if answer
    ]


@dataclass(frozen=True)
class Household:
    """A family as its page shows it: who is in it, who was, where it lived, what came of it."""

    members: list[tuple[Person, str]]
    hidden: int
    former: list[FamilyMember]
    moves: list[Any]
    split_offs: list[Family]


def desil_history(family: Family) -> list[SnapshotEntry]:
    """Every DTSEN hand-over that names the family, newest first: desil, version, date, BAST."""
    entries = SnapshotEntry.objects.filter(
        key_kind=KeyKind.KK,
        key_index=family.kk_index,
        snapshot__kind=SnapshotKind.DTSEN,
        snapshot__is_complete=True,
    )
    return list(entries.select_related("snapshot").order_by("-snapshot__as_of", "-pk"))


def household_of(family: Family, user: User) -> Household:
    """The family's people as far as the user may look; four queries and one for the hidden."""
    visible = Person.objects.visible_to(user)
    people = list(visible.filter(family=family).order_by("birth_date", "pk"))
    rows = FamilyMember.objects.filter(family=family, until_date=None)
    labels = {row.person_id: row.relation_label for row in rows}
    order = {row.person_id: row.relation or 99 for row in rows}
    people.sort(key=lambda person: order.get(person.pk, 99))
    former = family.history.exclude(until_date=None).filter(person__in=visible)
    return Household(
        members=[(person, labels.get(person.pk, "")) for person in people],
        hidden=family.members.count() - len(people),
        former=list(former.select_related("person", "family").order_by("-until_date", "-pk")),
        moves=list(family.moves.select_related("new_village").order_by("-moved_on", "-pk")),
        split_offs=list(Family.objects.visible_to(user).filter(split_from=family)),
    )
