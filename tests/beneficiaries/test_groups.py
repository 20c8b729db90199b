"""A KUBE as worked examples: who may be in it, what happens when somebody leaves."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from bansos.audit.models import Event
from bansos.lib.errors import BadInput, NotAllowed, Refused
from beneficiaries.choices import (
    GroupRole,
    GroupState,
    KeyKind,
    LeaveReason,
    Relation,
    SnapshotKind,
)
from beneficiaries.models import BankAccount, FamilyMember, Group, GroupMember
from beneficiaries.queries.groups import member_rows
from beneficiaries.queries.payees import obstacles
from beneficiaries.services.groups import (
    activate_group,
    add_member,
    check_group,
    dissolve_group,
    form_group,
    give_role,
    leave_group,
    replace_member,
    send_back,
)
from beneficiaries.services.payees import close_payee, set_payee_account
from tests.beneficiaries.kube import (
    FORMED,
    SEEN,
    VILLAGE,
    active,
    forming,
    heads,
    officer,
    plain_member,
    refuses,
)
from tests.cast import Cast
from tests.factories.beneficiaries import (
    NOW,
    BankAccountFactory,
    PersonFactory,
    SnapshotEntryFactory,
    SnapshotFactory,
)

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 20)


def codes(group: Group) -> list[str]:
    found = obstacles([group.payee], on=ON)
    return [item.code for item in found[group.pk]]


def settle() -> None:
    """Let the guards that wait for the end of the transaction speak now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_five_heads_of_one_village_become_an_active_group(cast: Cast) -> None:
    group = active(cast)
    settle()
    assert group.state == GroupState.ACTIVE
    assert (group.formed_by, group.checked_by, group.activated_by) == (
        cast.sari,
        cast.vera,
        cast.sari,
    )
    assert codes(group) == []
    account = group.payee.open_account()
    assert account.person is None
    assert account.owner == group.payee
    assert account.first_signatory == officer(group, "chair").person
    verbs = Event.objects.filter(target_type="beneficiaries.payee", target_id=str(group.pk))
    assert list(verbs.order_by("pk").values_list("verb", flat=True)) == [
        "beneficiaries.form_group",
        *["beneficiaries.join_group"] * 5,
        "beneficiaries.group_checked",
        "beneficiaries.set_account",
        "beneficiaries.group_active",
    ]


def test_four_members_are_no_group(cast: Cast) -> None:
    group = forming(cast, count=4)
    with refuses("GROUP-FEW"):
        check_group(group=group, by=cast.vera, at=NOW, note=SEEN)
    Group.objects.filter(pk=group.pk).update(
        state=GroupState.CHECKED, checked_at=NOW, checked_by=cast.vera
    )
    with pytest.raises(IntegrityError, match="5 members"), transaction.atomic():
        settle()
    Group.objects.filter(pk=group.pk).update(
        state=GroupState.FORMING, checked_at=None, checked_by=None
    )


def test_twenty_one_members_are_one_too_many(cast: Cast) -> None:
    group = forming(cast, count=20)
    more = heads(cast, 1)[0]
    with refuses("GROUP-FULL"):
        add_member(group=group, person=more, joined_on=FORMED, by=cast.sari, at=NOW)
    with pytest.raises(IntegrityError, match="20 members"), transaction.atomic():
        GroupMember.objects.create(
            group=group, person=more, joined_on=FORMED, created_at=NOW, created_by=cast.sari
        )


def test_a_member_of_another_village_is_refused(cast: Cast) -> None:
    group = forming(cast)
    stranger = PersonFactory(area_code="35.19.01.2002", village_id="35.19.01.2002")
    with refuses("MEMBER-VILLAGE"):
        add_member(group=group, person=stranger, joined_on=FORMED, by=cast.sari, at=NOW)
    with pytest.raises(IntegrityError, match="village"), transaction.atomic():
        GroupMember.objects.create(
            group=group, person=stranger, joined_on=FORMED, created_at=NOW, created_by=cast.sari
        )


