"""Statements over thousands of rows: a cursor with the settings they need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def bulk_cursor() -> Iterator[Any]:
    """A cursor whose statements find a few thousand rows by key, until its transaction ends.

    A step over 5,000 of a million rows is planned by guesses, because the statistics are older
    than the rows: compiling its expressions took 8 s for 50 ms of work (jit), and hashing whole
    tables anew in every step grows with the square of the list. So both are off here.
    """
    with transaction.atomic(), connection.cursor() as db:
        db.execute(
            "SET LOCAL jit = off; SET LOCAL enable_hashjoin = off;"
            " SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off;"
            " SET LOCAL random_page_cost = 1.1"
        )
        yield db
