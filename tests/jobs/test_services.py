"""A job is a row: stepped, cancelled, failed, rung again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bansos.celery import app
from bansos.jobs import registry, services, tasks
from bansos.jobs.choices import JobState
from bansos.jobs.models import Job
from bansos.jobs.registry import Step
from bansos.lib.errors import Refused
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db
KIND = "tests.count"


@pytest.fixture
def handler() -> Iterator[list[int]]:
    """A job of three steps that writes down what it did."""
    done: list[int] = []

    def step(job: Job) -> Step:
        at = job.cursor.get("at", 0) + 1
        done.append(at)
        return Step(finished=at == 3, done=at, total=3, cursor={"at": at}, message=f"langkah {at}")

    registry.HANDLERS[KIND] = step
    yield done
    del registry.HANDLERS[KIND]


def submit(cast: Cast, **more: Any) -> Job:
    return services.submit(
        kind=KIND, title="Hitung", by=cast.budi, at=timezone.now(), params={}, **more
    )


def run(job: Job) -> Job:
    while services.run_step(job_id=str(job.pk), at=timezone.now()):
        pass
    job.refresh_from_db()
    return job


def test_it_goes_on_from_its_cursor_until_done(cast: Cast, handler: list[int]) -> None:
    job = run(submit(cast))
    assert handler == [1, 2, 3]
    assert (job.state, job.done, job.total) == (JobState.DONE, 3, 3)
    assert job.finished_at is not None


def test_a_finished_job_is_never_stepped_again(cast: Cast, handler: list[int]) -> None:
    job = run(submit(cast))
    assert services.run_step(job_id=str(job.pk), at=timezone.now()) is False
    assert handler == [1, 2, 3]


def test_cancel_takes_effect_before_the_next_step(cast: Cast, handler: list[int]) -> None:
    job = submit(cast)
    services.run_step(job_id=str(job.pk), at=timezone.now())
    services.cancel(job=job, by=cast.budi, at=timezone.now())
    assert run(job).state == JobState.CANCELLED
    assert handler == [1]


def test_an_ended_job_cannot_be_cancelled(cast: Cast, handler: list[int]) -> None:
    job = run(submit(cast))
    with pytest.raises(Refused):
        services.cancel(job=job, by=cast.budi, at=timezone.now())


def test_a_refusal_ends_the_job_with_its_sentence(cast: Cast, handler: list[int]) -> None:
    def refuse(job: Job) -> Step:
        raise Refused("T-1", "Berkas tidak terbaca. Tidak ada data yang berubah.")

    registry.HANDLERS[KIND] = refuse
    job = run(submit(cast))
    assert (job.state, job.error_code) == (JobState.FAILED, "T-1")
    assert job.message.startswith("Berkas tidak terbaca")


def test_an_unexpected_fault_is_tried_five_times_then_fails(cast: Cast, handler: list[int]) -> None:
    def fall(job: Job) -> Step:
        raise RuntimeError("gangguan")

    registry.HANDLERS[KIND] = fall
    job = submit(cast)
    for attempt in range(1, 6):
        job.refresh_from_db()
        assert job.is_open, attempt
        services.run_step(job_id=str(job.pk), at=timezone.now())
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "gangguan" not in job.message.removeprefix("Pekerjaan berhenti karena gangguan")


class Killed(BaseException):
    """No exception handler of ours hears it, as with a worker that the system ends."""


def dies(job: Job) -> Step:
    raise Killed


def dies_outside(job: Job) -> Step:
    def call() -> Any:
        raise Killed

    return Step(finished=False, cursor={"phase": "asked"}, outside=call, away=timedelta(0))


@pytest.mark.parametrize("step", [dies, dies_outside])
def test_a_job_that_takes_its_worker_with_it_does_not_go_round_for_ever(
    cast: Cast,
    handler: list[int],
    monkeypatch: pytest.MonkeyPatch,
    client: Client,
    step: Callable[[Job], Step],
) -> None:
    monkeypatch.setitem(registry.HANDLERS, KIND, step)
    monkeypatch.setitem(registry.PAGES, KIND, lambda job: "/penerima/")
    ended: list[str] = []
    monkeypatch.setitem(registry.FAILED, KIND, lambda job: ended.append(job.message))
    job = submit(cast)
    for attempt in range(1, services.MAX_ATTEMPTS + 1):
        with pytest.raises(Killed):
            services.run_step(job_id=str(job.pk), at=timezone.now())
        job.refresh_from_db()
        assert (job.is_open, job.attempts) == (True, attempt)
    assert services.run_step(job_id=str(job.pk), at=timezone.now()) is False
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert job.message.startswith("Pekerjaan dihentikan karena pengolahnya berhenti 5 kali")
    assert ended == [job.message]
    client.force_login(cast.budi)
    page = client.get(reverse("jobs:detail", args=[job.pk])).content.decode()
    assert 'href="/penerima/"' in page
    assert "Mulai lagi dari halamannya" in page


def test_a_step_that_ends_begins_the_count_anew(
    cast: Cast, handler: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    counting, job = registry.HANDLERS[KIND], submit(cast)
    for _step in range(2):
        monkeypatch.setitem(registry.HANDLERS, KIND, dies)
        for _attempt in range(services.MAX_ATTEMPTS - 1):
            with pytest.raises(Killed):
                services.run_step(job_id=str(job.pk), at=timezone.now())
        monkeypatch.setitem(registry.HANDLERS, KIND, counting)
        services.run_step(job_id=str(job.pk), at=timezone.now())
        job.refresh_from_db()
        assert (job.state, job.attempts) == (JobState.RUNNING, 0)


def test_who_cancelled_a_job_that_dies_has_cancelled_it(
    cast: Cast, handler: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = submit(cast)
    Job.objects.filter(pk=job.pk).update(attempts=services.MAX_ATTEMPTS)
    services.cancel(job=job, by=cast.budi, at=timezone.now())
    assert run(job).state == JobState.CANCELLED


def test_a_silent_job_is_rung_again(
    cast: Cast, handler: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []
    monkeypatch.setattr(services, "ring", lambda pk: rung.append(pk) or True)
    job = submit(cast)
    assert services.ring_waiting(at=timezone.now()) == 0
    assert services.ring_waiting(at=timezone.now() + timedelta(seconds=30)) == 1
    assert rung[-1] == str(job.pk)


def test_only_the_owner_sees_it(cast: Cast, handler: list[int]) -> None:
    job = submit(cast)
    assert Job.objects.visible_to(cast.budi).filter(pk=job.pk).exists()
    assert not Job.objects.visible_to(cast.ratna).filter(pk=job.pk).exists()


def test_a_long_job_steps_back_for_the_others(
    cast: Cast, handler: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []
    monkeypatch.setattr(services, "ring", lambda pk: rung.append(pk) or True)
    monkeypatch.setattr(tasks, "LONGEST_TURN", 0.0)
    job = submit(cast)
    tasks.run(str(job.pk))
    assert handler == [1]
    assert rung == [str(job.pk)]
    tasks.run(str(job.pk))
    tasks.run(str(job.pk))
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert rung == [str(job.pk)] * 2


@pytest.mark.django_db(transaction=True)
def test_a_wish_to_cancel_does_not_wait_for_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = make_cast()
    monkeypatch.setattr(services, "ring", lambda pk: True)
    stepping, wished = threading.Event(), threading.Event()

    def step(job: Job) -> Step:
        stepping.set()
        # Ends by itself after 5 seconds, so that a waiting wish shows as a late one.
        return Step(finished=False, message="tepat" if wished.wait(5) else "terlambat")

    monkeypatch.setitem(registry.HANDLERS, KIND, step)
    job = submit(cast)

    def work() -> None:
        services.run_step(job_id=str(job.pk), at=timezone.now())
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    assert stepping.wait(5)
    services.cancel(job=job, by=cast.budi, at=timezone.now())
    wished.set()
    worker.join()
    job.refresh_from_db()
    assert job.message == "tepat"
    assert services.run_step(job_id=str(job.pk), at=timezone.now()) is False
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_a_second_worker_leaves_a_job_that_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rung twice, a step is worked once: the second worker passes by, it does not wait."""
    worked: list[str] = []
    answers: list[bool] = []

    def second(job_id: str) -> None:
        try:
            answers.append(services.run_step(job_id=job_id, at=timezone.now()))
        finally:
            connection.close()

    def step(job: Job) -> Step:
        worked.append(threading.current_thread().name)
        if len(worked) == 1:
            other = threading.Thread(target=second, args=(str(job.pk),), daemon=True)
            other.start()
            other.join(20)
            assert not other.is_alive()
        return Step(finished=True, done=1, total=1)

    monkeypatch.setattr(services, "ring", lambda pk: True)
    monkeypatch.setitem(registry.HANDLERS, KIND, step)
    # The lock on the row is asked here, not the one before it.
    monkeypatch.setattr(services, "_alone", lambda _job_id: nullcontext(True))
    job = run(submit(make_cast()))
    assert answers == [False]
    assert len(worked) == 1
    assert job.state == JobState.DONE


