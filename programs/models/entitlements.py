"""What one enrolment may receive in one stage where the stage has no amount of its own."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import User
from bansos.lib.money import MoneyField
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
