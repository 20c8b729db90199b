"""A bank's answer judged by one statement says what rules.matching says row by row."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bansos.audit.models import Event
from bansos.jobs import services as jobs
from bansos.lib.sheets import reading as sheets
from bansos.lib.sheets.reading import read_slices, read_table
from disbursements.choices import Decision, LineState, Outcome, ResultFormat, ReturnReason
from disbursements.models import (
    PayList,
    PaymentLine,
    ResultFile,
    ResultRow,
    ReturnCase,
    StagedRow,
)
from disbursements.rules.matching import BankRow
from disbursements.services import applying, desk, reading, results, returns, staging
from disbursements.services.reading import COLUMNS, BankAnswer
from tests.cast import Cast
from tests.factories.books import decided
from tests.factories.disbursements import (
    World,
    answer_csv,
    answer_row,
    fresh,
    lines_of,
    make_world,
)

pytestmark = pytest.mark.django_db
CASES = 12


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast, people=9)


def odd_rows(dice: random.Random, lines: list[PaymentLine], foreign: str) -> list[BankRow]:
    """Rows of every kind, in any order, some said twice."""
    rows: list[BankRow] = []
    for line in lines:
        row = BankRow(
            0,
            line.reference,
            line.amount,
            line.account_index or "",
            dice.choice([Outcome.SETTLED, Outcome.RETURNED, None]),
            ReturnReason.CLOSED,
            name='Siti "A", binti\nB',
            bank_date=dice.choice([None, date(2020, 1, 1), date(2026, 11, 22), date(2030, 1, 1)]),
        )
        changed = dice.choice(
            [
                {},
                {},
                {},
                {"amount": Decimal("1.25")},
                {"amount": None},
                {"account_index": ""},
                {"account_index": "f" * 64},
                {"currency": "USD"},
                {"reference": ""},
                {"reference": "D999999999999999"},
                {"reference": foreign},
                {"exception": "fee"},
            ]
        )
        rows.append(row._replace(**changed))
        if dice.random() < 0.4:
            other = dice.choice([{}, {"outcome": Outcome.RETURNED}, {"amount": Decimal(7)}])
            rows.append(rows[-1]._replace(**other))
    dice.shuffle(rows)
    return [row._replace(row_number=number) for number, row in enumerate(rows, start=2)]


def states_at_random(dice: random.Random, lines: list[PaymentLine]) -> None:
    """Lines somewhere on their way, by moves the database allows."""
    for line in lines:
        road = dice.choice([[], [LineState.UNKNOWN], [LineState.SETTLED], [LineState.RETURNED]])
        for state in road:
            fields = {"settled_on": date(2026, 11, 22)} if state == LineState.SETTLED else {}
            PaymentLine.objects.filter(pk=line.pk).update(state=state, **fields)


def said(row: Any) -> tuple[Any, ...]:
    return (row.row_number, str(row.state), row.quarantine_code, row.line_id)


@pytest.mark.parametrize("kind", [ResultFormat.TABLE, ResultFormat.CAMT053])
def test_both_judges_say_the_same(world: World, kind: ResultFormat) -> None:
    other = world.stages[1]
    sent = world.sent()
    second = world.drawn(stage=other)
    foreign = lines_of(second)[0].reference
    file = ResultFile.objects.create(
        pay_list=sent,
        area_code="35.19",
        format=kind,
        sha256="0" * 64,
        file_name="h",
        uploaded_at=world.tick(),
        uploaded_by=world.cast.tono,
    )
    dice = random.Random(7)  # noqa: S311  a test's dice
    states_at_random(dice, lines_of(sent))
    seen = set()
    for _turn in range(CASES):
        rows = tuple(odd_rows(dice, lines_of(sent), foreign))
        answer = BankAnswer(
            rows,
            reading.study_doubles(rows, statement=kind == ResultFormat.CAMT053),
        )
        expected = {
            (v.row.row_number, str(v.state), v.code, v.line_id)
            for v in applying.judge(sent.pk, answer, rows)
        }
        with patch.object(staging, "rows_of", lambda _file, rows=rows: iter(rows)):
            staging.stage(file)
        part = staging.next_part(file, after=0, limit=1_000)
        assert part is not None
        assert unwritten(file, part) == expected
        seen |= {code for _n, _state, code, _line in expected} | {s for _n, s, _c, _l in expected}
    assert {"conflict", "doubled", "foreign", "unreadable", "wrong_amount", "applied"} <= seen


ODD = ("a,b", 'say "so"', "two\nlines", "one\r\nmore", "\\N \\.", "\x01", "\x02", " ", "None")


@pytest.mark.parametrize("odd", ["", *ODD])
def test_staged_rows_are_the_rows_read(world: World, odd: str) -> None:
    """Whatever signs a bank writes, and what could not be read: nothing moves or is lost."""
    file = upload(world, world.sent())
    rows = [
        BankRow(2, "D1", Decimal("5.00"), "f" * 64, Outcome.SETTLED, None, bank_text=odd),
        BankRow(3, "", None, "", None, None, "", "", None, exception="fee"),
        BankRow(
            *(4, "D3", Decimal(7), "e" * 64, Outcome.RETURNED, ReturnReason.CLOSED, f"Siti{odd}"),
            *("GAGAL tutup", date(2026, 3, 2), "B-1", "USD", "AC04"),
        ),
    ]
    plain = odd in {"", "a,b", 'say "so"', "\\N \\.", " ", "None"}
    with patch.object(staging.csv, "writer", wraps=staging.csv.writer) as careful:
        staging.stage(file, rows=iter(rows))
    assert careful.called is not plain
    staged = file.staged.order_by("row_number").values_list(*BankRow._fields)
    assert list(staged) == [
        row._replace(outcome=row.outcome or "", reason=row.reason or "") for row in rows
    ]


def told_before(world: World) -> tuple[PayList, PayList]:
    """A main list and its follow-up, both partly answered; words of both kinds were taken back."""
    sent = world.sent()
    lines = lines_of(sent)
    closed = [answer_row(line, "GAGAL", "Rekening ditutup") for line in lines[3:7]]
    world.answer(sent, [*(answer_row(line) for line in lines[:3]), *closed])
    for case in ReturnCase.objects.filter(line__in=lines[5:7]).order_by("pk"):
        decided(world, case, Decision.FOLLOW_UP)
    again = returns.make_follow_up(pay_list=sent, by=world.cast.budi, at=world.tick())
    again = world.sent(fresh(again))
    world.answer(again, [answer_row(lines_of(again)[0])], name="ulang.csv")
    for line in (lines[0], lines[3]):
        row = ResultRow.objects.get(line=line, state="applied")
        desk.undo_match(row=row, note="Salah pasang", by=world.cast.tono, at=world.tick())
    # Told, taken back and told once more: it stands again.
    world.answer(sent, [answer_row(lines[1], "GAGAL", "Pindah")], name="kembali.csv")
    return fresh(sent), fresh(again)


@pytest.mark.parametrize("kind", [ResultFormat.TABLE, ResultFormat.CAMT053])
def test_both_judges_say_the_same_of_what_was_told_before(world: World, kind: ResultFormat) -> None:
    main, again = told_before(world)
    dice = random.Random(11)  # noqa: S311  a test's dice
    seen: dict[int, set[str]] = {}
    for own, other in ((main, again), (again, main)):
        file = ResultFile.objects.create(
            pay_list=own,
            area_code="35.19",
            format=kind,
            sha256=f"{own.pk:064d}",
            file_name="h",
            uploaded_at=world.tick(),
            uploaded_by=world.cast.tono,
        )
        lines, foreign = lines_of(own), lines_of(other)[0].reference
        for _turn in range(4 * CASES):
            rows = tuple(odd_rows(dice, [*lines, *lines_of(other)[:2]], foreign))
            answer = BankAnswer(
                rows, reading.study_doubles(rows, statement=kind == ResultFormat.CAMT053)
            )
            expected = {
                (v.row.row_number, str(v.state), v.code, v.line_id)
                for v in applying.judge(own.pk, answer, rows)
            }
            with patch.object(staging, "rows_of", lambda _file, rows=rows: iter(rows)):
                staging.stage(file)
            part = staging.next_part(file, after=0, limit=1_000)
            assert part is not None
            assert unwritten(file, part) == expected
            words = {code for _n, _state, code, _line in expected}
            seen.setdefault(own.pk, set()).update(words | {s for _n, s, _c, _l in expected})
    assert {"same", "undone", "foreign", "applied", "already_returned"} <= seen[main.pk]
    assert {"same", "foreign", "applied"} <= seen[again.pk]


def unwritten(file: ResultFile, part: staging.Part) -> set[tuple[Any, ...]]:
    """What the statement writes, taken back before the next turn."""
    with transaction.atomic():
        staging.write_rows(file, part)
        found = {said(row) for row in ResultRow.objects.filter(result=file)}
        transaction.set_rollback(True)
    return found


def test_a_lost_staging_table_is_read_again(world: World) -> None:
    sent = world.sent()
    file = upload(world, sent)
    job = results.apply_result(result=file, by=world.cast.tono, at=world.tick())
    with patch.object(applying, "CHUNK", 4):
        assert jobs.run_step(job_id=str(job.pk), at=world.tick())
        assert StagedRow.objects.filter(result=file).count() == 9
        StagedRow.objects.all().delete()  # as Postgres leaves it after a crash
        while jobs.run_step(job_id=str(job.pk), at=world.tick()):
            pass
    job.refresh_from_db()
    assert job.state == "done", job.message
    assert set(sent.lines.values_list("state", flat=True)) == {LineState.SETTLED}
    assert fresh(sent).state == "settled"
    assert ResultRow.objects.filter(result=file).count() == 9
    assert not StagedRow.objects.exists(), "nothing personal stays behind"


def test_a_long_table_is_staged_as_it_is_read(world: World) -> None:
    sent = world.sent()
    with patch.object(results, "PREVIEW_ROWS", 4):
        file = upload(world, sent)
    assert file.counts == {"rows": 9, "lists": [sent.number]}
    assert StagedRow.objects.filter(result=file).count() == 9
    job = results.apply_result(result=file, by=world.cast.tono, at=world.tick())
    read_again = AssertionError("the file was read a second time")
    with (
        patch.object(applying, "CHUNK", 4),
        patch.object(staging, "rows_of", side_effect=read_again),
    ):
        while jobs.run_step(job_id=str(job.pk), at=world.tick()):
            pass
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 9), job.message
    assert ResultRow.objects.filter(result=file, state="applied").count() == 9
    assert not StagedRow.objects.exists(), "nothing personal stays behind"


def test_a_refused_file_leaves_nothing_staged(world: World) -> None:
    sent = world.sent()
    with patch.object(results, "PREVIEW_ROWS", 4):
        file = upload(world, sent)
    results.refuse_result(result=file, by=world.cast.tono, at=world.tick())
    assert not StagedRow.objects.exists()


def test_rows_of_a_file_nobody_applied_end_and_the_file_stays(world: World, client: Client) -> None:
    sent = world.sent()
    with patch.object(results, "PREVIEW_ROWS", 4):
        file = upload(world, sent)
    almost, later = (file.uploaded_at + timedelta(days=days) for days in (6, 8))
    assert results.clear_old_rows(at=almost) == 0
    assert StagedRow.objects.count() == 9
    assert results.clear_old_rows(at=later) == 1
    assert not StagedRow.objects.exists()
    assert results.clear_old_rows(at=later) == 0, "told once"
    event = Event.objects.get(verb="disbursements.clear_staged_rows")
    assert event.reason == "Berkas belum diterapkan dalam 7 hari; berkasnya tetap tersimpan."
    client.force_login(world.cast.tono)
    week_ago = timezone.now() - timedelta(days=8)
    ResultFile.objects.filter(pk=file.pk).update(uploaded_at=week_ago)
    desk_page = client.get(reverse("disbursements:desk")).content.decode()
    assert reverse("disbursements:result", args=[file.pk]) in desk_page
    assert "lebih dari 7 hari: baris bacaannya dibersihkan" in desk_page
    job = results.apply_result(result=file, by=world.cast.tono, at=world.tick())
    while jobs.run_step(job_id=str(job.pk), at=world.tick()):
        pass
    assert ResultRow.objects.filter(result=file, state="applied").count() == 9
    text = client.get(reverse("disbursements:desk")).content.decode()
    assert "Berkas bank belum diterapkan" not in text


def test_rows_a_worker_is_at_do_not_end_by_age(world: World) -> None:
    with patch.object(results, "PREVIEW_ROWS", 4):
        file = upload(world, world.sent())
    results.apply_result(result=file, by=world.cast.tono, at=world.tick())
    assert results.clear_old_rows(at=file.uploaded_at + timedelta(days=8)) == 0
    assert StagedRow.objects.count() == 9


def test_a_file_that_says_everything_twice_is_not_compared_row_by_row(world: World) -> None:
    sent, many = world.sent(), 7_000
    file = upload(world, sent)
    rows = [
        BankRow(number, f"R{number % many:05}", Decimal(1), "", Outcome.SETTLED, None)
        for number in range(2, 2 * many + 2)
    ]
    with transaction.atomic(), connection.cursor() as db:
        staging.next_part(file, after=0, limit=1)  # as apply_step does, with its settings
        db.execute("SET LOCAL statement_timeout = '3s'")
        with patch.object(staging, "rows_of", lambda _file: iter(rows)):
            staging.stage(file)
    assert StagedRow.objects.filter(result=file, is_first=True).count() == many


def upload(world: World, sent: PayList) -> ResultFile:
    rows = [answer_row(line) for line in lines_of(sent)]
    return results.upload_result(
        pay_list=sent,
        data=answer_csv(rows),
        file_name="h.csv",
        by=world.cast.tono,
        at=world.tick(),
    )


def table_of(rows: int, tail: bytes = b"") -> bytes:
    head = b"HASIL BANK\r\n\r\nReferensi,Rekening,Jumlah,Status\r\n"
    lines = (f"R{n:015d},0012{n:08d},500000,BERHASIL\r\n".encode() for n in range(rows))
    return head + b"".join(lines) + tail


@pytest.fixture
def small_slices() -> Iterator[None]:
    with patch.object(sheets, "SLICE", 7):
        yield


@pytest.mark.parametrize("rows", [1, 6, 7, 13, 14, 15, 30])
@pytest.mark.parametrize(
    "tail", [b"", b"Jumlah,,15000000,\r\n", b"\r\nSurabaya,,,\r\nKepala Cabang,,,\r\n"]
)
def test_slices_are_the_table(rows: int, tail: bytes, small_slices: None) -> None:
    data = table_of(rows, tail)
    whole = read_table(data, "h.csv", expected=COLUMNS)
    parts = list(read_slices(data, "h.csv", expected=COLUMNS, max_rows=1_000))
    assert [row for part in parts for row in part.rows] == whole.rows
    assert {(part.headers, part.signature) for part in parts} == {(whole.headers, whole.signature)}
    assert rows < 14 or len(parts) > 1
