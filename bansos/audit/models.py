"""Events that are only ever added, and the seals that chain them."""

from __future__ import annotations

from typing import Any

from django.db import models

from bansos.lib.scopes import AreaQuerySet


class Event(models.Model):
    """Who did what, when, to which record, and why.

    No foreign keys, on purpose: the trail must never hold back or follow the live data.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    at = models.DateTimeField(db_index=True)
    actor_id = models.BigIntegerField(null=True, db_index=True)
    actor_name = models.CharField(max_length=150)
    actor_role = models.CharField(max_length=40, blank=True)
    verb = models.CharField(max_length=80, db_index=True)
    target_type = models.CharField(max_length=80)
    target_id = models.CharField(max_length=40)
    area_code = models.CharField(max_length=13, blank=True, db_index=True)
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    objects = AreaQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["target_type", "target_id", "id"], name="audit_target")]

    def __str__(self) -> str:
        return f"{self.verb} {self.target_type} {self.target_id}"

    def fingerprint(self) -> dict[str, Any]:
        """What the seal covers: every column."""
        return {
            "id": self.pk,
            "at": self.at.isoformat(),
            "actor_id": self.actor_id,
            "actor_name": self.actor_name,
            "actor_role": self.actor_role,
            "verb": self.verb,
            "target_type": self.target_type,
            "target_id": self.target_id,
            "area_code": self.area_code,
            "reason": self.reason,
            "data": self.data,
        }


class Seal(models.Model):
    """One link of the hash chain: position, the event it covers, the hash before and after."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    position = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField(unique=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.position}:{self.hash[:12]}"
