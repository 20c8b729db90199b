"""Money paid over a counter: where and until when, a receipt per payment, the signed registers."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import User
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from disbursements.choices import CashMark, CashTaker
from disbursements.models.lists import PayList, PaymentLine
from programs.models import ProxyGrant


class CashCounter(models.Model):
    """The counter of one cash list: open until somebody closes it; what is unpaid then returns."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    pay_list = models.OneToOneField(PayList, on_delete=models.RESTRICT, related_name="counter")
    area_code = models.CharField(max_length=13, db_index=True)
    place = models.CharField(max_length=150)
    opens_on = models.DateField()
    # A promise to the payees and a timer; only a person closes.
    closes_on = models.DateField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="counter_days", condition=Q(closes_on__gte=F("opens_on")) & ~Q(place="")
            ),
            models.CheckConstraint(
                name="counter_closed_pair",
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Loket {self.pay_list_id}"


class CashRegister(models.Model):
    """A register of payments as it came back from the counter: the table, and the signed pages."""

    PERSONAL_FIELDS = ("file_name", "sealed_table", "sealed_pages")

    counter = models.ForeignKey(CashCounter, on_delete=models.RESTRICT, related_name="registers")
    area_code = models.CharField(max_length=13, db_index=True)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    sealed_table = models.BinaryField()
    pages_mime = models.CharField(max_length=20)
    pages_sha256 = models.CharField(max_length=64)
    sealed_pages = models.BinaryField()
    count = models.PositiveIntegerField()
    total = MoneyField()
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["counter", "sha256"], name="register_once"),
            models.CheckConstraint(
                name="register_not_empty", condition=Q(count__gt=0, total__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]


class WaitingRegister(models.Model):
    """A long register on its way to a worker: gone when it is recorded or given up.

    One that was refused stays without its bytes, with the words why, until the next one comes.
    """

    PERSONAL_FIELDS = ("file_name", "sealed_table", "sealed_pages")

    counter = models.OneToOneField(CashCounter, on_delete=models.CASCADE, related_name="waiting")
    area_code = models.CharField(max_length=13, db_index=True)
    file_name = models.CharField(max_length=200)
    sealed_table = models.BinaryField(null=True)
    sealed_pages = models.BinaryField(null=True)
    refusal = models.TextField(blank=True)
    handed_in_at = models.DateTimeField()
    handed_in_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            # Its bytes, or the words why it was not recorded.
            models.CheckConstraint(
                name="register_waits_or_is_refused",
                condition=Q(sealed_table__isnull=False, sealed_pages__isnull=False, refusal="")
                | Q(sealed_table=None, sealed_pages=None) & ~Q(refusal=""),
            ),
        ]

    def __str__(self) -> str:
        return f"Daftar menunggu {self.counter_id}"


class CashReceipt(models.Model):
    """One payment into a hand: who took it, when, by which mark; taken back by a second person."""

    PERSONAL_FIELDS = ("receiver_name", "photo", "signature")

    line = models.ForeignKey(PaymentLine, on_delete=models.RESTRICT, related_name="receipts")
    counter = models.ForeignKey(CashCounter, on_delete=models.RESTRICT, related_name="receipts")
    area_code = models.CharField(max_length=13, db_index=True)
    amount = MoneyField()
    paid_on = models.DateField()
    taker = models.CharField(max_length=8, choices=CashTaker.choices)
    receiver_name = models.CharField(max_length=150)
    proxy = models.ForeignKey(ProxyGrant, null=True, on_delete=models.RESTRICT, related_name="+")
    mark = models.CharField(max_length=9, choices=CashMark.choices)
    # The proof of a single payment; a register has its own signed pages.
    photo = models.BinaryField(null=True)
    photo_mime = models.CharField(max_length=20, blank=True)
    photo_sha256 = models.CharField(max_length=64, blank=True)
    signature = models.BinaryField(null=True)
    signature_mime = models.CharField(max_length=20, blank=True)
    signature_sha256 = models.CharField(max_length=64, blank=True)
    register = models.ForeignKey(
        CashRegister, null=True, on_delete=models.RESTRICT, related_name="receipts"
    )
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    undo_reason = models.CharField(max_length=250, blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            # I2: a line is paid into one hand once, unless somebody took the record back.
            models.UniqueConstraint(
                fields=["line"], condition=Q(undone_at=None), name="one_live_cash_receipt"
            ),
            models.CheckConstraint(name="cash_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="cash_has_proof",
                condition=Q(register__isnull=False)
                | Q(photo__isnull=False)
                | Q(signature__isnull=False),
            ),
            models.CheckConstraint(
                name="cash_proxy_named",
                condition=Q(taker=CashTaker.SELF, proxy=None)
                | Q(taker=CashTaker.PROXY, proxy__isnull=False),
            ),
            models.CheckConstraint(
                name="cash_undone_pair",
                condition=Q(undone_at=None, undone_by=None, undo_reason="")
                | Q(undone_at__isnull=False, undone_by__isnull=False) & ~Q(undo_reason=""),
            ),
            models.CheckConstraint(
                name="cash_undone_by_another",
                condition=Q(undone_by=None) | ~Q(undone_by=F("recorded_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"Kuitansi {self.pk}"


class CashCorrection(models.Model):
    """A receipt of a closed day, called wrong by a second person and taken back by a third."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    receipt = models.ForeignKey(CashReceipt, on_delete=models.RESTRICT, related_name="corrections")
    area_code = models.CharField(max_length=13, db_index=True)
    reason = models.CharField(max_length=250)
    # Who recorded the payment, so that the database itself tells the three people apart.
    recorded_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receipt"], condition=Q(refused_at=None), name="cash_correction_once"
            ),
            models.CheckConstraint(
                name="cash_correction_three_people",
                condition=~Q(asked_by=F("recorded_by"))
                & (
                    Q(confirmed_by=None)
                    | ~Q(confirmed_by=F("recorded_by")) & ~Q(confirmed_by=F("asked_by"))
                ),
            ),
            models.CheckConstraint(
                name="cash_correction_confirmed_pair",
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="cash_correction_refused_pair",
                condition=Q(refused_at=None, refused_by=None)
                | Q(refused_at__isnull=False, refused_by__isnull=False),
            ),
            models.CheckConstraint(
                name="cash_correction_one_answer",
                condition=Q(confirmed_at=None) | Q(refused_at=None),
            ),
            models.CheckConstraint(name="cash_correction_says_why", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"Koreksi kuitansi {self.receipt_id}"
