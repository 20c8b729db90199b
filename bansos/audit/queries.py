"""Reads of the trail: the timeline of one record, in sentences."""

from __future__ import annotations

from typing import Any

from django.db import models

from bansos.audit.models import Event
from bansos.lib import parts

# Verb -> sentence; each app adds its own at start (see `tell`).
SENTENCES: dict[str, Any] = {}


def tell(sentences: dict[str, Any]) -> None:
    """An app names its verbs in words: {"programs.submit": _("Usulan diajukan")}."""
    SENTENCES.update(sentences)


def sentence(verb: str) -> str:
    """The verb in words; the verb itself when no app has named it."""
    return str(SENTENCES.get(verb, verb))


def timeline_of(target: models.Model, *, limit: int = 100) -> list[parts.Event]:
    """The newest events of a record, newest first, as the timeline component wants them."""
    rows = Event.objects.filter(
        target_type=target._meta.label_lower, target_id=str(target.pk)
    ).order_by("-pk")[:limit]
    return [
        parts.Event(at=row.at, title=sentence(row.verb), by=row.actor_name, text=row.reason)
        for row in rows
    ]
