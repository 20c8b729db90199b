"""Thirty-two threads on a barrier, round after round: nothing overspent, nothing twice."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from bansos.jobs import services as jobs
from disbursements.choices import Decision, LedgerKind, LineState, ListState
from disbursements.models import (
    Allocation,
    Approval,
    BudgetLine,
    LedgerEntry,
    LedgerEvent,
    ListMove,
    PayList,
    PaymentLine,
    ResultRow,
)
from disbursements.services import budgets, lists, results, returns
from tests.cast import make_cast
from tests.disbursements.test_races import only_refusals, race, won
from tests.factories.books import breaches, case_at, decided, rest
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
CROWD = 32
ROUNDS = 8
PIECE = Decimal(3_000_000)


@pytest.fixture
def world(transactional_db: None) -> World:
    """Three payees, committed, so that every thread sees them."""
    return make_world(make_cast(), people=3, share=50_000_000)


def sound(world: World) -> None:
    """The auditor finds nothing."""
    rest(world)
    assert breaches(world.clock + timedelta(seconds=1)) == []


def ledger_of(account: str) -> Decimal:
    """What an account of the ledger holds, leg by leg."""
    rows = LedgerEntry.objects.filter(account=account).values_list("amount", flat=True)
    return sum(rows, Decimal(0))


def report(what: str, tally: Counter[str]) -> None:
    """The counts, for the log of the run."""
    sys.stdout.write(f"{what}: {dict(sorted(tally.items()))}\n")


def test_a_crowd_never_overspends_a_budget(world: World) -> None:
    """Each round 32 reservations want more than is left; granted and ledger are always equal."""
    share, tally = world.budget.allocations.get(), Counter[str]()
    for turn in range(ROUNDS):

        def reserve(place: int, turn: int = turn) -> Any:
            with transaction.atomic():
                return budgets.post(
                    kind=LedgerKind.RESERVE,
                    key=f"crowd:{turn}:{place}",
                    budget=world.budget,
                    allocation=share,
                    amount=PIECE,
                    by=world.cast.budi,
                    at=world.clock,
                )

        outcomes = race(reserve, threads=CROWD)
        assert only_refusals(outcomes)
        share.refresh_from_db()
        assert share.reserved == won(outcomes) * PIECE <= share.amount
        assert BudgetLine.objects.get().reserved == share.reserved == ledger_of("reserved")
        tally += Counter(granted=won(outcomes), refused=CROWD - won(outcomes))
        for event in LedgerEvent.objects.filter(key__startswith=f"crowd:{turn}:"):
            budgets.post(
                kind=LedgerKind.RELEASE,
                key=f"{event.key}:back",
                budget=world.budget,
                allocation=share,
                amount=PIECE,
                by=world.cast.budi,
                at=world.clock,
            )
    report("reservations", tally)
    assert tally == Counter(granted=ROUNDS * 16, refused=ROUNDS * 16)
    assert ledger_of("reserved") == Allocation.objects.get().reserved == 0


def test_one_key_from_a_crowd_is_one_event_and_nobody_fails(world: World) -> None:
    share, tally = world.budget.allocations.get(), Counter[str]()
    for turn in range(ROUNDS):

        def reserve(_place: int, turn: int = turn) -> Any:
            with transaction.atomic():
                return budgets.post(
                    kind=LedgerKind.RESERVE,
                    key=f"crowd:{turn}",
                    budget=world.budget,
                    allocation=share,
                    amount=AMOUNT,
                    by=world.cast.budi,
                    at=world.clock,
                )

        outcomes = race(reserve, threads=CROWD)
        assert won(outcomes) == CROWD, outcomes
        tally.update(str(outcome.pk) for outcome in outcomes)
    assert len(tally) == ROUNDS
    assert ledger_of("reserved") == ROUNDS * AMOUNT
    share.refresh_from_db()
    assert share.reserved == ROUNDS * AMOUNT


def test_a_crowd_locks_a_list_once(world: World) -> None:
    draft, tally = world.drawn(), Counter[str]()
    for turn in range(1, 4):
        outcomes = race(
            lambda _place: lists.lock(pay_list=draft, by=world.cast.budi, at=world.clock),
            threads=CROWD,
        )
        assert won(outcomes) == 1
        assert only_refusals(outcomes)
        assert ListMove.objects.filter(new=ListState.LOCKED).count() == turn
        assert BudgetLine.objects.get().reserved == ledger_of("reserved") == 3 * AMOUNT
        tally += Counter(locked=won(outcomes), refused=CROWD - won(outcomes))
        lists.unlock(pay_list=fresh(draft), by=world.cast.budi, at=world.tick())
        world.tick()
    report("locks", tally)
    assert ledger_of("reserved") == 0
    sound(world)


def test_a_crowd_checks_and_approves_a_list_once(world: World) -> None:
    tally, row = Counter[str](), world.awaiting()
    for turn in range(1, 4):
        seen = row.content_hash
        checks = race(
            lambda _place, row=row, seen=seen: lists.check(
                pay_list=row, seen_hash=seen, by=world.cast.ratna, at=world.clock
            ),
            threads=CROWD,
        )
        world.tick()

        def decide(place: int, row: PayList = row, seen: str = seen, turn: int = turn) -> Any:
            if turn < 3:  # the last round approves, those before send the list back
                return lists.send_back(
                    pay_list=row, note="Cek lagi", by=world.cast.hadi, at=world.clock
                )
            return lists.approve(pay_list=row, seen_hash=seen, by=world.cast.hadi, at=world.clock)

        decisions = race(decide, threads=CROWD)
        assert (won(checks), won(decisions)) == (1, 1)
        assert only_refusals(checks)
        assert only_refusals(decisions)
        tally += Counter(signed=2, refused=2 * CROWD - 2)
        if turn < 3:
            world.tick()
            row = world.awaiting(fresh(row))
    report("signatures", tally)
    assert Approval.objects.filter(step="approve", agreed=True).count() == 1
    assert Approval.objects.count() == 6
    sound(world)


def test_a_crowd_records_an_sp2d_once(world: World) -> None:
    row, day = world.approved(), world.clock.date()
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
        threads=CROWD,
    )
    assert won(outcomes) == 1
    assert only_refusals(outcomes)
    budget = BudgetLine.objects.get()
    assert (budget.reserved, budget.paid) == (0, 3 * AMOUNT)
    sound(world)


def test_a_crowd_applies_answers_once(world: World) -> None:
    """Three files with the same rows, each worked by a crowd: every line is told once."""
    pay_list, tally = world.sent(), Counter[str]()
    rows = [answer_row(line) for line in lines_of(pay_list)]
    rows[2] = answer_row(lines_of(pay_list)[2], "GAGAL", "Pindah")
    for turn in range(3):
        result = results.upload_result(
            pay_list=pay_list,
            data=answer_csv([*rows, ["#", str(turn), "", "", "", "", ""]]),
            file_name=f"{turn}.csv",
            by=world.cast.tono,
            at=world.tick(),
        )
        asked = race(
            lambda _place, result=result: results.apply_result(
                result=result, by=world.cast.tono, at=world.clock
            ),
            threads=CROWD,
        )
        assert len({job.pk for job in asked}) == 1

        def work(_place: int, job: Any = asked[0]) -> bool:
            return jobs.run_step(job_id=str(job.pk), at=world.clock)

        race(work, threads=CROWD)
        world.tick()
    tally.update(ResultRow.objects.values_list("state", flat=True))
    report("rows", tally)
    assert tally == Counter(applied=3, same=6, quarantine=3)
    states = Counter(PaymentLine.objects.values_list("state", flat=True))
    assert states == Counter({LineState.SETTLED: 2, LineState.RETURNED: 1})
    assert BudgetLine.objects.get().delivered == ledger_of("delivered") == 2 * AMOUNT
    sound(world)


def test_a_crowd_deposits_a_return_once(world: World) -> None:
    pay_list = world.sent()
    rows = [answer_row(line) for line in lines_of(pay_list)[:2]]
    rows.append(answer_row(lines_of(pay_list)[2], "GAGAL", "Pindah"))
    world.answer(pay_list, rows)
    case = decided(world, case_at(pay_list, 3), Decision.TREASURY)
    day = max(world.clock.date(), case.returned_on)
    outcomes = race(
        lambda place: returns.record_sts(
            case=case,
            sts_number=f"STS-{place}",
            sts_date=day,
            amount=case.amount,
            by=world.cast.tono,
            at=world.clock,
        ),
        threads=CROWD,
    )
    assert won(outcomes) == 1
    assert only_refusals(outcomes)
    assert BudgetLine.objects.get().returned == ledger_of("treasury") == AMOUNT
    sound(world)


def test_a_crowd_makes_one_follow_up_list(world: World) -> None:
    pay_list = world.sent()
    rows = [answer_row(line) for line in lines_of(pay_list)[:2]]
    rows.append(answer_row(lines_of(pay_list)[2], "GAGAL", "Rekening ditutup"))
    world.answer(pay_list, rows)
    decided(world, case_at(pay_list, 3), Decision.FOLLOW_UP)
    outcomes = race(
        lambda _place: returns.make_follow_up(
            pay_list=pay_list, by=world.cast.budi, at=world.clock
        ),
        threads=CROWD,
    )
    assert won(outcomes) == 1
    assert only_refusals(outcomes)
    assert PaymentLine.objects.filter(retransfer_of__isnull=False).count() == 1
    sound(world)
