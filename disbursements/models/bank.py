"""Files to the bank and what the bank answered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bansos.accounts.models import User
from bansos.documents.models import Document
from bansos.jobs.models import Job
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from disbursements.choices import FileFormat, Outcome, ResultState, ReturnReason, RowState
from disbursements.models.lists import PayList, PaymentLine


class BankFile(models.Model):
    """One rendered file of a list: control totals and the hash of its stored bytes."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    pay_list = models.ForeignKey(PayList, on_delete=models.RESTRICT, related_name="files")
    format = models.CharField(max_length=12, choices=FileFormat.choices)
    document = models.ForeignKey(Document, on_delete=models.RESTRICT, related_name="+")
    sha256 = models.CharField(max_length=64)
    count = models.PositiveIntegerField()
    total = MoneyField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pay_list", "format"], name="bank_file_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pay_list_id} {self.format}"


class ResultFile(models.Model):
    """A file the bank sent back. The same bytes twice is the same file (I7, I8)."""

    PERSONAL_FIELDS = ("sealed_file",)

    pay_list = models.ForeignKey(PayList, on_delete=models.RESTRICT, related_name="results")
    area_code = models.CharField(max_length=13, db_index=True)
    file_name = models.CharField(max_length=150)
    sha256 = models.CharField(max_length=64)
    sealed_file = models.BinaryField(null=True)
    signature = models.CharField(max_length=64, blank=True)
    headers = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=ResultState.choices, default=ResultState.CHECKED)
    counts = models.JSONField(default=dict)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    applied_at = models.DateTimeField(null=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pay_list", "sha256"],
                condition=~Q(state=ResultState.REFUSED),
                name="result_file_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pay_list_id} {self.sha256[:12]}"


class ResultRow(models.Model):
    """One row of a bank result and what became of it; append-only."""

    PERSONAL_FIELDS = ("account_index", "name")

    result = models.ForeignKey(ResultFile, on_delete=models.RESTRICT, related_name="rows")
    row_number = models.PositiveIntegerField()
    reference = models.CharField(max_length=40, blank=True)
    amount = MoneyField(null=True)
    account_index = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=150, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    reason = models.CharField(max_length=12, choices=ReturnReason.choices, blank=True)
    bank_text = models.CharField(max_length=150, blank=True)
    bank_date = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=RowState.choices)
    quarantine_code = models.CharField(max_length=30, blank=True)
    quarantine_reason = models.CharField(max_length=300, blank=True)
    line = models.ForeignKey(
        PaymentLine, null=True, on_delete=models.RESTRICT, related_name="result_rows"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["result", "row_number"], name="result_row_once"),
            # I8: one settled and one returned word of the bank per line, however often it is sent.
            models.UniqueConstraint(
                fields=["line", "outcome"],
                condition=Q(state=RowState.APPLIED),
                name="outcome_applied_once",
            ),
            models.CheckConstraint(
                name="result_row_applied_has_line",
                condition=~Q(state=RowState.APPLIED) | Q(line__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.result_id}:{self.row_number}"
