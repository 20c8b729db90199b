"""Pages of premiums: plans and months, the list of a month, its people, payers outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bansos.accounts.access import find, requires, requires_to_post
from bansos.accounts.permissions import Permission as P
from bansos.audit.queries import timeline_of
from bansos.documents.queries import file_row
from bansos.jobs.models import Job
from bansos.jobs.queries import card
from bansos.lib.errors import Refused
from bansos.lib.lists import Action, ListView
from bansos.lib.parts import Pair, Stat
from bansos.lib.sheets.guard import MAX_BYTES
from bansos.regions.queries import full_name
from beneficiaries.services.people import person_of_nik
from programs.choices import PremiumChange, PremiumRoundState, PremiumState
from programs.forms.premiums import (
    AnswerFileForm,
    CandidateForm,
    CloseForm,
    LastMonthForm,
    LineForm,
    OpenForm,
    PayerForm,
    PlanForm,
)
from programs.models import PremiumCover, PremiumLine, PremiumPlan, PremiumRound, PremiumStray
from programs.queries.premiums import (
    RoundFigures,
    counted_units,
    figures_of,
    insurer_enrolment,
    money_of,
    plans_of,
)
from programs.services.premiums import acting, answers, covers, rounds
from programs.services.premiums.lists import CANDIDATES, PAYERS, month_title
from programs.tables import PremiumCoverList, PremiumLineList, premium_word
from programs.views.answers import answer, crumbs, put_on_form, say

STRAYS = 200


def _steps(*more: tuple[Any, str]) -> Any:
    return crumbs((_("Premi jaminan"), reverse("programs:premiums")), *more)


def _list_url(purpose: str, **chosen: Any) -> str:
    """Where a list of this purpose is uploaded, with what is known of it chosen."""
    return f"{reverse('beneficiaries:import_start')}?{urlencode({'tujuan': purpose, **chosen})}"


@requires(P.PROGRAM_VIEW)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Every plan with its months and money."""
    user = request.user
    context = {
        "plans": plans_of(user),
        "may_plan": user.can(P.PROGRAM_EDIT),
        "may_open": user.can(P.PAYLIST_PREPARE),
        "list_url": _list_url(PAYERS) if user.can(P.PROPOSAL_SUBMIT) else "",
    }
    return render(request, "programs/premiums.html", context)


@requires(P.PROGRAM_VIEW)
class PremiumLineListView(ListView):
    """People of the lists of premiums."""

    spec = PremiumLineList

    def crumbs(self) -> list[Any]:
        return list(_steps((_("Peserta"), "")))


@requires(P.PROGRAM_VIEW)
class CoverListView(ListView):
    """Who pays whose premium."""

    spec = PremiumCoverList

    def crumbs(self) -> list[Any]:
        return list(_steps((_("Penanggung premi"), "")))

    def primary_action(self) -> Action | None:
        """Another payer, for who may propose."""
        if not self.request.user.can(P.PROPOSAL_SUBMIT):
            return None
        return Action(_("Catat penanggung lain"), reverse("programs:premium_payer_new"), "plus")


def _act(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[dict[str, Any]], object],
    *,
    title: str,
    back: str,
    said: str,
    **more: Any,
) -> HttpResponse:
    """A form whose act is one service; back to the page it came from, or on to its job."""
    if request.method == "POST" and form.is_valid():
        try:
            done = act(form.cleaned_data)
            if isinstance(done, Job):
                return redirect("jobs:detail", pk=done.pk)
            messages.info(request, said)
            return redirect(back)
        except Refused as refused:
            put_on_form(form, refused)
    context = {"title": title, "button": title, "back": back, "crumbs": _steps((title, "")), **more}
    return answer(request, "programs/act.html", context, form)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.user, "at": timezone.now()}


@requires(P.PROGRAM_EDIT)
@require_http_methods(["GET", "POST"])
def plan_new(request: HttpRequest) -> HttpResponse:
    """Say which programme is a premium."""
    return _act(
        request,
        PlanForm(request.POST or None, user=request.user),  # type: ignore[arg-type]
        lambda data: covers.open_plan(**data, **_who(request)),
        title=_("Catat rencana premi"),
        back=reverse("programs:premiums"),
        said=_("Rencana premi dicatat."),
    )


@requires(P.PROPOSAL_SUBMIT)
@require_http_methods(["GET", "POST"])
def payer_new(request: HttpRequest) -> HttpResponse:
    """Record another payer of somebody's premium."""

    def act(data: dict[str, Any]) -> None:
        who = _who(request)
        covers.record_payer(person=person_of_nik(nik=data.pop("nik"), **who), **data, **who)

    return _act(
        request,
        PayerForm(request.POST or None, today=timezone.localdate()),
        act,
        title=_("Catat penanggung lain"),
        back=reverse("programs:premium_covers"),
        said=_("Penanggung dicatat."),
    )


