"""The rows that say who was in which family when: they follow the person's family, never back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from bansos.accounts.models import User
from bansos.lib.dates import day_of
from beneficiaries.choices import BpsRelation, FamilyChange, Relation
from beneficiaries.models import FamilyMember, Person
from beneficiaries.rules.relations import SaidRelation, says_the_same


def follow_families(
    items: Sequence[tuple[Person, int | None, int | None]],
    *,
    by: User,
    at: datetime,
    on: date | None = None,
    change: FamilyChange = FamilyChange.LISTED,
) -> None:
    """Bring the open rows of saved people in line with `person.family`.

    Runs in the caller's transaction.

    `items` are (person, relation to the head, BPS's code where that leaves the relation open),
    None when nobody said. Who came into another family gets a new row and the old one ends on
    `on` (today when not given); an unknown relation is filled in, a known one that changes gets a
    new row too, one that says less than what is known changes nothing. A second head of one family
    keeps an unknown relation: which of the two is right somebody has to say. Three or four
    statements.
    """
    last = on or day_of(at)
    people = [person for person, _relation, _bps in items]
    rows = FamilyMember.objects.select_for_update().filter(person__in=people, until_date=None)
    known = {row.person_id: row for row in rows.order_by("pk")}
    fresh: dict[int, FamilyMember] = {}
    filled: list[FamilyMember] = []
    ended: list[FamilyMember] = []
    for person, relation, bps in items:
        said = SaidRelation(
            Relation(relation) if relation else None, BpsRelation(bps) if bps else None
        )
        row = known.get(person.pk)
        stays = row is not None and row.family_id == person.family_id
        if stays and row is not None and says_the_same(said, row.relation, row.bps_relation):
            continue
        if stays and row is not None and not row.relation and not row.bps_relation:
            row.relation, row.bps_relation = said.relation, said.bps
            filled.append(row)
            continue
        if row is not None:
            row.until_date = max(last, row.from_date) if row.from_date else last
            row.left_by = _left_by(change, stays=stays)
            ended.append(row)
        if person.family_id is not None:
            came_on = on if on or row is None else last
            fresh[person.pk] = _opened(person, said, came_on, change, by, at)
    _store(ended, filled, list(fresh.values()))


def _left_by(change: FamilyChange, *, stays: bool) -> FamilyChange:
    if change != FamilyChange.LISTED:
        return change
    return FamilyChange.CORRECTED if stays else FamilyChange.MOVED


def _opened(
    person: Person,
    said: SaidRelation,
    on: date | None,
    change: FamilyChange,
    by: User,
    at: datetime,
) -> FamilyMember:
    return FamilyMember(
        family_id=person.family_id,
        person=person,
        relation=said.relation,
        bps_relation=said.bps,
        from_date=on,
        came_by=change,
        recorded_at=at,
        recorded_by=by,
    )


def _store(
    ended: list[FamilyMember], filled: list[FamilyMember], fresh: list[FamilyMember]
) -> None:
    FamilyMember.objects.bulk_update(ended, ["until_date", "left_by"])
    wanted = {row.family_id for row in (*filled, *fresh) if row.relation == Relation.HEAD}
    heads = set(
        FamilyMember.objects.filter(
            family__in=wanted, until_date=None, relation=Relation.HEAD
        ).values_list("family_id", flat=True)
    )
    for row in (*filled, *fresh):
        if row.relation != Relation.HEAD:
            continue
        if row.family_id in heads:
            row.relation = None
        heads.add(row.family_id)
    FamilyMember.objects.bulk_update(filled, ["relation", "bps_relation"])
    FamilyMember.objects.bulk_create(fresh)
