"""What each list pays over each rail to each bank: read from the lines, never kept."""

from __future__ import annotations

from django.db import models

from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from disbursements.models.lists import PayList
from programs.choices import Rail


class BankPart(models.Model):
    """The lines of one list with one rail and one bank, counted and added up.

    A view (0028_parts_by_bank) that asks the lines of each list by themselves, so that a filter on
    the list spares the others. Its id is that of the first line: it stays when others are added.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    pay_list = models.ForeignKey(PayList, on_delete=models.DO_NOTHING, related_name="+")
    area_code = models.CharField(max_length=13)
    rail = models.CharField(max_length=12, choices=Rail.choices, blank=True)
    bank_code = models.CharField(max_length=3)
    lines = models.BigIntegerField()
    total = MoneyField()
    delivered = MoneyField()
    came_back = MoneyField()
    silent = MoneyField()

    objects = AreaQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "disbursements_bankpart"

    def __str__(self) -> str:
        return f"{self.pay_list_id} {self.rail} {self.bank_code}"
