"""What waits for me."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from bansos.accounts.access import signed_in
from bansos.accounts.permissions import Permission
from bansos.jobs.queries import card
from bansos.lib.dates import ago_words
from bansos.lib.money import number
from disbursements.queries.treasury.deadlines import deadlines_for
from monitoring.queries import home as tiles
from monitoring.queries.duties import Heap, heaps_for, next_piece
from monitoring.queries.waiting import Piece

DEADLINES, JOBS = 8, 5


@signed_in
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What waits for me, oldest first; each part stands or fails alone."""
    user: Any = request.user
    now, today = timezone.now(), timezone.localdate()
    heaps = heaps_for(user)
    parts: dict[str, Any] = {}
    readers = {
        "deadlines": (Permission.PAYLIST_VIEW, lambda: deadlines_for(user, today)[:DEADLINES]),
        "strips": (Permission.BUDGET_VIEW, lambda: tiles.budget_strips(user, today=today)),
        "imports": (Permission.IMPORT_RUN, lambda: tiles.last_imports(user)),
        "books": (Permission.BOOKS_AUDIT, tiles.broken_books),
        "accounts": (Permission.USER_MANAGE, lambda: tiles.account_counts(user)),
        "events": (Permission.AUDIT_VIEW, lambda: tiles.last_events(user)),
    }
    for name, (permission, read) in readers.items():
        parts[name] = tiles.attempt(name, read) if user.can(permission) else tiles.Tile(None)
    jobs = tiles.running_jobs(user)
    request.jobs_running = len(jobs)  # type: ignore[attr-defined]
    context = {
        "heaps": [(heap, _aged(heap, now)) for heap in heaps],
        "next": next_piece(heaps),
        "now": now,
        "parts": parts,
        "cards": [card(job) for job in jobs[:JOBS]],
    }
    return render(request, "monitoring/home.html", context)


def _aged(heap: Heap, now: datetime) -> list[tuple[Piece, str]]:
    return [(piece, _age(piece.since, now)) for piece in heap.pieces]


def _age(since: datetime | None, now: datetime) -> str:
    """How long it has waited: days once there are any, because weeks must stand out."""
    if since is None:
        return ""
    days = (now - since).days
    if days < 1:
        return ago_words(since, now, timezone.get_current_timezone())
    return ngettext("%(count)s hari", "%(count)s hari", days) % {"count": number(days)}