def test_nobody_is_in_two_live_groups(cast: Cast) -> None:
    first, second = forming(cast), forming(cast, "KUBE Mawar", count=0)
    member = plain_member(first)
    with refuses("MEMBER-ELSEWHERE"):
        add_member(group=second, person=member.person, joined_on=FORMED, by=cast.sari, at=NOW)
    with pytest.raises(IntegrityError, match="one_live_group"), transaction.atomic():
        GroupMember.objects.create(
            group=second,
            person=member.person,
            joined_on=FORMED,
            created_at=NOW,
            created_by=cast.sari,
        )
    dissolve_group(group=first, on=ON, reason="Bubar", by=cast.sari, at=NOW)
    joined = add_member(group=second, person=member.person, joined_on=ON, by=cast.sari, at=NOW)
    rows = member_rows(second, on=ON)
    assert joined.left_on is None
    labels = [known.label for known in rows[0].doubtful if known.word.tone == "masalah"]
    assert labels == ["Belum pernah ikut kelompok"]


def test_another_kind_of_business_a_relative_and_the_dead_are_refused(cast: Cast) -> None:
    group = forming(cast)
    person = heads(cast, 1)[0]
    brother = PersonFactory(family=plain_member(group).person.family, village_id=VILLAGE)
    dead = PersonFactory(dead=True, village_id=VILLAGE)
    cases = [
        (person, "Menjahit", "MEMBER-BUSINESS"),
        (brother, "ternak  AYAM", "MEMBER-FAMILY"),
        (dead, "", "MEMBER-DEAD"),
    ]
    for who, business, code in cases:
        with pytest.raises(Refused) as refused:
            add_member(
                group=group,
                person=who,
                joined_on=FORMED,
                business_kind=business,
                by=cast.sari,
                at=NOW,
            )
        assert refused.value.code == code
    assert group.members.count() == 5


def test_the_fifth_member_may_not_resign_but_may_die(cast: Cast) -> None:
    group = active(cast)
    member = plain_member(group)
    with refuses("GROUP-FIFTH") as refused:
        leave_group(member=member, left_on=ON, reason=LeaveReason.RESIGNED, by=cast.sari, at=NOW)
    assert str(refused.value) == (
        "Kelompok akan tinggal kurang dari 5 anggota. Ia belum dikeluarkan. Catat penggantinya,"
        " atau bubarkan kelompok."
    )
    assert codes(group) == []
    group = leave_group(member=member, left_on=ON, reason=LeaveReason.DIED, by=cast.sari, at=NOW)
    settle()
    assert group.state == GroupState.FORMING
    assert codes(group) == ["GROUP-STATE", "GROUP-FEW"]


def test_the_database_itself_keeps_the_fifth_member(cast: Cast) -> None:
    group = active(cast)
    fifth = GroupMember.objects.filter(pk=plain_member(group).pk)
    fifth.update(left_on=ON, left_reason="resigned", ended_at=NOW, ended_by=cast.sari)
    with pytest.raises(IntegrityError, match="5 members"), transaction.atomic():
        settle()
    fifth.update(left_on=None, left_reason="", ended_at=None, ended_by=None)


def test_a_replacement_keeps_the_number_and_the_office(cast: Cast) -> None:
    group = active(cast)
    secretary, fresh = officer(group, "secretary"), heads(cast, 1)[0]
    row = replace_member(member=secretary, person=fresh, on=ON, by=cast.sari, at=NOW)
    settle()
    group.refresh_from_db()
    assert row.role == GroupRole.SECRETARY
    assert group.members.filter(left_on=None).count() == 5
    assert (group.state, group.checked_by) == (GroupState.FORMING, None)
    group = check_group(group=group, by=cast.vera, at=NOW, note=SEEN)
    assert activate_group(group=group, by=cast.sari, at=NOW).state == GroupState.ACTIVE


def test_a_signatory_stays_until_another_signs(cast: Cast) -> None:
    group = active(cast, count=6)
    chair = officer(group, "chair")
    with refuses("GROUP-SIGNATORY"):
        leave_group(member=chair, left_on=ON, reason=LeaveReason.RESIGNED, by=cast.sari, at=NOW)
    group = leave_group(member=chair, left_on=ON, reason=LeaveReason.MOVED, by=cast.sari, at=NOW)
    assert "SIGNATORY" in codes(group)


def test_who_forms_does_not_check_and_officers_are_needed(cast: Cast) -> None:
    group = forming(cast)
    with pytest.raises(NotAllowed):
        check_group(group=group, by=cast.sari, at=NOW)
    give_role(member=officer(group, "chair"), role=GroupRole.MEMBER, by=cast.sari, at=NOW)
    with refuses("GROUP-OFFICERS"):
        check_group(group=group, by=cast.vera, at=NOW, note=SEEN)
    with refuses("OFFICE-TAKEN"):
        give_role(member=plain_member(group), role=GroupRole.TREASURER, by=cast.sari, at=NOW)
    give_role(member=plain_member(group), role=GroupRole.CHAIR, by=cast.sari, at=NOW)
    checked = check_group(group=group, by=cast.vera, at=NOW, note=SEEN)
    with pytest.raises(BadInput):
        send_back(group=checked, note=" ", by=cast.vera, at=NOW)
    assert send_back(group=checked, note="KK belum ada", by=cast.vera, at=NOW).state == "forming"


