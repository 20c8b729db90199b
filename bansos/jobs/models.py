"""Background work as rows: the row is the truth, the broker only rings the bell."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Q

from bansos.accounts.models import User
from bansos.jobs.choices import OPEN_STATES, TONES, JobState


class JobQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Any:
        """A user's own jobs."""
        return self.filter(owner_id=user.pk) if user.is_active else self.none()

    def open(self) -> Any:
        """Jobs still to be finished."""
        return self.filter(state__in=OPEN_STATES)


class Job(models.Model):
    """One piece of work: kind, parameters (ids only), cursor, progress, result."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60, db_index=True)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=JobState.choices, default=JobState.QUEUED)
    params = models.JSONField(default=dict)
    cursor = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    error_code = models.CharField(max_length=20, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    result_url = models.CharField(max_length=300, blank=True)
    owner = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="jobs")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    stepped_at = models.DateTimeField(null=True)
    rung_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    away_until = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["rung_at"], name="job_open", condition=Q(state__in=OPEN_STATES)),
            models.Index(fields=["owner", "-created_at"], name="job_owner"),
        ]
        constraints = [
            models.CheckConstraint(
                name="job_finished_when_ended",
                condition=Q(state__in=OPEN_STATES, finished_at=None)
                | Q(finished_at__isnull=False) & ~Q(state__in=OPEN_STATES),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def is_open(self) -> bool:
        """True until the job has ended."""
        return self.state in OPEN_STATES

    @property
    def tone(self) -> str:
        """Colour tone of the state, for the badge."""
        return TONES[JobState(self.state)]

    @property
    def percent(self) -> int:
        """Whole percent done."""
        return min(100, self.done * 100 // self.total) if self.total else 0


class CancelRequest(models.Model):
    """A wish to stop; apart from the job row so that it never waits for the worker's lock."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    job = models.OneToOneField(
        Job, primary_key=True, on_delete=models.CASCADE, related_name="cancel_request"
    )
    by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.job_id)
