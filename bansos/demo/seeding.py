"""Fills an empty training installation, the same for the same number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bansos.audit import services as audit
from bansos.demo.offices import open_offices

Say = Callable[[str], object]


def seed(*, number: int, at: datetime, say: Say) -> None:
    """Agencies and users, then everything the three provinces have done so far this year."""
    users = open_offices(at=at)
    say(f"{len(users)} pengguna latihan.")
    audit.seal(at=at)
