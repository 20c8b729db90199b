"""Reads the payment files a customer hands in: CSV, XLSX and pain.001 of any version."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from defusedxml.ElementTree import ParseError, iterparse
from python_calamine import CalamineError, CalamineWorkbook

TRAILERS = {"JUMLAH", "Jumlah"}
REFERENCE = re.compile(r"[0-9A-Za-z]{1,16}")
# What reading a damaged or hostile file raises; entities in XML are a ValueError.
BROKEN = (
    *(ValueError, KeyError, IndexError, AttributeError),
    *(csv.Error, CalamineError, ParseError, InvalidOperation),
)


class Unreadable(Exception):
    """The bank cannot take the file; the message says why."""


@dataclass(frozen=True)
class Transfer:
    """One line of a file: to whose account, how many sen, and the customer's reference."""

    reference: str
    account: str
    name: str
    bank_code: str
    sen: int


def read_file(data: bytes, form: str) -> list[Transfer]:
    """The transfers of a file whose own totals agree with its lines. Raises Unreadable."""
    readers = {"csv": _csv, "xlsx": _xlsx, "pain001": _pain001, "pain001_03": _pain001}
    if form not in readers:
        raise Unreadable(f"Format {form} tidak dikenal")
    try:
        transfers, count, sen = readers[form](data)
    except BROKEN as error:
        raise Unreadable("Isi berkas tidak terbaca") from error
    if not transfers:
        raise Unreadable("Berkas tidak berisi transaksi")
    if (len(transfers), sum(row.sen for row in transfers)) != (count, sen):
        raise Unreadable("Jumlah baris atau nominal tidak sama dengan penutup berkas")
    seen = {row.reference for row in transfers}
    if len(seen) != len(transfers) or not all(map(REFERENCE.fullmatch, seen)):
        raise Unreadable("Referensi kosong, terlalu panjang, atau dipakai dua kali")
    return transfers


def sen_of(text: str) -> int:
    """500000.00 -> 50000000. Raises InvalidOperation for anything else than a number."""
    return int(Decimal(text) * 100)


Read = tuple[list[Transfer], int, int]


def _csv(data: bytes) -> Read:
    lines = data.decode("utf-8-sig").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    found: list[Transfer] = []
    for row in rows:
        if row.get("rekening") in TRAILERS:
            return found, int(row["nama"] or 0), sen_of(row["jumlah"] or "0")
        if None in row.values() or not {"rekening", "referensi", "jumlah"} <= row.keys():
            raise Unreadable("Susunan kolom tidak dikenal")
        found.append(
            Transfer(
                row["referensi"],
                row["rekening"],
                row["nama"].lstrip("'"),
                row["kode_bank"],
                sen_of(row["jumlah"]),
            )
        )
    raise Unreadable("Baris penutup tidak ada")


def _xlsx(data: bytes) -> Read:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    rows: Sequence[Sequence[object]] = sheet.to_python()
    start = next((n for n, row in enumerate(rows) if "Referensi" in row), None)
    if start is None:
        raise Unreadable("Susunan kolom tidak dikenal")
    place = {str(head): at for at, head in enumerate(rows[start])}
    found: list[Transfer] = []
    for row in rows[start + 1 :]:
        sen = round(Decimal(str(row[place["Jumlah (Rp)"]] or 0)) * 100)
        if str(row[0]).strip() in TRAILERS:
            return found, len(found), sen
        found.append(
            Transfer(
                str(row[place["Referensi"]]),
                str(row[place["Nomor rekening"]]),
                str(row[place["Nama penerima"]]),
                str(row[place["Kode bank"]]),
                sen,
            )
        )
    raise Unreadable("Baris penutup tidak ada")


def _pain001(data: bytes) -> Read:
    found, totals = [], {}
    for _event, element in iterparse(io.BytesIO(data)):
        name = element.tag.rpartition("}")[2]
        if name == "GrpHdr":
            totals = {part.tag.rpartition("}")[2]: part.text or "" for part in element}
        elif name == "CdtTrfTxInf":
            found.append(_transfer(dict(_leaves(element, ()))))
            element.clear()
    if not {"NbOfTxs", "CtrlSum"} <= totals.keys():
        raise Unreadable("Kepala berkas tanpa jumlah")
    return found, int(totals["NbOfTxs"]), sen_of(totals["CtrlSum"])


def _leaves(element: object, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for child in element:  # type: ignore[attr-defined]
        inside = (*path, child.tag.rpartition("}")[2])
        if len(child):
            yield from _leaves(child, inside)
        else:
            yield "/".join(inside), child.text or ""


def _transfer(leaves: dict[str, str]) -> Transfer:
    return Transfer(
        leaves.get("PmtId/EndToEndId", ""),
        leaves.get("CdtrAcct/Id/Othr/Id", ""),
        leaves.get("Cdtr/Nm", ""),
        leaves.get("CdtrAgt/FinInstnId/ClrSysMmbId/MmbId", ""),
        sen_of(leaves.get("Amt/InstdAmt", "")),
    )
