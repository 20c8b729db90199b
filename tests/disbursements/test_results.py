"""What the bank answers, however it answers: twice, reordered, in parts, wrong, foreign."""

from __future__ import annotations

import io
import random
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter

from bansos.jobs import services as jobs
from bansos.lib.errors import BadInput, Refused
from disbursements.choices import LineState, ListState
from disbursements.models import LedgerEvent, PayList, ResultFile, ReturnCase
from disbursements.services import applying, lists, results
from tests.cast import Cast
from tests.factories.disbursements import (
    AMOUNT,
    World,
    answer_csv,
    answer_row,
    fresh,
    lines_of,
    make_world,
    run,
    unchanged,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast) -> World:
    """Six payees."""
    return make_world(cast, people=6)


@pytest.fixture
def sent(world: World) -> PayList:
    """A list at the bank."""
    return world.sent()


def states(pay_list: PayList) -> list[str]:
    return [line.state for line in lines_of(pay_list)]


def upload(world: World, pay_list: PayList, data: bytes, name: str = "h.csv") -> ResultFile:
    return results.upload_result(
        pay_list=pay_list, data=data, file_name=name, by=world.cast.tono, at=world.tick()
    )


def test_the_same_file_twice_is_the_same_file(world: World, sent: PayList) -> None:
    rows = [answer_row(line) for line in lines_of(sent)]
    first = world.answer(sent, rows)
    events = LedgerEvent.objects.count()
    with unchanged(sent):
        again = upload(world, fresh(sent), answer_csv(rows))
        job = results.apply_result(result=again, by=world.cast.tono, at=world.tick())
    assert again.pk == first.pk
    assert job.pk == first.job_id
    assert ResultFile.objects.count() == 1
    assert LedgerEvent.objects.count() == events


def test_the_same_rows_in_another_file_change_nothing(world: World, sent: PayList) -> None:
    rows = [answer_row(line) for line in lines_of(sent)[:5]]
    rows.append(answer_row(lines_of(sent)[5], "GAGAL", "Pindah"))
    world.answer(sent, rows)
    events = LedgerEvent.objects.count()
    random.Random(7).shuffle(rows)
    with unchanged(sent):
        again = world.answer(fresh(sent), rows, name="lagi.csv")
    assert again.counts["same"] == 6
    assert LedgerEvent.objects.count() == events
    assert ReturnCase.objects.count() == 1


def test_parts_in_any_order_come_to_the_same_end(world: World, sent: PayList) -> None:
    rows = [answer_row(line) for line in lines_of(sent)]
    world.answer(sent, rows[4:], name="c.csv")
    assert Counter(states(sent)) == {"settled": 2, "unknown": 4}
    assert fresh(sent).state == ListState.PARTLY_SETTLED
    world.answer(fresh(sent), rows[:2][::-1], name="a.csv")
    world.answer(fresh(sent), rows[1:5], name="b.csv")
    assert set(states(sent)) == {"settled"}
    assert fresh(sent).state == ListState.SETTLED
    world.budget.refresh_from_db()
    assert world.budget.delivered == 6 * AMOUNT


def test_what_the_bank_leaves_out_stays_unknown(world: World, sent: PayList) -> None:
    result = world.answer(sent, [answer_row(lines_of(sent)[0])])
    assert states(sent) == ["settled"] + ["unknown"] * 5
    assert result.counts["unknown"] == 5


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount": "499999"}, "wrong_amount"),
        ({"amount": "500000,01"}, "wrong_amount"),
        ({"amount": "lima ratus ribu"}, "unreadable"),
        ({"account": "999"}, "wrong_account"),
        ({"account": ""}, "wrong_account"),
        ({"reference": "D359999999999999"}, "unknown_reference"),
        ({"reference": ""}, "unreadable"),
        ({"status": "diproses"}, "unreadable"),
    ],
)
def test_a_wrong_row_is_quarantined_and_moves_nothing(
    world: World, sent: PayList, changed: dict[str, Any], code: str
) -> None:
    lines = lines_of(sent)
    result = world.answer(sent, [answer_row(lines[0], **changed), answer_row(lines[1])])
    assert result.counts["codes"] == {code: 1}
    assert states(sent)[:2] == ["unknown", "settled"]
    world.budget.refresh_from_db()
    assert world.budget.delivered == AMOUNT


def test_a_row_of_another_list_is_foreign(world: World, sent: PayList) -> None:
    other = world.sent(world.drawn(stage=world.stages[1]), number="SP2D-2")
    rows = [answer_row(line) for line in [lines_of(sent)[0], *lines_of(other)]]
    result = world.answer(sent, rows)
    assert result.counts["codes"] == {"foreign": 6}
    assert set(states(other)) == {"submitted"}
    assert states(sent) == ["settled"] + ["unknown"] * 5


def test_a_doubled_row_counts_once_and_a_contradiction_never(world: World, sent: PayList) -> None:
    lines = lines_of(sent)
    rows = [
        answer_row(lines[0]),
        answer_row(lines[0]),
        answer_row(lines[1]),
        answer_row(lines[1], "GAGAL", "Pindah"),
    ]
    result = world.answer(sent, rows)
    assert result.counts["codes"] == {"doubled": 1, "conflict": 2}
    assert states(sent)[:2] == ["settled", "unknown"]


def test_a_late_return_takes_the_delivery_back(world: World, sent: PayList) -> None:
    lines = lines_of(sent)
    world.answer(sent, [answer_row(line) for line in lines])
    assert fresh(sent).state == ListState.SETTLED
    world.answer(fresh(sent), [answer_row(lines[0], "RETUR", "Rekening ditutup")], name="telat.csv")
    assert states(sent)[0] == "returned"
    assert fresh(sent).state == ListState.PARTLY_SETTLED
    world.budget.refresh_from_db()
    assert (world.budget.delivered, world.budget.holding) == (5 * AMOUNT, AMOUNT)
    assert LedgerEvent.objects.filter(kind="late_return").count() == 1
    result = world.answer(fresh(sent), [answer_row(lines[0])], name="balik.csv")
    assert result.counts["codes"] == {"already_returned": 1}


