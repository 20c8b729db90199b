"""What the walk over every route needs of the counter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bansos.lib.crypto import seal_bytes
from disbursements.models import CashCounter, CashReceipt, CashRegister, PayList, PaymentLine
from disbursements.services.cash.paying import PHOTO
from disbursements.services.cash.registers import PAGES, TABLE
from tests.access_benefits import PNG
from tests.cast import Cast
from tests.factories.programs import NOW


@dataclass
class Cash:
    """A counter with a register and one receipt."""

    counter: CashCounter
    line: PaymentLine
    receipt: CashReceipt
    register: CashRegister


def make_cash(cast: Cast) -> Cash:
    """Of a programme of its own in Kabupaten Madiun."""
    from tests.factories.cash import cash_world

    world = cash_world(cast, people=2)
    drawn = world.with_sp2d(world.drawn())
    pay_list = PayList.objects.get(pk=drawn.pk)
    line = pay_list.lines.earliest("position")
    counter = CashCounter.objects.create(
        pay_list=pay_list,
        area_code="35.19",
        place="Balai Desa Tambakmas",
        opens_on=date(2026, 11, 1),
        closes_on=date(2026, 12, 1),
        opened_at=NOW,
        opened_by=cast.budi,
    )
    register = CashRegister.objects.create(
        counter=counter,
        area_code="35.19",
        file_name="daftar.xlsx",
        sha256="0" * 64,
        sealed_table=seal_bytes(b"x", context=TABLE),
        pages_mime="image/png",
        pages_sha256="0" * 64,
        sealed_pages=seal_bytes(PNG, context=PAGES),
        count=1,
        total=line.amount,
        uploaded_at=NOW,
        uploaded_by=cast.sari,
    )
    receipt = CashReceipt.objects.create(
        line=line,
        counter=counter,
        area_code=line.area_code,
        amount=line.amount,
        paid_on=date(2026, 11, 20),
        taker="self",
        receiver_name=line.payee_name,
        mark="thumb",
        photo=seal_bytes(PNG, context=PHOTO),
        photo_mime="image/png",
        photo_sha256="0" * 64,
        recorded_at=NOW,
        recorded_by=cast.sari,
    )
    return Cash(counter, pay_list.lines.latest("position"), receipt, register)
