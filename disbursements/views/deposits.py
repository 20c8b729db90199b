"""Deposit slips for one or many returns, taken back by two; and corrections of an SP2D."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bansos.accounts.access import find, require, requires, requires_to_post
from bansos.accounts.permissions import Permission
from bansos.audit.queries import timeline_of
from bansos.lib.errors import Refused
from bansos.lib.lists import Action, ListView
from bansos.lib.parts import Crumb, Head
from disbursements.choices import Decision, ReturnState
from disbursements.forms.desk import AnswerForm, DepositForm, Sp2dCorrectionForm, UndoForm
from disbursements.models import Correction, ReturnCase, Sts
from disbursements.services import corrections, deposits
from disbursements.tables.desk import Deposits, sts_word
from disbursements.views.lists import find_list, here
from disbursements.views.parts import refuse, whose

MOST_AT_ONCE = 300


@requires(Permission.PAYLIST_VIEW)
class DepositListView(ListView):
    """Deposit slips of the area."""

    spec = Deposits

    def primary_action(self) -> Action | None:
        """A new slip, for who records them."""
        user: Any = self.request.user
        if not user.can(Permission.RETURN_DECIDE):
            return None
        return Action(_("Catat STS"), reverse("disbursements:deposit_new"), "plus")


def _waiting(user: Any) -> list[ReturnCase]:
    rows = ReturnCase.objects.visible_to(user).filter(
        state=ReturnState.DECIDED, decision=Decision.TREASURY, confirmed_at__isnull=False
    )
    found = rows.select_related("line__pay_list__budget").order_by(
        "line__pay_list__budget", "line__pay_list", "line__position"
    )
    return list(found[:MOST_AT_ONCE])


@requires(Permission.RETURN_DECIDE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """One slip for the returns that wait for their deposit."""
    user: Any = request.user
    waiting = _waiting(user)
    form = DepositForm(request.POST or None, cases=waiting)
    if request.method == "POST" and form.is_valid():
        picked = {int(pk) for pk in form.cleaned_data["cases"]}
        try:
            slip = deposits.record_deposit(
                amounts={case.pk: case.amount for case in waiting if case.pk in picked},
                number=form.cleaned_data["sts_number"],
                on=form.cleaned_data["sts_date"],
                total=form.cleaned_data["amount"],
                by=user,
                at=timezone.now(),
            )
            messages.success(request, _("STS dicatat; dana kembali ke kas daerah."))
            return redirect("disbursements:deposit", pk=slip.pk)
        except Refused as refused:
            refuse(form, refused)
    context = {
        "form": form,
        "waiting": bool(waiting),
        "crumbs": [_crumb(), Crumb(label=_("Catat STS"))],
    }
    status = 422 if form.is_bound else 200
    return render(request, "disbursements/deposit_new.html", context, status=status)


def _crumb() -> Crumb:
    return Crumb(label=_("STS"), href=reverse("disbursements:deposits"))


@requires(Permission.PAYLIST_VIEW)
@requires_to_post(Permission.RETURN_DECIDE, Permission.RETURN_CONFIRM)
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One slip, its returns, and taking it back when it was recorded wrongly."""
    slip: Sts = find(Sts.objects.select_related("recorded_by", "budget"), request.user, pk=pk)
    asked = slip.corrections.filter(done_at=None, refused_at=None).first()
    act = request.POST.get("aksi", "")
    ask = UndoForm(request.POST if act == "ask" else None)
    answer = AnswerForm(request.POST if act == "answer" else None)
    try:
        if act == "ask" and ask.is_valid():
            _ask_sts(request, slip, ask)
            return redirect("disbursements:deposit", pk=pk)
        if act == "answer" and asked is not None and answer.is_valid():
            _answer(request, asked, answer)
            return redirect("disbursements:deposit", pk=pk)
    except Refused as refused:
        refuse(ask if act == "ask" else answer, refused)
    context = _asked(request, asked, ask, answer) | {
        "slip": slip,
        "word": sts_word(slip),
        "pairs": [
            (_("Nomor STS"), slip.number),
            (_("Tanggal STS"), slip.on),
            (_("Jumlah"), slip.amount),
            (_("DPA"), slip.budget.dpa_number),
            (_("Dicatat oleh"), slip.recorded_by.full_name),
        ],
        "table": _lines(slip),
        "off": deposits.why_not_reverse(slip),
        "crumbs": [_crumb(), Crumb(label=slip.number)],
        "events": timeline_of(slip),
    }
    status = 422 if ask.errors or answer.errors else 200
    return render(request, "disbursements/deposit.html", context, status=status)


