"""The counter of a list too long to wait for: a worker opens and closes it, whole or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bansos.jobs import services as jobs
from bansos.jobs.choices import JobState
from bansos.jobs.models import CancelRequest, Job
from bansos.lib import pulse
from bansos.lib.errors import BadInput, NotAllowed, Stale
from disbursements.choices import LineState, ListState
from disbursements.models import CashCounter, PayList, ReturnCase
from disbursements.services import acting, moves
from disbursements.services.cash import counters
from tests.cast import Cast
from tests.factories.cash import cash_world, opened, paid, today
from tests.factories.disbursements import World, fresh, lines_of, run

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
    seen: list[tuple[int, int]] = []

    def told(_work: str, done: int, total: int) -> None:
        seen.append((done, total))
        if done == 2:
            CancelRequest.objects.create(job=job, by=job.owner, at=timezone.now())

    with (
        patch.object(jobs, "PULSE_SECONDS", 0),
        patch.object(counters, "AT_ONCE", 1),
        patch.object(pulse, "keep", told),
    ):
        jobs.run_step(job_id=str(job.pk), at=world.tick())
    job.refresh_from_db()
    assert (job.state, seen) == (JobState.CANCELLED, [(1, 4), (2, 4)])
    counter.refresh_from_db()
    assert counter.closed_at is None
    assert not ReturnCase.objects.exists()
    assert set(row.lines.values_list("state", flat=True)) == {LineState.SUBMITTED}


def test_opening_tells_how_far_it_is(world: World) -> None:
    row = world.with_sp2d()
    job = ask(world, "open_counter", row, world.cast.budi, **said(world))
    seen: list[int] = []
    with (
        patch.object(jobs, "PULSE_SECONDS", 0),
        patch.object(moves, "AT_ONCE", 1),
        patch.object(pulse, "keep", lambda _work, done, _total: seen.append(done)),
    ):
        run(job)
    assert seen[-4:] == [1, 2, 3, 4]


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
