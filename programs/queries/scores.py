"""Facts that other parts fill: scores of assessments, amounts already paid.

A source reads them for some people and, for millions, gives the same value as a scalar subquery
over the alias p (beneficiaries_person). The two must agree; the sources are few and tested.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from programs.models import ProgrammeVersion
from programs.queries.assessing import scores_for as assessment_scores
from programs.rules.dated_kinds import WHEN


@dataclass(frozen=True)
class ScoreSource:
    """Scores of people by their code.

    read(person ids, version, day) -> person id -> code -> score. `sql` may use the parameters
    %(score_version)s and %(score_on)s and holds {score} where the code belongs; NULL: no score.
    """

    read: Callable[[Sequence[int], ProgrammeVersion, date], Mapping[int, Mapping[str, Decimal]]]
    sql: str


@dataclass(frozen=True)
class PaidSource:
    """Rupiah a person was paid, ever or in one budget year.

    read(person ids) -> person id -> year -> amount. `sql` holds {year}: the placeholder of a
    year, NULL for all of them; it gives 0 where nothing was paid.
    """

    read: Callable[[Sequence[int]], Mapping[int, Mapping[int, Decimal]]]
    sql: str


SOURCES: list[ScoreSource] = []
PAID: list[PaidSource] = []


def scores_for(
    person_ids: Sequence[int], *, version: ProgrammeVersion, on: date
) -> dict[int, dict[str, Decimal]]:
    """Person id -> code -> score, of all sources; who has none is missing."""
    found: dict[int, dict[str, Decimal]] = {}
    for source in SOURCES:
        for person_id, scores in source.read(person_ids, version, on).items():
            found.setdefault(person_id, {}).update(scores)
    return found


def paid_for(person_ids: Sequence[int], *, year: int) -> dict[int, dict[str, Decimal]] | None:
    """Person id -> this_year, last_year, ever -> rupiah; None while nobody keeps payments."""
    if not PAID:
        return None
    found: dict[int, dict[str, Decimal]] = {}
    for source in PAID:
        for person_id, years in source.read(person_ids).items():
            row = found.setdefault(person_id, dict.fromkeys(WHEN, Decimal(0)))
            row["ever"] += sum(years.values(), Decimal(0))
            row["this_year"] += years.get(year, Decimal(0))
            row["last_year"] += years.get(year - 1, Decimal(0))
    return {pk: found.get(pk, {}) for pk in person_ids}


# The same for a person named p in a larger query.
ASSESSED = (
    "SELECT a.score FROM programs_assessment a JOIN programs_enrolment x ON x.id = a.enrolment_id"
    " WHERE x.person_id = p.id AND x.version_id = %(score_version)s AND a.form_code = {score}"
    " ORDER BY a.round DESC, a.id DESC LIMIT 1"
)


def assessed() -> ScoreSource:
    """The newest assessment of each form as a source of scores."""

    def read(
        person_ids: Sequence[int], version: ProgrammeVersion, _on: date
    ) -> dict[int, dict[str, Decimal]]:
        found = assessment_scores(person_ids, version)
        return {
            pk: {code: Decimal(score) for code, score in scores.items()}
            for pk, scores in found.items()
        }

    return ScoreSource(read=read, sql=ASSESSED)
