"""Rules of institutions: how long an accreditation lasts, who needs one, days of a month.

Source: Permensos 17/2012: A 5 years, B 3, C 2. A UPT belongs to the government and is not
accredited as an LKS.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from beneficiaries.choices import Grade, InstitutionKind

YEARS = {Grade.A: 5, Grade.B: 3, Grade.C: 2}
NEEDS_ACCREDITATION = (InstitutionKind.LKSA, InstitutionKind.LKS_LU, InstitutionKind.PANTI)


def last_valid_day(grade: Grade, granted_on: date) -> date:
    """The last day an accreditation holds: B of 10 March 2024 holds until 9 March 2027.

    A revocation ends it on its own day.
    """
    if grade not in YEARS:
        return granted_on
    year = granted_on.year + YEARS[grade]
    if (granted_on.month, granted_on.day) == (2, 29):
        return date(year, 2, 28)
    return granted_on.replace(year=year) - timedelta(days=1)


def month_of(day: date) -> tuple[date, date]:
    """First and last day of a day's month."""
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def days_between(first: date, last: date, start: date, end: date) -> int:
    """How many days of start..end lie in first..last, both ends counted; never below 0."""
    return max(0, (min(last, end) - max(first, start)).days + 1)
