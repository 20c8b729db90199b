"""Whether the two engines of criteria agree about whom an act is about to bind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Max

from programs.choices import PAYEES, Answer
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
    """Enrolment ids whom the compiled criteria answer otherwise than the judge of one proposal.

    Two queries for any number of proposals, besides those of the compiler. Left out is who moved
    out of the province, because the lists are chosen by its area, and a payee with a newer proposal
    of the version, because the compiler asks whoever answers for it in that one. `answers` are
    those of today without anything observed.
    """
    here = [row for row in rows if row.person.area_code.startswith(version.area_code)]
    if version.payee_kind in PAYEES:
        asked = _newest_of_payees(here, version)
    else:
        asked = {row.person_id: row for row in here if row.payee_id is None}
    if not asked:
        return []
    compiled = compile_criteria(
        version.criteria,
        version=version,
        area_code=version.area_code,
        stage_date=reference_day(version, today=today),
        today=today,
    )
    found = verdicts_of(compiled, list(asked))
    return [row.pk for pk, row in asked.items() if SAID[found.get(pk)] != verdict(answers[row.pk])]


def _newest_of_payees(rows: Sequence[Enrolment], version: ProgrammeVersion) -> dict[int, Enrolment]:
    """Payee -> its row, where that is its newest proposal of the version."""
    payees = {row.payee_id for row in rows}
    proposals = Enrolment.objects.filter(version=version, payee__in=payees)
    newest = set(
        proposals.values("payee").annotate(newest=Max("pk")).values_list("newest", flat=True)
    )
    return {row.payee_id: row for row in rows if row.payee_id is not None and row.pk in newest}
