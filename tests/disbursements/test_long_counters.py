"""The counter of a list too long to wait for: a worker opens and closes it, whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bansos.jobs import services as jobs
from bansos.jobs.choices import JobState
from bansos.jobs.models import Job
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.lib.sheets.writing import csv_bytes
from disbursements.choices import LineState, ListState
from disbursements.models import (
    CashCounter,
    CashReceipt,
    CashRegister,
    PayList,
    ReturnCase,
    WaitingRegister,
)
from disbursements.services import acting, moves
from disbursements.services.cash import counters, handing_in, paying, registers
from tests.access_benefits import PNG
from tests.cast import Cast
from tests.factories.cash import HEADERS, cash_world, opened, paid, register_row, taken, today
from tests.factories.disbursements import World, fresh, lines_of, run
from tests.factories.jobs import heard

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast, settings: Any) -> World:
    """Four lines are a long list here."""
    settings.LONG_LIST_LINES = 2
    return cash_world(cast)


def said(world: World, **changes: str) -> dict[str, str]:
    days = {"opens_on": today(world), "closes_on": today(world) + timedelta(days=14)}
    return {"place": "Balai Desa", **{name: str(day) for name, day in days.items()}, **changes}


def ask(world: World, name: str, row: PayList, by: Any, **given: str) -> Job:
    job = acting.act(name=name, pay_list=row, by=by, at=world.tick(), **given)
    assert job is not None
    return job


def test_a_worker_opens_and_closes_the_counter(world: World) -> None:
    row = world.with_sp2d()
    job = ask(world, "open_counter", row, world.cast.budi, **said(world))
    assert fresh(row).state == ListState.SP2D, "nothing happens before the worker comes"
    assert run(job).state == JobState.DONE, job.message
    counter = CashCounter.objects.get()
    assert (counter.place, counter.opens_on) == ("Balai Desa", today(world))
    assert fresh(row).state == ListState.SENT
    paid(world, counter, lines_of(row)[0])
    with patch.object(counters, "AT_ONCE", 2):
        job = run(ask(world, "close_counter", fresh(row), world.cast.tono))
    assert job.state == JobState.DONE, job.message
    counter.refresh_from_db()
    assert counter.closed_by == world.cast.tono
    assert ReturnCase.objects.count() == 3
    states = sorted(row.lines.values_list("state", flat=True))
    assert states == [*[LineState.RETURNED] * 3, LineState.SETTLED]


def test_what_can_be_told_at_once_is_told_at_once(world: World) -> None:
    row, before = world.approved(), Job.objects.count()
    with pytest.raises(Stale):
        ask(world, "open_counter", row, world.cast.budi, **said(world))
    ready = world.with_sp2d(world.drawn(stage=world.stages[1]), number="SP2D-9")
    with pytest.raises(BadInput):
        ask(world, "open_counter", ready, world.cast.budi, **said(world, place=" "))
    with pytest.raises(NotAllowed):
        ask(world, "open_counter", ready, world.cast.aud, **said(world))
    assert Job.objects.count() == before + 1, "the drawing of the second list only"


def test_closing_tells_how_far_it_is_and_stops_without_a_trace(world: World) -> None:
    counter = opened(world)
    row = counter.pay_list
    job = ask(world, "close_counter", fresh(row), world.cast.tono)
    with patch.object(counters, "AT_ONCE", 1), heard(job, stop_at=2) as seen:
        jobs.run_step(job_id=str(job.pk), at=world.tick())
    job.refresh_from_db()
    assert (job.state, seen) == (JobState.CANCELLED, [(1, 4), (2, 4)])
    counter.refresh_from_db()
    assert counter.closed_at is None
    assert not ReturnCase.objects.exists()
    assert set(row.lines.values_list("state", flat=True)) == {LineState.SUBMITTED}


def test_a_few_hundred_lines_are_closed_by_a_worker(world: World, settings: Any) -> None:
    settings.LONG_LIST_LINES = 20_000
    many, few = PayList(count=501), PayList(count=500)
    assert acting.is_long(many, "close_counter")
    assert not acting.is_long(few, "close_counter")
    assert not acting.is_long(many, "open_counter"), "that is fast"
    assert not acting.is_long(many, "lock")
    assert acting.is_long(PayList(count=2_001), "lock")


def closing(world: World, monkeypatch: pytest.MonkeyPatch, settings: Any) -> CashCounter:
    """An open counter whose four lines are many to close, and few for all else."""
    settings.LONG_LIST_LINES = 20_000
    act = replace(acting.ACTS["close_counter"], at_once=3)
    monkeypatch.setitem(acting.ACTS, "close_counter", act)
    return opened(world)


def test_the_page_says_that_the_counter_is_closed_by_a_worker(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    counter = closing(world, monkeypatch, settings)
    home = reverse("disbursements:counter", args=[counter.pk])
    path = reverse("disbursements:counter_close", args=[counter.pk])
    client.force_login(world.cast.tono)
    page = client.post(path, follow=True)
    words = page.content.decode()
    assert page.redirect_chain[-1][0] == home
    assert "dikerjakan di latar" in words
    job = fresh(counter.pay_list).job
    assert job is not None
    assert job.title in words
    assert reverse("jobs:cancel", args=[job.pk]) in words
    assert words.count("Loket sedang dikerjakan di latar.") == 2, "both acts are off, with reason"
    again = client.post(path, follow=True).content.decode()
    assert "sedang dikerjakan di latar: Menutup loket" in again
    assert Job.objects.filter(params__act="close_counter").count() == 1, "a second press asks none"
    assert run(job).state == JobState.DONE
    words = client.get(home).content.decode()
    assert job.title not in words
    assert "sedang dikerjakan di latar" not in words
    assert "Loket ini sudah ditutup." in words
    assert ReturnCase.objects.count() == 4


def test_a_worker_that_dies_while_closing_leaves_the_counter_open_for_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    counter = closing(world, monkeypatch, settings)
    job = ask(world, "close_counter", fresh(counter.pay_list), world.cast.tono)
    with patch.object(counters.audit, "record", side_effect=RuntimeError("killed")):
        assert not jobs.run_step(job_id=str(job.pk), at=world.tick())
    counter.refresh_from_db()
    assert counter.closed_at is None
    assert not ReturnCase.objects.exists()
    assert set(counter.pay_list.lines.values_list("state", flat=True)) == {LineState.SUBMITTED}
    assert run(job).state == JobState.DONE
    counter.refresh_from_db()
    assert counter.closed_by == world.cast.tono
    assert ReturnCase.objects.count() == 4


def test_opening_tells_how_far_it_is(world: World) -> None:
    row = world.with_sp2d()
    job = ask(world, "open_counter", row, world.cast.budi, **said(world))
    with patch.object(moves, "AT_ONCE", 1), heard(job) as seen:
        run(job)
    assert [done for done, _total in seen[-4:]] == [1, 2, 3, 4]


def test_the_page_asks_a_worker(world: World, client: Client) -> None:
    row = world.with_sp2d()
    client.force_login(world.cast.budi)
    path = reverse("disbursements:counter_open", args=[row.pk])
    days = {name: f"{day[8:]}-{day[5:7]}-{day[:4]}" for name, day in said(world).items()}
    page = client.post(path, {**days, "place": "Balai Desa"}, follow=True)
    words = page.content.decode()
    assert "dikerjakan di latar" in words
    assert "Membuka loket" in words
    assert not CashCounter.objects.exists()
    job = fresh(row).job
    assert job is not None
    assert job.params["act"] == "open_counter"
    assert run(job).state == JobState.DONE


@pytest.fixture
def counter(world: World, monkeypatch: pytest.MonkeyPatch, settings: Any) -> CashCounter:
    """Open; two rows are a long register here."""
    monkeypatch.setattr(handing_in, "ROWS_AT_ONCE", 1)
    settings.LONG_LIST_LINES = 20_000
    return opened(world)


def table(world: World, counter: CashCounter, **odd: str) -> bytes:
    """The register of the first three payees; the last row is `odd`."""
    first, second, third, _last = lines_of(counter.pay_list)
    rows = [register_row(world, first), register_row(world, second)]
    return csv_bytes(HEADERS, [*rows, register_row(world, third, **odd)], delimiter=";")


def hand_in(
    world: World, counter: CashCounter, data: bytes, *, pages: bytes = PNG
) -> CashRegister | Job:
    return handing_in.hand_in(
        counter=counter,
        data=data,
        file_name="daftar.csv",
        pages=pages,
        by=world.cast.sari,
        at=world.tick(),
    )


def handed_in(world: World, counter: CashCounter, data: bytes) -> Job:
    job = hand_in(world, counter, data)
    assert isinstance(job, Job)
    return job


def test_a_short_register_is_recorded_while_its_officer_waits(
    world: World, counter: CashCounter
) -> None:
    line = lines_of(counter.pay_list)[0]
    made = hand_in(world, counter, csv_bytes(HEADERS, [register_row(world, line)], delimiter=";"))
    assert isinstance(made, CashRegister)
    assert made.count == 1


def test_a_worker_records_a_long_register_once(world: World, counter: CashCounter) -> None:
    data = table(world, counter)
    job = handed_in(world, counter, data)
    assert not CashReceipt.objects.exists(), "nothing happens before the worker comes"
    with pytest.raises(Refused, match="sedang dicatat di latar") as refused:
        hand_in(world, counter, data)
    assert refused.value.code == "CASH-TAKING"
    with pytest.raises(Refused, match="sedang dicatat di latar"):
        paid(world, counter, lines_of(counter.pay_list)[3])
    with pytest.raises(Refused, match="sedang dikerjakan di latar"):
        acting.act(
            name="close_counter", pay_list=counter.pay_list, by=world.cast.tono, at=world.tick()
        )
    job = run(job)
    assert (job.state, job.done, job.total) == (JobState.DONE, 3, 3), job.message
    made = CashRegister.objects.get()
    assert (made.count, made.uploaded_by) == (3, world.cast.sari)
    assert CashReceipt.objects.filter(register=made).count() == 3
    states = sorted(counter.pay_list.lines.values_list("state", flat=True))
    assert states == [*[LineState.SETTLED] * 3, LineState.SUBMITTED]
    assert not WaitingRegister.objects.exists(), "the bytes stand once, with the register"
    assert registers.open_pages(register=made, by=world.cast.sari, at=world.tick())[1] == PNG
    assert hand_in(world, counter, data) == made, "a second press records nothing"
    with pytest.raises(Refused, match="pindaian lain"):
        hand_in(world, counter, data, pages=PNG + b" lebih jelas")


def test_a_long_register_with_a_wrong_row_is_not_recorded_and_says_why(
    world: World, counter: CashCounter
) -> None:
    job = run(handed_in(world, counter, table(world, counter, amount="1")))
    assert job.state == JobState.DONE_WITH_NOTES
    assert "1 baris belum benar" in job.message
    assert not CashReceipt.objects.exists(), "no row of it"
    waiting = WaitingRegister.objects.get()
    assert "Baris 4" in waiting.refusal
    assert (waiting.sealed_table, waiting.sealed_pages) == (None, None), "nothing personal is kept"
    assert run(handed_in(world, counter, table(world, counter))).state == JobState.DONE
    assert not WaitingRegister.objects.exists()


def test_what_no_register_has_is_told_at_once(world: World, counter: CashCounter) -> None:
    before = Job.objects.count()
    with pytest.raises(BadInput, match="Pindaian"):
        hand_in(world, counter, table(world, counter), pages=b"")
    with pytest.raises(BadInput):
        hand_in(world, counter, csv_bytes(("Nama", "Alamat"), [("A", "B")] * 3, delimiter=";"))
    assert (Job.objects.count(), WaitingRegister.objects.count()) == (before, 0)


def test_a_worker_that_dies_in_between_leaves_nothing_and_the_next_one_records(
    world: World, counter: CashCounter
) -> None:
    job = handed_in(world, counter, table(world, counter))
    with patch.object(paying.chains, "settled", side_effect=RuntimeError("killed")):
        assert not jobs.run_step(job_id=str(job.pk), at=world.tick())
    assert not CashReceipt.objects.exists()
    assert not CashRegister.objects.exists()
    assert WaitingRegister.objects.get().sealed_table, "the next worker finds it"
    assert run(job).state == JobState.DONE
    assert CashReceipt.objects.count() == 3


def test_a_worker_that_always_dies_gives_up_and_keeps_nothing(
    world: World, counter: CashCounter, client: Client
) -> None:
    job = handed_in(world, counter, table(world, counter))
    with patch.object(paying.chains, "settled", side_effect=RuntimeError("killed")):
        for _time in range(jobs.MAX_ATTEMPTS):
            jobs.run_step(job_id=str(job.pk), at=world.tick())
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert not WaitingRegister.objects.exists()
    client.force_login(world.cast.sari)
    path = reverse("disbursements:counter", args=[counter.pk])
    words = client.get(path).content.decode()
    assert job.error_code in words
    assert path in words, "it is begun again from the counter"
    taken(world, counter, [], data=table(world, counter))
    assert job.error_code not in client.get(path).content.decode(), "and then it is forgotten"


def test_recording_tells_how_far_it_is_and_stops_without_a_trace(
    world: World, counter: CashCounter
) -> None:
    job = handed_in(world, counter, table(world, counter))
    with patch.object(paying, "AT_ONCE", 1), heard(job, stop_at=2) as seen:
        jobs.run_step(job_id=str(job.pk), at=world.tick())
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert seen[-2:] == [(1, 3), (2, 3)]
    assert not CashReceipt.objects.exists()
    assert not WaitingRegister.objects.exists(), "nothing personal is kept"
    assert set(counter.pay_list.lines.values_list("state", flat=True)) == {LineState.SUBMITTED}
    assert taken(world, counter, [], data=table(world, counter)).count == 3


def test_the_counter_shows_the_work_and_why_a_register_was_refused(
    world: World, counter: CashCounter, client: Client
) -> None:
    client.force_login(world.cast.sari)
    path = reverse("disbursements:counter_register", args=[counter.pk])
    home = reverse("disbursements:counter", args=[counter.pk])
    files = {
        "table": SimpleUploadedFile("daftar.csv", table(world, counter, amount="1")),
        "pages": SimpleUploadedFile("halaman.png", PNG),
    }
    page = client.post(path, files, follow=True)
    words = page.content.decode()
    assert page.redirect_chain[-1][0] == home
    assert "dicatat di latar" in words
    job = fresh(counter.pay_list).job
    assert job is not None
    assert job.title in words
    assert reverse("jobs:cancel", args=[job.pk]) in words, "whose job it is may stop it"
    client.force_login(world.cast.tono)
    words = client.get(home).content.decode()
    assert job.title in words
    assert reverse("jobs:cancel", args=[job.pk]) not in words
    run(job)
    words = client.get(home).content.decode()
    assert "tidak dicatat" in words
    assert "Baris 4" in words