@requires(P.PROPOSAL_SUBMIT)
@require_http_methods(["GET", "POST"])
def payer_end(request: HttpRequest, pk: int) -> HttpResponse:
    """The last month of another payer."""
    row = find(PremiumCover.objects.select_related("person"), request.user, pk=pk)
    return _act(
        request,
        LastMonthForm(request.POST or None, today=timezone.localdate()),
        lambda data: covers.end_cover(cover=row, **data, **_who(request)),
        title=_("Akhiri penanggung"),
        back=reverse("programs:premium_covers"),
        said=_("Penanggung diakhiri."),
        person=row.person,
        person_area=full_name(row.area_code),
        hint=row.payer_name,
    )


@requires(P.PAYLIST_PREPARE)
@require_http_methods(["GET", "POST"])
def round_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the list of a month."""
    plan = find(
        PremiumPlan.objects.select_related("version__programme__agency"), request.user, pk=pk
    )
    return _act(
        request,
        OpenForm(request.POST or None, year=plan.version.year),
        lambda data: acting.open_round(plan=plan, **data, **_who(request)),
        title=_("Buka daftar bulan"),
        back=reverse("programs:premiums"),
        said=_("Daftar bulan ini dibuka dan diperiksa."),
        hint=str(plan.version),
    )


@requires(P.PROGRAM_EDIT)
@require_http_methods(["GET", "POST"])
def plan_close(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan that is not continued: its people are paid up to the last list."""
    plan = find(
        PremiumPlan.objects.select_related("version__programme__agency"), request.user, pk=pk
    )
    return _act(
        request,
        CloseForm(request.POST or None),
        lambda data: covers.close_plan(plan=plan, **data, **_who(request)),
        title=_("Akhiri rencana premi"),
        back=reverse("programs:premiums"),
        said=_("Rencana premi diakhiri. Pesertanya dibayar sampai daftar yang terakhir."),
    )


def _round(request: HttpRequest, pk: int) -> PremiumRound:
    rows = PremiumRound.objects.select_related(
        "plan__version__programme__agency", "plan__insurer__payee", "plan__job", "csv", "xlsx"
    )
    found: PremiumRound = find(rows, request.user, pk=pk)
    return found


def _people(row: PremiumRound, **chosen: str) -> str:
    query = urlencode({"round": row.pk, **chosen})
    return f"{reverse('programs:premium_lines')}?{query}"


def _stats(row: PremiumRound, found: RoundFigures) -> list[Stat]:
    kinds = [
        Stat(label=str(kind.label), value=getattr(found, kind), href=_people(row, change=kind))
        for kind in PremiumChange
    ]
    states = (PremiumState.WAITING, PremiumState.ACCEPTED, PremiumState.REFUSED)
    told = [
        Stat(label=str(state.label), value=getattr(found, state), href=_people(row, state=state))
        for state in states
    ]
    note = _("%(count)d peserta x tarif") % {"count": found.paid}
    return [*kinds, *told, Stat(label=_("Biaya bulan ini"), value=found.cost, note=note)]


