"""check_invariants() finds nothing in a sound house and names every planted breach."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from bansos.audit import services as audit
from bansos.jobs.models import Job
from disbursements.services.invariants import check_invariants
from tests.cast import make_cast
from tests.factories.disbursements import (
    NOW,
    World,
    answer_row,
    lines_of,
    make_world,
)

pytestmark = pytest.mark.django_db

GUARDED = (
    *("disbursements_paylist", "disbursements_paymentline", "disbursements_ledgerentry"),
    *("disbursements_ledgerevent", "disbursements_listmove", "disbursements_approval"),
    *("disbursements_resultrow", "audit_event"),
)


def tamper(sql: str) -> None:
    """Change rows as somebody with the database's password and no scruples would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        try:
            cursor.execute(sql)
        finally:
            for table in GUARDED:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def drop(table: str, name: str) -> None:
    """Take a constraint away, so that the row behind it can be planted."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = %s AND indexname = %s",
            [table, name],
        )
        kind = "INDEX" if cursor.fetchone() else ""
        if kind:
            cursor.execute(f"DROP INDEX {name}")
        else:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """A list with every kind of line and one in preparation; undone at the end of the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = make_world(make_cast(), people=5)
        pay_list = world.sent()
        lines = lines_of(pay_list)
        world.answer(
            pay_list,
            [
                answer_row(lines[0]),
                answer_row(lines[1]),
                answer_row(lines[2], "GAGAL", "Rekening ditutup"),
            ],
        )
        world.locked(world.drawn(stage=world.stages[1]))
        audit.seal(at=world.clock)
        Job.objects.update(rung_at=world.clock)
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(made: World, db: None) -> World:
    """The same world for each test; what a test plants is undone."""
    return made


def found(world: World) -> list[str]:
    return check_invariants(at=world.clock + timedelta(seconds=5))


def test_a_sound_house_has_no_breach(world: World) -> None:
    assert found(world) == []


