"""Pages of returns and of the reconciliation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
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
from bansos.lib.lists import ListView
from bansos.lib.parts import Crumb, FileRow, Head
from bansos.regions.queries import full_name
from beneficiaries.services.people import set_account
from disbursements.choices import Decision, ReturnState
from disbursements.forms import ConfirmForm, DecisionForm, StsForm
from disbursements.models import PaymentLine, ReturnCase
from disbursements.queries.comparing import paying_bank
from disbursements.queries.identity import Identity, IdentityRow
from disbursements.services import closing, returns
from disbursements.tables import Returns, list_word, return_word
from disbursements.views.list_page import files
from disbursements.views.lists import find_list, here
from disbursements.views.parts import job_card, refuse, whose


@requires(Permission.PAYLIST_VIEW)
class ReturnListView(ListView):
    """Returned payments in the area."""

    spec = Returns


def _find(request: HttpRequest, pk: int) -> ReturnCase:
    rows = ReturnCase.objects.select_related(
        "line__pay_list__stage__version__programme__agency",
        "line__pay_list__parent",
        "line__person",
        "line__payee",
        "new_account",
        "decided_by",
        "confirmed_by",
    )
    found: ReturnCase = find(rows, request.user, pk=pk)
    return found


@requires(Permission.PAYLIST_VIEW)
@requires_to_post(Permission.RETURN_DECIDE, Permission.RETURN_CONFIRM)
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One return: what the bank said, the decision, the second person, the deposit slip."""
    case = _find(request, pk)
    act = request.POST.get("aksi", "")
    data = request.POST
    forms: dict[str, Any] = {
        "decide": DecisionForm(data if act == "decide" else None, case=case),
        "confirm": ConfirmForm(data if act == "confirm" else None),
        "sts": StsForm(data if act == "sts" else None),
    }
    form = forms.get(act)
    if form is not None and form.is_valid():
        try:
            ACTS[act](request, case, form)
            return redirect("disbursements:return", pk=pk)
        except Refused as refused:
            refuse(form, refused)
    context = _context(request, case, forms)
    status = 422 if form is not None and form.errors else 200
    return render(request, "disbursements/return.html", context, status=status)


@transaction.atomic
def _decide(request: HttpRequest, case: ReturnCase, form: DecisionForm) -> None:
    data, now = form.cleaned_data, timezone.now()
    bank_code = paying_bank(case.line.pay_list.stage.version)
    account = None
    if data["decision"] == Decision.FOLLOW_UP and case.line.payee_id is not None:
        # The account of a group or institution is changed on its own page, with signatories.
        account = returns.payee_account(case.line)
        if account is None:
            raise Refused(
                "RETURN-PAYEE-ACCOUNT",
                _("Penerima ini belum punya rekening terbuka. Catat dulu di halaman penerima."),
            )
    elif data["decision"] == Decision.FOLLOW_UP and not returns.in_cash(case.line):
        account = set_account(
            person=case.line.person,
            bank_code=bank_code,
            number=data["number"],
            holder_name=data["holder_name"],
            by=request.user,
            at=now,
        )
    returns.decide_return(
        case=case,
        decision=Decision(data["decision"]),
        note=data["note"],
        new_account=account,
        heir=form.heir(bank_code),
        by=request.user,
        at=now,
    )
    messages.success(request, _("Keputusan disimpan; menunggu pengesahan orang kedua."))


def _confirm(request: HttpRequest, case: ReturnCase, form: ConfirmForm) -> None:
    agreed = form.cleaned_data["agreed"] == "ya"
    returns.confirm_return(
        case=case,
        agreed=agreed,
        note=form.cleaned_data["note"],
        by=request.user,
        at=timezone.now(),
    )
    words = _("Keputusan disahkan.") if agreed else _("Keputusan dikembalikan.")
    messages.success(request, words)


def _sts(request: HttpRequest, case: ReturnCase, form: StsForm) -> None:
    returns.record_sts(case=case, **form.cleaned_data, by=request.user, at=timezone.now())
    messages.success(request, _("STS dicatat; dana kembali ke kas daerah."))


Act = Callable[[HttpRequest, ReturnCase, Any], None]
ACTS: dict[str, Act] = {"decide": _decide, "confirm": _confirm, "sts": _sts}


