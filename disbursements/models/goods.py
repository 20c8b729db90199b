"""Goods: what a programme hands out, lots as bought, stock per warehouse, hand-overs by BAST."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q

from bansos.accounts.models import User
from bansos.documents.models import Document
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from disbursements.choices import HandoverState, StockKind
from programs.models import Enrolment, ProgrammeVersion, ProxyGrant


class GoodsItem(models.Model):
    """One thing of the package of a version: for everybody, or for one kind of business."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    version = models.ForeignKey(
        ProgrammeVersion, on_delete=models.RESTRICT, related_name="goods_items"
    )
    # "" for what everybody gets.
    business_kind = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=120)
    unit = models.CharField(max_length=30)
    quantity = models.PositiveIntegerField(default=1)
    unit_price = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "business_kind", "name"], name="goods_item_once"
            ),
            models.CheckConstraint(
                name="goods_item_sane", condition=Q(quantity__gt=0, unit_price__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def value(self) -> Decimal:
        """What one recipient gets of it, at the planned price."""
        return self.unit_price * self.quantity


class GoodsRequest(models.Model):
    """The kind of business a recipient asks goods for; it decides their package."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    enrolment = models.OneToOneField(
        Enrolment, on_delete=models.RESTRICT, related_name="goods_request"
    )
    area_code = models.CharField(max_length=13, db_index=True)
    business_kind = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="goods_request_says_what", condition=~Q(business_kind="")),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.business_kind}"


class Warehouse(models.Model):
    """Where goods lie: one of the province, one in a regency."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    name = models.CharField(max_length=120)
    area_code = models.CharField(max_length=13, db_index=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area_code", "name"], name="warehouse_once"),
        ]

    def __str__(self) -> str:
        return self.name


class GoodsLot(models.Model):
    """One procurement of one thing: vendor, contract, price of a unit, quantity; append-only."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    item = models.ForeignKey(GoodsItem, on_delete=models.RESTRICT, related_name="lots")
    area_code = models.CharField(max_length=13, db_index=True)
    vendor = models.CharField(max_length=150)
    contract_number = models.CharField(max_length=80)
    received_on = models.DateField()
    unit_price = MoneyField()
    quantity = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "contract_number"], name="goods_lot_once"),
            models.CheckConstraint(
                name="goods_lot_sane", condition=Q(quantity__gt=0, unit_price__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.contract_number


class Stock(models.Model):
    """How much of a lot lies in a warehouse; changes only beside its movement, never below 0."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    warehouse = models.ForeignKey(Warehouse, on_delete=models.RESTRICT, related_name="stock")
    area_code = models.CharField(max_length=13, db_index=True)
    lot = models.ForeignKey(GoodsLot, on_delete=models.RESTRICT, related_name="stock")
    quantity = models.IntegerField(default=0)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "lot"], name="stock_once"),
            models.CheckConstraint(name="stock_never_negative", condition=Q(quantity__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.warehouse_id}/{self.lot_id}: {self.quantity}"


class Handover(models.Model):
    """The goods of one recipient, handed over once; what came back frees the place."""

    PERSONAL_FIELDS = ("receiver_name", "photo", "signature")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="handovers")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.RESTRICT, related_name="+")
    area_code = models.CharField(max_length=13, db_index=True)
    number = models.CharField(max_length=40, unique=True)
    state = models.CharField(
        max_length=10, choices=HandoverState.choices, default=HandoverState.HANDED
    )
    handed_on = models.DateField()
    receiver_name = models.CharField(max_length=150)
    proxy = models.ForeignKey(ProxyGrant, null=True, on_delete=models.RESTRICT, related_name="+")
    value = MoneyField()
    photo = models.BinaryField()
    photo_mime = models.CharField(max_length=20)
    photo_sha256 = models.CharField(max_length=64)
    signature = models.BinaryField()
    signature_mime = models.CharField(max_length=20)
    signature_sha256 = models.CharField(max_length=64)
    document = models.ForeignKey(Document, null=True, on_delete=models.RESTRICT, related_name="+")
    handed_at = models.DateTimeField()
    handed_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    return_reason = models.CharField(max_length=200, blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=Q(state=HandoverState.HANDED),
                name="goods_handed_over_once",
            ),
            models.CheckConstraint(
                name="handover_returned_pair",
                condition=Q(
                    state=HandoverState.HANDED, returned_at=None, returned_by=None, return_reason=""
                )
                | Q(
                    state=HandoverState.RETURNED,
                    returned_at__isnull=False,
                    returned_by__isnull=False,
                )
                & ~Q(return_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class HandoverLine(models.Model):
    """Units of one lot in a hand-over; a broken one is replaced by a new row that names it."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    handover = models.ForeignKey(Handover, on_delete=models.RESTRICT, related_name="lines")
    lot = models.ForeignKey(GoodsLot, on_delete=models.RESTRICT, related_name="handed")
    quantity = models.PositiveIntegerField()
    unit_price = MoneyField()
    replaces = models.OneToOneField(
        "self", null=True, on_delete=models.RESTRICT, related_name="replaced_by"
    )
    replace_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="handover_line_sane",
                condition=Q(quantity__gt=0)
                & (Q(replaces=None, replace_reason="") | ~Q(replace_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handover_id}: {self.quantity}"


class StockMove(models.Model):
    """One movement of stock with its sign; append-only, its key unique for ever."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    key = models.CharField(max_length=80, unique=True)
    stock = models.ForeignKey(Stock, on_delete=models.RESTRICT, related_name="moves")
    kind = models.CharField(max_length=12, choices=StockKind.choices)
    quantity = models.IntegerField()
    handover = models.ForeignKey(
        Handover, null=True, on_delete=models.RESTRICT, related_name="moves"
    )
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="stock_move_not_zero", condition=~Q(quantity=0)),
        ]

    def __str__(self) -> str:
        return self.key
