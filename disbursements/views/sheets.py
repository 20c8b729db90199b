"""Pages of the layouts of account statements: all versions, and one with its preview."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from bansos.accounts.access import find, requires, requires_to_post
from bansos.accounts.models import Agency
from bansos.accounts.permissions import Permission
from bansos.audit.queries import timeline_of
from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from bansos.lib.lists import Action, ListView
from bansos.lib.money import number
from bansos.lib.parts import Crumb, Stat
from disbursements.forms.sheets import HEADINGS, SheetLayoutForm
from disbursements.models import StatementLayout
from disbursements.rules.statements import Told
from disbursements.services import sheets
from disbursements.tables import layout_word
from disbursements.tables.boundary import StatementLayouts
from disbursements.views.parts import refuse

PROVINCE = 2  # digits of a province in a region code
TOLD: dict[Told, Any] = {
    Told.SETTLED: gettext_lazy("Tersalur"),
    Told.RETURNED: gettext_lazy("Retur"),
    Told.FEE: gettext_lazy("Biaya bank"),
    Told.FOREIGN: gettext_lazy("Tanpa referensi"),
    Told.UNKNOWN: gettext_lazy("Tidak pasti"),
    Told.UNREADABLE: gettext_lazy("Tidak terbaca"),
}


@requires(Permission.CHANNEL_MANAGE, Permission.BANK_RESULT)
class StatementLayoutListView(ListView):
    """Every layout of statements in the area."""

    spec = StatementLayouts

    def primary_action(self) -> Action | None:
        may = self.request.user.can(Permission.CHANNEL_MANAGE)  # type: ignore[union-attr]
        why = "" if may else _("Dilakukan oleh administrator.")
        href = reverse("disbursements:statement_layout_new")
        return Action(_("Tambah susunan"), href, "plus", why)


@requires(Permission.CHANNEL_MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new layout."""
    user: Any = request.user
    return _edit(request, get_object_or_404(Agency, area_code=user.area_code[:PROVINCE]), None)


@requires(Permission.CHANNEL_MANAGE, Permission.BANK_RESULT)
@requires_to_post(Permission.CHANNEL_MANAGE)
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One layout; a change of one that read a statement is its next version."""
    row = find(StatementLayout.objects.select_related("agency"), request.user, pk=pk)
    return _edit(request, row.agency, row)


def _edit(request: HttpRequest, agency: Agency, row: StatementLayout | None) -> HttpResponse:
    user: Any = request.user
    initial = _initial(row) if row else {"bank_code": agency.bank_code}
    form = SheetLayoutForm(request.POST or None, request.FILES or None, initial=initial)
    tried = row
    if request.method == "POST" and form.is_valid():
        act = request.POST.get("act", "")
        try:
            if act not in ("show", "test"):
                return _save(request, agency, row, form)
            tried = sheets.tried_sheet(agency=agency, values=form.values())
            if act == "test":
                return _test_file(tried)
        except Refused as refused:
            refuse(form, refused)
    sample = form.cleaned_data.get("sample") if form.is_bound and form.is_valid() else None
    context = {
        **_preview(tried, sample),
        "row": row,
        "word": layout_word(row) if row else None,
        "form": form if user.can(Permission.CHANNEL_MANAGE) else None,
        "columns": _columns(row),
        "events": timeline_of(row, limit=20) if row else [],
        "crumbs": [
            Crumb(
                label=_("Susunan rekening koran"),
                href=reverse("disbursements:statement_layouts"),
            ),
            Crumb(label=str(row) if row else _("Tambah susunan")),
        ],
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "disbursements/statement_layout.html", context, status=status)


def _save(
    request: HttpRequest, agency: Agency, row: StatementLayout | None, form: SheetLayoutForm
) -> HttpResponse:
    user: Any = request.user
    saved = sheets.save_sheet_layout(
        layout=row, agency=agency, values=form.values(), by=user, at=timezone.now()
    )
    messages.success(request, _("Tersimpan sebagai versi %(n)s.") % {"n": saved.version})
    return redirect("disbursements:statement_layout", pk=saved.pk)


def _initial(row: StatementLayout) -> dict[str, Any]:
    plain = ("name", "bank_code", "date_order", "number_signs", "currency", "active")
    columns = {f"col_{name}": heading for name, heading in row.columns.items()}
    return {**{name: getattr(row, name) for name in plain}, **columns}


def _columns(row: StatementLayout | None) -> list[tuple[Any, Any]]:
    """What the layout says, for who only reads it."""
    if row is None:
        return []
    found = [(HEADINGS[name][0], heading) for name, heading in row.columns.items()]
    found.append((_("Urutan tanggal"), row.get_date_order_display()))
    return [*found, (_("Tanda sebelum sen"), row.get_number_signs_display())]


def _preview(row: StatementLayout | None, sample: Any) -> dict[str, Any]:
    """What the given file says under the layout, or a made-up one; nothing is stored."""
    if row is None:
        return {"tried": None}
    name = sample.name if sample else "uji.csv"
    data = sample.read() if sample else _made_up(row)
    try:
        tried = sheets.try_file(row, data, name)
    except Refused as refused:
        return {"tried": None, "fault": str(refused.message)}
    stats = [
        Stat(label=str(TOLD[told]), value=number(tried.counts[told]))
        for told in TOLD
        if tried.counts.get(told)
    ]
    rows = [(*cells, TOLD[told]) for *cells, told in tried.rows]
    return {"tried": rows, "stats": stats, "of_sample": bool(sample)}


def _made_up(row: StatementLayout) -> bytes:
    return sheets.test_sheet(row, on=day_of(timezone.now(), row.agency.zone))


def _test_file(row: StatementLayout) -> HttpResponse:
    response = HttpResponse(_made_up(row), content_type="text/csv")
    name = f"uji-rekening-koran-{row.bank_code}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
