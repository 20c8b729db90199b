"""Dated hand-overs of registry lists: DTSEN, PKH, deaths, exclusions."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from bansos.accounts.models import User
from bansos.lib.scopes import AreaQuerySet
from beneficiaries.choices import KeyKind, SnapshotKind


class SnapshotQuerySet(AreaQuerySet):
    def visible_to(self, user: Any) -> Any:
        """Snapshots of the user's area, and those of the areas above that hold for it too."""
        area = getattr(user, "area_code", "")
        if not area or not user.is_active:
            return self.none()
        above = [area[:length] for length in (2, 5, 8) if len(area) > length]
        return self.filter(Q(area_code__startswith=area) | Q(area_code__in=above))


class Snapshot(models.Model):
    """A dated hand-over of a registry list. Its rows are facts of that day, never edited."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    kind = models.CharField(max_length=12, choices=SnapshotKind.choices)
    label = models.CharField(max_length=80)
    as_of = models.DateField()
    source = models.CharField(max_length=150)
    bast_number = models.CharField(max_length=80, blank=True)
    bast_date = models.DateField(null=True)
    area_code = models.CharField(max_length=13, db_index=True)
    row_count = models.PositiveIntegerField(default=0)
    # A list still being loaded in steps answers nobody.
    is_complete = models.BooleanField(default=False)
    loaded_at = models.DateTimeField()
    loaded_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "label", "area_code"], name="snapshot_label_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.label}"

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("beneficiaries:snapshot", args=[self.pk])


class SnapshotEntry(models.Model):
    """One row of a snapshot, kept by blind index only."""

    PERSONAL_FIELDS = ("key_index",)

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="entries")
    key_kind = models.CharField(max_length=3, choices=KeyKind.choices)
    key_index = models.CharField(max_length=64)
    desil = models.PositiveSmallIntegerField(null=True)
    code = models.CharField(max_length=40, blank=True)
    happened_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["key_index", "snapshot"], name="entry_key")]
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "key_kind", "key_index"], name="entry_once"
            ),
            models.CheckConstraint(
                name="entry_desil_1_10",
                condition=Q(desil=None) | Q(desil__gte=1, desil__lte=10),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot_id}:{self.pk}"
