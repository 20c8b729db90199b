"""The payment list for the bank: XLSX, CSV and pain.001.001.09 with the same control totals.

Generic layouts: no bank has certified any of them, and each file says so itself. The same
BankList gives the same bytes in any process, time zone and language.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import IO, Any

from django.utils.translation import gettext as _
from lxml import etree
from lxml.builder import E

from bansos.lib.dates import datetime_words, in_zone, long_date
from bansos.lib.errors import Refused
from bansos.lib.money import LARGEST, number, rupiah, to_sen
from bansos.lib.nik import clean_digits
from bansos.lib.sheets.writing import csv_bytes, table_workbook

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
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

# What XML forbids or what breaks a line, and what nobody sees or what turns the reading round.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z./-]{0,34}")
_REFERENCE = re.compile(r"[0-9A-Za-z]{1,16}")
_ACCOUNT = re.compile(r"[0-9]{1,34}")
_BANK = re.compile(r"[0-9]{3}")
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
    lines: Sequence[BankLine]
    zone: str = "Asia/Jakarta"

    @property
    def count(self) -> int:
        """Number of transfers."""
        return len(self.lines)

    @cached_property
    def total(self) -> Decimal:
        """Sum of the transfers, two decimals."""
        return to_sen(sum((line.amount for line in self.lines), Decimal(0)))


def fingerprint(data: bytes) -> str:
    """SHA-256 of a file, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def render_xlsx(bank_list: BankList) -> bytes:
    """The by-name-by-address list for the bank; accounts and references are text cells.

    Row 1 title, row 2 what it is with the control totals, row 4 headings, then one row per
    transfer and a last row "Jumlah" with the sum. Raises Refused, see check_bank_list().
    """
    check_bank_list(bank_list)
    return table_workbook(
        XLSX_HEADERS,
        _sheet_rows(bank_list),
        title=f"Daftar pembayaran {bank_list.number}",
        subtitle=_in_words(bank_list),
        money_columns={AMOUNT_COLUMN},
        text_columns={1, 2, 3, 5, 6, 7, 8},
        totals={AMOUNT_COLUMN},
    )


def render_csv(bank_list: BankList) -> bytes:
    """The generic CSV for cash management systems: UTF-8, commas, CRLF, five columns.

    First a comment line (#), then the headings, one row per transfer (amount with a dot and two
    decimals), and a trailer `JUMLAH,<count>,<sum>,<list number>,<bank code>`. Names that a
    spreadsheet would run as a formula get an apostrophe in front. Raises Refused, see
    check_bank_list().
    """
    check_bank_list(bank_list)
    return f"# {GENERIC}\r\n".encode() + csv_bytes(
        CSV_HEADERS, _csv_rows(bank_list), delimiter=",", bom=False
    )


def render_pain001(bank_list: BankList) -> bytes:
    """The list as ISO 20022 pain.001.001.09; see write_pain001()."""
    with tempfile.TemporaryFile() as target:
        write_pain001(target, bank_list)
        target.seek(0)
        return target.read()


def write_pain001(target: IO[bytes], bank_list: BankList) -> None:
    """Write the list as pain.001.001.09, one transfer at a time: memory does not grow with it.

    One batch-booked payment of transfers in rupiah; count and sum stand in the group header and
    in the payment; the creditor's account is `Othr/Id`, the bank its three-digit clearing code
    (`MmbId`), its BIC when known; `EndToEndId` is our reference. Addresses stay out: a transfer
    does not need them. Raises Refused, see check_bank_list().
    """
    check_bank_list(bank_list)
    note = tidy(f"{bank_list.programme} {bank_list.stage}", LONGEST_NOTE)
    transfers: dict[str, _Transfer] = {}
    with etree.xmlfile(target, encoding="UTF-8") as xml:
        xml.write_declaration()
        xml.write(etree.Comment(f" {GENERIC_ISO} "))
        # The parts have no namespace of their own, so they take the one of the document and
        # do not repeat its name a hundred thousand times.
        root = xml.element("Document", nsmap={None: NAMESPACE})
        with root, xml.element("CstmrCdtTrfInitn"):
            xml.write(_group_header(bank_list))
            with xml.element("PmtInf"):
                for part in _payment_head(bank_list):
                    xml.write(part)
                for line in bank_list.lines:
                    transfer = transfers.get(line.bank_code)
                    if transfer is None:
                        bic = bank_list.bank_bic if line.bank_code == bank_list.bank_code else ""
                        transfer = transfers[line.bank_code] = _Transfer(line.bank_code, bic, note)
                    xml.write(transfer.fill(line))


