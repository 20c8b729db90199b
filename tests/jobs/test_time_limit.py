"""A step that hangs: its job ends as failed, in words, with nothing stored, and may begin again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings as configured
from django.db import connection

from bansos.jobs import services as jobs
from bansos.jobs.choices import JobState
from bansos.jobs.models import Job
from bansos.lib import pulse
from disbursements.models import PayList
from disbursements.services import acting
from tests.cast import Cast
from tests.factories.disbursements import World, fresh, make_world, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast, settings: Any) -> World:
    """Two lines are a long list here."""
    settings.LONG_LIST_LINES = 2
    return make_world(cast, people=3)


def sleeps_in_a_statement() -> None:
    with connection.cursor() as db:
        db.execute("SELECT pg_sleep(20)")


def never_ends() -> None:
    while True:
        time.sleep(0.01)
        pulse.beat(1, 3)


def is_stopped_by_celery() -> None:
    raise SoftTimeLimitExceeded


def locked_and_hanging(hang: Callable[[], None]) -> dict[str, acting.Act]:
    """The locking, which does all its work and then hangs."""
    act = acting.ACTS["lock"]

    def work(**given: Any) -> PayList:
        row: PayList = act.work(**given)
        assert row.state == "locked"
        hang()
        return row

    return {"lock": replace(act, work=work)}


def ask(world: World, row: PayList) -> Job:
    job = acting.act(name="lock", pay_list=row, by=world.cast.budi, at=world.tick())
    assert job is not None
    return job


@pytest.mark.parametrize("hang", [sleeps_in_a_statement, never_ends, is_stopped_by_celery])
def test_an_act_that_hangs_has_failed_and_may_begin_again(
    world: World, settings: Any, hang: Callable[[], None]
) -> None:
    row = world.drawn()
    job = ask(world, row)
    settings.JOB_STEP_SECONDS = 2
    begun = time.monotonic()
    with patch.dict(acting.ACTS, locked_and_hanging(hang)):
        assert jobs.run_step(job_id=str(job.pk), at=world.tick()) is False
    assert time.monotonic() - begun < 15
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.FAILED, 1), "what hung once is not tried again"
    assert job.message.startswith("Pekerjaan dihentikan karena melewati batas waktu 1 menit.")
    assert job.error_code.startswith("PKJ-")
    kept = fresh(row)
    assert (kept.state, kept.locked_at, kept.content_hash) == ("draft", None, "")
    row.budget.refresh_from_db()
    assert row.budget.reserved == 0
    settings.JOB_STEP_SECONDS = 60
    assert run(ask(world, fresh(row))).state == JobState.DONE
    assert fresh(row).state == "locked"


def test_any_other_trouble_is_tried_again(world: World) -> None:
    job = ask(world, world.drawn())

    def trouble() -> None:
        raise ConnectionError("reset")

    with patch.dict(acting.ACTS, locked_and_hanging(trouble)):
        jobs.run_step(job_id=str(job.pk), at=world.tick())
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUEUED, 1)
    assert run(job).state == JobState.DONE


def test_the_limits_hold_one_another() -> None:
    """A step ends before its task does, and the task before the broker hands it to another."""
    from bansos.jobs.tasks import LONGEST_TURN

    soft, hard = configured.CELERY_TASK_SOFT_TIME_LIMIT, configured.CELERY_TASK_TIME_LIMIT
    broker = configured.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    assert configured.JOB_STEP_SECONDS + LONGEST_TURN < soft < hard < broker
