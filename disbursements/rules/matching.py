"""Whether a row of a bank's answer fits one of our lines: reference, amount and account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from disbursements.choices import LineState, Outcome, ReturnReason, RowState
from disbursements.rules.moves import AT_BANK

QUARANTINE: dict[str, Any] = {
    "unreadable": _("Referensi, jumlah, atau keadaan pada baris ini tidak terbaca."),
    "unknown_reference": _("Referensi ini tidak ada pada daftar bayar mana pun."),
    "foreign": _("Referensi ini milik daftar bayar lain."),
    "wrong_amount": _("Jumlah di berkas bank berbeda dari jumlah pada daftar."),
    "wrong_account": _("Nomor rekening di berkas bank berbeda dari rekening pada daftar."),
    "doubled": _("Baris ini ada dua kali dalam berkas yang sama; yang pertama dipakai."),
    "conflict": _("Referensi ini muncul lebih dari sekali dengan isi yang berbeda."),
    "not_sent": _("Baris ini tidak dikirim ke bank."),
    "already_returned": _("Baris ini sudah retur; bank kini menyebutnya tersalur."),
    "ended": _("Baris ini sudah selesai (disetor ke kas daerah)."),
    "wrong_currency": _("Mata uang di berkas bank bukan rupiah."),
    "undone": _("Padanan baris ini pernah dibatalkan, jadi tidak dipasangkan sendiri lagi."),
    "fee": _("Biaya bank, bukan pembayaran dari daftar."),
    "no_reference": _("Mutasi tanpa referensi daftar bayar."),
    "pending": _("Bank belum selesai memproses baris ini."),
    "unsure": _("Berkas tidak mengatakan dengan pasti apa yang terjadi pada pembayaran ini."),
    "unknown_code": _("Kode alasan dari bank tidak dikenal, jadi sebabnya tidak ditebak."),
    "not_awaited": _("Daftar baris ini tidak menunggu jawaban bank."),
}
# The same in two or three words, for lists.
SHORT: dict[str, Any] = {
    "unreadable": _("Tidak terbaca"),
    "unknown_reference": _("Referensi tidak dikenal"),
    "foreign": _("Milik daftar lain"),
    "wrong_amount": _("Jumlah berbeda"),
    "wrong_account": _("Rekening berbeda"),
    "doubled": _("Baris ganda"),
    "conflict": _("Bertentangan"),
    "not_sent": _("Tidak dikirim"),
    "already_returned": _("Sudah retur"),
    "ended": _("Sudah disetor"),
    "wrong_currency": _("Bukan rupiah"),
    "undone": _("Pernah dibatalkan"),
    "fee": _("Biaya bank"),
    "no_reference": _("Tanpa referensi"),
    "pending": _("Masih diproses"),
    "unsure": _("Tidak pasti"),
    "unknown_code": _("Kode tidak dikenal"),
    "not_awaited": _("Tidak ditunggu"),
}
RUPIAH = "IDR"


class BankRow(NamedTuple):
    """One row as read; None where it could not be read. A tuple: a file has a million of them.

    `exception` is the code of what the format itself says is no settled or returned payment.
    """

    row_number: int
    reference: str
    amount: Decimal | None
    account_index: str
    outcome: Outcome | None
    reason: ReturnReason | None
    name: str = ""
    bank_text: str = ""
    bank_date: date | None = None
    bank_reference: str = ""
    currency: str = RUPIAH
    reason_code: str = ""
    exception: str = ""


@dataclass(frozen=True, slots=True)
class KnownLine:
    """What we know of the line behind a reference; `told` are outcomes applied and not undone.

    `undone` are outcomes that people took back: such a word is no longer matched by itself.
    """

    pk: int
    pay_list_id: int
    amount: Decimal
    account_index: str
    state: LineState
    told: frozenset[str] = frozenset()
    undone: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Applied, same or quarantine (with its code); `late` = a settled line came back."""

    row: BankRow
    state: RowState
    code: str = ""
    line_id: int | None = None
    late: bool = False


@dataclass(frozen=True)
class Doubles:
    """Where each word about a reference stands first, and which references contradict themselves.

    `back` are references of a statement that were debited and came back in the same file: the
    return is the bank's last word, wherever it stands.
    """

    first: Mapping[tuple[str, str], int]
    conflicts: frozenset[str]
    back: frozenset[str] = frozenset()

    def is_first(self, row: BankRow) -> bool:
        """Nothing the same stands before it."""
        return self.first[_key(row)] == row.row_number


