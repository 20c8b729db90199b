"""File layouts of banks as data: which columns, in which order, with which control totals."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from bansos.accounts.models import Agency, User
from bansos.documents.models import Document
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from disbursements.choices import AmountFormat, DateOrder, LayoutFormat, NumberSigns
from disbursements.models.lists import PayList


class BankLayout(models.Model):
    """One version of a layout. Once a file was made with it, nothing of it changes (trigger).

    columns: [{"field", "heading", "width", "pad", "fill"}]; header and trailer: cells of the lines
    before and after the rows, [{"field", "text"}]. The fields are those of rules/layouts.py.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    agency = models.ForeignKey(Agency, on_delete=models.RESTRICT, related_name="bank_layouts")
    area_code = models.CharField(max_length=13, db_index=True)
    bank_code = models.CharField(max_length=3)
    name = models.CharField(max_length=80)
    version = models.PositiveSmallIntegerField(default=1)
    format = models.CharField(max_length=5, choices=LayoutFormat.choices)
    columns = models.JSONField(default=list)
    header = models.JSONField(default=list)
    trailer = models.JSONField(default=list)
    headings = models.BooleanField(default=True)
    label = models.BooleanField(default=True)
    separator = models.CharField(max_length=1, default=",")
    amount_format = models.CharField(
        max_length=6, choices=AmountFormat.choices, default=AmountFormat.DOT
    )
    valid_from = models.DateField()
    active = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    used_at = models.DateTimeField(null=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "bank_code", "name", "version"], name="layout_version_once"
            ),
            models.CheckConstraint(name="layout_version_positive", condition=Q(version__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.bank_code} {self.name} v{self.version}"


class StatementLayout(models.Model):
    """One version of how a bank writes its account statement as a table.

    columns: field of rules/statements/sheet.py -> heading in the file. A stored statement keeps a
    copy of what it was read with, so a version may be changed until the first file was read so;
    after that its change is the next version.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    agency = models.ForeignKey(Agency, on_delete=models.RESTRICT, related_name="statement_layouts")
    area_code = models.CharField(max_length=13, db_index=True)
    bank_code = models.CharField(max_length=3)
    name = models.CharField(max_length=80)
    version = models.PositiveSmallIntegerField(default=1)
    columns: Any = models.JSONField(default=dict)
    date_order = models.CharField(max_length=3, choices=DateOrder.choices, default=DateOrder.DMY)
    number_signs = models.CharField(
        max_length=5, choices=NumberSigns.choices, default=NumberSigns.COMMA
    )
    currency = models.CharField(max_length=3, default="IDR")
    active = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    used_at = models.DateTimeField(null=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "bank_code", "name", "version"],
                name="statement_layout_version_once",
            ),
            models.UniqueConstraint(
                fields=["agency", "bank_code", "name"],
                condition=Q(active=True),
                name="statement_layout_one_active",
            ),
            models.CheckConstraint(
                name="statement_layout_version_positive", condition=Q(version__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_code} {self.name} v{self.version}"


class LayoutFile(models.Model):
    """One list rendered in one layout version: control totals and the hash of its stored bytes."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    pay_list = models.ForeignKey(PayList, on_delete=models.RESTRICT, related_name="layout_files")
    layout = models.ForeignKey(BankLayout, on_delete=models.RESTRICT, related_name="files")
    document = models.ForeignKey(Document, on_delete=models.RESTRICT, related_name="+")
    sha256 = models.CharField(max_length=64)
    count = models.PositiveIntegerField()
    total = MoneyField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pay_list", "layout"], name="layout_file_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pay_list_id} {self.layout_id}"
