"""Reads of the trail: the timeline of one record, in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from bansos.audit.models import Event

# Verb -> sentence; each app adds its own at start (see `tell`).
SENTENCES: dict[str, Any] = {}


def tell(sentences: dict[str, Any]) -> None:
    """An app names its verbs in words: {"programs.submit": _("Usulan diajukan")}."""
    SENTENCES.update(sentences)


@dataclass(frozen=True)
class Entry:
    """One line of a timeline."""

    at: datetime
    who: str
    role: str
    what: Any
    reason: str
    details: dict[str, Any]


def timeline_of(target: models.Model, *, limit: int = 100) -> list[Entry]:
    """The newest events of a record, newest first."""
    rows = Event.objects.filter(
        target_type=target._meta.label_lower, target_id=str(target.pk)
    ).order_by("-pk")[:limit]
    return [
        Entry(
            at=row.at,
            who=row.actor_name,
            role=row.actor_role,
            what=SENTENCES.get(row.verb, row.verb),
            reason=row.reason,
            details=row.data,
        )
        for row in rows
    ]
