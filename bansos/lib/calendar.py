"""Bank days: weekdays that are no holiday. The holidays themselves are data of the office."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

import holidays

ONE_DAY = timedelta(days=1)
# Ten years cover any retention or warranty period; more is a wrong number, not a deadline.
MOST_DAYS = 3660


@dataclass(frozen=True)
class Holiday:
    """One day without bank service; `shared_leave` marks cuti bersama, which is often revised."""

    day: date
    name: str
    shared_leave: bool


def first_holidays(year: int) -> list[Holiday]:
    """National holidays and cuti bersama of a year, to fill the editable table the first time.

    From the package `holidays`; Islamic dates of coming years are estimates until the joint
    decree (SKB) is out, so the office must be able to correct them.
    """
    public = holidays.country_holidays("ID", years=year, language="id")
    everything = holidays.country_holidays(
        "ID", years=year, language="id", categories=("public", "government")
    )
    return [
        Holiday(day=day, name=name, shared_leave=day not in public)
        for day, name in sorted(everything.items())
    ]


def is_bank_day(day: date, closed: Collection[date]) -> bool:
    """Whether banks work: Monday to Friday and not among the `closed` days."""
    return day.weekday() < 5 and day not in closed


def next_bank_day(day: date, closed: Collection[date]) -> date:
    """The day itself when banks work, else the next day they do."""
    for count in range(MOST_DAYS):
        found = day + count * ONE_DAY
        if is_bank_day(found, closed):
            return found
    raise ValueError("No bank day within ten years: the calendar is wrong.")


def add_bank_days(day: date, count: int, closed: Collection[date]) -> date:
    """The date `count` bank days after (or before, when negative) the day, which does not count.

    Zero gives next_bank_day(). Raises ValueError beyond ten years.
    """
    if abs(count) > MOST_DAYS:
        raise ValueError("More bank days than a deadline can have.")
    if count == 0:
        return next_bank_day(day, closed)
    step = ONE_DAY if count > 0 else -ONE_DAY
    left = abs(count)
    found = day
    for _step in range(2 * MOST_DAYS):
        found += step
        left -= is_bank_day(found, closed)
        if not left:
            return found
    raise ValueError("Too few bank days within twenty years: the calendar is wrong.")


def bank_days_between(start: date, end: date, closed: Collection[date]) -> int:
    """Bank days after `start` up to and with `end`; negative when `end` is earlier.

    The same counting as add_bank_days(): what that adds, this finds.
    """
    if end < start:
        return -sum(is_bank_day(end + n * ONE_DAY, closed) for n in range((start - end).days))
    return sum(is_bank_day(start + n * ONE_DAY, closed) for n in range(1, (end - start).days + 1))
