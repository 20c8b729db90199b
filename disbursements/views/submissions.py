"""Pages of what was given to a bank: all of it, one with every call, the acts in doubt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bansos.accounts.access import find, requires, requires_to_post
from bansos.accounts.permissions import Permission
from bansos.lib.errors import Refused
from bansos.lib.lists import ListView
from bansos.lib.parts import Crumb, Event, Stat
from disbursements.choices import Arrival, Heard, SubmissionState, TransferState
from disbursements.forms import ArrivalForm, ConfirmForm
from disbursements.models import BankAttempt, BankChannel, BankSubmission, SubmissionDecision
from disbursements.services.submissions import asking, deciding, sending
from disbursements.tables import Submissions
from disbursements.views.channel_card import card_of
from disbursements.views.lists import find_list, show
from disbursements.views.parts import Button, job_card, refuse, whose

SHOWN = 60
HEARD_TONES = {
    Heard.ASKED: "netral",
    Heard.ACCEPTED: "baik",
    Heard.DONE: "baik",
    Heard.PENDING: "menunggu",
    Heard.UNKNOWN: "masalah",
    Heard.NOT_FOUND: "masalah",
    Heard.NOT_SENT: "menunggu",
    Heard.REJECTED: "masalah",
    Heard.FAILED: "masalah",
}


@requires(Permission.PAYLIST_VIEW)
class SubmissionListView(ListView):
    """Everything that was given to a bank in the area."""

    spec = Submissions


def _find(request: HttpRequest, pk: int) -> BankSubmission:
    rows = BankSubmission.objects.select_related(
        "pay_list__budget__agency", "channel", "job", "intent_by"
    )
    found: BankSubmission = find(rows, request.user, pk=pk)
    return found


@requires(Permission.BANK_FILE)
@require_POST
def send(request: HttpRequest, pk: int, channel: int) -> HttpResponse:
    """Give a list to the bank over a channel."""
    pay_list = find_list(request, pk)
    way = get_object_or_404(BankChannel, pk=channel, agency=pay_list.budget.agency)
    try:
        row = sending.submit(pay_list=pay_list, channel=way, by=request.user, at=timezone.now())
    except Refused as refused:
        return show(request, pay_list, refused)
    messages.info(request, _("Kiriman dicatat dan sedang dikirim di latar."))
    return redirect("disbursements:submission", pk=row.pk)


@requires(Permission.PAYLIST_VIEW)
@requires_to_post(Permission.BANK_RESULT, Permission.SUBMISSION_CONFIRM)
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One submission: how it stands, every call, and the decision of two people."""
    row = _find(request, pk)
    decision = deciding.open_decision(row)
    act, data = request.POST.get("aksi", ""), request.POST
    forms: dict[str, Any] = {
        "decide": ArrivalForm(data if act == "decide" else None),
        "confirm": ConfirmForm(data if act == "confirm" else None),
    }
    form = forms.get(act)
    if form is not None and form.is_valid():
        try:
            ACTS[act](request, row, decision, form)
            return redirect("disbursements:submission", pk=pk)
        except Refused as refused:
            refuse(form, refused)
    status = 422 if form is not None and form.errors else 200
    return _page(request, row, decision, forms, status=status)


def _decide(
    request: HttpRequest, row: BankSubmission, decision: SubmissionDecision | None, form: Any
) -> None:
    deciding.decide(
        submission=row,
        arrival=Arrival(form.cleaned_data["arrival"]),
        reason=form.cleaned_data["reason"],
        by=request.user,
        at=timezone.now(),
    )
    messages.success(request, _("Keputusan disimpan; menunggu pengesahan orang kedua."))


def _confirm(
    request: HttpRequest, row: BankSubmission, decision: SubmissionDecision | None, form: Any
) -> None:
    if decision is None:
        raise Refused("SUBMISSION-CLEAR", _("Tidak ada keputusan yang menunggu pengesahan."))
    agreed = form.cleaned_data["agreed"] == "ya"
    deciding.confirm(
        decision=decision,
        agreed=agreed,
        note=form.cleaned_data["note"],
        by=request.user,
        at=timezone.now(),
    )
    words = _("Keputusan disahkan.") if agreed else _("Keputusan dikembalikan.")
    messages.success(request, words)


Act = Callable[[HttpRequest, BankSubmission, SubmissionDecision | None, Any], None]
ACTS: dict[str, Act] = {"decide": _decide, "confirm": _confirm}


