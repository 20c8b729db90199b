"""Turns the clock back while training data plays what happened earlier this year."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone

WIB = ZoneInfo("Asia/Jakarta")


def moment(day: date, hour: int = 9) -> datetime:
    """That hour of the day in Jakarta."""
    return datetime.combine(day, time(hour), tzinfo=WIB)


@contextmanager
def on_day(day: date, hour: int = 9) -> Iterator[datetime]:
    """Everything that reads Django's clock inside sees that hour; yields it for `at=`.

    Only the seed uses it: dates on the letters and steps of the past months are then those of
    the past months, made by the same services as everything else.
    """
    at, real = moment(day, hour), timezone.now
    timezone.now = lambda: at  # type: ignore[assignment]
    try:
        yield at
    finally:
        timezone.now = real
