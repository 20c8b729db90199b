"""Every worked case of every programme, as the files in tests/golden/programmes say."""

from __future__ import annotations

import pytest

from programs.choices import BenefitKind
from programs.services.loading import known_fields
from tests.programs.case_table import PAGE, case_page
from tests.programs.golden import (
    COLUMNS,
    criteria_of,
    facts_of,
    files,
    judged,
    named_criteria,
    named_programmes,
    told,
)

LEAST = 25
# What the sources tell whole; of the others they tell less than a file of cases could ask.
COMPLETE = {
    *("PKHPLUS", "ASPD", "KEMISEM", "KIP", "KIP-PUTRI", "KIP-PPKS", "BLTROKOK"),
    *("JOSPOL4", "KUBE-15", "KUBE-35", "UEP"),
}
OPEN = "Sumber tidak menyebut syarat"
CASES = [(code, case) for code, cases in files().items() for case in cases]


@pytest.mark.parametrize(("code", "case"), CASES, ids=[f"{c}: {r['kasus']}" for c, r in CASES])
def test_a_worked_case(code: str, case: dict[str, str]) -> None:
    assert judged(criteria_of(code), facts_of(case)) == (case["jawaban"], case["alasan"])


def test_every_programme_with_criteria_has_enough_cases() -> None:
    """At least 25; fewer only where a file says that no source tells more criteria."""
    found = files()
    named = {code for code in named_criteria() if not asks_one_thing(code)}
    assert set(found) == named
    few = {code for code in named if len(found[code]) < LEAST}
    assert {code for code in named if OPEN in told(code)} == few
    assert not few & COMPLETE


def asks_one_thing(code: str) -> bool:
    """True of a service whose only criterion is what an officer finds."""
    fields = known_fields(*named_programmes()[code])
    asked = [row.get("code") for row in fields["criteria"]]
    return fields["benefit_kind"] == BenefitKind.SERVICE and asked == ["field_check"]


@pytest.mark.parametrize("code", files())
def test_a_file_tells_all_three_answers_and_no_case_twice(code: str) -> None:
    cases = files()[code]
    assert {case["jawaban"] for case in cases} == {"ya", "tidak", "belum"}
    assert len({case["kasus"] for case in cases}) == len(cases)
    assert all(tuple(case) == COLUMNS for case in cases)
    assert all(bool(case["alasan"]) == (case["jawaban"] != "ya") for case in cases)


def test_the_page_of_cases_tells_what_the_files_hold() -> None:
    """docs/kasus-program.md; tests/programs/case_table.py says how to write it anew."""
    assert PAGE.read_text(encoding="utf-8") == case_page()
