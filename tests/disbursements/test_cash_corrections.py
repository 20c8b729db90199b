"""A cash payment found wrong after its day was closed: three people, a new record, no editing."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from beneficiaries.models import Person
from disbursements.choices import LineState, ReturnReason, ReturnState
from disbursements.models import CashCorrection, CashCounter, CashReceipt, LedgerEvent, ReturnCase
from disbursements.services import bank_days, closing
from disbursements.services.cash import corrections, counters, paying
from tests.cast import Cast
from tests.factories.books import breaches
from tests.factories.cash import cash_world, opened, paid
from tests.factories.disbursements import World, fresh, lines_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast) -> World:
    return cash_world(cast)


@pytest.fixture
def receipt(world: World) -> CashReceipt:
    """The first payee is paid by the treasurer."""
    counter = opened(world)
    return paid(world, counter, lines_of(counter.pay_list)[0])


def close_day(world: World) -> None:
    bank_days.close_day(agency=world.cast.agency, note="", by=world.cast.tono, at=world.tick())


def close_counter(world: World, receipt: CashReceipt) -> None:
    counter = CashCounter.objects.get(pk=receipt.counter_id)
    counters.close_counter(counter=counter, by=world.cast.tono, at=world.tick())


def ask(world: World, receipt: CashReceipt, by: Any = None, reason: str = "Salah orang") -> Any:
    found = CashReceipt.objects.get(pk=receipt.pk)
    by = by or world.cast.ratna
    return corrections.ask(receipt=found, reason=reason, by=by, at=world.tick())


def answer(world: World, row: CashCorrection, by: Any, *, agreed: bool = True) -> CashCorrection:
    return corrections.answer(correction=row, agreed=agreed, by=by, at=world.tick())


def as_it_was(receipt: CashReceipt) -> dict[str, Any]:
    names = ("amount", "paid_on", "receiver_name", "mark", "photo_sha256", "recorded_by_id")
    found: dict[str, Any] = CashReceipt.objects.filter(pk=receipt.pk).values(*names).get()
    return found


def sound(world: World) -> None:
    found = [row for row in breaches(world.clock) if not row.startswith(("I9", "I12"))]
    assert found == []


def test_before_the_day_is_closed_nothing_is_asked_for(world: World, receipt: CashReceipt) -> None:
    with pytest.raises(NotAllowed, match="dibatalkan biasa"):
        ask(world, receipt)
    paying.undo(receipt=receipt, reason="Salah", by=world.cast.ratna, at=world.tick())
    sound(world)


def test_after_the_day_was_closed_a_third_person_agrees(world: World, receipt: CashReceipt) -> None:
    before = as_it_was(receipt)
    close_day(world)
    with pytest.raises(NotAllowed, match="Ajukan koreksi"):
        paying.undo(receipt=receipt, reason="Salah", by=world.cast.ratna, at=world.tick())
    with pytest.raises(NotAllowed, match="Anda yang mencatat"):
        ask(world, receipt, by=world.cast.tono)
    with pytest.raises(NotAllowed):
        ask(world, receipt, by=world.cast.aud)
    with pytest.raises(BadInput):
        ask(world, receipt, reason=" ")
    row = ask(world, receipt)
    with pytest.raises(Refused, match="sudah diajukan"):
        ask(world, receipt)
    for user in (world.cast.ratna, world.cast.tono, world.cast.budi):
        with pytest.raises(NotAllowed):
            answer(world, row, user)
    line = lines_of(receipt.counter.pay_list)[0]
    assert (line.state, line.settled_on) == (LineState.SETTLED, receipt.paid_on)
    answer(world, row, world.cast.hadi)
    line.refresh_from_db()
    assert (line.state, line.settled_on) == (LineState.UNKNOWN, None), "the payee waits again"
    assert as_it_was(receipt) == before, "the old record is not edited"
    world.budget.refresh_from_db()
    assert world.budget.delivered == 0
    assert LedgerEvent.objects.filter(kind="undo_settle").count() == 1
    with pytest.raises(Stale):
        answer(world, row, world.cast.hadi)
    sound(world)
    again = paid(world, CashCounter.objects.get(pk=receipt.counter_id), line)
    assert again.pk != receipt.pk
    sound(world)


def test_after_the_counter_was_closed_the_payment_is_a_return(
    world: World, receipt: CashReceipt
) -> None:
    before = as_it_was(receipt)
    close_counter(world, receipt)
    answer(world, ask(world, receipt), world.cast.hadi)
    line = lines_of(receipt.counter.pay_list)[0]
    case = ReturnCase.objects.get(line=line)
    assert (line.state, case.state, case.amount) == ("returned", ReturnState.OPEN, line.amount)
    assert fresh(receipt.counter.pay_list).state == "partly"
    assert as_it_was(receipt) == before
    world.budget.refresh_from_db()
    assert world.budget.delivered == 0
    sound(world)


def test_a_correction_that_waits_keeps_the_list_open(world: World, receipt: CashReceipt) -> None:
    close_counter(world, receipt)
    row = ask(world, receipt)
    pay_list = fresh(receipt.counter.pay_list)
    with pytest.raises(Refused, match="menunggu orang ketiga") as refused:
        closing.close(pay_list=pay_list, by=world.cast.tono, at=world.tick())
    assert refused.value.code == "CLOSE-CORRECTION"
    answer(world, row, world.cast.hadi, agreed=False)
    with pytest.raises(Refused) as refused:
        closing.close(pay_list=pay_list, by=world.cast.tono, at=world.tick())
    assert refused.value.code == "CLOSE-OPEN"


def test_money_that_went_to_somebody_dead_is_a_return_by_death(
    world: World, receipt: CashReceipt
) -> None:
    close_counter(world, receipt)
    Person.objects.filter(pk=receipt.line.person_id).update(died_on=receipt.paid_on)
    answer(world, ask(world, receipt), world.cast.hadi)
    assert ReturnCase.objects.get(line=receipt.line).reason == ReturnReason.DIED


def test_a_refused_correction_changes_nothing_and_may_be_asked_again(
    world: World, receipt: CashReceipt
) -> None:
    close_day(world)
    row = answer(world, ask(world, receipt), world.cast.hadi, agreed=False)
    assert (row.refused_by, row.confirmed_at) == (world.cast.hadi, None)
    receipt.refresh_from_db()
    assert receipt.undone_at is None
    assert ask(world, receipt).pk != row.pk
    sound(world)


def test_the_database_itself_knows_the_three_people(world: World, receipt: CashReceipt) -> None:
    close_counter(world, receipt)
    row = ask(world, receipt)
    for user in (world.cast.tono, world.cast.ratna):
        with pytest.raises(IntegrityError), transaction.atomic():
            CashCorrection.objects.filter(pk=row.pk).update(
                confirmed_at=world.clock, confirmed_by=user
            )
    with pytest.raises(IntegrityError), transaction.atomic():
        CashCorrection.objects.filter(pk=row.pk).update(reason="Lain")
    with pytest.raises(IntegrityError), transaction.atomic():
        CashReceipt.objects.filter(pk=receipt.pk).update(
            undone_at=world.clock, undone_by=world.cast.hadi, undo_reason="x"
        )


def test_the_page_asks_and_answers(world: World, receipt: CashReceipt, client: Client) -> None:
    close_day(world)
    path = reverse("disbursements:receipt", args=[receipt.pk])
    client.force_login(world.cast.ratna)
    assert "Ajukan koreksi kuitansi" in client.get(path).content.decode()
    words = client.post(path, {"reason": "Salah orang"}, follow=True).content.decode()
    assert "menunggu orang ketiga" in words
    assert "Salah orang" in words
    assert "Sahkan koreksi" not in words, "who asked does not answer"
    client.force_login(world.cast.hadi)
    assert "Sahkan koreksi" in client.get(path).content.decode()
    words = client.post(path, {"answer": "yes"}, follow=True).content.decode()
    assert "Kuitansi dikoreksi." in words
    receipt.refresh_from_db()
    assert receipt.undone_by == world.cast.hadi
