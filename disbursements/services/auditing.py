"""The auditor set to work: before a lock, by the hour, on demand; what it finds is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as trail
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib.errors import Refused
from disbursements.models import AuditBreach, AuditRun
from disbursements.queries.audit import PARTS, Breach, audit_books, audit_budget, audit_part
from disbursements.rules.promises import PROMISES
from disbursements.services import moves

KIND = "disbursements.audit"
# Broken books fill a screen with the same cause: what is kept is enough to find it.
MOST_KEPT = 2_000


def must_be_sound(*, budget_id: int, at: datetime) -> None:
    """Raises Refused when a quick audit of this budget line finds anything; reads only."""
    found = audit_budget(budget_id, at=at)
    if found:
        raise Refused(
            "BOOKS-BROKEN",
            _(
                "Buku pagu ini tidak utuh: %(what)s (%(place)s). Daftar tidak dikunci dan tidak"
                " ada yang berubah. Minta auditor atau petugas TI melihat Pemeriksaan buku."
            )
            % {"what": found[0].words, "place": found[0].place},
        )


@transaction.atomic
def request_audit(*, by: User, at: datetime) -> Job:
    """Audit all books in the background; an audit that somebody else asked for is not doubled."""
    moves.require_right(by, Permission.BOOKS_AUDIT)
    running = Job.objects.open().filter(kind=KIND, owner=by).first()
    if running is not None:
        return running
    return jobs.submit(
        kind=KIND, title=_("Pemeriksaan buku"), by=by, at=at, params={}, total=len(PARTS)
    )


@dataclass
class Found:
    """What the parts of an audit found so far, as it waits in the cursor of its job."""

    place: int = 0
    started: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    breaches: list[dict[str, str]] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Every part is read."""
        return self.place == len(PARTS)


def audit_step(*, cursor: Mapping[str, Any], at: datetime) -> Found:
    """Read the next part of the books; nothing is written."""
    found = Found(**cursor)
    found.started = found.started or at.isoformat()
    report = audit_part(PARTS[found.place], at=at)
    found.counts |= report.counts
    found.breaches = (found.breaches + [_plain(row) for row in report.breaches])[:MOST_KEPT]
    found.place += 1
    return found


def _plain(row: Breach) -> dict[str, str]:
    return {
        "promise": row.promise,
        "kind": row.check,
        "area_code": row.area_code,
        "place": row.place,
        "expected": row.expected,
        "found": row.found,
    }


def keep_found(*, found: Found, by: User, at: datetime) -> AuditRun:
    """Store what an audit on demand found."""
    return _keep(
        found.counts, found.breaches, started=datetime.fromisoformat(found.started), by=by, at=at
    )


def audit_now(*, by: User | None, at: datetime, clock: jobs.Clock) -> AuditRun:
    """Audit all books in one picture of the house and store what was found; the scheduler's call.

    `at` is when it began, `clock` tells when it ended.
    """
    report = audit_books(at=at)
    found = [_plain(row) for row in report.breaches[:MOST_KEPT]]
    return _keep(report.counts, found, started=at, by=by, at=clock())


@transaction.atomic
def _keep(
    rows: Mapping[str, int],
    breaches: Sequence[Mapping[str, str]],
    *,
    started: datetime,
    by: User | None,
    at: datetime,
) -> AuditRun:
    broken = Counter(breach["promise"] for breach in breaches)
    run = AuditRun.objects.create(
        started_at=started,
        finished_at=max(at, started),
        asked_by=by,
        counts={code: {"rows": rows[code], "broken": broken[code]} for code in PROMISES},
        broken=len(breaches),
    )
    AuditBreach.objects.bulk_create([AuditBreach(run=run, **breach) for breach in breaches])
    trail.record(verb="disbursements.audit_books", by=by, at=at, target=run, broken=dict(broken))
    return run
