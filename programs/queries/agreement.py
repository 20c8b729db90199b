"""Whether the two engines of criteria agree about whom an act is about to bind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from os.path import commonprefix

from beneficiaries.models import Payee
from programs.choices import Answer
from programs.models import Enrolment, ProgrammeVersion
from programs.queries.compiled import compile_for_proposals
from programs.queries.counting import answers_of
from programs.queries.facts import reference_day
from programs.rules import CriterionResult, sentence_of, verdict

SAID = {True: Answer.YES, False: Answer.NO, None: Answer.UNKNOWN}
# Known to be dead, asked or not: no criterion of the list says so.
LIVING = "Masih hidup"


def judged_apart(
    rows: Sequence[Enrolment],
    answers: Mapping[int, Sequence[CriterionResult]],
    *,
    version: ProgrammeVersion,
    today: date,
    observed: Mapping[int, Mapping[str, bool]] | None = None,
) -> dict[int, str]:
    """Enrolment id -> the first criterion that the compiled criteria answer otherwise.

    Compared is each criterion and the verdict, over the rows as they are stored; nobody is left
    out. `answers` are those of the judge for today, with the same `observed` (person id -> key of
    a field check -> what was seen). A query per kind of payee for any number of rows, besides
    those of the compiler.
    """
    found: dict[int, str] = {}
    for kind, part in _by_payee_kind(rows).items():
        compiled = compile_for_proposals(
            version.criteria,
            version=version,
            payee_kind=kind,
            # Lists are chosen by area: whoever has moved away is looked up in those of today.
            area_code=commonprefix([version.area_code, *(row.person.area_code for row in part)]),
            stage_date=reference_day(version, today=today),
            today=today,
            observed=observed or {},
        )
        said = answers_of(compiled, [row.pk for row in part])
        for row in part:
            if odd := _first_apart(version, said[row.pk], answers[row.pk]):
                found[row.pk] = odd
    return found


def _by_payee_kind(rows: Sequence[Enrolment]) -> dict[str, list[Enrolment]]:
    """Kind of the payee, "" for people themselves -> its rows."""
    ids = {row.payee_id for row in rows} - {None}
    kinds = dict(Payee.objects.filter(pk__in=ids).values_list("pk", "kind")) if ids else {}
    found: dict[str, list[Enrolment]] = {}
    for row in rows:
        found.setdefault(kinds.get(row.payee_id or 0, ""), []).append(row)
    return found


def _first_apart(
    version: ProgrammeVersion, said: Sequence[bool | None], results: Sequence[CriterionResult]
) -> str:
    """The first criterion answered otherwise; "" where both say the same. A death is added last."""
    whole, *nodes = [SAID[answer] for answer in said]
    for node, answer, result in zip(version.criteria, nodes, results, strict=False):
        if answer != result.answer:
            return sentence_of(node)
    return LIVING if whole != verdict(results) else ""
