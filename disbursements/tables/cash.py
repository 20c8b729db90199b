"""The lists of the counter: counters, the payees of one, its receipts."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bansos.lib.crypto import blind_index
from bansos.lib.lists import Column, ListSpec, register
from bansos.lib.nik import clean_digits
from bansos.lib.parts import Word
from disbursements.choices import LINE_TONES, LineState
from disbursements.models import CashCounter, CashReceipt, PaymentLine
from disbursements.queries.people import stage_words
from disbursements.rules.moves import COUNTED
from disbursements.rules.references import clean_reference

NIK_DIGITS = 16
# A payment that waits is not "at the bank" here.
WAITS = {LineState.SUBMITTED, LineState.UNKNOWN}


def counter_word(row: CashCounter) -> Word:
    """Open or closed."""
    if row.closed_at is None:
        return Word("info", str(_("Loket dibuka")), "cash")
    return Word("netral", str(_("Loket ditutup")), "lock")


def cash_line_word(row: PaymentLine) -> Word:
    """The state of a payment at the counter."""
    state = LineState(row.state)
    if state in WAITS:
        return Word("menunggu", str(_("Menunggu di loket")), "clock")
    if state == LineState.SETTLED:
        return Word("baik", str(_("Dibayar")), "circle-check")
    tone, icon = LINE_TONES[state]
    return Word(tone, str(state.label), icon)


def receipt_word(row: CashReceipt) -> Word:
    """Valid, or taken back."""
    if row.undone_at is not None:
        return Word("netral", str(_("Dibatalkan")), "circle-x")
    return Word("baik", str(_("Berlaku")), "check")


@register
class CashCounters(ListSpec):
    """Counters of the user's area, newest first."""

    key = "cash-counters"
    title = _("Loket tunai")
    model = CashCounter
    default_sort = "-opens_on"
    search_hint = _("Nomor daftar atau tempat")
    empty_title = _("Belum ada loket tunai.")
    empty_hint = _("Dibuka dari daftar bayar tunai sesudah SP2D dicatat.")
    columns = (
        Column("number", _("Daftar"), value="pay_list.number", kind="link", priority=1),
        Column("what", _("Program dan tahap"), value=lambda row: stage_words(row.pay_list.stage)),
        Column("place", _("Tempat"), sort="place"),
        Column("opens_on", _("Dibuka"), kind="date", sort="opens_on"),
        Column("closes_on", _("Rencana tutup"), kind="date", sort="closes_on"),
        Column("count", _("KPM"), value="pay_list.count", kind="number"),
        Column("paid", _("Dibayar"), value=lambda row: row.paid, kind="number"),
        Column("state", _("Keadaan"), value=counter_word, kind="status"),
    )

    def queryset(self, user: Any) -> QuerySet[CashCounter]:
        """With how many are paid."""
        rows: QuerySet[CashCounter] = CashCounter.objects.visible_to(user)
        live = Q(receipts__undone_at=None, receipts__isnull=False)
        rows = rows.select_related("pay_list__stage__version__programme")
        return rows.annotate(paid=Count("receipts", filter=live))

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By a part of the list's number or the place."""
        return rows.filter(
            Q(pay_list__number__icontains=text.strip()) | Q(place__icontains=text.strip())
        )

    def row_url(self, row: CashCounter) -> str:
        return reverse("disbursements:counter", args=[row.pk])


class CashLines(ListSpec):
    """The payees of one counter; who waits comes first."""

    key = "cash-lines"
    title = _("Penerima di loket")
    model = PaymentLine
    default_sort = "position"
    search_hint = _("Nama, NIK lengkap, atau referensi")
    empty_title = _("Tidak ada penerima di bagian ini.")
    exportable = False
    columns = (
        Column("payee_name", _("Nama"), sort="payee_name", kind="link", priority=1),
        Column("nik", _("NIK"), value="person.nik_masked", kind="masked"),
        Column("address", _("Alamat"), priority=3),
        Column("amount", _("Jumlah"), kind="money", sort="amount", total=True),
        Column("settled_on", _("Dibayar tanggal"), kind="date", priority=3),
        Column("state", _("Keadaan"), value=cash_line_word, kind="status"),
    )

    def __init__(self, counter: CashCounter | None = None, *, paid: bool = False) -> None:
        self.counter, self.paid = counter, paid

    def queryset(self, user: Any) -> QuerySet[PaymentLine]:
        """Who waits, or who does not any more, as far as the user may look."""
        if self.counter is None:
            return PaymentLine.objects.none()
        rows: QuerySet[PaymentLine] = PaymentLine.objects.visible_to(user).filter(
            pay_list=self.counter.pay_list_id, state__in=COUNTED
        )
        rows = rows.exclude(state__in=WAITS) if self.paid else rows.filter(state__in=WAITS)
        return rows.select_related("person")

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """The NIK by its blind index, names by a part."""
        digits = clean_digits(text)
        if len(digits) == NIK_DIGITS and digits.isdecimal():
            return rows.filter(person__nik_index=blind_index(digits, "nik"))
        return rows.filter(payee_name__icontains=text) | rows.filter(
            reference=clean_reference(text)
        )

    def row_url(self, row: PaymentLine) -> str:
        if self.counter is None:
            return ""
        return reverse("disbursements:counter_line", args=[self.counter.pk, row.pk])


def counter_sums(counter: CashCounter) -> dict[str, Any]:
    """How many and how much is paid and waits; one query."""
    lines = counter.pay_list.lines.filter(state__in=COUNTED)
    waits, paid = Q(state__in=WAITS), Q(state=LineState.SETTLED)
    return lines.aggregate(
        waiting=Count("pk", filter=waits),
        waiting_amount=Sum("amount", filter=waits),
        paid=Count("pk", filter=paid),
        paid_amount=Sum("amount", filter=paid),
        returned=Count("pk", filter=Q(return_case__isnull=False)),
    )
