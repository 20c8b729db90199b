"""The doorbell's two tasks: work on one job, ring the ones that wait."""

from __future__ import annotations

import time
from typing import Any

from celery import shared_task
from django.utils import timezone

from bansos.jobs import services

# Far below the time limit of a task, so that no step of a long job is cut off; the other jobs
# get their turn.
LONGEST_TURN = 60.0


@shared_task(name="bansos.jobs.tasks.run")
def run(job_id: str, **kwargs: Any) -> None:
    """Step through the job until it is done, cancelled, failed or somebody else's.

    A long job steps back after a minute and rings again behind those that wait.
    """
    end = time.monotonic() + LONGEST_TURN
    while services.run_step(job_id=job_id, at=timezone.now(), clock=timezone.now):
        if time.monotonic() >= end:
            services.ring(job_id)
            return


@shared_task(name="bansos.jobs.tasks.ring_waiting")
def ring_waiting(**kwargs: Any) -> int:
    """Ring again for every open job that stands still."""
    return services.ring_waiting(at=timezone.now())
