"""Writes on people, their families, their accounts, and the opening of masked numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.audit.models import Event
from bansos.lib.crypto import blind_index
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.lib.nik import check_kk, check_nik, clean_digits
from bansos.lib.scopes import covers
from beneficiaries.choices import AccountState, RevealPurpose
from beneficiaries.models import BankAccount, Family, Person
from beneficiaries.queries.people import holders_of
from beneficiaries.rules import REVEALS_PER_HOUR, account_is_sound
from beneficiaries.services.memberships import follow_families

REVEAL_VERB = "beneficiaries.reveal"
# What may be opened, per kind of record.
REVEALABLE: dict[type[Any], tuple[str, ...]] = {
    Person: ("nik", "mother_name", "phone"),
    Family: ("kk",),
    BankAccount: ("number",),
}
PLAIN_FIELDS = (
    "name",
    "mother_name",
    "birth_place",
    "birth_date",
    "sex",
    "address",
    "home_outside",
    "phone",
)


@dataclass(frozen=True, kw_only=True)
class PersonValues:
    """What a form or a list says about one person; empty means "not said"."""

    nik: str
    name: str
    area_code: str
    kk: str = ""
    mother_name: str = ""
    birth_place: str = ""
    birth_date: date | None = None
    sex: str = ""
    address: str = ""
    village_id: str | None = None
    # Regency and province of the KTP of somebody from another province; "" for everybody else.
    home_outside: str = ""
    phone: str = ""
    family_head: str = ""
    relation: int | None = None
    # BPS's code, where a list of BPS leaves the relation open.
    bps_relation: int | None = None


@dataclass(frozen=True, kw_only=True)
class AccountValues:
    """One account of one person at one bank."""

    person: Person
    bank_code: str
    number: str
    holder_name: str


class PersonElsewhere(Refused):
    """The NIK belongs to a person registered outside the user's area; nothing more is told."""

    def __init__(self) -> None:
        super().__init__(
            "PERSON-ELSEWHERE",
            _(
                "NIK ini sudah terdaftar di wilayah lain. Tidak ada data yang berubah. Minta staf"
                " provinsi memeriksa apakah orangnya pindah."
            ),
        )


