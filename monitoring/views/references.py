"""Reference figures: the list, a new one, one with its trail and its correction."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bansos.accounts.access import find, requires, requires_to_post
from bansos.accounts.permissions import Permission
from bansos.audit.queries import timeline_of
from bansos.lib.errors import Refused
from bansos.lib.lists import Action, ListView
from bansos.lib.parts import Crumb, Pair
from bansos.lib.scopes import covers
from bansos.regions.queries import name_of
from monitoring.forms import ReferenceForm
from monitoring.models import ReferenceFigure
from monitoring.rules import figure_words
from monitoring.services import save_reference
from monitoring.tables import ReferenceList


def _crumbs(last: str) -> list[Crumb]:
    home = Crumb(label=_("Angka acuan"), href=reverse("monitoring:references"))
    return [home, Crumb(label=last)]


@requires(Permission.REPORT_VIEW)
class ReferenceListView(ListView):
    """Figures of the province and its regencies."""

    spec = ReferenceList

    def primary_action(self) -> Action | None:
        """Who may not record reads why."""
        reason = ""
        if not self.request.user.can(Permission.REPORT_MAKE):  # type: ignore[union-attr]
            reason = _("Peran Anda hanya membaca angka acuan.")
        href = reverse("monitoring:reference_new")
        return Action(_("Catat angka acuan"), href, "plus", disabled_because=reason)


def _save(
    request: HttpRequest, form: ReferenceForm, figure: ReferenceFigure | None
) -> ReferenceFigure | None:
    """The saved row; None with the reason on the form."""
    user: Any = request.user
    try:
        saved = save_reference(figure=figure, values=form.values(), by=user, at=timezone.now())
    except Refused as refused:
        for name, sentence in (refused.fields or {NON_FIELD_ERRORS: refused.message}).items():
            form.add_error(name, str(sentence))
        return None
    messages.success(request, _("Angka acuan disimpan."))
    return saved


@requires(Permission.REPORT_MAKE)
@require_http_methods(["GET", "POST"])
def reference_new(request: HttpRequest) -> HttpResponse:
    """Record a figure with its source."""
    form = ReferenceForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid() and (saved := _save(request, form, None)):
        return redirect("monitoring:reference", pk=saved.pk)
    title = _("Catat angka acuan")
    context = {"form": form, "title": title, "crumbs": _crumbs(title)}
    status = 422 if form.errors else 200
    return render(request, "monitoring/reference_new.html", context, status=status)


@requires(Permission.REPORT_VIEW)
@requires_to_post(Permission.REPORT_MAKE)
@require_http_methods(["GET", "POST"])
def reference(request: HttpRequest, pk: int) -> HttpResponse:
    """One figure: its source, who recorded and corrected it; posting corrects it."""
    user: Any = request.user
    row: ReferenceFigure = find(ReferenceFigure.objects.select_related("recorded_by"), user, pk=pk)
    form = ReferenceForm(request.POST or None, user=user, figure=row)
    if request.method == "POST" and form.is_valid() and _save(request, form, row):
        return redirect("monitoring:reference", pk=pk)
    may_edit = user.can(Permission.REPORT_MAKE) and covers(user.area_code, row.area_code)
    context = {
        "title": f"{row.indicator}, {row.period}",
        "pairs": [
            Pair(label=_("Nilai"), value=figure_words(row.value, row.unit)),
            Pair(label=_("Wilayah"), value=name_of(row.area_code)),
            Pair(label=_("Periode"), value=row.period),
            Pair(label=_("Per tanggal"), value=row.as_of),
            Pair(label=_("Sumber"), value=row.source),
            Pair(label=_("Catatan"), value=row.note),
            Pair(label=_("Dicatat oleh"), value=row.recorded_by.full_name),
        ],
        "form": form if may_edit else None,
        "events": timeline_of(row, limit=20),
        "crumbs": _crumbs(row.indicator),
    }
    status = 422 if form.errors else 200
    return render(request, "monitoring/reference.html", context, status=status)
