"""Who a follow-up list pays: heirs by their decision, accounts at any bank, payees of their own."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from beneficiaries.choices import AccountState
from beneficiaries.models import BankAccount, Person
from beneficiaries.services.people import set_account
from disbursements.choices import Decision
from disbursements.models import Hit, PayList, ReturnCase
from disbursements.services import returns
from disbursements.services.preflight import changes_since_lock, check_now
from disbursements.services.returns import Heir
from programs.models import ProgrammeVersion
from tests.cast import Cast
from tests.disbursements.test_returns import HEIR, confirm, decide, new_account
from tests.factories.disbursements import World, answer_row, lines_of, make_world

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
    assert changes_since_lock(locked) == []
    die(case, name="Nama Yang Dibetulkan")
    assert changes_since_lock(locked) == ["1 penerima kini tercatat meninggal."]


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
    assert changes_since_lock(locked) == []


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
    assert changes_since_lock(locked) == []
    BankAccount.objects.filter(pk=account.pk).update(
        state=AccountState.CLOSED, closed_at=world.tick()
    )
    assert changes_since_lock(locked) == ["1 rekening diubah sesudah dikunci."]
