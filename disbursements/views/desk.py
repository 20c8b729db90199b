"""The reconciliation desk: rows that wait, one row with why and what to do, the closing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bansos.accounts.access import find, require, requires, requires_to_post
from bansos.accounts.permissions import Permission
from bansos.audit.queries import timeline_of
from bansos.lib.errors import Refused
from bansos.lib.lists import build_page
from bansos.lib.money import number, rupiah
from bansos.lib.parts import Check, Crumb, Stat, Tab, Word
from disbursements.choices import (
    AsideReason,
    DeskAct,
    Outcome,
    ReturnReason,
    RowState,
)
from disbursements.forms import StatementUploadForm
from disbursements.forms.desk import AnswerForm, AsideForm, LinkForm, UndoForm
from disbursements.models import BankDay, DeskDecision, PayList, PaymentLine, ResultRow
from disbursements.queries.desk import (
    PARTS,
    candidates,
    is_taken_back,
    part_of,
    rows_of,
    standing_asides,
    waiting_files,
    why,
)
from disbursements.rules.agreement import KEYS, agreement
from disbursements.rules.references import clean_reference
from disbursements.services import bank_days, desk, effects, results, uploads
from disbursements.tables import row_word
from disbursements.tables.desk import DeskRows
from disbursements.views.lists import find_list, here
from disbursements.views.parts import READ_IN_BACKGROUND, refuse, whose

SUGGESTED = {
    "fee": AsideReason.FEE,
    "no_reference": AsideReason.FOREIGN,
    "doubled": AsideReason.DOUBLED,
    "foreign": AsideReason.OTHER_LIST,
    "wrong_amount": AsideReason.BANK_CORRECTS,
    "already_returned": AsideReason.ANSWERED,
}


@requires(Permission.PAYLIST_VIEW)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every bank row of the user's area that waits, and the last closed days."""
    user: Any = request.user
    context = _desk(request, None)
    days = BankDay.objects.visible_to(user).select_related("closed_by").order_by("-day")
    old = timezone.now() - results.STAGED_FOR
    context |= {
        "files": [(row, row.uploaded_at < old) for row in waiting_files(user)],
        "days": days[:5],
        "upload_off": whose(Permission.BANK_RESULT, user, "bendahara"),
        "close_off": whose(Permission.RECONCILE, user, "bendahara"),
        "crumbs": [Crumb(label=_("Meja rekonsiliasi"))],
    }
    return render(request, "disbursements/desk.html", context)


@requires(Permission.PAYLIST_VIEW)
@require_GET
def of_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The desk of one pay list, with its follow-ups when it is a main list."""
    pay_list = find_list(request, pk)
    context = _desk(request, pay_list)
    context |= {"pay_list": pay_list, "crumbs": here(pay_list, Crumb(label=_("Meja")))}
    return render(request, "disbursements/desk.html", context)


def _desk(request: HttpRequest, pay_list: PayList | None) -> dict[str, Any]:
    part = request.GET.get("bagian", "terbuka")
    part = part if part in PARTS else "terbuka"
    rows = rows_of(pay_list, request.user)
    counted = ("terbuka", "menunggu", "disisihkan", "dibatalkan")
    counts = {key: part_of(rows, key).count() for key in counted}
    page = build_page(
        DeskRows(pay_list, part), user=request.user, params=request.GET, path=request.path
    )
    tabs = [
        Tab(
            label=str(label),
            href=f"{request.path}?bagian={key}",
            active=key == part,
            count=counts.get(key),
        )
        for key, label in PARTS.items()
    ]
    waiting = counts["terbuka"]
    stats = [
        Stat(label=_("Terbuka"), value=waiting, tone="masalah" if waiting else ""),
        Stat(label=_("Menunggu pengesahan"), value=counts["menunggu"]),
        Stat(label=_("Disisihkan"), value=counts["disisihkan"]),
        Stat(label=_("Padanan dibatalkan"), value=counts["dibatalkan"]),
    ]
    return {"page": page, "tabs": tabs, "stats": stats, "part": part}


@requires(Permission.BANK_RESULT)
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Hand in a statement or an answer in a standard format, whatever lists it names."""
    form = StatementUploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file, now = form.cleaned_data["file"], timezone.now()
        user: Any = request.user
        try:
            found = uploads.hand_in_statement(
                data=file.read(), file_name=file.name, by=user, at=now
            )
            if found.uploaded_at != now:
                messages.info(request, _("Berkas yang sama sudah pernah diunggah; ini berkasnya."))
            elif found.is_being_read:
                messages.info(request, READ_IN_BACKGROUND)
            return redirect("disbursements:result", pk=found.pk)
        except Refused as refused:
            refuse(form, refused)
    crumbs = [_desk_crumb(), Crumb(label=_("Unggah berkas bank"))]
    status = 422 if form.is_bound else 200
    return render(
        request,
        "disbursements/statement_upload.html",
        {"form": form, "crumbs": crumbs},
        status=status,
    )