def test_nothing_is_applied_before_it_was_asked_for(world: World, sent: PayList) -> None:
    with unchanged(sent):
        result = upload(world, sent, answer_csv([answer_row(line) for line in lines_of(sent)]))
    assert result.counts["preview"] == {
        "settled": 6,
        "returned": 0,
        "late": 0,
        "same": 0,
        "quarantine": 0,
    }
    results.refuse_result(result=result, by=world.cast.tono, at=world.tick())
    result.refresh_from_db()
    assert result.sealed_file is None
    with pytest.raises(Refused):
        results.apply_result(result=result, by=world.cast.tono, at=world.tick())


def test_a_result_for_a_list_not_at_the_bank_is_refused(world: World) -> None:
    pay_list = world.with_sp2d()
    with unchanged(pay_list), pytest.raises(Refused, match="tidak dapat diterima"):
        upload(world, pay_list, answer_csv([answer_row(line) for line in lines_of(pay_list)]))


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n" + b"0" * 99, b"PK\x03\x04broken"])
def test_a_file_that_is_no_list_is_one_sentence(world: World, sent: PayList, data: bytes) -> None:
    with unchanged(sent), pytest.raises(BadInput):
        upload(world, sent, data, "hasil.xlsx")


def workbook(rows: list[list[Any]], headers: tuple[str, ...], above: int = 0) -> bytes:
    """A workbook as a bank makes it: titles above, other names, numbers as numbers."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("Hasil")
    for place in range(above):
        sheet.write_row(place, 0, [f"LAPORAN TRANSAKSI {place}"])
    sheet.write_row(above, 0, headers)
    for place, row in enumerate(rows, start=above + 1):
        sheet.write_row(place, 0, row)
    book.close()
    return target.getvalue()


def test_a_workbook_in_the_banks_own_layout_is_mapped_once(world: World, sent: PayList) -> None:
    headers = ("Urutan", "Ket Transfer", "Tujuan", "Rp", "Hasil Proses")
    rows = [
        [place, line.reference, line.account_number, 500000, "SUKSES"]
        for place, line in enumerate(lines_of(sent)[:3], start=1)
    ]
    result = upload(world, sent, workbook(rows, headers, above=3), "bank.xlsx")
    if "preview" not in result.counts:
        with pytest.raises(BadInput):
            results.apply_result(result=result, by=world.cast.tono, at=world.tick())
    mapping = {"reference": 1, "account": 2, "amount": 3, "status": 4}
    with pytest.raises(BadInput):
        results.set_result_mapping(
            result=result, mapping={**mapping, "name": 4}, by=world.cast.tono, at=world.tick()
        )
    results.set_result_mapping(result=result, mapping=mapping, by=world.cast.tono, at=world.tick())
    run(results.apply_result(result=result, by=world.cast.tono, at=world.tick()))
    assert states(sent)[:3] == ["settled"] * 3
    more = [
        [1, line.reference, line.account_number, 500000, "SUKSES"] for line in lines_of(sent)[3:]
    ]
    again = upload(world, fresh(sent), workbook(more, headers, above=3), "bank2.xlsx")
    assert again.mapping == mapping
    assert again.counts["preview"]["settled"] == 3


def test_a_file_longer_than_one_step_is_applied_whole(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "CHUNK", 50)
    world = make_world(cast, people=70)
    sent = world.sent()
    rows = [answer_row(line) for line in lines_of(sent)]
    result = world.answer(sent, rows)
    assert result.counts["settled"] == 70
    assert fresh(sent).state == ListState.SETTLED
    settles = LedgerEvent.objects.filter(kind="settle")
    assert settles.count() == 2
    world.budget.refresh_from_db()
    assert world.budget.delivered == 70 * AMOUNT


def test_excluded_lines_are_not_the_banks_business(world: World) -> None:
    pay_list = world.drawn()
    lists.exclude(
        pay_list=pay_list,
        niks_or_positions=["1"],
        reason="Pindah",
        by=world.cast.budi,
        at=world.tick(),
    )
    sent = world.sent(fresh(pay_list))
    result = world.answer(sent, [answer_row(line) for line in lines_of(sent)])
    assert result.counts["codes"] == {"not_sent": 1}
    assert states(sent)[0] == LineState.EXCLUDED
    assert fresh(sent).sp2d_amount == Decimal(5) * AMOUNT


def test_a_file_that_has_begun_is_finished_not_thrown_away(
    world: World, sent: PayList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "CHUNK", 2)
    data = answer_csv([answer_row(line) for line in lines_of(sent)])
    result = upload(world, sent, data)
    job = results.apply_result(result=result, by=world.cast.tono, at=world.tick())
    assert jobs.run_step(job_id=str(job.pk), at=world.tick())
    jobs.cancel(job=job, by=world.cast.tono, at=world.tick())
    assert not jobs.run_step(job_id=str(job.pk), at=world.tick())
    assert states(sent) == ["settled"] * 2 + ["submitted"] * 4
    with pytest.raises(Refused, match="Terapkan sisanya"):
        results.refuse_result(result=result, by=world.cast.tono, at=world.tick())
    run(results.apply_result(result=result, by=world.cast.tono, at=world.tick()))
    assert set(states(sent)) == {"settled"}
    assert result.rows.count() == 6
    world.budget.refresh_from_db()
    assert world.budget.delivered == 6 * AMOUNT
