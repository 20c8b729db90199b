"""Pages of the end: measures, graduation and term, appeals, what is offered next."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.dates import day_of, short_date
from bansos.lib.errors import Refused
from bansos.lib.lists import ListView
from bansos.lib.parts import Pair, Word
from bansos.regions.queries import full_name
from programs.choices import ENDED, MeasureKind, ReferralAnswer, ReferralKind
from programs.forms.life import (
    AppealDecisionForm,
    AppealForm,
    MeasureForm,
    ReferralAnswerForm,
    ReferralForm,
)
from programs.models import Appeal, Enrolment, Referral
from programs.queries.exits import appeal_clock, appeal_word, measure_checks, success_gaps
from programs.rules.life import LIVE, REPORTERS
from programs.services import exits as services
from programs.tables import AppealList
from programs.views.answers import answer, put_on_form
from programs.views.events import find_member, frame, steps

REFERRAL_TONES = {
    "": ("menunggu", "clock"),
    ReferralAnswer.ACCEPTED: ("baik", "check"),
    ReferralAnswer.DECLINED: ("netral", "x"),
}


class AppealListView(ListView):
    """Appeals of the user's area."""

    access = (P.PROGRAM_VIEW,)
    spec = AppealList
    template_name = "programs/events.html"


def referral_word(row: Referral) -> Word:
    """Whether an offer waits, was taken or not."""
    tone, icon = REFERRAL_TONES[row.answer]
    return Word(tone, row.get_answer_display() if row.answer else _("Ditawarkan"), icon)


@requires(P.PROGRAM_VIEW)
@require_GET
def exit_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How somebody leaves a programme: measures, term, appeals, referrals."""
    row = find_member(request, pk)
    may = request.user.can_any(REPORTERS)
    rules = row.version.exit_rules
    context = frame(row, _("Keluar program")) | {
        "article": rules.get("article", ""),
        "checks": measure_checks(row),
        "gaps": success_gaps(row) if rules.get("measures") else [],
        "measures": [(str(m["code"]), str(m["label"])) for m in rules.get("measures", [])]
        if may and row.active_from
        else [],
        "event_url": reverse("programs:event_new", args=[row.pk]) if may else "",
        "may_appeal": may and row.state in ENDED,
        "appeal_off": "" if rules.get("appeal_days") else services.no_clock_words(),
        "is_live": row.state in LIVE,
        "appeals": [(a, appeal_word(a)) for a in row.appeals.order_by("-pk")],
        "referrals": [
            (r, referral_word(r), may and not r.answer) for r in row.referrals.order_by("-pk")
        ],
        "next": [str(ReferralKind(kind).label) for kind in rules.get("next", [])],
        "may_refer": may and bool(rules.get("next")),
    }
    return render(request, "programs/exit.html", context)


@requires(*REPORTERS)
@require_http_methods(["GET", "POST"])
def measure(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Record one success measure with its evidence."""
    row = find_member(request, pk)
    rules = row.version.exit_rules.get("measures", [])
    wanted = next((item for item in rules if item["code"] == code), None)
    if wanted is None:
        raise Http404
    form = MeasureForm(request.POST or None, kind=wanted["kind"])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        holds = data.get("holds")
        try:
            services.record_measure(
                enrolment=row,
                values=services.MeasureValues(
                    code=code,
                    measured_on=data["measured_on"],
                    evidence=data["evidence"],
                    before=data.get("before"),
                    after=data.get("after"),
                    holds=None if wanted["kind"] == MeasureKind.INCOME else holds == "ya",
                ),
                by=request.user,
                at=timezone.now(),
            )
            messages.info(request, _("1 ukuran dicatat."))
            return redirect("programs:exit", pk=row.pk)
        except Refused as refused:
            put_on_form(form, refused)
    return answer(request, "programs/act.html", _act(row, str(wanted["label"])), form)


def _act(row: Enrolment, title: str, button: str = "") -> dict[str, Any]:
    return {
        "title": title,
        "button": button or _("Simpan"),
        "person": row.person,
        "person_area": full_name(row.area_code),
        "hint": str(row.version),
        "back": reverse("programs:exit", args=[row.pk]),
        "crumbs": steps(row, title),
    }