@pytest.mark.django_db(transaction=True)
def test_a_ring_between_counting_and_taking_counts_nothing(
    monkeypatch: pytest.MonkeyPatch, handler: list[int]
) -> None:
    """A crowd of rings is no worker that died: only who works the step counts its beginning."""
    count, answers, counted = services._count_attempt, [], []

    def second(job_id: str) -> None:
        try:
            answers.append(services.run_step(job_id=job_id, at=timezone.now()))
        finally:
            connection.close()

    def counting(job_id: str, at: datetime) -> bool:
        begun = count(job_id, at)
        if threading.current_thread() is threading.main_thread():
            other = threading.Thread(target=second, args=(job_id,), daemon=True)
            other.start()
            other.join(20)
            counted.append(Job.objects.get(pk=job_id).attempts)
        return begun

    monkeypatch.setattr(services, "ring", lambda pk: True)
    monkeypatch.setattr(services, "_count_attempt", counting)
    job = submit(make_cast())
    services.run_step(job_id=str(job.pk), at=timezone.now())
    assert (answers, counted) == ([False], [1])


def test_a_step_ends_when_it_ended(cast: Cast, handler: list[int]) -> None:
    job = submit(cast)
    begin = timezone.now()
    for minute in (1, 2, 3):
        end = begin + timedelta(minutes=minute)
        services.run_step(job_id=str(job.pk), at=begin, clock=lambda end=end: end)
    job.refresh_from_db()
    assert (job.started_at, job.finished_at) == (begin, begin + timedelta(minutes=3))


def test_a_message_stays_with_the_broker_until_its_work_ends() -> None:
    """Acknowledged when it is fetched, a message would be lost with the worker that fetched it."""
    own = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert tasks.run.name in own
    for name, task in own.items():
        assert (task.acks_late, task.reject_on_worker_lost) == (True, True), name
