"""Whether the two engines of criteria agree about the people an act is about to bind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from programs.choices import Answer
from programs.models import Enrolment, ProgrammeVersion
from programs.queries.compiled import compile_criteria
from programs.queries.counting import verdicts_of
from programs.queries.facts import reference_day
from programs.rules import CriterionResult, verdict

SAID = {True: Answer.YES, False: Answer.NO, None: Answer.UNKNOWN}


def judged_apart(
    rows: Sequence[Enrolment],
    answers: Mapping[int, Sequence[CriterionResult]],
    *,
    version: ProgrammeVersion,
    today: date,
) -> list[int]:
    """Enrolment ids whom the compiled criteria answer otherwise than the judge of one person.

    One query for any number of people, besides those of the compiler. Payees are left out, and
    people who moved out of the province: the lists are chosen by its area. `answers` are those of
    today without anything observed.
    """
    asked = {
        row.person_id: row
        for row in rows
        if row.payee_id is None and row.person.area_code.startswith(version.area_code)
    }
    if not asked:
        return []
    compiled = compile_criteria(
        version.criteria,
        version=version,
        area_code=version.area_code,
        stage_date=reference_day(version, today=today),
        today=today,
    )
    if compiled.subject != "p":
        return []
    found = verdicts_of(compiled, list(asked))
    return [row.pk for pk, row in asked.items() if SAID[found.get(pk)] != verdict(answers[row.pk])]
