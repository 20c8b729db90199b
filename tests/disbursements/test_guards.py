"""The database itself refuses: raw UPDATEs by somebody who goes past the services."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from disbursements.models import LedgerEntry, LedgerEvent, PayList, PaymentLine
from disbursements.services import closing
from tests.cast import Cast
from tests.factories.disbursements import World, answer_row, lines_of, make_world, run

pytestmark = pytest.mark.django_db

LISTS, LINES = "disbursements_paylist", "disbursements_paymentline"


def done(sql: str, *values: object) -> None:
    """The statement changes something."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount > 0
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused(sql: str, *values: object) -> None:
    """The statement fails, and nothing of it stays."""
    with pytest.raises(DatabaseError), transaction.atomic():
        done(sql, *values)


@pytest.fixture
def world(cast: Cast) -> World:
    """Four payees, budget and allocation."""
    return make_world(cast, people=4)


@pytest.mark.parametrize(
    "change",
    [
        "amount = amount + 1",
        "payee_name = 'Lain'",
        "person_id = (SELECT max(id) FROM beneficiaries_person)",
        "bank_code = '115'",
        "account_number = ''::bytea",
        "account_index = 'lain'",
        "account_holder = 'Lain'",
        "reference = 'D999999999999999'",
        "position = 99",
        "pay_list_id = pay_list_id + 1",
        "state = 'excluded', exclude_reason = 'x'",
        "state = 'settled', settled_on = '2026-11-22'",
        "state = 'returned'",
        "state = 'paid_back'",
    ],
)
def test_a_locked_line_is_frozen(world: World, change: str) -> None:
    pay_list = world.locked()
    line = lines_of(pay_list)[0]
    refused(f"UPDATE {LINES} SET {change} WHERE id = %s", line.pk)


def test_no_line_joins_or_leaves_a_locked_list(world: World) -> None:
    pay_list = world.locked()
    refused(f"DELETE FROM {LINES} WHERE pay_list_id = %s", pay_list.pk)
    line = lines_of(pay_list)[0]
    line.pk, line.position, line.reference = None, 50, "D111111111111111"
    # Excluded: so that no index against double payment stands before the lock.
    line.state, line.exclude_reason = "excluded", "uji"
    with pytest.raises(IntegrityError, match="is locked: no new line"), transaction.atomic():
        line.save(force_insert=True)


@pytest.mark.parametrize(
    "change",
    [
        "count = count + 1",
        "total = total + 1",
        "content_hash = repeat('0', 64)",
        "number = 'DB-35-2026-9999'",
        "area_code = '35.20'",
        "state = 'approved'",
        "state = 'sent'",
        "content_hash = ''",
    ],
)
def test_a_locked_list_is_frozen(world: World, change: str) -> None:
    pay_list = world.locked()
    refused(f"UPDATE {LISTS} SET {change} WHERE id = %s", pay_list.pk)


@pytest.mark.parametrize("role", ["checked", "approved"])
def test_the_maker_never_signs(world: World, role: str) -> None:
    pay_list = world.awaiting()
    refused(
        f"UPDATE {LISTS} SET {role}_at = now(), {role}_by_id = made_by_id WHERE id = %s",
        pay_list.pk,
    )


def test_one_person_never_gives_both_signatures(world: World) -> None:
    pay_list = world.approved()
    refused(f"UPDATE {LISTS} SET approved_by_id = checked_by_id WHERE id = %s", pay_list.pk)
    refused(f"UPDATE {LISTS} SET approved_by_id = NULL WHERE id = %s", pay_list.pk)
    refused(f"UPDATE {LISTS} SET state = 'draft' WHERE id = %s", pay_list.pk)


def test_an_sp2d_is_the_whole_list_or_nothing(world: World) -> None:
    pay_list = world.approved()
    sql = (
        f"UPDATE {LISTS} SET state = 'sp2d', sp2d_number = 'S', sp2d_date = now(), sp2d_at = now(),"
        " sp2d_by_id = made_by_id, sp2d_amount = total - 1 WHERE id = %s"
    )
    refused(sql, pay_list.pk)
    refused(f"UPDATE {LISTS} SET state = 'sp2d' WHERE id = %s", pay_list.pk)


@pytest.mark.parametrize(
    "table",
    [
        "disbursements_ledgerevent",
        "disbursements_ledgerentry",
        "disbursements_listmove",
        "disbursements_approval",
        "disbursements_resultrow",
    ],
)
def test_the_books_are_only_ever_added_to(world: World, table: str) -> None:
    pay_list = world.sent()
    world.answer(pay_list, [answer_row(lines_of(pay_list)[0])])
    refused(f"UPDATE {table} SET id = id")
    refused(f"DELETE FROM {table}")


