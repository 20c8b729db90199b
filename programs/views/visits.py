"""Pages of monitoring: a visit recorded and corrected, the lists, and what was answered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.dates import long_date
from bansos.lib.errors import NotFound, Refused
from bansos.lib.lists import ListView
from bansos.lib.parts import Pair
from programs.forms.visits import AnswersFilterForm, VisitForm
from programs.models import Enrolment, MonitoringVisit, ProgrammeVersion
from programs.queries.visits import (
    answer_words,
    may_visit,
    questions_of,
    reads_answers,
    tallies,
    visit_word,
    visited_people,
    visits_in,
)
from programs.rules.life import REPORTERS
from programs.services import visits as services
from programs.services.visit_sums import export_sums
from programs.tables import VisitingList, VisitList
from programs.views.answers import answer, catalogue_crumb, crumbs, put_on_form
from programs.views.catalogue import find_version
from programs.views.events import find_member, frame

FILES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


class VisitingListView(ListView):
    """Those who are visited, in the user's area."""

    access = (P.PROGRAM_VIEW,)
    spec = VisitingList
    template_name = "programs/visiting.html"


class VisitListView(ListView):
    """Visits of the user's area."""

    access = (P.PROGRAM_VIEW,)
    spec = VisitList
    template_name = "programs/visiting.html"


def _reports(request: HttpRequest) -> bool:
    return request.user.can_any(REPORTERS)


@requires(*REPORTERS)
@require_http_methods(["GET", "POST"])
def visit_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a visit: the questions of the programme, on a phone at the door."""
    row = find_member(request, pk)
    asked = questions_of(row.version)
    first = {"visited_on": timezone.localdate(), "visitor": request.user.full_name}
    form = VisitForm(request.POST or None, request.FILES or None, questions=asked, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.record_visit(
                enrolment=row, values=form.values(), by=request.user, at=timezone.now()
            )
            messages.info(request, _("1 kunjungan disimpan."))
            return redirect("programs:visit", pk=made.pk)
        except Refused as refused:
            put_on_form(form, refused)
    context = frame(row, _("Catat kunjungan pemantauan")) | {"may_visit": may_visit(row)}
    return answer(request, "programs/visit_form.html", context, form)


def _find(request: HttpRequest, pk: int) -> MonitoringVisit:
    """A visit of somebody in the user's area, or 404; it follows who has moved."""
    row = (
        MonitoringVisit.objects.select_related(
            *("enrolment__version__programme__agency", "enrolment__person__family"),
            *("stage", "made_by", "correction", "corrects", "photo"),
        )
        .defer("photo__sealed_file")
        .filter(pk=pk, enrolment__in=Enrolment.objects.visible_to(request.user))
        .first()
    )
    if row is None:
        raise NotFound("VISIT", _("Kunjungan tidak ditemukan."))
    return row


@requires(P.PROGRAM_VIEW)
@require_GET
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """One visit; single answers may speak of health and are for those who work with them."""
    row = _find(request, pk)
    reads = reads_answers(request.user)
    holds = not hasattr(row, "correction")
    context = frame(row.enrolment, _("Kunjungan %(pk)s") % {"pk": row.pk}) | {
        "visit": row,
        "word": visit_word(row),
        "holds": holds,
        "reads": reads,
        "pairs": [
            Pair(label=_("Dikunjungi"), value=long_date(row.visited_on)),
            Pair(label=_("Dikunjungi oleh"), value=row.visitor),
            Pair(label=_("Tahap"), value=row.stage.name if row.stage else _("Sebelum tahap 1")),
            Pair(label=_("Dicatat oleh"), value=row.made_by.full_name),
            *([Pair(label=_("Yang diperbaiki"), value=row.reason)] if row.reason else []),
        ],
        "answers": [
            Pair(label=a.question, value=answer_words(a.kind, a.value, a.number))
            for a in row.answers.all()
        ]
        if reads
        else [],
        "correct_url": reverse("programs:visit_correct", args=[row.pk])
        if holds and _reports(request)
        else "",
    }
    return render(request, "programs/visit.html", context)


@requires(*REPORTERS)
@require_http_methods(["GET", "POST"])
def visit_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what a visit should have said; the old record stays."""
    row = _find(request, pk)
    if request.method == "GET" and hasattr(row, "correction"):
        # A page from before somebody else's correction: say so before anybody types it again.
        messages.info(request, _("Kunjungan ini sudah diperbaiki."))
        return redirect("programs:visit", pk=row.pk)
    member = find_member(request, row.enrolment_id)
    form = VisitForm(
        request.POST or None, request.FILES or None, questions=questions_of(member.version), old=row
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = services.correct_visit(
                visit=row,
                values=form.values(),
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
            )
            messages.info(request, _("1 kunjungan diperbaiki. Catatan lama tetap tersimpan."))
            return redirect("programs:visit", pk=made.pk)
        except Refused as refused:
            put_on_form(form, refused)
    context = frame(member, _("Perbaiki kunjungan")) | {
        "may_visit": True,
        "back": reverse("programs:visit", args=[row.pk]),
    }
    return answer(request, "programs/visit_form.html", context, form)


def _chosen(request: HttpRequest, version: ProgrammeVersion) -> tuple[AnswersFilterForm, str, Any]:
    """The filter of the sums with its area ("": everything the user sees) and its stage."""
    form = AnswersFilterForm(request.GET or None, version=version, request=request)
    chosen: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    area = chosen.get("area")
    return form, area.code if area else "", chosen.get("stage")


@requires(P.PROGRAM_VIEW)
@require_GET
def visit_answers(request: HttpRequest, pk: int) -> HttpResponse:
    """What was answered in the visits of a version, question by question."""
    version = find_version(request, pk)
    form, area_code, stage = _chosen(request, version)
    visits = visits_in(request.user, version, area_code=area_code, stage=stage)
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    context = {
        "version": version,
        "title": _("Jawaban pemantauan"),
        "form": form,
        "visits": visits.count(),
        "people": visited_people(visits),
        "tallies": tallies(version, visits),
        "files": [
            (label, reverse("programs:visit_answers_file", args=[version.pk, kind]) + query)
            for kind, label in (("xlsx", _("Unduh XLSX")), ("pdf", _("Unduh PDF")))
        ],
        "back": reverse("programs:version", args=[version.pk]),
        "crumbs": crumbs(
            catalogue_crumb(),
            (str(version), reverse("programs:version", args=[version.pk])),
            (_("Jawaban pemantauan"), ""),
        ),
    }
    return render(request, "programs/visit_answers.html", context)


@requires(P.PROGRAM_VIEW)
@require_GET
def visit_answers_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The sums as the page shows them, as a workbook or a paper."""
    version = find_version(request, pk)
    if kind not in FILES:
        raise NotFound("VISIT-FILE", _("Berkas itu tidak ada. Pilih XLSX atau PDF."))
    _form, area_code, stage = _chosen(request, version)
    content = export_sums(
        version=version,
        kind=kind,
        area_code=area_code,
        stage=stage,
        by=request.user,
        at=timezone.now(),
    )
    response = HttpResponse(content, content_type=FILES[kind])
    name = f"jawaban-pemantauan-{version.pk}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
