"""Province > regency/city > district > village, by Kemendagri code."""

from __future__ import annotations

from typing import Any

from django.db import models

from bansos.lib.scopes import AreaQuerySet
from bansos.regions.choices import Certainty, HolidayKind, Level


class RegionQuerySet(AreaQuerySet):
    area_field = "code"

    def visible_to(self, user: Any) -> Any:
        """A user's own area downwards, and the regions above it."""
        area = getattr(user, "area_code", "")
        if not area:
            return self.none()
        above = [area[:length] for length in (2, 5, 8) if len(area) > length]
        field = self.area_field
        return self.filter(
            models.Q(**{f"{field}__startswith": area}) | models.Q(**{f"{field}__in": above})
        )


class HolidayQuerySet(RegionQuerySet):
    area_field = "area_code"


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


class Holiday(models.Model):
    """One day on which an office and its bank do not work: in a whole province or one regency.

    The office keeps its own calendar: joint leave is revised during the year and Islamic dates of
    coming years are estimates until the joint decree (SKB) is out.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    area_code = models.CharField(max_length=13, db_index=True)
    day = models.DateField()
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=HolidayKind.choices)
    certainty = models.CharField(max_length=10, choices=Certainty.choices)
    source = models.CharField(max_length=150)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area_code", "day"], name="holiday_once"),
            models.CheckConstraint(
                name="holiday_regency_is_regional",
                condition=models.Q(area_code__regex=r"^[0-9]{2}$")
                | models.Q(kind=HolidayKind.REGIONAL),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
