"""The scheduler's call that seals the chain."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from bansos.audit import services


@shared_task(name="bansos.audit.tasks.seal")
def seal(**kwargs: Any) -> int:
    """Chain what was recorded since the last call."""
    return services.seal(at=timezone.now())
