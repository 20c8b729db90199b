"""Reads of jobs for the drawer and the job page."""

from __future__ import annotations

from typing import Any

from bansos.jobs.models import Job


def recent_jobs(user: Any, *, limit: int = 8) -> list[Job]:
    """The user's newest jobs."""
    return list(Job.objects.visible_to(user).order_by("-created_at")[:limit])


def open_count(user: Any) -> int:
    """How many of the user's jobs are still running."""
    return int(Job.objects.visible_to(user).open().count())
