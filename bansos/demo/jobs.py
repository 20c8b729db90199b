"""Waiting for background work: done here in the seed, by the real worker in the demo."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection
from django.utils import timezone

from bansos.celery import app
from bansos.jobs.choices import JobState
from bansos.jobs.models import Job
from bansos.jobs.services import run_step

GOOD = (JobState.DONE, JobState.DONE_WITH_NOTES)
PATIENCE = 300.0

Finish = Callable[[Job], Job]


class JobFailed(RuntimeError):
    """A job ended badly or not at all; the message names it."""


def take_statistics() -> None:
    """Tell Postgres what was filled, before lists are drawn of it.

    A whole seed can stand in one transaction (a test's does), whose rows autovacuum does not see:
    it may count the tables as empty, and the plan for three thousand lines in an empty table was
    seen to take minutes.
    """
    with connection.cursor() as db:
        db.execute("ANALYZE")


def run_here(job: Job) -> Job:
    """Do all steps of a job in this process (the seed has no worker and plays other days)."""
    app.loader.import_default_modules()  # the tasks name what does which kind of job
    while run_step(job_id=str(job.pk), at=timezone.now()):
        pass
    return _ended(job)


def _ended(job: Job) -> Job:
    job.refresh_from_db()
    if job.state not in GOOD:
        raise JobFailed(f"{job.kind}: {job.get_state_display()}. {job.message} {job.error_code}")
    return job


@dataclass
class Worker:
    """Waits until the real worker has ended a job; keeps how long each took."""

    patience: float = PATIENCE
    times: list[tuple[str, float]] = field(default_factory=list)
    seen: set[UUID] = field(default_factory=set)

    def __call__(self, job: Job) -> Job:
        """The ended job; raises JobFailed when it failed or nobody works."""
        limit = time.monotonic() + self.patience
        while time.monotonic() < limit:
            job.refresh_from_db()
            if not job.is_open:
                self._note(job)
                return _ended(job)
            time.sleep(0.1)
        raise JobFailed(f"{job.kind}: belum selesai sesudah {self.patience:.0f} detik.")

    def _note(self, job: Job) -> None:
        # A job's own stamps are those of its last step's start, so the wait is measured here.
        if job.pk not in self.seen:
            self.seen.add(job.pk)
            self.times.append((job.title, (timezone.now() - job.created_at).total_seconds()))
