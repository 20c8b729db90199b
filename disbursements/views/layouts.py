"""Pages of file layouts: all versions, one with its preview and test file, and files in them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bansos.accounts.access import find, requires, requires_to_post
from bansos.accounts.models import Agency
from bansos.accounts.permissions import Permission
from bansos.audit.queries import timeline_of
from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from bansos.lib.lists import Action, ListView
from bansos.lib.parts import Crumb
from disbursements.documents.layout_files import LayoutSpec
from disbursements.forms import LayoutForm, PreviewForm
from disbursements.models import BankLayout, PayList
from disbursements.rules.layouts import write_cells, write_columns
from disbursements.services import layouts
from disbursements.tables import Layouts, layout_word
from disbursements.views.lists import find_list
from disbursements.views.parts import refuse

PROVINCE = 2  # digits of a province in a region code


@requires(Permission.CHANNEL_MANAGE, Permission.BANK_FILE)
class LayoutListView(ListView):
    """Every layout in the area."""

    spec = Layouts

    def primary_action(self) -> Action | None:
        may = self.request.user.can(Permission.CHANNEL_MANAGE)  # type: ignore[union-attr]
        why = "" if may else _("Dilakukan oleh administrator.")
        return Action(_("Tambah susunan"), reverse("disbursements:layout_new"), "plus", why)


def _initial(row: BankLayout) -> dict[str, Any]:
    plain = ("name", "bank_code", "format", "valid_from", "headings", "label", "separator")
    return {
        **{name: getattr(row, name) for name in (*plain, "amount_format", "active")},
        "columns": write_columns(row.columns),
        "header": write_cells(row.header),
        "trailer": write_cells(row.trailer),
    }


@requires(Permission.CHANNEL_MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new layout."""
    agency = get_object_or_404(Agency, area_code=request.user.area_code[:PROVINCE])
    return _edit(request, agency, None)


@requires(Permission.CHANNEL_MANAGE, Permission.BANK_FILE)
@requires_to_post(Permission.CHANNEL_MANAGE)
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One layout with its preview; a change of one that made a file is its next version."""
    row = find(BankLayout.objects.select_related("agency"), request.user, pk=pk)
    return _edit(request, row.agency, row)


def _edit(request: HttpRequest, agency: Agency, row: BankLayout | None) -> HttpResponse:
    initial = _initial(row) if row else {"bank_code": agency.bank_code}
    form = LayoutForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            saved = layouts.save_layout(
                layout=row,
                agency=agency,
                values=form.cleaned_data,
                by=request.user,
                at=timezone.now(),
            )
            messages.success(request, _("Tersimpan sebagai versi %(n)s.") % {"n": saved.version})
            return redirect("disbursements:layout", pk=saved.pk)
        except Refused as refused:
            refuse(form, refused)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "disbursements/layout.html", _context(request, row, form), status=status)


def _context(request: HttpRequest, row: BankLayout | None, form: LayoutForm) -> dict[str, Any]:
    user, last = request.user, str(row) if row else _("Tambah susunan")
    may_see_lists = user.can(Permission.BANK_FILE) and user.can(Permission.PAYLIST_VIEW)
    chooser = PreviewForm(request.GET or None, user=user) if row and may_see_lists else None
    chosen = chooser.cleaned_data["daftar"] if chooser and chooser.is_valid() else None
    rows, fault = _preview(row, chosen)
    return {
        "row": row,
        "word": layout_word(row) if row else None,
        "form": form if user.can(Permission.CHANNEL_MANAGE) else None,
        "chooser": chooser,
        "rows": rows,
        "fault": fault,
        "chosen": chosen,
        "events": timeline_of(row, limit=20) if row else [],
        "crumbs": [
            Crumb(label=_("Susunan berkas bank"), href=reverse("disbursements:layouts")),
            Crumb(label=last),
        ],
    }


def _preview(row: BankLayout | None, chosen: PayList | None) -> tuple[list[list[str]], str]:
    if row is None:
        return [], ""
    now = timezone.now()
    try:
        shown = layouts.preview(row, pay_list=chosen, on=day_of(now, row.agency.zone), at=now)
    except Refused as refused:
        return [], str(refused.message)
    return shown, ""


@requires(Permission.CHANNEL_MANAGE, Permission.BANK_FILE)
@require_GET
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """A file of made-up rows that a bank may try out."""
    row = find(BankLayout.objects.select_related("agency"), request.user, pk=pk)
    now = timezone.now()
    try:
        content = layouts.test_file(row, on=day_of(now, row.agency.zone), at=now)
    except Refused as refused:
        return HttpResponse(str(refused.message), status=refused.status, content_type="text/plain")
    spec: LayoutSpec = layouts.spec_of(row)
    return _download(content, f"uji-{row.bank_code}-v{row.version}.{spec.format}", spec.format)


@requires(Permission.BANK_FILE)
@require_GET
def take(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """The stored bytes of a file in a layout; the handing out is recorded."""
    pay_list = find_list(request, pk)
    rows = pay_list.layout_files.select_related("document", "pay_list", "layout")
    row = get_object_or_404(rows, pk=file)
    document, content = layouts.hand_out(file=row, by=request.user, at=timezone.now())
    return _download(content, document.file_name, row.layout.format)


def _download(content: bytes, name: str, form: str) -> HttpResponse:
    response = HttpResponse(content, content_type=layouts.MIME[form])  # type: ignore[index]
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
