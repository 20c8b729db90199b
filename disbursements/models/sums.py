"""What the lines of a list add up to, kept beside them so that no report adds millions again."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bansos.lib.money import MoneyField
from disbursements.choices import LineState
from disbursements.models.lists import PayList


class KeptSum(models.Model):
    """Count and rupiah of the lines of one list, place and state; written by triggers only.

    Each statement on lines adds its difference in the same transaction, so the sums are those of
    the lines at any moment; `check_sums` and the auditor add the lines up and compare.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    state = models.CharField(max_length=10, choices=LineState.choices)
    lines = models.BigIntegerField()
    amount = MoneyField()

    class Meta:
        abstract = True


class LineSum(KeptSum):
    """By district; a line whose district is unknown stands under its regency's code."""

    pay_list = models.ForeignKey(PayList, on_delete=models.RESTRICT, related_name="sums")
    place = models.CharField(max_length=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pay_list", "place", "state"], name="line_sum_once"),
            models.CheckConstraint(
                name="line_sum_not_negative", condition=Q(lines__gte=0, amount__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pay_list_id} {self.place} {self.state}"


class RegencySum(KeptSum):
    """By regency: the districts added up, so that a province's year is read in few rows."""

    pay_list = models.ForeignKey(PayList, on_delete=models.RESTRICT, related_name="regency_sums")
    place = models.CharField(max_length=5)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pay_list", "place", "state"], name="regency_sum_once"),
            models.CheckConstraint(
                name="regency_sum_not_negative", condition=Q(lines__gte=0, amount__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pay_list_id} {self.place} {self.state}"
