"""Families and what is recorded about people over time, as worked examples."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from bansos.audit.models import Event
from bansos.lib.errors import NotAllowed, Stale
from beneficiaries.choices import (
    BpsRelation,
    DisabilityKind,
    FamilyChange,
    GuardianRelation,
    Ppks,
    Relation,
)
from beneficiaries.models import Disability, Family, FamilyMember, FamilyMove, Guardian, Person
from beneficiaries.rules.relations import TO_BPS, from_bps, read_relation
from beneficiaries.services.families import (
    move_family,
    set_relation,
    split_family,
    transfer,
)
from beneficiaries.services.people import PersonValues, save_people, save_person
from beneficiaries.services.traits import (
    add_category,
    end_trait,
    record_disability,
    set_guardian,
)
from tests.beneficiaries.kube import refuses
from tests.cast import Cast
from tests.factories.beneficiaries import NOW, BankAccountFactory, PersonFactory

pytestmark = pytest.mark.django_db
KK, NEW_KK = "3519010101150001", "3519010203260002"
ON = date(2026, 11, 2)
FATHER = PersonValues(
    nik="3519010108700001",
    kk=KK,
    name="Suparno",
    birth_date=date(1970, 8, 1),
    sex="L",
    village_id="35.19.01.2001",
    area_code="35.19",
    relation=Relation.HEAD,
)
WIFE = replace(
    FATHER,
    nik="3519014108720002",
    name="Sumarni",
    birth_date=date(1972, 8, 1),
    sex="P",
    relation=Relation.WIFE,
)
SON = replace(
    FATHER,
    nik="3519010108960003",
    name="Suyono",
    birth_date=date(1996, 8, 1),
    relation=Relation.CHILD,
)


def household(cast: Cast) -> tuple[Family, list[Person]]:
    people = save_people(items=[FATHER, WIFE, SON], by=cast.sari, at=NOW)
    assert people[0].family is not None
    return people[0].family, people


def open_row(person: Person) -> FamilyMember:
    return FamilyMember.objects.get(person=person, until_date=None)


def test_each_code_of_dukcapil_has_one_of_bps_and_not_always_back() -> None:
    assert set(TO_BPS) == set(Relation)
    assert set(TO_BPS.values()) == set(BpsRelation)
    assert TO_BPS[Relation.PARENT_IN_LAW] == BpsRelation.PARENT
    assert from_bps(BpsRelation.SPOUSE, "P") == Relation.WIFE
    assert from_bps(BpsRelation.SPOUSE, "") is None
    assert from_bps(BpsRelation.PARENT, "P") is None
    assert from_bps(BpsRelation.CHILD_IN_LAW, "") == Relation.CHILD_IN_LAW
    assert read_relation("Isteri") == Relation.WIFE
    assert read_relation("4. Anak") == Relation.CHILD
    assert [read_relation(text) for text in ("01", "3", "8", "²")] == [Relation.HEAD] + [None] * 3


def test_a_list_says_who_is_who_and_a_second_head_stays_open(cast: Cast) -> None:
    _family, people = household(cast)
    assert [open_row(person).relation for person in people] == [1, 3, 4]
    second = replace(SON, nik="3519010108980004", name="Kedua", relation=Relation.HEAD)
    other = save_person(person=None, values=second, by=cast.sari, at=NOW)
    assert open_row(other).relation is None
    assert open_row(other).relation_label == ""
    with pytest.raises(IntegrityError, match="one_head"), transaction.atomic():
        FamilyMember.objects.filter(person=other).update(relation=Relation.HEAD)


def test_another_card_ends_the_row_and_opens_a_new_one(cast: Cast) -> None:
    family, people = household(cast)
    married = replace(SON, kk=NEW_KK, relation=None)
    save_people(items=[married], by=cast.sari, at=NOW)
    old, new = FamilyMember.objects.filter(person=people[2]).order_by("pk")
    assert (old.family, old.until_date, old.left_by) == (family, date(2026, 11, 22), "moved")
    assert (new.family.kk, new.from_date, new.relation) == (NEW_KK, date(2026, 11, 22), None)
    save_people(items=[married], by=cast.sari, at=NOW)
    assert FamilyMember.objects.filter(person=people[2]).count() == 2


def test_a_family_splits_and_remembers_where_it_came_from(cast: Cast) -> None:
    family, people = household(cast)
    son = people[2]
    with refuses("FAMILY-SPLIT"):
        split_family(
            family=family, kk=NEW_KK, members=[(son, Relation.CHILD)], on=ON, by=cast.sari, at=NOW
        )
    with refuses("FAMILY-SPLIT"):
        split_family(
            family=family,
            kk=NEW_KK,
            members=[
                (person, Relation.HEAD if person == son else Relation.KIN) for person in people
            ],
            on=ON,
            by=cast.sari,
            at=NOW,
        )
    card = split_family(
        family=family, kk=NEW_KK, members=[(son, Relation.HEAD)], on=ON, by=cast.sari, at=NOW
    )
    assert (card.split_from, card.head_name) == (family, "Suyono")
    assert list(card.members.all()) == [son]
    assert family.members.count() == 2
    old = FamilyMember.objects.get(person=son, family=family)
    assert (old.relation, old.until_date, old.left_by) == (Relation.CHILD, ON, FamilyChange.SPLIT)
    with refuses("FAMILY-KNOWN"):
        split_family(
            family=family,
            kk=NEW_KK,
            members=[(people[1], Relation.HEAD)],
            on=ON,
            by=cast.sari,
            at=NOW,
        )


def test_the_head_dies_and_the_widow_becomes_head(cast: Cast) -> None:
    family, people = household(cast)
    set_relation(person=people[1], relation=Relation.HEAD, on=ON, by=cast.sari, at=NOW)
    family.refresh_from_db()
    assert family.head_name == "Sumarni"
    assert open_row(people[1]).relation == Relation.HEAD
    assert open_row(people[0]).relation is None
    past = FamilyMember.objects.exclude(until_date=None).order_by("relation")
    assert [row.relation for row in past] == [Relation.HEAD, Relation.WIFE]
    set_relation(person=people[2], relation=Relation.HEAD, on=ON, by=cast.sari, at=NOW)
    assert open_row(people[1]).relation is None


def test_a_person_moves_to_a_card_that_has_its_head(cast: Cast) -> None:
    _family, people = household(cast)
    hers = save_person(
        person=None,
        values=replace(FATHER, nik="3519010108750009", name="Karto", kk=NEW_KK),
        by=cast.sari,
        at=NOW,
    )
    move = {"person": people[2], "kk": NEW_KK, "on": ON, "by": cast.sari, "at": NOW}
    with refuses("FAMILY-HEAD"):
        transfer(relation=Relation.HEAD, change=FamilyChange.MARRIED, **move)
    son = transfer(relation=Relation.CHILD_IN_LAW, change=FamilyChange.MARRIED, **move)
    assert son.family == hers.family
    assert open_row(son).came_by == FamilyChange.MARRIED
    with refuses("FAMILY-KK"):
        transfer(relation=Relation.KIN, change=FamilyChange.MOVED, **{**move, "person": son})
    with pytest.raises(NotAllowed):
        transfer(relation=Relation.KIN, change=FamilyChange.MOVED, **{**move, "by": cast.lain})


def test_a_family_of_another_regency_keeps_its_head(cast: Cast) -> None:
    family, people = household(cast)
    set_relation(person=people[1], relation=Relation.HEAD, on=ON, by=cast.sari, at=NOW)
    event = Event.objects.get(verb="beneficiaries.change_family")
    assert (event.target_id, event.data) == (str(family.pk), {"changed": ["head_name"]})
    Family.objects.filter(pk=family.pk).update(area_code="35.20.01.2001")
    with pytest.raises(NotAllowed):
        set_relation(person=people[2], relation=Relation.HEAD, on=ON, by=cast.sari, at=NOW)
    stranger = save_person(
        person=None,
        values=replace(FATHER, nik="3519010108750009", name="Karto", kk=NEW_KK),
        by=cast.sari,
        at=NOW,
    )
    FamilyMember.objects.filter(person=people[1], until_date=None).update(relation=Relation.WIFE)
    with pytest.raises(NotAllowed):
        transfer(
            person=stranger,
            kk=KK,
            relation=Relation.HEAD,
            change=FamilyChange.MOVED,
            on=ON,
            by=cast.sari,
            at=NOW,
        )
    family.refresh_from_db()
    assert family.head_name == people[1].name


def test_a_family_that_moves_leaves_its_old_address_on_record(cast: Cast) -> None:
    family, people = household(cast)
    account = BankAccountFactory(person=people[0])
    move = move_family(
        family=family,
        village_id="35.19.02.1001",
        address="Jalan Baru 2",
        on=ON,
        letter_number="SKP/12",
        by=cast.sari,
        at=NOW,
    )
    assert move.old_area_code == "35.19.01.2001"
    for row in (family, people[2], account):
        row.refresh_from_db()
        assert row.area_code == "35.19.02.1001"
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        FamilyMove.objects.update(letter_number="x")
    with pytest.raises(NotAllowed):
        move_family(
            family=family, village_id="35.20.01.2001", address="", on=ON, by=cast.sari, at=NOW
        )


def test_a_disability_keeps_its_answers_and_its_past(cast: Cast) -> None:
    person = PersonFactory()
    given = {"person": person, "kind": DisabilityKind.PHYSICAL, "by": cast.sari, "at": NOW}
    record_disability(source="Asesmen UPT", activities={"walking": 3}, **given)
    record_disability(source="Kunjungan", activities={"walking": 4, "self_care": 2}, **given)
    open_one = Disability.objects.get(until_date=None)
    assert (open_one.walking, open_one.self_care, open_one.seeing) == (4, 2, None)
    assert Disability.objects.count() == 2
    with refuses("DISABILITY-ACTIVITY"):
        record_disability(source="x", activities={"flying": 1}, **given)
    end_trait(trait=open_one, until_date=date(2026, 11, 20), by=cast.sari, at=NOW)
    with pytest.raises(Stale):
        end_trait(trait=open_one, until_date=date(2026, 11, 20), by=cast.sari, at=NOW)


@pytest.mark.parametrize(
    ("code", "born", "sex", "fits"),
    [
        (Ppks.NEGLECTED_ELDER, date(1966, 11, 22), "L", True),
        (Ppks.NEGLECTED_ELDER, date(1966, 11, 23), "L", False),
        (Ppks.NEGLECTED_TODDLER, date(2021, 1, 1), "P", True),
        (Ppks.NEGLECTED_TODDLER, date(2020, 1, 1), "P", False),
        (Ppks.STREET_CHILD, date(2008, 11, 22), "L", True),
        (Ppks.STREET_CHILD, date(2007, 11, 22), "L", False),
        (Ppks.VULNERABLE_WOMAN, date(1980, 1, 1), "P", True),
        (Ppks.VULNERABLE_WOMAN, date(1980, 1, 1), "L", False),
        (Ppks.DISABLED, date(1980, 1, 1), "L", False),
        (Ppks.POOR, None, "", True),
    ],
)
def test_a_category_asks_for_age_sex_and_disability(
    cast: Cast, code: Ppks, born: date | None, sex: str, fits: bool
) -> None:
    person = PersonFactory(birth_date=born, sex=sex)
    given = {"since": date(2026, 11, 22), "source": "Musdes", "by": cast.sari, "at": NOW}
    if not fits:
        with refuses("PPKS-RULE"):
            add_category(person=person, code=code, **given)
        return
    row = add_category(person=person, code=code, **given)
    assert add_category(person=person, code=code, **given) == row
    add_category(person=person, code=Ppks.HOMELESS, **given)
    assert person.categories.count() == 2


def test_a_restricted_category_needs_its_own_right(cast: Cast) -> None:
    person = PersonFactory()
    given = {"since": ON, "source": "Puskesmas", "at": NOW}
    with pytest.raises(NotAllowed):
        add_category(person=person, code=Ppks.HIV, by=cast.vera, **given)
    assert add_category(person=person, code=Ppks.HIV, by=cast.sari, **given).pk


def test_a_guardian_is_another_grown_living_person(cast: Cast) -> None:
    ward, adult = PersonFactory(), PersonFactory(birth_date=date(1985, 1, 1))
    given = {
        "relation": GuardianRelation.KIN,
        "letter_number": "470/12",
        "letter_date": ON,
        "from_date": ON,
        "by": cast.sari,
        "at": NOW,
    }
    for wrong, code in (
        (ward, "GUARDIAN-SELF"),
        (PersonFactory(dead=True), "GUARDIAN-DEAD"),
        (PersonFactory(birth_date=date(2010, 1, 1)), "GUARDIAN-CHILD"),
    ):
        with refuses(code):
            set_guardian(ward=ward, person=wrong, **given)
    set_guardian(ward=ward, person=adult, **given)
    with refuses("GUARDIAN-WARD"):
        set_guardian(ward=PersonFactory(), person=ward, **given)
    second = set_guardian(ward=ward, person=PersonFactory(birth_date=date(1980, 1, 1)), **given)
    assert Guardian.objects.get(ward=ward, until_date=None) == second
