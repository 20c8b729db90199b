"""Reads of programmes for pages, letters, exports and the apps above."""

from __future__ import annotations

from programs.queries.catalogue import (
    QuotaLine,
    catalogue_of,
    quota_lines,
    quota_of,
    version_in_use,
)
from programs.queries.decrees import (
    Difference,
    DifferenceLine,
    decree_difference,
    decree_in_force,
)
from programs.queries.enrolments import (
    active_enrolments,
    latest_answers,
    moves_of,
    other_programmes,
    previous_enrolments,
    state_counts,
)
from programs.queries.facts import facts_for, reference_day
from programs.queries.people import PersonProgramme, programmes_of
from programs.queries.verification import (
    DistrictLine,
    queue_for,
    record_districts,
)

__all__ = [
    "Difference",
    "DifferenceLine",
    "DistrictLine",
    "PersonProgramme",
    "QuotaLine",
    "active_enrolments",
    "catalogue_of",
    "decree_difference",
    "decree_in_force",
    "facts_for",
    "latest_answers",
    "moves_of",
    "other_programmes",
    "previous_enrolments",
    "programmes_of",
    "queue_for",
    "quota_lines",
    "quota_of",
    "record_districts",
    "reference_day",
    "state_counts",
    "version_in_use",
]
