"""The list of goods handed over."""

from __future__ import annotations

from typing import Any

from django.db.models import DecimalField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bansos.lib.lists import Column, ListSpec, register
from bansos.lib.parts import Word
from disbursements.choices import HandoverState
from disbursements.filters import GoodsLotFilter
from disbursements.models import GoodsLot, Handover

MONEY: DecimalField[Any, Any] = DecimalField(max_digits=18, decimal_places=2)


def handover_word(row: Handover) -> Word:
    """Handed over or come back, as a badge."""
    state = HandoverState(row.state)
    return Word("baik" if state == HandoverState.HANDED else "netral", str(state.label))


@register
class Handovers(ListSpec):
    """BAST of goods, newest first."""

    key = "handovers"
    title = _("Serah terima barang")
    model = Handover
    default_sort = "-handed_on"
    search_hint = _("Nomor BAST")
    empty_title = _("Belum ada barang yang diserahkan.")
    columns = (
        Column("number", _("Nomor BAST"), kind="link", priority=1, sort="number"),
        Column("programme", _("Program"), value="enrolment.version.programme.name"),
        Column("handed_on", _("Tanggal"), kind="date", sort="handed_on"),
        Column("warehouse", _("Gudang"), value="warehouse.name", priority=3),
        Column("value", _("Nilai"), kind="money", sort="value"),
        Column("state", _("Keadaan"), value=handover_word, kind="status", sort="state"),
    )

    def queryset(self, user: Any) -> QuerySet[Handover]:
        """Without the pictures."""
        rows: QuerySet[Handover] = Handover.objects.visible_to(user)
        return rows.select_related("enrolment__version__programme", "warehouse").defer(
            "photo", "signature"
        )

    def search(self, rows: QuerySet[Handover], text: str, user: Any) -> QuerySet[Handover]:
        """By a part of the number."""
        return rows.filter(number__icontains=text.strip())

    def row_url(self, row: Handover) -> str:
        return reverse("disbursements:handover", args=[row.pk])


@register
class GoodsLots(ListSpec):
    """Lots as bought: unit price per vendor beside the planned one."""

    key = "goods_lots"
    title = _("Lot dan harga satuan")
    model = GoodsLot
    filterset_class = GoodsLotFilter
    default_sort = "-received_on"
    search_hint = _("Barang, penyedia, atau nomor kontrak")
    empty_title = _("Belum ada lot yang diterima.")
    columns = (
        Column("contract", _("Nomor kontrak"), value="contract_number", priority=1),
        Column("programme", _("Program"), value="item.version.programme.name", priority=3),
        Column("item", _("Barang"), value="item.name", sort="item__name"),
        Column("vendor", _("Penyedia"), sort="vendor"),
        Column("received_on", _("Diterima"), kind="date", sort="received_on"),
        Column("planned", _("Harga rencana"), value="item.unit_price", kind="money", priority=3),
        Column("unit_price", _("Harga satuan lot"), kind="money", sort="unit_price"),
        Column("quantity", _("Dibeli"), kind="number", sort="quantity", total=True),
        Column("left", _("Sisa"), kind="number", sort="left", total=True),
        Column("value", _("Nilai"), kind="money", sort="value", total=True),
    )

    def queryset(self, user: Any) -> QuerySet[GoodsLot]:
        """Lots of the area with what is left of them anywhere."""
        rows: QuerySet[GoodsLot] = GoodsLot.objects.visible_to(user)
        return rows.select_related("item__version__programme").annotate(
            left=Sum("stock__quantity"),
            value=ExpressionWrapper(F("unit_price") * F("quantity"), output_field=MONEY),
        )

    def search(self, rows: QuerySet[GoodsLot], text: str, user: Any) -> QuerySet[GoodsLot]:
        """By a part of the thing, the vendor or the contract."""
        part = text.strip()
        return rows.filter(
            Q(item__name__icontains=part)
            | Q(vendor__icontains=part)
            | Q(contract_number__icontains=part)
        )
