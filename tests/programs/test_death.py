"""No programme pays the dead, whether its criteria ask for it or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from programs.choices import Answer
from programs.rules import Facts, evaluate, failing

LIVING = Facts(birth_date=date(1950, 1, 1), stage_date=date(2026, 3, 15))
DEAD = replace(LIVING, died_on=date(2026, 2, 1), death_source="Daftar kematian Februari 2026")
AGE = [{"code": "min_age_on_stage", "params": {"age": 70}}]


def test_a_death_from_a_list_fails_unasked() -> None:
    (death,) = failing(evaluate(AGE, DEAD))
    assert (death.code, death.answer) == ("alive", Answer.NO)
    assert death.source == "Daftar kematian Februari 2026"


def test_it_is_answered_once_when_asked() -> None:
    codes = [result.code for result in evaluate([*AGE, {"code": "alive"}], DEAD)]
    assert codes == ["min_age_on_stage", "alive"]


def test_the_living_are_not_asked() -> None:
    assert [result.code for result in evaluate(AGE, LIVING)] == ["min_age_on_stage"]
