"""A cash programme, its counter, and payments over it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from bansos.lib.dates import day_of
from bansos.lib.sheets.writing import csv_bytes
from disbursements.models import CashCounter, CashReceipt, CashRegister, PayList, PaymentLine
from disbursements.services.cash import counters, paying, registers
from disbursements.services.cash.paying import Payment, Proof
from tests.access_benefits import PNG
from tests.cast import Cast
from tests.factories.disbursements import World, fresh, lines_of, make_world

HEADERS = ("Referensi", "Jumlah dibayar", "Tanggal bayar", "Diterima oleh", "Tanda terima")


def cash_world(cast: Cast, *, people: int = 4, **more: Any) -> World:
    """A programme that pays over the counter."""
    return make_world(cast, people=people, code="TUNAI", rails=["cash"], **more)


def today(world: World) -> date:
    """The office's day."""
    return day_of(world.clock, world.cast.agency.zone)


def opened(world: World, pay_list: PayList | None = None, *, number: str = "SP2D-T") -> CashCounter:
    """A counter from today for two weeks."""
    follow_up = pay_list is not None and pay_list.kind == "follow_up"
    row = world.approved(pay_list) if follow_up else world.with_sp2d(pay_list, number=number)
    return counters.open_counter(
        pay_list=fresh(row),
        place="Balai Desa Tambakmas",
        opens_on=today(world),
        closes_on=today(world) + timedelta(days=14),
        by=world.cast.budi,
        at=world.tick(),
    )


def paid(world: World, counter: CashCounter, line: PaymentLine, **more: Any) -> CashReceipt:
    """By the treasurer, the whole amount today, with a photo."""
    by = more.pop("by", world.cast.tono)
    proof = more.pop("proof", Proof(photo=PNG))
    values: dict[str, Any] = {"amount": line.amount, "paid_on": today(world), "mark": "signature"}
    return paying.pay(
        counter=counter,
        payment=Payment(fresh_line(line), **values | more),
        proof=proof,
        by=by,
        at=world.tick(),
    )


def fresh_line(line: PaymentLine) -> PaymentLine:
    """The line as it is now."""
    found: PaymentLine = PaymentLine.objects.select_related("person", "enrolment").get(pk=line.pk)
    return found


def register_row(world: World, line: PaymentLine, **odd: str) -> tuple[str, ...]:
    """One filled row of a register."""
    values = {
        "reference": line.reference,
        "amount": f"{line.amount:.0f}",
        "paid_on": f"{today(world):%d-%m-%Y}",
        "taker": "Sendiri",
        "mark": "Cap jempol",
    }
    return tuple((values | odd).values())


def taken(world: World, counter: CashCounter, rows: list[Any], **more: Any) -> CashRegister:
    """A signed register, uploaded by the officer of the regency."""
    return registers.take_register(
        counter=counter,
        data=more.pop("data", csv_bytes(HEADERS, rows, delimiter=";")),
        file_name="daftar.csv",
        pages=more.pop("pages", PNG),
        by=more.pop("by", world.cast.sari),
        at=world.tick(),
    )


def cash_books(world: World) -> CashCounter:
    """A closed counter: one paid by photo, one taken back and paid again, one by register, one
    nobody took."""
    counter = opened(world)
    first, second, third, _fourth = lines_of(counter.pay_list)
    paid(world, counter, first)
    wrong = paid(world, counter, second)
    paying.undo(receipt=wrong, reason="Salah orang", by=world.cast.ratna, at=world.tick())
    paid(world, counter, second)
    taken(world, counter, [register_row(world, third)])
    return counters.close_counter(counter=counter, by=world.cast.tono, at=world.tick())
