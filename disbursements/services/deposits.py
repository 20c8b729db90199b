"""Deposit slips (STS): one paper for one or many returns, to the sen, taken back by two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, Refused, Stale
from bansos.lib.money import rupiah, to_sen
from disbursements.choices import Decision, LedgerKind, ReturnState
from disbursements.models import BudgetLine, PayList, ReturnCase, Sts, StsLine
from disbursements.rules.moves import AWAITS_RESULT
from disbursements.rules.references import sts_words
from disbursements.services import budgets, chains, moves

ZERO = Decimal(0)


@transaction.atomic
def record_deposit(
    *,
    amounts: Mapping[int, Decimal],
    number: str,
    on: date,
    total: Decimal,
    by: User,
    at: datetime,
) -> Sts:
    """Record one deposit slip for the returns named by their case ids, each with its amount.

    All belong to one budget line and wait for their deposit; each amount is the return's to the
    sen and the total is their sum: a refund larger (or smaller) than the return is refused, and
    then nothing is recorded.
    """
    moves.require_right(by, Permission.RETURN_DECIDE)
    cases = _hold(amounts)
    if not number.strip():
        raise BadInput("STS-NUMBER", _("Isi nomor STS."))
    for case in cases:
        _check_case(case, to_sen(amounts[case.pk]), on, at)
    _check_sum(cases, to_sen(total))
    budget: BudgetLine = cases[0].line.pay_list.budget
    slip = _create(budget, number.strip(), on, to_sen(total), by, at)
    for case in cases:
        _deposit(slip, case, by, at)
    audit.record(
        verb="disbursements.record_deposit",
        by=by,
        at=at,
        target=slip,
        sts_number=slip.number,
        amount=slip.amount,
        returns=len(cases),
    )
    _follow([case.line.pay_list for case in cases], by, at)
    return slip


def _hold(amounts: Mapping[int, Decimal]) -> list[ReturnCase]:
    """The cases FOR UPDATE after their lists, main lists first."""
    wanted = ReturnCase.objects.filter(pk__in=amounts).select_related("line__pay_list")
    lists = {case.line.pay_list_id: case.line.pay_list for case in wanted}
    moves.lock_lists(lists.values())
    found = list(
        ReturnCase.objects.select_for_update(of=("self",))
        .select_related("line__pay_list__budget__agency", "line__pay_list__allocation")
        .filter(pk__in=amounts)
        .order_by("pk")
    )
    if not found or len(found) != len(amounts):
        raise BadInput("STS-EMPTY", _("Pilih retur yang disetor."))
    if len({case.line.pay_list.budget_id for case in found}) > 1:
        raise BadInput(
            "STS-BUDGET", _("Satu STS hanya untuk retur dari satu pagu. Pisahkan STS-nya.")
        )
    return found


def _check_case(case: ReturnCase, amount: Decimal, on: date, at: datetime) -> None:
    if case.decision != Decision.TREASURY or case.confirmed_at is None:
        raise Refused(
            "STS-EARLY",
            _("STS dicatat sesudah keputusan setor ke kas daerah disahkan. Tidak ada perubahan."),
        )
    if case.state != ReturnState.DECIDED:
        raise Stale("STS-ONCE", _("STS retur ini sudah dicatat."))
    if amount != case.amount:
        raise Refused(
            "STS-AMOUNT",
            _(
                "Jumlah STS %(amount)s berbeda dari retur %(due)s. STS belum dicatat. Periksa"
                " jumlah pada surat STS-nya."
            )
            % {"amount": rupiah(amount), "due": rupiah(case.amount)},
        )
    if not case.returned_on <= on <= day_of(at, case.line.pay_list.budget.agency.zone):
        raise BadInput("STS-DATE", _("Tanggal STS harus di antara tanggal retur dan hari ini."))


def _check_sum(cases: Sequence[ReturnCase], total: Decimal) -> None:
    due = sum((case.amount for case in cases), ZERO)
    if total != due:
        raise Refused(
            "STS-SUM",
            _(
                "Jumlah pada STS %(total)s berbeda dari jumlah %(count)s retur %(due)s. STS belum"
                " dicatat. Periksa retur yang dipilih."
            )
            % {"total": rupiah(total), "count": len(cases), "due": rupiah(due)},
        )


def _create(
    budget: BudgetLine, number: str, on: date, total: Decimal, by: User, at: datetime
) -> Sts:
    try:
        with transaction.atomic():
            return Sts.objects.create(
                budget=budget,
                area_code=budget.area_code,
                number=number,
                on=on,
                amount=total,
                recorded_at=at,
                recorded_by=by,
            )
    except IntegrityError as error:
        raise Refused(
            "STS-NUMBER-ONCE",
            _("Nomor STS ini sudah dicatat pada pagu ini. Periksa nomornya."),
        ) from error


def _deposit(slip: Sts, case: ReturnCase, by: User, at: datetime) -> None:
    pay_list = case.line.pay_list
    changed = ReturnCase.objects.filter(pk=case.pk, state=ReturnState.DECIDED).update(
        sts_number=slip.number, sts_date=slip.on, sts_amount=case.amount
    )
    if changed != 1:
        raise moves.stale()
    event = budgets.post(
        kind=LedgerKind.PAY_BACK,
        key=f"sts:{slip.pk}:{case.line_id}",
        budget=pay_list.budget,
        allocation=pay_list.allocation,
        amount=case.amount,
        by=by,
        at=at,
        subject=case,
        note=sts_words(slip.number),
    )
    StsLine.objects.create(sts=slip, line=case.line, amount=case.amount, event=event)
    chains.paid_back(line_id=case.line_id, at=at)
    audit.record(
        verb="disbursements.record_sts",
        by=by,
        at=at,
        target=case,
        sts_number=slip.number,
        amount=case.amount,
    )


def _follow(lists: Sequence[PayList], by: User, at: datetime) -> None:
    for pk in sorted({row.pk for row in lists}):
        row = moves.lock_row(PayList(pk=pk))
        moves.follow_lines(pay_list=row, by=by, at=at)
        chains.refresh_parent(pay_list=row, by=by, at=at)


def why_not_reverse(slip: Sts) -> str:
    """Why a deposit slip cannot be taken back; empty when it can."""
    if slip.reversed_at:
        return _("STS ini sudah dibatalkan.")
    closed = [
        line.line.pay_list.number
        for line in slip.lines.select_related("line__pay_list")
        if line.line.pay_list.state not in AWAITS_RESULT
    ]
    if closed:
        return _("Rekonsiliasi daftar %(number)s sudah ditutup, jadi STS-nya tetap.") % {
            "number": closed[0]
        }
    return ""


def reverse_deposit(*, slip: Sts, by: User, at: datetime) -> Sts:
    """Take a wrongly recorded slip back: each return waits for its deposit again.

    Every payment back has its reversing ledger event. Call inside the transaction of a confirmed
    correction. Raises Refused when a list of it is closed.
    """
    lines = list(slip.lines.select_related("line__pay_list", "event"))
    moves.lock_lists({line.line.pay_list_id: line.line.pay_list for line in lines}.values())
    slip = Sts.objects.select_for_update().get(pk=slip.pk)
    reason = why_not_reverse(slip)
    if reason:
        raise Refused("STS-FINAL", reason)
    slip.reversed_at, slip.reversed_by = at, by
    slip.save(update_fields=["reversed_at", "reversed_by"])
    for line in lines:
        _undo(line, by, at)
    _follow([line.line.pay_list for line in lines], by, at)
    return slip


def _undo(deposit: StsLine, by: User, at: datetime) -> None:
    pay_list = moves.lock_row(deposit.line.pay_list)
    case = ReturnCase.objects.select_for_update().get(line=deposit.line_id)
    budgets.post(
        kind=LedgerKind.UNDO_PAY_BACK,
        key=f"undo:{deposit.event.key}",
        budget=pay_list.budget,
        allocation=pay_list.allocation,
        amount=deposit.amount,
        by=by,
        at=at,
        subject=case,
        note=sts_words(deposit.sts.number),
        reverses=deposit.event,
    )
    chains.owed_again(line_id=deposit.line_id, at=at)
    changed = ReturnCase.objects.filter(pk=case.pk, state=ReturnState.DONE).update(
        state=ReturnState.DECIDED, done_at=None, sts_number="", sts_date=None, sts_amount=None
    )
    if changed != 1:
        raise moves.stale()
