"""The simulated bank: reads what was sent, answers the same every time, is understood."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from bansos.demo.bank import sent_transfers, simulated_answer
from bansos.lib.errors import Refused
from bansos.lib.sheets.reading import read_table
from disbursements.choices import Decision
from disbursements.models import PayList, ReturnCase
from disbursements.services import results, returns
from disbursements.services.reading import COLUMNS
from tests.cast import Cast
from tests.factories.disbursements import answer_row, fresh, lines_of, make_world, run

PEOPLE = 60


@pytest.fixture
def sent(cast: Cast) -> PayList:
    """A list of sixty that is at the bank."""
    return fresh(make_world(cast, people=PEOPLE).sent())


def take(pay_list: PayList, cast: Cast, at: datetime) -> None:
    """Upload and apply the simulated answer."""
    result = results.upload_result(
        pay_list=pay_list,
        data=simulated_answer(pay_list),
        file_name="hasil.xlsx",
        by=cast.tono,
        at=at,
    )
    run(results.apply_result(result=result, by=cast.tono, at=at))


def test_the_bank_reads_every_transfer_of_the_stored_file(sent: PayList) -> None:
    transfers = sent_transfers(sent)
    lines = lines_of(sent)
    assert [t.reference for t in transfers] == [line.reference for line in lines]
    assert [t.account for t in transfers] == [line.account_number for line in lines]
    assert sum(t.amount for t in transfers) == sent.total == Decimal(PEOPLE * 500_000)


def test_the_answer_is_the_same_every_time(sent: PayList) -> None:
    assert simulated_answer(sent) == simulated_answer(PayList.objects.get(pk=sent.pk))


def test_the_answer_names_every_transfer_once(sent: PayList) -> None:
    table = read_table(simulated_answer(sent), "hasil.xlsx", expected=COLUMNS)
    place = table.headers.index("No Referensi")
    references = [row.cell(place).text for row in table.rows]
    assert sorted(references) == sorted(line.reference for line in lines_of(sent))


def test_a_few_come_back_and_nothing_is_quarantined(sent: PayList, cast: Cast) -> None:
    assert sent.sent_at is not None
    take(sent, cast, sent.sent_at)
    states = [line.state for line in lines_of(sent)]
    assert states.count("returned") == 2
    assert states.count("settled") == PEOPLE - 2
    assert not sent.results.get().rows.filter(state="quarantine").exists()
    assert ReturnCase.objects.exclude(reason="other").count() == 2


def test_a_follow_up_list_is_delivered_whole(cast: Cast) -> None:
    world = make_world(cast, people=PEOPLE)
    main = fresh(world.sent())
    lines = lines_of(main)
    world.answer(
        main, [answer_row(lines[0], "GAGAL", "Tidak diambil"), *map(answer_row, lines[1:])]
    )
    case = returns.decide_return(
        case=ReturnCase.objects.get(),
        decision=Decision.FOLLOW_UP,
        note="",
        new_account=lines[0].enrolment.account,
        by=cast.tono,
        at=world.tick(),
    )
    returns.confirm_return(case=case, agreed=True, note="", by=cast.ratna, at=world.tick())
    again = returns.make_follow_up(pay_list=main, by=cast.budi, at=world.tick())
    again = fresh(world.sent(again))
    take(again, cast, world.tick())
    assert [line.state for line in lines_of(again)] == ["settled"]


def test_a_list_that_was_not_sent_has_no_answer(cast: Cast) -> None:
    draft = make_world(cast).drawn()
    with pytest.raises(Refused) as refused:
        simulated_answer(draft)
    assert refused.value.code == "BANK-NOT-SENT"


def test_the_command_writes_the_answer(sent: PayList, training: None, tmp_path: Path) -> None:
    call_command("bank_answer", list=sent.number, out=str(tmp_path))
    assert (tmp_path / f"hasil-{sent.number}.xlsx").read_bytes() == simulated_answer(sent)


def test_the_command_works_in_training_only(sent: PayList, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="bukan instalasi latihan"):
        call_command("bank_answer", list=sent.number, out=str(tmp_path))
    assert list(tmp_path.iterdir()) == []
