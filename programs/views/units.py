"""The page where units are counted: one stage, one month, every active enrolment of the area."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bansos.accounts.access import find, requires
from bansos.lib.dates import month_words
from bansos.lib.errors import Refused
from bansos.lib.parts import Tab
from programs.choices import BenefitKind
from programs.models import Stage
from programs.queries.entitlements import UnitLine, months_of, unit_lines
from programs.services.units import COUNTERS, record_units
from programs.views.catalogue import version_crumbs


@requires(*COUNTERS)
@require_http_methods(["GET", "POST"])
def units(request: HttpRequest, pk: int) -> HttpResponse:
    """Count the units of one month; a changed row is written, an empty one is left alone."""
    rows = Stage.objects.select_related("version__programme__agency")
    stage = find(rows.filter(version__benefit_kind=BenefitKind.TARIFF), request.user, pk=pk)
    months = months_of(stage)
    if not months:
        return render(request, "programs/units.html", _frame(stage))
    month = next((day for day in months if f"{day:%Y-%m}" == request.GET.get("bulan")), months[0])
    lines = unit_lines(stage, area_code=request.user.area_code, month=month)
    wrong = ""
    if request.method == "POST":
        wrong = _save(request, stage, month, lines)
        if not wrong:
            messages.info(request, _("Satuan bulan ini disimpan."))
            return redirect(f"{request.path}?bulan={month:%Y-%m}")
    context = _frame(stage) | {
        "month": month_words(month),
        "bulan": f"{month:%Y-%m}",
        "has_houses": any(line.is_house for line in lines),
        "fill_url": f"{reverse('programs:units_fill', args=[stage.pk])}?bulan={month:%Y-%m}",
        "tabs": [
            Tab(
                label=month_words(day),
                href=f"{request.path}?bulan={day:%Y-%m}",
                active=day == month,
            )
            for day in months
        ],
        "lines": [(line, request.POST.get(f"satuan_{line.enrolment.pk}")) for line in lines],
        "source": request.POST.get("sumber", _last_source(lines)),
        "wrong": wrong,
    }
    return render(request, "programs/units.html", context, status=422 if wrong else 200)


def _last_source(lines: list[UnitLine]) -> str:
    """What was counted last by hand; the residents' list of one house is no source of another."""
    return next((line.source for line in lines if line.source and not line.is_house), "")


def _frame(stage: Stage) -> dict[str, Any]:
    """What the page shows whether or not the stage has months of its own."""
    return {
        "stage": stage,
        "version": stage.version,
        "back": reverse("programs:version", args=[stage.version_id]) + "?tab=tahap",
        "crumbs": version_crumbs(stage.version, _("Satuan")),
    }


def _save(request: HttpRequest, stage: Stage, month: date, lines: list[UnitLine]) -> str:
    """Write every changed row or none; the sentence of what is wrong, "" when all is saved."""
    wanted: list[tuple[Any, int]] = []
    for line in lines:
        text = request.POST.get(f"satuan_{line.enrolment.pk}", "").strip().replace(".", "")
        if not text:
            continue
        if not (text.isascii() and text.isdigit() and len(text) < 8):
            return _("Satuan harus angka bulat. Belum ada yang disimpan.")
        if int(text) != line.units:
            wanted.append((line.enrolment, int(text)))
    try:
        with transaction.atomic():
            for enrolment, count in wanted:
                record_units(
                    enrolment=enrolment,
                    stage=stage,
                    month=month,
                    units=count,
                    source=request.POST.get("sumber", ""),
                    by=request.user,  # type: ignore[arg-type]
                    at=timezone.now(),
                )
    except Refused as refused:
        return str(refused.message)
    return ""
