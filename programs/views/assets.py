"""Pages of what a group owns."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.errors import Refused
from bansos.lib.parts import Word
from programs.choices import AssetCondition
from programs.forms.assessing import AssetCheckForm, AssetForm
from programs.models import AssetCheck, GroupAsset
from programs.queries.assessing import grant_of
from programs.services import assets as services
from programs.views.answers import answer, put_on_form
from programs.views.events import find_member, frame, steps

TONES = {
    AssetCondition.GOOD: ("baik", "check"),
    AssetCondition.DAMAGED: ("menunggu", "alert-triangle"),
    AssetCondition.LOST: ("masalah", "x"),
    AssetCondition.SOLD: ("netral", "cash"),
}


def condition_word(row: AssetCheck) -> Word:
    """The badge of a condition."""
    tone, icon = TONES[AssetCondition(row.condition)]
    return Word(tone, row.get_condition_display(), icon)


@requires(P.PROGRAM_VIEW)
@require_GET
def assets(request: HttpRequest, pk: int) -> HttpResponse:
    """Every asset of a group with the condition it was last found in."""
    row = find_member(request, pk)
    may = request.user.can(P.PROPOSAL_SUBMIT) or request.user.can(P.PROPOSAL_VERIFY)
    found = list(row.assets.prefetch_related("checks").order_by("bought_on", "pk"))
    lines = []
    for asset in found:
        last = max(asset.checks.all(), key=lambda check: (check.checked_on, check.pk))
        lines.append((asset, last, condition_word(last)))
    context = frame(row, _("Aset kelompok")) | {
        "lines": lines,
        "total": sum(asset.value for asset in found),
        "grant": grant_of(row),
        "new_url": reverse("programs:asset_new", args=[row.pk])
        if may and row.active_from and row.payee_id
        else "",
        "may": may,
    }
    return render(request, "programs/assets.html", context)


@requires(P.PROPOSAL_SUBMIT, P.PROPOSAL_VERIFY)
@require_http_methods(["GET", "POST"])
def asset_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what the group bought."""
    row = find_member(request, pk)
    form = AssetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_asset(
                enrolment=row, by=request.user, at=timezone.now(), **form.cleaned_data
            )
            messages.info(request, _("1 aset dicatat."))
            return redirect("programs:assets", pk=row.pk)
        except Refused as refused:
            put_on_form(form, refused)
    title = _("Catat aset kelompok")
    context = {
        "title": title,
        "button": title,
        "hint": str(row.version),
        "back": reverse("programs:assets", args=[row.pk]),
        "crumbs": steps(row, title),
    }
    return answer(request, "programs/act.html", context, form)


@requires(P.PROPOSAL_SUBMIT, P.PROPOSAL_VERIFY)
@require_http_methods(["GET", "POST"])
def asset_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the condition an asset was found in."""
    rows = GroupAsset.objects.select_related("enrolment__version__programme__agency")
    asset = find(rows, request.user, pk=pk)
    form = AssetCheckForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.check_asset(
                asset=asset, by=request.user, at=timezone.now(), **form.cleaned_data
            )
            messages.info(request, _("Keadaan aset dicatat."))
            return redirect("programs:assets", pk=asset.enrolment_id)
        except Refused as refused:
            put_on_form(form, refused)
    title = _("Keadaan: %(name)s") % {"name": asset.name}
    context = {
        "title": title,
        "button": _("Simpan keadaan"),
        "hint": str(asset.enrolment.version),
        "back": reverse("programs:assets", args=[asset.enrolment_id]),
        "crumbs": steps(asset.enrolment, title),
    }
    return answer(request, "programs/act.html", context, form)
