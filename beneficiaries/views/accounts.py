"""The account of a payee: how it is shown, how another one is recorded; closing a payee."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from bansos.lib.parts import Crumb
from beneficiaries.forms.payees import EndForm, PayeeAccountForm
from beneficiaries.models import BankAccount, Payee
from beneficiaries.queries.people import account_word
from beneficiaries.services import payees as services
from beneficiaries.views.record_form import record_form


def account_cards(payee: Payee) -> list[tuple[BankAccount, Any]]:
    """(account, status word) of a payee, the newest first."""
    rows = payee.accounts.select_related("first_signatory", "second_signatory")
    return [(row, account_word(row)) for row in rows.order_by("-created_at", "-pk")]


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the payee's account; the older one at that bank is closed, never overwritten."""
    payee: Payee = find(Payee.objects, request.user, pk=pk)
    user = signed_in_user(request)
    bank = user.agency.bank_code if user.agency else ""
    initial = {"bank_code": bank, "holder_name": payee.name}
    form = PayeeAccountForm(request.POST or None, payee=payee, initial=initial)

    def act() -> Payee:
        data = form.cleaned_data
        services.set_payee_account(
            payee=payee,
            bank_code=data["bank_code"],
            number=data["number"],
            holder_name=data["holder_name"],
            signatories=form.signatories(),
            by=user,
            at=timezone.now(),
        )
        return payee

    return record_form(
        request,
        form,
        title=_("Catat rekening"),
        button=_("Simpan rekening"),
        back=payee.get_absolute_url(),
        crumbs=[Crumb(label=payee.name, href=payee.get_absolute_url())],
        act=act,
        said=_("Rekening dicatat."),
        hint=payee.name,
    )


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """End an institution or a government treasury."""
    payee: Payee = find(Payee.objects, request.user, pk=pk)
    user = signed_in_user(request)
    form = EndForm(request.POST or None)

    def act() -> Payee:
        data = form.cleaned_data
        return services.close_payee(
            payee=payee, closed_on=data["on"], reason=data["reason"], by=user, at=timezone.now()
        )

    return record_form(
        request,
        form,
        title=_("Tutup penerima"),
        button=_("Tutup"),
        back=payee.get_absolute_url(),
        crumbs=[Crumb(label=payee.name, href=payee.get_absolute_url())],
        act=act,
        said=_("Penerima ditutup dan tidak dibayar lagi."),
        hint=payee.name,
    )
