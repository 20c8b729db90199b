"""What became of each payment that came back, and the closing of a list."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import User
from bansos.documents.models import Document
from bansos.lib.fields import EncryptedJSONField
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from beneficiaries.models import BankAccount
from disbursements.choices import Decision, ReturnReason, ReturnState
from disbursements.models.lists import PayList, PaymentLine


class ReturnCase(models.Model):
    """One return: reason, decision by one person, confirmed by another, and how it ended."""

    PERSONAL_FIELDS = ("heir",)

    line = models.OneToOneField(PaymentLine, on_delete=models.RESTRICT, related_name="return_case")
    area_code = models.CharField(max_length=13, db_index=True)
    reason = models.CharField(max_length=12, choices=ReturnReason.choices)
    bank_text = models.CharField(max_length=150, blank=True)
    returned_on = models.DateField()
    amount = MoneyField()
    state = models.CharField(max_length=12, choices=ReturnState.choices, default=ReturnState.OPEN)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decision_note = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    new_account = models.ForeignKey(
        BankAccount, null=True, on_delete=models.RESTRICT, related_name="+"
    )
    # {"name", "relation", "nik", "bank_code", "number", "letter_number", "letter_date"}
    heir: Any = EncryptedJSONField(null=True)
    sts_number = models.CharField(max_length=80, blank=True)
    sts_date = models.DateField(null=True)
    sts_amount = MoneyField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="return_decided_pair",
                condition=Q(decided_at=None, decided_by=None, decision="")
                | Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(decision=""),
            ),
            models.CheckConstraint(
                name="return_confirmed_pair",
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="return_decider_is_not_confirmer",
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("decided_by")),
            ),
            models.CheckConstraint(
                name="return_confirmed_after_decision",
                condition=Q(confirmed_at=None) | Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="return_done_has_date",
                condition=~Q(state=ReturnState.DONE) | Q(done_at__isnull=False),
            ),
            models.CheckConstraint(
                name="return_sts_only_when_confirmed",
                condition=Q(sts_amount=None)
                | Q(decision=Decision.TREASURY, confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="return_sts_never_more",
                condition=Q(sts_amount=None) | Q(sts_amount=F("amount")),
            ),
            models.CheckConstraint(
                name="return_sts_complete",
                condition=Q(sts_number="", sts_date=None, sts_amount=None)
                | ~Q(sts_number="") & Q(sts_date__isnull=False, sts_amount__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Retur {self.pk}"


class Reconciliation(models.Model):
    """The closing figures of a main list with its follow-ups; difference 0 by constraint."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    pay_list = models.OneToOneField(
        PayList, on_delete=models.RESTRICT, related_name="reconciliation"
    )
    area_code = models.CharField(max_length=13, db_index=True)
    sp2d_amount = MoneyField()
    settled_amount = MoneyField()
    repaid_amount = MoneyField()
    treasury_amount = MoneyField()
    figures = models.JSONField(default=list)
    record = models.ForeignKey(Document, null=True, on_delete=models.RESTRICT, related_name="+")
    return_record = models.ForeignKey(
        Document, null=True, on_delete=models.RESTRICT, related_name="+"
    )
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="reconciled_to_zero",
                condition=Q(
                    sp2d_amount=F("settled_amount") + F("repaid_amount") + F("treasury_amount")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"Rekonsiliasi {self.pay_list_id}"
