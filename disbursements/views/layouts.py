"""Pages of file layouts: all versions, one with its preview and test file, and files in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
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
from disbursements.forms.layouts import (
    SPARE_CELLS,
    SPARE_COLUMNS,
    CellGrid,
    ColumnGrid,
    LayoutForm,
    PreviewForm,
    filled_rows,
    rows_of,
    starter,
)
from disbursements.models import BankLayout, PayList
from disbursements.rules.layouts import MOST_CELLS, MOST_COLUMNS
from disbursements.services import layouts
from disbursements.tables import Layouts, layout_word
from disbursements.views.lists import find_list
from disbursements.views.parts import refuse

PROVINCE = 2  # digits of a province in a region code
# Button that asks for more empty rows -> how many.
SPARE = {
    "more_columns": SPARE_COLUMNS,
    "more_header": SPARE_CELLS,
    "more_trailer": SPARE_CELLS,
}


@requires(Permission.CHANNEL_MANAGE, Permission.BANK_FILE)
class LayoutListView(ListView):
    """Every layout in the area."""

    spec = Layouts

    def primary_action(self) -> Action | None:
        may = self.request.user.can(Permission.CHANNEL_MANAGE)  # type: ignore[union-attr]
        why = "" if may else _("Dilakukan oleh administrator.")
        return Action(_("Tambah susunan"), reverse("disbursements:layout_new"), "plus", why)


@dataclass(frozen=True)
class Grid:
    """One grid of the page: the field of the layout it fills, its words, its rows."""

    name: str
    title: str
    hint: str
    rows: Any

    @property
    def more(self) -> str:
        """What the button that asks for more empty rows says."""
        return f"more_{self.name}"


def _grids(row: BankLayout | None, data: Any) -> list[Grid]:
    kept = row or BankLayout(columns=starter())
    words = {
        "columns": (
            _("Kolom"),
            _("Satu baris satu kolom, dari kiri ke kanan. “Tidak dipakai” menghapus kolomnya."),
        ),
        "header": (_("Baris pembuka"), _("Isian sebelum baris pertama, dari kiri ke kanan.")),
        "trailer": (_("Baris penutup"), _("Isian sesudah baris terakhir, dari kiri ke kanan.")),
    }
    return [
        Grid(
            name,
            title,
            hint,
            (ColumnGrid if name == "columns" else CellGrid)(
                # A row typed as it is kept would count as untouched, and be left out.
                data,
                prefix=name,
                initial=None if data else rows_of(getattr(kept, name)),
            ),
        )
        for name, (title, hint) in words.items()
    ]


def _initial(row: BankLayout) -> dict[str, Any]:
    plain = ("name", "bank_code", "format", "valid_from", "headings", "label", "separator")
    return {name: getattr(row, name) for name in (*plain, "amount_format", "active")}


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
    data = request.POST or None
    form, grids = LayoutForm(data, initial=initial), _grids(row, data)
    page = _Page(request, agency, row, form, grids)
    act = request.POST.get("act", "")
    if act in SPARE:
        page.form = LayoutForm(initial={name: request.POST.get(name) for name in form.fields})
        page.grids = _longer(request.POST, act)
        return page.show(200)
    if request.method == "POST" and all([form.is_valid(), *(g.rows.is_valid() for g in grids)]):
        filled = {grid.name: filled_rows(grid.rows.cleaned_data) for grid in grids}
        answer = page.act(act, {**form.cleaned_data, **filled})
        if answer is not None:
            return answer
    wrong = form.is_bound and (form.errors or any(any(grid.rows.errors) for grid in grids))
    return page.show(422 if wrong else 200)


def _longer(data: QueryDict, act: str) -> list[Grid]:
    """The grids as typed, with more empty rows in the one that asked; nothing is checked yet."""
    copy = data.copy()
    name = act.removeprefix("more_")
    count = copy.get(f"{name}-TOTAL_FORMS", "")
    most = MOST_COLUMNS if name == "columns" else MOST_CELLS
    if count.isdecimal():
        copy[f"{name}-TOTAL_FORMS"] = str(min(int(count) + SPARE[act], most))
    return _grids(None, copy)


@dataclass
class _Page:
    """One layout being looked at or typed; a preview or a test file stores nothing."""

    request: HttpRequest
    agency: Agency
    row: BankLayout | None
    form: LayoutForm
    grids: list[Grid]
    tried: BankLayout | None = None

    def act(self, act: str, values: dict[str, Any]) -> HttpResponse | None:
        """What the pressed button asks of valid values; None shows the page again."""
        try:
            if act in ("show", "test"):
                self.tried = layouts.tried_out(agency=self.agency, values=values)
                return _test_file(self.tried) if act == "test" else None
            saved = layouts.save_layout(
                layout=self.row,
                agency=self.agency,
                values=values,
                by=self.request.user,
                at=timezone.now(),
            )
        except Refused as refused:
            refuse(self.form, refused)
            return None
        messages.success(self.request, _("Tersimpan sebagai versi %(n)s.") % {"n": saved.version})
        return redirect("disbursements:layout", pk=saved.pk)

    def show(self, status: int) -> HttpResponse:
        """The page; `status` says whether what was typed is refused."""
        context = {**self._preview(), **self._words()}
        return render(self.request, "disbursements/layout.html", context, status=status)

    def _words(self) -> dict[str, Any]:
        user, row = self.request.user, self.row
        return {
            "row": row,
            "word": layout_word(row) if row else None,
            "form": self.form if user.can(Permission.CHANNEL_MANAGE) else None,
            "grids": self.grids,
            "events": timeline_of(row, limit=20) if row else [],
            "crumbs": [
                Crumb(label=_("Susunan berkas bank"), href=reverse("disbursements:layouts")),
                Crumb(label=str(row) if row else _("Tambah susunan")),
            ],
        }

    def _preview(self) -> dict[str, Any]:
        user, shown = self.request.user, self.tried or self.row
        may_see_lists = user.can(Permission.BANK_FILE) and user.can(Permission.PAYLIST_VIEW)
        chooser = None
        if self.row and self.tried is None and may_see_lists:
            chooser = PreviewForm(self.request.GET or None, user=user)
        chosen = chooser.cleaned_data["daftar"] if chooser and chooser.is_valid() else None
        rows, fault = _preview(shown, chosen)
        return {
            "tried": self.tried is not None,
            "chooser": chooser,
            "chosen": chosen,
            "has_preview": shown is not None,
            "rows": rows,
            "fault": fault,
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
    try:
        return _test_file(row)
    except Refused as refused:
        return HttpResponse(str(refused.message), status=refused.status, content_type="text/plain")


def _test_file(row: BankLayout) -> HttpResponse:
    now = timezone.now()
    content = layouts.test_file(row, on=day_of(now, row.agency.zone), at=now)
    return _download(content, f"uji-{row.bank_code}-v{row.version}.{row.format}", row.format)


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
