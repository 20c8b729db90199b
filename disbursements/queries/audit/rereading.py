"""I8: the bytes the bank sent, opened and read once more, against what was recorded of them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from bansos.lib.crypto import CannotOpen, blind_index, open_bytes
from bansos.lib.errors import BadInput
from bansos.lib.money import parse_rupiah
from bansos.lib.nik import clean_digits
from bansos.lib.sheets.cells import Cell
from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn
from bansos.lib.sheets.reading import SheetRow, read_table
from disbursements.queries.audit.checks import MOST_OF_A_KIND, Breach, Check, Moment, breach
from disbursements.rules.bank_words import outcome_of
from disbursements.rules.statements import Format, Told, read_entries

SEALED_FOR = "disbursements.result_file"
MOST_ROWS = 2_000_000
KINDS = {
    "account": ColumnKind.DIGITS,
    "amount": ColumnKind.MONEY,
    "date": ColumnKind.DATE,
}
RESULT_BYTES = Check("I8", "result_bytes", _("Berkas hasil tersimpan rusak atau diganti"), "")
RESULT_ROWS = Check("I8", "result_rows", _("Catatan baris hasil berbeda dari berkas bank"), "")
READ = (RESULT_BYTES, RESULT_ROWS)

RESULTS = """
SELECT f.id, COALESCE(f.source_id, f.id), f.area_code, f.file_name, f.sha256, f.headers,
       CASE WHEN f.format = 'sheet' AND f.source_id IS NOT NULL THEN w.mapping ELSE f.mapping END,
       f.state, f.format, p.number, (SELECT array_agg(q.number) FROM disbursements_resultfile s
           JOIN disbursements_paylist q ON q.id = s.pay_list_id WHERE s.source_id = f.id)
