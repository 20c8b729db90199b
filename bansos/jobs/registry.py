"""Which function does the steps of which kind of job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bansos.jobs.models import Job


@dataclass
class Step:
    """What one step did: the cursor to go on from, progress, and whether all is done."""

    finished: bool
    done: int = 0
    total: int = 0
    message: str = ""
    cursor: dict[str, Any] = field(default_factory=dict)
    result_url: str = ""
    notes: bool = False


Handler = Callable[[Job], Step]
CancelHandler = Callable[[Job], None]
HANDLERS: dict[str, Handler] = {}
CANCELLED: dict[str, CancelHandler] = {}


def handles(kind: str, *, on_cancel: CancelHandler | None = None) -> Callable[[Handler], Handler]:
    """Register a step function: at most 500 lines or 2 seconds of work, no commit of its own.

    It runs inside the transaction that also moves the cursor, so a crash repeats one step at most.
    """

    def register(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        if on_cancel:
            CANCELLED[kind] = on_cancel
        return handler

    return register
