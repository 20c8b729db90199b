"""Work on thousands of rows: a cursor with the settings it needs, and an undisturbed Python."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def bulk_cursor() -> Iterator[Any]:
    """A cursor whose statements find a few thousand rows by key, until its transaction ends.

    A step over 5,000 of a million rows is planned by guesses, because the statistics are older
    than the rows: compiling its expressions took 8 s for 50 ms of work (jit), and hashing whole
    tables anew in every step grows with the square of the list. So both are off here, and helpers,
    which take longer to start than a step takes.
    """
    with _cursor("off", helpers="0") as db:
        yield db


@contextmanager
def whole_cursor() -> Iterator[Any]:
    """A cursor whose statements read thousands of rows against each other, without any key.

    The settings of a bulk_cursor() before it in the transaction would compare each with each.
    """
    with _cursor("on", helpers="DEFAULT") as db:
        yield db


@contextmanager
def _cursor(whole: str, *, helpers: str) -> Iterator[Any]:
    with transaction.atomic(), connection.cursor() as db:
        db.execute(
            f"SET LOCAL jit = off; SET LOCAL enable_hashjoin = {whole};"
            f" SET LOCAL enable_mergejoin = {whole}; SET LOCAL enable_seqscan = {whole};"
            " SET LOCAL random_page_cost = 1.1;"
            f" SET LOCAL max_parallel_workers_per_gather = {helpers}"
        )
        yield db


@contextmanager
def no_sweeps() -> Iterator[None]:
    """Read rows without Python looking for objects that hold each other in a circle.

    Rows never do, and go as soon as they are done with; but so many of them set off so many
    searches through everything else in memory that those took a third of the reading.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
