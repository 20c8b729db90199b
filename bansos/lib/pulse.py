"""Long work in one transaction says how far it is, and hears that somebody wants it to stop.

What such work writes is seen by nobody before its end, so its progress stands in the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.core.cache import cache

KEPT_SECONDS = 300
Listener = Callable[[int, int], None]
_listener: ContextVar[Listener | None] = ContextVar("pulse", default=None)


class Stopped(Exception):
    """Raised by beat() when the work is to stop; its transaction is rolled back."""


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Hear every beat of the work inside; the listener may raise Stopped."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def beat(done: int, total: int) -> None:
    """`done` of `total` is worked; nothing happens while nobody listens.

    Raises Stopped when the work is to stop. Call it between statements, never inside one.
    """
    listener = _listener.get()
    if listener is not None:
        listener(done, total)


def keep(work: str, done: int, total: int) -> None:
    """Show how far `work` is to other processes."""
    cache.set(f"pulse:{work}", [done, total], KEPT_SECONDS)


def forget(work: str) -> None:
    """The work has ended."""
    cache.delete(f"pulse:{work}")


def kept(work: str) -> tuple[int, int] | None:
    """How far `work` said it is; None when it said nothing."""
    found = cache.get(f"pulse:{work}")
    return (int(found[0]), int(found[1])) if found else None
