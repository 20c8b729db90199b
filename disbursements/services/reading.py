"""How a bank's answer is read: expected columns, mapping, rows; kept in memory per file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from bansos.lib.blobs import get_bytes
from bansos.lib.crypto import blind_index, indexer, open_bytes
from bansos.lib.errors import BadInput
from bansos.lib.money import parse_rupiah, to_sen
from bansos.lib.nik import clean_digits
from bansos.lib.sheets.cells import EMPTY, Cell, cell_date
from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn
from bansos.lib.sheets.reading import SheetRow, Table, read_slices
from disbursements.choices import Outcome, ReturnReason
from disbursements.models import ResultFile
from disbursements.rules.bank_words import outcome_of, reason_of
from disbursements.rules.matching import BankRow, Doubles, study_doubles
from disbursements.rules.references import (
    POSITION_DIGITS,
    REFERENCE_LENGTH,
    clean_reference,
    is_reference,
    list_of,
)
from disbursements.rules.statements import Entry, Format, Told, read_entries
from disbursements.rules.statements.codes import ISO_REASONS

NOWHERE = -1
PURPOSE = "disbursements.result"
SEALED_FOR = "disbursements.result_file"
# A table may be as long as an upload may be; a workbook, and a file of entries, stops here.
MOST_ROWS = 1_000_000
MOST_ENTRIES = 50_000
# The part of a reference that is the same in a whole list.
HEAD_OF_LIST = REFERENCE_LENGTH - POSITION_DIGITS

COLUMNS = (
    ExpectedColumn(
        "reference",
        str(_("Referensi")),
        (
            *("no referensi", "nomor referensi", "reference", "ref", "no ref", "end to end id"),
            *("nomor transaksi", "keterangan transfer", "berita"),
        ),
        required=True,
    ),
    ExpectedColumn(
        "account",
        str(_("Nomor rekening")),
        ("no rekening", "rekening", "account", "account number", "rekening tujuan", "norek"),
        required=True,
        kind=ColumnKind.DIGITS,
    ),
    ExpectedColumn(
        "amount",
        str(_("Jumlah")),
        ("nominal", "amount", "nilai", "jumlah rp", "besaran", "jumlah bantuan"),
        required=True,
        kind=ColumnKind.MONEY,
    ),
    ExpectedColumn(
        "status",
        str(_("Status")),
        ("hasil", "keadaan", "status transaksi", "status salur", "result", "hasil salur"),
        required=True,
    ),
    ExpectedColumn(
        "reason",
        str(_("Keterangan")),
        ("alasan", "sebab", "catatan", "remark", "reason", "alasan retur", "pesan"),
    ),
    ExpectedColumn(
        "date",
        str(_("Tanggal")),
        ("tanggal transaksi", "tgl transaksi", "tanggal efektif", "date", "tanggal salur"),
        kind=ColumnKind.DATE,
    ),
    ExpectedColumn(
        "name",
        str(_("Nama")),
        ("nama penerima", "nama pemilik rekening", "name", "nama nasabah"),
    ),
)


@dataclass(frozen=True)
class BankAnswer:
    """All rows of a file and what it says twice."""

    rows: tuple[BankRow, ...]
    doubles: Doubles


def upload_slices(data: bytes, file_name: str) -> Iterator[Table]:
    """The table in the file in parts; raises BadInput with one sentence when there is none."""
    return read_slices(data, file_name, expected=COLUMNS, max_rows=MOST_ROWS)


def rows_of(result: ResultFile, data: bytes | None = None) -> Iterator[BankRow]:
    """The rows of a stored file under its mapping, one at a time.

    `data` are its bytes for who has them; else they are opened anew.
    """
    if result.format != Format.TABLE:
        yield from answer_of(result).rows
        return
    for table in upload_slices(_bytes_of(result) if data is None else data, result.file_name):
        yield from bank_rows(table.rows, result.mapping)


class Overview:
    """How many rows of a file went by, and of which lists."""

    def __init__(self) -> None:
        self.count = 0
        self._heads: set[str] = set()

    def of(self, rows: Iterable[BankRow]) -> Iterator[BankRow]:
        """The same rows, counted as they are taken."""
        heads = self._heads
        for row in rows:
            self.count += 1
            head = row.reference[:HEAD_OF_LIST]
            if head not in heads and is_reference(row.reference):
                heads.add(head)
            yield row

    @property
    def lists(self) -> list[str]:
        """The numbers of the lists whose references went by."""
        return sorted(list_of(head + "0" * POSITION_DIGITS) for head in self._heads)


def answer_of(result: ResultFile) -> BankAnswer:
    """The rows of a stored file of entries; the last file stays in memory for the steps.

    A share of a statement has the rows that name its list, the statement itself those of no list.
    """
    return _answer(result.pk, result.sha256)


@lru_cache(maxsize=1)
def _answer(result_id: int, _sha256: str) -> BankAnswer:
    files = ResultFile.objects.defer("sealed_file", "source__sealed_file")
    result = files.select_related("source", "pay_list").get(pk=result_id)
    kind = Format(result.format)
    whole = result.source or result
    entries = read_entries(
        _bytes_of(whole), kind, name=whole.file_name, layout=whole.mapping or None
    )
    return studied(statement_rows(entries, of=_numbers(result)), kind)


def _bytes_of(result: ResultFile) -> bytes:
    sealed = get_bytes(result, "sealed_file")
    if sealed is None:
        raise BadInput("RESULT-GONE", _("Berkas ini sudah ditolak, jadi tidak dapat dibaca."))
    return open_bytes(sealed, context=SEALED_FOR)


def _numbers(result: ResultFile) -> Callable[[str], bool]:
    """Which list numbers a file's rows belong to."""
    if result.pay_list is not None:
        own = result.pay_list.number
        return lambda number: number == own
    shared = frozenset(result.shares.values_list("pay_list__number", flat=True))
    return lambda number: number not in shared


