"""Lock, submit, check, approve, send back, SP2D and cancel: the life of a pay list by people."""

from __future__ import annotations

import hmac
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bansos.accounts.models import Agency, User
from bansos.accounts.permissions import Permission
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.lib.money import rupiah, to_sen
from bansos.regions.services.calendar import require_bank_day
from disbursements.choices import LedgerKind, LineState, ListKind, ListState, ReturnState
from disbursements.models import Approval, Hit, PayList, ReturnCase
from disbursements.queries.fingerprints import fingerprint
from disbursements.queries.leaving import kept_in_by_limits
from disbursements.rules import moves as words
from disbursements.services import auditing, budgets, moves, reissuing
from disbursements.services.preflight import changes_since_lock, check_now

CHECK, APPROVE = "check", "approve"
# The moves that prepare a list; who sends a list back does not prepare it.
MAKING = Q(old=ListState.DRAFT, new=ListState.LOCKED) | Q(old=ListState.LOCKED)


def lock(*, pay_list: PayList, by: User, at: datetime) -> PayList:
    """Check once more, take the fingerprint, reserve the budget, freeze: one transaction.

    Raises Refused when the books of its budget line are broken, while lines with blocking hits
    are in the list (the hits are kept and shown), when the list is empty, or when the budget or
    allocation is short; nothing is locked then.
    """
    row = lock_unless_blocked(pay_list=pay_list, by=by, at=at)
    if row.state != ListState.LOCKED:
        raise Refused("LIST-BLOCKED", blocked_sentence(row))
    return row


@transaction.atomic
def lock_unless_blocked(*, pay_list: PayList, by: User, at: datetime) -> PayList:
    """As lock(), but a list with blocking hits comes back as the draft it still is."""
    row = moves.lock_row(pay_list)
    may_lock(row, by)
    auditing.must_be_sound(budget_id=row.budget_id, at=at)
    if not check_now(pay_list=row, at=at):
        _freeze(row, by, at)
    return row


def may_lock(row: PayList, by: User) -> None:
    """Raises Stale, Refused or NotAllowed when this list is not to be locked by this user now."""
    moves.expect(row, ListState.DRAFT)
    moves.not_while_drawing(row)
    moves.require_right(by, Permission.PAYLIST_PREPARE)


def blocked_sentence(pay_list: PayList) -> str:
    """ "Daftar tidak dapat dikunci: 4 penerima belum lolos pemeriksaan." """
    count = (
        Hit.objects.filter(pay_list=pay_list, severity="block", line__state=LineState.WAITING)
        .values("line")
        .distinct()
        .count()
    )
    return _(
        "Daftar tidak dapat dikunci: %(count)s penerima belum lolos pemeriksaan. Daftar tetap"
        " draf. Perbaiki datanya lalu periksa ulang, atau keluarkan dengan alasan."
    ) % {"count": count}


def _freeze(row: PayList, by: User, at: datetime) -> None:
    sealed = fingerprint(row)
    if not sealed.count:
        raise Refused(
            "LIST-EMPTY", _("Daftar ini kosong, jadi tidak dapat dikunci. Batalkan daftarnya.")
        )
    moves.move(
        pay_list=row,
        to=ListState.LOCKED,
        by=by,
        at=at,
        verb="disbursements.lock_list",
        count=sealed.count,
        total=sealed.total,
        content_hash=sealed.hash,
        locked_at=at,
        locked_by=by,
    )
    if row.kind == ListKind.MAIN:
        _post(row, LedgerKind.RESERVE, by, at)


def _post(row: PayList, kind: LedgerKind, by: User, at: datetime) -> None:
    times = row.moves.filter(new=ListState.LOCKED).count()
    key = f"list:{row.pk}:{kind}"
    if kind in {LedgerKind.RESERVE, LedgerKind.RELEASE}:
        key = f"{key}:{times}"  # a list may be locked again after it was sent back
    elif kind == LedgerKind.SP2D:
        again = row.moves.filter(old=ListState.SP2D, new=ListState.APPROVED).count()
        key = f"{key}:{again + 1}" if again else key  # recorded wrongly and taken back before
    budgets.post(
        kind=kind,
        key=key,
        budget=row.budget,
        allocation=row.allocation,
        amount=row.total,
        by=by,
        at=at,
        subject=row,
        note=row.number,
    )


