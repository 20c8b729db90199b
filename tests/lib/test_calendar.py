"""Bank days around weekends and holidays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bansos.lib.calendar import (
    add_bank_days,
    bank_days_between,
    first_holidays,
    is_bank_day,
    next_bank_day,
)

CHRISTMAS = frozenset({date(2026, 12, 24), date(2026, 12, 25)})
days = st.dates(min_value=date(2024, 1, 1), max_value=date(2027, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),
        (date(2026, 11, 22), False),
        (date(2026, 11, 23), True),
        (date(2026, 12, 24), False),
        (date(2026, 12, 25), False),
    ],
)
def test_is_bank_day(day: date, works: bool) -> None:
    assert is_bank_day(day, CHRISTMAS) is works


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 22), 1, date(2026, 11, 23)),
        (date(2026, 11, 23), 5, date(2026, 11, 30)),
        (date(2026, 12, 23), 1, date(2026, 12, 28)),
        (date(2026, 12, 24), 0, date(2026, 12, 28)),
        (date(2026, 12, 23), 0, date(2026, 12, 23)),
        (date(2026, 12, 28), -1, date(2026, 12, 23)),
        (date(2026, 11, 22), -1, date(2026, 11, 20)),
    ],
)
def test_add_bank_days(start: date, count: int, end: date) -> None:
    assert add_bank_days(start, count, CHRISTMAS) == end


@given(days, st.integers(min_value=1, max_value=60))
def test_between_counts_what_add_added(start: date, count: int) -> None:
    end = add_bank_days(start, count, CHRISTMAS)
    assert is_bank_day(end, CHRISTMAS)
    assert bank_days_between(start, end, CHRISTMAS) == count


@given(days, days)
def test_between_is_antisymmetric_on_bank_days(one: date, two: date) -> None:
    first, second = next_bank_day(one, CHRISTMAS), next_bank_day(two, CHRISTMAS)
    there, back = (
        bank_days_between(first, second, CHRISTMAS),
        bank_days_between(second, first, CHRISTMAS),
    )
    assert there == -back


def test_a_calendar_without_bank_days_is_an_error_not_a_loop() -> None:
    start = date(2026, 1, 1)
    closed = frozenset(start + timedelta(days=n) for n in range(-8000, 8000))
    with pytest.raises(ValueError):
        next_bank_day(start, closed)
    with pytest.raises(ValueError):
        add_bank_days(start, 3, closed)
    with pytest.raises(ValueError):
        add_bank_days(start, 10**6, frozenset())


def test_first_filling() -> None:
    filling = {holiday.day: holiday for holiday in first_holidays(2026)}
    assert filling[date(2026, 8, 17)].name == "Hari Kemerdekaan Republik Indonesia"
    assert not filling[date(2026, 8, 17)].shared_leave
    assert filling[date(2026, 12, 24)].shared_leave
    assert list(filling) == sorted(filling)
    assert len(filling) == 25
