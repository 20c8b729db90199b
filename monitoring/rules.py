"""Plain facts of monitoring: age groups, waiting times, numbers of reports, figures as read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from bansos.lib.money import number

# (youngest, oldest) in whole years; the last group has no end. 60 and 70 are the ages at which
# elderly programmes begin (UU 13/1998: 60; Juknis PKH Plus: 70).
AGE_GROUPS: tuple[tuple[int, int | None], ...] = (
    *((0, 17), (18, 44), (45, 59)),
    *((60, 69), (70, 79), (80, 89)),
    (90, None),
)
# (longest, in days after the SP2D) of the columns of the timeliness table.
WAIT_LIMITS = (10, 30)


@dataclass(frozen=True)
class Waits:
    """How long people waited for their money, in calendar days after the SP2D."""

    count: int
    median: int | None
    longest: int | None
    buckets: tuple[int, ...]


def waits(days_and_counts: Iterable[tuple[int, int]]) -> Waits:
    """Median, longest and columns (up to 10, up to 30, more) of (days, people) pairs."""
    ordered = sorted(days_and_counts)
    total = sum(count for _days, count in ordered)
    buckets = [0] * (len(WAIT_LIMITS) + 1)
    for days, count in ordered:
        buckets[sum(1 for limit in WAIT_LIMITS if days > limit)] += count
    if not total:
        return Waits(0, None, None, tuple(buckets))
    middle, seen, median = (total + 1) // 2, 0, ordered[-1][0]
    for days, count in ordered:
        seen += count
        if seen >= middle:
            median = days
            break
    return Waits(total, median, ordered[-1][0], tuple(buckets))


def report_number(sequence: int, office: str, year: int) -> str:
    """ "LAP/12/DINSOS/2026": the number of a monitoring report."""
    return f"LAP/{sequence}/{office}/{year}"


# "383.920", "383920", "0,82": dots part the thousands, a comma the decimals.
_FIGURE = re.compile(r"-?(\d{1,3}(\.\d{3})+|\d+)(,\d{1,2})?")


def figure_of(text: str) -> Decimal | None:
    """The number an officer typed, up to two decimals; None when it is none."""
    plain = text.strip()
    if not _FIGURE.fullmatch(plain):
        return None
    return Decimal(plain.replace(".", "").replace(",", "."))


def figure_words(value: Decimal, unit: str) -> str:
    """The number as it is read with its unit: "383.920 orang", "0,82%", "Rp4.500.000"."""
    plain = value.normalize()
    whole = plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain
    text = number(whole)
    if unit == "Rp":
        return f"Rp{text}"
    return f"{text}%" if unit == "%" else f"{text} {unit}"
