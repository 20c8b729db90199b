"""Province > regency/city > district > village, by Kemendagri code."""

from __future__ import annotations

from typing import Any

from django.db import models

from bansos.lib.scopes import AreaQuerySet
from bansos.regions.choices import Level


class RegionQuerySet(AreaQuerySet):
    area_field = "code"

    def visible_to(self, user: Any) -> Any:
        """A user's own area downwards, and the regions above it."""
        area = getattr(user, "area_code", "")
        if not area:
            return self.none()
        above = [area[:length] for length in (2, 5, 8) if len(area) > length]
        return self.filter(models.Q(code__startswith=area) | models.Q(code__in=above))


class Region(models.Model):
    """One area. The Kemendagri code ("35.19.01.2001") is the key; BPS numbers differently."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    code = models.CharField(max_length=13, primary_key=True)
    name = models.CharField(max_length=100)
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.RESTRICT, related_name="children"
    )
    bps_code = models.CharField(max_length=10, blank=True, db_index=True)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)

    objects = RegionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["level", "name"], name="region_level_name")]

    def __str__(self) -> str:
        return self.name
