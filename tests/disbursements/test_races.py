"""Many at once on real Postgres: nothing is overspent, nothing happens twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError, connection, connections, transaction

from bansos.jobs import services as jobs
from bansos.lib.errors import Refused
from disbursements.choices import LedgerKind, ListState
from disbursements.models import LedgerEntry, LedgerEvent, PayList, ResultRow
from disbursements.services import bank, budgets, lists, papers, results
from tests.cast import make_cast
from tests.factories.books import breaches, rest
from tests.factories.disbursements import (
    AMOUNT,
    World,
    answer_csv,
    answer_row,
    fresh,
    lines_of,
    make_world,
)

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 16


@pytest.fixture
def world(transactional_db: None) -> World:
    """Four payees; the people are committed, so every thread sees them."""
    return make_world(make_cast(), people=4)


def race(act: Callable[[int], Any], *, threads: int = THREADS) -> list[Any]:
    """The same act from many threads that start together; what each got, refusals included."""
    barrier = threading.Barrier(threads)

    def one(place: int) -> Any:
        try:
            barrier.wait(timeout=30)
            return act(place)
        except (Refused, DatabaseError) as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))


def won(outcomes: list[Any]) -> int:
    """How many were not refused."""
    return sum(not isinstance(outcome, Exception) for outcome in outcomes)


def only_refusals(outcomes: list[Any]) -> bool:
    """Who lost was refused in words, not by a broken connection."""
    return all(
        isinstance(outcome, Refused) for outcome in outcomes if isinstance(outcome, Exception)
    )


def sound(world: World) -> None:
    """No promise about money is broken."""
    rest(world)
    assert breaches(world.clock) == []


def test_an_sp2d_is_not_corrected_while_a_paper_of_it_is_written(world: World) -> None:
    row = world.with_sp2d()
    job = papers.make_papers(
        pay_list=row, keys=["batch_receipt"], by=world.cast.tono, at=world.tick()
    )
    held: list[str] = []

    def elsewhere(lock: str) -> None:
        try:
            with transaction.atomic(), connection.cursor() as db:
                db.execute(
                    f"SELECT 1 FROM disbursements_paylist WHERE id = %s FOR {lock} NOWAIT", [row.pk]
                )
        except DatabaseError:
            held.append(lock)
        finally:
            connections.close_all()

    def render(*_given: Any, **_more: Any) -> bytes:
        for lock in ("UPDATE", "SHARE"):
            other = threading.Thread(target=elsewhere, args=[lock])
            other.start()
            other.join()
        return b"%PDF"

    with patch.object(papers, "render_sheet", render):
        jobs.run_step(job_id=str(job.pk), at=world.tick())
    assert held == ["UPDATE"], "a correction waits, a counter does not"


def test_a_budget_is_never_overspent_by_a_crowd(world: World) -> None:
    share = world.budget.allocations.get(area_code="35.19")
    piece = Decimal(7_000_000)

    def reserve(place: int) -> Any:
        with transaction.atomic():
            return budgets.post(
                kind=LedgerKind.RESERVE,
                key=f"race:{place}",
                budget=world.budget,
                allocation=share,
                amount=piece,
                by=world.cast.budi,
                at=world.clock,
            )

    outcomes = race(reserve, threads=32)
    assert won(outcomes) == 50_000_000 // 7_000_000
    assert only_refusals(outcomes)
    share.refresh_from_db()
    world.budget.refresh_from_db()
    assert share.reserved == world.budget.reserved == 7 * piece
    assert LedgerEntry.objects.filter(account="reserved").count() == 7


def test_one_event_key_moves_money_once(world: World) -> None:
    share = world.budget.allocations.get(area_code="35.19")

    def reserve(_place: int) -> Any:
        with transaction.atomic():
            return budgets.post(
                kind=LedgerKind.RESERVE,
                key="race:one",
                budget=world.budget,
                allocation=share,
                amount=AMOUNT,
                by=world.cast.budi,
                at=world.clock,
            )

    race(reserve)
    share.refresh_from_db()
    assert share.reserved == AMOUNT
    assert LedgerEvent.objects.filter(key="race:one").count() == 1


def test_one_list_per_stage_and_area(world: World) -> None:
    outcomes = race(
        lambda _place: lists.create_list(
            stage=world.stage, area_code="35.19", by=world.cast.budi, at=world.clock
        ),
        threads=8,
    )
    assert won(outcomes) == 1
    assert only_refusals(outcomes)
    assert PayList.objects.count() == 1


def test_a_list_is_locked_once(world: World) -> None:
    pay_list = world.drawn()
    outcomes = race(
        lambda _place: lists.lock(pay_list=pay_list, by=world.cast.budi, at=world.clock),
        threads=8,
    )
    assert won(outcomes) == 1
    assert only_refusals(outcomes)
    world.budget.refresh_from_db()
    assert world.budget.reserved == 4 * AMOUNT
    sound(world)


def test_locking_and_excluding_never_cross(world: World) -> None:
    pay_list = world.drawn()

    def act(place: int) -> Any:
        if place % 2:
            return lists.lock(pay_list=pay_list, by=world.cast.budi, at=world.clock)
        return lists.exclude(
            pay_list=pay_list,
            niks_or_positions=[str(place // 2 + 1)],
            reason="Menolak",
            by=world.cast.budi,
            at=world.clock,
        )

    outcomes = race(act, threads=6)
    assert only_refusals(outcomes)
    assert fresh(pay_list).state == ListState.LOCKED
    sound(world)


def test_a_list_is_approved_once(world: World) -> None:
    row = world.awaiting()
    lists.check(pay_list=row, seen_hash=row.content_hash, by=world.cast.ratna, at=world.tick())
    outcomes = race(
        lambda _place: lists.approve(
            pay_list=row, seen_hash=row.content_hash, by=world.cast.hadi, at=world.clock
        ),
        threads=8,
    )
    assert won(outcomes) == 1
    assert only_refusals(outcomes)
    assert row.approvals.filter(step="approve").count() == 1
    sound(world)


def test_approving_and_sending_back_never_both_happen(world: World) -> None:
    row = world.awaiting()
    lists.check(pay_list=row, seen_hash=row.content_hash, by=world.cast.ratna, at=world.tick())

    def act(place: int) -> Any:
        if place % 2:
            return lists.approve(
                pay_list=row, seen_hash=row.content_hash, by=world.cast.hadi, at=world.clock
            )
        return lists.send_back(pay_list=row, note="Cek", by=world.cast.hadi, at=world.clock)

    outcomes = race(act, threads=6)
    assert won(outcomes) == 1
    assert only_refusals(outcomes)
    sound(world)


def test_an_sp2d_is_recorded_once_and_the_list_sent_once(world: World) -> None:
    row = world.approved()
    day = world.clock.date()
    outcomes = race(
        lambda place: lists.record_sp2d(
            pay_list=row,
            spm_number="SPM",
            sp2d_number=f"SP2D-{place}",
            sp2d_date=day,
            amount=row.total,
            by=world.cast.tono,
            at=world.clock,
        ),
        threads=8,
    )
    assert won(outcomes) == 1
    assert only_refusals(outcomes)
    world.budget.refresh_from_db()
    assert (world.budget.reserved, world.budget.paid) == (0, 4 * AMOUNT)
    sound(world)


def test_one_answer_applied_by_many_workers_counts_once(world: World) -> None:
    pay_list = world.sent()
    data = answer_csv([answer_row(line) for line in lines_of(pay_list)])
    uploaded = race(
        lambda _place: results.upload_result(
            pay_list=pay_list, data=data, file_name="h.csv", by=world.cast.tono, at=world.clock
        ),
        threads=6,
    )
    assert len({result.pk for result in uploaded}) == 1
    asked = race(
        lambda _place: results.apply_result(result=uploaded[0], by=world.cast.tono, at=world.clock),
        threads=6,
    )
    assert len({job.pk for job in asked}) == 1

    def work(_place: int) -> None:
        while jobs.run_step(job_id=str(asked[0].pk), at=world.clock):
            pass

    race(work, threads=6)
    assert ResultRow.objects.count() == 4
    assert set(pay_list.lines.values_list("state", flat=True)) == {"settled"}
    world.budget.refresh_from_db()
    assert world.budget.delivered == 4 * AMOUNT
    sound(world)


def test_two_answers_with_the_same_rows_settle_each_line_once(world: World) -> None:
    pay_list = world.sent()
    rows = [answer_row(line) for line in lines_of(pay_list)]
    made = []
    for place in range(4):
        result = results.upload_result(
            pay_list=pay_list,
            data=answer_csv([*rows, ["#", str(place), "", "", "", "", ""]]),
            file_name=f"{place}.csv",
            by=world.cast.tono,
            at=world.tick(),
        )
        made.append(results.apply_result(result=result, by=world.cast.tono, at=world.tick()))

    def work(place: int) -> None:
        while jobs.run_step(job_id=str(made[place].pk), at=world.clock):
            pass

    race(work, threads=4)
    assert ResultRow.objects.filter(state="applied").count() == 4
    assert ResultRow.objects.filter(state="same").count() == 12
    world.budget.refresh_from_db()
    assert world.budget.delivered == 4 * AMOUNT
    sound(world)


def test_files_are_made_once(world: World) -> None:
    row = world.with_sp2d()
    job = bank.make_files(pay_list=row, by=world.cast.budi, at=world.tick())

    def work(_place: int) -> None:
        while jobs.run_step(job_id=str(job.pk), at=world.clock):
            pass

    race(work, threads=4)
    assert row.files.count() == len(bank.ORDER)
