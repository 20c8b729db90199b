"""The payment list for the bank: XLSX, CSV and pain.001.001.09 with the same control totals.

Generic layouts: no bank has certified any of them, and each file says so itself. The same
BankList gives the same bytes in any process, time zone and language.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from abc import abstractmethod
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import islice, repeat
from operator import lt
from typing import IO, Any, NamedTuple

from django.utils.translation import gettext as _
from lxml import etree
from lxml.builder import E

from bansos.lib.dates import datetime_words, in_zone, long_date
from bansos.lib.errors import Refused
from bansos.lib.money import LARGEST, number, rupiah, to_sen
from bansos.lib.nik import clean_digits
from bansos.lib.sheets.writing import csv_bytes, write_table_workbook

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
NAMESPACE_03 = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"
GENERIC = "Format umum, tidak disertifikasi bank mana pun"
GENERIC_ISO = "Format umum ISO 20022, tidak disertifikasi bank mana pun"
CURRENCY = "IDR"
# ISO 20022 category purpose: a benefit that a government pays to support individuals.
SOCIAL_BENEFIT = "SSBE"
TRAILER = "JUMLAH"
CSV_HEADERS = ("rekening", "nama", "jumlah", "referensi", "kode_bank")
XLSX_HEADERS = (
    "No",
    "Nama penerima",
    "Nomor rekening",
    "Kode bank",
    "Jumlah (Rp)",
    "Referensi",
    "Alamat",
    "Desa/Kelurahan",
    "Kecamatan",
)
AMOUNT_COLUMN = 4
LONGEST_NAME = LONGEST_NOTE = 140
LONGEST_ADDRESS = 250
AT_ONCE = 500

# What XML forbids or what breaks a line, and what nobody sees or what turns the reading round.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z./-]{0,34}")
_REFERENCE = re.compile(r"[0-9A-Za-z]{1,16}")
_ACCOUNT = re.compile(r"[0-9]{1,34}")
_BANK = re.compile(r"[0-9]{3}")
_AMOUNT = r"(?!0+\.00)[0-9]{1,16}+\.[0-9]{2}"
# Reference, account, bank and amount of a sound line in one look.
_SOUND = re.compile(rf"[0-9A-Za-z]{{1,16}} [0-9]{{1,34}} [0-9]{{3}} {_AMOUNT}")
# Needs neither the quotes of CSV, nor an apostrophe, nor the escapes of XML, nor tidying.
_PLAIN = r"[A-Za-z][A-Za-z0-9.'/()-]*+(?: [A-Za-z0-9.'/()-]++)*+"
_PLAIN_NAME = re.compile(_PLAIN)
# Many rows of the CSV whose lines are all sound and plain; no possible part of it holds a comma
# or an end of line, so as many ends as lines mean that each line is one row.
_PLAIN_ROWS = re.compile(
    rf"(?:[0-9]{{1,34}}+,{_PLAIN},{_AMOUNT},[0-9A-Za-z]{{1,16}}+,[0-9]{{3}}\r\n)*+"
)
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


@dataclass(frozen=True, slots=True)
class BankLine:
    """One transfer: to whose account, how much, and the reference the bank gives back."""

    position: int
    name: str
    account_number: str
    bank_code: str
    amount: Decimal
    reference: str
    address: str = ""
    village: str = ""
    district: str = ""


# Position, name, account, bank, amount with two decimals, reference: what a bank needs of a line.
Transfer = tuple[int, str, str, str, str, str]


class Transfers(NamedTuple):
    """The same of some hundred lines, column by column: so they are proved together."""

    positions: Sequence[int]
    names: Sequence[str]
    accounts: Sequence[str]
    banks: Sequence[str]
    amounts: Sequence[str]
    references: Sequence[str]

    def lines(self) -> Iterator[Transfer]:
        """Line by line."""
        return zip(*self, strict=True)


class StreamedLines(Collection[BankLine]):
    """Lines that are read anew at each turn, and can be had without what only people read."""

    @abstractmethod
    def transfers(self) -> Iterator[Transfers]:
        """The lines in their order, some hundred at a time.

        One odd name among them costs the others of its part their short way.
        """


@dataclass(frozen=True)
class BankList:
    """A locked pay list as its files need it.

    `created_at` is aware and written on the clock of `zone` (the agency's); `bank_bic` is empty
    when it is not known; `lines` may be any sequence that can be gone through more than once.
    """

    number: str
    agency: str
    stage: str
    programme: str
    created_at: datetime
    execution_date: date
    debtor_name: str
    debtor_account: str
    bank_code: str
    bank_bic: str
    lines: Collection[BankLine]
    zone: str = "Asia/Jakarta"
    known_total: Decimal | None = None

    @property
    def count(self) -> int:
        """Number of transfers."""
        return len(self.lines)

    @cached_property
    def total(self) -> Decimal:
        """Sum of the transfers, two decimals; the one known from the lock where it is given."""
        if self.known_total is not None:
            return to_sen(self.known_total)
        return to_sen(sum((line.amount for line in self.lines), Decimal(0)))


def fingerprint(data: bytes) -> str:
    """SHA-256 of a file, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def render_xlsx(bank_list: BankList) -> bytes:
    """The workbook for the bank; see write_xlsx()."""
    with tempfile.TemporaryFile() as target:
        write_xlsx(target, bank_list)
        target.seek(0)
        return target.read()


def write_xlsx(target: IO[bytes], bank_list: BankList) -> None:
    """Write the by-name-by-address list for the bank; accounts and references are text cells.

    Row 1 title, row 2 what it is with the control totals, row 4 headings, then one row per
    transfer and a last row "Jumlah" with the sum. Raises Refused, see check_bank_list().
    """
    check_bank_list(bank_list)
    write_table_workbook(
        target,
        XLSX_HEADERS,
        _sheet_rows(bank_list),
        title=f"Daftar pembayaran {bank_list.number}",
        subtitle=_in_words(bank_list),
        money_columns={AMOUNT_COLUMN},
        text_columns={1, 2, 3, 5, 6, 7, 8},
        totals={AMOUNT_COLUMN},
    )


def render_csv(bank_list: BankList) -> bytes:
    """The generic CSV for cash management systems; see write_csv()."""
    with tempfile.TemporaryFile() as target:
        write_csv(target, bank_list)
        target.seek(0)
        return target.read()


def write_csv(target: IO[bytes], bank_list: BankList) -> None:
    """Write the generic CSV: UTF-8, commas, CRLF, five columns; memory does not grow with it.

    First a comment line (#), then the headings, one row per transfer (amount with a dot and two
    decimals), and a trailer `JUMLAH,<count>,<sum>,<list number>,<bank code>`. Names that a
    spreadsheet would run as a formula get an apostrophe in front. Raises Refused, see
    check_bank_list(); what was written by then is to be thrown away.
    """
    _check_head(bank_list)
    heads = csv_bytes(CSV_HEADERS, [], delimiter=",", bom=False)
    target.write(f"# {GENERIC}\r\n".encode() + heads)
    for rows, lines in _checked(bank_list):
        target.write((rows or "".join(map(_csv_row, lines))).encode())
    total = f"{bank_list.total:.2f}"
    trailer = (TRAILER, str(bank_list.count), total, bank_list.number, bank_list.bank_code)
    target.write(f"{','.join(trailer)}\r\n".encode())


def _csv_row(sound: SoundLine) -> str:
    name, account, bank, amount, reference, plain = sound
    if not plain:
        row = csv_bytes((name,), (), delimiter=",", bom=False)
        name = row.decode().removesuffix("\r\n")
    return f"{account},{name},{amount},{reference},{bank}\r\n"


def render_pain001(bank_list: BankList) -> bytes:
    """The list as ISO 20022 pain.001.001.09; see write_pain001()."""
    return _render_pain001(bank_list, NAMESPACE)


def write_pain001_03(target: IO[bytes], bank_list: BankList) -> None:
    """The list as ISO 20022 pain.001.001.03; see write_pain001()."""
    write_pain001(target, bank_list, namespace=NAMESPACE_03)


def render_pain001_03(bank_list: BankList) -> bytes:
    """The list as ISO 20022 pain.001.001.03, which older systems read; see write_pain001()."""
    return _render_pain001(bank_list, NAMESPACE_03)


def _render_pain001(bank_list: BankList, namespace: str) -> bytes:
    with tempfile.TemporaryFile() as target:
        write_pain001(target, bank_list, namespace=namespace)
        target.seek(0)
        return target.read()


def write_pain001(target: IO[bytes], bank_list: BankList, *, namespace: str = NAMESPACE) -> None:
    """Write the list as pain.001, one transfer at a time: memory does not grow with it.

    One batch-booked payment of transfers in rupiah; count and sum stand in the group header and
    in the payment; the creditor's account is `Othr/Id`, the bank its three-digit clearing code
    (`MmbId`), its BIC when known; `EndToEndId` is our reference. Addresses stay out: a transfer
    does not need them. The heads are built by lxml; the transfers, all alike, are a template.
    Raises Refused, see check_bank_list(); what was written by then is to be thrown away.
    """
    _check_head(bank_list)
    is_03 = namespace == NAMESPACE_03
    head = [_group_header(bank_list), *_payment_head(bank_list, is_03=is_03)]
    group, *payment = [etree.tostring(part, encoding="unicode") for part in head]
    target.write(
        f"<?xml version='1.0' encoding='UTF-8'?>\n<!-- {GENERIC_ISO} -->"
        f'<Document xmlns="{namespace}"><CstmrCdtTrfInitn>{group}<PmtInf>'.encode()
    )
    target.write("".join(payment).encode())
    template = _Transfers(bank_list, is_03=is_03)
    for _rows, lines in _checked(bank_list):
        target.write("".join(map(template.fill, lines)).encode())
    target.write(b"</PmtInf></CstmrCdtTrfInitn></Document>")


def check_bank_list(bank_list: BankList) -> None:
    """Raises Refused when a file of this list could pay wrongly or could not be read back.

    Checked: at least one line, exact positive amounts, references that occur once, account,
    bank code and name on every line, the sum; the same of the list itself. Nothing is mended
    silently.
    """
    _check_head(bank_list)
    for _part in _checked(bank_list):
        pass


def _check_head(bank_list: BankList) -> None:
    fault = _head_fault(bank_list)
    if fault:
        raise _refused(fault)


# Name as files write it, account, bank, amount, reference; whether the name is plain. A bare
# tuple: of a million lines the names of its parts would cost as much as the parts.
SoundLine = tuple[str, str, str, str, str, bool]


def _transfers(lines: Collection[BankLine]) -> Iterator[Transfers]:
    if isinstance(lines, StreamedLines):
        yield from lines.transfers()
        return
    every = iter(lines)
    while part := [_transfer(line) for line in islice(every, AT_ONCE)]:
        yield Transfers(*zip(*part, strict=True))


def _transfer(line: BankLine) -> Transfer:
    _must_be_sound(line)
    where = (line.position, line.name, line.account_number, line.bank_code)
    return (*where, f"{line.amount:.2f}", line.reference)


def _checked(bank_list: BankList) -> Iterator[tuple[str, Iterator[SoundLine]]]:
    """The lines part by part once they are known to be sound, each with its texts.

    Where all lines of a part are plain, so that one look proves them, it comes with its rows of
    the CSV, else with "". Raises Refused at the first fault.
    """
    amounts: Counter[str] = Counter()
    previous, in_order = "", True
    for part in _transfers(bank_list.lines):
        rows = _plain_rows(part)
        yield rows, _as_they_are(part) if rows else iter([_sound(line) for line in part.lines()])
        # References that rise cannot repeat; a million of them need not be kept.
        in_order = in_order and all(map(lt, (previous, *part.references), part.references))
        previous = part.references[-1]
        amounts.update(part.amounts)
    if not in_order:
        _check_references(bank_list.lines)
    total = sum((Decimal(amount) * lines for amount, lines in amounts.items()), Decimal(0))
    if (amounts.total(), to_sen(total)) != (bank_list.count, bank_list.total):
        raise _refused(_("baris tidak berjumlah sama dengan daftar yang dikunci"))


def _plain_rows(part: Transfers) -> str:
    """The rows of the CSV when every line is sound and nothing in it needs a sign of its own."""
    if max(map(len, part.names)) > LONGEST_NAME:
        return ""
    columns = (part.accounts, part.names, part.amounts, part.references, part.banks)
    rows = "".join(
        [f"{a},{n},{sum_},{r},{b}\r\n" for a, n, sum_, r, b in zip(*columns, strict=True)]
    )
    return rows if rows.count("\n") == len(part.names) and _PLAIN_ROWS.fullmatch(rows) else ""


def _as_they_are(part: Transfers) -> Iterator[SoundLine]:
    return zip(*part[1:], repeat(True), strict=False)


def _sound(transfer: Transfer) -> SoundLine:
    """One line with its name as files write it; raises Refused when it is not sound."""
    position, name, account, bank, amount, reference = transfer
    plain = len(name) <= LONGEST_NAME and _PLAIN_NAME.fullmatch(name) is not None
    if not plain:
        name = tidy(name, LONGEST_NAME)
        plain = _PLAIN_NAME.fullmatch(name) is not None
    if not name or not _SOUND.fullmatch(f"{reference} {account} {bank} {amount}"):
        _must_be_sound(BankLine(position, name, account, bank, Decimal(amount), reference))
    return name, account, bank, amount, reference, plain


def _must_be_sound(line: BankLine) -> None:
    fault = _line_fault(line)
    if fault:
        raise _line_refused(line.position, fault)


def _check_references(lines: Collection[BankLine]) -> None:
    seen: set[str] = set()
    for part in _transfers(lines):
        for position, reference in zip(part.positions, part.references, strict=True):
            if reference in seen:
                raise _line_refused(position, _("referensi dipakai dua kali"))
            seen.add(reference)


def _line_refused(position: int, fault: str) -> Refused:
    words = _("baris %(position)s: %(fault)s")
    return _refused(words % {"position": position, "fault": fault})


def tidy(text: str, longest: int) -> str:
    """Text on one line without signs that XML forbids or that hide, at most `longest` signs."""
    if not (text.isascii() and text.isprintable()):
        text = _HIDDEN.sub("", _FORBIDDEN.sub(" ", text))
    return " ".join(text.split())[:longest].rstrip()


def _refused(fault: str) -> Refused:
    sentence = _(
        "Berkas bank tidak dapat dibuat: %(fault)s. Tidak ada berkas yang dibuat dan tidak ada"
        " uang yang bergerak. Sampaikan kepada penyusun daftar untuk diperbaiki."
    )
    return Refused("BANK-FILE", sentence % {"fault": fault})


def _head_fault(bank_list: BankList) -> str:
    if not bank_list.lines:
        return _("daftar tidak berisi pembayaran")
    if not _NUMBER.fullmatch(bank_list.number):
        return _("nomor daftar tidak dikenal")
    if not _ACCOUNT.fullmatch(clean_digits(bank_list.debtor_account)):
        return _("rekening sumber dinas belum diisi dengan angka")
    if not _BANK.fullmatch(bank_list.bank_code):
        return _("kode bank penyalur bukan tiga angka")
    if bank_list.bank_bic and not _BIC.fullmatch(bank_list.bank_bic):
        return _("BIC bank penyalur tidak sah")
    if not (tidy(bank_list.agency, LONGEST_NAME) and tidy(bank_list.debtor_name, LONGEST_NAME)):
        return _("nama dinas atau pemilik rekening sumber kosong")
    if bank_list.created_at.tzinfo is None:
        raise ValueError("The moment a bank file is made needs a time zone.")
    return ""


def _line_fault(line: BankLine) -> str:
    if not isinstance(line.amount, Decimal):
        raise TypeError("Amounts of a bank file are Decimal.")
    if not (line.amount.is_finite() and 0 < line.amount <= LARGEST):
        return _("jumlah harus lebih dari nol")
    if line.amount != to_sen(line.amount):
        return _("jumlah memuat pecahan di bawah satu sen")
    if not _REFERENCE.fullmatch(line.reference):
        return _("referensi bukan 1 sampai 16 huruf atau angka")
    if not _ACCOUNT.fullmatch(line.account_number):
        return _("nomor rekening kosong atau bukan angka")
    if not _BANK.fullmatch(line.bank_code):
        return _("kode bank bukan tiga angka")
    if not tidy(line.name, LONGEST_NAME):
        return _("nama kosong")
    return ""


def _in_words(bank_list: BankList) -> str:
    """One line of the workbook: what it is, for whom, and the control totals."""
    source = clean_digits(bank_list.debtor_account)
    return tidy(
        f"{GENERIC}. {bank_list.agency}: {bank_list.programme}, {bank_list.stage}. "
        f"Jumlah {number(bank_list.count)} baris, {rupiah(bank_list.total)}. "
        f"Bank {bank_list.bank_code}, rekening sumber {source} ({bank_list.debtor_name}), "
        f"tanggal bayar {long_date(bank_list.execution_date)}. "
        f"Dibuat {datetime_words(bank_list.created_at, bank_list.zone)}.",
        1000,
    )


def _sheet_rows(bank_list: BankList) -> Iterator[tuple[Any, ...]]:
    for line in bank_list.lines:
        yield (
            line.position,
            tidy(line.name, LONGEST_NAME),
            line.account_number,
            line.bank_code,
            line.amount,
            line.reference,
            tidy(line.address, LONGEST_ADDRESS),
            tidy(line.village, LONGEST_ADDRESS),
            tidy(line.district, LONGEST_ADDRESS),
        )


def _group_header(bank_list: BankList) -> Any:
    made = in_zone(bank_list.created_at, bank_list.zone).isoformat(timespec="seconds")
    return _on_its_line(
        E.GrpHdr(
            E.MsgId(bank_list.number),
            E.CreDtTm(made),
            E.NbOfTxs(str(bank_list.count)),
            E.CtrlSum(f"{bank_list.total:.2f}"),
            E.InitgPty(E.Nm(tidy(bank_list.agency, LONGEST_NAME))),
        )
    )


def _payment_head(bank_list: BankList, *, is_03: bool) -> list[Any]:
    day = bank_list.execution_date.isoformat()
    parts = [
        E.PmtInfId(bank_list.number),
        E.PmtMtd("TRF"),
        E.BtchBookg("true"),
        E.NbOfTxs(str(bank_list.count)),
        E.CtrlSum(f"{bank_list.total:.2f}"),
        E.PmtTpInf(E.CtgyPurp(E.Cd(SOCIAL_BENEFIT))),
        E.ReqdExctnDt(day) if is_03 else E.ReqdExctnDt(E.Dt(day)),
        E.Dbtr(E.Nm(tidy(bank_list.debtor_name, LONGEST_NAME))),
        E.DbtrAcct(E.Id(E.Othr(E.Id(clean_digits(bank_list.debtor_account)))), E.Ccy(CURRENCY)),
        E.DbtrAgt(_institution(bank_list.bank_code, bank_list.bank_bic, is_03=is_03)),
    ]
    return [_on_its_line(part) for part in parts]


def _institution(bank_code: str, bic: str, *, is_03: bool) -> Any:
    member = E.ClrSysMmbId(E.MmbId(bank_code))
    if not bic:
        return E.FinInstnId(member)
    return E.FinInstnId(E.BIC(bic) if is_03 else E.BICFI(bic), member)


def _on_its_line(element: Any) -> Any:
    element.tail = "\n"
    return element


class _Transfers:
    """The text of a transfer: what is the same for a bank is made once."""

    def __init__(self, bank_list: BankList, *, is_03: bool) -> None:
        self._list, self._is_03 = bank_list, is_03
        self._agents: dict[str, str] = {}
        note = tidy(f"{bank_list.programme} {bank_list.stage}", LONGEST_NOTE)
        remittance = f"<RmtInf><Ustrd>{_escaped(note)}</Ustrd></RmtInf>" if note else ""
        self._end = f"</Id></Othr></Id></CdtrAcct>{remittance}</CdtTrfTxInf>\n"

    def fill(self, sound: SoundLine) -> str:
        name, account, bank, amount, reference, plain = sound
        agent = self._agents.get(bank) or self._agent(bank)
        return (
            f"<CdtTrfTxInf><PmtId><EndToEndId>{reference}</EndToEndId></PmtId>"
            f'<Amt><InstdAmt Ccy="{CURRENCY}">{amount}</InstdAmt></Amt>'
            f"{agent}<Cdtr><Nm>{name if plain else _escaped(name)}</Nm></Cdtr>"
            f"<CdtrAcct><Id><Othr><Id>{account}{self._end}"
        )

    def _agent(self, bank_code: str) -> str:
        bic = self._list.bank_bic if bank_code == self._list.bank_code else ""
        part = E.CdtrAgt(_institution(bank_code, bic, is_03=self._is_03))
        self._agents[bank_code] = etree.tostring(part, encoding="unicode")
        return self._agents[bank_code]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
