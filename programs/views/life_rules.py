"""Pages where a version says what happens at an event, at the end, and before a proposal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.errors import Refused
from programs.forms.life_rules import (
    AssessingForm,
    EventRuleFormSet,
    ExitForm,
    LettersForm,
    MeasureFormSet,
    measures_of,
)
from programs.models import ProgrammeVersion
from programs.rules.letters import PLACEHOLDERS
from programs.services.life_rules import life_values, save_life_rules
from programs.views.answers import answer, put_on_form
from programs.views.catalogue import find_version, frozen_words, version_crumbs


def _save(request: HttpRequest, version: ProgrammeVersion, **changed: Any) -> None:
    """The rules of a version with some of them replaced."""
    values = replace(life_values(version), **changed)
    save_life_rules(version=version, values=values, by=request.user, at=timezone.now())
    messages.info(request, _("Aturan disimpan."))


@requires(P.PROGRAM_EDIT)
@require_http_methods(["GET", "POST"])
def event_rules(request: HttpRequest, pk: int) -> HttpResponse:
    """Event to outcome, row by row, the first that fits wins."""
    version = find_version(request, pk)
    formset = EventRuleFormSet(
        request.POST or None,
        initial=list(version.event_rules),
        form_kwargs={"reasons": version.stop_reasons},
    )
    wrong = ""
    if request.method == "POST" and formset.is_valid():
        rules = [row.rule() for row in formset if row.cleaned_data.get("event")]
        try:
            _save(request, version, event_rules=rules)
            return redirect("programs:version", pk=version.pk)
        except Refused as refused:
            wrong = str(refused.message)
    context = {
        "version": version,
        "formset": formset,
        "wrong": wrong,
        "frozen": frozen_words(version),
        "crumbs": version_crumbs(version, _("Aturan peristiwa")),
    }
    bad = bool(wrong) or (formset.is_bound and not formset.is_valid())
    return render(request, "programs/event_rules.html", context, status=422 if bad else 200)


@requires(P.PROGRAM_EDIT)
@require_http_methods(["GET", "POST"])
def exit_rules(request: HttpRequest, pk: int) -> HttpResponse:
    """Measures of success, the term, the clock of appeals, what is offered next."""
    version = find_version(request, pk)
    old = version.exit_rules
    form = ExitForm(request.POST or None, initial=old)
    measures = old.get("measures", [])
    formset = MeasureFormSet(request.POST or None, initial=measures)
    if request.method == "POST" and all([form.is_valid(), formset.is_valid()]):
        found = measures_of([row.cleaned_data for row in formset], measures)
        try:
            _save(request, version, exit_rules={**form.cleaned_data, "measures": found})
            return redirect("programs:version", pk=version.pk)
        except Refused as refused:
            put_on_form(form, refused)
    context = {
        "version": version,
        "form": form,
        "formset": formset,
        "frozen": frozen_words(version),
        "crumbs": version_crumbs(version, _("Aturan keluar")),
    }
    bad = request.method == "POST"
    return render(request, "programs/exit_rules.html", context, status=422 if bad else 200)


@requires(P.PROGRAM_EDIT)
@require_http_methods(["GET", "POST"])
def assessing_rules(request: HttpRequest, pk: int) -> HttpResponse:
    """Ways in, assessment forms, the plan and its business kinds."""
    version = find_version(request, pk)
    form = AssessingForm(request.POST or None, version=version)
    if request.method == "POST" and form.is_valid():
        try:
            _save(
                request,
                version,
                proposal_channels=form.cleaned_data["proposal_channels"],
                assessment_forms=form.cleaned_data["forms_text"],
                plan_rules=form.plan(),
            )
            return redirect("programs:version", pk=version.pk)
        except Refused as refused:
            put_on_form(form, refused)
    context = {
        "version": version,
        "frozen": frozen_words(version),
        "crumbs": version_crumbs(version, _("Jalur, penilaian, dan RAB")),
    }
    return answer(request, "programs/assessing_rules.html", context, form)


@requires(P.PROGRAM_EDIT)
@require_http_methods(["GET", "POST"])
def letters(request: HttpRequest, pk: int) -> HttpResponse:
    """The texts that are printed for a recipient to sign."""
    version = find_version(request, pk)
    form = LettersForm(request.POST or None, version=version)
    if request.method == "POST" and form.is_valid():
        try:
            _save(request, version, letters=form.cleaned_data["letters_text"])
            return redirect("programs:version", pk=version.pk)
        except Refused as refused:
            put_on_form(form, refused)
    context = {
        "version": version,
        "frozen": frozen_words(version),
        "known": [("{" + name + "}", words) for name, words in PLACEHOLDERS.items()],
        "crumbs": version_crumbs(version, _("Naskah dokumen")),
    }
    return answer(request, "programs/letters.html", context, form)
