"""I8: the bytes the bank sent, opened and read once more, against what was recorded of them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
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
SELECT f.id, f.area_code, f.file_name, f.sha256, f.headers, f.mapping, f.state
FROM disbursements_resultfile f WHERE f.state <> 'refused' ORDER BY f.id
"""
BYTES = "SELECT sealed_file FROM disbursements_resultfile WHERE id = %s"
ROWS = """
SELECT r.row_number, r.reference, r.amount, r.account_index, r.outcome
FROM disbursements_resultrow r WHERE r.result_id = %s ORDER BY r.row_number
"""
Said = tuple[str, Decimal | None, str, str]


def read_results(connection: Any, _moment: Moment) -> Iterator[Breach]:
    """Every stored answer of a bank, row by row."""
    with connection.cursor() as cursor:
        cursor.execute(RESULTS)
        results = cursor.fetchall()
    for pk, area, name, sha256, headers, mapping, state in results:
        place = f"hasil {pk}"
        data = _open(connection, pk)
        if data is None or hashlib.sha256(data).hexdigest() != sha256:
            yield breach(RESULT_BYTES, area, place, sha256[:12], "tidak terbaca")
            continue
        if state == "applied":
            yield from _compare(connection, pk, area, _said(data, name, headers, mapping))


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


def _said(data: bytes, name: str, headers: Any, mapping: Any) -> dict[int, Said] | None:
    """Row number -> what the bank said; None when the file is no list any more."""
    places = {str(key): int(place) for key, place in _json(mapping).items()}
    titles = list(_json(headers))
    expected = [
        ExpectedColumn(key, titles[place], (), required=True, kind=KINDS.get(key, ColumnKind.TEXT))
        for key, place in places.items()
        if place < len(titles)
    ]
    try:
        table = read_table(data, name, expected=expected, max_rows=MOST_ROWS)
    except BadInput:
        return None
    return {row.row_number: _row(row, places) for row in table.rows}


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str | bytes) else value


def _row(row: SheetRow, places: Mapping[str, int]) -> Said:
    account = clean_digits(row.cell(places.get("account")).text)
    reference = re.sub(r"[\s'\"]+", "", row.cell(places.get("reference")).text).upper()[:40]
    return (
        reference,
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