def _context(request: HttpRequest, case: ReturnCase, forms: dict[str, Any]) -> dict[str, Any]:
    user, line = request.user, case.line
    decider = user.can(Permission.RETURN_DECIDE)
    undecided = case.state in {ReturnState.OPEN, ReturnState.DECIDED} and not case.confirmed_at
    to_confirm = case.state == ReturnState.DECIDED and not case.confirmed_at
    to_deposit = (
        case.state == ReturnState.DECIDED
        and bool(case.confirmed_at)
        and case.decision == Decision.TREASURY
    )
    confirm_off = returns.why_not_confirm(case, user)
    return {
        "case": case,
        "word": return_word(case),
        "pairs": [
            (_("Daftar bayar"), line.pay_list.number),
            (_("Alamat"), full_name(line.area_code)),
            *_account_pairs(line),
            (_("Referensi"), line.reference),
            (_("Jumlah"), case.amount),
            (_("Sebab"), case.get_reason_display()),
            (_("Kata bank"), case.bank_text),
            (_("Retur sejak"), case.returned_on),
        ],
        "decision_pairs": _decision_pairs(case),
        "decide": forms["decide"] if undecided and decider else None,
        "decide_off": whose(Permission.RETURN_DECIDE, user, "bendahara") if undecided else "",
        "confirm": forms["confirm"] if to_confirm and not confirm_off else None,
        "confirm_off": confirm_off if to_confirm else "",
        "sts": forms["sts"] if to_deposit and decider else None,
        "list_href": reverse("disbursements:list", args=[line.pay_list_id]),
        "events": timeline_of(case, limit=20),
        "crumbs": [
            Crumb(label=_("Retur"), href=reverse("disbursements:returns")),
            Crumb(label=line.reference),
        ],
    }


def _account_pairs(line: PaymentLine) -> list[tuple[str, Any]]:
    if returns.in_cash(line):
        return [(_("Dibayar"), line.get_rail_display())]
    return [(_("Rekening yang ditolak"), line.account_masked)]


def _decision_pairs(case: ReturnCase) -> list[tuple[str, Any]]:
    if not case.decision:
        return []
    found: list[tuple[str, Any]] = [
        (_("Keputusan"), case.get_decision_display()),
        (_("Oleh"), case.decided_by.full_name if case.decided_by else ""),
        (_("Catatan"), case.decision_note),
    ]
    if case.new_account is not None:
        found += [
            (_("Rekening baru"), case.new_account.number_masked),
            (_("Atas nama"), case.new_account.holder_name),
        ]
    if case.heir:
        found += [
            (_("Ahli waris"), f"{case.heir['name']} ({case.heir['relation']})"),
            (_("Surat"), f"{case.heir['letter_number']}, {case.heir['letter_date']}"),
        ]
    if case.confirmed_by is not None:
        found.append((_("Disahkan oleh"), case.confirmed_by.full_name))
    if case.sts_number:
        found += [(_("STS"), case.sts_number), (_("Tanggal STS"), case.sts_date)]
    return found


@requires(Permission.PAYLIST_VIEW)
@requires_to_post(Permission.RECONCILE)
@require_http_methods(["GET", "POST"])
def reconcile(request: HttpRequest, pk: int) -> HttpResponse:
    """SP2D = delivered + paid again + paid back + open + unknown; POST closes when even."""
    pay_list = find_list(request, pk)
    main = pay_list.parent or pay_list
    refused: Refused | None = None
    if request.method == "POST":
        try:
            closing.close(pay_list=main, by=request.user, at=timezone.now())
            messages.info(request, _("Berita Acara sedang dibuat, lalu rekonsiliasi ditutup."))
            return redirect("disbursements:reconcile", pk=main.pk)
        except Refused as error:
            refused = error
    found = closing.identity(main)
    closed = main.closed_at is not None
    role = whose(Permission.RECONCILE, request.user, "bendahara")
    total = found.total
    context = {
        "pay_list": main,
        "word": list_word(main),
        "identity": found,
        "closed": closed,
        "refused": refused,
        "money": _table(found, "money", "amount"),
        "people": _table(found, "number", "count"),
        "even": total.is_even,
        "off": role or (found.obstacles[0] if found.obstacles else ""),
        "job": job_card(main.job, request.user),
        "returns_href": f"{reverse('disbursements:returns')}?daftar={main.pk}",
        "unknown_href": f"{reverse('disbursements:lines', args=[main.pk])}?state=unknown",
        "follow_ups": [(row, list_word(row)) for row in main.follow_ups.order_by("pk")],
        "files": _records(main, request.user),
        "crumbs": here(main, Crumb(label=_("Rekonsiliasi"))),
    }
    status = refused.status if refused else 200
    return render(request, "disbursements/reconcile.html", context, status=status)


def _records(main: Any, user: Any) -> list[FileRow]:
    return [row for row in files(main, user) if "/dokumen/" in row.href]


def _table(found: Identity, kind: str, name: str) -> dict[str, Any]:
    """The identity as one table: of rupiah, or of people."""
    words = (
        _("SP2D"),
        _("Tersalur"),
        _("Dibayar susulan"),
        _("Disetor ke kas daerah"),
        _("Retur terbuka"),
        _("Belum diketahui"),
        _("Selisih"),
    )
    columns = [Head(label=_("Kecamatan"))] + [Head(label=word, kind=kind) for word in words]

    def cells(row: IdentityRow) -> tuple[Any, ...]:
        parts = (row.sp2d, row.settled, row.repaid, row.treasury, row.returned, row.unknown)
        return (row.name, *(getattr(part, name) for part in (*parts, row.open)))

    rows = [cells(row) for row in found.districts]
    return {"columns": columns, "rows": rows, "totals": cells(found.total)}
