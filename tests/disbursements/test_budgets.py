"""Budgets and their ledger: every rupiah explained, overspending refused in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Sum

from bansos.lib.errors import BadInput, NotAllowed, Refused
from disbursements.choices import LedgerAccount, LedgerKind
from disbursements.models import LedgerEntry, LedgerEvent
from disbursements.queries import figures
from disbursements.services import budgets
from programs.models import Decree
from tests.cast import Cast
from tests.factories.disbursements import AMOUNT, NOW, World, answer_row, lines_of, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast) -> World:
    """Three payees; Rp100 million, Rp50 million of it for Kabupaten Madiun."""
    return make_world(cast, people=3)


def account_sums(world: World) -> dict[str, Decimal]:
    rows = LedgerEntry.objects.filter(event__budget=world.budget).order_by()
    return dict(rows.values_list("account").annotate(total=Sum("amount")))


def test_the_ledger_explains_every_figure(world: World) -> None:
    pay_list = world.sent()
    lines = lines_of(pay_list)
    world.answer(
        pay_list, [answer_row(lines[0]), answer_row(lines[1], "GAGAL", "Rekening ditutup")]
    )
    world.locked(world.drawn(stage=world.stages[1]))
    world.budget.refresh_from_db()
    sums = account_sums(world)
    assert sum(sums.values()) == 0
    assert sums[LedgerAccount.SOURCE] == -world.budget.ceiling
    assert sums[LedgerAccount.AVAILABLE] == world.budget.left
    assert sums[LedgerAccount.RESERVED] == world.budget.reserved == 3 * AMOUNT
    assert sums[LedgerAccount.HOLDING] == world.budget.holding == 2 * AMOUNT
    assert sums[LedgerAccount.DELIVERED] == world.budget.delivered == AMOUNT
    share = world.budget.allocations.get()
    for name in figures.FIGURES:
        assert getattr(share, name) == getattr(world.budget, name)


def test_one_budget_per_programme_year(world: World) -> None:
    with pytest.raises(Refused, match="sudah dicatat"):
        budgets.record_budget(
            version=world.version,
            dpa_number="DPA/2",
            dpa_date=date(2026, 1, 1),
            account_code="5.1.06.01",
            ceiling=Decimal(1),
            by=world.cast.budi,
            at=NOW,
        )
    with pytest.raises(NotAllowed):
        budgets.record_budget(
            version=world.version,
            dpa_number="DPA/2",
            dpa_date=date(2026, 1, 1),
            account_code="5.1.06.01",
            ceiling=Decimal(1),
            by=world.cast.kalt,
            at=NOW,
        )


def test_a_changed_ceiling_keeps_the_old_one_in_the_ledger(world: World) -> None:
    for ceiling in (Decimal(120_000_000), Decimal(60_000_000), Decimal("75000000.50")):
        budgets.change_ceiling(
            budget=world.budget, ceiling=ceiling, dpa_number="DPPA", by=world.cast.budi, at=NOW
        )
    moves = LedgerEvent.objects.filter(kind=LedgerKind.BUDGET_CHANGE).order_by("pk")
    legs = [event.entries.get(account="available").amount for event in moves]
    assert legs == [Decimal(20_000_000), Decimal(-60_000_000), Decimal("15000000.50")]
    assert account_sums(world)[LedgerAccount.SOURCE] == Decimal("-75000000.50")


def test_a_ceiling_never_falls_below_what_is_shared_out_or_used(world: World) -> None:
    with pytest.raises(Refused, match="Pagu tidak dapat lebih kecil"):
        budgets.change_ceiling(
            budget=world.budget,
            ceiling=Decimal(49_999_999),
            dpa_number="DPPA",
            by=world.cast.budi,
            at=NOW,
        )
    with pytest.raises(BadInput):
        budgets.change_ceiling(
            budget=world.budget,
            ceiling=world.budget.ceiling,
            dpa_number="DPPA",
            by=world.cast.budi,
            at=NOW,
        )


@pytest.mark.parametrize(
    ("amounts", "sentence"),
    [
        ({"35.20": Decimal(50_000_001)}, "Alokasi melebihi pagu sebesar Rp1."),
        ({"64.72": Decimal(1)}, "hanya untuk kabupaten/kota di provinsi ini"),
        ({"35.19.01": Decimal(1)}, "hanya untuk kabupaten/kota di provinsi ini"),
        ({"35.20": Decimal(-1)}, "tanpa minus"),
    ],
)
def test_a_wrong_share_is_refused_and_changes_nothing(
    world: World, amounts: dict[str, Decimal], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        budgets.allocate(budget=world.budget, amounts=amounts, by=world.cast.budi, at=NOW)
    world.budget.refresh_from_db()
    assert world.budget.allocated == 50_000_000
    assert world.budget.allocations.count() == 1


def test_a_share_in_use_cannot_be_taken_away(world: World) -> None:
    world.locked()
    with pytest.raises(Refused, match="Kabupaten Madiun tidak dapat lebih kecil dari Rp1.500.000"):
        budgets.allocate(
            budget=world.budget,
            amounts={"35.19": Decimal(1_499_999)},
            by=world.cast.budi,
            at=NOW,
        )
    budgets.allocate(
        budget=world.budget, amounts={"35.19": Decimal(1_500_000)}, by=world.cast.budi, at=NOW
    )
    world.budget.refresh_from_db()
    assert world.budget.allocated == 1_500_000


def post(world: World, key: str, amount: Decimal, kind: LedgerKind = LedgerKind.RESERVE) -> None:
    budgets.post(
        kind=kind,
        key=key,
        budget=world.budget,
        allocation=world.budget.allocations.get(),
        amount=amount,
        by=world.cast.budi,
        at=NOW,
    )


def test_a_key_moves_money_once_and_never_another_amount(world: World) -> None:
    post(world, "a", AMOUNT)
    post(world, "a", AMOUNT)
    world.budget.refresh_from_db()
    assert world.budget.reserved == AMOUNT
    with pytest.raises(Refused, match="jumlah lain"):
        post(world, "a", AMOUNT + 1)
    with pytest.raises(Refused, match="jumlah lain"):
        post(world, "a", AMOUNT, LedgerKind.RELEASE)


@pytest.mark.parametrize(
    "kind",
    [
        LedgerKind.RELEASE,
        LedgerKind.SP2D,
        LedgerKind.SETTLE,
        LedgerKind.LATE_RETURN,
        LedgerKind.PAY_BACK,
    ],
)
def test_money_that_is_not_there_does_not_move(world: World, kind: LedgerKind) -> None:
    with pytest.raises(Refused, match="Saldo pada kartu kendali tidak cukup"):
        post(world, "x", AMOUNT, kind)
    assert not LedgerEvent.objects.filter(key="x").exists()


@pytest.mark.parametrize("amount", [Decimal(0), Decimal(-1)])
def test_nothing_and_less_than_nothing_do_not_move(world: World, amount: Decimal) -> None:
    with pytest.raises(BadInput):
        post(world, "x", amount)


def test_a_decree_must_fit_in_the_allocation(world: World) -> None:
    decree = Decree.objects.get(pk=world.decree.pk)
    assert budgets.decree_problem(decree) is None
    decree.lines.update(annual_amount=Decimal(17_000_000))
    problem = budgets.decree_problem(decree)
    assert problem is not None
    assert "kurang Rp1.000.000" in problem


def test_who_was_paid_and_left_still_counts_against_a_new_decree(world: World) -> None:
    pay_list = world.sent()
    world.answer(pay_list, [answer_row(line) for line in lines_of(pay_list)])
    decree = world.decree
    decree.lines.filter(position=1).delete()
    decree.lines.update(annual_amount=Decimal(25_000_000))
    problem = budgets.decree_problem(decree)
    assert problem is not None
    assert "kurang Rp500.000" in problem


def test_figures_of_a_year_are_those_of_the_ledger(world: World) -> None:
    world.locked()
    row = figures.budget_figures(world.cast.aud, 2026)[0]
    assert (row.ceiling, row.reserved, row.left) == (100_000_000, 3 * AMOUNT, 98_500_000)
    share = figures.budget_figures(world.cast.sari, 2026)[0]
    assert (share.ceiling, share.left) == (50_000_000, 48_500_000)
    assert figures.budget_figures(world.cast.kalt, 2026) == []
