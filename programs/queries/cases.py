"""Who has something open in a programme: what a registry list may touch before it is accepted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection

from beneficiaries.services.imports.weighing import OpenCase
from programs.choices import ENDED, EnrolmentState
from programs.queries.received import OWN, ROUTES, holds

RECEIVING = (EnrolmentState.DETERMINED, EnrolmentState.ACTIVE, EnrolmentState.SUSPENDED)
_OPEN = "x.state <> ALL(%(ended)s)"
_HELD = "x.state = ANY(%(receiving)s)"
# The next people first, each way by its own index: the list is read in parts of some hundreds.
_NEXT = (
    "(SELECT DISTINCT {person} AS id FROM {tables}, beneficiaries_person p"
    " WHERE p.id = {person} AND {person} > %(after)s AND starts_with(p.area_code, %(area)s)"
    " AND {open} ORDER BY 1 LIMIT %(limit)s)"
)
_CASE = (
    "SELECT {person} AS person_id, {version} AS version_id, {key} AS key, {held} AS held"
    " FROM next, {tables} WHERE {person} = next.id AND {open}"
)
_CASES = """
WITH next AS MATERIALIZED ({people} ORDER BY 1 LIMIT %(limit)s)
SELECT h.person_id, COUNT(*) FILTER (WHERE NOT h.held), COUNT(*) FILTER (WHERE h.held),
    string_agg(DISTINCT g.name, ', ')
FROM ({cases}) h
JOIN programs_programmeversion v ON v.id = h.version_id
JOIN programs_programme g ON g.id = v.programme_id
GROUP BY h.person_id ORDER BY h.person_id
"""


def _ways() -> Iterator[dict[str, str]]:
    """A place of one's own or answering for a payee; then every other way help reaches somebody."""
    yield {
        "tables": "programs_enrolment x", "person": "x.person_id", "version": "x.version_id",
        "open": _OPEN, "key": "x.id", "held": _HELD,
    }  # fmt: skip
    for route in ROUTES:
        if route.name == OWN:
            continue
        yield {
            "tables": route.tables, "person": route.person, "version": route.version,
            "open": holds(route, _OPEN),
            "key": "x.id" if route.behind else "-pl.id",
            "held": _HELD if route.behind else "TRUE",
        }  # fmt: skip


def open_cases(area_code: str, after: int, limit: int) -> list[OpenCase]:
    """The next people of an area with something open, by their ids; one query.

    Open is an enrolment that has not ended: their own, one they answer for, one of a group they
    are in or of a home they were counted in and still live in; and a premium that is paid.
    """
    sql = _CASES.format(
        people=" UNION ".join(_NEXT.format(**way) for way in _ways()),
        cases=" UNION ".join(_CASE.format(**way) for way in _ways()),
    )
    params: dict[str, Any] = {
        "area": area_code,
        "after": after,
        "limit": limit,
        "ended": [str(state) for state in ENDED],
        "receiving": [str(state) for state in RECEIVING],
    }
    with connection.cursor() as db:
        db.execute(sql, params)
        return [OpenCase(*row) for row in db.fetchall()]
