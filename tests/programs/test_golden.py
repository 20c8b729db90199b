"""Every worked case of every programme, as the files in tests/golden/programmes say."""

from __future__ import annotations

import pytest

from bansos.demo.lines import LINES
from programs.choices import BenefitKind
from programs.services.loading import known_programmes
from tests.programs.golden import (
    COLUMNS,
    criteria_of,
    facts_of,
    files,
    judged,
    named_criteria,
    told,
)

LEAST = 25
OPEN = "Sumber tidak menyebut syarat"
CASES = [(code, case) for code, cases in files().items() for case in cases]


@pytest.mark.parametrize(("code", "case"), CASES, ids=[f"{c}: {r['kasus']}" for c, r in CASES])
def test_a_worked_case(code: str, case: dict[str, str]) -> None:
    assert judged(criteria_of(code), facts_of(case)) == (case["jawaban"], case["alasan"])


def test_every_programme_with_criteria_has_enough_cases() -> None:
    """At least 25; fewer only where a file says that no source tells more criteria."""
    found = files()
    services = {row.code for row in LINES if row.benefit == BenefitKind.SERVICE and not row.people}
    named = set(named_criteria()) - (services - {"GRATISPOL"})
    assert set(found) == named
    few = {code for code in named if len(found[code]) < LEAST}
    assert {code for code in named if OPEN in told(code)} == few
    assert not few & {row["code"] for row in known_programmes()}


@pytest.mark.parametrize("code", files())
def test_a_file_tells_all_three_answers_and_no_case_twice(code: str) -> None:
    cases = files()[code]
    assert {case["jawaban"] for case in cases} == {"ya", "tidak", "belum"}
    assert len({case["kasus"] for case in cases}) == len(cases)
    assert all(tuple(case) == COLUMNS for case in cases)
    assert all(bool(case["alasan"]) == (case["jawaban"] != "ya") for case in cases)
