"""Payments over the counter: one by one with photo or signature, or from the signed register."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib import pulse
from bansos.lib.crypto import open_bytes, seal_bytes
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.lib.faults import point
from bansos.lib.money import rupiah, to_sen
from disbursements.choices import CashMark, CashTaker, LedgerKind, LineState
from disbursements.models import CashCounter, CashReceipt, PaymentLine
from disbursements.rules.moves import AT_BANK
from disbursements.services import bank_days, budgets, chains, moves
from disbursements.services.approving import makers_of
from disbursements.services.cash.counters import hold, may_reach, not_while_at_work
from disbursements.services.desk import is_closed
from programs.choices import Rail
from programs.models import ProxyGrant
from programs.services.papers import LARGEST, known_mime
from programs.services.proxies import proxy_on

PHOTO, SIGNATURE = "disbursements_cashreceipt.photo", "disbursements_cashreceipt.signature"
PICTURES = ("image/jpeg", "image/png")
ZERO = Decimal(0)
AT_ONCE = 250


@dataclass(frozen=True)
class Proof:
    """Pictures of one payment; at least one of them."""

    photo: bytes = b""
    signature: bytes = b""


@dataclass(frozen=True)
class Payment:
    """What is said about one line: how much, when, into whose hand, by which mark."""

    line: PaymentLine
    amount: Decimal
    paid_on: date
    mark: str
    by_proxy: bool = False


def why_not_pay(counter: CashCounter, user: User) -> str:
    """Why this user cannot record payments here; empty when they can."""
    if not user.can(Permission.CASH_PAY):
        return _("Pembayaran di loket dicatat oleh bendahara atau petugas kabupaten/kota.")
    row = counter.pay_list
    if user.pk in {*makers_of(row), row.checked_by_id, row.approved_by_id}:
        return _("Anda ikut menyusun atau mengesahkan daftar ini, jadi tidak membayarkannya.")
    return _("Loket ini sudah ditutup.") if counter.closed_at else ""


@transaction.atomic
def pay(
    *, counter: CashCounter, payment: Payment, proof: Proof, by: User, at: datetime
) -> CashReceipt:
    """Record one payment with its photo or signature: the line is delivered.

    Raises Refused for another amount than the line's, somebody who died, a line that is paid;
    BadInput without a picture or a letter; NotAllowed for who made or signed the list.
    """
    row = may_pay(counter, by, at)
    to_heir = bool(chains.lines_to_heirs([payment.line]))
    made = receipt_of(row, payment, by, at, to_heir=to_heir)
    made.photo_mime, made.signature_mime = _picture(proof.photo), _picture(proof.signature)
    if not proof.photo and not proof.signature:
        sentence = _("Foto atau tanda tangan wajib ada. Pembayaran belum dicatat.")
        raise BadInput("CASH-PROOF", sentence, fields={"photo": sentence})
    if proof.photo:
        made.photo = seal_bytes(proof.photo, context=PHOTO)
        made.photo_sha256 = hashlib.sha256(proof.photo).hexdigest()
    if proof.signature:
        made.signature = seal_bytes(proof.signature, context=SIGNATURE)
        made.signature_sha256 = hashlib.sha256(proof.signature).hexdigest()
    record(row, [made], subject=None, by=by, at=at)
    return made


def may_pay(counter: CashCounter, by: User, at: datetime) -> CashCounter:
    """The open counter, held, and its day, for somebody who may pay there; raises NotAllowed or
    Stale, Refused while a worker closes it or records a register."""
    not_while_at_work(counter)
    return hold_to_pay(counter, by, at)


def hold_to_pay(counter: CashCounter, by: User, at: datetime) -> CashCounter:
    """may_pay() for the worker itself."""
    row = hold(counter)
    may_reach(by, row.area_code)
    why = why_not_pay(row, by)
    if why:
        raise NotAllowed("CASH-RIGHT", why)
    bank_days.hold_open(row.pay_list.budget.agency_id, at)
    return row


def _picture(content: bytes) -> str:
    """JPEG or PNG by its first bytes and not above 10 MB; "" for none."""
    if not content:
        return ""
    if len(content) > LARGEST:
        sentence = _("Berkas lebih besar dari 10 MB. Perkecil fotonya, lalu unggah lagi.")
        raise BadInput("CASH-PICTURE", sentence, fields={"photo": sentence})
    if known_mime(content) not in PICTURES:
        sentence = _("Foto dan tanda tangan harus gambar JPEG atau PNG.")
        raise BadInput("CASH-PICTURE", sentence, fields={"photo": sentence})
    return known_mime(content)


def receipt_of(
    counter: CashCounter, payment: Payment, by: User, at: datetime, *, to_heir: bool
) -> CashReceipt:
    """The receipt a payment makes, not stored yet; raises what pay() says about the payment."""
    line = payment.line
    if line.pay_list_id != counter.pay_list_id or line.rail != Rail.CASH:
        raise Refused("CASH-LINE", _("Pembayaran itu bukan milik loket ini."))
    if line.state not in AT_BANK:
        raise Stale(
            "CASH-TWICE",
            _("Pembayaran ini sudah %(state)s. Tidak ada yang berubah.")
            % {"state": line.get_state_display().lower()},
        )
    if to_sen(payment.amount) != line.amount:
        raise Refused(
            "CASH-AMOUNT",
            _(
                "Jumlah %(amount)s berbeda dari daftar %(due)s. Bayar utuh tanpa potongan;"
                " pembayaran belum dicatat."
            )
            % {"amount": rupiah(payment.amount), "due": rupiah(line.amount)},
        )
    _check_day(counter, payment.paid_on, at)
    died = line.person.died_on if line.payee_id is None and not to_heir else None
    if died is not None and died <= payment.paid_on:
        raise Refused(
            "CASH-DIED",
            _(
                "Penerima tercatat meninggal. Uang tidak diserahkan; biarkan sampai loket ditutup,"
                " lalu putuskan sebagai retur."
            ),
        )
    proxy = _proxy(line, payment, to_heir=to_heir) if payment.by_proxy else None
    return CashReceipt(
        line=line,
        counter=counter,
        area_code=line.area_code,
        amount=line.amount,
        paid_on=payment.paid_on,
        taker=CashTaker.PROXY if proxy else CashTaker.SELF,
        receiver_name=proxy.name if proxy else line.payee_name,
        proxy=proxy,
        mark=CashMark(payment.mark),
        recorded_at=at,
        recorded_by=by,
    )


def _check_day(counter: CashCounter, paid_on: date, at: datetime) -> None:
    if not counter.opens_on <= paid_on <= day_of(at, counter.pay_list.budget.agency.zone):
        sentence = _("Tanggal bayar harus di antara tanggal buka loket dan hari ini.")
        raise BadInput("CASH-DAY", sentence, fields={"paid_on": sentence})


def _proxy(line: PaymentLine, payment: Payment, *, to_heir: bool) -> ProxyGrant:
    """Who holds a letter that the programme's own rule let through, on the day of the payment."""
    grant = None if to_heir else proxy_on(line.enrolment, payment.paid_on)
    if grant is None:
        sentence = _(
            "Tidak ada surat kuasa yang berlaku pada hari itu menurut aturan program. Catat dulu"
            " di usulannya."
        )
        raise BadInput("CASH-PROXY", sentence, fields={"by_proxy": sentence})
    return grant


