"""A bank answer that met trouble on its way: stopped half-way, impossible dates."""

from __future__ import annotations

from datetime import date
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bansos.jobs import services as jobs
from bansos.lib.errors import Refused
from beneficiaries.services.people import record_death, set_account
from disbursements.choices import Decision, ListState, Outcome
from disbursements.models import PayList, PaymentLine, ReturnCase, StagedRow
from disbursements.services import applying, bank, closing, lists, results, returns
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
from tests.factories.statements import camt, move_of

pytestmark = pytest.mark.django_db


def test_a_stopped_file_goes_on_where_it_stopped(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "CHUNK", 50)
    world = make_world(cast, people=70)
    sent = world.sent()
    result = results.upload_result(
        pay_list=sent,
        data=answer_csv([answer_row(line) for line in lines_of(sent)]),
        file_name="hasil.csv",
        by=cast.tono,
        at=world.tick(),
    )
    first = results.apply_result(result=result, by=cast.tono, at=world.tick())
    jobs.run_step(job_id=str(first.pk), at=world.tick())
    jobs.cancel(job=first, by=cast.tono, at=world.tick())
    jobs.run_step(job_id=str(first.pk), at=world.tick())
    result.refresh_from_db()
    assert result.rows.count() == 50
    assert not StagedRow.objects.exists(), "nothing personal stays behind"
    # One file is read in one way: what is staged and what is in never mix two mappings.
    other = {key: place for key, place in result.mapping.items() if key != "name"}
    with unchanged(sent), pytest.raises(Refused, match="pencocokan kolomnya tetap"):
        results.set_result_mapping(result=result, mapping=other, by=cast.tono, at=world.tick())

    again = results.apply_result(result=result, by=cast.tono, at=world.tick())
    assert again.pk != first.pk
    run(again)
    result.refresh_from_db()
    world.budget.refresh_from_db()
    assert (result.rows.count(), fresh(sent).state) == (70, ListState.SETTLED)
    assert world.budget.delivered == 70 * AMOUNT
    with pytest.raises(Refused):
        results.refuse_result(result=result, by=cast.tono, at=world.tick())


def test_a_failed_file_leaves_no_names_behind(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "CHUNK", 2)
    world = make_world(cast, people=3)
    sent = world.sent()
    result = results.upload_result(
        pay_list=sent,
        data=answer_csv([answer_row(line) for line in lines_of(sent)]),
        file_name="hasil.csv",
        by=cast.tono,
        at=world.tick(),
    )
    job = results.apply_result(result=result, by=cast.tono, at=world.tick())
    assert jobs.run_step(job_id=str(job.pk), at=world.tick())
    assert StagedRow.objects.count() == 3
    refused = Refused("T-1", "Tidak bisa.")
    with patch.object(applying, "may_answer", side_effect=refused):
        assert not jobs.run_step(job_id=str(job.pk), at=world.tick())
    assert not StagedRow.objects.exists()


def test_an_answer_too_long_to_preview_is_applied_from_its_page(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "PREVIEW_ROWS", 1)
    world = make_world(cast, people=2)
    sent = world.sent()
    result = results.upload_result(
        pay_list=sent,
        data=answer_csv([answer_row(line) for line in lines_of(sent)]),
        file_name="hasil.csv",
        by=cast.tono,
        at=world.tick(),
    )
    client.force_login(cast.tono)
    path = reverse("disbursements:result", args=[result.pk])
    assert "Cocokkan kolomnya dulu" not in client.get(path).content.decode()
    result.mapping = {}
    result.save(update_fields=["mapping"])
    assert "Cocokkan kolomnya dulu" in client.get(path).content.decode()


