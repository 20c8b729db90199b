"""Criteria of proposals answered by the judge, compared with the compiled SQL, and kept."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from bansos.lib.money import number as in_words
from programs.models import AskedCriteria, CriterionAnswer, Enrolment, ProgrammeVersion
from programs.queries.agreement import judged_apart
from programs.queries.enrolments import next_round
from programs.queries.facts import facts_for, reference_day
from programs.rules import CriterionResult, digest_of, evaluate, sentence

log = logging.getLogger(__name__)
MOST_SHOWN = 80


def answer_now(
    enrolments: Sequence[Enrolment],
    *,
    version: ProgrammeVersion,
    at: datetime,
    observed: dict[int, dict[str, bool]] | None = None,
    observed_source: str = "",
) -> dict[int, list[CriterionResult]]:
    """Enrolment id -> criteria answered from today's facts; nothing is stored.

    Facts are kept by person, and one person may answer for two homes or villages: these are asked
    about one after the other.
    """
    answers: dict[int, list[CriterionResult]] = {}
    for rows in _each_person_once(enrolments):
        facts = facts_for(
            [row.person for row in rows],
            version=version,
            today=day_of(at),
            observed=observed,
            observed_source=observed_source,
            payees={row.person_id: row.payee_id for row in rows},
        )
        answers |= {row.pk: evaluate(version.criteria, facts[row.person_id]) for row in rows}
    return answers


def _each_person_once(enrolments: Sequence[Enrolment]) -> list[list[Enrolment]]:
    """The rows in as few parts as it takes for nobody to stand twice in a part."""
    parts: list[dict[int, Enrolment]] = []
    for row in enrolments:
        part = next((part for part in parts if row.person_id not in part), None)
        if part is None:
            parts.append(part := {})
        part[row.person_id] = row
    return [list(part.values()) for part in parts]


def ask_and_keep(rows: Sequence[Enrolment], *, version: ProgrammeVersion, at: datetime) -> None:
    """A round of today's answers for stored proposals. Raises what keep_answers() raises."""
    keep_answers(rows, answer_now(rows, version=version, at=at), version=version, at=at)


def keep_answers(
    rows: Sequence[Enrolment],
    results: Mapping[int, Sequence[CriterionResult]],
    *,
    version: ProgrammeVersion,
    at: datetime,
    observed: Mapping[int, Mapping[str, bool]] | None = None,
) -> list[CriterionAnswer]:
    """Store a new round of answers of stored proposals with what was asked; earlier rounds stay.

    `results`: enrolment id -> its answers; `observed` as they were given to answer_now(). Raises
    Refused when the criteria compiled to SQL answer anybody otherwise: then nothing is stored,
    so every round stands for both. A constant number of queries for any number of rows.
    """
    today = day_of(at)
    if apart := judged_apart(rows, results, version=version, today=today, observed=observed):
        raise refused_apart(
            "ANSWER-APART",
            _(
                'Kriteria "%(criterion)s" dijawab berbeda oleh dua cara hitung untuk %(count)s'
                " usulan. Langkah ini tidak disimpan. Coba sekali lagi; bila tetap begini, laporkan"
                " kalimat ini ke pengelola sistem. Ini bukan kesalahan data Anda."
            ),
            apart,
        )
    rounds = next_round(list(results))
    asked = asked_criteria(version, at=at)
    stage_date = reference_day(version, today=today)
    return CriterionAnswer.objects.bulk_create(
        [
            CriterionAnswer(
                enrolment_id=enrolment_id,
                round=rounds[enrolment_id],
                code=result.code[:40],
                label=result.label[:2000],
                answer=result.answer,
                value=result.value[:500],
                reason=result.reason[:2000],
                source=result.source[:500],
                parts=[asdict(part) for part in result.parts],
                asked=asked,
                facts_on=today,
                stage_date=stage_date,
                answered_at=at,
            )
            for enrolment_id, answered in results.items()
            for result in answered
        ],
        batch_size=2000,
    )


def refused_apart(code: str, words: str, apart: Mapping[int, str]) -> Refused:
    """The refusal where the two engines differ: the manager finds the criterion in the log too.

    `words` hold %(criterion)s and %(count)s; `apart` is what judged_apart() found.
    """
    criterion = next(iter(apart.values()))
    log.error("%s: %d proposals, criterion %s", code, len(apart), criterion)
    short = Truncator(criterion).chars(MOST_SHOWN)
    return Refused(code, words % {"criterion": short, "count": in_words(len(apart))})


def asked_criteria(version: ProgrammeVersion, *, at: datetime) -> AskedCriteria:
    """The criteria of a version as they stand now, written once per wording."""
    row, _made = AskedCriteria.objects.get_or_create(
        version=version,
        digest=digest_of(list(version.criteria)),
        defaults={
            "criteria": version.criteria,
            "sentence": sentence(version.criteria),
            "recorded_at": at,
        },
    )
    return row
