"""What the person at the terminal reads: steps with their time, and a stop in one sentence."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopped(Exception):
    """Cannot go on; the message says what happened and what to do."""


def say(text: str = "") -> None:
    """One line to the terminal, at once."""
    print(text, flush=True)


def complain(text: str) -> None:
    """One line to the error stream, at once."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Says that a step began, and how long it took when it ended."""
    say(f"→ {title} ...")
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    if took >= 0.5:
        say(f"  selesai dalam {took:.1f} dtk")