def save_person(
    *,
    person: Person | None,
    values: PersonValues,
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Person:
    """Add a person, or change one; finds the person by NIK when none is given.

    A given person takes the values as they are (an emptied field is emptied); a found one keeps
    what the values leave out. Finds or creates the family by its KK number. Raises BadInput for a
    broken NIK or KK, NotAllowed outside the user's area, PersonElsewhere, and Stale when
    `expected_version` is no longer the person's version.
    """
    if person is None:
        try:
            return save_people(items=[values], by=by, at=at)[0]
        except IntegrityError:
            # Somebody else registered the NIK or the KK in the same moment: find it now.
            return save_people(items=[values], by=by, at=at)[0]
    return _edit_person(
        person=person, values=values, by=by, at=at, expected_version=expected_version
    )


@transaction.atomic
def save_people(*, items: Sequence[PersonValues], by: User, at: datetime) -> list[Person]:
    """Find by NIK or add many people with few queries; the answer keeps the order of `items`.

    Raises like save_person(); nothing is saved then.
    """
    wanted = [_checked(values, by) for values in items]
    families = families_by_kk(wanted, by, at)
    known = {
        person.nik_index: person
        # In one order, so that two lists with the same people wait and do not deadlock.
        for person in Person.objects.select_for_update()
        .filter(nik_index__in=[blind_index(values.nik, "nik") for values in wanted])
        .order_by("pk")
    }
    fresh: dict[str, Person] = {}
    found: list[Person] = []
    for values in wanted:
        index = blind_index(values.nik, "nik")
        family = families.get(values.kk)
        person = known.get(index) or fresh.get(index)
        if person is None:
            person = fresh[index] = _new_person(values, family, by, at)
        elif index in known:
            if not covers(by.area_code, person.area_code):
                raise PersonElsewhere
            _apply(person, values, family, by, at, keep_empty=True)
        found.append(person)
    Person.objects.bulk_create(list(fresh.values()))
    follow_families(
        [
            (person, values.relation, values.bps_relation)
            for person, values in zip(found, wanted, strict=True)
        ],
        by=by,
        at=at,
    )
    audit.record_many(
        audit.event(verb="beneficiaries.add_person", by=by, at=at, target=person)
        for person in fresh.values()
    )
    return found


@transaction.atomic
def _edit_person(
    *, person: Person, values: PersonValues, by: User, at: datetime, expected_version: int | None
) -> Person:
    values = _checked(values, by)
    row: Person = Person.objects.select_for_update().get(pk=person.pk)
    if not covers(by.area_code, row.area_code):
        raise PersonElsewhere
    if expected_version is not None and row.version != expected_version:
        raise Stale(
            "PERSON-STALE",
            _(
                "Data ini baru saja diubah orang lain. Perubahan Anda belum disimpan. Lihat"
                " perbedaannya sebelum melanjutkan."
            ),
        )
    other = Person.objects.filter(nik_index=blind_index(values.nik, "nik")).exclude(pk=row.pk)
    if other.exists():
        sentence = _("NIK ini sudah dipakai orang lain di daftar. Periksa KTP.")
        raise BadInput("PERSON-NIK-TAKEN", sentence, fields={"nik": sentence})
    family = families_by_kk([values], by, at).get(values.kk)
    changed = _apply(row, values, family, by, at, keep_empty=False)
    follow_families([(row, values.relation, values.bps_relation)], by=by, at=at)
    if row.nik != values.nik:
        row.nik = values.nik
        row.version += 0 if changed else 1
        row.updated_at = at
        row.save()
        audit.record(verb="beneficiaries.change_person", by=by, at=at, target=row, changed=["nik"])
    return row


def _checked(values: PersonValues, by: User) -> PersonValues:
    """The values with clean numbers and the village's own area; raises BadInput or NotAllowed."""
    nik, kk = clean_digits(values.nik), clean_digits(values.kk)
    fields: dict[str, Any] = {}
    if errors := check_nik(nik).errors:
        fields["nik"] = errors[0][1]
    if kk and (errors := check_kk(kk).errors):
        fields["kk"] = errors[0][1]
    if not values.name.strip():
        fields["name"] = _("Nama belum diisi.")
    if fields:
        raise BadInput("PERSON-INPUT", next(iter(fields.values())), fields=fields)
    area = values.village_id or values.area_code
    if not covers(by.area_code, area):
        raise NotAllowed(
            "PERSON-AREA",
            _("Alamat ini di luar wilayah Anda. Tidak ada yang disimpan. Pilih desa lain."),
        )
    return replace(
        values,
        nik=nik,
        kk=kk,
        name=" ".join(values.name.split())[:150],
        area_code=area,
        phone=clean_digits(values.phone),
    )


def families_by_kk(items: Sequence[PersonValues], by: User, at: datetime) -> dict[str, Family]:
    """KK number -> family; missing ones are created, an unknown head is filled in."""
    wanted = {values.kk: values for values in items if values.kk}
    rows = Family.objects.filter(kk_index__in=[blind_index(kk, "kk") for kk in wanted])
    known = {family.kk_index: family for family in rows}
    families: dict[str, Family] = {}
    fresh: list[Family] = []
    for kk, values in wanted.items():
        family = known.get(blind_index(kk, "kk"))
        if family is None:
            family = Family(
                kk=kk,
                head_name=values.family_head[:150],
                address=values.address[:250],
                village_id=values.village_id,
                area_code=values.area_code,
                created_at=at,
                created_by=by,
            )
            fresh.append(family)
        elif values.family_head and not family.head_name and covers(by.area_code, family.area_code):
            name_head(family, values.family_head, by, at)
        families[kk] = family
    Family.objects.bulk_create(fresh)
    audit.record_many(
        audit.event(verb="beneficiaries.add_family", by=by, at=at, target=family)
        for family in fresh
    )
    return families


def name_head(family: Family, name: str, by: User, at: datetime) -> None:
    """Write who heads a family; the caller has asked whether it lies in the user's area."""
    family.head_name = name[:150]
    family.save(update_fields=["head_name"])
    audit.record(
        verb="beneficiaries.change_family", by=by, at=at, target=family, changed=["head_name"]
    )


def _new_person(values: PersonValues, family: Family | None, by: User, at: datetime) -> Person:
    return Person(
        nik=values.nik,
        name=values.name,
        mother_name=values.mother_name or None,
        birth_place=values.birth_place[:100],
        birth_date=values.birth_date,
        sex=values.sex,
        phone=values.phone or None,
        family=family,
        address=values.address[:250],
        village_id=values.village_id,
        home_outside=values.home_outside[:120],
        area_code=values.area_code,
        created_at=at,
        created_by=by,
        updated_at=at,
    )


def _apply(
    person: Person,
    values: PersonValues,
    family: Family | None,
    by: User,
    at: datetime,
    *,
    keep_empty: bool,
) -> list[str]:
    """Write the differing fields, one version up, one event naming the fields; their names."""
    changed = changed_fields(person, values, keep_empty=keep_empty)
    old_area = person.area_code
    for name in changed:
        if name in PLAIN_FIELDS:
            value = getattr(values, name)
            setattr(person, name, _stored(name, value))
    if "village" in changed:
        person.village_id, person.area_code = values.village_id, values.area_code
    if family is not None and person.family_id != family.pk:
        person.family = family
        changed.append("kk")
    elif not values.kk and not keep_empty and person.family_id is not None:
        person.family = None
        changed.append("kk")
    if not changed:
        return changed
    person.version += 1
    person.updated_at = at
    person.save()
    moved = {} if old_area == person.area_code else {"old": old_area, "new": person.area_code}
    audit.record(
        verb="beneficiaries.change_person", by=by, at=at, target=person, changed=changed, **moved
    )
    if moved:
        _move_along(person, by, at)
    return changed


@transaction.atomic
def move_home(*, person: Person, village_code: str, by: User, at: datetime) -> bool:
    """Write the village somebody moved to; False when the register has it already.

    The street is not known with it and stays. Accounts go along, and the family as when the
    person's page is edited.
    """
    row: Person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    old = row.area_code
    if old == village_code:
        return False
    if not (covers(by.area_code, old) and covers(by.area_code, village_code)):
        raise PersonElsewhere
    row.village_id, row.area_code = village_code, village_code
    row.version += 1
    row.updated_at = at
    row.save()
    audit.record(
        verb="beneficiaries.change_person",
        by=by,
        at=at,
        target=row,
        changed=["village"],
        old=old,
        new=village_code,
    )
    _move_along(row, by, at)
    return True


def _move_along(person: Person, by: User, at: datetime) -> None:
    """Accounts go where their owner lives; the family when none of its living stays behind."""
    BankAccount.objects.filter(person=person).update(area_code=person.area_code)
    family = person.family
    if family is None or family.area_code == person.area_code:
        return
    staying = family.members.filter(died_on=None).exclude(area_code=person.area_code)
    if staying.exists() or not covers(by.area_code, family.area_code):
        return
    old, family.area_code = family.area_code, person.area_code
    family.village_id, family.address = person.village_id, person.address
    family.save(update_fields=["area_code", "village", "address"])
    audit.record(
        verb="beneficiaries.change_family",
        by=by,
        at=at,
        target=family,
        changed=["village"],
        old=old,
        new=family.area_code,
    )


def _stored(name: str, value: Any) -> Any:
    if name in {"mother_name", "phone"}:
        return value or None
    limit = {"birth_place": 100, "address": 250, "home_outside": 120}.get(name)
    return value[:limit] if limit and isinstance(value, str) else value


def changed_fields(person: Person, values: PersonValues, *, keep_empty: bool) -> list[str]:
    """Names of the person's own fields that the values would change; the family is not asked."""
    changed = []
    for name in PLAIN_FIELDS:
        new = _stored(name, getattr(values, name))
        if keep_empty and not new:
            continue
        if (getattr(person, name) or None) != (new or None):
            changed.append(name)
    said = values.village_id is not None or not keep_empty
    if said and (person.village_id, person.area_code) != (values.village_id, values.area_code):
        changed.append("village")
    return changed


def set_account(
    *, person: Person, bank_code: str, number: str, holder_name: str, by: User, at: datetime
) -> BankAccount:
    """The person's open account at a bank; another number or holder closes the older account.

    Raises BadInput for a number that is no account number.
    """
    values = AccountValues(
        person=person, bank_code=bank_code, number=number, holder_name=holder_name
    )
    return set_accounts(items=[values], by=by, at=at)[0]


@transaction.atomic
def set_accounts(
    *, items: Sequence[AccountValues], by: User, at: datetime, renames: bool = True
) -> list[BankAccount]:
    """set_account() for many people; the answer keeps the order of `items`.

    renames: another holder on a known number is a correction. A list names no holder of its own.
    """
    _check_accounts(items)
    open_ones = {
        (row.person_id, row.bank_code): row
        for row in BankAccount.objects.select_for_update()
        .filter(person__in=[item.person for item in items])
        .exclude(state=AccountState.CLOSED)
        .order_by("pk")
    }
    found: list[BankAccount] = []
    fresh: list[BankAccount] = []
    for item in items:
        number = clean_digits(item.number)
        row = open_ones.get((item.person.pk, item.bank_code))
        if row is None or row.number != number or (renames and _renamed(row, item.holder_name)):
            if row is not None and row.pk:
                _close(row, by, at)
            row = BankAccount(
                person=item.person,
                bank_code=item.bank_code,
                number=number,
                holder_name=item.holder_name[:150],
                area_code=item.person.area_code,
                created_at=at,
                created_by=by,
            )
            open_ones[item.person.pk, item.bank_code] = row
            fresh.append(row)
        found.append(row)
    BankAccount.objects.bulk_create(fresh)
    audit.record_many(
        audit.event(
            verb="beneficiaries.set_account", by=by, at=at, target=row.owner, bank=row.bank_code
        )
        for row in fresh
    )
    return found


def _renamed(row: BankAccount, holder_name: str) -> bool:
    """Whether a stored account is now said to be in another name; capitals and spaces aside."""
    now, before = holder_name[:150].split(), row.holder_name.split()
    return bool(row.pk and now and " ".join(now).casefold() != " ".join(before).casefold())


def _check_accounts(items: Sequence[AccountValues]) -> None:
    if all(account_is_sound(item.number) for item in items):
        return
    sentence = _("Nomor rekening harus 6 sampai 20 angka. Periksa buku tabungan.")
    raise BadInput("ACCOUNT-INPUT", sentence, fields={"account": sentence})


def _close(account: BankAccount, by: User, at: datetime) -> None:
    BankAccount.objects.filter(pk=account.pk).update(state=AccountState.CLOSED, closed_at=at)
    audit.record(
        verb="beneficiaries.close_account",
        by=by,
        at=at,
        target=account.owner,
        bank=account.bank_code,
    )


@transaction.atomic
def mark_account(*, account: BankAccount, state: AccountState, by: User, at: datetime) -> None:
    """What the bank said about an account: active, name differs, closed."""
    closed_at = at if state == AccountState.CLOSED else None
    BankAccount.objects.filter(pk=account.pk).update(state=state, closed_at=closed_at)
    audit.record(verb="beneficiaries.mark_account", by=by, at=at, target=account.owner, state=state)


@transaction.atomic
def record_death(*, person: Person, died_on: date, source: str, by: User, at: datetime) -> Person:
    """Mark a person as dead on a day, with the source of the news.

    Raises BadInput for a day in the future or before birth.
    """
    row: Person = Person.objects.select_for_update().get(pk=person.pk)
    if died_on > day_of(at) or (row.birth_date and died_on < row.birth_date):
        sentence = _("Tanggal kematian harus antara tanggal lahir dan hari ini.")
        raise BadInput("DEATH-DATE", sentence, fields={"died_on": sentence})
    if row.died_on != died_on or row.death_source != source[:120]:
        row.died_on, row.death_source = died_on, source[:120]
        row.version += 1
        row.updated_at = at
        row.save()
        audit.record(
            verb="beneficiaries.record_death", by=by, at=at, target=row, reason=source[:120]
        )
    return row


@transaction.atomic
def reveal(
    *,
    target: Person | Family | BankAccount,
    field: str,
    purpose: str,
    by: User,
    at: datetime,
    note: str = "",
) -> str:
    """The whole number behind a mask, for a purpose; the trail says so in the same transaction.

    At most 30 per hour and user. Raises BadInput without a known purpose or for another field,
    and Refused (429) beyond the limit.
    """
    if field not in REVEALABLE[type(target)]:
        raise BadInput("REVEAL-FIELD", _("Isian ini tidak dapat dibuka."))
    if purpose not in RevealPurpose.values:
        sentence = _("Pilih dahulu untuk apa nomor ini dibuka.")
        raise BadInput("REVEAL-PURPOSE", sentence, fields={"purpose": sentence})
    # One at a time per user, so that two clicks cannot both be the thirtieth.
    User.objects.select_for_update().get(pk=by.pk)
    hour = Event.objects.filter(actor_id=by.pk, verb=REVEAL_VERB, at__gt=at - timedelta(hours=1))
    if hour.count() >= REVEALS_PER_HOUR:
        raise Refused(
            "REVEAL-LIMIT",
            _(
                "Anda sudah membuka 30 nomor dalam satu jam. Nomor ini tetap tertutup. Coba lagi"
                " nanti, atau kerjakan lewat daftar."
            ),
            status=429,
        )
    audit.record(
        verb=REVEAL_VERB, by=by, at=at, target=target, reason=note, field=field, purpose=purpose
    )
    return str(getattr(target, field) or "")


@transaction.atomic
def find_by_number(*, number: str, by: User, at: datetime) -> list[Person]:
    """People of the user's area with this NIK, KK or account; every such search is in the trail."""
    people = Person.objects.visible_to(by).filter(pk__in=holders_of(number))
    found = list(people.order_by("pk"))
    audit.record(
        verb="beneficiaries.search_number",
        by=by,
        at=at,
        target=found[0] if len(found) == 1 else by,
        area_code=by.area_code,
        found=len(found),
    )
    return found


def person_of_nik(*, nik: str, by: User, at: datetime) -> Person:
    """The person of the user's area with this NIK, for a form that asks for somebody by number.

    The search is in the trail. Raises BadInput when the area has nobody with it.
    """
    found = [row for row in find_by_number(number=nik, by=by, at=at) if row.nik == nik]
    if not found:
        sentence = _(
            "NIK ini tidak ada di daftar penerima wilayah Anda. Tambahkan orangnya lewat impor"
            " atau usulan lebih dulu."
        )
        raise BadInput("PERSON-UNKNOWN", sentence, fields={"nik": sentence})
    return found[0]
