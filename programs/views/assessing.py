"""Pages of what a proposal shows: its way in, its assessments, its plan."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bansos.accounts.access import requires, requires_to_post
from bansos.accounts.permissions import Permission as P
from bansos.lib.errors import Refused
from bansos.lib.money import rupiah
from programs.forms.assessing import (
    AssessForm,
    PlanForm,
    PlanFormSet,
    SourceForm,
    plan_initial,
)
from programs.models import Enrolment
from programs.queries.assessing import (
    newest_assessments,
    newest_plan,
    plan_limits,
    source_of,
)
from programs.services import assessing as services
from programs.views.answers import answer, put_on_form, say
from programs.views.events import find_member, frame


def _may_write(request: HttpRequest, row: Enrolment) -> bool:
    return services.is_open(row) and request.user.can_any(services.FIELD)


def _may_read_answers(request: HttpRequest) -> bool:
    """Single answers may speak of health; others see the score only."""
    return request.user.can_any((*services.FIELD, P.SENSITIVE_VIEW))


@requires(P.PROGRAM_VIEW)
@requires_to_post(*services.FIELD)
@require_http_methods(["GET", "POST"])
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """Which way the proposal came in; a held one is freed here by a verifier."""
    row = find_member(request, pk)
    known = source_of(row)
    form = SourceForm(request.POST or None, enrolment=row, source=known)
    if request.method == "POST" and form.is_valid():
        try:
            services.record_source(
                enrolment=row,
                channel=form.cleaned_data["channel"],
                words=form.words(),
                by=request.user,
                at=timezone.now(),
            )
            messages.info(request, _("Jalur usulan disimpan."))
            return redirect("programs:proposal", pk=row.pk)
        except Refused as refused:
            put_on_form(form, refused)
    held = known is not None and known.is_held
    own = known is not None and known.made_by_id == request.user.pk
    context = frame(row, _("Jalur usulan")) | {
        "source": known,
        "free_url": reverse("programs:source_free", args=[row.pk])
        if held and request.user.can(P.PROPOSAL_VERIFY)
        else "",
        "free_off": _("Anda mencatat usulan ini; orang lain menerimanya.") if own else "",
        "may_write": request.user.can(P.PROPOSAL_SUBMIT) and services.is_open(row),
    }
    return answer(request, "programs/source.html", context, form)


@requires(P.PROPOSAL_VERIFY)
@require_POST
def free(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a self-proposal go on."""
    row = find_member(request, pk)
    try:
        services.free_proposal(enrolment=row, by=request.user, at=timezone.now())
        messages.info(request, _("Usulan sendiri diterima; pengusul dapat mengajukannya."))
    except Refused as refused:
        say(request, refused)
    return redirect("programs:proposal", pk=row.pk)


@requires(P.PROGRAM_VIEW)
@requires_to_post(*services.FIELD)
@require_http_methods(["GET", "POST"])
def assess(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Fill one assessment form; the earlier ones stay below it."""
    row = find_member(request, pk)
    wanted = next((f for f in row.version.assessment_forms if f["code"] == code), None)
    if wanted is None:
        raise Http404
    form = AssessForm(request.POST or None, wanted=wanted)
    if request.method == "POST" and form.is_valid():
        try:
            services.assess(
                enrolment=row,
                form_code=code,
                answers=form.answers(),
                assessed_on=form.cleaned_data["assessed_on"],
                note=form.cleaned_data["note"],
                by=request.user,
                at=timezone.now(),
            )
            messages.info(request, _("1 penilaian disimpan."))
            return redirect("programs:proposal", pk=row.pk)
        except Refused as refused:
            put_on_form(form, refused)
    last = newest_assessments(row).get(code)
    labels = {str(q["code"]): q["label"] for q in wanted["questions"]}
    context = frame(row, str(wanted["label"])) | {
        "wanted": wanted,
        "last": last,
        "answers": [(labels.get(key, key), points) for key, points in last.answers.items()]
        if last and _may_read_answers(request)
        else [],
        "may_write": _may_write(request, row),
    }
    return answer(request, "programs/assess.html", context, form)


@requires(P.PROGRAM_VIEW)
@requires_to_post(*services.FIELD)
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan as a table; its total must be the grant."""
    row = find_member(request, pk)
    rules = row.version.plan_rules
    last = newest_plan(row)
    start = (
        {"business_kind": last.business_kind, "business_name": last.business_name} if last else {}
    )
    form = PlanForm(request.POST or None, kinds=rules.get("kinds", []), initial=start)
    formset = PlanFormSet(
        request.POST or None,
        initial=plan_initial(last),
        form_kwargs={"sections": rules.get("sections", [])},
    )
    valid = request.method == "POST" and all([form.is_valid(), formset.is_valid()])
    if valid and _save_plan(request, row, form, formset):
        messages.info(request, _("RAB disimpan."))
        return redirect("programs:proposal", pk=row.pk)
    context = frame(row, _("Rencana anggaran biaya (RAB)")) | {
        "form": form,
        "formset": formset,
        "last": last,
        "article": rules.get("article", ""),
        "limits": limit_words(plan_limits(row)),
        "may_write": services.may_plan(row) and request.user.can_any(services.FIELD),
    }
    wrong = request.method == "POST"
    return render(request, "programs/plan.html", context, status=422 if wrong else 200)


def limit_words(limits: tuple[Decimal, Decimal] | None) -> str:
    """What the plan must add up to, in words."""
    if limits is None:
        return _("Besaran bantuan belum ditetapkan, jadi RAB belum dapat disimpan.")
    lowest, grant = limits
    if lowest == grant:
        return _("Jumlah RAB harus tepat %(grant)s.") % {"grant": rupiah(grant)}
    words = {"lowest": rupiah(lowest), "grant": rupiah(grant)}
    return _("Jumlah RAB antara %(lowest)s dan %(grant)s.") % words


def _save_plan(request: HttpRequest, row: Enrolment, form: Any, formset: Any) -> bool:
    items = [item for line in formset if (item := line.item()) is not None]
    try:
        services.save_plan(
            enrolment=row,
            business_kind=form.cleaned_data.get("business_kind", ""),
            business_name=form.cleaned_data["business_name"],
            items=items,
            by=request.user,
            at=timezone.now(),
        )
    except Refused as refused:
        put_on_form(form, refused)
        return False
    return True
