"""The parts of a version that have a page of their own: stages, quotas."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.errors import Refused
from programs.choices import FIXED_KINDS
from programs.forms.catalogue import StageFormSet
from programs.models import ProgrammeVersion
from programs.queries.catalogue import quota_lines
from programs.services import catalogue as services
from programs.views.catalogue import find_version, frozen_words, version_crumbs


@requires(P.PROGRAM_EDIT)
@require_http_methods(["GET", "POST"])
def stages(request: HttpRequest, pk: int) -> HttpResponse:
    """The stages of the year as a table: name, date, amount."""
    version = find_version(request, pk)
    initial = [
        {"name": row.name, "stage_date": row.stage_date, "amount": row.amount}
        for row in version.stages.order_by("number")
    ]
    fixed = version.benefit_kind in FIXED_KINDS
    formset = StageFormSet(request.POST or None, initial=initial, form_kwargs={"fixed": fixed})
    wrong = ""
    if request.method == "POST" and formset.is_valid():
        try:
            _save_stages(request, version, formset)
            return redirect(reverse("programs:version", args=[version.pk]) + "?tab=tahap")
        except Refused as refused:
            wrong = str(refused.message)
    context = {
        "version": version,
        "formset": formset,
        "wrong": wrong,
        "frozen": frozen_words(version),
        "crumbs": version_crumbs(version, _("Tahap")),
    }
    bad = bool(wrong) or (formset.is_bound and not formset.is_valid())
    return render(request, "programs/stages.html", context, status=422 if bad else 200)


@transaction.atomic  # all rows or none: a refusal at the last one keeps nothing of the first
def _save_stages(request: HttpRequest, version: ProgrammeVersion, formset: Any) -> None:
    rows = [form.cleaned_data for form in formset if form.cleaned_data.get("name")]
    for number, data in enumerate(rows, start=1):
        services.save_stage(
            version=version,
            number=number,
            name=data["name"],
            stage_date=data["stage_date"],
            amount=data.get("amount"),
            by=request.user,
            at=timezone.now(),
        )
    services.drop_stages_after(
        version=version, number=len(rows), by=request.user, at=timezone.now()
    )


@requires(P.PROGRAM_EDIT)
@require_http_methods(["GET", "POST"])
def quotas(request: HttpRequest, pk: int) -> HttpResponse:
    """Places per regency: one table, saved at once; an empty cell is no limit."""
    version = find_version(request, pk)
    lines = quota_lines(version, area_code=request.user.area_code)
    wrong = ""
    if request.method == "POST":
        wrong = _save_quotas(request, version, lines)
        if not wrong:
            messages.info(request, _("Kuota disimpan."))
            return redirect(reverse("programs:version", args=[version.pk]) + "?tab=kuota")
    context = {
        "version": version,
        "lines": [(line, request.POST.get(f"kuota_{line.area_code}")) for line in lines],
        "wrong": wrong,
        "crumbs": version_crumbs(version, _("Kuota wilayah")),
    }
    return render(request, "programs/quotas.html", context, status=422 if wrong else 200)


def _save_quotas(request: HttpRequest, version: ProgrammeVersion, lines: Any) -> str:
    """Save every changed row or none; the sentence of what is wrong, "" when all is saved."""
    wanted = []
    for line in lines:
        text = request.POST.get(f"kuota_{line.area_code}", "").strip().replace(".", "")
        if text and not (text.isascii() and text.isdigit()):
            return _("Kuota %(name)s harus angka bulat. Yang lain belum disimpan.") % {
                "name": line.name
            }
        places = int(text) if text else None
        if places != line.places:
            wanted.append((line.area_code, places))
    try:
        with transaction.atomic():
            for area_code, places in wanted:
                services.set_quota(
                    version=version,
                    area_code=area_code,
                    places=places,
                    by=request.user,
                    at=timezone.now(),
                )
    except Refused as refused:
        return str(refused.message)
    return ""