LINES, LISTS = "disbursements_paymentline", "disbursements_paylist"
BUDGETS, SHARES = "disbursements_budgetline", "disbursements_allocation"
FIRST = f"(SELECT min(id) FROM {LINES})"
MAIN = f"(SELECT min(id) FROM {LISTS})"
SECOND = f"(SELECT max(id) FROM {LISTS})"
Plan = tuple[str, list[tuple[str, str]], str]
BREACHES: dict[str, Plan] = {
    "a ceiling without a paper": (f"UPDATE {BUDGETS} SET ceiling = ceiling + 1", [], "I1"),
    "more reserved than posted": (f"UPDATE {SHARES} SET reserved = reserved + 1", [], "I5"),
    "more delivered than posted": (f"UPDATE {BUDGETS} SET delivered = delivered + 1", [], "I5"),
    "paid beyond the ceiling": (
        f"UPDATE {BUDGETS} SET paid = ceiling + 1",
        [(BUDGETS, "budget_never_overspent")],
        "I1",
    ),
    "shares that do not add up": (f"UPDATE {BUDGETS} SET allocated = allocated - 1", [], "I1"),
    "a person paid twice": (
        (
            f"UPDATE {LINES} SET person_id = (SELECT person_id FROM {LINES} WHERE id = {FIRST})"
            f" WHERE id = {FIRST} + 1"
        ),
        [(LINES, "one_live_payment_per_person")],
        "I2",
    ),
    "a family paid twice": (
        (
            f"UPDATE {LINES} SET family_id = (SELECT family_id FROM {LINES} WHERE id = {FIRST})"
            f" WHERE id = {FIRST} + 1"
        ),
        [(LINES, "one_live_payment_per_family")],
        "I2",
    ),
    "an amount changed after the lock": (
        f"UPDATE {LINES} SET amount = amount + 1 WHERE id = {FIRST}",
        [],
        "I3",
    ),
    "a name changed after the lock": (
        f"UPDATE {LINES} SET payee_name = 'Orang Lain' WHERE id = {FIRST}",
        [],
        "I3",
    ),
    "a line removed after the lock": (
        f"UPDATE {LINES} SET state = 'cancelled' WHERE pay_list_id = {SECOND} AND position = 1",
        [],
        "I3",
    ),
    "a total that is not the sum": (
        f"UPDATE {LISTS} SET total = total + 1",
        [(LISTS, "list_sp2d_equals_total")],
        "I3",
    ),
    "an SP2D that differs": (
        f"UPDATE {LISTS} SET sp2d_amount = total - 1 WHERE id = {MAIN}",
        [(LISTS, "list_sp2d_equals_total")],
        "I3",
    ),
    "a file with another total": ("UPDATE disbursements_bankfile SET total = total + 1", [], "I3"),
    "delivered without the bank": (
        f"UPDATE {LINES} SET state = 'settled', settled_on = '2026-11-22' WHERE state = 'unknown'",
        [],
        "I4",
    ),
    "an answered line that waits": (
        f"UPDATE {LINES} SET state = 'submitted' WHERE state = 'settled'",
        [],
        "I4",
    ),
    "a line that was never sent": (
        f"UPDATE {LINES} SET state = 'waiting' WHERE state = 'unknown'",
        [],
        "I4",
    ),
    "submitted before its list": (
        f"UPDATE {LINES} SET state = 'submitted' WHERE pay_list_id = {SECOND}",
        [],
        "I4",
    ),
    "a return without its case": ("DELETE FROM disbursements_returncase", [], "I4"),
    "an unbalanced event": (
        (
            "UPDATE disbursements_ledgerentry SET amount = amount + 1"
            " WHERE id = (SELECT min(id) FROM disbursements_ledgerentry)"
        ),
        [],
        "I5",
    ),
    "a leg removed": (
        (
            "DELETE FROM disbursements_ledgerentry"
            " WHERE id = (SELECT max(id) FROM disbursements_ledgerentry)"
        ),
        [],
        "I5",
    ),
    "another hash in the register": (
        f"UPDATE disbursements_bankfile SET sha256 = '{'0' * 64}'",
        [],
        "I6",
    ),
    "other bytes in the store": (
        f"UPDATE documents_document SET sha256 = '{'0' * 64}'"
        " WHERE kind LIKE 'disbursements.%%'".replace("%%", "%"),
        [],
        "I6",
    ),
    "a row applied to another amount": (
        "UPDATE disbursements_resultrow SET amount = amount - 1 WHERE state = 'applied'",
        [],
        "I8",
    ),
    "a row applied to another account": (
        "UPDATE disbursements_resultrow SET account_index = 'x' WHERE state = 'applied'",
        [],
        "I8",
    ),
    "a quarantined row set to applied twice": (
        (
            "UPDATE disbursements_resultrow SET line_id = (SELECT min(line_id) FROM"
            " disbursements_resultrow), outcome = 'settled' WHERE state = 'applied'"
        ),
        [("disbursements_resultrow", "outcome_applied_once")],
        "I8",
    ),
    "a row lost": (
        (
            "DELETE FROM disbursements_resultrow"
            " WHERE id = (SELECT max(id) FROM disbursements_resultrow)"
        ),
        [],
        "I8",
    ),
    "a maker who approved": (
        f"UPDATE {LISTS} SET approved_by_id = made_by_id WHERE id = {MAIN}",
        [(LISTS, "list_maker_is_not_approver")],
        "I10",
    ),
    "a signature under other contents": (
        f"UPDATE disbursements_approval SET seen_hash = '{'0' * 64}'",
        [],
        "I10",
    ),
    "a signature removed": ("DELETE FROM disbursements_approval", [], "I10"),
    "a state without its move": (
        f"UPDATE {LISTS} SET state = 'settled' WHERE id = {MAIN}",
        [],
        "I12",
    ),
    "a move without its event": (
        f"DELETE FROM audit_event WHERE target_type = '{LISTS.replace('_', '.')}'",
        [],
        "I12",
    ),
    "a move rewritten": (
        "UPDATE disbursements_listmove SET old = 'draft' WHERE new = 'approved'",
        [],
        "I12",
    ),
}


@pytest.mark.parametrize("name", BREACHES)
def test_a_planted_breach_is_named(world: World, name: str) -> None:
    sql, constraints, promise = BREACHES[name]
    for table, constraint in constraints:
        drop(table, constraint)
    tamper(sql)
    assert any(breach.startswith(f"{promise} ") for breach in found(world)), found(world)


def test_a_job_that_stands_still_is_named(world: World) -> None:
    Job.objects.create(
        kind="disbursements.draw",
        title="",
        owner=world.cast.budi,
        created_at=NOW,
        rung_at=NOW,
    )
    assert any(breach.startswith("I9 ") for breach in found(world))


def test_bytes_lost_from_the_store_are_named(world: World) -> None:
    file = world.stage.pay_lists.get(state="partly").files.first()
    assert file is not None
    kept = Path(file.document.file.path)
    content = kept.read_bytes()
    try:
        kept.unlink()
        assert any("rusak atau hilang" in breach for breach in found(world))
    finally:
        # The database is rolled back between tests, the disk is not.
        kept.write_bytes(content)
