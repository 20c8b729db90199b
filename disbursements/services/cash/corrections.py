"""A cash payment found wrong after its day was closed: a new record, agreed to by a third person.

Until then paying.undo() takes it back; afterwards the day's figures name it, so two more people
stand for the correction, neither of whom recorded the payment.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from disbursements.choices import LineState
from disbursements.models import CashCorrection, CashCounter, CashReceipt, PaymentLine
from disbursements.rules.moves import AWAITS_RESULT
from disbursements.services import bank_days, chains, moves
from disbursements.services.cash.counters import hold, may_reach, not_while_at_work, return_of
from disbursements.services.cash.paying import day_is_closed, follow, take_back


def why_not_ask(receipt: CashReceipt, user: User) -> str:
    """Why this user cannot ask for a correction; empty when they can."""
    row = receipt.counter
    if receipt.undone_at is not None:
        return _("Kuitansi ini sudah dibatalkan.")
    if row.closed_at is None and not day_is_closed(receipt):
        return _("Harinya belum ditutup, jadi kuitansinya dibatalkan biasa.")
    if row.pay_list.state not in AWAITS_RESULT:
        return _("Rekonsiliasi daftar %(number)s sudah ditutup, jadi kuitansinya tetap.") % {
            "number": row.pay_list.number
        }
    if receipt.recorded_by_id == user.pk:
        return _("Anda yang mencatat, jadi orang lain yang mengajukan koreksinya.")
    may = user.can(Permission.RETURN_DECIDE) or user.can(Permission.RETURN_CONFIRM)
    return "" if may else _("Diajukan oleh bendahara atau kepala seksi.")


@transaction.atomic
def ask(*, receipt: CashReceipt, reason: str, by: User, at: datetime) -> CashCorrection:
    """Ask that a wrongly recorded payment of a closed day be taken back; nothing changes yet.

    Raises NotAllowed for who recorded it or may not ask, Refused when it is asked already.
    """
    not_while_at_work(receipt.counter)
    counter = hold(receipt.counter, closed_too=True)
    may_reach(by, counter.area_code)
    row = _receipt(receipt)
    why = why_not_ask(row, by)
    if why:
        raise NotAllowed("CASH-CORRECT", why)
    if not reason.strip():
        raise BadInput("CASH-REASON", _("Isi alasan koreksi."))
    try:
        with transaction.atomic():
            made = CashCorrection.objects.create(
                receipt=row,
                area_code=row.area_code,
                reason=reason.strip()[:250],
                recorded_by=row.recorded_by,
                asked_at=at,
                asked_by=by,
            )
    except IntegrityError as error:
        raise Refused(
            "CASH-ASKED", _("Koreksi kuitansi ini sudah diajukan dan menunggu orang ketiga.")
        ) from error
    _tell("disbursements.ask_cash_correction", made, by, at)
    return made


def why_not_answer(row: CashCorrection, user: User) -> str:
    """Why this user cannot answer; empty when they can."""
    if row.confirmed_at or row.refused_at:
        return _("Koreksi ini sudah dijawab.")
    if user.pk in {row.asked_by_id, row.recorded_by_id}:
        return _("Anda yang mencatat atau mengajukan, jadi orang ketiga yang mengesahkan.")
    may = user.can(Permission.RETURN_CONFIRM) or user.can(Permission.PAYLIST_APPROVE)
    return "" if may else _("Disahkan oleh kepala seksi atau kepala dinas.")


@transaction.atomic
def answer(*, correction: CashCorrection, agreed: bool, by: User, at: datetime) -> CashCorrection:
    """The third person's word; agreed, the receipt no longer counts and its row stays as it was.

    While the counter is open the payee waits there again; after its closing the line is a return.
    Raises NotAllowed, Stale when it is answered, Refused when the list was closed meanwhile.
    """
    not_while_at_work(correction.receipt.counter)
    counter = hold(correction.receipt.counter, closed_too=True)
    may_reach(by, counter.area_code)
    row = CashCorrection.objects.select_for_update().get(pk=correction.pk)
    why = why_not_answer(row, by)
    if row.confirmed_at or row.refused_at:
        raise Stale("CASH-ANSWERED", why)
    if why:
        raise NotAllowed("CASH-THIRD", why)
    if not agreed:
        row.refused_at, row.refused_by = at, by
        row.save(update_fields=["refused_at", "refused_by"])
    else:
        if counter.pay_list.state not in AWAITS_RESULT:
            raise Refused(
                "CASH-FINAL",
                _("Rekonsiliasi daftarnya sudah ditutup, jadi kuitansinya tetap."),
            )
        bank_days.hold_open(counter.pay_list.budget.agency_id, at)
        row.confirmed_at, row.confirmed_by = at, by
        row.save(update_fields=["confirmed_at", "confirmed_by"])
        receipt = _receipt(correction.receipt)
        _let_come_back(counter, receipt, row, by, at)
    word = "disbursements.confirm_cash_correction"
    _tell(word if agreed else "disbursements.refuse_cash_correction", row, by, at)
    return row


def _let_come_back(
    counter: CashCounter, receipt: CashReceipt, row: CashCorrection, by: User, at: datetime
) -> None:
    take_back(counter, receipt, reason=row.reason, by=by, at=at)
    if counter.closed_at is not None:
        line = PaymentLine.objects.filter(pk=receipt.line_id, state=LineState.UNKNOWN)
        if line.update(state=LineState.RETURNED) != 1:
            raise moves.stale()
        paid = PaymentLine.objects.select_related("person").get(pk=receipt.line_id)
        today = day_of(at, counter.pay_list.budget.agency.zone)
        words, heirs = _("Koreksi kuitansi loket"), chains.lines_to_heirs([paid])
        return_of(paid, words=words, heirs=heirs, today=today).save()
    follow(counter, by, at)


def _receipt(receipt: CashReceipt) -> CashReceipt:
    rows = CashReceipt.objects.select_related("counter__pay_list__budget__agency", "recorded_by")
    found: CashReceipt = rows.defer("photo", "signature").get(pk=receipt.pk)
    return found


def _tell(verb: str, row: CashCorrection, by: User, at: datetime) -> None:
    audit.record(
        verb=verb,
        by=by,
        at=at,
        target=row.receipt,
        reason=row.reason,
        correction=row.pk,
        agreed=row.confirmed_at is not None,
    )
