"""Pages of the holiday calendar: the list, one day, filling, confirming and importing a year."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from bansos.accounts.access import find, requires, requires_to_post
from bansos.accounts.forms import (
    CalendarFileForm,
    ConfirmYearForm,
    HolidayForm,
    ReasonForm,
    YearForm,
)
from bansos.accounts.permissions import Permission
from bansos.accounts.queries import signed_in_user
from bansos.accounts.tables import HolidayList
from bansos.audit.queries import timeline_of
from bansos.lib.errors import BadInput, Refused
from bansos.lib.lists import Action, ListView
from bansos.lib.parts import Crumb, Head
from bansos.regions.choices import Certainty, HolidayKind
from bansos.regions.models import Holiday
from bansos.regions.queries import is_filled
from bansos.regions.services import calendar
from bansos.regions.services.day_lists import read_days

SALT = "accounts.calendar_import"
PREVIEW_AGE = 3600


def _crumbs(*more: Crumb) -> list[Crumb]:
    return [Crumb(label=_("Kalender libur"), href=reverse("accounts:calendar")), *more]


@requires(Permission.REGION_VIEW)
class CalendarView(ListView):
    """The days without office and bank service."""

    spec = HolidayList
    template_name = "accounts/calendar.html"

    def primary_action(self) -> Action | None:
        if not self._may_edit():
            return None
        return Action(_("Tambah hari libur"), reverse("accounts:holiday_new"), "plus")

    def _may_edit(self) -> bool:
        user = signed_in_user(self.request)
        return user.can(Permission.CALENDAR_EDIT) and len(user.area_code) == 2

    def extra_context(self) -> dict[str, Any]:
        """This year and the next: filled or still estimated."""
        user = signed_in_user(self.request)
        today = timezone.localdate()
        years = [
            {
                "year": year,
                "filled": is_filled(user.area_code, year),
                "estimated": Holiday.objects.visible_to(user)
                .filter(day__year=year, certainty=Certainty.ESTIMATED)
                .count(),
            }
            for year in (today.year, today.year + 1)
        ]
        return {"years": years, "may_edit": self._may_edit()}


def _refuse(form: forms.Form, refused: Refused) -> None:
    form.add_error(None, str(refused.message))


@requires(Permission.REGION_VIEW)
@requires_to_post(Permission.CALENDAR_EDIT)
@require_http_methods(["GET", "POST"])
def holiday_edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a day, or see and change one."""
    user = signed_in_user(request)
    row: Holiday | None = find(Holiday.objects, user, pk=pk) if pk else None
    initial = {} if row is None else {name: getattr(row, name) for name in HolidayForm.base_fields}
    form = HolidayForm(request.POST or None, initial=initial, area_code=user.area_code)
    if request.method == "POST" and form.is_valid():
        try:
            calendar.save_holiday(
                holiday=row,
                area_code=form.cleaned_data["area_code"],
                found=form.found(),
                by=user,
                at=timezone.now(),
            )
            messages.success(request, _("Kalender disimpan. Tenggat mengikutinya mulai sekarang."))
            return redirect("accounts:calendar")
        except Refused as refused:
            _refuse(form, refused)
    editable = user.can(Permission.CALENDAR_EDIT) and len(user.area_code) == 2
    title = row.name if row else _("Tambah hari libur")
    context = {
        "form": form if editable else None,
        "row": row,
        "title": title,
        "pairs": _pairs(row) if row else [],
        "remove_form": ReasonForm() if row and editable else None,
        "events": timeline_of(row, limit=20) if row else [],
        "crumbs": _crumbs(Crumb(label=title)),
    }
    status = 422 if form.is_bound else 200
    return render(request, "accounts/holiday.html", context, status=status)


def _pairs(row: Holiday) -> list[tuple[Any, Any]]:
    return [
        (_("Tanggal"), row.day),
        (_("Jenis"), row.get_kind_display()),
        (_("Kepastian"), row.get_certainty_display()),
        (_("Sumber"), row.source),
    ]


