"""Goods in the books: lots in a warehouse, a hand-over, one that came back, a broken unit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from disbursements.services import goods
from tests.access_benefits import PNG, goods_version, recipient
from tests.factories.disbursements import World

DAY = date(2026, 11, 20)


def goods_books(world: World) -> None:
    """Two recipients: one keeps the package and had a cushion replaced, one brought it back."""
    cast = world.cast
    version = goods_version(cast)
    place = goods.open_warehouse(
        name="Gudang Madiun", area_code="35.19", by=cast.budi, at=world.tick()
    )
    for item, price in zip(version.goods_items.order_by("pk"), (2_400_000, 90_000), strict=True):
        goods.receive_lot(
            item=item,
            warehouse=place,
            vendor="CV Sehat",
            contract_number=f"K/{item.pk}",
            received_on=date(2026, 11, 2),
            unit_price=Decimal(price),
            quantity=10,
            by=cast.budi,
            at=world.tick(),
        )
    kept, back = (
        goods.hand_over(
            enrolment=recipient(cast, version),
            warehouse=place,
            proof=goods.Proof(PNG, PNG),
            handed_on=DAY,
            by=cast.sari,
            at=world.tick(),
        )
        for _turn in range(2)
    )
    broken = kept.lines.order_by("pk").last()
    assert broken is not None
    goods.replace(line=broken, reason="Sobek", by=cast.budi, at=world.tick())
    goods.take_back(handover=back, reason="Pindah", by=cast.budi, at=world.tick())
