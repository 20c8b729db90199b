"""Decisions shown again as they were: what was asked, on which day, and how it was answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from programs.models import AskedCriteria, CriterionAnswer, Enrolment
from programs.rules import digest_of


@dataclass(frozen=True)
class Round:
    """All answers of one moment. `asked` is missing for answers from before it was kept."""

    number: int
    answered_at: datetime
    facts_on: date | None
    stage_date: date | None
    asked: AskedCriteria | None
    answers: Sequence[CriterionAnswer]
    # The version asks something else today.
    is_outdated: bool


def rounds_of(enrolment: Enrolment) -> list[Round]:
    """Every round of answers of a proposal, the newest first."""
    today = digest_of(list(enrolment.version.criteria))
    found: dict[int, list[CriterionAnswer]] = {}
    for row in enrolment.answers.select_related("asked").order_by("-round", "pk"):
        found.setdefault(row.round, []).append(row)
    return [_round(number, rows, today) for number, rows in found.items()]


def _round(number: int, rows: list[CriterionAnswer], today: str) -> Round:
    first = rows[0]
    return Round(
        number=number,
        answered_at=first.answered_at,
        facts_on=first.facts_on,
        stage_date=first.stage_date,
        asked=first.asked,
        answers=rows,
        is_outdated=first.asked is not None and first.asked.digest != today,
    )
