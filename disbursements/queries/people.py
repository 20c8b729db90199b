"""The payments of one person or payee: a panel of their page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bansos.accounts.permissions import Permission
from bansos.lib.parts import Word
from beneficiaries.models import Payee, Person
from beneficiaries.queries import Panel
from disbursements.choices import LINE_TONES, LineState
from disbursements.models import PaymentLine
from programs.models import Stage


def stage_words(stage: Stage) -> str:
    """As in "PKH Plus 2026, Tahap 1"; read the stage with its version and programme."""
    return f"{stage.version.programme.name} {stage.version.year}, {stage.name}"


@dataclass(frozen=True)
class PersonPayment:
    """One payment line of a person or payee."""

    programme: str
    stage: str
    list_number: str
    amount: Decimal
    account: str
    word: Word
    on: date | None
    href: str


def line_word(state: str) -> Word:
    """The badge of a line's state."""
    tone, icon = LINE_TONES[LineState(state)]
    return Word(tone, str(LineState(state).label), icon)


def _account(row: PaymentLine) -> str:
    """The masked number; an account in a proxy's name says whose it is and by which letter."""
    if not hasattr(row, "proxy_account"):
        return row.account_masked
    return _("%(account)s atas nama %(name)s, surat kuasa %(number)s") % {
        "account": row.account_masked,
        "name": row.account_holder,
        "number": row.proxy_account.grant.letter_number,
    }


def payments_of(to: Person | Payee, *, user: Any) -> list[PersonPayment]:
    """Newest first, as far as the user may look; the link only for who may open pay lists."""
    lines = PaymentLine.objects.visible_to(user)
    rows = (
        (lines.filter(payee=to) if isinstance(to, Payee) else lines.filter(person=to))
        .select_related("pay_list", "stage__version__programme", "proxy_account__grant")
        .order_by("-stage__stage_date", "-pk")[:60]
    )
    may_open = user.can(Permission.PAYLIST_VIEW)
    return [
        PersonPayment(
            programme=row.stage.version.programme.name,
            stage=f"{row.stage.name} {row.stage.version.year}",
            list_number=row.pay_list.number,
            amount=row.amount,
            account=_account(row),
            word=line_word(row.state),
            on=row.settled_on,
            href=reverse("disbursements:list", args=[row.pay_list_id]) if may_open else "",
        )
        for row in rows
    ]


def payments_panel(to: Person | Payee, user: Any) -> Panel | None:
    """The panel of payments on the page of a person or payee."""
    if not user.can(Permission.BENEFICIARY_VIEW):
        return None
    return Panel(
        title=_("Pembayaran"),
        template="disbursements/person_panel.html",
        icon="cash",
        context={"rows": payments_of(to, user=user)},
    )