def test_an_event_of_the_ledger_balances(world: World) -> None:
    event = LedgerEvent.objects.latest("pk")
    sql = "INSERT INTO disbursements_ledgerentry (event_id, account, amount) VALUES (%s, %s, 1)"
    refused(sql, event.pk, "treasury")
    assert LedgerEntry.objects.filter(event=event).count() == 2
    copy = (
        "INSERT INTO disbursements_ledgerevent SELECT nextval('disbursements_ledgerevent_id_seq')"
    )
    refused(f"{copy}, key, kind, area_code FROM disbursements_ledgerevent")


@pytest.mark.parametrize(
    "change",
    [
        "reserved = ceiling + 1",
        "paid = ceiling + 1",
        "reserved = -1",
        "delivered = 1",
        "returned = 1",
        "allocated = ceiling + 1",
        "ceiling = allocated - 1",
    ],
)
def test_a_budget_is_never_overspent(world: World, change: str) -> None:
    refused(f"UPDATE disbursements_budgetline SET {change}")


@pytest.mark.parametrize("change", ["reserved = amount + 1", "amount = -1", "delivered = paid + 1"])
def test_a_share_is_never_overspent(world: World, change: str) -> None:
    refused(f"UPDATE disbursements_allocation SET {change}")


@pytest.mark.parametrize("guard", ["one_live_payment_per_person", "one_live_payment_per_family"])
def test_nobody_is_paid_twice_in_a_stage(world: World, guard: str) -> None:
    """Each index on its own: the same person in no family; another person of the same family."""
    first = world.drawn()
    line, other = lines_of(first)[:2]
    assert line.family_id is not None
    second = PayList.objects.create(
        number="DB-35-2026-0099",
        kind="follow_up",
        parent=first,
        version=first.version,
        stage=first.stage,
        decree=first.decree,
        budget=first.budget,
        allocation=first.allocation,
        area_code=first.area_code,
        made_at=world.tick(),
        made_by=world.cast.budi,
    )
    if guard == "one_live_payment_per_person":
        line.family, line.one_per_family = None, False
    else:
        PaymentLine.objects.filter(pk=other.pk).update(state="excluded", exclude_reason="uji")
        line.enrolment, line.person, line.one_per_family = other.enrolment, other.person, True
        PaymentLine.objects.filter(pk=lines_of(first)[0].pk).update(one_per_family=True)
    line.pk, line.pay_list, line.reference = None, second, "D111111111111111"
    with pytest.raises(IntegrityError, match=guard), transaction.atomic():
        line.save(force_insert=True)


def test_one_sp2d_number_is_on_one_main_list(world: World) -> None:
    world.with_sp2d(number="SP2D-7")
    other = world.approved(world.drawn(stage=world.stages[1]))
    with pytest.raises(IntegrityError, match="sp2d_number_once"), transaction.atomic():
        PayList.objects.filter(pk=other.pk).update(sp2d_number="SP2D-7")


def test_a_closed_list_does_not_move(world: World) -> None:
    pay_list = world.sent()
    world.answer(pay_list, [answer_row(line) for line in lines_of(pay_list)])
    run(closing.close(pay_list=pay_list, by=world.cast.tono, at=world.tick()))
    refused(f"UPDATE {LINES} SET state = 'returned' WHERE pay_list_id = %s", pay_list.pk)
    refused(f"UPDATE {LISTS} SET state = 'settled' WHERE id = %s", pay_list.pk)


def test_a_return_is_decided_and_confirmed_by_two(world: World) -> None:
    pay_list = world.sent()
    world.answer(pay_list, [answer_row(lines_of(pay_list)[0], "GAGAL", "Pindah")])
    table = "disbursements_returncase"
    tono = world.cast.tono.pk
    refused(f"UPDATE {table} SET confirmed_at = now(), confirmed_by_id = %s", tono)
    decided = "state = 'decided', decision = 'treasury', decided_at = now(), decided_by_id = %s"
    done(f"UPDATE {table} SET {decided}", tono)
    refused(f"UPDATE {table} SET confirmed_at = now(), confirmed_by_id = %s", tono)
    sts = "sts_number = 'S', sts_date = now(), sts_amount"
    refused(f"UPDATE {table} SET {sts} = amount")
    done(f"UPDATE {table} SET confirmed_at = now(), confirmed_by_id = %s", world.cast.ratna.pk)
    refused(f"UPDATE {table} SET {sts} = amount + 1")
    refused(f"UPDATE {table} SET {sts} = amount - 1")
    done(f"UPDATE {table} SET {sts} = amount")
