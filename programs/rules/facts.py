"""What a criterion is judged by and what it answers: facts, findings, kinds with their settings.

Reasons and sources are Indonesian sentences because they are kept with the proposal and printed,
not translated per reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from programs.choices import Answer

REGISTER = "Berkas penerima"
FIELD_CHECK = "Verifikasi lapangan"


@dataclass(frozen=True)
class Grant:
    """A programme that was received: by the person, or by somebody of the same family card."""

    code: str
    year: int
    of_person: bool = True


@dataclass(frozen=True)
class PillarTerm:
    """One term as a social pillar (TKSK, Tagana, companion): whether it holds on the day asked.

    `load`: how many families or people are looked after, None where nobody wrote it down.
    """

    kind: str
    serves: bool = True
    certified: bool = False
    load: int | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known about one candidate; None (or "") means that nobody knows.

    `stage_date` is the day ages are counted on, `asked_on` the day the registries were asked
    (without one: the stage date), `year` the budget year; `observed` are the verifier's own
    answers to field checks, by the check's key. `lists`: kind of registry list -> in it; a list
    that was never loaded for the area is missing. `family_births`: of the living members, None
    for one nobody knows. `grants` are those of other versions, `family_grants` with those of the
    whole card. `paid`: "this_year", "last_year", "ever" -> rupiah. `accreditation`: the grade
    valid on the stage date, "" for none, None without an institution. `work_codes`: the regencies
    of the places of work that hold on the day asked. `in_institution`: lives in an institution on
    the day asked, None where no institution of the province names its residents. `scores` by their
    code. `pillars`: terms as a social pillar, past ones too. `members`: of the group that is
    asked, each with their name and what is known of them; None without a group or without members.
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
    # Kinds of exclusion lists that were there to look in.
    exclusion_kinds: Sequence[str] = ("exclusion",)
    area_code: str = ""
    home_outside: str = ""
    others_in_family: int | None = None
    received: Sequence[str] | None = None
    group_size: int | None = None
    observed: Mapping[str, bool] = field(default_factory=dict)
    observed_source: str = ""
    asked_on: date | None = None
    year: int | None = None
    dtsen_as_of: date | None = None
    lists: Mapping[str, bool] = field(default_factory=dict)
    list_sources: Mapping[str, str] = field(default_factory=dict)
    disabilities: Sequence[str] | None = None
    ppks: Sequence[str] | None = None
    relations: Sequence[int] | None = None
    family_births: Sequence[date | None] | None = None
    grants: Sequence[Grant] | None = None
    family_grants: Sequence[Grant] | None = None
    paid: Mapping[str, Decimal] | None = None
    accreditation: str | None = None
    work_codes: Sequence[str] | None = None
    in_institution: bool | None = None
    pillars: Sequence[PillarTerm] | None = None
    scores: Mapping[str, Decimal] = field(default_factory=dict)
    members: Sequence[tuple[str, Facts]] | None = None


@dataclass(frozen=True)
class Part:
    """One condition inside a group, answered: what is kept to show the group again as it was."""

    depth: int
    code: str
    label: str
    answer: Answer
    value: str = ""
    reason: str = ""
    source: str = ""


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
    parts: Sequence[Part] = ()


@dataclass(frozen=True)
class Param:
    """One setting of a criterion.

    kind: int, ints (list), text, codes (list), choice, choices (list), areas (list), date,
    decimal (text of a number). An optional one may be left empty; `empty` is what it then holds.
    """

    name: str
    label: str
    kind: str
    choices: tuple[tuple[str, str], ...] = ()
    optional: bool = False
    hint: str = ""

    @property
    def empty(self) -> Any:
        """What a setting holds that nobody filled."""
        if self.kind in {"ints", "codes", "choices", "areas"}:
            return []
        return None if self.kind in {"int", "decimal"} else ""


Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Criterion:
    """One kind of condition: its words, its settings, how it is judged.

    `many`: may stand several times in one list with other settings. `threshold` names the setting
    whose steps a simulation may try.
    """

    code: str
    label: str
    params: tuple[Param, ...]
    words: Callable[[Settings], str]
    judge: Callable[[Facts, Settings], Finding]
    many: bool = False
    threshold: str = ""


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
