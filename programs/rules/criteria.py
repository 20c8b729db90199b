"""Criteria of a version answered: yes, no or unknown, each with the fact, a reason, its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from programs.choices import Answer
from programs.rules.basic_kinds import BASIC
from programs.rules.facts import REGISTER, Criterion, CriterionResult, Facts

CRITERIA: dict[str, Criterion] = {item.code: item for item in BASIC}


def identity_of(row: Mapping[str, Any]) -> str:
    """The code a version's criterion is stored under; field checks carry their key."""
    code = str(row["code"])
    return f"{code}:{row['params']['key']}" if code == "field_check" else code


def sentence_of(row: Mapping[str, Any]) -> str:
    """One criterion of a version in words; its own label wins over the built sentence."""
    label = str(row.get("label") or "")
    return label or CRITERIA[str(row["code"])].words(row.get("params") or {})


def sentences_of(criteria: Sequence[Mapping[str, Any]]) -> list[str]:
    """All criteria of a version in words, in order."""
    return [sentence_of(row) for row in criteria]


def evaluate(criteria: Sequence[Mapping[str, Any]], facts: Facts) -> list[CriterionResult]:
    """Answer every criterion of a version from the facts of one candidate, in order.

    No programme pays the dead: a known death answers "alive" with no, asked or not.
    `criteria` are rows {"code", "params", "label", "waivable"}. Raises KeyError on an unknown
    code: criteria_problems() keeps such rows out of a version.
    """
    asked = list(criteria)
    if facts.died_on is not None and all(row["code"] != "alive" for row in asked):
        asked.append({"code": "alive"})
    results = []
    for row in asked:
        found = CRITERIA[str(row["code"])].judge(facts, row.get("params") or {})
        results.append(
            CriterionResult(
                code=identity_of(row),
                label=sentence_of(row),
                answer=found.answer,
                value=found.value,
                reason=found.reason,
                source=found.source or REGISTER,
                waivable=bool(row.get("waivable")),
            )
        )
    return results


def failing(results: Sequence[CriterionResult]) -> list[CriterionResult]:
    """The criteria that are answered no and may not be waived by a field note."""
    return [r for r in results if r.answer == Answer.NO and not r.waivable]
