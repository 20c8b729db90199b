"""Pages of whose account it is: all names the bank gave, one pair side by side and decided."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bansos.accounts.access import find, requires, requires_to_post
from bansos.accounts.permissions import Permission
from bansos.audit.queries import timeline_of
from bansos.lib.errors import Refused
from bansos.lib.lists import ListView
from bansos.lib.parts import Crumb, Stat
from disbursements.choices import ListState, NameState
from disbursements.forms import ConfirmForm, NameForm
from disbursements.models import NameCheck
from disbursements.services import naming
from disbursements.tables import NameChecks, name_word
from disbursements.views.lists import find_list, show
from disbursements.views.parts import refuse


@requires(Permission.PAYLIST_VIEW)
class NameListView(ListView):
    """Names the bank gave, the least alike first."""

    spec = NameChecks


@requires(Permission.PAYLIST_PREPARE)
@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the bank whose accounts a draft list pays."""
    pay_list = find_list(request, pk)
    try:
        naming.check_names(pay_list=pay_list, by=request.user, at=timezone.now())
    except Refused as refused:
        return show(request, pay_list, refused)
    messages.info(request, _("Nama rekening sedang dicocokkan ke bank di latar."))
    return redirect("disbursements:list", pk=pk)


@requires(Permission.PAYLIST_VIEW)
@requires_to_post(Permission.PAYLIST_PREPARE, Permission.SUBMISSION_CONFIRM)
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Two names side by side, and what two people make of them."""
    rows = NameCheck.objects.select_related("line__person", "pay_list", "decided_by")
    row: NameCheck = find(rows, request.user, pk=pk)
    act, data = request.POST.get("aksi", ""), request.POST
    forms: dict[str, Any] = {
        "accept": NameForm(data if act == "accept" else None, prefix="terima"),
        "confirm": ConfirmForm(data if act == "confirm" else None),
        "out": NameForm(data if act == "out" else None, prefix="keluar"),
    }
    form = forms.get(act)
    if form is not None and form.is_valid():
        try:
            _act(request, row, act, form)
            return redirect(f"{reverse('disbursements:names')}?daftar={row.pay_list_id}")
        except Refused as refused:
            refuse(form, refused)
    status = 422 if form is not None and form.errors else 200
    context = _context(request, row, forms)
    return render(request, "disbursements/name.html", context, status=status)


def _act(request: HttpRequest, row: NameCheck, act: str, form: Any) -> None:
    context: dict[str, Any] = {"check": row, "by": request.user, "at": timezone.now()}
    if act == "accept":
        naming.accept(**context, reason=form.cleaned_data["reason"])
        messages.success(request, _("Keputusan disimpan; menunggu pengesahan orang kedua."))
    elif act == "confirm":
        naming.confirm(**context, agreed=form.cleaned_data["agreed"] == "ya")
        messages.success(request, _("Jawaban disimpan."))
    else:
        naming.take_out(**context, reason=form.cleaned_data["reason"])
        messages.success(request, _("Penerima dikeluarkan dari daftar."))


def _context(request: HttpRequest, row: NameCheck, forms: dict[str, Any]) -> dict[str, Any]:
    user = request.user
    draft = row.pay_list.state == ListState.DRAFT
    prepares = draft and user.can(Permission.PAYLIST_PREPARE)
    proposed = row.state == NameState.PROPOSED
    off = naming.why_not_confirm(row, user) if draft and proposed else ""
    proxied = row.payee_name != row.line.payee_name
    undecided = row.state in {NameState.DIFFERS, NameState.NO_ACCOUNT}
    return {
        "row": row,
        "word": name_word(row),
        "sides": [
            Stat(
                label=_("Pemegang kuasa di daftar") if proxied else _("Di daftar"),
                value=row.payee_name,
            ),
            Stat(label=_("Menurut bank"), value=row.bank_name or "-"),
            Stat(label=_("Kemiripan"), value=f"{row.likeness} %"),
        ],
        "pairs": [
            (_("Rekening"), row.line.account_masked),
            *([(_("Penerima"), row.line.payee_name)] if proxied else []),
            (_("Daftar bayar"), row.pay_list.number),
            (_("Baris"), row.line.position),
            (_("Dicocokkan"), row.checked_at),
            *([(_("Alasan diterima"), row.reason)] if row.reason else []),
            *([(_("Diputus oleh"), row.decided_by.full_name)] if row.decided_by else []),
        ],
        "accept": forms["accept"] if prepares and row.state == NameState.DIFFERS else None,
        "out": forms["out"] if prepares and undecided else None,
        "confirm": forms["confirm"] if draft and proposed and not off else None,
        "confirm_off": off,
        "person_href": reverse("beneficiaries:person", args=[row.line.person_id])
        if user.can(Permission.BENEFICIARY_VIEW)
        else "",
        "events": timeline_of(row, limit=20),
        "crumbs": [
            Crumb(
                label=row.pay_list.number,
                href=reverse("disbursements:list", args=[row.pay_list_id]),
            ),
            Crumb(
                label=_("Nama menurut bank"),
                href=f"{reverse('disbursements:names')}?daftar={row.pay_list_id}",
            ),
            Crumb(label=_("Baris %(place)s") % {"place": row.line.position}),
        ],
    }
