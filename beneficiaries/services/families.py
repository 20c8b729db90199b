"""The life of a family: relations, a new head, a split, a move. Every change is a new row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused
from bansos.lib.nik import check_kk, clean_digits
from bansos.lib.scopes import covers
from beneficiaries.choices import FamilyChange, Relation
from beneficiaries.models import BankAccount, Family, FamilyMember, FamilyMove, Person
from beneficiaries.services.memberships import follow_families
from beneficiaries.services.people import PersonValues, families_by_kk, name_head

Placed = tuple[Person, Relation]


def _require(by: User, area_code: str) -> None:
    if not covers(by.area_code, area_code):
        raise NotAllowed(
            "FAMILY-AREA", _("Keluarga ini di luar wilayah Anda. Tidak ada yang berubah.")
        )


def _check_day(on: date, at: datetime) -> None:
    if on > day_of(at):
        sentence = _("Tanggal perubahan tidak boleh di masa depan.")
        raise BadInput("FAMILY-DATE", sentence, fields={"on": sentence})


def _row_of(person: Person) -> FamilyMember:
    row: FamilyMember | None = (
        FamilyMember.objects.select_for_update().filter(person=person, until_date=None).first()
    )
    if row is None:
        raise Refused("FAMILY-NONE", _("Orang ini belum tercatat dalam KK mana pun."))
    return row


def _head_of(family_id: int | None) -> FamilyMember | None:
    rows = FamilyMember.objects.select_for_update().filter(family=family_id, until_date=None)
    return rows.filter(relation=Relation.HEAD).first()


def _put_head(family_id: int, person: Person, by: User, at: datetime) -> None:
    """The family is named after its head. Raises NotAllowed for a family outside the area."""
    family = Family.objects.select_for_update().get(pk=family_id)
    _require(by, family.area_code)
    if family.head_name != person.name:
        name_head(family, person.name, by, at)


@transaction.atomic
def set_relation(
    *, person: Person, relation: Relation, on: date, by: User, at: datetime
) -> FamilyMember:
    """The relation of a person to the head of the family (Dukcapil's code).

    Somebody who becomes head takes the place of the head before, whose relation is then unknown
    until somebody says it. The family's name of the head follows.
    """
    _require(by, person.area_code)
    _check_day(on, at)
    row = _row_of(person)
    if relation == Relation.HEAD:
        _put_head(row.family_id, person, by, at)
        head = _head_of(row.family_id)
        if head is not None and head.person_id != person.pk:
            _renew(head, None, on, by, at)
    fresh = _renew(row, relation, on, by, at)
    audit.record(verb="beneficiaries.set_relation", by=by, at=at, target=person, relation=relation)
    return fresh


def _renew(
    row: FamilyMember, relation: Relation | None, on: date, by: User, at: datetime
) -> FamilyMember:
    """An unknown relation is filled in; a known one ends and a new row begins."""
    if (row.relation, row.bps_relation) == (relation, None):
        return row
    if not row.relation and not row.bps_relation:
        row.relation = relation
        row.save(update_fields=["relation"])
        return row
    row.until_date = max(on, row.from_date) if row.from_date else on
    row.left_by = FamilyChange.CORRECTED
    row.save(update_fields=["until_date", "left_by"])
    return FamilyMember.objects.create(
        family_id=row.family_id,
        person_id=row.person_id,
        relation=relation,
        from_date=row.until_date,
        came_by=FamilyChange.CORRECTED,
        recorded_at=at,
        recorded_by=by,
    )


@transaction.atomic
def transfer(
    *,
    person: Person,
    kk: str,
    relation: Relation,
    on: date,
    change: FamilyChange,
    by: User,
    at: datetime,
) -> Person:
    """A person moves to another family card (marriage, divorce, move); found or created by number.

    Raises BadInput for a broken number or the card the person is on already.
    """
    _require(by, person.area_code)
    _check_day(on, at)
    family = _card(kk, person, by, at)
    return _place(family, [(person, relation)], on, change, by, at)[0]


def _card(kk: str, person: Person, by: User, at: datetime) -> Family:
    number = clean_digits(kk)
    errors = check_kk(number).errors
    sentence = str(errors[0][1]) if errors else ""
    if person.family and person.family.kk == number:
        sentence = _("Ini KK yang sekarang. Isi nomor KK yang baru.")
    if sentence:
        raise BadInput("FAMILY-KK", sentence, fields={"kk": sentence})
    values = PersonValues(
        nik=person.nik or "",
        name=person.name,
        area_code=person.area_code,
        kk=number,
        address=person.address,
        village_id=person.village_id,
    )
    return families_by_kk([values], by, at)[number]


def _place(
    family: Family,
    placed: Sequence[Placed],
    on: date,
    change: FamilyChange,
    by: User,
    at: datetime,
) -> list[Person]:
    people = []
    for given, _relation in sorted(placed, key=lambda pair: pair[0].pk):
        row: Person = Person.objects.select_for_update().get(pk=given.pk)
        _require(by, row.area_code)
        row.family = family
        row.version += 1
        row.updated_at = at
        row.save(update_fields=["family", "version", "updated_at"])
        people.append(row)
        audit.record(verb="beneficiaries.change_family_of", by=by, at=at, target=row, change=change)
    relations = {person.pk: relation for person, relation in placed}
    for person in people:
        if relations[person.pk] == Relation.HEAD:
            _check_head(family, person)
            _put_head(family.pk, person, by, at)
    follow_families(
        [(person, relations[person.pk], None) for person in people],
        by=by,
        at=at,
        on=on,
        change=change,
    )
    return people


def _check_head(family: Family, person: Person) -> None:
    head = _head_of(family.pk)
    if head is not None and head.person_id != person.pk:
        sentence = _("KK itu sudah punya kepala keluarga. Pilih hubungan lain.")
        raise BadInput("FAMILY-HEAD", sentence, fields={"relation": sentence})


@transaction.atomic
def split_family(
    *, family: Family, kk: str, members: Sequence[Placed], on: date, by: User, at: datetime
) -> Family:
    """Some members get a card of their own (pecah KK); exactly one of them is its head.

    Raises BadInput without exactly one head, for strangers, or when nobody would stay behind, and
    Refused when the new number is a known card already.
    """
    _require(by, family.area_code)
    _check_day(on, at)
    _check_split(family, members)
    first = next(person for person, relation in members if relation == Relation.HEAD)
    card = _card(kk, first, by, at)
    if card.members.exists():
        raise Refused(
            "FAMILY-KNOWN",
            _("Nomor KK baru itu sudah dipakai keluarga lain. Pakai pindah KK untuk bergabung."),
        )
    Family.objects.filter(pk=card.pk).update(split_from=family)
    _place(card, members, on, FamilyChange.SPLIT, by, at)
    audit.record(
        verb="beneficiaries.split_family", by=by, at=at, target=family, members=len(members)
    )
    card.refresh_from_db()
    return card


def _check_split(family: Family, members: Sequence[Placed]) -> None:
    going = {person.pk for person, _relation in members}
    own = set(family.members.values_list("pk", flat=True))
    sentence = ""
    if [relation for _person, relation in members].count(Relation.HEAD) != 1:
        sentence = _("KK baru butuh tepat satu kepala keluarga.")
    elif not going <= own:
        sentence = _("Ada yang bukan anggota KK ini. Muat ulang halaman keluarga.")
    elif not own - going:
        sentence = _("Semua anggota dipilih. Ubah nomor KK di data orangnya, bukan pecah KK.")
    if sentence:
        raise BadInput("FAMILY-SPLIT", sentence, fields={"members": sentence})


@transaction.atomic
def move_family(
    *,
    family: Family,
    village_id: str,
    address: str,
    on: date,
    by: User,
    at: datetime,
    letter_number: str = "",
) -> FamilyMove:
    """The whole family lives elsewhere from a day on; where it lived before stays on record.

    The living members and their accounts move along. Raises NotAllowed when the old or the new
    place lies outside the user's area.
    """
    row: Family = Family.objects.select_for_update().get(pk=family.pk)
    _require(by, row.area_code)
    _require(by, village_id)
    _check_day(on, at)
    move = FamilyMove.objects.create(
        family=row,
        moved_on=on,
        old_address=row.address,
        old_area_code=row.area_code,
        new_address=address[:250],
        new_village_id=village_id,
        letter_number=letter_number.strip()[:80],
        recorded_at=at,
        recorded_by=by,
    )
    row.address, row.village_id, row.area_code = address[:250], village_id, village_id
    row.save(update_fields=["address", "village", "area_code"])
    for person in row.members.select_for_update().filter(died_on=None).order_by("pk"):
        if not covers(by.area_code, person.area_code):
            continue
        person.address, person.village_id, person.area_code = row.address, village_id, village_id
        person.version += 1
        person.updated_at = at
        person.save()
        BankAccount.objects.filter(person=person).update(area_code=village_id)
    audit.record(
        verb="beneficiaries.move_family",
        by=by,
        at=at,
        target=row,
        old=move.old_area_code,
        new=village_id,
    )
    return move