def record(
    counter: CashCounter,
    receipts: Sequence[CashReceipt],
    *,
    subject: models.Model | None,
    by: User,
    at: datetime,
) -> None:
    """Store receipts, deliver their lines and move the money, in one transaction.

    `subject` is the register they come from; a single receipt is its own.
    """
    lines = [made.line_id for made in receipts]
    try:
        with transaction.atomic():
            for start in range(0, len(receipts), AT_ONCE):
                CashReceipt.objects.bulk_create(receipts[start : start + AT_ONCE])
                pulse.beat(min(start + AT_ONCE, len(receipts)), len(receipts))
    except IntegrityError as error:
        if "one_live_cash_receipt" not in str(error):
            raise
        raise moves.stale() from error
    point("cash.receipts")
    by_day: dict[date, list[int]] = {}
    for made in receipts:
        by_day.setdefault(made.paid_on, []).append(made.line_id)
    for day, ids in by_day.items():
        changed = PaymentLine.objects.filter(pk__in=ids, state__in=AT_BANK).update(
            state=LineState.SETTLED, settled_on=day
        )
        if changed != len(ids):
            raise moves.stale()
    of = subject or receipts[0]
    total = sum((made.amount for made in receipts), ZERO)
    _post(counter, LedgerKind.SETTLE, of, total, by, at)
    chains.settled(line_ids=lines, at=at)
    audit.record(
        verb="disbursements.pay_cash",
        by=by,
        at=at,
        target=of,
        list=counter.pay_list.number,
        receipts=len(receipts),
        amount=total,
    )
    follow(counter, by, at)


