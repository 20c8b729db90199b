"""The signed register as it comes back from the counter: read whole, then recorded whole."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.lib import pulse
from bansos.lib.crypto import open_bytes, seal_bytes
from bansos.lib.errors import BadInput, Refused
from bansos.lib.sheets.cells import cell_amount, cell_date
from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn, require_columns, study_headers
from bansos.lib.sheets.reading import SheetRow, Table, read_table
from disbursements.choices import CashMark, LineState
from disbursements.models import (
    CashCounter,
    CashReceipt,
    CashRegister,
    PayList,
    PaymentLine,
    WaitingRegister,
)
from disbursements.rules.references import clean_reference
from disbursements.services import chains
from disbursements.services.cash.paying import (
    AT_ONCE,
    Payment,
    hold_to_pay,
    may_pay,
    receipt_of,
    record,
)
from programs.services.papers import LARGEST, known_mime

TABLE, PAGES = "disbursements_cashregister.sealed_table", "disbursements_cashregister.sealed_pages"
WAITING_TABLE = "disbursements_waitingregister.sealed_table"
WAITING_PAGES = "disbursements_waitingregister.sealed_pages"
MOST_ROWS = 5_000
SHOWN = 10
COLUMNS = (
    ExpectedColumn("reference", "Referensi", ("no referensi", "kuitansi"), required=True),
    ExpectedColumn(
        "amount", "Jumlah dibayar", ("jumlah", "dibayar"), required=True, kind=ColumnKind.MONEY
    ),
    ExpectedColumn(
        "paid_on", "Tanggal bayar", ("tanggal", "tgl bayar"), required=True, kind=ColumnKind.DATE
    ),
    ExpectedColumn("taker", "Diterima oleh", ("penerima uang", "diambil oleh"), required=True),
    ExpectedColumn("mark", "Tanda terima", ("tanda tangan atau cap jempol",), required=True),
)
TAKERS = {"sendiri": False, "penerima": False, "penerima sendiri": False}
TAKERS |= {"kuasa": True, "pemegang surat kuasa": True}
MARKS = {"tanda tangan": CashMark.SIGNATURE, "ttd": CashMark.SIGNATURE}
MARKS |= {"cap jempol": CashMark.THUMB, "cap jari": CashMark.THUMB}


@transaction.atomic
def take_register(
    *,
    counter: CashCounter,
    data: bytes,
    file_name: str,
    pages: bytes,
    by: User,
    at: datetime,
) -> CashRegister:
    """Record every paid row of a register, with the pages that were signed; all rows or none.

    A row without an amount and a date was not paid. A row recorded before, with the same day, is
    passed over, so a register that grew may come again; the same bytes give the first register.
    Raises Refused naming the first wrong rows, or for the same table with other pages; BadInput
    for a file that is no register.
    """
    return _take(may_pay(counter, by, at), data, file_name, pages, by, at)


def _take(
    row: CashCounter, data: bytes, file_name: str, pages: bytes, by: User, at: datetime
) -> CashRegister:
    """take_register() at a counter that is held."""
    known = recorded(row, data, pages)
    if known is not None:
        return known
    receipts = _read(row, table_of(data, file_name), by, at)
    made = CashRegister.objects.create(
        counter=row,
        area_code=row.area_code,
        file_name=file_name[-150:],
        sha256=hashlib.sha256(data).hexdigest(),
        sealed_table=seal_bytes(data, context=TABLE),
        pages_mime=known_mime(pages),
        pages_sha256=hashlib.sha256(pages).hexdigest(),
        sealed_pages=seal_bytes(pages, context=PAGES),
        count=len(receipts),
        total=sum((receipt.amount for receipt in receipts), Decimal(0)),
        uploaded_at=at,
        uploaded_by=by,
    )
    for receipt in receipts:
        receipt.register = made
    record(row, receipts, subject=made, by=by, at=at)
    return made


def recorded(counter: CashCounter, data: bytes, pages: bytes) -> CashRegister | None:
    """The register of this table that is there; None for a new one.

    Raises BadInput for pages that are none, Refused when other pages came with a known table.
    """
    _check_pages(pages)
    digest = hashlib.sha256(data).hexdigest()
    known: CashRegister | None = counter.registers.filter(sha256=digest).first()
    if known is not None and known.pages_sha256 != hashlib.sha256(pages).hexdigest():
        raise Refused(
            "CASH-OTHER-PAGES",
            _(
                "Daftar ini sudah pernah diunggah dengan pindaian lain. Tidak ada yang dicatat;"
                " pindaian pertama tetap menjadi bukti."
            ),
        )
    return known


def _is_known(payment: Payment, paid: dict[int, date]) -> bool:
    same_day = paid.get(payment.line.pk) == payment.paid_on
    return same_day and payment.amount == payment.line.amount


def table_of(data: bytes, file_name: str) -> Table:
    """The register as a table; raises BadInput for a file that is none or lacks a column."""
    table = read_table(data, file_name, expected=COLUMNS, max_rows=MOST_ROWS)
    require_columns(study_headers(table.headers, COLUMNS).mapping, table.headers, COLUMNS)
    return table


@transaction.atomic
def take_waiting(*, counter: CashCounter, by: User, at: datetime) -> None:
    """Record the register that waits for a worker, or keep in words why it was refused."""
    row = hold_to_pay(counter, by, at)
    waiting = WaitingRegister.objects.get(counter=row)
    data = open_bytes(bytes(waiting.sealed_table or b""), context=WAITING_TABLE)
    pages = open_bytes(bytes(waiting.sealed_pages or b""), context=WAITING_PAGES)
    try:
        with transaction.atomic():
            _take(row, data, waiting.file_name, pages, by, at)
    except Refused as refused:
        waiting.refusal = str(refused.message)
        waiting.sealed_table = waiting.sealed_pages = None
        waiting.save(update_fields=["refusal", "sealed_table", "sealed_pages"])
        return
    waiting.delete()


def refusal_of(pay_list: PayList) -> str:
    """Why the last long register at the counter of a list was not recorded; "" when it was."""
    rows = WaitingRegister.objects.filter(counter__pay_list=pay_list)
    return rows.values_list("refusal", flat=True).first() or ""


def drop_waiting(pay_list_id: int) -> None:
    """Nothing waits any more: the worker was stopped, or could not do it."""
    WaitingRegister.objects.filter(counter__pay_list=pay_list_id).delete()


def _check_pages(pages: bytes) -> None:
    sentence = ""
    if not pages:
        sentence = _("Pindaian daftar yang ditandatangani wajib ada. Tidak ada yang dicatat.")
    elif len(pages) > LARGEST:
        sentence = _("Berkas lebih besar dari 10 MB. Perkecil pindaiannya, lalu unggah lagi.")
    elif not known_mime(pages):
        sentence = _("Pindaian harus foto JPEG atau PNG, atau PDF. Tidak ada yang dicatat.")
    if sentence:
        raise BadInput("CASH-PAGES", sentence, fields={"pages": sentence})


def _read(counter: CashCounter, table: Table, by: User, at: datetime) -> list[CashReceipt]:
    mapping = study_headers(table.headers, COLUMNS).mapping
    told = {clean_reference(row.cell(mapping["reference"]).text) for row in table.rows}
    lines = _lines(counter, told)
    heirs = chains.lines_to_heirs(lines.values())
    paid = dict(counter.receipts.filter(undone_at=None).values_list("line_id", "paid_on"))
    undone = set(counter.receipts.exclude(undone_at=None).values_list("line_id", flat=True))
    found: dict[int, CashReceipt] = {}
    wrong: list[str] = []
    for place, row in enumerate(table.rows):
        if place % AT_ONCE == 0:
            pulse.beat(0, len(table.rows))
        try:
            payment = _payment(row, mapping, lines)
            if payment is None or _is_known(payment, paid):
                continue
            if payment.line.pk in undone:
                raise Refused(
                    "CASH-UNDONE", _("Kuitansinya pernah dibatalkan; catat satu per satu.")
                )
            if payment.line.pk in found:
                raise BadInput("CASH-DOUBLE", _("Referensi ini ditulis dua kali."))
            found[payment.line.pk] = receipt_of(
                counter, payment, by, at, to_heir=payment.line.pk in heirs
            )
        except Refused as refused:
            words = _("Baris %(row)s: %(words)s")
            wrong.append(words % {"row": row.row_number, "words": refused.message})
    if wrong:
        raise Refused(
            "CASH-ROWS",
            _("%(count)s baris belum benar, jadi tidak ada yang dicatat. %(rows)s")
            % {"count": len(wrong), "rows": " ".join(wrong[:SHOWN])},
        )
    if not found:
        raise BadInput("CASH-NOTHING", _("Tidak ada pembayaran baru dalam daftar ini."))
    return list(found.values())


def _lines(counter: CashCounter, references: Collection[str]) -> dict[str, PaymentLine]:
    """The lines a register names, held: a list may be much longer than one day's register."""
    rows = counter.pay_list.lines.exclude(state=LineState.EXCLUDED)
    rows = rows.filter(reference__in=references)
    # One programme year for all: read with each line it would be read thousands of times.
    rows = rows.prefetch_related("enrolment__version__programme__agency")
    rows = rows.select_related("person").select_for_update(of=("self",))
    return {line.reference: line for line in rows.order_by("pk")}


