"""What one enrolment may receive in one stage where the stage has no amount of its own."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import User
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from beneficiaries.models import Institution, Person
from beneficiaries.models.institutions import DateRange
from programs.models.catalogue import Stage
from programs.models.decrees import Decree
from programs.models.enrolments import Enrolment


class StageEntitlement(models.Model):
    """The amount of one enrolment in one stage: from a decree's formula, or units times a tariff.

    A stage with an amount needs no such row. Once a live payment line stands on it, it stands
    still (trigger of disbursements).
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="entitlements")
    stage = models.ForeignKey(Stage, on_delete=models.RESTRICT, related_name="entitlements")
    decree = models.ForeignKey(
        Decree, null=True, on_delete=models.RESTRICT, related_name="entitlements"
    )
    units = models.PositiveIntegerField(null=True)
    unit_price = MoneyField(null=True)
    amount = MoneyField()
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "stage"], name="entitlement_once"),
            models.CheckConstraint(
                name="entitlement_units_times_tariff",
                condition=Q(units=None, unit_price=None, amount__gt=0, decree__isnull=False)
                | Q(units__isnull=False, unit_price__gt=0, amount=F("units") * F("unit_price")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}/{self.stage_id}: {self.amount}"


class UnitCount(models.Model):
    """The units of one enrolment in one month of a stage: people times days in that month."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    entitlement = models.ForeignKey(
        StageEntitlement, on_delete=models.RESTRICT, related_name="counts"
    )
    month = models.DateField()
    units = models.PositiveIntegerField()
    source = models.CharField(max_length=150)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entitlement", "month"], name="units_once_a_month"),
            models.CheckConstraint(
                name="units_on_the_first", condition=Q(month__day=1) & ~Q(source="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.units}"


class UnitStay(models.Model):
    """The evidence of a count taken from an institution's list: one person, from day to day.

    Kept as it was when it was counted. The database lets nobody be counted in two institutions on
    one day (btree_gist).
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    count = models.ForeignKey(UnitCount, on_delete=models.CASCADE, related_name="stays")
    institution = models.ForeignKey(Institution, on_delete=models.RESTRICT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="+")
    first = models.DateField()
    last = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="unit_stay_term", condition=Q(last__gte=F("first"))),
            ExclusionConstraint(
                name="counted_in_one_institution_a_day",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("institution", RangeOperators.NOT_EQUAL),
                    (
                        DateRange(
                            "first",
                            "last",
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count_id}: {self.first}"

    @property
    def days(self) -> int:
        """How many days, both ends counted."""
        return (self.last - self.first).days + 1


class Receipt(models.Model):
    """One receipt of what an institution bought with its entitlement of a month.

    Never changed; a wrong one is cancelled with its reason and written anew.
    """

    PERSONAL_FIELDS = ("sealed_file",)

    entitlement = models.ForeignKey(
        StageEntitlement, on_delete=models.RESTRICT, related_name="receipts"
    )
    area_code = models.CharField(max_length=13, db_index=True)
    month = models.DateField()
    number = models.CharField(max_length=60)
    seller = models.CharField(max_length=120)
    issued_on = models.DateField()
    amount = MoneyField()
    mime = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    sealed_file = models.BinaryField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    cancel_reason = models.CharField(max_length=200, blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.functions.Upper("seller"),
                models.functions.Upper("number"),
                "entitlement",
                condition=Q(cancelled_at=None),
                name="receipt_once",
            ),
            models.CheckConstraint(
                name="receipt_sane", condition=Q(amount__gt=0, month__day=1) & ~Q(number="")
            ),
            models.CheckConstraint(
                name="receipt_cancelled_pair",
                condition=Q(cancelled_at=None, cancelled_by=None, cancel_reason="")
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False) & ~Q(cancel_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"Kuitansi {self.pk}"
