"""Pages of collectively opened accounts: letters to the bank and what it reported."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bansos.accounts.access import find, requires, requires_to_post
from bansos.accounts.permissions import Permission as P
from bansos.audit.queries import timeline_of
from bansos.lib.errors import Refused
from bansos.lib.lists import Action, ListView
from bansos.lib.parts import Crumb
from bansos.regions.queries import full_name
from disbursements.forms.openings import OpeningForm, ProgressForm
from disbursements.models import AccountOpening
from disbursements.services import openings
from disbursements.tables.openings import AccountOpenings, opening_word
from disbursements.views.parts import refuse


@requires(P.PAYLIST_VIEW)
class OpeningListView(ListView):
    """Every letter in the area."""

    spec = AccountOpenings

    def primary_action(self) -> Action:
        may = self.request.user.can(P.CASH_PLAN_EDIT)  # type: ignore[union-attr]
        why = "" if may else _("Surat ke bank dicatat oleh bendahara atau staf program.")
        href = reverse("disbursements:opening_new")
        return Action(_("Catat surat ke bank"), href, "plus", why)


def _crumbs(*steps: Crumb) -> list[Crumb]:
    href = reverse("disbursements:openings")
    return [Crumb(label=_("Rekening kolektif"), href=href), *steps]


@requires(P.CASH_PLAN_EDIT)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Record a letter."""
    form = OpeningForm(request.POST or None, user=request.user)  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid():
        try:
            row = openings.ask_opening(
                version=form.cleaned_data["version"],
                area_code=form.cleaned_data["area_code"],
                letter=form.letter(),
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            )
            messages.success(request, _("Surat dicatat; tenggatnya berjalan."))
            return redirect("disbursements:opening", pk=row.pk)
        except Refused as refused:
            refuse(form, refused)
    title, back = _("Catat surat ke bank"), reverse("disbursements:openings")
    context = {"form": form, "title": title, "back": back, "crumbs": _crumbs(Crumb(label=title))}
    status = 422 if form.is_bound else 200
    return render(request, "disbursements/goods_form.html", context, status=status)


@requires(P.PAYLIST_VIEW)
@requires_to_post(P.CASH_PLAN_EDIT)
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One letter; POST records what the bank did."""
    rows = AccountOpening.objects.select_related("version__programme", "made_by")
    row: AccountOpening = find(rows, request.user, pk=pk)
    form = ProgressForm(request.POST or None, initial={"acted_on": row.acted_on})
    if request.method == "POST" and form.is_valid():
        try:
            openings.note_opening(
                opening=row,
                **form.cleaned_data,
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            )
            messages.success(request, _("Catatan bank disimpan."))
            return redirect("disbursements:opening", pk=pk)
        except Refused as refused:
            refuse(form, refused)
    may = request.user.can(P.CASH_PLAN_EDIT) and row.reported_on is None  # type: ignore[union-attr]
    context = {
        "row": row,
        "word": opening_word(row),
        "pairs": _pairs(row),
        "form": form if may else None,
        "events": timeline_of(row, limit=20),
        "crumbs": _crumbs(Crumb(label=row.letter_number)),
    }
    status = 422 if form.is_bound else 200
    return render(request, "disbursements/opening.html", context, status=status)


def _pairs(row: AccountOpening) -> list[tuple[str, Any]]:
    return [
        (_("Program"), str(row.version)),
        (_("Wilayah"), full_name(row.area_code)),
        (_("Tanggal surat"), row.asked_on),
        (_("Jumlah rekening yang diminta"), row.count),
        (_("Bank mulai membuka rekening"), row.acted_on),
        (_("Laporan bank diterima"), row.reported_on),
        (_("Dibuka"), row.opened),
        (_("Gagal dibuka"), row.failed),
        (_("Sebab kegagalan menurut bank"), row.note),
        (_("Dicatat oleh"), row.made_by.full_name),
    ]
