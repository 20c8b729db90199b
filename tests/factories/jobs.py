"""What a worker tells while it is at work, and a wish to stop it in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.utils import timezone

from bansos.jobs import services as jobs
from bansos.jobs.models import CancelRequest, Job
from bansos.lib import pulse


@contextmanager
def heard(job: Job, *, stop_at: int = 0) -> Iterator[list[tuple[int, int]]]:
    """Every (done, total) that is told inside; the owner cancels `job` at `stop_at`."""
    told: list[tuple[int, int]] = []

    def hear(_work: str, done: int, total: int) -> None:
        told.append((done, total))
        if done == stop_at:
            CancelRequest.objects.create(job=job, by=job.owner, at=timezone.now())

    with patch.object(jobs, "PULSE_SECONDS", 0), patch.object(pulse, "keep", hear):
        yield told