def _reopen(row: PayList, *, by: User, at: datetime, verb: str, note: str, **fields: Any) -> None:
    if row.kind == ListKind.MAIN:
        _post(row, LedgerKind.RELEASE, by, at)
    moves.move(
        pay_list=row,
        to=ListState.DRAFT,
        by=by,
        at=at,
        verb=verb,
        note=note,
        content_hash="",
        locked_at=None,
        locked_by=None,
        checked_at=None,
        checked_by=None,
        preflight_at=None,
        **fields,
    )


@transaction.atomic
def unlock(*, pay_list: PayList, by: User, at: datetime) -> PayList:
    """Open a locked list again before it is submitted; the reservation is released."""
    moves.not_while_busy(pay_list)
    row = moves.lock_row(pay_list)
    moves.expect(row, ListState.LOCKED)
    moves.require_right(by, Permission.PAYLIST_PREPARE)
    _reopen(row, by=by, at=at, verb="disbursements.unlock_list", note="")
    return row


@transaction.atomic
def submit_for_approval(*, pay_list: PayList, by: User, at: datetime) -> PayList:
    """Hand a locked list to the checker and the approver."""
    moves.not_while_busy(pay_list)
    row = moves.lock_row(pay_list)
    moves.expect(row, ListState.LOCKED)
    return moves.move(
        pay_list=row, to=ListState.AWAITING, by=by, at=at, verb="disbursements.submit_list"
    )


def makers_of(pay_list: PayList) -> set[int | None]:
    """Whoever made, locked, opened or submitted the list in any round is its maker for ever."""
    moved = pay_list.moves.filter(MAKING).values_list("by_id", flat=True)
    return {pay_list.made_by_id, pay_list.locked_by_id, *moved} - {None}


def why_not_check(pay_list: PayList, user: User) -> str:
    """Why this user cannot check the list now; empty when they can."""
    if not user.can(Permission.PAYLIST_CHECK):
        return _("Pemeriksaan dilakukan oleh kepala seksi.")
    if user.pk in makers_of(pay_list):
        return str(words.MAKER_CANNOT_CHECK)
    if pay_list.state != ListState.AWAITING:
        return _("Daftar ini tidak sedang menunggu pemeriksaan.")
    return _("Daftar ini sudah diperiksa.") if pay_list.checked_at else ""


def why_not_approve(pay_list: PayList, user: User) -> str:
    """Why this user cannot approve the list now; empty when they can."""
    if user.pk in makers_of(pay_list):
        return str(words.MAKER_CANNOT_APPROVE)
    if pay_list.checked_by_id is not None and user.pk == pay_list.checked_by_id:
        return str(words.CHECKER_CANNOT_APPROVE)
    if not user.can(Permission.PAYLIST_APPROVE):
        return _("Persetujuan diberikan oleh Kepala Dinas.")
    if pay_list.state != ListState.AWAITING:
        return _("Daftar ini tidak sedang menunggu persetujuan.")
    return "" if pay_list.checked_at else _("Daftar ini belum diperiksa kepala seksi.")


def as_seen(row: PayList, seen_hash: str) -> None:
    """Raises Stale when the list's fingerprint is not the one on the user's page."""
    if not seen_hash or not hmac.compare_digest(seen_hash, row.content_hash):
        raise Stale(
            "LIST-SEEN",
            _(
                "Daftar ini berubah sejak halaman Anda dibuka. Belum ada yang disetujui. Muat"
                " ulang halaman dan lihat lagi isinya."
            ),
        )