def _desk_crumb() -> Crumb:
    return Crumb(label=_("Meja rekonsiliasi"), href=reverse("disbursements:desk"))


@requires(Permission.RECONCILE)
@require_http_methods(["GET", "POST"])
def close_day(request: HttpRequest) -> HttpResponse:
    """What the day came to, and its closing."""
    user: Any = request.user
    agency, now = user.agency, timezone.now()
    refused = None
    if request.method == "POST":
        try:
            bank_days.close_day(agency=agency, note="", by=user, at=now)
            messages.success(request, _("Hari bank ditutup."))
            return redirect("disbursements:desk")
        except Refused as error:
            refused = error
    own = user.area_code == agency.area_code
    found = bank_days.figures(agency, now) if own else {"open": 0, "questions": 0}
    context = {
        "refused": refused,
        "off": bank_days.why_not_close(agency, now) if own else str(bank_days.ONLY_OFFICE),
        "pairs": _day_pairs(found),
        "open": found["open"],
        "crumbs": [_desk_crumb(), Crumb(label=_("Tutup hari"))],
    }
    status = refused.status if refused else 200
    return render(request, "disbursements/close_day.html", context, status=status)


def _day_pairs(found: dict[str, Any]) -> list[tuple[str, Any]]:
    def pair(key: str) -> str:
        count, amount = found.get(key, [0, "0"])
        words = _("%(count)s baris, %(amount)s")
        return words % {"count": number(count), "amount": rupiah(Decimal(amount))}

    return [
        (_("Tersalur"), pair("settled")),
        (_("Retur"), pair("returned")),
        (_("Dibayar tunai"), pair("cash")),
        (_("Kuitansi tunai dibatalkan"), pair("cash_undone")),
        (_("Ditautkan"), found.get("link", 0)),
        (_("Disisihkan"), found.get("aside", 0)),
        (_("Padanan dibatalkan"), found.get("undo", 0)),
        (_("Masih terbuka"), found["open"]),
        (_("Menunggu pengesahan"), found["questions"]),
    ]


@requires(Permission.PAYLIST_VIEW)
@requires_to_post(Permission.BANK_RESULT, Permission.RETURN_CONFIRM)
@require_http_methods(["GET", "POST"])
def row(request: HttpRequest, pk: int) -> HttpResponse:
    """One bank row: what it says, which keys agree with which line, what to do."""
    found = _find(request, pk)
    act = request.POST.get("aksi", "")
    forms = _forms(request, found, act)
    form = forms.get(act)
    if request.method == "POST" and form is not None and form.is_valid():
        needed = Permission.RETURN_CONFIRM if act == "answer" else Permission.BANK_RESULT
        require(request, needed)
        try:
            ACTS[act](request, found, form)
            return redirect("disbursements:desk_row", pk=pk)
        except Refused as refused:
            refuse(form, refused)
    status = 422 if form is not None and form.errors else 200
    return render(
        request, "disbursements/desk_row.html", _row_context(request, found, forms), status=status
    )


