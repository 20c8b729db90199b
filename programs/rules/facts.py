"""What a criterion is judged by and what it answers: facts, findings, kinds with their settings.

Reasons and sources are Indonesian sentences because they are kept with the proposal and printed,
not translated per reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from programs.choices import Answer

REGISTER = "Berkas penerima"
FIELD_CHECK = "Verifikasi lapangan"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known about one candidate; None (or "") means that nobody knows.

    `stage_date` is the day ages are counted on; `observed` are the verifier's own answers to
    field checks, by the check's key.
    """

    stage_date: date
    birth_date: date | None = None
    sex: str = ""
    died_on: date | None = None
    death_source: str = ""
    desil: int | None = None
    in_dtsen: bool | None = None
    dtsen_source: str = ""
    in_regular_pkh: bool | None = None
    pkh_source: str = ""
    exclusion_codes: Sequence[str] | None = None
    exclusion_source: str = ""
    area_code: str = ""
    home_outside: str = ""
    others_in_family: int | None = None
    received: Sequence[str] | None = None
    group_size: int | None = None
    observed: Mapping[str, bool] = field(default_factory=dict)
    observed_source: str = ""


@dataclass(frozen=True)
class Finding:
    """The outcome of one look at the facts."""

    answer: Answer
    value: str
    reason: str
    source: str


@dataclass(frozen=True)
class CriterionResult:
    """One criterion answered: what a proposal keeps and a letter prints."""

    code: str
    label: str
    answer: Answer
    value: str
    reason: str
    source: str
    waivable: bool = False


@dataclass(frozen=True)
class Param:
    """One setting of a criterion: kind is int, ints (list), text, codes (list) or choice."""

    name: str
    label: str
    kind: str
    choices: tuple[tuple[str, str], ...] = ()


Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Criterion:
    """One kind of condition: its words, its settings, how it is judged."""

    code: str
    label: str
    params: tuple[Param, ...]
    words: Callable[[Settings], str]
    judge: Callable[[Facts, Settings], Finding]


def yes(value: str, reason: str, source: str) -> Finding:
    return Finding(Answer.YES, value, reason, source)


def no(value: str, reason: str, source: str) -> Finding:
    return Finding(Answer.NO, value, reason, source)


def unknown(reason: str, source: str) -> Finding:
    return Finding(Answer.UNKNOWN, "", reason, source)


def joined(values: Sequence[Any]) -> str:
    return ", ".join(str(value) for value in values)


def span(values: Sequence[int]) -> str:
    ordered = sorted(values)
    if len(ordered) > 1 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{ordered[0]}-{ordered[-1]}"
    return joined(ordered)
