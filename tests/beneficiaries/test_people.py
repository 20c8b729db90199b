"""People, families, accounts and masked numbers: what the services keep and refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bansos.audit.models import Event
from bansos.lib.crypto import blind_index
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from beneficiaries.choices import AccountState, KeyKind, SnapshotKind
from beneficiaries.models import BankAccount, Draft, Family, Person, Snapshot
from beneficiaries.queries import facts_about, shared_accounts, warnings_about
from beneficiaries.rules import account_is_sound, is_number_search, read_sex
from beneficiaries.services import drafts
from beneficiaries.services.people import (
    PersonElsewhere,
    PersonValues,
    find_by_number,
    mark_account,
    record_death,
    reveal,
    save_people,
    save_person,
    set_account,
)
from beneficiaries.services.snapshots import SnapshotRow, load_snapshot
from tests.cast import Cast
from tests.factories.beneficiaries import (
    NOW,
    BankAccountFactory,
    DraftFactory,
    PersonFactory,
    SnapshotEntryFactory,
    SnapshotFactory,
)

pytestmark = pytest.mark.django_db
TODAY = day_of(NOW)
SITI = PersonValues(
    nik="3519014108500001",
    kk="3519010101150001",
    name="SITI  AMINAH",
    birth_date=date(1950, 8, 1),
    sex="P",
    address="Jalan Melati 1",
    village_id="35.19.01.2001",
    area_code="35.19",
)


def test_a_new_person_has_family_area_and_trail(cast: Cast) -> None:
    person = save_person(person=None, values=SITI, by=cast.sari, at=NOW)
    assert person.name == "SITI AMINAH"
    assert person.area_code == "35.19.01.2001"
    assert person.family is not None
    assert person.family.kk == "3519010101150001"
    verbs = list(Event.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["beneficiaries.add_family", "beneficiaries.add_person"]
    assert "3519014108500001" not in str(list(Event.objects.values()))


def test_the_same_nik_is_the_same_person_and_keeps_what_is_not_said(cast: Cast) -> None:
    first = save_person(person=None, values=SITI, by=cast.sari, at=NOW)
    later = replace(SITI, address="", birth_place="Madiun")
    again = save_person(person=None, values=later, by=cast.sari, at=NOW)
    assert again.pk == first.pk
    again.refresh_from_db()
    assert (again.address, again.birth_place, again.version) == ("Jalan Melati 1", "Madiun", 2)
    assert Event.objects.get(verb="beneficiaries.change_person").data["changed"] == ["birth_place"]


def test_saving_the_same_again_writes_nothing(cast: Cast) -> None:
    save_person(person=None, values=SITI, by=cast.sari, at=NOW)
    events = Event.objects.count()
    save_person(person=None, values=SITI, by=cast.sari, at=NOW)
    assert Event.objects.count() == events
    assert Person.objects.get().version == 1


def test_editing_may_empty_a_field_and_guards_the_version(cast: Cast) -> None:
    person = save_person(person=None, values=SITI, by=cast.sari, at=NOW)
    edited = replace(SITI, address="", kk="")
    save_person(person=person, values=edited, by=cast.sari, at=NOW, expected_version=1)
    person.refresh_from_db()
    assert (person.address, person.family_id, person.version) == ("", None, 2)
    with pytest.raises(Stale):
        save_person(person=person, values=SITI, by=cast.sari, at=NOW, expected_version=1)


def test_a_nik_of_somebody_else_is_refused_in_an_edit(cast: Cast) -> None:
    PersonFactory(nik="3519014108500002")
    person = save_person(person=None, values=SITI, by=cast.sari, at=NOW)
    with pytest.raises(BadInput) as refused:
        save_person(
            person=person, values=replace(SITI, nik="3519014108500002"), by=cast.sari, at=NOW
        )
    assert refused.value.fields is not None
    assert "nik" in refused.value.fields


def test_a_corrected_nik_can_be_found(cast: Cast) -> None:
    person = save_person(person=None, values=SITI, by=cast.sari, at=NOW)
    fixed = replace(SITI, nik="3519014108500009")
    save_person(person=person, values=fixed, by=cast.sari, at=NOW)
    assert Person.objects.get(nik_index=blind_index("3519014108500009", "nik")).pk == person.pk


@pytest.mark.parametrize(
    ("change", "field"),
    [({"nik": "12"}, "nik"), ({"kk": "12"}, "kk"), ({"name": "  "}, "name")],
)
def test_broken_values_name_their_field(cast: Cast, change: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        save_person(person=None, values=replace(SITI, **change), by=cast.sari, at=NOW)
    assert set(refused.value.fields or {}) == {field}
    assert not Person.objects.exists()


def test_other_areas_are_closed(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        save_person(person=None, values=SITI, by=cast.lain, at=NOW)
    save_person(person=None, values=SITI, by=cast.sari, at=NOW)
    moved = replace(SITI, village_id="35.20.01.2001")
    with pytest.raises(PersonElsewhere):
        save_person(person=None, values=moved, by=cast.lain, at=NOW)


def test_many_people_cost_few_queries(cast: Cast, django_assert_max_num_queries: object) -> None:
    values = [
        replace(SITI, nik=f"351901410850{n:04d}", kk=f"351901010115{n:04d}") for n in range(1, 51)
    ]
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        people = save_people(items=values, by=cast.sari, at=NOW)
    assert [person.nik for person in people] == [item.nik for item in values]
    assert Family.objects.count() == 50
    assert Event.objects.filter(verb="beneficiaries.add_person").count() == 50
    assert Event.objects.filter(verb="beneficiaries.add_family").count() == 50


def test_another_account_closes_the_older(cast: Cast) -> None:
    person = PersonFactory()
    first = set_account(
        person=person, bank_code="114", number="0071-000001", holder_name="S", by=cast.sari, at=NOW
    )
    assert first.number == "0071000001"
    same = set_account(
        person=person, bank_code="114", number="0071000001", holder_name="S", by=cast.sari, at=NOW
    )
    assert same.pk == first.pk
    second = set_account(
        person=person, bank_code="114", number="0071000002", holder_name="S", by=cast.sari, at=NOW
    )
    first.refresh_from_db()
    assert (first.state, first.closed_at) == (AccountState.CLOSED, NOW)
    assert BankAccount.objects.exclude(state=AccountState.CLOSED).get() == second
    for holder in ("", " s "):
        kept = set_account(
            person=person,
            bank_code="114",
            number="0071000002",
            holder_name=holder,
            by=cast.sari,
            at=NOW,
        )
        assert kept == second
    renamed = set_account(
        person=person,
        bank_code="114",
        number="0071000002",
        holder_name="SITI",
        by=cast.sari,
        at=NOW,
    )
    assert BankAccount.objects.exclude(state=AccountState.CLOSED).get() == renamed
    assert (renamed.number, renamed.holder_name) == ("0071000002", "SITI")
    with pytest.raises(BadInput):
        set_account(
            person=person, bank_code="114", number="1", holder_name="S", by=cast.sari, at=NOW
        )


def test_the_bank_can_close_an_account(cast: Cast) -> None:
    account = BankAccountFactory()
    mark_account(account=account, state=AccountState.CLOSED, by=cast.tono, at=NOW)
    account.refresh_from_db()
    assert account.closed_at == NOW


def test_a_shared_account_is_found_and_warned_of(cast: Cast) -> None:
    one, two = BankAccountFactory(number="0071000001"), BankAccountFactory(number="0071000001")
    BankAccountFactory(number="0071000001", closed=True)
    assert shared_accounts([one.person_id]) == {one.person_id: [two.person_id]}
    facts = facts_about([one.person], on=TODAY)[one.person_id]
    titles = [str(item.title) for item in warnings_about(one.person, facts)]
    assert titles == ["Rekening dipakai bersama"]


def test_a_death_is_recorded_once(cast: Cast) -> None:
    person = PersonFactory()
    record_death(person=person, died_on=date(2026, 5, 1), source="Desa", by=cast.sari, at=NOW)
    record_death(person=person, died_on=date(2026, 5, 1), source="Desa", by=cast.sari, at=NOW)
    assert Event.objects.filter(verb="beneficiaries.record_death").count() == 1
    for wrong in (TODAY + timedelta(days=2), date(1900, 1, 1)):
        with pytest.raises(BadInput):
            record_death(person=person, died_on=wrong, source="Desa", by=cast.sari, at=NOW)


def test_a_number_is_opened_for_a_purpose_and_recorded(cast: Cast) -> None:
    person = PersonFactory(nik="3519014108500001")
    number = reveal(target=person, field="nik", purpose="verify", by=cast.vera, at=NOW)
    assert number == "3519014108500001"
    event = Event.objects.get(verb="beneficiaries.reveal")
    assert (event.actor_id, event.data) == (cast.vera.pk, {"field": "nik", "purpose": "verify"})
    for field, purpose in (("nik", "iseng"), ("name", "verify")):
        with pytest.raises(BadInput):
            reveal(target=person, field=field, purpose=purpose, by=cast.vera, at=NOW)


def test_thirty_numbers_an_hour_and_no_more(cast: Cast) -> None:
    person = PersonFactory()
    for minute in range(30):
        at = NOW + timedelta(minutes=minute)
        reveal(target=person, field="nik", purpose="verify", by=cast.vera, at=at)
    with pytest.raises(Refused) as refused:
        reveal(
            target=person,
            field="nik",
            purpose="verify",
            by=cast.vera,
            at=NOW + timedelta(minutes=59),
        )
    assert refused.value.status == 429
    assert Event.objects.filter(verb="beneficiaries.reveal").count() == 30
    reveal(target=person, field="nik", purpose="verify", by=cast.sari, at=NOW)
    later = NOW + timedelta(minutes=61)
    reveal(target=person, field="nik", purpose="verify", by=cast.vera, at=later)


def test_a_search_by_number_stays_in_the_area_and_in_the_trail(cast: Cast) -> None:
    person = PersonFactory(nik="3519014108500001")
    account = BankAccountFactory(person=person, number="0071000001")
    assert person.family is not None
    for number in ("3519014108500001", person.family.kk, account.number, "3519 0141 0850 0001"):
        assert find_by_number(number=number, by=cast.sari, at=NOW) == [person]
    assert find_by_number(number="3519014108500001", by=cast.lain, at=NOW) == []
    events = Event.objects.filter(verb="beneficiaries.search_number")
    assert events.count() == 5
    assert "3519014108500001" not in str(list(events.values()))


def test_facts_come_from_the_newest_snapshot_of_the_day(cast: Cast) -> None:
    person = PersonFactory()
    assert person.family is not None
    assert facts_about([person], on=TODAY)[person.pk].in_dtsen is None
    old = SnapshotFactory(label="DTSEN v2", as_of=date(2026, 1, 10))
    new = SnapshotFactory(label="DTSEN v3", as_of=date(2026, 7, 10))
    SnapshotFactory(label="DTSEN v4", as_of=date(2026, 8, 10), is_complete=False)
    SnapshotFactory(label="DTSEN v5", as_of=date(2026, 8, 10), area_code="64")
    for snapshot, desil in ((old, 5), (new, 2)):
        SnapshotEntryFactory(snapshot=snapshot, key_index=person.family.kk_index, desil=desil)
    known = facts_about([person], on=TODAY)[person.pk]
    assert (known.in_dtsen, known.desil, known.desil_source) == (True, 2, "DTSEN v3 (10-07-2026)")
    assert facts_about([person], on=date(2026, 3, 1))[person.pk].desil == 5
    assert facts_about([person], on=date(2025, 3, 1))[person.pk].in_dtsen is None


def test_facts_tell_not_in_the_registry_from_nobody_knows(cast: Cast) -> None:
    person = PersonFactory()
    SnapshotFactory(kind=SnapshotKind.PKH)
    known = facts_about([person], on=TODAY)[person.pk]
    assert (known.in_regular_pkh, known.in_dtsen) == (False, None)


def test_an_old_list_of_deaths_still_counts(cast: Cast) -> None:
    person = PersonFactory()
    old = SnapshotFactory(kind=SnapshotKind.DEATH, label="Mei", as_of=date(2026, 5, 31))
    SnapshotFactory(kind=SnapshotKind.DEATH, label="Juni", as_of=date(2026, 6, 30))
    SnapshotEntryFactory(
        snapshot=old,
        key_kind=KeyKind.NIK,
        key_index=person.nik_index,
        happened_on=date(2026, 5, 3),
    )
    known = facts_about([person], on=TODAY)[person.pk]
    assert (known.died_on, known.death_source) == (date(2026, 5, 3), "Mei (31-05-2026)")


def test_facts_of_a_hundred_people_cost_five_queries(
    cast: Cast, django_assert_max_num_queries: object
) -> None:
    SnapshotFactory()
    SnapshotFactory(kind=SnapshotKind.PKH)
    people = list(Person.objects.filter(pk__in=[PersonFactory().pk for _n in range(100)]))
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        facts_about(people, on=TODAY)


def load(cast: Cast, **changes: object) -> Snapshot:
    head = {
        "kind": SnapshotKind.DTSEN,
        "label": "DTSEN v3",
        "as_of": date(2026, 7, 10),
        "source": "BPS",
        "bast_number": "BAST/1",
        "bast_date": date(2026, 7, 12),
        "area_code": "35",
        "rows": [
            SnapshotRow(key_kind=KeyKind.KK, key="3519010101150001", desil=2),
            SnapshotRow(key_kind=KeyKind.KK, key="3519010101150001", desil=3),
        ],
        "by": cast.budi,
        "at": NOW,
    }
    return load_snapshot(**{**head, **changes})  # type: ignore[arg-type]


def test_a_snapshot_keeps_no_number_and_counts_a_key_once(cast: Cast) -> None:
    snapshot = load(cast)
    assert (snapshot.row_count, snapshot.is_complete) == (1, True)
    entry = snapshot.entries.get()
    assert entry.key_index == blind_index("3519010101150001", "kk")
    assert entry.desil == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"bast_number": ""}, "SNAPSHOT-BAST"),
        ({"as_of": TODAY + timedelta(days=1)}, "SNAPSHOT-DATE"),
        ({"area_code": "64"}, "SNAPSHOT-AREA"),
    ],
)
def test_a_snapshot_without_its_papers_is_refused(
    cast: Cast, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        load(cast, **changes)
    assert refused.value.code == code
    assert not Snapshot.objects.exists()


def test_a_label_is_used_once(cast: Cast) -> None:
    load(cast)
    with pytest.raises(Refused) as refused:
        load(cast)
    assert refused.value.code == "SNAPSHOT-EXISTS"


def test_a_draft_is_its_writers_own(cast: Cast) -> None:
    values = {"name": "SITI", "csrfmiddlewaretoken": "x", "password": "y"}
    drafts.save_draft(purpose="programs.proposal", values=values, by=cast.sari, at=NOW)
    drafts.save_draft(purpose="programs.proposal", values=values, by=cast.sari, at=NOW)
    draft = drafts.load_draft(purpose="programs.proposal", by=cast.sari)
    assert draft is not None
    assert draft.values == {"name": "SITI"}
    assert drafts.load_draft(purpose="programs.proposal", by=cast.lain) is None
    drafts.delete_draft(purpose="programs.proposal", by=cast.sari)
    assert not Draft.objects.exists()


def test_old_drafts_are_forgotten(cast: Cast) -> None:
    DraftFactory(saved_at=NOW - timedelta(days=31))
    DraftFactory()
    assert drafts.delete_old_drafts(at=NOW) == 1


@pytest.mark.parametrize(
    ("text", "sex"),
    [("L", "L"), ("lk", "L"), ("Laki - laki", "L"), ("P", "P"), ("Wanita", "P"), ("2", "P")],
)
def test_sex_is_read_as_lists_write_it(text: str, sex: str) -> None:
    assert read_sex(text) == sex
    assert read_sex("entah") is None


def test_what_is_an_account_and_what_is_a_number_search() -> None:
    assert account_is_sound("0071-000001")
    assert not account_is_sound("000000000")
    assert not account_is_sound("12345")
    assert is_number_search("3519 0141 0850 0001")
    assert not is_number_search("Siti")


MOVED = replace(SITI, address="Jalan Baru 2", village_id="35.20.01.2001", area_code="35.20")


def test_accounts_and_the_family_of_one_go_where_the_person_moves(cast: Cast) -> None:
    person = save_person(person=None, values=SITI, by=cast.sari, at=NOW)
    old = BankAccountFactory(person=person, area_code=person.area_code, closed=True)
    new = BankAccountFactory(person=person, area_code=person.area_code)
    save_person(person=person, values=MOVED, by=cast.budi, at=NOW)
    here, there = (BankAccount.objects.visible_to(user) for user in (cast.sari, cast.lain))
    assert not here.exists()
    assert set(there) == {old, new}
    family = Family.objects.get()
    assert (family.area_code, family.village_id) == ("35.20.01.2001", "35.20.01.2001")
    assert family.address == "Jalan Baru 2"
    event = Event.objects.get(verb="beneficiaries.change_family")
    assert (event.data["old"], event.data["new"]) == ("35.19.01.2001", "35.20.01.2001")


def test_a_family_stays_with_those_who_stay(cast: Cast) -> None:
    person = save_person(person=None, values=SITI, by=cast.sari, at=NOW)
    other = replace(SITI, nik="3519014108500002", name="SUPARMI")
    staying = save_person(person=None, values=other, by=cast.sari, at=NOW)
    save_person(person=person, values=MOVED, by=cast.budi, at=NOW)
    assert Family.objects.get().area_code == "35.19.01.2001"
    gone = replace(other, village_id="35.20.01.2001")
    save_person(person=staying, values=gone, by=cast.budi, at=NOW)
    assert Family.objects.get().area_code == "35.20.01.2001"


def test_the_head_of_a_family_is_named_in_ones_own_area_only(cast: Cast) -> None:
    far = PersonFactory(
        area_code="35.20.01.2001", family__head_name="", family__kk="3519010101150001"
    )
    said = replace(SITI, family_head="SUPARNO")
    save_person(person=None, values=said, by=cast.sari, at=NOW)
    far.family.refresh_from_db()
    assert far.family.head_name == ""
    assert not Event.objects.filter(verb="beneficiaries.change_family").exists()
    near = PersonFactory(
        nik="3519014108500007", family__head_name="", family__kk="3519010101150002"
    )
    values = replace(said, nik="3519014108500008", kk="3519010101150002")
    save_person(person=None, values=values, by=cast.sari, at=NOW)
    near.family.refresh_from_db()
    assert near.family.head_name == "SUPARNO"
    event = Event.objects.get(verb="beneficiaries.change_family")
    assert (event.target_id, event.data) == (str(near.family.pk), {"changed": ["head_name"]})