def check_bank_list(bank_list: BankList) -> None:
    """Raises Refused when a file of this list could pay wrongly or could not be read back.

    Checked: at least one line, exact positive amounts, references that occur once, account,
    bank code and name on every line; the same of the list itself. Nothing is mended silently.
    """
    fault = _head_fault(bank_list)
    if fault:
        raise _refused(fault)
    seen: set[str] = set()
    for line in bank_list.lines:
        fault = _line_fault(line)
        if not fault and line.reference in seen:
            fault = _("referensi dipakai dua kali")
        if fault:
            words = _("baris %(position)s: %(fault)s")
            raise _refused(words % {"position": line.position, "fault": fault})
        seen.add(line.reference)


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


def _csv_rows(bank_list: BankList) -> Iterator[tuple[str, ...]]:
    for line in bank_list.lines:
        name = tidy(line.name, LONGEST_NAME)
        yield line.account_number, name, f"{line.amount:.2f}", line.reference, line.bank_code
    total = f"{bank_list.total:.2f}"
    yield TRAILER, str(bank_list.count), total, bank_list.number, bank_list.bank_code


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


def _payment_head(bank_list: BankList) -> list[Any]:
    parts = [
        E.PmtInfId(bank_list.number),
        E.PmtMtd("TRF"),
        E.BtchBookg("true"),
        E.NbOfTxs(str(bank_list.count)),
        E.CtrlSum(f"{bank_list.total:.2f}"),
        E.PmtTpInf(E.CtgyPurp(E.Cd(SOCIAL_BENEFIT))),
        E.ReqdExctnDt(E.Dt(bank_list.execution_date.isoformat())),
        E.Dbtr(E.Nm(tidy(bank_list.debtor_name, LONGEST_NAME))),
        E.DbtrAcct(E.Id(E.Othr(E.Id(clean_digits(bank_list.debtor_account)))), E.Ccy(CURRENCY)),
        E.DbtrAgt(_institution(bank_list.bank_code, bank_list.bank_bic)),
    ]
    return [_on_its_line(part) for part in parts]


def _institution(bank_code: str, bic: str) -> Any:
    member = E.ClrSysMmbId(E.MmbId(bank_code))
    return E.FinInstnId(E.BICFI(bic), member) if bic else E.FinInstnId(member)


def _on_its_line(element: Any) -> Any:
    element.tail = "\n"
    return element


class _Transfer:
    """The element of a transfer to one bank: built once, filled anew for every line."""

    def __init__(self, bank_code: str, bic: str, note: str) -> None:
        self._reference, self._name, self._account = E.EndToEndId(), E.Nm(), E.Id()
        self._amount = E.InstdAmt(Ccy=CURRENCY)
        self._element = _on_its_line(
            E.CdtTrfTxInf(
                E.PmtId(self._reference),
                E.Amt(self._amount),
                E.CdtrAgt(_institution(bank_code, bic)),
                E.Cdtr(self._name),
                E.CdtrAcct(E.Id(E.Othr(self._account))),
                *([E.RmtInf(E.Ustrd(note))] if note else []),
            )
        )

    def fill(self, line: BankLine) -> Any:
        self._reference.text = line.reference
        self._amount.text = f"{line.amount:.2f}"
        self._name.text = tidy(line.name, LONGEST_NAME)
        self._account.text = line.account_number
        return self._element
