"""Steps of the import jobs, and the daily clearing away of what nobody decided on."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from bansos.jobs.models import Job
from bansos.jobs.registry import Step, handles
from beneficiaries.services import drafts, imports


@handles("beneficiaries.check_import", on_cancel=imports.cancel_check)
def check_import(job: Job) -> Step:
    """Check the next rows of a list."""
    return imports.check_step(job=job, today=timezone.localdate())


@handles("beneficiaries.accept_import", on_cancel=imports.cancel_accept)
def accept_import(job: Job) -> Step:
    """Put the next good rows of a list into the register."""
    return imports.accept_step(job=job, at=timezone.now())


@shared_task(name="beneficiaries.tasks.expire")
def expire(**kwargs: Any) -> int:
    """Clear away lists nobody decided on for 7 days and drafts untouched for 30."""
    now = timezone.now()
    return imports.expire(at=now) + drafts.delete_old_drafts(at=now)
