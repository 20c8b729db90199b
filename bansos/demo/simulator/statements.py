"""The statement of the source account for one day: camt.053 and MT940, with what is not ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lxml import etree
from lxml.builder import ElementMaker

from bansos.demo.simulator.books import Books, Payment
from bansos.demo.simulator.results import GENERIC, document, entry, midnight, sen, xml_bytes

ACCOUNT = "0000000001"
OPENING = 5_000_000_000_00
FEE = 2_500_00


@dataclass(frozen=True)
class Booking:
    """One line: a transfer out (or back), or a fee or a stranger's line in words."""

    sen: int
    credit: bool
    text: str
    payment: Payment | None = None


def bookings(books: Books, day: date) -> list[Booking]:
    """What happened on the account that day; noise where the scenario has it."""
    on = day.isoformat()
    found: list[Booking] = []
    for row in books.all_payments():
        if row.day == on:
            found += [Booking(row.sen, False, "Transfer", row)] * row.credits
        if row.back_on == on and row.returned(books.today):
            found.append(Booking(row.sen, True, row.reason, row))
    if books.scenario.noise:
        chance = books.chance(f"noise-{on}")
        found.append(Booking(FEE, False, "Biaya administrasi"))
        found.append(Booking(FEE * max(1, len(found) // 10), False, "Biaya transaksi"))
        foreign = chance.randrange(1, 90) * 1_000_000_00
        found.append(Booking(foreign, True, "Setoran tunai tanpa keterangan"))
        found.append(Booking(foreign // 2, False, "Pemindahbukuan bagian umum"))
    return found


def render(books: Books, day: date, form: str) -> bytes:
    """The statement as bytes. Raises KeyError for another format."""
    writers = {"camt053": _camt053, "mt940": _mt940}
    return writers[form](day, bookings(books, day))


def _closing(rows: Sequence[Booking]) -> int:
    return OPENING + sum(row.sen if row.credit else -row.sen for row in rows)


def _camt053(day: date, rows: Sequence[Booking]) -> bytes:
    root, e = document("camt.053.001.08")
    name = f"RK-{day:%Y%m%d}"
    statement = e.Stmt(
        e.Id(name),
        e.CreDtTm(midnight(day)),
        e.Acct(e.Id(e.Othr(e.Id(ACCOUNT))), e.Ccy("IDR")),
        _balance(e, "OPBD", OPENING, day),
        _balance(e, "CLBD", _closing(rows), day),
    )
    for row in rows:
        if row.payment is not None:
            statement.append(entry(e, row.payment, day, back=row.credit))
        else:
            statement.append(_other(e, row, day))
    head = e.GrpHdr(e.MsgId(name), e.CreDtTm(midnight(day)))
    root.append(e.BkToCstmrStmt(head, statement))
    return xml_bytes(root)


def _balance(e: ElementMaker, code: str, amount: int, day: date) -> etree._Element:
    return e.Bal(
        e.Tp(e.CdOrPrtry(e.Cd(code))),
        e.Amt(sen(abs(amount)), Ccy="IDR"),
        e.CdtDbtInd("CRDT" if amount >= 0 else "DBIT"),
        e.Dt(e.Dt(day.isoformat())),
    )


def _other(e: ElementMaker, row: Booking, day: date) -> etree._Element:
    return e.Ntry(
        e.Amt(sen(row.sen), Ccy="IDR"),
        e.CdtDbtInd("CRDT" if row.credit else "DBIT"),
        e.Sts(e.Cd("BOOK")),
        e.BookgDt(e.Dt(day.isoformat())),
        e.ValDt(e.Dt(day.isoformat())),
        e.BkTxCd(e.Prtry(e.Cd("NMSC"))),
        e.AddtlNtryInf(row.text),
    )


def _mt940(day: date, rows: Sequence[Booking]) -> bytes:
    short = f"{day:%y%m%d}"
    lines = [
        f":20:RK{short}",
        f":25:{ACCOUNT}",
        f":28C:{day:%j}/1",
        f":60F:{_amount(OPENING, short)}",
    ]
    for row in rows:
        sign = "C" if row.credit else "D"
        reference = row.payment.reference if row.payment else "NONREF"
        amount = sen(row.sen).replace(".", ",")
        lines.append(f":61:{short}{short[2:]}{sign}{amount}NTRF{reference}")
        account = f" {row.payment.account} {row.payment.name}" if row.payment else ""
        lines.append(f":86:{row.text}{account}"[:65])
    lines += [f":62F:{_amount(_closing(rows), short)}", f":86:{GENERIC}"[:65], "-"]
    return "\r\n".join([*lines, ""]).encode("ascii", "replace")


def _amount(value: int, short: str) -> str:
    sign = "C" if value >= 0 else "D"
    return f"{sign}{short}IDR{sen(abs(value)).replace('.', ',')}"
