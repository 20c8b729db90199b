"""Stored bank files read back line by line, by code that did not write them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import IO, Any

from lxml import etree

TRAILER = "JUMLAH"
XLSX_ACCOUNT, XLSX_BANK, XLSX_AMOUNT, XLSX_REFERENCE = "C", "D", "E", "F"
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Unreadable(ValueError):
    """The stored file is not what its format says."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """One transfer as the file says it."""

    account: str
    name: str
    amount: Decimal
    reference: str
    bank_code: str


@dataclass
class Totals:
    """What a file says about itself beside its lines; empty where the format has no such place."""

    count: list[int] = field(default_factory=list)
    total: list[Decimal] = field(default_factory=list)
    number: str = ""
    execution_day: str = ""


def read_lines(kind: str, file: IO[bytes], totals: Totals) -> Iterator[FileLine]:
    """The transfers of a stored file in its order; fills `totals`. Raises Unreadable."""
    readers = {"csv": _csv, "pain001": _pain, "pain001_03": _pain, "xlsx": _xlsx}
    try:
        yield from readers[kind](file, totals)
    except (etree.XMLSyntaxError, zipfile.BadZipFile, UnicodeDecodeError, csv.Error) as error:
        raise Unreadable(kind) from error
    except (InvalidOperation, IndexError, KeyError, ValueError) as error:
        raise Unreadable(kind) from error


def _csv(file: IO[bytes], totals: Totals) -> Iterator[FileLine]:
    rows = csv.reader(io.TextIOWrapper(file, encoding="utf-8", newline=""))
    heads = 0
    for row in rows:
        if heads < 2:  # the note that the layout is a general one, and the headings
            heads += 1
            continue
        if row[0] == TRAILER:
            totals.count.append(int(row[1]))
            totals.total.append(Decimal(row[2]))
            totals.number = row[3]
            if next(rows, None) is not None:
                raise Unreadable("csv")
            return
        yield FileLine(row[0], row[1], Decimal(row[2]), row[3], row[4])
    raise Unreadable("csv")


def _pain(file: IO[bytes], totals: Totals) -> Iterator[FileLine]:
    wanted = ("{*}CdtTrfTxInf", "{*}GrpHdr", "{*}NbOfTxs", "{*}CtrlSum", "{*}ReqdExctnDt")
    events = etree.iterparse(
        file, events=("end",), tag=wanted, resolve_entities=False, no_network=True, huge_tree=True
    )
    for _event, element in events:
        name = etree.QName(element).localname
        if name == "CdtTrfTxInf":
            yield _transfer(element)
        elif name == "NbOfTxs":
            totals.count.append(int(element.text))
        elif name == "CtrlSum":
            totals.total.append(Decimal(element.text))
        elif name == "GrpHdr":
            totals.number = element.findtext("{*}MsgId")
        else:
            totals.execution_day = "".join(element.itertext()).strip()
        if name == "CdtTrfTxInf":
            _forget(element)


def _transfer(element: Any) -> FileLine:
    amount = element.find("{*}Amt/{*}InstdAmt")
    if amount is None or amount.get("Ccy") != "IDR":
        raise Unreadable("pain001")
    return FileLine(
        account=element.findtext("{*}CdtrAcct/{*}Id/{*}Othr/{*}Id") or "",
        name=element.findtext("{*}Cdtr/{*}Nm") or "",
        amount=Decimal(amount.text),
        reference=element.findtext("{*}PmtId/{*}EndToEndId") or "",
        bank_code=element.findtext("{*}CdtrAgt/{*}FinInstnId/{*}ClrSysMmbId/{*}MmbId") or "",
    )


def _forget(element: Any) -> None:
    """Memory stays flat: what was read is let go, with what stood before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _xlsx(file: IO[bytes], totals: Totals) -> Iterator[FileLine]:
    """Rows whose first cell is a number; the last row holds the sum."""
    with zipfile.ZipFile(file) as archive:
        shared = _shared_strings(archive)
        sheets = sorted(
            (name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")),
            key=lambda name: (len(name), name),
        )
        for name in sheets:
            with archive.open(name) as sheet:
                yield from _xlsx_rows(sheet, shared, totals)


def _xlsx_rows(sheet: IO[bytes], shared: list[str], totals: Totals) -> Iterator[FileLine]:
    events = etree.iterparse(
        sheet, events=("end",), tag=f"{_SHEET}row", resolve_entities=False, huge_tree=True
    )
    for _event, row in events:
        cells = {cell.get("r").rstrip("0123456789"): _cell(cell, shared) for cell in row}
        _forget(row)
        reference, amount = cells.get(XLSX_REFERENCE), cells.get(XLSX_AMOUNT)
        if reference and amount and cells.get("A", "").isdecimal():
            yield FileLine(
                account=cells.get(XLSX_ACCOUNT, ""),
                name=cells.get("B", ""),
                amount=_sen(amount),
                reference=reference,
                bank_code=cells.get(XLSX_BANK, ""),
            )
        elif amount and not reference:
            totals.total.append(_sen(amount))


def _sen(text: str) -> Decimal:
    """A number cell holds a binary double; two decimals bring the sen back."""
    return Decimal(text).quantize(Decimal("0.01"))


def _cell(cell: Any, shared: list[str]) -> str:
    kind = cell.get("t")
    if kind == "inlineStr":
        return "".join(cell.itertext())
    value = cell.findtext(f"{_SHEET}v") or ""
    return shared[int(value)] if kind == "s" else value


def _shared_strings(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    found = []
    with archive.open("xl/sharedStrings.xml") as strings:
        events = etree.iterparse(
            strings, events=("end",), tag=f"{_SHEET}si", resolve_entities=False, huge_tree=True
        )
        for _event, item in events:
            found.append("".join(item.itertext()))
            _forget(item)
    return found
