"""Reads for the home page, the dashboard and the reports."""

from __future__ import annotations

from monitoring.queries.annexes import CaseRow, ListRow
from monitoring.queries.figures import Figures, from_json, gather, to_json
from monitoring.queries.money import MoneyRow, StageRow
from monitoring.queries.people import AgeRow, StateRow
from monitoring.queries.reach import ReachRow
from monitoring.queries.references import Series, series_for
from monitoring.queries.scope import Scope, areas_for, versions_for, years_for
from monitoring.queries.timing import ReturnRow, TimeRow

__all__ = [
    "AgeRow",
    "CaseRow",
    "Figures",
    "ListRow",
    "MoneyRow",
    "ReachRow",
    "ReturnRow",
    "Scope",
    "Series",
    "StageRow",
    "StateRow",
    "TimeRow",
    "areas_for",
    "from_json",
    "gather",
    "series_for",
    "to_json",
    "versions_for",
    "years_for",
]
