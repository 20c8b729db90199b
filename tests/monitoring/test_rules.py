"""Ages at the edge and waiting times."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bansos.lib.dates import age_on, months_before
from monitoring.rules import AGE_GROUPS, report_number, waits


def test_age_groups_leave_no_gap() -> None:
    for (_young, oldest), (youngest, _old) in zip(AGE_GROUPS, AGE_GROUPS[1:], strict=False):
        assert oldest is not None
        assert youngest == oldest + 1
    assert AGE_GROUPS[0][0] == 0
    assert AGE_GROUPS[-1][1] is None


@given(
    st.dates(date(1900, 1, 1), date(1990, 1, 1)),
    st.dates(date(1990, 1, 2), date(2099, 12, 31)),
    st.integers(0, 90),
)
def test_years_before_agree_with_the_age(birth: date, on: date, years: int) -> None:
    assert (birth <= months_before(on, 12 * years)) is (age_on(birth, on) >= years)


def test_waits() -> None:
    found = waits([(40, 1), (2, 5), (10, 1), (11, 2)])
    assert (found.count, found.median, found.longest) == (9, 2, 40)
    assert found.buckets == (6, 2, 1)


def test_no_waits() -> None:
    found = waits([])
    assert (found.count, found.median, found.longest, found.buckets) == (0, None, None, (0, 0, 0))


@pytest.mark.parametrize(("pairs", "median"), [([(1, 1), (9, 1)], 1), ([(1, 1), (9, 2)], 9)])
def test_median_is_a_day_that_happened(pairs: list[tuple[int, int]], median: int) -> None:
    assert waits(pairs).median == median


def test_report_number() -> None:
    assert report_number(12, "DINSOS", 2026) == "LAP/12/DINSOS/2026"