@requires(Permission.BANK_FILE)
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the bank how it stands."""
    row = _find(request, pk)
    try:
        asking.ask(submission=row, by=request.user, at=timezone.now())
    except Refused as refused:
        return _refused(request, row, refused)
    messages.info(request, _("Bank sedang ditanya di latar."))
    return redirect("disbursements:submission", pk=pk)


@requires(Permission.BANK_FILE)
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """The same reference and hash once more, where that cannot pay twice."""
    row = _find(request, pk)
    try:
        sending.send_again(submission=row, by=request.user, at=timezone.now())
    except Refused as refused:
        return _refused(request, row, refused)
    messages.info(request, _("Kiriman yang sama sedang dikirim lagi di latar."))
    return redirect("disbursements:submission", pk=pk)


def _refused(request: HttpRequest, row: BankSubmission, refused: Refused) -> HttpResponse:
    forms = {"decide": ArrivalForm(), "confirm": ConfirmForm()}
    decision = deciding.open_decision(row)
    return _page(request, row, decision, forms, refused=refused, status=refused.status)


def _page(
    request: HttpRequest,
    row: BankSubmission,
    decision: SubmissionDecision | None,
    forms: dict[str, Any],
    *,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "row": row,
        "refused": refused,
        "channel": card_of(row),
        "pairs": _pairs(row),
        "job": job_card(row.job, request.user),
        "stats": _stats(row),
        "buttons": _buttons(row, request.user),
        "events": _events(row),
        **_decision_parts(row, decision, forms, request.user),
        "crumbs": [
            Crumb(label=_("Kiriman ke bank"), href=reverse("disbursements:submissions")),
            Crumb(label=row.reference),
        ],
    }
    return render(request, "disbursements/submission.html", context, status=status)


def _pairs(row: BankSubmission) -> list[tuple[str, Any]]:
    return [
        (_("Daftar bayar"), row.pay_list.number),
        *card_of(row).pairs,
        (_("Oleh"), row.intent_by.full_name),
        (_("Format"), row.file.get_format_display() if row.file else "-"),
    ]


def _stats(row: BankSubmission) -> list[Stat]:
    found = [Stat(label=_("Baris"), value=row.count), Stat(label=_("Jumlah"), value=row.total)]
    counts: dict[str, int] = {}
    for state in row.transfers.values_list("state", flat=True):
        counts[state] = counts.get(state, 0) + 1
    found += [
        Stat(
            label=str(state.label),
            value=counts[state],
            tone="masalah" if state == TransferState.UNKNOWN else "",
        )
        for state in TransferState
        if counts.get(state)
    ]
    return found


def _buttons(row: BankSubmission, user: Any) -> list[Button]:
    back = Button(
        _("Buka daftar"), reverse("disbursements:list", args=[row.pay_list_id]), icon="cash"
    )
    if row.channel is None:
        return [back]
    role = whose(Permission.BANK_FILE, user, _("bendahara atau staf program"))
    doubt = row.state == SubmissionState.UNKNOWN
    ask_bank = Button(
        _("Tanyakan status ke bank"),
        reverse("disbursements:submission_ask", args=[row.pk]),
        post=True,
        variant="utama" if doubt or row.state == SubmissionState.ACCEPTED else "biasa",
        icon="help-circle",
        off=role or asking.why_not_ask(row),
    )
    found = [ask_bank]
    if row.state in {SubmissionState.UNKNOWN, SubmissionState.INTENT}:
        found.append(
            Button(
                _("Kirim lagi"),
                reverse("disbursements:submission_again", args=[row.pk]),
                post=True,
                variant="biasa" if doubt else "utama",
                icon="send",
                off=role or sending.why_not_send_again(row),
            )
        )
    return [*found, back]


def _events(row: BankSubmission) -> list[Event]:
    """Calls and answers of the whole submission, newest first; a line's own stay with its line."""
    rows = row.attempts.filter(transfer=None).select_related("by").order_by("-pk")[:SHOWN]
    return [_event(one) for one in rows]


def _event(one: BankAttempt) -> Event:
    words = f"{one.get_kind_display()}: {one.get_heard_display()}"
    code = _("kode %(code)s") % {"code": one.code} if one.code else ""
    text = " · ".join(part for part in (one.text, code) if part)
    return Event(
        at=one.at,
        title=words,
        by=one.by.full_name,
        text=text,
        tone=HEARD_TONES[Heard(one.heard)],
    )


def _decision_parts(
    row: BankSubmission,
    decision: SubmissionDecision | None,
    forms: dict[str, Any],
    user: Any,
) -> dict[str, Any]:
    doubt = row.state == SubmissionState.UNKNOWN
    may_decide = doubt and decision is None and user.can(Permission.BANK_RESULT)
    off = deciding.why_not_confirm(decision, user) if decision is not None else ""
    return {
        "decide": forms["decide"] if may_decide else None,
        "confirm": forms["confirm"] if decision is not None and not off else None,
        "confirm_off": off,
        "decision_pairs": _decision_pairs(decision),
    }


def _decision_pairs(decision: SubmissionDecision | None) -> list[tuple[str, Any]]:
    if decision is None:
        return []
    return [
        (_("Keputusan"), decision.get_arrival_display()),
        (_("Bagaimana diketahui"), decision.reason),
        (_("Oleh"), decision.decided_by.full_name),
        (_("Pada"), decision.decided_at),
    ]
