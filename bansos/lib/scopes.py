"""Where a user may look: querysets cut by region code, closed when nothing is said."""

from __future__ import annotations

from typing import Any, Protocol, Self

from django.db import models


class HasArea(Protocol):
    """A signed-in user (or a machine's token acting for one)."""

    is_active: bool
    area_code: str


class AreaQuerySet(models.QuerySet[Any]):
    """Rows that carry a region code; a subclass names the path to it."""

    area_field = "area_code"

    def visible_to(self, user: HasArea) -> Self:
        """Rows inside the user's area. A user without an area sees nothing."""
        area = getattr(user, "area_code", "")
        if not getattr(user, "is_active", False) or not area:
            return self.none()
        return self.filter(**{f"{self.area_field}__startswith": area})

    def in_area(self, code: str) -> Self:
        """Rows inside one region, by the prefix of its code."""
        return self.filter(**{f"{self.area_field}__startswith": code}) if code else self


def covers(user_area: str, code: str) -> bool:
    """True when the record's region code lies in the user's area."""
    return bool(user_area) and code.startswith(user_area)
