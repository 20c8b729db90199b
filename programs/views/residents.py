"""Pages of tariff x days: fill from the residents' list, its evidence by day, receipts."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.dates import month_words
from bansos.lib.errors import Refused
from programs.choices import BenefitKind
from programs.forms.receipts import ReceiptForm
from programs.models import Enrolment, Receipt, Stage, StageEntitlement
from programs.queries.entitlements import evidence_of, months_of, unit_lines
from programs.services import residents as services
from programs.services.papers import LARGEST
from programs.services.units import COUNTERS
from programs.views.answers import answer, crumbs, put_on_form, say
from programs.views.papers import inline


def _month(request: HttpRequest, stage: Stage) -> date:
    """The month of the address, else the first of the stage; 404 for a stage without months."""
    months = months_of(stage)
    if not months:
        raise Http404
    return next((day for day in months if f"{day:%Y-%m}" == request.GET.get("bulan")), months[0])


@requires(*COUNTERS)
@require_POST
def fill(request: HttpRequest, pk: int) -> HttpResponse:
    """Count the month of every institution of the area from its residents' list."""
    rows = Stage.objects.select_related("version__programme__agency")
    stage = find(rows.filter(version__benefit_kind=BenefitKind.TARIFF), request.user, pk=pk)
    month, done = _month(request, stage), 0
    for line in unit_lines(stage, area_code=request.user.area_code, month=month):
        if not line.is_house:
            continue
        try:
            services.fill_units(
                enrolment=line.enrolment,
                stage=stage,
                month=month,
                by=request.user,
                at=timezone.now(),
            )
            done += 1
        except Refused as refused:
            messages.error(request, f"{line.name}: {refused.message}")
    messages.info(
        request,
        ngettext(
            "%(count)d lembaga dihitung dari daftar penghuninya.",
            "%(count)d lembaga dihitung dari daftar penghuninya.",
            done,
        )
        % {"count": done},
    )
    return redirect(f"{reverse('programs:units', args=[stage.pk])}?bulan={month:%Y-%m}")


def _place(request: HttpRequest, pk: int, stage: int) -> tuple[Enrolment, Stage, date]:
    rows = Enrolment.objects.select_related("version__programme__agency", "person", "payee")
    enrolment = find(rows, request.user, pk=pk)
    found = get_object_or_404(
        Stage.objects.select_related("version__programme__agency"),
        pk=stage,
        version=enrolment.version_id,
        version__benefit_kind=BenefitKind.TARIFF,
    )
    return enrolment, found, _month(request, found)


def _address(enrolment: Enrolment, stage: Stage, month: date) -> str:
    path = reverse("programs:unit_evidence", args=[enrolment.pk, stage.pk])
    return f"{path}?bulan={month:%Y-%m}"


@requires(P.PROGRAM_VIEW)
@require_GET
def evidence(request: HttpRequest, pk: int, stage: int) -> HttpResponse:
    """Who was counted in the month, from day to day, and the receipts of it."""
    enrolment, found, month = _place(request, pk, stage)
    context = {
        "evidence": evidence_of(enrolment, found, month),
        "enrolment": enrolment,
        "name": enrolment.payee.name if enrolment.payee else enrolment.person.name,
        "stage": found,
        "bulan": f"{month:%Y-%m}",
        "month": month_words(month),
        "may_add": request.user.can(P.PROPOSAL_SUBMIT),
        "units_url": f"{reverse('programs:units', args=[found.pk])}?bulan={month:%Y-%m}"
        if request.user.can_any(COUNTERS)
        else "",
        "crumbs": crumbs(
            (_("Usulan"), reverse("programs:proposals")),
            (_("Usulan ini"), reverse("programs:proposal", args=[enrolment.pk])),
            (_("Satuan %(month)s") % {"month": month_words(month)}, ""),
        ),
    }
    return render(request, "programs/unit_evidence.html", context)


@requires(P.PROPOSAL_SUBMIT)
@require_http_methods(["GET", "POST"])
def receipt_new(request: HttpRequest, pk: int, stage: int) -> HttpResponse:
    """Keep one receipt of the month."""
    enrolment, found, month = _place(request, pk, stage)
    form = ReceiptForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            _add(request, enrolment, found, month, form)
            messages.info(request, _("Kuitansi disimpan."))
            return redirect(_address(enrolment, found, month))
        except Refused as refused:
            put_on_form(form, refused)
    context = {
        "title": _("Catat kuitansi"),
        "button": _("Simpan kuitansi"),
        "with_file": True,
        "hint": f"{enrolment.version}, {month_words(month)}",
        "back": _address(enrolment, found, month),
        "crumbs": crumbs(
            (_("Usulan"), reverse("programs:proposals")),
            (
                _("Satuan %(month)s") % {"month": month_words(month)},
                _address(enrolment, found, month),
            ),
            (_("Catat kuitansi"), ""),
        ),
    }
    return answer(request, "programs/act.html", context, form)


def _add(
    request: HttpRequest, enrolment: Enrolment, stage: Stage, month: date, form: ReceiptForm
) -> None:
    row = StageEntitlement.objects.filter(enrolment=enrolment, stage=stage).first()
    if row is None:
        raise Refused("RECEIPT-NONE", _("Satuan penerima ini belum dicatat pada tahap ini."))
    services.add_receipt(
        entitlement=row,
        values=services.ReceiptValues(month=month, **form.values(LARGEST)),
        by=request.user,  # type: ignore[arg-type]
        at=timezone.now(),
    )


@requires(P.PROGRAM_VIEW)
@require_GET
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture of a receipt; looking at it leaves a trace."""
    row = find(Receipt.objects.select_related("entitlement__enrolment"), request.user, pk=pk)
    content = services.open_receipt(receipt=row, by=request.user, at=timezone.now())
    return inline(content, row.mime, f"kuitansi-{row.pk}")


@requires(P.PROPOSAL_SUBMIT)
@require_POST
def receipt_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a wrong receipt out of the sum."""
    rows = Receipt.objects.select_related("entitlement__enrolment", "entitlement__stage")
    row = find(rows.defer("sealed_file"), request.user, pk=pk)
    try:
        services.cancel_receipt(
            receipt=row, reason=request.POST.get("note", ""), by=request.user, at=timezone.now()
        )
        messages.info(request, _("Kuitansi dibatalkan."))
    except Refused as refused:
        say(request, refused)
    return redirect(_address(row.entitlement.enrolment, row.entitlement.stage, row.month))
