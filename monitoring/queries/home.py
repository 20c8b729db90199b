"""The rest of the home page: budget strips, my imports, last events, accounts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit.models import Event
from bansos.audit.queries import told
from bansos.jobs.models import Job
from bansos.lib import parts
from beneficiaries.choices import ImportState
from beneficiaries.models import ImportBatch
from disbursements.models import AuditRun
from disbursements.queries.figures import BudgetFigures, budget_figures
from monitoring.queries.waiting import route
from programs.queries.coverage import usual_year

log = logging.getLogger(__name__)
T = TypeVar("T")

TONES = {
    ImportState.UPLOADED: "menunggu",
    ImportState.CHECKING: "info",
    ImportState.CHECKED: "menunggu",
    ImportState.ACCEPTING: "info",
    ImportState.ACCEPTED: "baik",
}


@dataclass(frozen=True)
class Tile(Generic[T]):
    """A part of the page: what it found, or that it could not be read."""

    found: T | None
    failed: bool = False


def attempt(name: str, read: Callable[[], T]) -> Tile[T]:
    """Read one part; its failure is logged and stays its own."""
    try:
        return Tile(read())
    except Exception:
        log.exception("a part of the home page could not be read", extra={"part": name})
        return Tile(None, failed=True)


@dataclass(frozen=True)
class Strips:
    """The programmes of a budget year with their sums."""

    year: int
    rows: list[BudgetFigures]


def budget_strips(user: Any, *, today: date) -> Strips | None:
    """Pagu, terikat, cair of each programme as the budget page has them; None without a budget.

    Until a new year has programmes these are the sums of the year before, so the year is told.
    """
    year = usual_year(user, today=today)
    rows = [row for row in budget_figures(user, year) if row.ceiling]
    return Strips(year, rows) if rows else None


def last_imports(user: Any, *, limit: int = 5) -> list[parts.Task]:
    """The user's newest uploaded lists with their state."""
    rows = ImportBatch.objects.visible_to(user).filter(created_by=user).defer("sealed_file")
    return [
        parts.Task(
            label=row.file_name,
            href=route("beneficiaries:import", row.pk) or route("beneficiaries:imports"),
            word=parts.Word(TONES[ImportState(row.state)], str(ImportState(row.state).label)),
        )
        for row in rows.order_by("-created_at")[:limit]
    ]


def last_events(user: Any, *, limit: int = 8) -> list[parts.Event]:
    """The newest events of the user's area."""
    rows = Event.objects.visible_to(user).order_by("-pk")[:limit]
    return [
        parts.Event(at=row.at, title=told(row), by=row.actor_name, text=row.reason) for row in rows
    ]


def account_counts(user: Any) -> list[parts.Stat]:
    """Accounts of the administrator's area, open and closed."""
    counts = User.objects.visible_to(user).aggregate(
        active=Count("pk", filter=Q(is_active=True)), closed=Count("pk", filter=Q(is_active=False))
    )
    return [
        parts.Stat(
            label=_("Akun aktif"),
            value=counts["active"],
            href=route("accounts:users", is_active="true"),
        ),
        parts.Stat(
            label=_("Akun ditutup"),
            value=counts["closed"],
            href=route("accounts:users", is_active="false"),
        ),
    ]


def running_jobs(user: Any) -> list[Job]:
    """The user's jobs that have not ended, newest first."""
    return list(Job.objects.visible_to(user).open().order_by("-created_at"))


def broken_books() -> AuditRun | None:
    """The last audit of the books when it found something; None when they are whole."""
    run = AuditRun.objects.order_by("-pk").first()
    return run if run is not None and run.broken else None
