"""What a reader asks about: year, programme, area, period; always inside the reader's own area."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from bansos.regions.choices import Level
from bansos.regions.models import Region
from disbursements.models import LineSum, PaymentLine, RegencySum
from programs.choices import VersionState
from programs.models import ProgrammeVersion


@dataclass(frozen=True)
class Scope:
    """One question. No version = all programmes of the year; no dates = the whole programme year.

    `user` only narrows: rows outside the user's area never count, whatever `area_code` says.
    """

    user: Any
    year: int
    area_code: str
    version_id: int | None = None
    from_date: date | None = None
    until_date: date | None = None

    @property
    def area(self) -> str:
        """The narrower of the asked area and the user's own; "" when they do not overlap."""
        own = self.user.area_code
        if self.area_code.startswith(own):
            return self.area_code
        return own if own and own.startswith(self.area_code) else ""

    @property
    def is_province(self) -> bool:
        """True when a whole province is asked about."""
        return len(self.area) == 2

    @property
    def has_period(self) -> bool:
        """True when some days of the year are asked about, not the whole of it."""
        return self.from_date is not None or self.until_date is not None

    def within(self, field: str) -> dict[str, date]:
        """The period as a lookup on a date field; empty without a period."""
        found = {}
        if self.from_date is not None:
            found[f"{field}__gte"] = self.from_date
        if self.until_date is not None:
            found[f"{field}__lte"] = self.until_date
        return found

    def rows(self, manager: Any, version_path: str) -> Any:
        """Rows of the scope: visible to the user, in the area, of the programme and year."""
        rows = manager.visible_to(self.user).in_area(self.area)
        if not self.area:
            rows = rows.none()
        rows = rows.filter(**{f"{version_path}__year": self.year})
        if self.version_id is not None:
            rows = rows.filter(**{version_path: self.version_id})
        return rows

    def lines(self) -> Any:
        """Payment lines of the scope."""
        return self.rows(PaymentLine.objects, "pay_list__version")

    def sums(self, *, by_regency: bool = False) -> Any:
        """The kept sums of the scope's lines; their places are districts, none is smaller.

        `by_regency`: those of whole regencies, for a scope that cuts none.
        """
        kept: Any = RegencySum if by_regency else LineSum
        rows = kept.objects.filter(pay_list__version__year=self.year)
        area = self.area
        rows = rows.filter(place__startswith=area) if area else rows.none()
        if self.version_id is not None:
            rows = rows.filter(pay_list__version=self.version_id)
        return rows if self.user.is_active else rows.none()


def versions_for(user: Any, year: int | None = None) -> Any:
    """Programme versions that were ever in force, newest year first."""
    rows = (
        ProgrammeVersion.objects.visible_to(user)
        .exclude(state=VersionState.DRAFT)
        .select_related("programme")
        .order_by("-year", "programme__name", "-version")
    )
    return rows if year is None else rows.filter(year=year)


def years_for(user: Any) -> list[int]:
    """Years that have programmes, newest first."""
    return sorted(set(versions_for(user).values_list("year", flat=True)), reverse=True)


def areas_for(user: Any) -> list[tuple[str, str]]:
    """(code, name) of the areas a user may ask about: the own one and the level below it."""
    level = {2: Level.REGENCY, 5: Level.DISTRICT}.get(len(user.area_code))
    own = Region.objects.filter(code=user.area_code)
    below = Region.objects.filter(code__startswith=user.area_code, level=level or Level.DISTRICT)
    rows = (own | below).order_by("code").values_list("code", "name")
    return [(code, name) for code, name in rows]