def is_statement(kind: str) -> bool:
    """A file of bookings, in which one payment may be debited and come back."""
    return kind in {Format.CAMT053, Format.CAMT054, Format.MT940, Format.SHEET}


def studied(rows: tuple[BankRow, ...], kind: Format) -> BankAnswer:
    return BankAnswer(rows, study_doubles(rows, statement=is_statement(kind)))


def statement_rows(entries: Iterable[Entry], *, of: Callable[[str], bool]) -> tuple[BankRow, ...]:
    """Entries as bank rows, those whose reference names a list that `of` takes."""
    return tuple(_statement_row(entry) for entry in entries if of(list_of(entry.our_reference)))


OUTCOMES = {Told.SETTLED: Outcome.SETTLED, Told.RETURNED: Outcome.RETURNED}
EXCEPTIONS = {
    Told.FEE: "fee",
    Told.FOREIGN: "no_reference",
    Told.PENDING: "pending",
    Told.UNKNOWN: "unsure",
    Told.UNREADABLE: "unreadable",
}


def _statement_row(entry: Entry) -> BankRow:
    outcome = OUTCOMES.get(entry.outcome)
    reason, exception = None, EXCEPTIONS.get(entry.outcome, "")
    if outcome == Outcome.RETURNED:
        reason = return_reason(entry.reason_code, entry.reason_words)
        exception = "" if reason else "unknown_code"
    account = clean_digits(entry.counter_account)
    words = " ".join(part for part in (entry.reason_code, entry.reason_words) if part)
    return BankRow(
        row_number=entry.row_number,
        reference=clean_reference(entry.our_reference),
        amount=entry.amount,
        account_index=blind_index(account, "account") if account else "",
        outcome=outcome,
        reason=reason,
        name=entry.name,
        bank_text=words[:150],
        bank_date=entry.booked_on,
        bank_reference=entry.bank_reference,
        currency=entry.currency[:3].upper(),
        reason_code=entry.reason_code,
        exception=exception,
    )


def return_reason(code: str, words: str) -> ReturnReason | None:
    """By the ISO code; by the words when there is no code; None for a code nobody knows."""
    return ISO_REASONS.get(code.upper()) if code else reason_of(words)


def bank_rows(rows: Sequence[SheetRow], mapping: Mapping[str, int]) -> list[BankRow]:
    """Rows of the table as bank rows; what cannot be read is None, never guessed."""
    places = _Places(*(mapping.get(key, NOWHERE) for key in _Places._fields))
    index = indexer("account")
    return [_bank_row(row, places, index) for row in rows]


class _Places(NamedTuple):
    """In which column each part of a row stands."""

    reference: int
    account: int
    amount: int
    status: int
    reason: int
    date: int
    name: int


def _bank_row(row: SheetRow, places: _Places, index: Callable[[str], str]) -> BankRow:
    cell = row.cells.get
    status, note = cell(places.status, EMPTY).text, cell(places.reason, EMPTY).text
    outcome = outcome_of(status)
    account = clean_digits(cell(places.account, EMPTY).text)
    return BankRow(
        row_number=row.row_number,
        reference=clean_reference(cell(places.reference, EMPTY).text),
        amount=_amount(cell(places.amount, EMPTY)),
        account_index=index(account) if account else "",
        outcome=outcome,
        reason=reason_of(f"{note} {status}") if outcome is Outcome.RETURNED else None,
        name=cell(places.name, EMPTY).text[:150],
        bank_text=(f"{status} {note}" if status and note else status or note)[:150],
        bank_date=_date(cell(places.date, EMPTY)),
    )


# A list has few amounts and fewer days, however many rows.
@lru_cache(maxsize=1_024)
def _amount(cell: Cell) -> Decimal | None:
    if isinstance(cell.value, Decimal):
        return cell.value if cell.value == to_sen(cell.value) else None
    text = cell.text.strip()
    if not text:
        return None
    try:
        return parse_rupiah(text)
    except BadInput:
        return _western(text)


def _western(text: str) -> Decimal | None:
    """500000.00 and 500,000.00 as machines write them; both signs, two decimals."""
    head, point, sen = text.rpartition(".")
    whole = head.replace(",", "")
    if not point or len(sen) != 2 or not (whole + sen).isdecimal():
        return None
    return Decimal(f"{whole}.{sen}")


@lru_cache(maxsize=1_024)
def _date(cell: Cell) -> date | None:
    try:
        return cell_date(cell)
    except BadInput:
        return None
