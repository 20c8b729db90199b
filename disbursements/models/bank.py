"""Files to the bank and what the bank answered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bansos.accounts.models import User
from bansos.documents.models import Document
from bansos.jobs.models import Job
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from disbursements.choices import (
    DeskAct,
    FileFormat,
    Outcome,
    ResultFormat,
    ResultState,
    ReturnReason,
    RowState,
)
from disbursements.models.lists import PayList, PaymentLine
from disbursements.rules.moves import AT_BANK


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


# The kind of the jobs that read a large file; see services.uploads.
READ_JOB = "disbursements.read_result"


class ResultFileQuerySet(AreaQuerySet):
    """Files the bank sent back, seen through their area."""

    def without_bytes(self) -> ResultFileQuerySet:
        """For who does not read the file itself: 25 MB come only when they are asked for."""
        return self.defer("sealed_file")


class ResultFile(models.Model):
    """A file the bank sent back. The same bytes twice is the same file (I7, I8).

    A file of a standard format may speak of many lists: it is stored once without a list
    (`pay_list` None, with what is no payment of ours), and each list it names has a share of it
    (`source`) without bytes of its own, which is applied like any answer.
    """

    PERSONAL_FIELDS = ("sealed_file",)

    pay_list = models.ForeignKey(
        PayList, null=True, on_delete=models.RESTRICT, related_name="results"
    )
    source = models.ForeignKey("self", null=True, on_delete=models.RESTRICT, related_name="shares")
    format = models.CharField(
        max_length=8, choices=ResultFormat.choices, default=ResultFormat.TABLE
    )
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

    objects = ResultFileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pay_list", "sha256"],
                condition=~Q(state=ResultState.REFUSED),
                name="result_file_once",
            ),
            models.UniqueConstraint(
                fields=["area_code", "sha256"],
                condition=Q(pay_list=None) & ~Q(state=ResultState.REFUSED),
                name="statement_once",
            ),
            # A table always speaks of one list; a share belongs to a list and has no bytes.
            models.CheckConstraint(
                name="result_file_has_list",
                condition=Q(pay_list__isnull=False)
                | ~Q(format=ResultFormat.TABLE) & Q(source=None),
            ),
            models.CheckConstraint(
                name="result_share_has_no_bytes",
                condition=Q(source=None) | Q(sealed_file=None, pay_list__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pay_list_id} {self.sha256[:12]}"

    @property
    def is_being_read(self) -> bool:
        """A worker reads the file: nothing is known of its rows yet."""
        return self.job is not None and self.job.kind == READ_JOB and self.job.is_open


class StagedRow(models.Model):
    """A row of an answer as read, on its way to be matched; gone when its file is applied.

    The table is not logged: after a crash it is empty and the file is read again. `is_first`,
    `conflict` and `back` say what rules.matching.study_doubles() says of the whole file.
    """

    PERSONAL_FIELDS = ("account_index", "name")

    result = models.ForeignKey(
        ResultFile, on_delete=models.CASCADE, related_name="staged", db_index=False
    )
    row_number = models.PositiveIntegerField()
    reference = models.TextField()
    amount = MoneyField(null=True)
    account_index = models.TextField()
    name = models.TextField()
    outcome = models.TextField()
    reason = models.TextField()
    bank_text = models.TextField()
    bank_date = models.DateField(null=True)
    bank_reference = models.TextField()
    currency = models.TextField()
    reason_code = models.TextField()
    exception = models.TextField()
    is_first = models.BooleanField(default=True, db_default=True)
    conflict = models.BooleanField(default=False, db_default=False)
    back = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["result", "row_number"], name="staged_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.result_id}:{self.row_number}"


class ResultRowQuerySet(AreaQuerySet):
    """Rows, seen through the area of their file."""

    area_field = "result__area_code"

    def standing(self) -> ResultRowQuerySet:
        """Applied words of the bank that nobody took back."""
        undone = self.model.objects.taken_back().values("pk")
        return self.filter(state=RowState.APPLIED).exclude(pk__in=undone)

    def taken_back(self) -> ResultRowQuerySet:
        """Applied words of the bank that somebody took back."""
        return self.filter(
            state=RowState.APPLIED,
            decisions__act=DeskAct.UNDO,
            decisions__done_at__isnull=False,
        )

    def open(self) -> ResultRowQuerySet:
        """Rows in quarantine that nobody has answered yet.

        A row that only says "not decided yet" is open as long as its line waits.
        """
        decisions = self.model._meta.get_field("decisions").related_model.objects
        done = decisions.filter(done_at__isnull=False)
        undone = done.filter(act=DeskAct.UNDO, undoes__isnull=False).values("undoes")
        answered = done.exclude(act=DeskAct.UNDO).exclude(pk__in=undone)
        later = Q(quarantine_code="pending") & ~Q(line=None) & ~Q(line__state__in=AT_BANK)
        rows = self.filter(state=RowState.QUARANTINE).exclude(later)
        return rows.exclude(pk__in=answered.values("row"))


class ResultRow(models.Model):
    """One row of a bank result and what became of it; append-only.

    A row that two people linked to a line stays as it is; beside it stands a new applied row with
    `origin`. `round` counts how often a word of the bank about this line was taken back before.
    """

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
    bank_reference = models.CharField(max_length=60, blank=True)
    currency = models.CharField(max_length=3, default="IDR")
    reason_code = models.CharField(max_length=35, blank=True)
    origin = models.ForeignKey(
        "self", null=True, on_delete=models.RESTRICT, related_name="linked", db_index=False
    )
    round = models.PositiveSmallIntegerField(default=0)
    line = models.ForeignKey(
        PaymentLine, null=True, on_delete=models.RESTRICT, related_name="result_rows"
    )

    objects = ResultRowQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["result"],
                condition=Q(state=RowState.QUARANTINE),
                name="row_quarantined",
            ),
            models.Index(fields=["origin"], condition=Q(origin__isnull=False), name="row_linked"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["result", "row_number"],
                condition=Q(origin=None),
                name="result_row_once",
            ),
            # I8: one settled and one returned word of the bank per line, however often it is
            # sent; one more only for each time two people took one back.
            models.UniqueConstraint(
                fields=["line", "outcome", "round"],
                condition=Q(state=RowState.APPLIED),
                name="outcome_applied_once",
            ),
            models.CheckConstraint(
                name="result_row_applied_has_line",
                condition=~Q(state=RowState.APPLIED) | Q(line__isnull=False),
            ),
            models.CheckConstraint(
                name="result_row_origin_is_applied",
                condition=Q(origin=None) | Q(state=RowState.APPLIED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.result_id}:{self.row_number}"