def _find(request: HttpRequest, pk: int) -> ResultRow:
    rows = ResultRow.objects.select_related(
        "result__pay_list", "line__pay_list", "origin__result"
    ).defer("result__sealed_file")
    found: ResultRow = find(rows, request.user, pk=pk)
    return found


def _forms(request: HttpRequest, found: ResultRow, act: str) -> dict[str, Any]:
    """The forms that fit where the row stands."""
    data = request.POST
    question = found.decisions.filter(done_at=None, refused_at=None).first()
    if question is not None:
        return {"answer": AnswerForm(data if act == "answer" else None)}
    if ResultRow.objects.open().filter(pk=found.pk).exists():
        first = SUGGESTED.get(found.quarantine_code, AsideReason.ANSWERED)
        return {
            "aside": AsideForm(data if act == "aside" else None, initial={"reason": first}),
            "link": _link_form(request, found, act),
        }
    if standing_asides().filter(row=found).exists():
        return {"open": UndoForm(data if act == "open" else None)}
    if ResultRow.objects.standing().filter(pk=found.pk).exists():
        return {"undo": UndoForm(data if act == "undo" else None)}
    own = found.origin_id is None
    if own and found.state == RowState.APPLIED and not found.linked.standing().exists():
        return {"link": _link_form(request, found, act)}
    return {}


def _link_form(request: HttpRequest, found: ResultRow, act: str) -> LinkForm:
    lines = [(item.line.pk, item.words) for item in candidates(found, request.user)]
    data = request.POST if act == "link" else None
    return LinkForm(data, lines=lines, outcome=found.outcome)


def _aside(request: HttpRequest, found: ResultRow, form: AsideForm) -> None:
    user: Any = request.user
    values = {
        "row": found,
        "reason": AsideReason(form.cleaned_data["reason"]),
        "note": form.cleaned_data["note"],
        "by": user,
        "at": timezone.now(),
    }
    if form.cleaned_data["alike"]:
        count = desk.set_aside_alike(**values)
        messages.success(request, _("%(count)s baris disisihkan.") % {"count": count})
    else:
        desk.set_aside(**values)
        messages.success(request, _("Baris disisihkan."))


def _link(request: HttpRequest, found: ResultRow, form: LinkForm) -> None:
    user: Any = request.user
    data = form.cleaned_data
    lines = PaymentLine.objects.visible_to(user).select_related("pay_list")
    by_key = {"pk": data["line"]} if data.get("line") else {}
    line = lines.filter(**(by_key or {"reference": clean_reference(data["reference"])})).first()
    if line is None:
        raise Refused("DESK-LINE", _("Baris bayar dengan referensi itu tidak ada."))
    reason = data.get("return_reason")
    desk.propose_link(
        row=found,
        line=line,
        outcome=Outcome(data["outcome"]),
        return_reason=ReturnReason(reason) if reason else None,
        note=data["note"],
        by=user,
        at=timezone.now(),
    )
    messages.success(request, _("Penautan diajukan; menunggu pengesahan orang kedua."))


def _undo(request: HttpRequest, found: ResultRow, form: UndoForm) -> None:
    user: Any = request.user
    decision = desk.undo_match(
        row=found, note=form.cleaned_data["note"], by=user, at=timezone.now()
    )
    _say_undone(request, decision)


def _open(request: HttpRequest, found: ResultRow, form: UndoForm) -> None:
    user: Any = request.user
    decision = desk.undo_aside(
        decision=standing_asides().get(row=found),
        note=form.cleaned_data["note"],
        by=user,
        at=timezone.now(),
    )
    _say_undone(request, decision)


def _say_undone(request: HttpRequest, decision: DeskDecision) -> None:
    if decision.done_at is None:
        words = _("Harinya sudah ditutup, jadi pembatalan menunggu pengesahan orang kedua.")
        messages.info(request, words)
    else:
        messages.success(request, _("Pembatalan dicatat."))


