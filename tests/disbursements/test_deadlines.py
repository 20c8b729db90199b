"""Deadlines: worked examples with holidays, what they say, and that they only tell."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bansos.lib.errors import BadInput, NotAllowed
from bansos.lib.sheets.writing import csv_bytes
from bansos.regions.services.calendar import fill_year
from disbursements.models import AccountUse, LedgerEvent, PayList, PaymentLine
from disbursements.queries.treasury.deadlines import Clock, Deadline, deadlines_for, idle_lines
from disbursements.rules.deadlines import Days, defaults_for, left_words, tone_of
from disbursements.services import lists, treasury
from tests.cast import Cast
from tests.factories.cash import cash_world, fresh_line, opened, paid
from tests.factories.disbursements import (
    NOW,
    World,
    answer_row,
    fresh,
    lines_of,
    make_world,
    picture,
)

GOLDEN = Path(__file__).parent.parent / "golden" / "deadlines.csv"
TODAY = date(2026, 11, 22)


def cases() -> list[dict[str, str]]:
    with GOLDEN.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["kasus"])
def test_worked_examples(cast: Cast, case: dict[str, str]) -> None:
    fill_year(area_code="35", year=2026, by=cast.budi, at=NOW)
    clock = Clock(date.fromisoformat(case["hari_ini"]))
    start, days = date.fromisoformat(case["mulai"]), int(case["hari"])
    working = case["jenis"] in {"sp2d", "overbooking"}
    due, left = clock.working("35.19", start, days) if working else clock.plain(start, days)
    assert (due.isoformat(), left) == (case["jatuh_tempo"], int(case["sisa"]))


def test_words_and_colours() -> None:
    assert [tone_of(left) for left in (-1, 0, 2, 3)] == ["masalah", "menunggu", "menunggu", "info"]
    assert left_words(3, working=True) == "sisa 3 hari kerja"
    assert left_words(0, working=False) == "hari ini"
    assert left_words(-5, working=False) == "lewat 5 hari"
    assert defaults_for("KEMISEM").sp2d == 3
    assert defaults_for("ASPD") == Days(2, 10, 10, 30)


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast)


def running(world: World, today: date, pay_list: PayList | None = None) -> dict[str, Deadline]:
    found = deadlines_for(world.cast.tono, today, pay_list=pay_list)
    return {row.key: row for row in found}


def test_a_list_is_followed_from_approval_to_its_returns(world: World) -> None:
    pay_list = world.approved()
    # Approved on Sunday 22 November: two working days end on Tuesday.
    sp2d = running(world, TODAY)["sp2d"]
    assert (sp2d.due, sp2d.left, sp2d.working) == (date(2026, 11, 24), 2, True)
    pay_list = lists.record_sp2d(
        pay_list=pay_list,
        spm_number="SPM-1",
        sp2d_number="SP2D-1",
        sp2d_date=world.clock.date(),
        amount=pay_list.total,
        by=world.cast.tono,
        at=world.tick(),
    )
    # SP2D of a Sunday: the bank is asked to pay on Monday.
    assert pay_list.execution_on == date(2026, 11, 23)
    due = running(world, TODAY)
    assert "sp2d" not in due
    assert (due["overbooking"].due, due["overbooking"].count) == (date(2026, 12, 7), 6)


def test_returns_unused_accounts_and_the_years_end(world: World) -> None:
    pay_list = world.sent()
    rows = [answer_row(line) for line in lines_of(pay_list)]
    rows[0] = answer_row(lines_of(pay_list)[0], "GAGAL", "Rekening ditutup")
    world.answer(pay_list, rows)
    before, events = picture(fresh(pay_list)), LedgerEvent.objects.count()
    due = running(world, TODAY)
    assert (due["clarification"].due, due["clarification"].count) == (date(2026, 12, 2), 1)
    end = due["year_end"]
    assert (end.due, end.left, end.count, end.amount) == (date(2026, 12, 31), 39, 1, 500_000)
    assert "year_end" not in running(world, date(2026, 10, 31))
    assert "year_end" in running(world, date(2026, 11, 1))
    late = running(world, TODAY + timedelta(days=40))
    assert late["clarification"].word.tone == "masalah"
    assert late["idle"].count is None
    # Looking at a deadline, even one long past, moves nothing.
    assert picture(fresh(pay_list)) == before
    assert LedgerEvent.objects.count() == events
    _report_use(world, pay_list)
    idle = running(world, TODAY + timedelta(days=40), fresh(pay_list))["idle"]
    assert (idle.count, idle.amount, idle.left) == (4, 2_000_000, -10)


def test_money_paid_into_a_hand_has_no_account_to_watch(world: World, cast: Cast) -> None:
    pay_list = world.sent()
    world.answer(pay_list, [answer_row(line) for line in lines_of(pay_list)])
    cash = cash_world(cast, people=2)
    counter = opened(cash)
    handed = paid(cash, counter, lines_of(counter.pay_list)[0])
    assert fresh_line(handed.line).state == "settled"
    found = idle_lines(PaymentLine.objects.all(), TODAY + timedelta(days=40))
    assert set(found.values_list("pay_list", flat=True)) == {pay_list.pk}
    assert found.count() == 6


def _report_use(world: World, pay_list: PayList) -> None:
    """One of five paid accounts was used; one is not ours."""
    lines = list(PaymentLine.objects.filter(pay_list=pay_list, state="settled").order_by("pk"))
    rows = [[line.account_number, ""] for line in lines[1:]]
    rows += [[lines[0].account_number, "22-11-2026"], ["999999", "01-11-2026"]]
    report = treasury.load_account_use(
        agency=world.cast.agency,
        data=csv_bytes(("Nomor rekening", "Transaksi terakhir"), rows),
        file_name="use.csv",
        reported_on=TODAY,
        by=world.cast.tono,
        at=world.tick(),
    )
    assert (report.rows, report.lines, report.foreign) == (6, 5, 1)
    assert AccountUse.objects.filter(last_used_on=None).count() == 4


def test_a_programme_may_have_its_own_lengths(world: World) -> None:
    world.approved()
    treasury.save_deadlines(
        version=world.version,
        days=Days(sp2d=5, overbooking=10, clarification=0, idle=30),
        source="Juknis 2026",
        by=world.cast.tono,
        at=world.tick(),
    )
    assert running(world, TODAY)["sp2d"].due == date(2026, 11, 27)
    with pytest.raises(BadInput):
        treasury.save_deadlines(
            version=world.version, days=Days(), source=" ", by=world.cast.tono, at=NOW
        )
    with pytest.raises(NotAllowed):
        treasury.save_deadlines(
            version=world.version, days=Days(), source="x", by=world.cast.hadi, at=NOW
        )


def test_the_bank_is_never_asked_to_pay_on_a_holiday(world: World) -> None:
    pay_list = world.approved()
    at = datetime(2026, 12, 23, 3, 0, tzinfo=UTC)

    def record(day: date) -> PayList:
        return lists.record_sp2d(
            pay_list=pay_list,
            spm_number="SPM-1",
            sp2d_number="SP2D-1",
            sp2d_date=date(2026, 12, 23),
            amount=pay_list.total,
            execution_on=day,
            by=world.cast.tono,
            at=at,
        )

    with pytest.raises(BadInput, match="Kamis, 24 Desember 2026 bukan hari kerja bank"):
        record(date(2026, 12, 24))
    with pytest.raises(BadInput, match="sebelum tanggal SP2D"):
        record(date(2026, 12, 22))
    assert fresh(pay_list).state == "approved"
    assert record(date(2026, 12, 28)).execution_on == date(2026, 12, 28)
