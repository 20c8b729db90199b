"""What the bank says about a file: result lists (XLSX, CSV), pain.002 and camt.054, in parts."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from lxml import etree
from lxml.builder import ElementMaker
from xlsxwriter import Workbook

from bansos.demo.simulator.books import Books, Payment
from bansos.demo.simulator.scenarios import scenario_of

HEADERS = (
    *("No", "No Referensi", "No Rekening", "Nama", "Nominal", "Status", "Keterangan", "Tanggal"),
)
DELIVERED, CAME_BACK = "BERHASIL", "GAGAL"
GENERIC = "Simulasi latihan, format umum, tidak disertifikasi bank mana pun"
MIME = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "pain002": "application/xml",
    "camt054": "application/xml",
    "camt053": "application/xml",
    "mt940": "text/plain",
}


@dataclass(frozen=True)
class Said:
    """What one row of a result says of one payment."""

    payment: Payment
    returned: bool
    day: date


def sen(value: int) -> str:
    """50000000 -> 500000.00"""
    return f"{value // 100}.{value % 100:02d}"


def parts_of(books: Books, file: sqlite3.Row) -> list[list[Said]]:
    """The results of a file that are there today, in the order the bank gives them out."""
    scenario = scenario_of(file["scenario"])
    day, today = date.fromisoformat(file["day"]), books.today
    first_on = day + timedelta(days=scenario.ready_days)
    if file["state"] != "accepted" or today < first_on:
        return []
    payments = books.payments(file["reference"])
    rows = [Said(row, row.returned(first_on), first_on) for row in payments]
    cut = len(rows) * scenario.first_part // 100
    parts = [rows[:cut]]
    if scenario.answers_twice:
        parts.append(rows[:cut][::-1])
    if cut < len(rows) and today > first_on:
        rest = first_on + timedelta(days=1)
        parts.append([Said(row.payment, row.returned, rest) for row in rows[cut:]])
    late = [row for row in payments if row.returned(today) and not row.returned(first_on)]
    if late:
        parts.append([Said(row, True, date.fromisoformat(row.back_on)) for row in late])
    return parts


def render(file: sqlite3.Row, rows: Sequence[Said], form: str) -> bytes:
    """One part as bytes; the same rows give the same bytes. Raises KeyError for other formats."""
    writers = {"xlsx": _xlsx, "csv": _csv, "pain002": _pain002, "camt054": _camt054}
    return writers[form](file["reference"], rows)


def _cells(number: int, said: Said) -> tuple[object, ...]:
    row = said.payment
    status = CAME_BACK if said.returned else DELIVERED
    note = row.reason if said.returned else ""
    amount = sen(row.sen)
    return number, row.reference, row.account, row.name, amount, status, note, said.day


def _csv(reference: str, rows: Sequence[Said]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(HEADERS)
    for number, said in enumerate(rows, start=1):
        *cells, day = _cells(number, said)
        writer.writerow([*cells, f"{day:%d/%m/%Y}"])
    return text.getvalue().encode()


def _xlsx(reference: str, rows: Sequence[Said]) -> bytes:
    target = io.BytesIO()
    book = Workbook(target, {"strings_to_numbers": False, "strings_to_formulas": False})
    first = rows[0].day if rows else date(2026, 1, 1)
    book.set_properties({"created": datetime.combine(first, time(9))})
    sheet = book.add_worksheet("Hasil")
    bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    money = book.add_format({"num_format": "#,##0.00"})
    dated = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_string(0, 0, f"Hasil overbooking {reference}", bold)
    sheet.write_string(1, 0, GENERIC)
    for place, width in enumerate((6, 20, 16, 28, 16, 12, 34, 14)):
        sheet.set_column(place, place, width)
        sheet.write_string(3, place, HEADERS[place], bold)
    for number, said in enumerate(rows, start=1):
        cells = _cells(number, said)
        sheet.write_number(3 + number, 0, number)
        for place in (1, 2, 3, 5, 6):
            sheet.write_string(3 + number, place, str(cells[place]), text)
        sheet.write_number(3 + number, 4, Decimal(said.payment.sen) / 100, money)
        sheet.write_datetime(3 + number, 7, datetime.combine(said.day, time()), dated)
    book.close()
    return target.getvalue()


def document(namespace: str) -> tuple[etree._Element, ElementMaker]:
    """An ISO 20022 document and the maker of its elements."""
    maker = ElementMaker(
        namespace=f"urn:iso:std:iso:20022:tech:xsd:{namespace}",
        nsmap={None: f"urn:iso:std:iso:20022:tech:xsd:{namespace}"},
    )
    return maker.Document(), maker


def xml_bytes(root: etree._Element) -> bytes:
    """The document with a comment that says what it is."""
    root.insert(0, etree.Comment(f" {GENERIC} "))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def midnight(day: date) -> str:
    """Nine o'clock of a day, WIB: the bank answers in the morning."""
    return f"{day.isoformat()}T09:00:00+07:00"


