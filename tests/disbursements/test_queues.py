"""Who waits for whom: shared bank files, and the one order in which lists are held."""

from __future__ import annotations

import re
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bansos.lib.errors import NotAllowed, Refused
from beneficiaries.services.people import set_account
from disbursements.choices import Decision, ResultState
from disbursements.models import PayList, ResultFile, ReturnCase
from disbursements.services import bank_days, desk, results, returns, statements
from tests.cast import Cast
from tests.factories.disbursements import (
    BANK,
    World,
    answer_row,
    fresh,
    lines_of,
    make_world,
    run,
)
from tests.factories.statements import camt, move_of

pytestmark = pytest.mark.django_db
HELD = re.compile(r'FROM "disbursements_paylist" WHERE .*"id" = (\d+)\D.*FOR UPDATE')


@pytest.fixture
def world(cast: Cast) -> World:
    """Two payees."""
    return make_world(cast, people=2)


@pytest.fixture
def sent(world: World) -> PayList:
    """A list at the bank."""
    return world.sent()


def held(queries: CaptureQueriesContext) -> list[int]:
    """The lists that were held, in the order of it."""
    found = [HELD.search(query["sql"]) for query in queries.captured_queries]
    return [int(match[1]) for match in found if match]


def told(*lists: PayList) -> bytes:
    """A statement that pays every line of these lists."""
    return camt([move_of(line) for row in lists for line in lines_of(row)])


def upload(world: World, data: bytes, name: str = "tono") -> ResultFile:
    return results.upload_statement(
        data=data, file_name="rk.xml", by=getattr(world.cast, name), at=world.tick()
    )


@pytest.fixture
def regency(world: World) -> None:
    """The verifier of the regency is its treasurer."""
    world.cast.vera.role = "bendahara"
    world.cast.vera.save()


def test_the_same_bytes_at_the_same_time_are_one_file(world: World, sent: PayList) -> None:
    first = upload(world, told(sent))
    with patch.object(statements, "known_statement", side_effect=[None, first]):
        assert upload(world, told(sent)).pk == first.pk
    assert ResultFile.objects.count() == 2


@pytest.mark.usefixtures("regency")
def test_a_regency_is_told_that_the_province_has_the_file(world: World, sent: PayList) -> None:
    statement = upload(world, told(sent))
    with pytest.raises(Refused, match="sudah mengunggah"):
        upload(world, told(sent), "vera")
    share = statement.shares.get()
    with pytest.raises(NotAllowed, match="kantor lain"):
        results.refuse_result(result=share, by=world.cast.vera, at=world.tick())
    statement.refresh_from_db()
    assert statement.state == ResultState.CHECKED
    results.refuse_result(result=share, by=world.cast.tono, at=world.tick())
    statement.refresh_from_db()
    assert statement.state == ResultState.REFUSED


def follow_up(world: World, main: PayList) -> PayList:
    """The first line came back and goes out again."""
    lines = lines_of(main)
    world.answer(main, [answer_row(lines[0], "GAGAL", "Pindah"), *map(answer_row, lines[1:])])
    case = ReturnCase.objects.get()
    person = case.line.person
    account = set_account(
        person=person,
        bank_code=BANK,
        number="0099887766",
        holder_name=person.name,
        by=world.cast.sari,
        at=world.tick(),
    )
    returns.decide_return(
        case=case,
        decision=Decision.FOLLOW_UP,
        note="",
        new_account=account,
        by=world.cast.tono,
        at=world.tick(),
    )
    returns.confirm_return(case=case, agreed=True, note="", by=world.cast.ratna, at=world.tick())
    made = returns.make_follow_up(pay_list=fresh(main), by=world.cast.budi, at=world.tick())
    return world.sent(made)


def test_a_statement_holds_the_lists_it_names_main_lists_first(world: World, sent: PayList) -> None:
    again = follow_up(world, sent)
    other = world.sent(world.drawn(stage=world.stages[1]), number="SP2D-2")
    data = told(again, other)
    with CaptureQueriesContext(connection) as queries:
        share = results.upload_result(
            pay_list=again, data=data, file_name="rk.xml", by=world.cast.tono, at=world.tick()
        )
    assert share.source is not None
    assert held(queries) == []
    with CaptureQueriesContext(connection) as queries:
        results.apply_statement(statement=share.source, by=world.cast.tono, at=world.tick())
    assert held(queries)[:4] == [sent.pk, other.pk, again.pk, other.pk]


def test_closing_the_day_and_undoing_hold_the_day_and_no_more(world: World, sent: PayList) -> None:
    for job in results.apply_statement(
        statement=upload(world, told(sent)), by=world.cast.tono, at=world.tick()
    ):
        run(job)
    row = ResultFile.objects.filter(pay_list=sent).get().rows.first()
    assert row is not None
    now = timezone.now()
    with CaptureQueriesContext(connection) as queries:
        desk.undo_match(row=row, note="Salah pasang", by=world.cast.tono, at=now)
        bank_days.close_day(agency=world.cast.agency, note="", by=world.cast.tono, at=now)
    locks = [query["sql"][-20:] for query in queries.captured_queries if _of_agency(query["sql"])]
    assert [words.endswith("FOR NO KEY UPDATE") for words in locks] == [True, True]


def _of_agency(sql: str) -> bool:
    return 'FROM "accounts_agency"' in sql and " UPDATE" in sql
