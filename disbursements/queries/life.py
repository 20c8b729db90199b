"""What a change of an enrolment touches in pay lists and returns."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bansos.lib.money import rupiah
from disbursements.choices import LIVE_LINES, LineState, ListState, ReturnState
from disbursements.models import PaymentLine, ReturnCase
from programs.models import Enrolment
from programs.queries.life import Effect

OPEN_LISTS = (
    *(ListState.DRAFT, ListState.LOCKED, ListState.AWAITING, ListState.APPROVED),
    *(ListState.SP2D, ListState.SENT, ListState.PARTLY_SETTLED),
)
FROZEN = tuple(state for state in OPEN_LISTS if state != ListState.DRAFT)
# Where a line may still be taken back before money leaves.
BEFORE_MONEY = (ListState.LOCKED, ListState.AWAITING)


def on_list(enrolment: Enrolment) -> bool:
    """Whether the person stands in a list whose lines are frozen and not yet paid out."""
    rows = PaymentLine.objects.filter(enrolment=enrolment, pay_list__state__in=FROZEN)
    open_ones = [state for state in LIVE_LINES if state != LineState.SETTLED]
    return bool(rows.filter(state__in=[*open_ones, LineState.RETURNED]).exists())


def effects(enrolment: Enrolment) -> list[Effect]:
    """Open pay lists and open returns of the person, each with what will become of it."""
    lines = list(
        PaymentLine.objects.filter(
            enrolment=enrolment, pay_list__state__in=OPEN_LISTS, state__in=LIVE_LINES
        )
        .exclude(state=LineState.SETTLED)
        .select_related("pay_list")
        .order_by("pk")
    )
    found = []
    if lines:
        text = ngettext(
            "%(count)s daftar bayar terbuka memuat orang ini.",
            "%(count)s daftar bayar terbuka memuat orang ini.",
            len(lines),
        )
        found.append(Effect(text % {"count": len(lines)}))
    found += [_line_effect(line) for line in lines]
    cases = ReturnCase.objects.filter(
        Q(state=ReturnState.OPEN) | Q(state=ReturnState.DECIDED), line__enrolment=enrolment
    )
    for case in cases.order_by("pk"):
        text = _("Retur %(amount)s masih terbuka: putuskan untuk ahli waris atau kas daerah.")
        href = reverse("disbursements:return", args=[case.pk])
        found.append(Effect(text % {"amount": rupiah(case.amount)}, href))
    return found


def _line_effect(line: PaymentLine) -> Effect:
    pay_list = line.pay_list
    href = reverse("disbursements:list", args=[pay_list.pk])
    words = {"number": pay_list.number, "amount": rupiah(line.amount)}
    if pay_list.state == ListState.DRAFT:
        text = _("Draf %(number)s, %(amount)s: akan dikeluarkan bila ia tidak lagi menerima.")
    elif pay_list.state in BEFORE_MONEY:
        text = _("%(number)s terkunci, %(amount)s: kembalikan daftar itu bila ia harus keluar.")
    else:
        text = _(
            "%(number)s sudah disetujui, %(amount)s: barisnya tidak berubah; bank membayar atau"
            " mengembalikannya sebagai retur."
        )
    return Effect(text % words, href)
