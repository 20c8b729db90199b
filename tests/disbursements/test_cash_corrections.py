"""A cash payment found wrong after its day was closed: three people, a new record, no editing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from beneficiaries.models import Person
from disbursements.choices import LineState, ReturnReason, ReturnState
from disbursements.models import CashCorrection, CashCounter, CashReceipt, LedgerEvent, ReturnCase
from disbursements.queries.audit import audit_books
from disbursements.services import acting, bank_days, closing, moves
from disbursements.services.cash import corrections, counters, paying
from monitoring.queries.duties import heaps_for
from tests.access_benefits import PNG
from tests.cast import Cast
from tests.factories.books import breaches
from tests.factories.cash import cash_world, fresh_line, opened, paid, register_row, taken
from tests.factories.disbursements import World, fresh, lines_of, run

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


@pytest.mark.parametrize(("rule", "breaks"), [(-1, True), (1, False), (None, True)])
def test_the_auditor_knows_since_when_three_people_are_asked(
    world: World, receipt: CashReceipt, rule: int | None, breaks: bool
) -> None:
    """Before the rule a second person took a record of a closed day back; since then nobody."""
    close_day(world)
    undone = world.tick()
    rows = "WHERE app = 'disbursements' AND name = '0024_cash_corrections'"
    with connection.cursor() as cursor:
        if rule is None:
            cursor.execute(f"DELETE FROM django_migrations {rows}")  # noqa: S608
        else:
            applied = undone + timedelta(seconds=rule)
            cursor.execute(f"UPDATE django_migrations SET applied = %s {rows}", [applied])  # noqa: S608
            assert cursor.rowcount == 1
        cursor.execute("SET LOCAL session_replication_role = replica")
        CashReceipt.objects.filter(pk=receipt.pk).update(
            undone_at=undone, undone_by=world.cast.ratna, undo_reason="Salah"
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    found = {row.check for row in audit_books(at=world.clock, own=False).breaches}
    assert ("cash_late" in found) is breaks


def waiting_for(user: Any) -> list[tuple[str, int, str]]:
    return [
        (heap.key, heap.count, heap.pieces[0].href)
        for heap in heaps_for(user)
        if heap.key == "cash_corrections"
    ]


def test_home_tells_only_those_who_may_be_the_third(
    world: World, receipt: CashReceipt, client: Client
) -> None:
    close_day(world)
    row = ask(world, receipt)
    told = [("cash_corrections", 1, reverse("disbursements:receipt", args=[receipt.pk]))]
    assert waiting_for(world.cast.hadi) == told
    for user in (world.cast.ratna, world.cast.tono, world.cast.budi, world.cast.kalt):
        assert waiting_for(user) == [], user.username
    client.force_login(world.cast.hadi)
    assert "Koreksi kuitansi menunggu orang ketiga" in client.get("/").content.decode()
    answer(world, row, world.cast.hadi)
    assert waiting_for(world.cast.hadi) == []


def test_what_was_begun_before_the_closing_of_the_day_is_not_dated_into_it(
    world: World, receipt: CashReceipt
) -> None:
    """Its moment lies before the closing and its commit after: it would be in no day's figures."""
    line = lines_of(receipt.counter.pay_list)[1]
    counter = CashCounter.objects.get(pk=receipt.counter_id)
    other = paid(world, counter, line)
    begun = world.tick()
    close_day(world)
    row = ask(world, receipt)
    payment = paying.Payment(
        fresh_line(lines_of(counter.pay_list)[2]), receipt.amount, begun.date(), "x"
    )
    for act in (
        lambda: paying.undo(receipt=other, reason="x", by=world.cast.ratna, at=begun),
        lambda: corrections.answer(correction=row, agreed=True, by=world.cast.hadi, at=begun),
        lambda: paying.pay(
            counter=counter,
            payment=payment,
            proof=paying.Proof(photo=PNG),
            by=world.cast.tono,
            at=begun,
        ),
    ):
        with pytest.raises(Stale, match="baru saja ditutup"):
            act()
    assert not CashReceipt.objects.exclude(undone_at=None).exists()
    answer(world, row, world.cast.hadi)


def test_a_counter_that_a_worker_closes_answers_at_once(
    world: World, receipt: CashReceipt, settings: Any
) -> None:
    """Nobody waits for the lock that the worker holds as long as it works."""
    line = lines_of(receipt.counter.pay_list)[1]
    counter = CashCounter.objects.get(pk=receipt.counter_id)
    close_day(world)
    row = ask(world, receipt)
    settings.LONG_LIST_LINES = 2
    job = acting.act(
        name="close_counter",
        pay_list=fresh(counter.pay_list),
        by=world.cast.tono,
        at=world.tick(),
    )
    assert job is not None
    acts: list[Callable[[], Any]] = [
        lambda: paid(world, counter, line),
        lambda: taken(world, counter, [register_row(world, line)]),
        lambda: paying.undo(receipt=receipt, reason="x", by=world.cast.ratna, at=world.tick()),
        lambda: ask(world, receipt),
        lambda: answer(world, row, world.cast.hadi),
    ]
    with patch.object(moves, "lock_row", side_effect=AssertionError("waits for the worker")):
        for act in acts:
            with pytest.raises(Refused, match="Loket ini sedang ditutup") as refused:
                act()
            assert refused.value.code == "CASH-CLOSING"
    assert run(job).state == "done"
    answer(world, row, world.cast.hadi)


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
