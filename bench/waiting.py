"""How long somebody in front of a job waits: for news of it, and for its end after a cancel."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib import pulse

NEWS_SECONDS, CANCEL_SECONDS = 2.0, 5.0


@dataclass
class Waits:
    """Seconds: the longest silence of each kind of job, and what each cancel took."""

    silent: dict[str, float] = field(default_factory=dict)
    cancelled: dict[str, float] = field(default_factory=dict)

    def note(self, found: dict[str, float]) -> str:
        """Each kind with its seconds."""
        return "; ".join(f"{kind} {seconds:.1f} s" for kind, seconds in found.items())


WAITS = Waits()


def warm() -> None:
    """What a worker has loaded before its first job: every address, and so every page behind it."""
    reverse("disbursements:list", args=[1])


@contextmanager
def listening(kind: str) -> Iterator[None]:
    """Every sign of progress others can see: a step that ended, a beat that was kept."""
    last = time.perf_counter()
    keep = pulse.keep

    def seen() -> None:
        nonlocal last
        now = time.perf_counter()
        WAITS.silent[kind] = max(WAITS.silent.get(kind, 0.0), now - last)
        last = now

    def kept(work: str, done: int, total: int) -> None:
        keep(work, done, total)
        seen()

    with patch.object(pulse, "keep", kept):
        yield
        seen()


def finish(job: Job | None, *, kind: str) -> None:
    """Every step of a job, as the worker does them. Raises RuntimeError unless it is done."""
    if job is None:
        raise ValueError("Nothing to work on.")
    more = True
    while more:
        with listening(kind):
            more = jobs.run_step(job_id=str(job.pk), at=timezone.now())
    job.refresh_from_db()
    if job.state not in {"done", "notes"}:
        raise RuntimeError(f"{job.kind}: {job.state} {job.message}")


def cancel(job: Job | None, *, kind: str, after: float) -> None:
    """Work on a job until its owner cancels it `after` so many seconds; keep what that took."""
    if job is None:
        raise ValueError("Nothing to cancel.")
    asked: list[float] = []

    def ask() -> None:
        try:
            asked.append(time.perf_counter())
            jobs.cancel(job=job, by=job.owner, at=timezone.now())
        finally:
            connection.close()

    clock = threading.Timer(after, ask)
    clock.start()
    while jobs.run_step(job_id=str(job.pk), at=timezone.now()):
        pass
    ended = time.perf_counter()
    clock.join()
    job.refresh_from_db()
    if job.state != "cancelled":
        raise RuntimeError(f"{job.kind} was {job.state} before it could be cancelled.")
    WAITS.cancelled[kind] = ended - asked[0]