@requires(Permission.CALENDAR_EDIT)
@require_POST
def holiday_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a day out, with a reason."""
    user = signed_in_user(request)
    row: Holiday = find(Holiday.objects, user, pk=pk)
    try:
        calendar.remove_holiday(
            holiday=row, reason=request.POST.get("reason", ""), by=user, at=timezone.now()
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("accounts:holiday", pk=pk)
    messages.success(request, _("Hari libur dihapus dari kalender; jejaknya tetap ada."))
    return redirect("accounts:calendar")


@requires(Permission.CALENDAR_EDIT)
@require_POST
def calendar_fill(request: HttpRequest) -> HttpResponse:
    """Fill a year with what the package knows."""
    user = signed_in_user(request)
    form = YearForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Tahun belum diisi dengan benar. Tidak ada yang berubah."))
        return redirect("accounts:calendar")
    year = form.cleaned_data["year"]
    try:
        added = calendar.fill_year(area_code=user.area_code, year=year, by=user, at=timezone.now())
        messages.success(
            request,
            ngettext(
                "%(n)s hari libur %(year)s ditambahkan sebagai perkiraan.",
                "%(n)s hari libur %(year)s ditambahkan sebagai perkiraan.",
                added,
            )
            % {"n": added, "year": year},
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
    return redirect(f"{reverse('accounts:calendar')}?tahun={year}")


@requires(Permission.CALENDAR_EDIT)
@require_http_methods(["GET", "POST"])
def calendar_confirm(request: HttpRequest) -> HttpResponse:
    """Declare a year's estimates official."""
    user = signed_in_user(request)
    form = ConfirmYearForm(request.POST or None, initial={"year": timezone.localdate().year})
    if request.method == "POST" and form.is_valid():
        try:
            calendar.confirm_year(
                area_code=user.area_code, **form.cleaned_data, by=user, at=timezone.now()
            )
            messages.success(request, _("Kalender tahun itu sekarang resmi."))
            return redirect(f"{reverse('accounts:calendar')}?tahun={form.cleaned_data['year']}")
        except Refused as refused:
            _refuse(form, refused)
    title = _("Nyatakan kalender resmi")
    context = {"form": form, "title": title, "crumbs": _crumbs(Crumb(label=title))}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/calendar_form.html", context, status=status)


@requires(Permission.CALENDAR_EDIT)
@require_http_methods(["GET", "POST"])
def calendar_import(request: HttpRequest) -> HttpResponse:
    """Read a list, show what it would change, take it over."""
    user = signed_in_user(request)
    sealed = request.POST.get("isi", "")
    if sealed:
        return _take_over(request, sealed)
    form = CalendarFileForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form, "crumbs": _crumbs(Crumb(label=_("Impor")))}
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                days = read_days(file.read(), file.name)
                context |= _preview(days, user.area_code[:2])
                status = 200
            except Refused as refused:
                _refuse(form, refused)
    return render(request, "accounts/calendar_import.html", context, status=status)


def _preview(days: list[calendar.DayOff], area_code: str) -> dict[str, Any]:
    known = {row.day: row for row in Holiday.objects.filter(area_code=area_code)}
    rows = []
    for found in days:
        row = known.get(found.day)
        word = _("Baru")
        if row is not None:
            word = _("Berubah") if calendar.differs(row, found) else _("Sama")
        rows.append((word, found.day, found.name, found.kind.label, found.certainty.label))
    heads = (_("Akibat"), _("Tanggal"), _("Nama"), _("Jenis"), _("Kepastian"))
    return {
        "columns": [Head(label=head) for head in heads],
        "rows": rows,
        "count": len(rows),
        "sealed": signing.dumps(
            [{**asdict(found), "day": found.day.isoformat()} for found in days],
            salt=SALT,
            compress=True,
        ),
    }


def _take_over(request: HttpRequest, sealed: str) -> HttpResponse:
    user = signed_in_user(request)
    try:
        found = signing.loads(sealed, salt=SALT, max_age=PREVIEW_AGE)
    except signing.BadSignature as error:
        raise BadInput(
            "CALENDAR-PREVIEW",
            _("Pratinjau sudah kedaluwarsa. Tidak ada yang berubah. Unggah berkasnya lagi."),
        ) from error
    days = [
        calendar.DayOff(
            day=date.fromisoformat(item["day"]),
            name=item["name"],
            kind=HolidayKind(item["kind"]),
            certainty=Certainty(item["certainty"]),
            source=item["source"],
        )
        for item in found
    ]
    try:
        added, changed = calendar.import_holidays(
            area_code=user.area_code, days=days, by=user, at=timezone.now()
        )
        messages.success(
            request,
            _("%(added)s hari baru, %(changed)s hari berubah.")
            % {"added": added, "changed": changed},
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("accounts:calendar")