@requires(*REPORTERS)
@require_http_methods(["GET", "POST"])
def appeal_new(request: HttpRequest, pk: int) -> HttpResponse:
    """File an appeal against the end of an enrolment."""
    row = find_member(request, pk)
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.file_appeal(
                enrolment=row, by=request.user, at=timezone.now(), **form.cleaned_data
            )
            messages.info(request, _("Sanggahan dicatat. Tenggatnya berjalan."))
            return redirect("programs:appeal", pk=made.pk)
        except Refused as refused:
            put_on_form(form, refused)
    title = _("Catat sanggahan")
    return answer(request, "programs/act.html", _act(row, title, title), form)


def _find_appeal(request: HttpRequest, pk: int) -> Appeal:
    rows = Appeal.objects.select_related(
        *("enrolment__version__programme__agency", "enrolment__person__family", "event"),
        *("filed_by", "decided_by", "contested_by"),
    )
    found: Appeal = find(rows, request.user, pk=pk)
    return found


@requires(P.PROGRAM_VIEW)
@require_GET
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """One appeal with its clock and, when it is there, its decision."""
    row = _find_appeal(request, pk)
    return render(request, "programs/appeal.html", _appeal_context(request, row))


@requires(P.DECREE_APPROVE)
@require_http_methods(["GET", "POST"])
def appeal_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Restore or keep, with the reason."""
    row = _find_appeal(request, pk)
    form = AppealDecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.decide_appeal(
                appeal=row, by=request.user, at=timezone.now(), **form.cleaned_data
            )
            messages.info(request, _("1 sanggahan diputus."))
            return redirect("programs:appeal", pk=row.pk)
        except Refused as refused:
            put_on_form(form, refused)
    return answer(request, "programs/appeal.html", _appeal_context(request, row), form)


def _appeal_context(request: HttpRequest, row: Appeal) -> dict[str, Any]:
    today = day_of(timezone.now(), row.enrolment.version.programme.agency.zone)
    clock = appeal_clock(row, today=today)
    may = row.decided_at is None and request.user.can(P.DECREE_APPROVE)
    own = request.user.pk in {row.filed_by_id, row.contested_by_id}
    pairs = [
        Pair(label=_("Atas putusan"), value=row.get_against_display()),
        Pair(label=_("Diputus oleh"), value=row.contested_by.full_name),
        Pair(label=_("Penyanggah"), value=row.appellant),
        Pair(label=_("Alasan"), value=row.grounds),
        Pair(label=_("Diterima"), value=short_date(row.filed_on)),
        Pair(
            label=_("Tenggat"),
            value=_("%(day)s (%(days)s hari kerja)")
            % {"day": short_date(clock.due), "days": row.working_days},
        ),
        Pair(
            label=_("Pasal"),
            value=row.enrolment.version.exit_rules.get("appeal_article", ""),
        ),
    ]
    return frame(row.enrolment, _("Sanggahan %(pk)s") % {"pk": row.pk}) | {
        "appeal": row,
        "word": appeal_word(row),
        "pairs": pairs,
        "late": row.decided_at is None and clock.left < 0,
        "decide_url": reverse("programs:appeal_decide", args=[row.pk]) if may and not own else "",
        "own": may and own,
    }


@requires(*REPORTERS)
@require_http_methods(["GET", "POST"])
def refer(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer what comes next."""
    row = find_member(request, pk)
    form = ReferralForm(request.POST or None, kinds=row.version.exit_rules.get("next", []))
    if request.method == "POST" and form.is_valid():
        try:
            services.refer(enrolment=row, by=request.user, at=timezone.now(), **form.cleaned_data)
            messages.info(request, _("1 rujukan ditawarkan."))
            return redirect("programs:exit", pk=row.pk)
        except Refused as refused:
            put_on_form(form, refused)
    title = _("Tawarkan rujukan")
    return answer(request, "programs/act.html", _act(row, title, title), form)


@requires(*REPORTERS)
@require_http_methods(["GET", "POST"])
def referral(request: HttpRequest, pk: int) -> HttpResponse:
    """Record whether the offer was taken."""
    rows = Referral.objects.select_related("enrolment__version__programme")
    row = find(rows, request.user, pk=pk)
    form = ReferralAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.answer_referral(
                referral=row, by=request.user, at=timezone.now(), **form.cleaned_data
            )
            messages.info(request, _("1 rujukan dijawab."))
            return redirect("programs:exit", pk=row.enrolment_id)
        except Refused as refused:
            put_on_form(form, refused)
    title = _("Jawaban rujukan: %(kind)s") % {"kind": row.get_kind_display()}
    return answer(request, "programs/act.html", _act(row.enrolment, title), form)
