"""All checks in their order, how many rows each promise covers, and the read-only door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from disbursements.queries.audit import (
    answers,
    cash,
    contents,
    goods,
    layouts,
    lists,
    money,
    people,
    rereading,
    trail,
    treasury,
)
from disbursements.queries.audit.checks import Breach, Check, Moment, run

Reader = Callable[[Any, Moment], Iterator[Breach]]

STATEMENTS = (
    *money.CHECKS,
    *lists.CHECKS,
    *answers.CHECKS,
    *cash.CHECKS,
    *goods.CHECKS,
    *layouts.CHECKS,
    *treasury.CHECKS,
    *people.CHECKS,
    *trail.CHECKS,
    *contents.CHECKS,
)
READ = (*contents.READ, *rereading.READ, trail.CHAIN)
CHECKS: dict[str, Check] = {check.key: check for check in (*STATEMENTS, *READ)}
QUICK = tuple(check for check in STATEMENTS if check.quick)

# How many rows stand behind each promise, so that "nothing found" is not "nothing looked at".
COUNTS = {
    "I1": "SELECT (SELECT count(*) FROM disbursements_budgetline)"
    " + (SELECT count(*) FROM disbursements_allocation)",
    "I2": "SELECT count(*) FROM disbursements_paymentline"
    " WHERE state IN ('waiting', 'submitted', 'unknown', 'settled')",
    "I3": "SELECT count(*) FROM disbursements_paylist",
    "I4": "SELECT count(*) FROM disbursements_paymentline",
    "I5": "SELECT count(*) FROM disbursements_ledgerevent",
    "I6": "SELECT count(*) FROM documents_document WHERE starts_with(kind, 'disbursements.')",
    "I7": "SELECT count(*) FROM disbursements_paymentline",
    "I8": "SELECT count(*) FROM disbursements_resultrow",
    "I9": "SELECT count(*) FROM jobs_job WHERE state IN ('queued', 'running')",
    "I10": "SELECT count(*) FROM disbursements_approval",
    "I11": "SELECT count(*) FROM disbursements_returncase",
    "I12": "SELECT count(*) FROM audit_seal",
}


@dataclass(frozen=True)
class Part:
    """One portion of the work: a name, and the promises it looks at."""

    key: str
    read: Reader


def _statements(found: Any, moment: Moment) -> Iterator[Breach]:
    for check in STATEMENTS:
        yield from run(check, found, moment)


PARTS = (
    Part("tables", _statements),
    Part("documents", contents.read_documents),
    Part("lists", contents.read_lists),
    Part("results", rereading.read_results),
    Part("chain", trail.read_chain),
)


@dataclass
class Report:
    """What an audit found: rows behind each promise, and every breach."""

    counts: dict[str, int] = field(default_factory=dict)
    breaches: list[Breach] = field(default_factory=list)

    @property
    def sentences(self) -> list[str]:
        """Each breach in one line, its code first."""
        return [str(breach) for breach in self.breaches]


@contextmanager
def reading_only(*, own: bool) -> Iterator[Any]:
    """A connection that cannot write. `own`: a second one, with one picture of the whole house.

    Without `own` it is the caller's connection inside a savepoint: it sees what the caller has
    not committed yet; each statement is a picture of its own.
    """
    if not own:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            yield connection
        return
    second: Any = connections[DEFAULT_DB_ALIAS].copy()
    try:
        with transaction_of(second) as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
        yield second
    finally:
        second.close()


@contextmanager
def transaction_of(second: Any) -> Iterator[Any]:
    """A cursor at the beginning of a transaction that nobody commits."""
    second.set_autocommit(False)
    with second.cursor() as cursor:
        yield cursor


def audit_part(part: Part, *, at: datetime, own: bool = True) -> Report:
    """One portion of the audit, and the counts of its promises with the first."""
    moment = Moment(at)
    with reading_only(own=own) as found:
        counts = _counts(found) if part is PARTS[0] else {}
        return Report(counts, list(part.read(found, moment)))


def audit_books(*, at: datetime, own: bool = True) -> Report:
    """The whole audit in one picture of the house; `at` judges jobs and seals."""
    moment = Moment(at)
    with reading_only(own=own) as found:
        breaches = [breach for part in PARTS for breach in part.read(found, moment)]
        return Report(_counts(found), breaches)


def audit_budget(budget_id: int, *, at: datetime) -> list[Breach]:
    """The quick checks of one budget line on the caller's connection: heads and sums, no lines."""
    moment = Moment(at, budget_id)
    with reading_only(own=False) as found:
        return [breach for check in QUICK for breach in run(check, found, moment)]


def _counts(found: Any) -> dict[str, int]:
    counts = {}
    with found.cursor() as cursor:
        for promise, sql in COUNTS.items():
            cursor.execute(sql)
            counts[promise] = int(cursor.fetchone()[0])
    return counts