def _lines(slip: Sts) -> dict[str, Any]:
    lines = slip.lines.select_related("line__pay_list").order_by("line__pay_list", "line__position")
    return {
        "columns": [
            Head(label=_("Penerima")),
            Head(label=_("Daftar")),
            Head(label=_("Referensi")),
            Head(label=_("Jumlah"), kind="money"),
        ],
        "rows": [
            (row.line.payee_name, row.line.pay_list.number, row.line.reference, row.amount)
            for row in lines
        ],
        "totals": (_("Jumlah"), "", "", slip.amount),
    }


def _ask_sts(request: HttpRequest, slip: Sts, form: UndoForm) -> None:
    require(request, Permission.RETURN_DECIDE)
    user: Any = request.user
    corrections.ask_sts(slip=slip, reason=form.cleaned_data["note"], by=user, at=timezone.now())
    messages.success(request, _("Koreksi diajukan; menunggu pengesahan orang kedua."))


def _answer(request: HttpRequest, asked: Correction, form: AnswerForm) -> None:
    require(request, Permission.RETURN_CONFIRM)
    user: Any = request.user
    agreed = form.cleaned_data["agreed"] == "ya"
    corrections.answer(correction=asked, agreed=agreed, by=user, at=timezone.now())
    messages.success(request, _("Koreksi disahkan.") if agreed else _("Koreksi ditolak."))
    if agreed and asked.pay_list is not None:
        words = _("Berkas yang menyebut SP2D lama ditarik atau dibuat ulang; lihat daftarnya.")
        messages.info(request, words)


def _asked(
    request: HttpRequest, asked: Correction | None, ask: Any, answer: AnswerForm
) -> dict[str, Any]:
    """What waits for a second person, or the form to ask."""
    user: Any = request.user
    if asked is None:
        return {"ask": ask if user.can(Permission.RETURN_DECIDE) else None}
    off = corrections.why_not_answer(asked, user)
    return {
        "asked_pairs": [
            (_("Diajukan oleh"), asked.decided_by.full_name),
            (_("Pada"), asked.decided_at),
            (_("Alasan"), asked.reason),
            (_("Menjadi"), ", ".join(asked.new.values()) if asked.new else _("Dibatalkan")),
        ],
        "answer": None if off else answer,
        "answer_off": off,
    }


@requires(Permission.PAYLIST_VIEW)
@requires_to_post(Permission.SP2D_RECORD, Permission.RETURN_CONFIRM)
@require_http_methods(["GET", "POST"])
def sp2d(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct the SP2D of a list: numbers and date, or take it back whole before bank files."""
    pay_list = find_list(request, pk)
    asked = pay_list.corrections.filter(done_at=None, refused_at=None).first()
    act = request.POST.get("aksi", "")
    ask = Sp2dCorrectionForm(
        request.POST if act == "ask" else None,
        pay_list=pay_list,
        whole_off=corrections.why_not_take_back(pay_list, timezone.now()),
    )
    answer = AnswerForm(request.POST if act == "answer" else None)
    try:
        if act == "ask" and ask.is_valid():
            _ask_sp2d(request, pay_list, ask)
            return redirect("disbursements:sp2d_correct", pk=pk)
        if act == "answer" and asked is not None and answer.is_valid():
            _answer(request, asked, answer)
            return redirect("disbursements:sp2d_correct", pk=pk)
    except Refused as refused:
        refuse(ask if act == "ask" else answer, refused)
    found = _asked(request, asked, ask, answer)
    if not request.user.can(Permission.SP2D_RECORD):  # type: ignore[union-attr]
        found["ask"] = None
    context = found | {
        "pay_list": pay_list,
        "pairs": [
            (_("Nomor SPM"), pay_list.spm_number),
            (_("Nomor SP2D"), pay_list.sp2d_number),
            (_("Tanggal SP2D"), pay_list.sp2d_date),
            (_("Jumlah"), pay_list.sp2d_amount),
        ],
        "off": corrections.why_not_correct(pay_list)
        or whose(Permission.SP2D_RECORD, request.user, "bendahara"),
        "crumbs": here(pay_list, Crumb(label=_("Koreksi SP2D"))),
    }
    status = 422 if ask.errors or answer.errors else 200
    return render(request, "disbursements/sp2d_correct.html", context, status=status)


def _ask_sp2d(request: HttpRequest, pay_list: Any, form: Sp2dCorrectionForm) -> None:
    require(request, Permission.SP2D_RECORD)
    user: Any = request.user
    corrections.ask_sp2d(pay_list=pay_list, by=user, at=timezone.now(), **form.values())
    messages.success(request, _("Koreksi diajukan; menunggu pengesahan orang kedua."))