def _same_as_seen(row: PayList, seen_hash: str, at: datetime) -> None:
    """The list the user saw is the list as it is, and its lines still give its fingerprint."""
    as_seen(row, seen_hash)
    now = fingerprint(row)
    if (now.hash, now.count, now.total) != (row.content_hash, row.count, row.total):
        raise Refused(
            "LIST-HASH",
            _(
                "Isi daftar tidak lagi sama dengan sidik jarinya. Belum ada yang disetujui."
                " Kembalikan daftar ini dan hubungi petugas TI."
            ),
        )
    changes = changes_since_lock(row, today=day_of(at, row.budget.agency.zone))
    if changes:
        raise Refused(
            "LIST-CHANGED",
            _(
                "Data berubah sesudah daftar dikunci: %(changes)s Belum ada yang disetujui."
                " Kembalikan daftar ini agar disusun ulang."
            )
            % {"changes": " ".join(changes)},
        )


def _sign(row: PayList, step: str, *, agreed: bool, note: str, by: User, at: datetime) -> None:
    Approval.objects.create(
        pay_list=row,
        round=row.round,
        step=step,
        agreed=agreed,
        note=note,
        seen_hash=row.content_hash,
        seen_count=row.count,
        seen_total=row.total,
        at=at,
        by=by,
    )


def may_check(row: PayList, by: User) -> None:
    """Raises Stale or NotAllowed when this user does not check this list now."""
    moves.expect(row, ListState.AWAITING)
    _stop(why_not_check(row, by))


def may_approve(row: PayList, by: User) -> None:
    """Raises Stale or NotAllowed when this user does not approve this list now."""
    moves.expect(row, ListState.AWAITING)
    _stop(why_not_approve(row, by))


@transaction.atomic
def check(*, pay_list: PayList, seen_hash: str, by: User, at: datetime) -> PayList:
    """The checker's signature under what they saw; the list goes on to the approver."""
    row = moves.lock_row(pay_list)
    may_check(row, by)
    _same_as_seen(row, seen_hash, at)
    changed = PayList.objects.filter(
        pk=row.pk, state=ListState.AWAITING, checked_at=None, content_hash=seen_hash
    ).update(checked_at=at, checked_by=by)
    if changed != 1:
        raise moves.stale()
    _sign(row, CHECK, agreed=True, note="", by=by, at=at)
    moves.note_event(
        pay_list=row, verb="disbursements.check_list", by=by, at=at, seen_hash=seen_hash
    )
    row.refresh_from_db()
    return row


@transaction.atomic
def approve(*, pay_list: PayList, seen_hash: str, by: User, at: datetime) -> PayList:
    """The approver's signature: by a third person, under exactly what they saw.

    Raises NotAllowed for maker and checker, Stale for an old page, Refused when the people or
    the decree behind the list changed since it was locked. A follow-up list takes over the SP2D
    of its main list.
    """
    row = moves.lock_row(pay_list)
    may_approve(row, by)
    _same_as_seen(row, seen_hash, at)
    fields: dict[str, Any] = {"approved_at": at, "approved_by": by}
    if row.kind == ListKind.FOLLOW_UP and row.parent is not None:
        fields |= {
            "spm_number": row.parent.spm_number,
            "sp2d_number": row.parent.sp2d_number,
            "sp2d_date": row.parent.sp2d_date,
            "execution_on": _execution_day(row, day_of(at, row.budget.agency.zone), None),
        }
    moves.move(
        pay_list=row,
        to=ListState.APPROVED,
        by=by,
        at=at,
        verb="disbursements.approve_list",
        **fields,
    )
    _sign(row, APPROVE, agreed=True, note="", by=by, at=at)
    return row


def _stop(reason: str) -> None:
    if not reason:
        return
    persons = (words.MAKER_CANNOT_CHECK, words.MAKER_CANNOT_APPROVE, words.CHECKER_CANNOT_APPROVE)
    if reason in map(str, persons):
        reason += " " + _("Tidak ada yang berubah; serahkan kepada pejabat lain yang berwenang.")
    raise NotAllowed("LIST-PERSON", reason)


