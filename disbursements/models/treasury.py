"""What treasurers keep beside the books: deadlines, cash plans, reported use of accounts."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import Agency, User
from bansos.documents.models import Document
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from disbursements.models.budget import BudgetLine
from disbursements.models.lists import PaymentLine
from programs.models import ProgrammeVersion


class DeadlineQuerySet(AreaQuerySet):
    area_field = "version__programme__area_code"


class DeadlineRule(models.Model):
    """The deadlines of one programme year; without a row the defaults of rules.deadlines hold.

    Working days for SP2D and overbooking, calendar days for the other two; 0 = none.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    version = models.OneToOneField(
        ProgrammeVersion, on_delete=models.RESTRICT, related_name="deadlines"
    )
    sp2d_days = models.PositiveSmallIntegerField()
    overbooking_days = models.PositiveSmallIntegerField()
    clarification_days = models.PositiveSmallIntegerField()
    idle_days = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=150)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = DeadlineQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Tenggat {self.version_id}"


class CashPlanQuerySet(AreaQuerySet):
    area_field = "budget__area_code"


class CashPlan(models.Model):
    """Anggaran kas: how much of a budget line is to be released in a month."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    budget = models.ForeignKey(BudgetLine, on_delete=models.RESTRICT, related_name="cash_plan")
    month = models.PositiveSmallIntegerField()
    amount = MoneyField()

    objects = CashPlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["budget", "month"], name="cash_plan_once"),
            models.CheckConstraint(
                name="cash_plan_sane",
                condition=Q(month__gte=1, month__lte=12, amount__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.budget_id} {self.month}"


class AccountUse(models.Model):
    """What the bank last reported about a paid account: its last transaction, or none yet."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    line = models.OneToOneField(PaymentLine, on_delete=models.RESTRICT, related_name="account_use")
    last_used_on = models.DateField(null=True)
    reported_on = models.DateField()
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    def __str__(self) -> str:
        return f"{self.line_id} {self.last_used_on}"


class FiscalYear(models.Model):
    """The closing of an agency's budget year: asked by the treasurer, confirmed by the head.

    A closed year moves no money any more (trigger on the ledger), and its row never changes.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    agency = models.ForeignKey(Agency, on_delete=models.RESTRICT, related_name="fiscal_years")
    area_code = models.CharField(max_length=13, db_index=True)
    year = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    asked_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    figures = models.JSONField(default=dict)
    record = models.ForeignKey(Document, null=True, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "year"], name="fiscal_year_once"),
            *[
                models.CheckConstraint(
                    name=f"fiscal_year_{name}_pair",
                    condition=Q(**{f"{name}_at": None, f"{name}_by": None})
                    | Q(**{f"{name}_at__isnull": False, f"{name}_by__isnull": False}),
                )
                for name in ("opened", "asked", "closed")
            ],
            models.CheckConstraint(
                name="fiscal_year_two_people",
                condition=Q(closed_by=None) | ~Q(closed_by=F("asked_by")),
            ),
            models.CheckConstraint(
                name="fiscal_year_asked_first",
                condition=Q(closed_at=None) | Q(asked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Tahun anggaran {self.year}"

    @property
    def is_closed(self) -> bool:
        """True when no money may move for this year."""
        return self.closed_at is not None