def _answer(request: HttpRequest, found: ResultRow, form: AnswerForm) -> None:
    user: Any = request.user
    question = found.decisions.get(done_at=None, refused_at=None)
    agreed = form.cleaned_data["agreed"] == "ya"
    desk.answer(decision=question, agreed=agreed, by=user, at=timezone.now())
    messages.success(request, _("Disahkan.") if agreed else _("Usul ditolak."))


ACTS: dict[str, Callable[[HttpRequest, ResultRow, Any], None]] = {
    "aside": _aside,
    "link": _link,
    "undo": _undo,
    "open": _open,
    "answer": _answer,
}


def _row_context(request: HttpRequest, found: ResultRow, forms: dict[str, Any]) -> dict[str, Any]:
    user: Any = request.user
    question = found.decisions.filter(done_at=None, refused_at=None).first()
    acts = user.can(Permission.BANK_RESULT)
    off = desk.why_not_confirm(question, user) if question else ""
    undo_off = ""
    if "undo" in forms and found.line is not None:
        undo_off = effects.why_not_take_back(found, found.line)
    line = question.line if question and question.line else found.line
    return {
        "row": found,
        "word": Word("netral", _("Padanan dibatalkan"), "circle-x")
        if is_taken_back(found)
        else row_word(found),
        "why": why(found),
        "pairs": _pairs(found),
        "keys": _keys(found, line),
        "line": line,
        "question": question,
        "question_pairs": _question_pairs(question) if question else [],
        "answer": None if off else forms.get("answer"),
        "answer_off": off,
        "aside": forms.get("aside") if acts else None,
        "link": forms.get("link") if acts else None,
        "undo": forms.get("undo") if acts and not undo_off else None,
        "undo_off": undo_off if acts else "",
        "open": forms.get("open") if acts else None,
        "late": "undo" in forms and desk.is_closed(found.result.area_code, desk.matched_at(found)),
        "linked": found.linked.all(),
        "events": timeline_of(found, limit=20),
        "crumbs": [_desk_crumb(), Crumb(label=_("Baris %(n)s") % {"n": found.row_number})],
    }


def _pairs(found: ResultRow) -> list[tuple[str, Any]]:
    return [
        (_("Berkas"), found.result.file_name),
        (_("Baris"), found.row_number),
        (_("Referensi"), found.reference),
        (_("Referensi bank"), found.bank_reference),
        (_("Jumlah"), found.amount),
        (_("Mata uang"), found.currency),
        (_("Nama di berkas bank"), found.name),
        (_("Tanggal bank"), found.bank_date),
        (_("Yang terjadi"), found.get_outcome_display()),
        (_("Kode bank"), found.reason_code),
        (_("Kata bank"), found.bank_text),
    ]


def _keys(found: ResultRow, line: PaymentLine | None) -> list[Check]:
    if line is None:
        return []
    keys = agreement(found, line)
    ours = {
        "reference": line.reference,
        "amount": rupiah(line.amount),
        "account": line.account_masked,
    }
    return [
        Check(
            label=str(label),
            word=_key_word(key in keys.same),
            hint=ours.get(key, ""),
        )
        for key, label in KEYS.items()
    ]


def _key_word(agrees: bool) -> Word:
    return Word("baik", _("Sama"), "check") if agrees else Word("masalah", _("Berbeda"), "x")


def _question_pairs(question: DeskDecision) -> list[tuple[str, Any]]:
    act = DeskAct(question.act)
    return [
        (_("Usul"), str(act.label)),
        (_("Oleh"), question.decided_by.full_name),
        (_("Pada"), question.decided_at),
        (_("Baris bayar"), question.line.reference if question.line else ""),
        (_("Yang terjadi"), question.get_outcome_display()),
        (_("Sebab retur"), question.get_return_reason_display()),
        (_("Alasan"), question.note),
    ]
