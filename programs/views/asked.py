"""Earlier decisions shown again as they were: what was asked, what was known, how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.parts import Check, Pair
from programs.models import CriterionAnswer
from programs.queries.answers import Round, rounds_of
from programs.views.answers import crumbs
from programs.views.proposals import check_of, find_enrolment


def _part(part: Mapping[str, Any]) -> Check:
    return check_of(part["answer"], part["label"], part["reason"], part["source"])


def shown_answer(row: CriterionAnswer) -> tuple[list[Check], list[Check]]:
    """An answer with those inside its group."""
    return (
        [check_of(row.answer, row.label, row.reason, row.source)],
        [_part(part) for part in row.parts],
    )


def _shown(item: Round) -> dict[str, Any]:
    pairs = [
        Pair(label=_("Dijawab"), value=item.answered_at),
        Pair(label=_("Data per tanggal"), value=item.facts_on),
        Pair(label=_("Usia dihitung pada"), value=item.stage_date),
        Pair(label=_("Sidik kriteria"), value=item.asked.digest if item.asked else ""),
    ]
    return {
        "round": item,
        "pairs": pairs,
        "sentence": item.asked.sentence if item.asked else "",
        "answers": [shown_answer(row) for row in item.answers],
    }


@requires(P.PROGRAM_VIEW)
@require_GET
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """Every round of answers of a proposal, the newest first, each with the criteria of its day."""
    row = find_enrolment(request, pk)
    steps = (
        (_("Usulan"), reverse("programs:proposals")),
        (str(row.version), reverse("programs:proposal", args=[row.pk])),
        (_("Jawaban kriteria"), ""),
    )
    context = {
        "enrolment": row,
        "rounds": [_shown(item) for item in rounds_of(row)],
        "crumbs": crumbs(*steps),
    }
    return render(request, "programs/answers.html", context)