def _key(row: BankRow) -> tuple[str, str]:
    return (row.reference, str(row.outcome or ""))


def study_doubles(rows: Iterable[BankRow], *, statement: bool = False) -> Doubles:
    """References that a file names more than once; needs the whole file.

    In an account statement one payment may be debited and come back; in a list of results two
    outcomes of one reference are a contradiction.
    """
    first: dict[tuple[str, str], int] = {}
    said: dict[str, set[tuple[Any, ...]]] = {}
    outcomes: dict[str, set[str]] = {}
    for row in rows:
        if not row.reference:
            continue
        first.setdefault(_key(row), row.row_number)
        said.setdefault(row.reference, set()).add(_said(row, statement))
        outcomes.setdefault(row.reference, set()).add(str(row.outcome or ""))
    conflicts = {reference for reference, words in said.items() if len(words) > 1}
    back = {
        reference
        for reference, found in outcomes.items()
        if statement and found == {Outcome.SETTLED, Outcome.RETURNED}
    }
    return Doubles(first, frozenset(conflicts), frozenset(back - conflicts))


def _said(row: BankRow, statement: bool) -> tuple[Any, ...]:
    outcome = None if statement and row.outcome is not None else (row.outcome, row.exception)
    return (row.amount, row.account_index, row.currency, outcome)


def match_rows(
    rows: Sequence[BankRow],
    lines: Mapping[str, KnownLine],
    *,
    pay_list_id: int,
    doubles: Doubles,
) -> list[Verdict]:
    """Judge each row, independent of the order of the file.

    A row is applied only when reference, amount and account are all the same and the line is
    at the bank (or delivered and now returned). Everything else is told apart, never guessed.
    """
    return [_judge(row, lines.get(row.reference), pay_list_id, doubles) for row in rows]


def _judge(row: BankRow, line: KnownLine | None, pay_list_id: int, doubles: Doubles) -> Verdict:
    own = line.pk if line is not None and line.pay_list_id == pay_list_id else None
    if row.exception:
        return Verdict(row, RowState.QUARANTINE, row.exception, own)
    if not row.reference or row.amount is None or row.outcome is None:
        return Verdict(row, RowState.QUARANTINE, "unreadable", own)
    if row.reference in doubles.conflicts:
        return Verdict(row, RowState.QUARANTINE, "conflict", own)
    if not doubles.is_first(row):
        return Verdict(row, RowState.QUARANTINE, "doubled", own)
    code = _difference(row, line, pay_list_id)
    if line is None or code:
        return Verdict(row, RowState.QUARANTINE, code, own)
    if row.reference in doubles.back and row.outcome == Outcome.SETTLED:
        return Verdict(row, RowState.SAME, line_id=line.pk)
    return _by_state(row, line)


def _difference(row: BankRow, line: KnownLine | None, pay_list_id: int) -> str:
    if line is None:
        return "unknown_reference"
    if line.pay_list_id != pay_list_id:
        return "foreign"
    if row.currency != RUPIAH:
        return "wrong_currency"
    if row.amount != line.amount:
        return "wrong_amount"
    if not row.account_index or row.account_index != line.account_index:
        return "wrong_account"
    return ""


def _by_state(row: BankRow, line: KnownLine) -> Verdict:
    returned = row.outcome == Outcome.RETURNED
    if str(row.outcome) in line.undone - line.told:
        return Verdict(row, RowState.QUARANTINE, "undone", line.pk)
    if line.state in AT_BANK:
        return Verdict(row, RowState.APPLIED, line_id=line.pk)
    if line.state == LineState.SETTLED and returned:
        return Verdict(row, RowState.APPLIED, line_id=line.pk, late=True)
    if str(row.outcome) in line.told and (returned or line.state == LineState.SETTLED):
        return Verdict(row, RowState.SAME, line_id=line.pk)
    return Verdict(row, RowState.QUARANTINE, _why_not(line.state), line.pk)


def _why_not(state: LineState) -> str:
    if state in {LineState.WAITING, LineState.EXCLUDED, LineState.CANCELLED}:
        return "not_sent"
    return "ended" if state == LineState.PAID_BACK else "already_returned"
