"""Reference figures as the dashboard shows them: one row per indicator, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from monitoring.models import ReferenceFigure
from monitoring.rules import figure_words


@dataclass(frozen=True)
class Series:
    """An indicator of one place: its newest figure, and the earlier ones in words."""

    newest: ReferenceFigure
    earlier: str

    @property
    def words(self) -> str:
        """The newest figure with its unit."""
        return figure_words(self.newest.value, self.newest.unit)


def series_for(user: Any, *, area_code: str) -> list[Series]:
    """The indicators of the province and of the asked area, by name."""
    rows = ReferenceFigure.objects.visible_to(user).filter(
        area_code__in={area_code[:2], area_code[:5]}
    )
    found: dict[tuple[str, str], list[ReferenceFigure]] = {}
    for row in rows.order_by("area_code", "indicator", "-as_of"):
        found.setdefault((row.area_code, row.indicator), []).append(row)
    return [Series(newest, _earlier(rest)) for newest, *rest in found.values()]


def _earlier(rows: list[ReferenceFigure]) -> str:
    return "; ".join(f"{row.period}: {figure_words(row.value, row.unit)}" for row in rows)