@transaction.atomic
def send_back(*, pay_list: PayList, note: str, by: User, at: datetime) -> PayList:
    """Return an awaiting list with a reason: it is a draft again, in its next round.

    By whoever may sign now: the checker first, then the approver. The old round stays visible.
    """
    moves.not_while_busy(pay_list)
    row = moves.lock_row(pay_list)
    moves.expect(row, ListState.AWAITING)
    checked = row.checked_at is not None
    _stop(why_not_approve(row, by) if checked else why_not_check(row, by))
    if not note.strip():
        raise BadInput("LIST-NOTE", _("Isi alasan pengembalian."))
    _sign(row, APPROVE if checked else CHECK, agreed=False, note=note.strip(), by=by, at=at)
    _reopen(
        row,
        by=by,
        at=at,
        verb="disbursements.send_back_list",
        note=note.strip(),
        round=row.round + 1,
    )
    return row


@transaction.atomic
def record_sp2d(
    *,
    pay_list: PayList,
    spm_number: str,
    sp2d_number: str,
    sp2d_date: date,
    amount: Decimal,
    by: User,
    at: datetime,
    execution_on: date | None = None,
) -> PayList:
    """Record the SP2D of an approved main list; its amount equals the list to the sen.

    `execution_on` is the day the bank is asked to pay; without it, the first bank day from the
    SP2D's date.

    The reservation becomes money in the treasurer's account. Raises Refused on any difference,
    BadInput on a date in the future, before the approval or outside the budget year.
    """
    moves.not_while_busy(pay_list)
    row = moves.lock_row(pay_list)
    moves.expect(row, ListState.APPROVED)
    if row.kind != ListKind.MAIN:
        raise Refused("SP2D-FOLLOW-UP", _("Daftar susulan dibayar dari SP2D daftar utamanya."))
    if not spm_number.strip() or not sp2d_number.strip():
        raise BadInput("SP2D-NUMBER", _("Isi nomor SPM dan nomor SP2D."))
    if to_sen(amount) != row.total:
        raise Refused(
            "SP2D-AMOUNT",
            _(
                "Jumlah SP2D %(amount)s berbeda %(difference)s dari daftar %(total)s. SP2D belum"
                " dicatat. Periksa surat SP2D-nya."
            )
            % {
                "amount": rupiah(amount),
                "difference": rupiah(abs(to_sen(amount) - row.total)),
                "total": rupiah(row.total),
            },
        )
    check_sp2d_date(row, sp2d_date, at)
    number_is_free(row, sp2d_number.strip())
    # Files of an SP2D that was taken back never left the house: they name it and its day.
    reissuing.withdraw_files(row, by=by, at=at)
    try:
        with transaction.atomic():
            moves.move(
                pay_list=row,
                to=ListState.SP2D,
                by=by,
                at=at,
                verb="disbursements.record_sp2d",
                spm_number=spm_number.strip(),
                sp2d_number=sp2d_number.strip(),
                sp2d_date=sp2d_date,
                sp2d_amount=row.total,
                execution_on=_execution_day(row, sp2d_date, execution_on),
                sp2d_at=at,
                sp2d_by=by,
            )
    except IntegrityError as error:
        raise number_taken() from error
    _post(row, LedgerKind.SP2D, by, at)
    return row


def number_taken() -> Refused:
    """Another list has this SP2D number."""
    return Refused(
        "SP2D-ONCE", _("Nomor SP2D ini sudah dicatat pada daftar lain. Periksa nomornya.")
    )


def number_is_free(row: PayList, number: str) -> None:
    """Raises Refused when another list has the number: within a year an agency's SP2D numbers are
    its own, whichever budget line they pay from. Two who write one number queue at the agency."""
    programme = row.version.programme
    Agency.objects.select_for_update(no_key=True).get(pk=programme.agency_id)
    same = PayList.objects.filter(
        kind=ListKind.MAIN,
        sp2d_number=number,
        version__year=row.version.year,
        version__programme__agency=programme.agency_id,
    )
    if same.exclude(pk=row.pk).exists():
        raise number_taken()