def _post(
    counter: CashCounter,
    kind: LedgerKind,
    of: models.Model,
    amount: Decimal,
    by: User,
    at: datetime,
) -> None:
    row = counter.pay_list
    budgets.post(
        kind=kind,
        key=f"{of._meta.model_name}:{of.pk}:{kind}",
        budget=row.budget,
        allocation=row.allocation,
        amount=amount,
        by=by,
        at=at,
        subject=of,
        note=f"{row.number}: {_('tunai')}",
    )


def follow(counter: CashCounter, by: User, at: datetime) -> None:
    """The list of a counter, and its main list, follow what happened to their lines."""
    moves.follow_lines(pay_list=counter.pay_list, by=by, at=at)
    chains.refresh_parent(pay_list=counter.pay_list, by=by, at=at)


def day_is_closed(receipt: CashReceipt) -> bool:
    """The office closed the day in whose figures this payment stands."""
    return is_closed(receipt.area_code, receipt.recorded_at)


def why_not_undo(receipt: CashReceipt, user: User) -> str:
    """Why this user cannot take a receipt back; empty when they can."""
    if receipt.undone_at is not None:
        return _("Kuitansi ini sudah dibatalkan.")
    if receipt.counter.closed_at is not None:
        return _("Loket ini sudah ditutup. Ajukan koreksi kuitansinya.")
    if day_is_closed(receipt):
        return _("Hari pencatatannya sudah ditutup. Ajukan koreksi kuitansinya.")
    if receipt.recorded_by_id == user.pk:
        return _("Anda yang mencatat, jadi orang lain yang membatalkan.")
    return "" if user.can(Permission.RETURN_CONFIRM) else _("Dibatalkan oleh kepala seksi.")


@transaction.atomic
def undo(*, receipt: CashReceipt, reason: str, by: User, at: datetime) -> CashReceipt:
    """Take a wrongly recorded payment back before its day is closed; the line waits again.

    By a second person, with a reason. Afterwards see corrections.ask(). Raises NotAllowed.
    """
    not_while_at_work(receipt.counter)
    counter = hold(receipt.counter)
    may_reach(by, counter.area_code)
    bank_days.hold_open(counter.pay_list.budget.agency_id, at)
    row = (
        CashReceipt.objects.select_related("counter__pay_list__budget")
        .defer("photo", "signature")
        .get(pk=receipt.pk)
    )
    why = why_not_undo(row, by)
    if why:
        raise NotAllowed("CASH-UNDO", why)
    if not reason.strip():
        raise BadInput("CASH-REASON", _("Isi alasan pembatalan."))
    take_back(counter, row, reason=reason.strip(), by=by, at=at)
    follow(counter, by, at)
    row.refresh_from_db()
    return row


def take_back(
    counter: CashCounter, row: CashReceipt, *, reason: str, by: User, at: datetime
) -> None:
    """The receipt counts no more, its line is open again and the money undelivered.

    Hold the counter, and let its list follow() at the end.
    """
    changed = CashReceipt.objects.filter(pk=row.pk, undone_at=None).update(
        undone_at=at, undone_by=by, undo_reason=reason[:250]
    )
    line = PaymentLine.objects.filter(pk=row.line_id, state=LineState.SETTLED)
    if changed != 1 or line.update(state=LineState.UNKNOWN, settled_on=None) != 1:
        raise moves.stale()
    _post(counter, LedgerKind.UNDO_SETTLE, row, row.amount, by, at)
    chains.came_back(line_ids=[row.line_id], at=at)
    audit.record(
        verb="disbursements.undo_cash",
        by=by,
        at=at,
        target=row,
        reason=reason,
        list=counter.pay_list.number,
        amount=row.amount,
    )


@transaction.atomic
def open_proof(
    *, receipt: CashReceipt, which: str, by: User, at: datetime
) -> tuple[str, bytes] | None:
    """Photo or signature as it was taken; who looked at it is recorded. None when there is none."""
    mime, sealed, context = {
        "foto": (receipt.photo_mime, receipt.photo, PHOTO),
        "tanda-tangan": (receipt.signature_mime, receipt.signature, SIGNATURE),
    }[which]
    if sealed is None:
        return None
    audit.record(verb="disbursements.open_cash_proof", by=by, at=at, target=receipt, which=which)
    return mime, open_bytes(bytes(sealed), context=context)