def test_a_stopped_share_is_applied_again_and_holds_the_closing(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(cast, people=2)
    sent = world.sent()
    lines = lines_of(sent)
    monkeypatch.setattr(World, "tick", lambda self, minutes=1: timezone.now())
    world.answer(sent, [answer_row(line) for line in lines])
    statement = results.upload_statement(
        data=camt([move_of(lines[0], back=True, code="AC04")]),
        file_name="rk.xml",
        by=cast.tono,
        at=world.tick(),
    )
    share = statement.shares.get()
    client.force_login(cast.tono)
    path = reverse("disbursements:result", args=[share.pk])
    button = reverse("disbursements:apply", args=[share.pk])
    assert button not in client.get(path).content.decode()
    job = results.apply_statement(statement=statement, by=cast.tono, at=world.tick())[0]
    assert fresh(sent).state == ListState.SETTLED
    with unchanged(sent), pytest.raises(Refused, match="belum selesai diterapkan"):
        closing.close(pay_list=fresh(sent), by=cast.tono, at=world.tick())
    jobs.cancel(job=job, by=cast.tono, at=world.tick())
    jobs.run_step(job_id=str(job.pk), at=world.tick())
    with unchanged(sent), pytest.raises(Refused, match="belum selesai diterapkan"):
        closing.close(pay_list=fresh(sent), by=cast.tono, at=world.tick())
    assert button in client.get(path).content.decode()
    client.post(button)
    share.refresh_from_db()
    run(share.job)
    assert ReturnCase.objects.get().line == lines[0]
    with pytest.raises(Refused, match="Retur belum selesai"):
        closing.close(pay_list=fresh(sent), by=cast.tono, at=world.tick())


@pytest.mark.parametrize("written", ["22-11-2062", "01-01-2019"])
def test_an_impossible_day_becomes_the_day_of_reading(cast: Cast, written: str) -> None:
    world = make_world(cast, people=2)
    sent = world.sent()
    settled, returned = lines_of(sent)
    days = {timezone.localdate()}
    world.answer(
        sent,
        [
            answer_row(settled, date=written),
            answer_row(returned, "GAGAL", "Rekening ditutup", date=written),
        ],
    )
    days.add(timezone.localdate())
    # The worker reads its own clock, not that of the made-up world.
    assert PaymentLine.objects.get(pk=settled.pk).settled_on in days
    assert ReturnCase.objects.get(line=returned).returned_on in days
    row = settled.result_rows.get()
    assert (row.outcome, row.bank_date) == (Outcome.SETTLED, as_date(written))


def as_date(text: str) -> date:
    day, month, year = (int(part) for part in text.split("-"))
    return date(year, month, day)


def follow_up_of(world: World, cast: Cast) -> PayList:
    """A draft follow-up list for one return with a corrected account."""
    sent = world.sent()
    line = lines_of(sent)[0]
    world.answer(sent, [answer_row(line, "GAGAL", "Nama tidak sesuai")])
    case = ReturnCase.objects.get(line=line)
    account = set_account(
        person=line.person,
        bank_code="114",
        number="0099887766",
        holder_name=line.person.name,
        by=cast.sari,
        at=world.tick(),
    )
    returns.decide_return(
        case=case,
        decision=Decision.FOLLOW_UP,
        note="",
        new_account=account,
        by=cast.tono,
        at=world.tick(),
    )
    returns.confirm_return(case=case, agreed=True, note="", by=cast.ratna, at=world.tick())
    made: PayList = returns.make_follow_up(pay_list=sent, by=cast.budi, at=world.tick())
    return made


def test_a_payee_who_died_after_the_lock_stops_the_follow_up(cast: Cast) -> None:
    world = make_world(cast, people=2)
    waiting = world.awaiting(follow_up_of(world, cast))
    person = lines_of(waiting)[0].person
    record_death(
        person=person, died_on=date(2026, 11, 20), source="Petugas", by=cast.sari, at=world.tick()
    )
    with pytest.raises(Refused), unchanged(waiting):
        lists.check(
            pay_list=fresh(waiting),
            seen_hash=waiting.content_hash,
            by=cast.ratna,
            at=world.tick(),
        )


def test_a_follow_up_whose_files_are_made_is_not_cancelled(cast: Cast) -> None:
    world = make_world(cast, people=2)
    approved = world.approved(follow_up_of(world, cast))
    run(bank.make_files(pay_list=approved, by=cast.budi, at=world.tick()))
    with pytest.raises(Refused) as refused, unchanged(approved):
        lists.cancel(pay_list=fresh(approved), reason="Salah", by=cast.hadi, at=world.tick())
    assert refused.value.code == "LIST-FILES"