def _payment(
    row: SheetRow, mapping: dict[str, int], lines: dict[str, PaymentLine]
) -> Payment | None:
    """What a row says; None for a row that was not paid. Raises BadInput for half a row."""
    amount, day = cell_amount(row.cell(mapping["amount"])), cell_date(row.cell(mapping["paid_on"]))
    taker = _word(row, mapping["taker"])
    mark = _word(row, mapping["mark"])
    if amount is None and day is None and not taker and not mark:
        return None
    line = lines.get(clean_reference(row.cell(mapping["reference"]).text))
    if line is None:
        raise BadInput("CASH-REFERENCE", _("Referensi tidak ada di daftar ini."))
    if amount is None or day is None:
        raise BadInput("CASH-HALF", _("Isi jumlah dan tanggal bayar, atau kosongkan keduanya."))
    return Payment(line, amount, day, _mark(mark), by_proxy=_by_proxy(taker))


def _word(row: SheetRow, place: int) -> str:
    return " ".join(row.cell(place).text.casefold().split())


def _by_proxy(text: str) -> bool:
    if text not in TAKERS:
        raise BadInput("CASH-TAKER", _("Diterima oleh: tulis Sendiri atau Kuasa."))
    return TAKERS[text]


def _mark(text: str) -> CashMark:
    if text not in MARKS:
        raise BadInput("CASH-MARK", _("Tanda terima: tulis Tanda tangan atau Cap jempol."))
    return MARKS[text]


@transaction.atomic
def open_pages(*, register: CashRegister, by: User, at: datetime) -> tuple[str, bytes]:
    """The signed pages as they were scanned; who looked at them is recorded."""
    audit.record(verb="disbursements.open_cash_proof", by=by, at=at, target=register)
    return register.pages_mime, open_bytes(bytes(register.sealed_pages), context=PAGES)
