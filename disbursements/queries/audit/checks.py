"""What a check of the auditor is, what it finds, and how it is run: one SQL statement each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# A thousand breaches of one kind say no more than the first thousand.
MOST_OF_A_KIND = 1_000
_SCOPE = re.compile(r"SCOPE\(([a-z_.]+)\)")
_STANDING = re.compile(r"STANDING\(([a-z]+)\)")
# A word of the bank that two people took back counts no more; its row stays as it is.
_TAKEN_BACK = r"""NOT EXISTS (SELECT 1 FROM disbursements_deskdecision undo
    WHERE undo.row_id = \1.id AND undo.act = 'undo' AND undo.done_at IS NOT NULL)"""


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of breach: which promise it breaks, what it means, and the rows that show it.

    `sql` selects (area code, place, expected, found) of every breach; place is a number, a
    reference or a position, never personal data. A `quick` check reads heads and sums only and
    is run before every lock, cut to one budget line by SCOPE(column). STANDING(row) keeps the
    rows of bank answers that nobody took back.
    """

    promise: str
    key: str
    words: Any
    sql: str
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken promise: its code, the kind of breach, where, what should be there, what is."""

    promise: str
    check: str
    words: Any
    area_code: str
    place: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.promise} {self.place}: {self.words} ({self.expected} / {self.found})"


@dataclass(frozen=True, slots=True)
class Moment:
    """When the books are judged, and of which budget line (None: all)."""

    at: datetime
    budget_id: int | None = None


def run(check: Check, connection: Any, moment: Moment) -> Iterator[Breach]:
    """The breaches one check finds, at most MOST_OF_A_KIND."""
    sql = _SCOPE.sub(r"(%(budget)s::bigint IS NULL OR \1 = %(budget)s)", check.sql)
    sql = _STANDING.sub(_TAKEN_BACK, sql)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"at": moment.at, "budget": moment.budget_id})
        rows = cursor.fetchmany(MOST_OF_A_KIND)
    for area, place, expected, found in rows:
        yield breach(check, area, place, expected, found)


def breach(check: Check, area: Any, place: Any, expected: Any, found: Any) -> Breach:
    """What a check found, as text of bearable length."""
    return Breach(
        promise=check.promise,
        check=check.key,
        words=check.words,
        area_code=str(area or ""),
        place=str(place)[:120],
        expected=_text(expected),
        found=_text(found),
    )


def _text(value: Any) -> str:
    return "-" if value is None else str(value)[:120]