FROM disbursements_resultfile f LEFT JOIN disbursements_paylist p ON p.id = f.pay_list_id
LEFT JOIN disbursements_resultfile w ON w.id = f.source_id
WHERE f.state <> 'refused' ORDER BY f.id
"""
BYTES = "SELECT sealed_file FROM disbursements_resultfile WHERE id = %s"
ROWS = """
SELECT r.row_number, r.reference, r.amount, r.account_index, r.outcome
FROM disbursements_resultrow r WHERE r.result_id = %s AND r.origin_id IS NULL ORDER BY r.row_number
"""
Said = tuple[str, Decimal | None, str, str]
OUTCOMES = {Told.SETTLED: "settled", Told.RETURNED: "returned"}


@dataclass(frozen=True, slots=True)
class Stored:
    """One answer as its row has it; the bytes of a share are those of its statement."""

    pk: int
    bytes_of: int
    area: str
    name: str
    sha256: str
    headers: Any
    mapping: Any
    state: str
    format: str
    number: str | None
    shares: list[str] | None


def read_results(connection: Any, _moment: Moment) -> Iterator[Breach]:
    """Every stored answer of a bank, row by row."""
    with connection.cursor() as cursor:
        cursor.execute(RESULTS)
        results = cursor.fetchall()
    for row in results:
        stored = Stored(*row)
        place = f"hasil {stored.pk}"
        data = _open(connection, stored.bytes_of)
        if data is None or hashlib.sha256(data).hexdigest() != stored.sha256:
            yield breach(RESULT_BYTES, stored.area, place, stored.sha256[:12], "tidak terbaca")
        elif stored.state == "applied":
            yield from _compare(connection, stored.pk, stored.area, _said(data, stored))


def _open(connection: Any, pk: int) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute(BYTES, [pk])
        sealed = cursor.fetchone()[0]
    if sealed is None:
        return None
    try:
        return open_bytes(bytes(sealed), context=SEALED_FOR)
    except CannotOpen:
        return None


def _said(data: bytes, stored: Stored) -> dict[int, Said] | None:
    """Row number -> what the bank said; None when the file is no list any more."""
    try:
        if stored.format != Format.TABLE:
            return _said_by_entries(data, stored)
        places = {str(key): int(place) for key, place in _json(stored.mapping).items()}
        table = read_table(data, stored.name, expected=_columns(stored), max_rows=MOST_ROWS)
    except BadInput:
        return None
    return {row.row_number: _row(row, places) for row in table.rows}


def _columns(stored: Stored) -> list[ExpectedColumn]:
    titles = list(_json(stored.headers))
    return [
        ExpectedColumn(key, titles[place], (), required=True, kind=KINDS.get(key, ColumnKind.TEXT))
        for key, place in _json(stored.mapping).items()
        if place < len(titles)
    ]


def _said_by_entries(data: bytes, stored: Stored) -> dict[int, Said]:
    """A statement is divided: a share has the rows of its list, the statement those of no share."""
    shares = set(stored.shares or ())
    found = {}
    layout = _json(stored.mapping) or None
    for entry in read_entries(data, Format(stored.format), name=stored.name, layout=layout):
        reference = _clean(entry.our_reference)
        number = _list_of(reference)
        if number == stored.number if stored.number else number not in shares:
            account = clean_digits(entry.counter_account)
            index = blind_index(account, "account") if account else ""
            found[entry.row_number] = (
                reference,
                entry.amount,
                index,
                OUTCOMES.get(entry.outcome, ""),
            )
    return found


def _list_of(reference: str) -> str:
    """DB-35-2026-0012 of D352600120000001; "" for another shape."""
    if not re.fullmatch(r"D[0-9]{15}", reference):
        return ""
    return f"DB-{reference[1:3]}-20{reference[3:5]}-{reference[5:9]}"


def _clean(reference: str) -> str:
    return re.sub(r"[\s'\"]+", "", reference).upper()[:40]


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str | bytes) else value


def _row(row: SheetRow, places: Mapping[str, int]) -> Said:
    account = clean_digits(row.cell(places.get("account")).text)
    return (
        _clean(row.cell(places.get("reference")).text),
        _amount(row.cell(places.get("amount"))),
        blind_index(account, "account") if account else "",
        str(outcome_of(row.cell(places.get("status")).text) or ""),
    )


def _amount(cell: Cell) -> Decimal | None:
    """Rupiah as people or machines write it; None for anything finer than a sen or no number."""
    if isinstance(cell.value, Decimal):
        exact = cell.value.quantize(Decimal("0.01"))
        return exact if exact == cell.value else None
    text = cell.text.strip()
    machine = re.fullmatch(r"([0-9,]+)\.([0-9]{2})", text)
    try:
        return parse_rupiah(text) if text else None
    except BadInput:
        return Decimal(text.replace(",", "")) if machine else None


def _compare(connection: Any, pk: int, area: str, said: dict[int, Said] | None) -> Iterator[Breach]:
    if said is None:
        yield breach(RESULT_BYTES, area, f"hasil {pk}", "daftar", "tidak terbaca")
        return
    found, seen = 0, set()
    with connection.chunked_cursor() as cursor:
        cursor.execute(ROWS, [pk])
        for number, *recorded in cursor:
            seen.add(number)
            wrong = _wrong(said.get(number), tuple(recorded))
            if wrong and found < MOST_OF_A_KIND:
                found += 1
                yield breach(RESULT_ROWS, area, f"hasil {pk}, baris {number}", *wrong)
    missing = sorted(set(said) - seen)[:MOST_OF_A_KIND]
    for number in missing:
        yield breach(RESULT_ROWS, area, f"hasil {pk}, baris {number}", said[number][0], None)


def _wrong(said: Said | None, recorded: tuple[Any, ...]) -> tuple[str, str] | None:
    """(expected, found) in words without account numbers; None when they agree."""
    if said is None:
        return "tidak ada", str(recorded[0])
    if said == recorded:
        return None
    names = ("referensi", "jumlah", "rekening", "hasil")
    for name, one, other in zip(names, said, recorded, strict=True):
        if one != other:
            return (name, "berbeda") if name == "rekening" else (f"{name} {one}", f"{name} {other}")
    return None
