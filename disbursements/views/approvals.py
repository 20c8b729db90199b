"""Signing a list on its own page, and recording its SP2D."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.http import require_http_methods

from bansos.accounts.access import requires, requires_to_post
from bansos.accounts.permissions import Permission
from bansos.jobs.models import Job
from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from bansos.lib.money import number, rupiah
from bansos.lib.parts import Crumb
from bansos.regions.queries import full_name
from disbursements.choices import LineState, ListState
from disbursements.forms import SendBackForm, SignForm, Sp2dForm
from disbursements.models import PayList
from disbursements.queries.comparing import difference_of, difference_rows, difference_words
from disbursements.queries.people import stage_words
from disbursements.services import acting, lists
from disbursements.services.preflight import changes_since_lock
from disbursements.views.list_page import preflight, rounds
from disbursements.views.lists import find_list, here
from disbursements.views.parts import in_background, refuse

Found = TypeVar("Found")
KEPT_SECONDS = 120
KINDS = {"joined": _later("Masuk"), "left": _later("Keluar"), "changed": _later("Berubah")}


@requires(Permission.PAYLIST_VIEW)
@requires_to_post(Permission.PAYLIST_CHECK, Permission.PAYLIST_APPROVE)
@require_http_methods(["GET", "POST"])
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """What is signed, the differences, the amount in words; the button repeats the money."""
    pay_list = find_list(request, pk)
    checking = pay_list.checked_at is None
    why_not = (lists.why_not_check if checking else lists.why_not_approve)(pay_list, request.user)
    back = "kembalikan" in request.POST
    sign = SignForm(
        None if back else request.POST or None,
        user=request.user,
        initial={"seen_hash": pay_list.content_hash},
    )
    send_back = SendBackForm(request.POST if back else None)
    form: Any = send_back if back else sign
    if request.method == "POST" and form.is_valid():
        try:
            return _sign(request, pay_list, form, checking=checking, back=back)
        except Refused as refused:
            refuse(form, refused)
            pay_list = find_list(request, pk)
    context = _context(pay_list, checking=checking)
    context |= {"sign": sign, "send_back": send_back, "why_not": why_not}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "disbursements/approve.html", context, status=status)


def _sign(
    request: HttpRequest, pay_list: PayList, form: Any, *, checking: bool, back: bool
) -> HttpResponse:
    now = timezone.now()
    if back:
        note = form.cleaned_data["note"]
        lists.send_back(pay_list=pay_list, note=note, by=request.user, at=now)
        messages.success(request, _("Daftar dikembalikan kepada penyusun dengan alasan."))
    elif checking:
        seen = form.cleaned_data["seen_hash"]
        job = acting.act(name="check", pay_list=pay_list, seen_hash=seen, by=request.user, at=now)
        _tell(request, job, _("Daftar diperiksa; menunggu persetujuan Kepala Dinas."))
    else:
        seen = form.cleaned_data["seen_hash"]
        job = acting.act(name="approve", pay_list=pay_list, seen_hash=seen, by=request.user, at=now)
        words = _("Disetujui %(total)s untuk %(count)s KPM.")
        values = {"total": rupiah(pay_list.total), "count": number(pay_list.count)}
        _tell(request, job, words % values)
    return redirect("disbursements:list", pk=pay_list.pk)


def _tell(request: HttpRequest, job: Job | None, words: str) -> None:
    if job is None:
        messages.success(request, words)
    else:
        in_background(request)


def _kept(name: str, pay_list: PayList, make: Callable[[], Found]) -> Found:
    """What takes a pass over every line, of a long list for two minutes: people open this page
    again and again. Signing asks anew and refuses what changed meanwhile."""
    if not acting.is_long(pay_list):
        return make()
    key = f"{name}:{pay_list.pk}:{pay_list.content_hash}:{get_language()}"
    return cast("Found", cache.get_or_set(key, make, KEPT_SECONDS))


def _changes(pay_list: PayList) -> list[str]:
    if pay_list.state != ListState.AWAITING:
        return []
    today = day_of(timezone.now(), pay_list.budget.agency.zone)
    return _kept("changes", pay_list, lambda: changes_since_lock(pay_list, today=today))


def _context(pay_list: PayList, *, checking: bool) -> dict[str, Any]:
    difference = _kept("difference", pay_list, lambda: difference_of(pay_list))
    _blocked, checks = preflight(pay_list)
    words = {"total": rupiah(pay_list.total), "count": number(pay_list.count)}
    excluded = pay_list.lines.filter(not_live=LineState.EXCLUDED).count()
    label = _("Nyatakan sudah diperiksa: %(total)s untuk %(count)s KPM")
    if not checking:
        label = _("Setujui %(total)s untuk %(count)s KPM")
    return {
        "pay_list": pay_list,
        "checking": checking,
        "title": _("Periksa daftar bayar") if checking else _("Setujui daftar bayar"),
        "button": label % words,
        "pairs": [
            (_("Program dan tahap"), stage_words(pay_list.stage)),
            (_("Wilayah"), full_name(pay_list.area_code)),
            (_("Daftar"), pay_list.number),
            (_("SK"), pay_list.decree.number),
            (_("Penerima"), _("%(count)s KPM") % words),
            (_("Dikeluarkan"), _("%(count)s KPM") % {"count": number(excluded)}),
            (_("Dikunci oleh"), pay_list.locked_by.full_name if pay_list.locked_by else "-"),
        ],
        "effects": [
            _("Daftar tidak dapat diubah lagi; sidik jarinya tersimpan bersama tanda tangan."),
            _("Bendahara dapat mencatat SP2D sebesar jumlah ini.")
            if not checking
            else _("Daftar diteruskan kepada Kepala Dinas."),
        ],
        "changes": _changes(pay_list),
        "difference": difference,
        "difference_words": difference_words(difference) if difference.previous else "",
        "difference_rows": [
            (KINDS[row.kind], row.name, full_name(row.area_code), row.words)
            for row in difference_rows(pay_list, limit=50)
        ],
        "checks": [check for check in checks if check.count],
        "rounds": rounds(pay_list),
        "crumbs": here(pay_list, Crumb(label=_("Periksa") if checking else _("Setujui"))),
    }


@requires(Permission.SP2D_RECORD)
@require_http_methods(["GET", "POST"])
def sp2d(request: HttpRequest, pk: int) -> HttpResponse:
    """Record SPM and SP2D of an approved list."""
    pay_list = find_list(request, pk)
    form = Sp2dForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            lists.record_sp2d(
                pay_list=pay_list, **form.cleaned_data, by=request.user, at=timezone.now()
            )
            messages.success(request, _("SP2D dicatat. Dana kini di rekening bendahara."))
            return redirect("disbursements:list", pk=pk)
        except Refused as refused:
            refuse(form, refused)
    context = {
        "pay_list": pay_list,
        "form": form,
        "crumbs": here(pay_list, Crumb(label=_("Catat SP2D"))),
    }
    status = 422 if form.is_bound else 200
    return render(request, "disbursements/sp2d.html", context, status=status)
