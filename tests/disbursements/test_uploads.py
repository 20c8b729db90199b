"""A large answer of a bank is read by a worker: stored at once, previewed as ever, or not kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bansos.jobs import services as jobs
from bansos.jobs.choices import JobState
from bansos.jobs.models import CancelRequest, Job
from bansos.lib.errors import BadInput, Refused
from bansos.lib.sheets.writing import csv_bytes
from disbursements.choices import LineState, ResultState
from disbursements.models import PayList, ResultFile, StagedRow
from disbursements.services import auditing, results, staging, uploads
from tests.cast import Cast
from tests.factories.disbursements import (
    NOW,
    World,
    answer_csv,
    answer_row,
    fresh,
    lines_of,
    make_world,
    run,
    unchanged,
)
from tests.factories.jobs import heard
from tests.factories.statements import camt, move_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _every_file_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "BYTES_AT_ONCE", 10)


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast, people=5)


@pytest.fixture
def sent(world: World) -> PayList:
    return world.sent()


def table(sent: PayList) -> bytes:
    return answer_csv([answer_row(line) for line in lines_of(sent)])


def hand_in(world: World, sent: PayList, data: bytes, name: str = "h.csv") -> ResultFile:
    return uploads.hand_in(
        pay_list=sent, data=data, file_name=name, by=world.cast.tono, at=world.tick()
    )


def job_of(result: ResultFile) -> Job:
    assert result.job is not None
    return result.job


def failed(job: Job) -> Job:
    """The job after its only step, which ends it."""
    assert not jobs.run_step(job_id=str(job.pk), at=NOW)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    return job


def test_a_large_table_is_stored_at_once_and_read_by_a_worker(world: World, sent: PayList) -> None:
    with unchanged(sent):
        file = hand_in(world, sent, table(sent))
        assert (file.state, file.counts) == (ResultState.CHECKED, {})
        assert hand_in(world, sent, table(sent)) == file, "a second press gives the same file"
        acts: tuple[Any, ...] = (results.apply_result, results.refuse_result)
        for act in acts:
            with pytest.raises(Refused, match="masih dibaca") as refused:
                act(result=file, by=world.cast.tono, at=world.tick())
            assert refused.value.code == "RESULT-READING"
        job = run(file.job)
        assert (job.done, job.total) == (5, 5)
    file.refresh_from_db()
    at_once = {"rows": 5, "lists": [sent.number]}
    assert file.counts.pop("preview")["settled"] == 5
    assert file.counts == at_once
    assert file.job is None, "it waits for its officer like a small one"
    run(results.apply_result(result=file, by=world.cast.tono, at=world.tick()))
    assert set(sent.lines.values_list("state", flat=True)) == {LineState.SETTLED}
    assert auditing.audit_now(by=None, at=timezone.now(), clock=timezone.now).broken == 0


def test_a_long_table_is_staged_by_the_worker(world: World, sent: PayList) -> None:
    file = hand_in(world, sent, table(sent))
    with patch.object(results, "PREVIEW_ROWS", 2):
        run(file.job)
    file.refresh_from_db()
    assert file.counts == {"rows": 5, "lists": [sent.number]}
    assert StagedRow.objects.filter(result=file).count() == 5
    run(results.apply_result(result=file, by=world.cast.tono, at=world.tick()))
    assert not StagedRow.objects.exists()


def test_what_is_no_answer_is_not_kept(world: World, sent: PayList) -> None:
    other = make_world(world.cast, people=2, code="LAIN").sent(number="SP2D-9")
    other_file = hand_in(world, sent, table(other))
    job = failed(job_of(other_file))
    assert other.number in job.message
    junk = hand_in(world, sent, csv_bytes(("a",), [("b",)] * 9))
    assert failed(job_of(junk)).message
    for file in (other_file, junk):
        file.refresh_from_db()
        assert (file.state, file.sealed_file) == (ResultState.REFUSED, None)
    with pytest.raises(BadInput):
        hand_in(world, sent, b"\x89PNG\r\n\x1a\n" + b"0" * 50, "h.png")
    assert hand_in(world, sent, table(sent)).state == ResultState.CHECKED


def test_reading_tells_how_far_it_is_and_a_stopped_file_is_not_kept(
    world: World, sent: PayList
) -> None:
    file = hand_in(world, sent, table(sent))
    job = job_of(file)
    with (
        patch.object(results, "PREVIEW_ROWS", 2),
        patch.object(staging, "AT_ONCE", 2),
        heard(job, stop_at=4) as seen,
    ):
        jobs.run_step(job_id=str(job.pk), at=world.tick())
    job.refresh_from_db()
    file.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert [done for done, _total in seen] == [2, 4]
    assert seen[0][1] >= 5, "nearly how many rows there are"
    assert (file.state, file.sealed_file) == (ResultState.REFUSED, None)
    assert not StagedRow.objects.exists()
    assert hand_in(world, sent, table(sent)) != file, "it may be handed in again"


def test_a_worker_that_dies_in_between_leaves_the_file_to_the_next(
    world: World, sent: PayList
) -> None:
    file = hand_in(world, sent, table(sent))
    job = job_of(file)
    with patch.object(results, "own_answer", side_effect=RuntimeError("killed")):
        assert not jobs.run_step(job_id=str(job.pk), at=world.tick())
    file.refresh_from_db()
    assert (file.state, file.counts) == (ResultState.CHECKED, {})
    assert run(job).state == JobState.DONE
    file.refresh_from_db()
    assert file.counts["rows"] == 5


def test_columns_matched_by_hand_are_read_by_a_worker_too(world: World, sent: PayList) -> None:
    rows = [[answer_row(line)[place] for place in (0, 1, 3, 4)] for line in lines_of(sent)]
    head = ("Referensi", "Kode B", "Kode C", "Kode D")
    file = hand_in(world, sent, csv_bytes(head, rows))
    run(file.job)
    file.refresh_from_db()
    assert file.counts == {"rows": 5}
    mapping = {"reference": 0, "account": 1, "amount": 2, "status": 3}
    values: dict[str, Any] = {"mapping": mapping, "by": world.cast.tono}
    with patch.object(results, "ROWS_AT_ONCE", 2):
        file = results.set_result_mapping(result=file, **values, at=world.tick())
        job = job_of(file)
        CancelRequest.objects.create(job=job, by=job.owner, at=timezone.now())
        jobs.run_step(job_id=str(job.pk), at=world.tick())
        file.refresh_from_db()
        assert file.state == ResultState.CHECKED, "it was read once and stays"
        assert results.may_apply(file)
        file = results.set_result_mapping(result=file, **values, at=world.tick())
    run(file.job)
    file.refresh_from_db()
    assert file.counts["preview"]["settled"] == 5


def test_a_large_statement_is_divided_by_the_worker(world: World, sent: PayList) -> None:
    data = camt([move_of(line) for line in lines_of(sent)])
    file = hand_in(world, sent, data, "koran.xml")
    assert file.pay_list is None
    again = uploads.hand_in_statement(
        data=data, file_name="koran.xml", by=world.cast.tono, at=world.tick()
    )
    assert again == file
    with pytest.raises(Refused, match="masih dibaca"):
        results.apply_statement(statement=file, by=world.cast.tono, at=world.tick())
    assert run(file.job).done == 5
    share = file.shares.get()
    assert (share.pay_list, share.counts["preview"]["settled"]) == (sent, 5)
    assert hand_in(world, sent, data, "koran.xml") == share
    for job in results.apply_statement(statement=file, by=world.cast.tono, at=world.tick()):
        run(job)
    assert fresh(sent).state == "settled"
    assert auditing.audit_now(by=None, at=timezone.now(), clock=timezone.now).broken == 0


def test_the_page_says_that_the_file_is_read_and_then_shows_what_it_would_do(
    world: World, sent: PayList, client: Client
) -> None:
    client.force_login(world.cast.tono)
    path = reverse("disbursements:upload", args=[sent.pk])
    page = client.post(path, {"file": SimpleUploadedFile("h.csv", table(sent))}, follow=True)
    words = page.content.decode()
    file = ResultFile.objects.get()
    home = reverse("disbursements:result", args=[file.pk])
    assert page.redirect_chain[-1][0] == home
    assert "dibaca di latar" in words
    assert job_of(file).title in words
    assert "Terapkan" not in words
    assert "Sedang dibaca" in words
    run(file.job)
    words = client.get(home).content.decode()
    assert "Terapkan 5 baris" in words
    assert "Perkiraan; belum ada yang diterapkan" in words
    ResultFile.objects.all().update(state=ResultState.REFUSED)
    junk = SimpleUploadedFile("h.csv", csv_bytes(("a",), [("b",)] * 9))
    client.post(path, {"file": junk})
    bad = ResultFile.objects.latest("pk")
    job = failed(job_of(bad))
    words = client.get(reverse("disbursements:result", args=[bad.pk])).content.decode()
    assert job.error_code in words
    assert path in words, "where it is handed in again"


def test_a_large_statement_has_its_page_while_it_is_read(
    world: World, sent: PayList, client: Client
) -> None:
    client.force_login(world.cast.tono)
    data = camt([move_of(line) for line in lines_of(sent)])
    path = reverse("disbursements:statement_upload")
    page = client.post(path, {"file": SimpleUploadedFile("k.xml", data)}, follow=True)
    words = page.content.decode()
    assert "dibaca di latar" in words
    assert "Tidak ada daftar yang menunggu" not in words, "nobody knows yet"
    file = ResultFile.objects.get(pay_list=None)
    run(file.job)
    words = client.get(reverse("disbursements:result", args=[file.pk])).content.decode()
    assert sent.number in words
    later = file.uploaded_at + timedelta(days=8)
    assert results.clear_old_rows(at=later) == 0, "nothing of it was staged"
