"""The whole life of pay lists as a state machine on real Postgres: any order, no broken promise."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from beneficiaries.models import BankAccount
from beneficiaries.services.people import set_account
from disbursements.choices import (
    Decision,
    LineState,
    ListKind,
    ListState,
    ReturnReason,
)
from disbursements.models import LedgerEvent, ListMove, PayList, PaymentLine, ReturnCase
from disbursements.services import bank, budgets, closing, lists, results, returns
from tests.cast import make_cast
from tests.factories.books import breaches, later, rest
from tests.factories.disbursements import (
    BANK,
    World,
    answer_csv,
    answer_row,
    fresh,
    make_world,
    quick_letters,
    quick_records,
    run,
)

PLACES = st.integers(0, 30)
WORDS = st.sampled_from(["BERHASIL", "BERHASIL", "GAGAL", "RETUR", "diproses"])
NOTES = st.sampled_from(["Rekening ditutup", "Pindah", "Meninggal dunia", "Nama tidak cocok", ""])


BOOKS = """
SELECT md5(concat(
    (SELECT string_agg(concat_ws(',', b.ceiling, b.allocated, b.reserved, b.paid, b.delivered,
        b.returned), ';' ORDER BY b.id) FROM disbursements_budgetline b),
    (SELECT string_agg(concat_ws(',', l.id, l.state, l.amount), ';' ORDER BY l.id)
        FROM disbursements_paymentline l),
    (SELECT string_agg(concat_ws(',', p.id, p.state, p.total, p.count, p.round), ';' ORDER BY p.id)
        FROM disbursements_paylist p),
    (SELECT string_agg(concat_ws(',', c.id, c.state, c.decision, c.sts_amount), ';' ORDER BY c.id)
        FROM disbursements_returncase c),
    (SELECT count(*) FROM disbursements_ledgerentry)))
"""
# The end of each payment (the line that nobody pays again) against the lines of its main list.
ENDS = """
SELECT COALESCE(p.parent_id, p.id),
    count(*) FILTER (WHERE p.kind = 'main') - count(*) FILTER (WHERE n.id IS NULL),
    COALESCE(sum(l.amount) FILTER (WHERE p.kind = 'main'), 0)
        - COALESCE(sum(l.amount) FILTER (WHERE n.id IS NULL), 0)
FROM disbursements_paymentline l
JOIN disbursements_paylist p ON p.id = l.pay_list_id
LEFT JOIN disbursements_paymentline n
    ON n.retransfer_of_id = l.id AND n.state NOT IN ('excluded', 'cancelled')
