"""The doorbell's two tasks: work on one job, ring the ones that wait."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from bansos.jobs import services


@shared_task(name="bansos.jobs.tasks.run")
def run(job_id: str, **kwargs: Any) -> None:
    """Step through the job until it is done, cancelled, failed or somebody else's."""
    while services.run_step(job_id=job_id, at=timezone.now()):
        pass


@shared_task(name="bansos.jobs.tasks.ring_waiting")
def ring_waiting(**kwargs: Any) -> int:
    """Ring again for every open job that stands still."""
    return services.ring_waiting(at=timezone.now())
