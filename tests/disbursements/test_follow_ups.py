"""Who a follow-up list pays: heirs by their decision, accounts at any bank, payees of their own."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput
from beneficiaries.choices import AccountState
from beneficiaries.models import BankAccount, Person
from beneficiaries.services import payees
from beneficiaries.services.people import set_account
from disbursements.choices import Decision, ReturnState
from disbursements.models import Hit, PayList, PaymentLine, ReturnCase
from disbursements.services import returns
from disbursements.services.preflight import changes_since_lock, check_now
from disbursements.services.returns import Heir
from programs.models import ProgrammeVersion
from tests.cast import Cast
from tests.disbursements.test_payees_and_rails import enrol_payee, shelter
from tests.disbursements.test_returns import HEIR, confirm, decide, new_account
from tests.factories.disbursements import World, answer_row, fresh, lines_of, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast) -> World:
    """Two payees."""
    return make_world(cast, people=2)


def back(world: World, reason: str) -> ReturnCase:
    """The first line of a sent list, returned for a reason; the others are delivered."""
    row = world.sent()
    first, *others = lines_of(row)
    world.answer(row, [answer_row(first, "GAGAL", reason), *(answer_row(x) for x in others)])
    return ReturnCase.objects.get(line=first)


def paid_again(world: World, case: ReturnCase, decision: Decision, **more: Any) -> PayList:
    """The follow-up list of the decided and confirmed return."""
    confirm(world, decide(world, case, decision, **more))
    return returns.make_follow_up(pay_list=case.line.pay_list, by=world.cast.budi, at=world.tick())


def die(case: ReturnCase, **more: Any) -> None:
    Person.objects.filter(pk=case.line.person_id).update(died_on=date(2026, 2, 1), **more)


def test_the_dead_are_found_under_a_corrected_name(world: World) -> None:
    case = back(world, "Rekening ditutup")
    follow_up = paid_again(world, case, Decision.FOLLOW_UP, new_account=new_account(world, case))
    locked = world.locked(follow_up)
    assert changes_since_lock(locked, today=day_of(world.clock)) == []
    die(case, name="Nama Yang Dibetulkan")
    assert changes_since_lock(locked, today=day_of(world.clock)) == [
        "1 penerima kini tercatat meninggal."
    ]


def test_the_dead_block_a_draft_under_a_corrected_name(world: World) -> None:
    case = back(world, "Rekening ditutup")
    account = new_account(world, case)
    confirm(world, decide(world, case, Decision.FOLLOW_UP, new_account=account))
    die(case, name="Nama Yang Dibetulkan")
    follow_up = returns.make_follow_up(
        pay_list=case.line.pay_list, by=world.cast.budi, at=world.tick()
    )
    assert check_now(pay_list=follow_up, at=world.tick()) == 1
    assert list(Hit.objects.values_list("code", flat=True)) == ["died"]


def test_an_heir_may_have_the_name_of_the_dead(world: World) -> None:
    case = back(world, "Meninggal dunia")
    die(case)
    heir = Heir(**{**HEIR.__dict__, "name": case.line.person.name})
    follow_up = paid_again(world, case, Decision.HEIR, heir=heir)
    assert check_now(pay_list=follow_up, at=world.tick()) == 0
    locked = world.locked(follow_up)
    assert changes_since_lock(locked, today=day_of(world.clock)) == []


def test_an_account_at_another_bank_is_known(world: World) -> None:
    case = back(world, "Rekening ditutup")
    ProgrammeVersion.objects.filter(pk=world.version.pk).update(rails=["overbooking", "bi_fast"])
    account = set_account(
        person=case.line.person,
        bank_code="014",
        number="0055443322",
        holder_name=case.line.person.name,
        by=world.cast.sari,
        at=world.tick(),
    )
    locked = world.locked(paid_again(world, case, Decision.FOLLOW_UP, new_account=account))
    assert [row.rail for row in lines_of(locked)] == ["bi_fast"]
    assert changes_since_lock(locked, today=day_of(world.clock)) == []
    BankAccount.objects.filter(pk=account.pk).update(
        state=AccountState.CLOSED, closed_at=world.tick()
    )
    assert changes_since_lock(locked, today=day_of(world.clock)) == [
        "1 rekening diubah sesudah dikunci."
    ]


def test_a_return_of_an_institution_leaves_the_head_s_own_account(
    world: World, client: Client
) -> None:
    payee = shelter(world, granted_on=date(2025, 6, 1))
    enrolment = enrol_payee(world, payee)
    own = BankAccount.objects.get(person=enrolment.person)
    row = world.sent()
    line = PaymentLine.objects.get(payee=payee)
    rest = [answer_row(x) for x in lines_of(row) if x.pk != line.pk]
    # The bank may call it a death; an institution has no heirs.
    world.answer(row, [answer_row(line, "GAGAL", "Meninggal dunia"), *rest])
    case = ReturnCase.objects.get(line=line)
    with pytest.raises(BadInput):
        decide(world, case, Decision.FOLLOW_UP, new_account=own)
    client.force_login(world.cast.tono)
    address = reverse("disbursements:return", args=[case.pk])
    page = client.get(address).content.decode()
    assert 'name="number"' not in page
    assert 'value="follow_up"' in page
    fresh_account = payees.set_payee_account(
        payee=payee,
        bank_code="114",
        number="0011223355",
        holder_name=payee.name,
        by=world.cast.sari,
        at=world.tick(),
    )
    sent = {"aksi": "decide", "decision": Decision.FOLLOW_UP.value}
    assert client.post(address, sent).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.new_account_id) == (ReturnState.DECIDED, fresh_account.pk)
    own.refresh_from_db()
    assert own.state != AccountState.CLOSED
    asked = {"decision": Decision.FOLLOW_UP.value, "new_account": fresh_account.pk}
    api = reverse("return-decide", args=[case.pk])
    assert client.post(api, asked, content_type="application/json").status_code == 200
    asked["new_account"] = own.pk
    assert client.post(api, asked, content_type="application/json").status_code == 422
    confirm(world, case)
    locked = world.locked(
        returns.make_follow_up(pay_list=fresh(row), by=world.cast.budi, at=world.tick())
    )
    assert [x.account_number for x in lines_of(locked)] == ["0011223355"]
    assert changes_since_lock(locked, today=day_of(world.clock)) == []
    BankAccount.objects.filter(pk=fresh_account.pk).update(
        state=AccountState.CLOSED, closed_at=world.tick()
    )
    assert changes_since_lock(locked, today=day_of(world.clock)) == [
        "1 rekening diubah sesudah dikunci."
    ]
    assert client.post(address, sent).status_code == 422


def test_a_payee_s_account_is_watched_in_a_follow_up_too(world: World) -> None:
    payee = shelter(world, granted_on=date(2025, 6, 1))
    enrol_payee(world, payee)
    row = world.sent()
    line = PaymentLine.objects.get(payee=payee)
    rest = [answer_row(x) for x in lines_of(row) if x.pk != line.pk]
    world.answer(row, [answer_row(line, "GAGAL", "Tidak diambil"), *rest])
    case = ReturnCase.objects.get(line=line)
    account = BankAccount.objects.get(payee=payee)
    locked = world.locked(paid_again(world, case, Decision.FOLLOW_UP, new_account=account))
    assert changes_since_lock(locked, today=day_of(world.clock)) == []
    payees.set_payee_account(
        payee=payee,
        bank_code="114",
        number="0011223355",
        holder_name=payee.name,
        by=world.cast.sari,
        at=world.tick(),
    )
    assert changes_since_lock(locked, today=day_of(world.clock)) == [
        "1 rekening diubah sesudah dikunci."
    ]


def test_an_heir_s_number_is_never_the_account_of_the_dead(world: World, client: Client) -> None:
    case = back(world, "Meninggal dunia")
    person, own = case.line.person, BankAccount.objects.get(person=case.line.person)
    die(case)
    follow_up = world.sent(paid_again(world, case, Decision.HEIR, heir=HEIR))
    line = PaymentLine.objects.get(pay_list=follow_up)
    world.answer(follow_up, [answer_row(line, "GAGAL", "Rekening ditutup")])
    again = ReturnCase.objects.get(line=line)
    client.force_login(world.cast.tono)
    address = reverse("disbursements:return", args=[again.pk])
    page = client.get(address).content.decode()
    assert 'value="follow_up"' not in page
    assert 'value="Sutrisno"' in page
    assert HEIR.nik not in page
    typed = {"aksi": "decide", "number": "0088009999", "holder_name": "Sutrisno"}
    assert client.post(address, typed | {"decision": "follow_up"}).status_code == 422
    with pytest.raises(BadInput, match="ahli waris"):
        decide(world, again, Decision.FOLLOW_UP, new_account=own)
    papers = {"heir_relation": "Anak", "heir_nik": HEIR.nik, "letter_number": HEIR.letter_number}
    typed |= papers | {"letter_date": "20-11-2026", "passbook_given": "on"}
    assert client.post(address, typed | {"decision": "heir"}).status_code == 302
    assert list(BankAccount.objects.filter(person=person)) == [own]
    again.refresh_from_db()
    confirm(world, again)
    paid = returns.make_follow_up(pay_list=follow_up, by=world.cast.budi, at=world.tick())
    assert [row.account_number for row in lines_of(paid)] == ["0088009999"]
    assert check_now(pay_list=paid, at=world.tick()) == 0