WHERE l.state NOT IN ('excluded', 'cancelled') GROUP BY 1
HAVING count(*) FILTER (WHERE p.kind = 'main') <> count(*) FILTER (WHERE n.id IS NULL)
"""
TWICE = """
SELECT stage_id, person_id FROM disbursements_paymentline WHERE state = 'settled'
GROUP BY stage_id, person_id HAVING count(*) > 1
"""


def _states(model: Any) -> set[str]:
    return set(model.objects.values_list("state", flat=True))


class Life(RuleBasedStateMachine):
    """Acts in any order by the right and the wrong people; refusals change nothing."""

    base: ClassVar[World]
    reached: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.world = replace(self.base)

    def teardown(self) -> None:
        """The auditor reads the whole house after each life."""
        self.reached.update(["lives"])
        self.reached.update(LedgerEvent.objects.values_list("kind", flat=True).distinct())
        self.reached.update(ReturnCase.objects.values_list("decision", flat=True).distinct())
        self.reached.update(ListMove.objects.values_list("new", flat=True).distinct())
        self.reached.update(f"line {s}" for s in _states(PaymentLine))
        self.reached.update(f"case {s}" for s in _states(ReturnCase))
        rest(self.world)
        found = breaches(later(self.world))
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        assert found == []

    @initialize(share=st.sampled_from([2_000_000, 3_500_000, 10_000_000]))
    def begin(self, share: int) -> None:
        """Three people, two stages' worth of budget or less."""
        amounts = {"35.19": Decimal(share)}
        by = self.world.cast.budi
        budgets.allocate(budget=self.world.budget, amounts=amounts, by=by, at=self.world.tick())

    def attempt(self, act: Callable[[], Any]) -> Any:
        """Try an act; a refusal leaves every row of money as it was."""
        before = self.books()
        self.reached.update(["acts"])
        try:
            with transaction.atomic():
                return act()
        except Refused:
            self.reached.update(["refused"])
            assert self.books() == before
            return None

    def books(self) -> str:
        """What money looks like now, as one hash."""
        with connection.cursor() as cursor:
            cursor.execute(BOOKS)
            return str(cursor.fetchone()[0])

    def some(self, place: int, *states: ListState) -> PayList | None:
        """One of the lists, preferably in these states."""
        rows = list(PayList.objects.filter(state__in=states).order_by("pk"))
        rows = rows or list(PayList.objects.order_by("pk"))
        return fresh(rows[place % len(rows)]) if rows else None

    def person(self, place: int, *names: str) -> Any:
        """Mostly the right one, sometimes another."""
        people = [getattr(self.world.cast, name) for name in (*names * 4, "budi", "hadi", "tono")]
        return people[place % len(people)]

    @rule(place=PLACES)
    def draw(self, place: int) -> None:
        stage = self.world.stages[place % 3]
        made = self.attempt(
            lambda: lists.create_list(
                stage=stage, area_code="35.19", by=self.world.cast.budi, at=self.world.tick()
            )
        )
        if made:
            run(made.job)

    @rule(place=PLACES, line=st.integers(1, 4))
    def exclude(self, place: int, line: int) -> None:
        row = self.some(place, ListState.DRAFT)
        if row:
            self.attempt(
                lambda: lists.exclude(
                    pay_list=row,
                    niks_or_positions=[str(line)],
                    reason="Menolak",
                    by=self.world.cast.budi,
                    at=self.world.tick(),
                )
            )

    @rule(place=PLACES)
    def include(self, place: int) -> None:
        row = self.some(place, ListState.DRAFT)
        if row:
            ids = list(row.lines.filter(state="excluded").values_list("pk", flat=True))
            self.attempt(
                lambda: lists.include_again(
                    pay_list=row, line_ids=ids, by=self.world.cast.budi, at=self.world.tick()
                )
            )

    @rule(place=PLACES)
    def lock(self, place: int) -> None:
        row = self.some(place, ListState.DRAFT)
        if row:
            self.attempt(
                lambda: lists.lock(
                    pay_list=row, by=self.person(place, "budi"), at=self.world.tick()
                )
            )

    @rule(place=PLACES)
    def unlock(self, place: int) -> None:
        row = self.some(place, ListState.LOCKED)
        if row and place % 4 == 0:
            self.attempt(
                lambda: lists.unlock(pay_list=row, by=self.world.cast.budi, at=self.world.tick())
            )

    @rule(place=PLACES)
    def submit(self, place: int) -> None:
        row = self.some(place, ListState.LOCKED)
        if row:
            self.attempt(
                lambda: lists.submit_for_approval(
                    pay_list=row, by=self.world.cast.budi, at=self.world.tick()
                )
            )

    @rule(place=PLACES, stale=st.booleans())
    def check(self, place: int, *, stale: bool) -> None:
        row = self.some(place, ListState.AWAITING)
        if row:
            seen = "0" * 64 if stale and place % 3 == 0 else row.content_hash
            self.attempt(
                lambda: lists.check(
                    pay_list=row,
                    seen_hash=seen,
                    by=self.person(place, "ratna"),
                    at=self.world.tick(),
                )
            )

    @rule(place=PLACES)
    def approve(self, place: int) -> None:
        row = self.some(place, ListState.AWAITING)
        if row:
            self.attempt(
                lambda: lists.approve(
                    pay_list=row,
                    seen_hash=row.content_hash,
                    by=self.person(place, "hadi"),
                    at=self.world.tick(),
                )
            )

    @rule(place=PLACES)
    def send_back(self, place: int) -> None:
        row = self.some(place, ListState.AWAITING)
        if row and place % 5 == 0:
            self.attempt(
                lambda: lists.send_back(
                    pay_list=row,
                    note="Cek lagi",
                    by=self.person(place, "ratna", "hadi"),
                    at=self.world.tick(),
                )
            )

    @rule(place=PLACES)
    def cancel(self, place: int) -> None:
        row = self.some(place, ListState.DRAFT, ListState.LOCKED, ListState.APPROVED)
        if row and place % 3 == 0:
            self.attempt(
                lambda: lists.cancel(
                    pay_list=row,
                    reason="Salah tahap",
                    by=self.person(place, "budi", "hadi"),
                    at=self.world.tick(),
                )
            )

    @rule(place=PLACES)
    def give_up(self, place: int) -> None:
        """A list of the wrong stage is thrown away while it is still a draft."""
        self.draw(place)
        row = PayList.objects.filter(state=ListState.DRAFT).order_by("-pk").first()
        if row is not None:
            by, at = self.world.cast.budi, self.world.tick()
            self.attempt(
                lambda: lists.cancel(pay_list=fresh(row), reason="Salah tahap", by=by, at=at)
            )

    @rule(place=PLACES, wrong=st.integers(0, 5))
    def sp2d(self, place: int, wrong: int) -> None:
        row = self.some(place, ListState.APPROVED)
        if row:
            amount = row.total - (1 if wrong == 0 else 0)
            self.attempt(
                lambda: lists.record_sp2d(
                    pay_list=row,
                    spm_number="SPM",
                    sp2d_number=f"SP2D-{row.pk}",
                    sp2d_date=day_of(self.world.clock),
                    amount=amount,
                    by=self.world.cast.tono,
                    at=self.world.tick(),
                )
            )

    @rule(place=PLACES)
    def send(self, place: int) -> None:
        row = self.some(place, ListState.SP2D, ListState.APPROVED)
        if not row:
            return
        with quick_letters():
            job = self.attempt(
                lambda: bank.make_files(pay_list=row, by=self.world.cast.budi, at=self.world.tick())
            )
            if job:
                run(job)
        self.attempt(
            lambda: bank.mark_sent(
                pay_list=fresh(row), by=self.world.cast.budi, at=self.world.tick()
            )
        )

    @rule(
        place=PLACES,
        words=st.lists(st.tuples(WORDS, NOTES), min_size=1, max_size=4),
        wrong=st.integers(0, 9),
    )
    def answer(self, place: int, words: list[tuple[str, str]], wrong: int) -> None:
        row = self.some(
            place, ListState.SENT, ListState.PARTLY_SETTLED, ListState.SETTLED, ListState.SP2D
        )
        if not row:
            return
        lines = list(PaymentLine.objects.filter(pay_list=row).order_by("position"))
        rows = [
            answer_row(lines[(place + step) % len(lines)], status, note)
            for step, (status, note) in enumerate(words)
        ]
        if wrong == 0:
            rows[0][3] = "499999"
        if wrong == 1:
            rows[0][1] = "1"
        if wrong == 2:
            rows.append(rows[0])
        if wrong == 3:
            foreign = PaymentLine.objects.exclude(pay_list=row).first()
            rows += [answer_row(foreign)] if foreign else []
        self.tell(row, rows)

    def tell(self, row: PayList, rows: list[Any]) -> None:
        """The bank's answer, uploaded and applied."""
        result = self.attempt(
            lambda: results.upload_result(
                pay_list=row,
                data=answer_csv(rows),
                file_name="h.csv",
                by=self.world.cast.tono,
                at=self.world.tick(),
            )
        )
        if result:
            job = self.attempt(
                lambda: results.apply_result(
                    result=result, by=self.world.cast.tono, at=self.world.tick()
                )
            )
            if job and job.is_open:
                run(job)

    @rule(place=PLACES, choice=st.integers(0, 2))
    def decide(self, place: int, choice: int) -> None:
        cases = list(ReturnCase.objects.select_related("line__person").order_by("pk"))
        if not cases:
            return
        case = cases[place % len(cases)]
        decision = list(Decision)[choice]
        account, heir = None, None
        if decision == Decision.FOLLOW_UP:
            account = self._account(case, place)
        if decision == Decision.HEIR and case.reason == ReturnReason.DIED:
            heir = returns.Heir(
                name="Sutrisno",
                relation="Anak",
                nik="3519010101800001",
                bank_code=BANK,
                number=f"0088{case.pk:06d}",
                letter_number="470/1",
                letter_date="2026-11-01",
            )
        self.attempt(
            lambda: returns.decide_return(
                case=case,
                decision=decision,
                note="",
                new_account=account,
                heir=heir,
                by=self.person(place, "tono"),
                at=self.world.tick(),
            )
        )

    def _account(self, case: ReturnCase, place: int) -> BankAccount:
        return set_account(
            person=case.line.person,
            bank_code=BANK,
            number=f"0099{case.line.person_id:04d}{place:02d}",
            holder_name=case.line.person.name,
            by=self.world.cast.sari,
            at=self.world.tick(),
        )

    @rule(place=PLACES, agreed=st.booleans())
    def confirm(self, place: int, *, agreed: bool) -> None:
        cases = list(ReturnCase.objects.order_by("pk"))
        if cases:
            self.attempt(
                lambda: returns.confirm_return(
                    case=cases[place % len(cases)],
                    agreed=agreed or place % 2 == 0,
                    note="Periksa lagi",
                    by=self.person(place, "ratna"),
                    at=self.world.tick(),
                )
            )

    @rule(place=PLACES)
    def deposit(self, place: int) -> None:
        cases = list(ReturnCase.objects.filter(decision=Decision.TREASURY).order_by("pk"))
        if cases:
            case = cases[place % len(cases)]
            self.attempt(
                lambda: returns.record_sts(
                    case=case,
                    sts_number=f"STS-{case.pk}",
                    sts_date=case.returned_on,
                    amount=case.amount - Decimal(1 if place % 7 == 0 else 0),
                    by=self.world.cast.tono,
                    # The return bears the day of the worker's own clock.
                    at=timezone.now(),
                )
            )

    @rule(place=PLACES)
    def follow_up(self, place: int) -> None:
        row = self.some(place, ListState.PARTLY_SETTLED, ListState.SETTLED)
        if row:
            self.attempt(
                lambda: returns.make_follow_up(
                    pay_list=row, by=self.world.cast.budi, at=self.world.tick()
                )
            )

    @rule(place=st.integers(0, 3))
    def onward(self, place: int) -> None:
        """The right next act, so that the machine also sees the end of the road."""
        self.go(1, place)

    @rule(place=st.integers(0, 3))
    def further_onward(self, place: int) -> None:
        """Two of them."""
        self.go(2, place)

    @rule(place=st.integers(0, 3))
    def well_onward(self, place: int) -> None:
        """Three of them."""
        self.go(3, place)

    @rule(place=PLACES)
    def late(self, place: int) -> None:
        """A delivered line comes back."""
        settled = PaymentLine.objects.filter(state=LineState.SETTLED).order_by("pk")
        lines = list(settled.exclude(pay_list__state=ListState.CLOSED))
        if lines:
            line = lines[place % len(lines)]
            self.tell(fresh(line.pay_list), [answer_row(line, "RETUR", "Rekening ditutup")])

    def go(self, steps: int, place: int) -> None:
        for _step in range(steps):
            row = PayList.objects.exclude(state__in=["closed", "cancelled"]).order_by("-pk").first()
            if row is None:
                return self.draw(place)
            self._next(fresh(row), place)
        return None

    def _next(self, row: PayList, place: int) -> None:
        at_bank = row.lines.filter(state__in=["submitted", "unknown"])
        acts: dict[str, Callable[[], None]] = {
            "draft": lambda: self.lock(0),
            "locked": lambda: self.submit(0),
            "awaiting": lambda: self.approve(0) if row.checked_at else self.check(0, stale=False),
            "approved": lambda: self.sp2d(0, 1) if row.kind == "main" else self.send(0),
            "sp2d": lambda: self.send(0),
            "settled": lambda: self.close(0),
        }
        if row.state in acts:
            return acts[row.state]()
        if at_bank.exists():
            word = "GAGAL" if place == 0 else "BERHASIL"
            return self.answer(place, [(word, "Pindah"), ("BERHASIL", "")], 9)
        return self._end_returns(place)

    def _end_returns(self, place: int) -> None:
        for number in range(ReturnCase.objects.count()):
            self.decide(number, choice=place % 3)
            self.confirm(number, agreed=True)
            self.deposit(number)
        self.follow_up(0)

    @precondition(lambda self: PayList.objects.filter(state=ListState.SETTLED).exists())
    @rule(place=PLACES)
    def close(self, place: int) -> None:
        row = self.some(place, ListState.SETTLED)
        if row and row.kind == ListKind.MAIN and place % 3 == 0:
            with quick_records():
                job = self.attempt(
                    lambda: closing.close(
                        pay_list=row, by=self.world.cast.tono, at=self.world.tick()
                    )
                )
                if job:
                    run(job)

    @rule(more=st.integers(-4, 4))
    def change_budget(self, more: int) -> None:
        ceiling = self.world.budget.ceiling + more * 500_000
        self.attempt(
            lambda: budgets.change_ceiling(
                budget=self.world.budget,
                ceiling=ceiling,
                dpa_number="DPPA",
                by=self.world.cast.budi,
                at=self.world.tick(),
            )
        )
        self.world.budget.refresh_from_db()

    @invariant()
    def nothing_is_lost_and_nobody_paid_twice(self) -> None:
        """Every payment has one end, to the rupiah; delivered once per person and stage."""
        self.reached.update(["steps"])
        with connection.cursor() as cursor:
            cursor.execute(ENDS)
            assert cursor.fetchall() == []
            cursor.execute(TWICE)
            assert cursor.fetchall() == []


LIVES, STEPS = 105, 60
ENOUGH = 5_000
# What the machine must have seen, or it no longer reaches the end of the road.
DEEP = {
    *("sent", "partly", "closed", "cancelled", "refused", "release", "sp2d", "settle"),
    *("settled", "late_return", "follow_up", "treasury", "pay_back"),
    *("line settled", "line returned", "line unknown", "line paid_back"),
    *("case open", "case decided", "case in_follow_up", "case done"),
}


@pytest.mark.django_db
def test_the_life_of_pay_lists() -> None:
    """At least 5,000 steps; the auditor's verdict after each life, the identity after each step."""
    Life.base = make_world(make_cast(), people=3, share=0)
    Life.reached.clear()
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    seen = Life.reached
    counts = {name: seen[name] for name in ("lives", "steps", "acts", "refused")}
    sys.stdout.write(f"life of pay lists: {counts}\n")
    assert DEEP - set(seen) == set(), "the machine no longer reaches the end of the road"
    assert seen["steps"] >= ENOUGH
