"""The simulated bank: reads the stored bank file of a list and answers as a bank would.

For training only. The layout is made up: no bank's own format is known or claimed.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from bansos.documents.services import read_bytes
from bansos.lib.dates import long_date
from bansos.lib.errors import Refused
from disbursements.choices import FileFormat, ListKind, ReturnReason
from disbursements.models import PayList
from programs.choices import PAYEES

ANSWER_HEADERS = (
    *("No", "No Referensi", "No Rekening", "Nama", "Nominal", "Status", "Keterangan", "Tanggal"),
)
# One payment in fifty comes back: closed and misnamed accounts, money nobody took, deaths.
RETURNED_ONE_IN = 50
FEWEST_RETURNS = 2
REASONS: tuple[tuple[ReturnReason, str], ...] = (
    (ReturnReason.CLOSED, "Rekening ditutup"),
    (ReturnReason.UNCOLLECTED, "Tidak diambil sampai batas waktu"),
    (ReturnReason.NAME, "Nama tidak cocok dengan rekening"),
    (ReturnReason.CLOSED, "Rekening ditutup"),
    (ReturnReason.DIED, "Meninggal dunia"),
)
DELIVERED, CAME_BACK = "BERHASIL", "GAGAL"


@dataclass(frozen=True)
class Transfer:
    """One row of the bank file as the bank reads it."""

    reference: str
    account: str
    name: str
    amount: Decimal


def simulated_answer(pay_list: PayList) -> bytes:
    """The bank's answer to a list it was sent, as XLSX; the same list gives the same bytes.

    About 2 % of a main list come back with a reason; a follow-up list and one of groups,
    institutions or governments are delivered whole. Raises Refused while the list has not been
    sent.
    """
    if pay_list.sent_at is None:
        raise Refused(
            "BANK-NOT-SENT",
            _("Daftar ini belum dikirim ke bank, jadi bank belum dapat menjawab."),
        )
    transfers = sent_transfers(pay_list)
    day = pay_list.sent_at.astimezone(pay_list.budget.agency.zone).date()
    whole = pay_list.kind == ListKind.FOLLOW_UP or pay_list.version.payee_kind in PAYEES
    returned = {} if whole else _returns(pay_list.number, transfers)
    return _workbook(pay_list, transfers, returned, day)


def sent_transfers(pay_list: PayList) -> list[Transfer]:
    """What the stored CSV of the list tells the bank to pay, up to its trailer."""
    file = pay_list.files.select_related("document").filter(format=FileFormat.CSV).first()
    if file is None:
        raise Refused("BANK-FILES", _("Berkas CSV daftar ini belum dibuat."))
    text = read_bytes(file.document).decode("utf-8-sig")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    transfers = []
    for row in csv.DictReader(lines):
        if row["rekening"] == "JUMLAH":
            break
        transfers.append(
            Transfer(
                reference=row["referensi"],
                account=row["rekening"],
                name=row["nama"].lstrip("'"),
                amount=Decimal(row["jumlah"]),
            )
        )
    return transfers


def _returns(number: str, transfers: Sequence[Transfer]) -> dict[str, str]:
    """Reference -> why it came back; a long list has every reason."""
    chance = random.Random(f"bank-{number}")
    count = max(FEWEST_RETURNS, round(len(transfers) / RETURNED_ONE_IN))
    chosen = chance.sample(list(transfers), min(count, len(transfers)))
    first = chance.randrange(len(REASONS))
    return {
        transfer.reference: REASONS[(first + place) % len(REASONS)][1]
        for place, transfer in enumerate(chosen)
    }


def _workbook(
    pay_list: PayList, transfers: Sequence[Transfer], returned: Mapping[str, str], day: date
) -> bytes:
    agency = pay_list.budget.agency
    target = io.BytesIO()
    book = Workbook(target, {"strings_to_numbers": False, "strings_to_formulas": False})
    book.set_properties({"created": datetime.combine(day, time(9))})
    sheet = book.add_worksheet("Hasil")
    bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    money = book.add_format({"num_format": "#,##0.00"})
    dated = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_string(0, 0, f"{agency.bank_name} (simulasi latihan): hasil overbooking", bold)
    sheet.write_string(1, 0, f"Daftar {pay_list.number}, {long_date(day)}")
    for place, width in enumerate((6, 20, 16, 28, 16, 12, 34, 14)):
        sheet.set_column(place, place, width)
        sheet.write_string(3, place, ANSWER_HEADERS[place], bold)
    for number, transfer in enumerate(transfers, start=1):
        line = 3 + number
        why = returned.get(transfer.reference, "")
        sheet.write_number(line, 0, number)
        sheet.write_string(line, 1, transfer.reference, text)
        sheet.write_string(line, 2, transfer.account, text)
        sheet.write_string(line, 3, transfer.name, text)
        sheet.write_number(line, 4, transfer.amount, money)
        sheet.write_string(line, 5, CAME_BACK if why else DELIVERED, text)
        sheet.write_string(line, 6, why, text)
        sheet.write_datetime(line, 7, day, dated)
    book.close()
    return target.getvalue()
