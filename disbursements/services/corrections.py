"""Papers that were recorded wrongly: asked by one person, taken back by another, never erased."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused
from bansos.lib.scopes import covers
from disbursements.choices import CorrectionKind, LedgerKind, ListKind, ListState
from disbursements.models import Correction, PayList, Sts
from disbursements.models.lists import AFTER_SP2D
from disbursements.queries.leaving import kept_in_by_limits
from disbursements.services import approving, bank, budgets, deposits, moves, reissuing

CLEARED: dict[str, object] = {
    "spm_number": "",
    "sp2d_number": "",
    "sp2d_date": None,
    "sp2d_amount": None,
    "sp2d_at": None,
    "sp2d_by": None,
    "execution_on": None,
}


@transaction.atomic
def ask_sts(*, slip: Sts, reason: str, by: User, at: datetime) -> Correction:
    """Ask to take a deposit slip back; nothing moves before a second person agrees.

    Raises Refused when it is taken back already or a list of it is closed.
    """
    moves.require_right(by, Permission.RETURN_DECIDE)
    slip = Sts.objects.select_for_update().get(pk=slip.pk)
    why = deposits.why_not_reverse(slip)
    if why:
        raise Refused("STS-FINAL", why)
    old = {
        "number": slip.number,
        "date": slip.on.isoformat(),
        "amount": str(slip.amount),
        "returns": slip.lines.count(),
    }
    return _ask(
        Correction(kind=CorrectionKind.STS, sts=slip, old=old), slip.area_code, reason, by, at
    )


@transaction.atomic
def ask_sp2d(
    *,
    pay_list: PayList,
    reason: str,
    by: User,
    at: datetime,
    spm_number: str = "",
    sp2d_number: str = "",
    sp2d_date: date | None = None,
) -> Correction:
    """Ask to correct an SP2D: with numbers and date only what the paper says, without them whole.

    Taking it back whole ends when bank files exist: the money may be on its way, unless a rail
    carries them no more and none was handed out. Raises Refused then, for a closed list, or while
    a worker does an act on it.
    """
    moves.require_right(by, Permission.SP2D_RECORD)
    moves.not_while_busy(pay_list)
    row = moves.lock_row(pay_list)
    new: dict[str, str] = {}
    if spm_number.strip() or sp2d_number.strip() or sp2d_date is not None:
        new = _new_paper(row, spm_number, sp2d_number, sp2d_date, at)
    _may_correct(row, at, whole=not new)
    old = {
        "spm_number": row.spm_number,
        "sp2d_number": row.sp2d_number,
        "sp2d_date": row.sp2d_date.isoformat() if row.sp2d_date else "",
        "amount": str(row.sp2d_amount),
    }
    asked = Correction(kind=CorrectionKind.SP2D, pay_list=row, old=old, new=new)
    return _ask(asked, row.area_code, reason, by, at)


def _new_paper(
    row: PayList, spm_number: str, sp2d_number: str, sp2d_date: date | None, at: datetime
) -> dict[str, str]:
    if not spm_number.strip() or not sp2d_number.strip() or sp2d_date is None:
        raise BadInput("SP2D-NUMBER", _("Isi nomor SPM, nomor SP2D, dan tanggalnya."))
    approving.check_sp2d_date(row, sp2d_date, at)
    return {
        "spm_number": spm_number.strip(),
        "sp2d_number": sp2d_number.strip(),
        "sp2d_date": sp2d_date.isoformat(),
    }


def why_not_correct(row: PayList) -> str:
    """Why the SP2D of a list is not corrected; empty when it may be."""
    if row.kind != ListKind.MAIN:
        return _("SP2D dikoreksi pada daftar utamanya; susulannya ikut.")
    if row.state not in AFTER_SP2D or row.state == ListState.CLOSED:
        return _("Daftar ini %(state)s, jadi SP2D-nya tidak dapat dikoreksi.") % {
            "state": row.get_state_display().lower()
        }
    return ""


def why_not_take_back(row: PayList, at: datetime) -> str:
    """Why an SP2D that may be corrected is not taken back whole; empty when it may be."""
    today = day_of(at, row.budget.agency.zone)
    files = bank.has_files(row) and not kept_in_by_limits(row, today)
    if row.state == ListState.SP2D and not files:
        return ""
    why = _("Berkas bank daftar ini sudah dibuat, jadi SP2D tidak dibatalkan seluruhnya.")
    if row.stage.version.is_cash:
        why = _("Loket daftar ini sudah dibuka, jadi SP2D tidak dibatalkan seluruhnya.")
    return why + " " + _("Nomor dan tanggalnya masih dapat dikoreksi.")


def _may_correct(row: PayList, at: datetime, *, whole: bool) -> None:
    if why := why_not_correct(row):
        raise Refused("SP2D-STATE", why)
    if whole and (why := why_not_take_back(row, at)):
        raise Refused("SP2D-FILES", why)


def _ask(asked: Correction, area_code: str, reason: str, by: User, at: datetime) -> Correction:
    if not covers(by.area_code, area_code):
        raise NotAllowed("CORRECTION-AREA", _("Berkas ini di luar wilayah Anda."))
    if not reason.strip():
        raise BadInput("CORRECTION-NOTE", _("Isi alasan koreksi."))
    asked.area_code, asked.reason = area_code, reason.strip()[:250]
    asked.decided_at, asked.decided_by = at, by
    try:
        with transaction.atomic():
            asked.save()
    except IntegrityError as error:
        raise Refused(
            "CORRECTION-ONCE", _("Koreksi berkas ini sudah diajukan dan menunggu orang kedua.")
        ) from error
    _tell("disbursements.ask_correction", asked, by, at)
    return asked


def _tell(verb: str, row: Correction, by: User, at: datetime) -> None:
    audit.record(
        verb=verb,
        by=by,
        at=at,
        target=row.sts or row.pay_list or row,
        reason=row.reason,
        correction=row.pk,
        kind=row.kind,
        old=row.old,
        new=row.new,
        agreed=row.done_at is not None,
    )


def why_not_answer(row: Correction, user: User) -> str:
    """Why this user cannot answer; empty when they can."""
    if row.done_at or row.refused_at:
        return _("Koreksi ini sudah dijawab.")
    if row.decided_by_id == user.pk:
        return _("Anda yang mengajukan, jadi orang lain yang mengesahkan.")
    return "" if user.can(Permission.RETURN_CONFIRM) else _("Disahkan oleh kepala seksi.")


@transaction.atomic
def answer(*, correction: Correction, agreed: bool, by: User, at: datetime) -> Correction:
    """The second person's word; agreed, the paper is corrected in the same transaction.

    Raises NotAllowed for who asked, Refused when the paper went on meanwhile or a worker does an
    act on a list that names it.
    """
    if agreed and correction.pay_list is not None:
        # Before the first lock: who waits for the worker would hold up others of the agency.
        for named in (correction.pay_list, *correction.pay_list.follow_ups.all()):
            moves.not_while_busy(named)
    row: Correction = (
        Correction.objects.select_for_update(of=("self",))
        .select_related("sts", "pay_list", "decided_by")
        .get(pk=correction.pk)
    )
    why = why_not_answer(row, by)
    if why:
        raise NotAllowed("CORRECTION-PERSON", why)
    if not covers(by.area_code, row.area_code):
        raise NotAllowed("CORRECTION-AREA", _("Berkas ini di luar wilayah Anda."))
    if not agreed:
        row.refused_at, row.refused_by = at, by
        row.save(update_fields=["refused_at", "refused_by"])
    else:
        _correct(row, by, at)
        row.confirmed_at, row.confirmed_by, row.done_at = at, by, at
        row.save(update_fields=["confirmed_at", "confirmed_by", "done_at"])
    _tell("disbursements.answer_correction", row, by, at)
    return row


def _correct(row: Correction, by: User, at: datetime) -> None:
    if row.sts is not None:
        deposits.reverse_deposit(slip=row.sts, by=by, at=at)
        return
    if row.pay_list is None:
        raise ValueError("A correction names its paper.")
    pay_list = moves.lock_row(row.pay_list)
    _may_correct(pay_list, at, whole=not row.new)
    if row.new:
        _rewrite(pay_list, row, by, at)
    else:
        _take_back(pay_list, row, by, at)


def _rewrite(pay_list: PayList, row: Correction, by: User, at: datetime) -> None:
    # A follow-up carries the paper of its main list from its approval on. All are held before the
    # agency is: while it is, no counter of the province can pay.
    follow_ups = PayList.objects.filter(parent=pay_list).exclude(sp2d_number="")
    moves.lock_lists(follow_ups)
    approving.number_is_free(pay_list, row.new["sp2d_number"])
    old_date = pay_list.sp2d_date
    fields = {**row.new, "sp2d_date": date.fromisoformat(row.new["sp2d_date"])}
    try:
        with transaction.atomic():
            PayList.objects.filter(pk=pay_list.pk).update(**fields)
    except IntegrityError as error:
        raise approving.number_taken() from error
    follow_ups.update(**fields)
    for named in (pay_list, *follow_ups.order_by("pk")):
        reissuing.renew(
            moves.lock_row(named), old_date=old_date, asked_by=row.decided_by, by=by, at=at
        )


def _take_back(pay_list: PayList, row: Correction, by: User, at: datetime) -> None:
    amount = pay_list.sp2d_amount
    if amount is None:
        raise moves.stale()
    reissuing.withdraw_papers(pay_list, by=by, at=at)
    cleared = dict(CLEARED)
    if bank.has_files(pay_list):
        # The day stands in the bytes of the files, and is frozen with them until another SP2D.
        del cleared["execution_on"]
    moves.move(
        pay_list=pay_list,
        to=ListState.APPROVED,
        by=by,
        at=at,
        verb="disbursements.undo_sp2d",
        note=row.reason,
        **cleared,
    )
    released = pay_list.budget.events.filter(
        kind=LedgerKind.SP2D,
        subject_type="disbursements.paylist",
        subject_id=str(pay_list.pk),
        ledgerevent=None,
    ).get()
    budgets.post(
        kind=LedgerKind.UNDO_SP2D,
        key=f"undo:{released.key}",
        budget=pay_list.budget,
        allocation=pay_list.allocation,
        amount=amount,
        by=by,
        at=at,
        subject=pay_list,
        note=pay_list.number,
        reverses=released,
    )