def _execution_day(row: PayList, first: date, asked: date | None) -> date:
    if asked is None:
        return reissuing.first_day(row, first)
    if asked < first:
        raise BadInput(
            "EXECUTION-EARLY",
            _("Tanggal pelaksanaan bank tidak boleh sebelum tanggal SP2D."),
            fields={"execution_on": _("Periksa tanggalnya.")},
        )
    require_bank_day(asked, row.budget.agency)
    return asked


def check_sp2d_date(row: PayList, sp2d_date: date, at: datetime) -> None:
    """Raises BadInput for a date before the approval, after today, or outside the budget year.

    A training installation plays 2026 in any later year too (ADR 0039): a list that was approved
    there after its budget year has no day within it, so there the year is not asked.
    """
    zone = row.budget.agency.zone
    today = day_of(at, zone)
    approved = day_of(row.approved_at, zone) if row.approved_at else today
    if sp2d_date > today or sp2d_date < approved:
        raise BadInput(
            "SP2D-DATE",
            _("Tanggal SP2D harus di antara tanggal persetujuan daftar dan hari ini."),
            fields={"sp2d_date": _("Periksa tanggalnya.")},
        )
    year = row.budget.year
    played_later = settings.TRAINING_MODE and approved.year > year
    if sp2d_date.year != year and not played_later:
        raise BadInput(
            "SP2D-YEAR",
            _(
                "Tanggal SP2D di luar tahun anggaran daftar ini (%(year)s). Tidak ada yang"
                " berubah. Periksa tanggalnya; bila SP2D memang terbit sesudah tahun itu, batalkan"
                " daftarnya dan buat di tahun anggaran yang baru."
            )
            % {"year": year},
            fields={"sp2d_date": _("Periksa tanggalnya.")},
        )


def may_cancel(row: PayList, by: User, reason: str, at: datetime) -> None:
    """Raises Stale, NotAllowed, BadInput or Refused when this user does not give this list up now,
    or not for this reason."""
    moves.expect(row, ListState.DRAFT, ListState.LOCKED, ListState.APPROVED)
    moves.require_right(by, words.MOVES[(ListState(row.state), ListState.CANCELLED)])
    if not reason.strip():
        raise BadInput("LIST-NOTE", _("Isi alasan pembatalan."))
    has_files = row.files.exists() or row.layout_files.exists()
    if has_files and not kept_in_by_limits(row, day_of(at, row.budget.agency.zone)):
        raise Refused(
            "LIST-FILES",
            _(
                "Berkas bank daftar ini sudah dibuat dan mungkin sudah sampai di bank, jadi daftar"
                " tidak dibatalkan. Kirim berkasnya, lalu catat retur bila uangnya kembali."
            ),
        )


@transaction.atomic
def cancel(*, pay_list: PayList, reason: str, by: User, at: datetime) -> PayList:
    """Give up a list before its SP2D: the reservation and the claims on the payees are released."""
    row = moves.lock_row(pay_list)
    may_cancel(row, by, reason, at)
    if row.state != ListState.DRAFT and row.kind == ListKind.MAIN:
        _post(row, LedgerKind.RELEASE, by, at)
    origins = list(
        row.lines.filter(retransfer_of__isnull=False, state=LineState.WAITING).values_list(
            "retransfer_of_id", flat=True
        )
    )
    moves.set_lines(row, [LineState.WAITING, LineState.EXCLUDED], LineState.CANCELLED)
    ReturnCase.objects.filter(line__in=origins, state=ReturnState.IN_FOLLOW_UP).update(
        state=ReturnState.DECIDED
    )
    return moves.move(
        pay_list=row,
        to=ListState.CANCELLED,
        by=by,
        at=at,
        verb="disbursements.cancel_list",
        note=reason.strip(),
        cancelled_at=at,
        cancelled_by=by,
        cancel_reason=reason.strip(),
    )