def _pain002(reference: str, rows: Sequence[Said]) -> bytes:
    root, e = document("pain.002.001.10")
    back = sum(said.returned for said in rows)
    group = "RJCT" if back == len(rows) else ("PART" if back else "ACSC")
    report = e.CstmrPmtStsRpt(
        e.GrpHdr(e.MsgId(f"{reference}-S"), e.CreDtTm(midnight(rows[0].day))),
        e.OrgnlGrpInfAndSts(
            e.OrgnlMsgId(reference),
            e.OrgnlMsgNmId("pain.001.001.09"),
            e.OrgnlNbOfTxs(str(len(rows))),
            e.GrpSts(group),
        ),
    )
    states = e.OrgnlPmtInfAndSts(e.OrgnlPmtInfId(reference))
    for said in rows:
        states.append(_status(e, said))
    report.append(states)
    root.append(report)
    return xml_bytes(root)


def _status(e: ElementMaker, said: Said) -> etree._Element:
    row = said.payment
    parts = [e.OrgnlEndToEndId(row.reference), e.TxSts("RJCT" if said.returned else "ACSC")]
    if said.returned:
        parts.append(e.StsRsnInf(e.Rsn(e.Cd(row.code)), e.AddtlInf(row.reason)))
    parts.append(
        e.OrgnlTxRef(
            e.Amt(e.InstdAmt(sen(row.sen), Ccy="IDR")),
            e.ReqdExctnDt(e.Dt(said.day.isoformat())),
            e.Cdtr(e.Pty(e.Nm(row.name))),
            e.CdtrAcct(e.Id(e.Othr(e.Id(row.account)))),
        )
    )
    return e.TxInfAndSts(*parts)


def _camt054(reference: str, rows: Sequence[Said]) -> bytes:
    root, e = document("camt.054.001.08")
    note = e.Ntfctn(
        e.Id(f"{reference}-N"),
        e.CreDtTm(midnight(rows[0].day)),
        e.Acct(e.Id(e.Othr(e.Id("0000000001"))), e.Ccy("IDR")),
    )
    for said in rows:
        note.append(entry(e, said.payment, said.day, back=said.returned))
    root.append(
        e.BkToCstmrDbtCdtNtfctn(
            e.GrpHdr(e.MsgId(f"{reference}-N"), e.CreDtTm(midnight(rows[0].day))), note
        )
    )
    return xml_bytes(root)


def entry(e: ElementMaker, row: Payment, day: date, *, back: bool) -> etree._Element:
    """One entry of camt.053/054: the transfer out, or the same money coming back."""
    details = [
        e.Refs(e.EndToEndId(row.reference)),
        e.Amt(sen(row.sen), Ccy="IDR"),
        e.CdtDbtInd("CRDT" if back else "DBIT"),
        e.RltdPties(
            e.Cdtr(e.Pty(e.Nm(row.name))),
            e.CdtrAcct(e.Id(e.Othr(e.Id(row.account)))),
        ),
    ]
    if back:
        details.append(e.RtrInf(e.Rsn(e.Cd(row.code)), e.AddtlInf(row.reason)))
    parts = [
        e.Amt(sen(row.sen), Ccy="IDR"),
        e.CdtDbtInd("CRDT" if back else "DBIT"),
        *([e.RvslInd("true")] if back else []),
        e.Sts(e.Cd("BOOK")),
        e.BookgDt(e.Dt(day.isoformat())),
        e.ValDt(e.Dt(day.isoformat())),
        e.BkTxCd(
            e.Domn(e.Cd("PMNT"), e.Fmly(e.Cd("ICDT"), e.SubFmlyCd("RRTN" if back else "BOOK")))
        ),
        e.NtryDtls(e.TxDtls(*details)),
    ]
    return e.Ntry(*parts)
