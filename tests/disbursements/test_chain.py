"""One stage from dry run to closed reconciliation, by services and the steps of the worker."""

from __future__ import annotations

from decimal import Decimal

import pytest

from beneficiaries.services.people import set_account
from disbursements.choices import Decision, LineState, ListState
from disbursements.models import PaymentLine, ReturnCase
from disbursements.services import closing, lists, returns
from tests.cast import Cast
from tests.factories.disbursements import AMOUNT, answer_row, fresh, lines_of, make_world, run


@pytest.mark.django_db
def test_a_stage_is_carried_from_dry_run_to_closed(cast: Cast) -> None:
    world = make_world(cast, people=6)
    plan = lists.dry_run(stage=world.stage, area_code="35.19", user=cast.budi)
    assert plan.sentence == "akan membayar 6 KPM, Rp3.000.000; 0 juga di program lain"
    pay_list = world.drawn()
    assert (pay_list.count, pay_list.total) == (6, 6 * AMOUNT)
    lists.exclude(
        pay_list=pay_list, niks_or_positions=["6"], reason="Menolak", by=cast.budi, at=world.tick()
    )
    pay_list = world.sent(fresh(pay_list))
    lines = lines_of(pay_list)
    world.answer(
        pay_list,
        [
            answer_row(lines[0]),
            answer_row(lines[1]),
            answer_row(lines[2], "GAGAL", "Rekening ditutup"),
            answer_row(lines[3], "GAGAL", "Penerima meninggal dunia"),
        ],
    )
    pay_list = fresh(pay_list)
    assert pay_list.state == ListState.PARTLY_SETTLED
    states = [line.state for line in lines_of(pay_list)]
    assert states == ["settled", "settled", "returned", "returned", "unknown", "excluded"]
    world.answer(pay_list, [answer_row(lines[4])], name="kedua.csv")
    closed, died = ReturnCase.objects.order_by("line__position")
    account = set_account(
        person=lines[2].person,
        bank_code="114",
        number="0099887766",
        holder_name=lines[2].person.name,
        by=cast.sari,
        at=world.tick(),
    )
    returns.decide_return(
        case=closed,
        decision=Decision.FOLLOW_UP,
        note="",
        new_account=account,
        by=cast.tono,
        at=world.tick(),
    )
    returns.decide_return(
        case=died, decision=Decision.TREASURY, note="", by=cast.tono, at=world.tick()
    )
    for case in (closed, died):
        returns.confirm_return(case=case, agreed=True, note="", by=cast.ratna, at=world.tick())
    returns.record_sts(
        case=died,
        sts_number="STS-1",
        sts_date=world.clock.date(),
        amount=Decimal(500_000),
        by=cast.tono,
        at=world.tick(),
    )
    follow_up = returns.make_follow_up(pay_list=pay_list, by=cast.budi, at=world.tick())
    follow_up = world.sent(follow_up)
    assert follow_up.sp2d_number == pay_list.sp2d_number
    world.answer(follow_up, [answer_row(lines_of(follow_up)[0])])
    pay_list = fresh(pay_list)
    assert pay_list.state == ListState.SETTLED
    found = closing.identity(pay_list)
    assert found.is_even, found.obstacles
    assert found.total.settled.count == 3
    assert found.total.repaid.count == found.total.treasury.count == 1
    run(closing.close(pay_list=pay_list, by=cast.tono, at=world.tick()))
    pay_list = fresh(pay_list)
    assert pay_list.state == fresh(follow_up).state == ListState.CLOSED
    reconciliation = pay_list.reconciliation
    assert reconciliation.sp2d_amount == 5 * AMOUNT
    assert reconciliation.record
    assert reconciliation.return_record
    assert PaymentLine.objects.get(pk=closed.line_id).state == LineState.REPAID
    world.budget.refresh_from_db()
    assert (world.budget.paid, world.budget.delivered, world.budget.returned) == (
        5 * AMOUNT,
        4 * AMOUNT,
        AMOUNT,
    )
    assert world.budget.holding == 0