def test_what_is_not_a_clear_yes_needs_a_note_whoever_asks(cast: Cast) -> None:
    group = forming(cast)
    with refuses("GROUP-NOTE") as refused:
        check_group(group=group, by=cast.vera, at=NOW, note=" ")
    assert "note" in (refused.value.fields or {})
    group.refresh_from_db()
    assert (group.state, group.checked_by) == (GroupState.FORMING, None)
    dtsen = SnapshotFactory(kind=SnapshotKind.DTSEN, as_of=FORMED, loaded_by=cast.budi)
    for member in group.members.select_related("person__family"):
        person = member.person
        assert person.family is not None
        SnapshotEntryFactory(snapshot=dtsen, key_kind=KeyKind.KK, key_index=person.family.kk_index)
        FamilyMember.objects.update_or_create(
            family=person.family, person=person, until_date=None,
            defaults={"relation": Relation.HEAD, "recorded_at": NOW, "recorded_by": cast.sari},
        )  # fmt: skip
    assert check_group(group=group, by=cast.vera, at=NOW).state == GroupState.CHECKED


def test_the_account_has_two_signatories_of_the_group(cast: Cast) -> None:
    group = check_group(group=forming(cast), by=cast.vera, at=NOW, note=SEEN)
    chair, treasurer = officer(group, "chair").person, officer(group, "treasurer").person
    with refuses("GROUP-ACCOUNT"):
        activate_group(group=group, by=cast.sari, at=NOW)
    for signatories in ([], [chair], [chair, chair], [chair, PersonFactory()]):
        with refuses("ACCOUNT-SIGNATORIES"):
            set_payee_account(
                payee=group.payee,
                bank_code="114",
                number="0012345678",
                holder_name="KUBE",
                signatories=signatories,
                by=cast.sari,
                at=NOW,
            )
    taken = BankAccountFactory()
    with refuses("ACCOUNT-TAKEN"):
        set_payee_account(
            payee=group.payee,
            bank_code="114",
            number=taken.number,
            holder_name="KUBE",
            signatories=[chair, treasurer],
            by=cast.sari,
            at=NOW,
        )
    assert group.payee.open_account() is None


def test_an_account_has_one_owner(cast: Cast) -> None:
    group, account = forming(cast), BankAccountFactory()
    with pytest.raises(IntegrityError, match="one_owner"), transaction.atomic():
        BankAccount.objects.filter(pk=account.pk).update(payee=group.payee)
    with pytest.raises(IntegrityError, match="one_owner"), transaction.atomic():
        BankAccount.objects.filter(pk=account.pk).update(person=None)


def test_a_group_that_is_dissolved_frees_its_members_and_closes_its_account(cast: Cast) -> None:
    group = active(cast)
    with refuses("PAYEE-GROUP"):
        close_payee(payee=group.payee, closed_on=ON, reason="x", by=cast.sari, at=NOW)
    group = dissolve_group(group=group, on=ON, reason="Usaha selesai", by=cast.sari, at=NOW)
    settle()
    assert group.payee.closed_on == ON
    assert not group.members.filter(left_on=None).exists()
    assert group.payee.open_account() is None
    assert set(codes(group)) == {"CLOSED", "NO-ACCOUNT", "GROUP-STATE", "GROUP-FEW"}
    with refuses("GROUP-DISSOLVED"):
        add_member(group=group, person=heads(cast, 1)[0], joined_on=ON, by=cast.sari, at=NOW)


def test_a_group_lies_in_the_area_and_has_a_name_of_its_own(cast: Cast) -> None:
    forming(cast)
    values = {"business_kind": "Ternak ayam", "formed_on": FORMED, "at": NOW}
    with refuses("PAYEE-NAME"):
        form_group(name="kube  melati", village_id=VILLAGE, by=cast.sari, **values)
    with pytest.raises(NotAllowed):
        form_group(name="KUBE Lain", village_id=VILLAGE, by=cast.lain, **values)
