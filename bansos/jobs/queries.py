"""Reads of jobs for the drawer and the job page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bansos.jobs.choices import TONES, JobState
from bansos.jobs.models import Job
from bansos.jobs.registry import PAGES
from bansos.lib import pulse
from bansos.lib.parts import JobCard, Word


def recent_jobs(user: Any, *, limit: int = 8) -> list[Job]:
    """The user's newest jobs."""
    return list(Job.objects.visible_to(user).order_by("-created_at", "pk")[:limit])


def open_count(user: Any) -> int:
    """How many of the user's jobs are still running."""
    # Counted here: a person has a handful, and every page of the product asks.
    return len(Job.objects.visible_to(user).open().values_list("pk"))


def is_at_work(kind: str, **params: Any) -> bool:
    """A job of this kind with these parameters has not ended, whoever owns it."""
    return bool(Job.objects.open().filter(kind=kind, params__contains=params).exists())


def frame(request: Any) -> dict[str, int]:
    """Context of every page: how many of my jobs still run."""
    known = getattr(request, "jobs_running", None)  # a page that shows them has counted them
    if known is not None:
        return {"jobs_running": known}
    user = getattr(request, "user", None)
    return {"jobs_running": open_count(user) if user and user.is_authenticated else 0}


def card(job: Job) -> JobCard:
    """A job as every screen shows it: state in words, progress, cancel, result."""
    ended_well = job.state in (JobState.DONE, JobState.DONE_WITH_NOTES)
    message, state, done, total = job.message, JobState(job.state), job.done, job.total
    told = pulse.kept(f"job:{job.pk}") if job.is_open else None
    if told is not None:
        state, done, total = JobState.RUNNING, *told
    again = PAGES[job.kind](job) if job.state == JobState.FAILED and job.kind in PAGES else ""
    if job.error_code:
        message = f"{message} {_('Kode')} {job.error_code}."
    return JobCard(
        title=job.title,
        word=Word(TONES[state], state.label),
        done=done,
        total=total,
        message=message,
        href=reverse("jobs:detail", args=[job.pk]),
        poll_href=reverse("jobs:progress", args=[job.pk]) if job.is_open else "",
        cancel_href=reverse("jobs:cancel", args=[job.pk]) if job.is_open else "",
        result_href=job.result_url if ended_well else again,
        result_label=_("Mulai lagi dari halamannya") if again else _("Buka hasil"),
        result_icon="arrow-right" if again else "download",
        finished=not job.is_open,
    )