@requires(P.PROGRAM_VIEW)
@require_GET
def round_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One month: people by change and state, its cost, files, answers and quarantine."""
    row, user = _round(request, pk), request.user
    lines = PremiumLine.objects.visible_to(user).filter(round=row)
    waiting = lines.filter(state=PremiumState.WAITING).select_related("person")
    office = user.can(P.PAYLIST_PREPARE)
    busy = row.plan.is_busy
    acts = office and not busy
    money = money_of(row.plan)
    units = counted_units(row)
    context = {
        "round": row,
        "title": month_title(row),
        "stats": _stats(row, figures_of([row], user)[row.pk]),
        "waiting": waiting.order_by("change", "person__name", "pk")[:STRAYS],
        "pairs": [
            Pair(label=_("Penyelenggara"), value=row.plan.insurer.payee.name),
            Pair(label=_("Jaminan"), value=row.plan.get_insurance_display()),
            Pair(label=_("Tarif per orang sebulan"), value=row.plan.version.tariff),
            Pair(label=_("Keadaan"), value=row.get_state_display()),
            Pair(label=_("Terpakai tahun ini"), value=money.spent),
            Pair(label=_("Pagu"), value=money.ceiling or _("Belum dicatat")),
            Pair(label=_("Sisa pagu"), value=money.left if money.ceiling else _("Belum dicatat")),
            Pair(
                label=_("Satuan untuk dibayar"),
                value=_("Belum dicatat") if units is None else units,
            ),
        ],
        "files": [file_row(found) for found in (row.xlsx, row.csv) if found] if office else [],
        "strays": PremiumStray.objects.filter(answer__round=row).order_by("pk")[:STRAYS]
        if office
        else [],
        "answers": row.answers.select_related("applied_by").order_by("-pk"),
        "is_open": row.state == PremiumRoundState.OPEN,
        "may_add": user.can(P.PROPOSAL_SUBMIT) and row.state == PremiumRoundState.OPEN and not busy,
        "list_url": _list_url(CANDIDATES, round=row.pk),
        "busy": busy,
        "card": card(row.plan.job) if busy and row.plan.job.owner_id == user.pk else None,
        "may_decide": user.can(P.PROPOSAL_VERIFY)
        and row.state == PremiumRoundState.OPEN
        and not busy,
        "may_send": acts and row.state == PremiumRoundState.OPEN,
        "may_answer": acts and row.state != PremiumRoundState.OPEN,
        "may_count": acts
        and row.state == PremiumRoundState.ANSWERED
        and insurer_enrolment(row.plan) is not None,
        "events": timeline_of(row, limit=20),
        "crumbs": _steps((month_title(row), "")),
    }
    return render(request, "programs/premium_round.html", context)


@requires(P.PROPOSAL_SUBMIT)
@require_http_methods(["GET", "POST"])
def candidate(request: HttpRequest, pk: int) -> HttpResponse:
    """One more person for the month."""
    row = _round(request, pk)

    def act(data: dict[str, Any]) -> None:
        who = _who(request)
        rounds.add_candidate(round_=row, person=person_of_nik(nik=data["nik"], **who), **who)

    return _act(
        request,
        CandidateForm(request.POST or None),
        act,
        title=_("Tambah calon"),
        back=row.get_absolute_url(),
        said=_("Calon ditambahkan; menunggu verifikator."),
    )


@requires(P.PAYLIST_PREPARE)
@require_POST
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Fix the list and make its files."""
    row = _round(request, pk)
    try:
        job = acting.send_round(round_=row, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        if job is not None:
            return redirect("jobs:detail", pk=job.pk)
        messages.info(request, _("Daftar dikunci. Unduh berkasnya dan kirim ke penyelenggara."))
    except Refused as refused:
        say(request, refused)
    return redirect(row.get_absolute_url())


@requires(P.PAYLIST_PREPARE)
@require_http_methods(["GET", "POST"])
def answer_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply the insurer's file."""
    row = _round(request, pk)

    def act(data: dict[str, Any]) -> Job | None:
        upload = data["file"]
        return acting.apply_answer(
            round_=row, data=upload.read(MAX_BYTES + 1), file_name=upload.name, **_who(request)
        )

    return _act(
        request,
        AnswerFileForm(request.POST or None, request.FILES or None),
        act,
        title=_("Terapkan jawaban"),
        back=row.get_absolute_url(),
        said=_("Jawaban diterapkan. Berkas yang sama tidak diterapkan dua kali."),
        with_file=True,
    )


@requires(P.PAYLIST_PREPARE)
@require_POST
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the accepted people as units to pay, where the decree came after the answer."""
    row = _round(request, pk)
    try:
        people = answers.count_month(round_=row, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        if people is None:
            messages.error(request, _("Belum ada tahap untuk bulan ini. Satuan belum dicatat."))
        else:
            messages.info(request, _("Satuan bulan ini dicatat."))
    except Refused as refused:
        say(request, refused)
    return redirect(row.get_absolute_url())


def _decide(request: HttpRequest, row: PremiumLine, note: str) -> None:
    who = _who(request)
    if "keluar" in request.POST:
        rounds.propose_leaving(line=row, note=note, **who)
    else:
        rounds.decide_line(line=row, agree="setuju" in request.POST, note=note, **who)


@requires(P.PROGRAM_VIEW)
@requires_to_post(P.PROPOSAL_VERIFY, P.PROPOSAL_SUBMIT)
@require_http_methods(["GET", "POST"])
def line(request: HttpRequest, pk: int) -> HttpResponse:
    """One person of a month: what was found, and the decision."""
    rows = PremiumLine.objects.select_related(
        "round__plan__version__programme__agency",
        *("round__plan__job", "person", "added_by", "decided_by"),
    )
    row = find(rows, request.user, pk=pk)
    form = LineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _decide(request, row, form.cleaned_data["note"])
            messages.info(request, _("Baris disimpan."))
            return redirect(row.round.get_absolute_url())
        except Refused as refused:
            put_on_form(form, refused)
    is_open = row.round.state == PremiumRoundState.OPEN and not row.round.plan.is_busy
    waits = is_open and row.state == PremiumState.WAITING
    context = {
        "line": row,
        "word": premium_word(row),
        "round_title": month_title(row.round),
        "may_decide": waits and request.user.can(P.PROPOSAL_VERIFY),
        "may_drop": is_open
        and row.change == PremiumChange.KEEP
        and row.decided_at is None
        and request.user.can(P.PROPOSAL_SUBMIT),
        "adds": row.change == PremiumChange.ADD,
        "events": timeline_of(row, limit=10),
        "crumbs": _steps(
            (month_title(row.round), row.round.get_absolute_url()), (_("Peserta"), "")
        ),
    }
    return answer(request, "programs/premium_line.html", context, form)
