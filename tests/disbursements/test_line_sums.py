"""The kept sums equal the lines to the rupiah at every point of a list's life."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from disbursements.models import LineSum, PayList, PaymentLine, RegencySum
from disbursements.services import lists, sums
from monitoring.queries.money import REGENCY, added_lines, line_cells
from monitoring.queries.scope import Scope
from tests.cast import Cast
from tests.factories.books import full_books
from tests.factories.disbursements import answer_row, fresh, make_world

pytestmark = pytest.mark.django_db


def same_everywhere(cast: Cast) -> None:
    assert sums.differences() == []
    for area in ("35", "35.19", "35.19.01", "35.20"):
        scope = Scope(user=cast.budi, year=2026, area_code=area)
        assert sorted(map(str, line_cells(scope))) == sorted(map(str, added_lines(scope)))
    for area in ("35", "35.19", "35.20"):
        scope = Scope(user=cast.budi, year=2026, area_code=area)
        kept, added = line_cells(scope, REGENCY), added_lines(scope, REGENCY)
        assert sorted(map(str, kept)) == sorted(map(str, added))
        assert all(len(cell.place) == REGENCY for cell in kept)


def test_the_sums_follow_a_list_from_draft_to_return(cast: Cast) -> None:
    world = make_world(cast, people=9)
    draft = world.drawn()
    same_everywhere(cast)
    lists.exclude(
        pay_list=draft, niks_or_positions=["2", "5"], reason="x", by=cast.budi, at=world.tick()
    )
    same_everywhere(cast)
    sent = world.sent(fresh(draft))
    same_everywhere(cast)
    lines = list(sent.lines.filter(state="submitted").order_by("position"))
    rows: list[list[Any]] = [answer_row(line) for line in lines[:4]]
    rows += [answer_row(line, "GAGAL", "Rekening ditutup") for line in lines[4:6]]
    world.answer(sent, rows)
    same_everywhere(cast)
    for kept in (LineSum, RegencySum):
        states = set(kept.objects.filter(lines__gt=0).values_list("state", flat=True))
        assert states == {"excluded", "settled", "returned", "unknown"}
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentLine.objects.all().update(state="waiting")
    same_everywhere(cast)


def test_a_dropped_draft_leaves_sums_of_nothing(cast: Cast) -> None:
    world = make_world(cast, people=3)
    draft = world.drawn()
    draft.lines.order_by("position").last().delete()
    same_everywhere(cast)
    lists.cancel(pay_list=fresh(draft), reason="x", by=cast.budi, at=world.tick())
    same_everywhere(cast)
    assert PayList.objects.get().sums.get(state="cancelled", lines=2).amount > 0


def test_the_command_names_a_difference_and_mends_it(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    make_world(cast, people=3).drawn()
    call_command("check_sums")
    assert "Semua jumlah sama" in capsys.readouterr().out
    for kept, level in ((LineSum, "kecamatan"), (RegencySum, "kabupaten")):
        kept.objects.filter(lines__gt=0).update(lines=77)
        with pytest.raises(CommandError, match="berbeda"):
            call_command("check_sums")
        told = capsys.readouterr().out
        assert f" {level} 35.19" in told
        assert "tersimpan 77 baris" in told
        call_command("check_sums", "--rebuild")
        same_everywhere(cast)
        capsys.readouterr()
    RegencySum.objects.all().delete()
    assert {row.level for row in sums.differences()} == {"kabupaten"}


def test_returns_and_follow_ups_are_kept_too(cast: Cast) -> None:
    """Lists of two kinds, lines that go to another list, to the treasury and away."""
    full_books(make_world(cast, people=6))
    same_everywhere(cast)
    states = set(RegencySum.objects.filter(lines__gt=0).values_list("state", flat=True))
    assert {"settled", "repaid", "paid_back"} <= states


def test_a_line_without_a_district_stands_in_its_regency(cast: Cast) -> None:
    draft = make_world(cast, people=3).drawn()
    PaymentLine.objects.filter(pay_list=draft, position=1).update(area_code="35.19")
    same_everywhere(cast)
    assert LineSum.objects.filter(place="35.19", lines=1).exists()
    assert RegencySum.objects.get(place="35.19", lines__gt=0).lines == 3


def test_a_period_is_added_from_the_lines(cast: Cast) -> None:
    world = make_world(cast, people=2)
    world.with_sp2d()
    day = world.clock.date()
    inside = Scope(user=cast.budi, year=2026, area_code="35", from_date=day, until_date=day)
    outside = Scope(user=cast.budi, year=2026, area_code="35", until_date=date(2026, 1, 1))
    assert sum(cell.paid for cell in line_cells(inside)) == 1_000_000
    assert sum(cell.paid for cell in line_cells(outside)) == 0
    for scope in (inside, outside):
        regencies = line_cells(scope, REGENCY)
        assert sorted(map(str, regencies)) == sorted(map(str, added_lines(scope, REGENCY)))
        assert sum(cell.paid for cell in regencies) == sum(cell.paid for cell in line_cells(scope))


def test_a_line_that_stays_live_moves_without_its_indexes(cast: Cast) -> None:
    """No index names what changes on the way to the bank and to delivery (HOT updates)."""
    world = make_world(cast, people=5)
    draft = world.drawn()
    moved, in_place = _moves()
    sent = world.sent(draft)
    lines = list(sent.lines.order_by("position"))
    world.answer(sent, [answer_row(line) for line in lines[:3]])
    now, now_in_place = _moves()
    assert set(sent.lines.values_list("state", flat=True)) == {"settled", "unknown"}
    assert now - moved == now_in_place - in_place == 5 + 5, "sent; delivered or not known"
    other = sent.lines.filter(state="settled").order_by("pk").first()
    assert other is not None
    world.answer(sent, [answer_row(other, "GAGAL", "Rekening ditutup")])
    again, again_in_place = _moves()
    assert (again - now, again_in_place - now_in_place) == (1, 0), (
        "who claims nothing is told apart"
    )


def _moves() -> tuple[int, int]:
    """Lines written anew in this transaction, and those of them beside their old place."""
    with connection.cursor() as db:
        db.execute(
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables"
            " WHERE relname = 'disbursements_paymentline'"
        )
        updated, in_place = db.fetchone()
    return int(updated), int(in_place)
