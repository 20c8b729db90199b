"""Which function does the steps of which kind of job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bansos.jobs.models import Job


@dataclass
class Step:
    """What one step did: the cursor to go on from, progress, and whether all is done.

    outside: a call beyond our database (a bank). It is made after this step's commit, in no
    transaction, and gives back the function that writes its answer in a transaction of its own.
    A crash between the two leaves the cursor of this step: the handler must then treat the call
    as in doubt. Nobody else takes the job for `away`, the longest the call may last.
    """

    finished: bool
    done: int = 0
    total: int = 0
    message: str = ""
    cursor: dict[str, Any] = field(default_factory=dict)
    result_url: str = ""
    notes: bool = False
    outside: Callable[[], Callable[[Job], Step]] | None = None
    away: timedelta = timedelta(seconds=45)


Handler = Callable[[Job], Step]
EndHandler = Callable[[Job], None]
HANDLERS: dict[str, Handler] = {}
CANCELLED: dict[str, EndHandler] = {}
FAILED: dict[str, EndHandler] = {}
# Where a job of this kind was begun, and is begun again when it failed.
PAGES: dict[str, Callable[[Job], str]] = {}


def handles(
    kind: str,
    *,
    on_cancel: EndHandler | None = None,
    on_failed: EndHandler | None = None,
    page: Callable[[Job], str] | None = None,
) -> Callable[[Handler], Handler]:
    """Register a step function: at most 500 lines or 2 seconds of work, no commit of its own.

    It runs inside the transaction that also moves the cursor, so a crash repeats one step at most.
    `on_cancel` and `on_failed` run in the transaction that ends the job that way. `page` gives the
    address where a job that failed can be begun again.
    """

    def register(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        if on_cancel:
            CANCELLED[kind] = on_cancel
        if on_failed:
            FAILED[kind] = on_failed
        if page:
            PAGES[kind] = page
        return handler

    return register
