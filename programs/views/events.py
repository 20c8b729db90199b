"""Pages of events: one screen to record, one to decide, and the list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.errors import Refused
from bansos.lib.lists import ListView
from bansos.lib.parts import Crumb, Pair
from bansos.regions.queries import full_name
from programs.choices import DECREED, Outcome
from programs.forms.life import DecideForm, EventForm
from programs.models import Enrolment, ProgrammeEvent
from programs.queries.life import effects_of, event_pairs, event_word, open_event
from programs.rules.life import Verdict
from programs.services import events as services
from programs.tables import EventList
from programs.views.answers import answer, crumbs, put_on_form


class EventListView(ListView):
    """Events of the user's area."""

    access = (P.PROGRAM_VIEW,)
    spec = EventList
    template_name = "programs/events.html"


def find_member(request: HttpRequest, pk: int) -> Enrolment:
    """An enrolment of the user's area with what the pages of its life show, or 404."""
    rows = Enrolment.objects.select_related(
        "version__programme__agency", "person__family", "person__village__parent", "payee"
    )
    found: Enrolment = find(rows, request.user, pk=pk)
    return found


def steps(row: Enrolment, title: str) -> list[Crumb]:
    """Breadcrumbs of a page under a proposal."""
    back = reverse("programs:proposal", args=[row.pk])
    return crumbs(
        (_("Usulan"), reverse("programs:proposals")), (_("Usulan ini"), back), (title, "")
    )


def frame(row: Enrolment, title: str) -> dict[str, Any]:
    """What every page under a proposal shows around its form."""
    return {
        "enrolment": row,
        "title": title,
        "version_name": str(row.version),
        "kk": row.person.family.kk_masked if row.person.family else "",
        "area": full_name(row.area_code),
        "back": reverse("programs:proposal", args=[row.pk]),
        "crumbs": steps(row, title),
    }


@requires(P.PROPOSAL_SUBMIT, P.PROPOSAL_VERIFY, P.DECREE_PREPARE)
@require_http_methods(["GET", "POST"])
def event_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Record an event: the first press shows what the rules say and touch, the second stores.

    A form that was changed in between is shown again with what the rules say of it now.
    """
    row = find_member(request, pk)
    form = EventForm(request.POST or None, enrolment=row)
    verdict: Verdict | None = None
    again = False
    if request.method == "POST" and form.is_valid():
        try:
            verdict = services.look_ahead(enrolment=row, values=form.values(), at=timezone.now())
            again = "simpan" in request.POST and request.POST.get("seen") != seen_of(form, verdict)
            if "simpan" in request.POST and not again:
                made = services.report_event(
                    enrolment=row, values=form.values(), by=request.user, at=timezone.now()
                )
                messages.info(request, _("Peristiwa dicatat. Orang lain memutusnya."))
                return redirect("programs:event", pk=made.pk)
        except Refused as refused:
            put_on_form(form, refused)
    context = frame(row, _("Catat peristiwa")) | {
        "verdict": verdict_pairs(verdict) if verdict else [],
        "only_noted": verdict is not None and verdict.outcome == Outcome.NOTE,
        **by_hand(request, row),
        "effects": effects_of(row) if verdict else [],
        "waiting": open_event(row),
        "again": again,
        "seen": seen_of(form, verdict) if verdict else "",
    }
    return answer(request, "programs/event_form.html", context, form)


def seen_of(form: EventForm, verdict: Verdict) -> str:
    """What the page showed; it comes back with the press that stores, and must still be so."""
    shown = (form.cleaned_data["kind"], verdict.outcome, verdict.reason, verdict.article)
    return " ".join(str(part) for part in shown)


def by_hand(request: HttpRequest, row: Enrolment) -> dict[str, Any]:
    """Whether the state can be changed without an event, and where this user does so."""
    is_decreed = row.state in DECREED
    may = is_decreed and request.user.can(P.DECREE_PREPARE)
    return {
        "is_decreed": is_decreed,
        "member_url": reverse("programs:member", args=[row.pk]) if may else "",
    }


def verdict_pairs(verdict: Verdict) -> list[Pair]:
    """What the rules say, as pairs."""
    days = _("%(days)s hari kerja") % {"days": verdict.days} if verdict.days else ""
    return [
        Pair(label=_("Akibat menurut aturan"), value=str(Outcome(verdict.outcome).label)),
        Pair(label=_("Pasal"), value=verdict.article),
        Pair(label=_("Tambahan waktu"), value=days),
    ]


@requires(P.PROGRAM_VIEW)
@require_http_methods(["GET"])
def event(request: HttpRequest, pk: int) -> HttpResponse:
    """One event: what was reported, what it touches now, and the decision."""
    return render(request, "programs/event.html", _context(request, _find(request, pk)))


@requires(P.DECREE_PREPARE)
@require_http_methods(["GET", "POST"])
def event_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply or refuse an event that somebody else reported."""
    row = _find(request, pk)
    form = DecideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.decide_event(
                event=row,
                apply=form.cleaned_data["act"] == "apply",
                note=form.cleaned_data["note"],
                by=request.user,
                at=timezone.now(),
            )
            messages.info(request, _("1 peristiwa diputus."))
            return redirect("programs:event", pk=row.pk)
        except Refused as refused:
            put_on_form(form, refused)
    return answer(request, "programs/event.html", _context(request, row), form)


def _find(request: HttpRequest, pk: int) -> ProgrammeEvent:
    rows = ProgrammeEvent.objects.select_related(
        *("enrolment__version__programme__agency", "enrolment__person__family", "evidence"),
        *("reported_by", "decided_by"),
    )
    found: ProgrammeEvent = find(rows, request.user, pk=pk)
    return found


def _context(request: HttpRequest, row: ProgrammeEvent) -> dict[str, Any]:
    may = row.decided_at is None and request.user.can(P.DECREE_PREPARE)
    own = row.reported_by_id == request.user.pk
    return frame(row.enrolment, _("Peristiwa %(pk)s") % {"pk": row.pk}) | {
        "event": row,
        "only_noted": row.outcome == Outcome.NOTE,
        **by_hand(request, row.enrolment),
        "word": event_word(row),
        "pairs": event_pairs(row),
        "effects": effects_of(row.enrolment) if row.decided_at is None else [],
        "decide_url": reverse("programs:event_decide", args=[row.pk]) if may and not own else "",
        "own": may and own,
        "appeal": getattr(row, "appeal", None),
    }
