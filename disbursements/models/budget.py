"""Budget lines, allocations, and the ledger that explains every rupiah of them."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import Agency, User
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from disbursements.choices import LedgerAccount, LedgerKind
from programs.models import ProgrammeVersion


class BudgetFigures(models.Model):
    """The four running sums; each changes only beside its ledger event, by a conditional UPDATE.

    paid = all that SP2D released; delivered and returned are parts of it.
    """

    reserved = MoneyField(default=0)
    paid = MoneyField(default=0)
    delivered = MoneyField(default=0)
    returned = MoneyField(default=0)

    class Meta:
        abstract = True


class BudgetLine(BudgetFigures):
    """A line of the DPA: the ceiling (pagu) of one programme in one year.

    `allocated` is the sum of its allocations, so that the database can hold it under the ceiling.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    agency = models.ForeignKey(Agency, on_delete=models.RESTRICT, related_name="budgets")
    area_code = models.CharField(max_length=13, db_index=True)
    year = models.PositiveSmallIntegerField()
    version = models.OneToOneField(
        ProgrammeVersion, on_delete=models.RESTRICT, related_name="budget"
    )
    dpa_number = models.CharField(max_length=80)
    dpa_date = models.DateField()
    account_code = models.CharField(max_length=40)
    ceiling = MoneyField()
    allocated = MoneyField(default=0)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            # I1: reserved + paid never exceed the ceiling, under any concurrency.
            models.CheckConstraint(
                name="budget_never_overspent",
                condition=Q(ceiling__gte=F("reserved") + F("paid")),
            ),
            models.CheckConstraint(
                name="budget_never_overallocated",
                condition=Q(allocated__gte=0, ceiling__gte=F("allocated")),
            ),
            models.CheckConstraint(
                name="budget_figures_sane",
                condition=Q(reserved__gte=0, paid__gte=0, delivered__gte=0, returned__gte=0)
                & Q(paid__gte=F("delivered") + F("returned")),
            ),
        ]

    def __str__(self) -> str:
        return self.dpa_number

    @property
    def left(self) -> Decimal:
        """Pagu - terikat - cair."""
        return self.ceiling - self.reserved - self.paid

    @property
    def holding(self) -> Decimal:
        """Released by SP2D, not yet delivered and not yet back in kas daerah."""
        return self.paid - self.delivered - self.returned


class Allocation(BudgetFigures):
    """A regency's share of a budget line."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    budget = models.ForeignKey(BudgetLine, on_delete=models.RESTRICT, related_name="allocations")
    area_code = models.CharField(max_length=13, db_index=True)
    amount = MoneyField()

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["budget", "area_code"], name="allocation_once"),
            models.CheckConstraint(
                name="allocation_never_overspent",
                condition=Q(amount__gte=F("reserved") + F("paid")),
            ),
            models.CheckConstraint(
                name="allocation_figures_sane",
                condition=Q(reserved__gte=0, paid__gte=0, delivered__gte=0, returned__gte=0)
                & Q(paid__gte=F("delivered") + F("returned")),
            ),
        ]

    def __str__(self) -> str:
        return self.area_code

    @property
    def left(self) -> Decimal:
        """Alokasi - terikat - cair."""
        return self.amount - self.reserved - self.paid

    @property
    def holding(self) -> Decimal:
        """Released by SP2D, not yet delivered and not yet back in kas daerah."""
        return self.paid - self.delivered - self.returned


class LedgerEvent(models.Model):
    """One movement of money, once: the key is unique for ever; append-only."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    key = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=14, choices=LedgerKind.choices)
    budget = models.ForeignKey(BudgetLine, on_delete=models.RESTRICT, related_name="events")
    allocation = models.ForeignKey(
        Allocation, null=True, on_delete=models.RESTRICT, related_name="events"
    )
    area_code = models.CharField(max_length=13, db_index=True)
    subject_type = models.CharField(max_length=80, blank=True)
    subject_id = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=250, blank=True)
    reverses = models.OneToOneField("self", null=True, on_delete=models.RESTRICT)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    def __str__(self) -> str:
        return self.key


class LedgerEntry(models.Model):
    """One leg; the legs of an event sum to zero (deferred trigger); append-only."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    event = models.ForeignKey(LedgerEvent, on_delete=models.RESTRICT, related_name="entries")
    account = models.CharField(max_length=10, choices=LedgerAccount.choices)
    amount = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "account"], name="one_leg_per_account"),
            models.CheckConstraint(name="leg_not_zero", condition=~Q(amount=0)),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount}"
