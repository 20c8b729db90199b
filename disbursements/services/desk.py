"""What people say about bank rows: set aside, linked by two, a match taken back by a new record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import Agency, User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.lib.money import rupiah
from bansos.lib.scopes import covers
from disbursements.choices import (
    AsideReason,
    DeskAct,
    Outcome,
    ResultState,
    ReturnReason,
    RowState,
)
from disbursements.models import BankDay, DeskDecision, PayList, PaymentLine, ResultRow
from disbursements.rules.agreement import agreement
from disbursements.rules.matching import RUPIAH
from disbursements.rules.moves import AT_BANK, AWAITS_RESULT
from disbursements.services import effects, moves
from disbursements.services.effects import Act
from programs.choices import Rail

PROVINCE = 2


def _may(by: User, row: ResultRow) -> None:
    moves.require_right(by, Permission.BANK_RESULT)
    if not covers(by.area_code, row.result.area_code):
        raise NotAllowed("DESK-AREA", _("Baris ini di luar wilayah Anda."))


def _hold(row: ResultRow) -> ResultRow:
    """The row FOR UPDATE with its file, so that two answers about it follow each other."""
    found: ResultRow = (
        ResultRow.objects.select_for_update(of=("self",))
        .select_related("result", "line__pay_list", "origin")
        .get(pk=row.pk)
    )
    return found


def _only_open(row: ResultRow) -> None:
    if not ResultRow.objects.open().filter(pk=row.pk).exists():
        raise Stale("DESK-DONE", _("Baris ini sudah diselesaikan. Tidak ada yang berubah."))
    _no_question(row)


def _no_question(row: ResultRow) -> None:
    if row.decisions.filter(done_at=None, refused_at=None).exists():
        raise Refused(
            "DESK-WAITS",
            _("Baris ini menunggu pengesahan orang kedua. Tidak ada yang berubah."),
        )


def agency_of(area_code: str) -> Agency:
    """The office of a region; every region has one."""
    found: Agency = Agency.objects.get(area_code=area_code[:PROVINCE])
    return found


def is_closed(area_code: str, moment: datetime | None) -> bool:
    """What happened at this moment lies before the last closing of a day."""
    closed = BankDay.objects.filter(agency__area_code=area_code[:PROVINCE])
    return moment is not None and closed.filter(closed_at__gte=moment).exists()


def matched_at(row: ResultRow) -> datetime | None:
    """When an applied row took effect: its file was applied, or its link confirmed."""
    if row.origin_id is None:
        moment: datetime | None = row.result.applied_at
        return moment
    return DeskDecision.objects.get(made_row=row).done_at


@transaction.atomic
def set_aside(
    *, row: ResultRow, reason: AsideReason, note: str, by: User, at: datetime
) -> DeskDecision:
    """An open row is no payment, or says nothing new: with a coded reason, by one person.

    It moves no money and may be taken back by undo_aside().
    """
    row = _hold(row)
    _may(by, row)
    _only_open(row)
    if reason == AsideReason.OTHER and not note.strip():
        raise BadInput("DESK-NOTE", _("Isi alasannya."))
    decision = DeskDecision.objects.create(
        row=row,
        act=DeskAct.ASIDE,
        area_code=row.result.area_code,
        aside_reason=reason,
        note=note.strip()[:250],
        two_person=False,
        decided_at=at,
        decided_by=by,
        done_at=at,
    )
    _tell("disbursements.desk_aside", decision, by, at)
    return decision


@transaction.atomic
def set_aside_alike(
    *, row: ResultRow, reason: AsideReason, note: str, by: User, at: datetime
) -> int:
    """Set aside every open row of the same file with the same cause; how many."""
    _may(by, row)
    asked = DeskDecision.objects.filter(done_at=None, refused_at=None)
    alike = ResultRow.objects.open().filter(result=row.result, quarantine_code=row.quarantine_code)
    rows = list(alike.exclude(pk__in=asked.values("row")).order_by("pk"))
    for found in rows:
        set_aside(row=found, reason=reason, note=note, by=by, at=at)
    return len(rows)


def _tell(verb: str, decision: DeskDecision, by: User, at: datetime, **more: Any) -> None:
    audit.record(
        verb=verb,
        by=by,
        at=at,
        target=decision.row,
        reason=decision.note,
        decision=decision.pk,
        act=decision.act,
        aside=decision.aside_reason,
        line=decision.line_id,
        outcome=decision.outcome,
        facts=decision.facts,
        **more,
    )


@transaction.atomic
def propose_link(
    *,
    row: ResultRow,
    line: PaymentLine,
    outcome: Outcome,
    return_reason: ReturnReason | None,
    note: str,
    by: User,
    at: datetime,
) -> DeskDecision:
    """Say that a bank row is about this line; nothing moves before a second person agrees.

    The question hangs on the bank's own row, also when a match made of it is named: so one row of
    the bank never settles two lines. Raises Refused unless the amount is the line's to the sen,
    BadInput without a reason.
    """
    row = _hold(row.origin or row)
    _may(by, row)
    _linkable(row)
    line = PaymentLine.objects.select_related("pay_list").get(pk=line.pk)
    _fits(row, line, outcome, by)
    if not note.strip():
        raise BadInput("DESK-NOTE", _("Isi alasan penautan: dari mana Anda tahu."))
    reason = return_reason or row.reason or None
    if outcome == Outcome.RETURNED and reason is None:
        raise BadInput("DESK-REASON", _("Pilih sebab retur."))
    found = agreement(row, line)
    decision = DeskDecision.objects.create(
        row=row,
        act=DeskAct.LINK,
        line=line,
        area_code=line.pay_list.area_code,
        outcome=outcome,
        return_reason=reason if outcome == Outcome.RETURNED else "",
        note=note.strip()[:250],
        facts={"same": list(found.same), "different": list(found.different)},
        decided_at=at,
        decided_by=by,
    )
    _tell("disbursements.desk_link", decision, by, at)
    return decision


def _linkable(row: ResultRow) -> None:
    """An open row, or a match that was taken back and nobody linked again."""
    taken_back = ResultRow.objects.filter(pk=row.pk).taken_back().exists()
    if row.state == RowState.APPLIED and taken_back:
        if row.linked.standing().exists():
            raise Stale("DESK-DONE", _("Baris ini sudah ditautkan lagi. Tidak ada yang berubah."))
        _no_question(row)
        return
    _only_open(row)


def _fits(row: ResultRow, line: PaymentLine, outcome: Outcome, by: User) -> None:
    if not covers(by.area_code, line.area_code):
        raise NotAllowed("DESK-AREA", _("Baris bayar ini di luar wilayah Anda."))
    if row.outcome and row.outcome != outcome:
        raise Refused(
            "DESK-OUTCOME",
            _("Bank menyebut baris ini %(told)s; itu tidak dapat diganti. Tidak ada yang berubah.")
            % {"told": row.get_outcome_display()},
        )
    if row.currency != RUPIAH or row.amount != line.amount:
        raise Refused(
            "DESK-AMOUNT",
            _(
                "Jumlah dari bank %(bank)s, jumlah baris bayar %(line)s. Baris yang berbeda jumlah"
                " tidak ditautkan; minta bank memperbaiki, lalu sisihkan baris ini."
            )
            % {"bank": rupiah(row.amount or 0), "line": rupiah(line.amount)},
        )
    if line.rail == Rail.CASH:
        raise Refused(
            "DESK-CASH",
            _("Pembayaran ini tunai di loket, jadi tidak ditautkan ke baris bank."),
        )
    if line.pay_list.state not in AWAITS_RESULT:
        raise Refused(
            "DESK-LIST",
            _("Daftar %(number)s %(state)s, jadi tidak menerima jawaban bank lagi.")
            % {"number": line.pay_list.number, "state": line.pay_list.get_state_display()},
        )
    effects.must_be_free(line)
    told = ResultRow.objects.filter(line=line, outcome=outcome).standing()
    if told.exists() or (outcome == Outcome.SETTLED and line.state not in AT_BANK):
        raise Refused(
            "DESK-TOLD",
            _("Baris bayar ini sudah punya padanan itu dari bank. Tidak ada yang berubah."),
        )


@transaction.atomic
def undo_match(*, row: ResultRow, note: str, by: User, at: datetime) -> DeskDecision:
    """Take a match back by a new record: at once while its day is open, else with a second person.

    Line, money, return and chain go back to what they were. Raises Refused when something was
    built on the match since.
    """
    row = _hold(row)
    _may(by, row)
    line = _standing_line(row)
    if not note.strip():
        raise BadInput("DESK-NOTE", _("Isi alasan pembatalan padanan."))
    pay_list = moves.lock_family(line.pay_list)
    office = agency_of(pay_list.area_code)
    # The day's lock, not one that waits for rows that only point at the agency.
    Agency.objects.select_for_update(no_key=True).get(pk=office.pk)
    late = is_closed(pay_list.area_code, matched_at(row))
    _check_undo(row, pay_list)
    decision = DeskDecision.objects.create(
        row=row,
        act=DeskAct.UNDO,
        line=line,
        undoes=DeskDecision.objects.filter(made_row=row).first(),
        area_code=pay_list.area_code,
        outcome=row.outcome,
        note=note.strip()[:250],
        two_person=late,
        decided_at=at,
        decided_by=by,
        done_at=None if late else at,
    )
    if late:
        _tell("disbursements.desk_undo", decision, by, at)
    else:
        _take_back(decision, pay_list, by, at)
    return decision


def _standing_line(row: ResultRow) -> PaymentLine:
    standing = ResultRow.objects.filter(pk=row.pk).standing().exists()
    if not standing or row.line is None:
        raise Stale("DESK-UNDONE", _("Padanan ini sudah dibatalkan. Tidak ada yang berubah."))
    _no_question(row)
    if row.result.state != ResultState.APPLIED:
        raise Refused("DESK-RUNNING", _("Berkas ini masih diterapkan. Tunggu sampai selesai."))
    found: PaymentLine = row.line
    return found


def _check_undo(row: ResultRow, pay_list: PayList) -> PaymentLine:
    if pay_list.state not in AWAITS_RESULT:
        raise Refused(
            "DESK-LIST",
            _("Daftar %(number)s %(state)s, jadi padanannya tidak dapat dibatalkan lagi.")
            % {"number": pay_list.number, "state": pay_list.get_state_display()},
        )
    line: PaymentLine = PaymentLine.objects.select_for_update().get(pk=row.line_id)
    reason = effects.why_not_take_back(row, line)
    if reason:
        raise Refused("DESK-BUILT", reason)
    return line


def _take_back(decision: DeskDecision, pay_list: PayList, by: User, at: datetime) -> None:
    line = _check_undo(decision.row, pay_list)
    made = effects.take_back(Act(decision, pay_list, line, by, at), decision.row)
    _tell("disbursements.desk_undo", decision, by, at, made=made)


@transaction.atomic
def undo_aside(*, decision: DeskDecision, note: str, by: User, at: datetime) -> DeskDecision:
    """Open a row again that was set aside; after the day was closed a second person agrees."""
    row = _hold(decision.row)
    _may(by, row)
    undone = DeskDecision.objects.filter(undoes=decision.pk, done_at__isnull=False)
    current = (
        DeskDecision.objects.filter(pk=decision.pk, act=DeskAct.ASIDE, done_at__isnull=False)
        .exclude(pk__in=undone.values("undoes"))
        .first()
    )
    if current is None:
        raise Stale("DESK-UNDONE", _("Baris ini sudah dibuka lagi. Tidak ada yang berubah."))
    _no_question(row)
    if not note.strip():
        raise BadInput("DESK-NOTE", _("Isi alasan membuka lagi baris ini."))
    late = is_closed(row.result.area_code, current.done_at)
    undo = DeskDecision.objects.create(
        row=row,
        act=DeskAct.UNDO,
        undoes=current,
        area_code=row.result.area_code,
        note=note.strip()[:250],
        two_person=late,
        decided_at=at,
        decided_by=by,
        done_at=None if late else at,
    )
    _tell("disbursements.desk_undo", undo, by, at)
    return undo


def why_not_confirm(decision: DeskDecision, user: User) -> str:
    """Why this user cannot answer the question; empty when they can."""
    if decision.done_at or decision.refused_at:
        return _("Pertanyaan ini sudah dijawab.")
    if decision.decided_by_id == user.pk:
        return _("Anda yang mengajukan, jadi orang lain yang mengesahkan.")
    if not user.can(Permission.RETURN_CONFIRM):
        return _("Disahkan oleh kepala seksi.")
    return ""


@transaction.atomic
def answer(*, decision: DeskDecision, agreed: bool, by: User, at: datetime) -> DeskDecision:
    """The second person's word; agreed, it takes effect in the same transaction.

    Raises NotAllowed for who proposed it, Refused when the line or list went on meanwhile.
    """
    row = _hold(decision.row)
    found: DeskDecision = DeskDecision.objects.select_for_update().get(pk=decision.pk)
    found.row = row
    reason = why_not_confirm(found, by)
    if reason:
        raise NotAllowed("DESK-PERSON", reason)
    if not covers(by.area_code, found.area_code):
        raise NotAllowed("DESK-AREA", _("Baris ini di luar wilayah Anda."))
    if not agreed:
        found.refused_at, found.refused_by = at, by
        found.save(update_fields=["refused_at", "refused_by"])
    else:
        DOES[DeskAct(found.act)](found, by, at)
    _tell("disbursements.desk_answer", found, by, at)
    return found


def _confirmed(decision: DeskDecision, by: User, at: datetime, **fields: object) -> None:
    named = {"confirmed_at": at, "confirmed_by": by, "done_at": at} | fields
    for name, value in named.items():
        setattr(decision, name, value)
    decision.save(update_fields=list(named))


def _do_link(decision: DeskDecision, by: User, at: datetime) -> None:
    row, old = decision.row, decision.line
    if old is None:
        raise ValueError("A link names its line.")
    pay_list = moves.lock_family(old.pay_list)
    line = PaymentLine.objects.select_for_update().get(pk=old.pk)
    line.pay_list = pay_list
    outcome = Outcome(decision.outcome)
    _fits(row, line, outcome, by)
    undone = ResultRow.objects.filter(line=line, outcome=outcome).taken_back().distinct()
    made = ResultRow.objects.create(
        result=row.result,
        row_number=row.row_number,
        reference=row.reference,
        amount=row.amount,
        account_index=row.account_index,
        name=row.name,
        outcome=outcome,
        reason=decision.return_reason,
        bank_text=row.bank_text,
        bank_date=row.bank_date,
        bank_reference=row.bank_reference,
        currency=row.currency,
        reason_code=row.reason_code,
        state=RowState.APPLIED,
        origin=row,
        round=undone.count(),
        line=line,
    )
    _confirmed(decision, by, at, made_row=made)
    act = Act(decision, pay_list, line, by, at)
    if outcome == Outcome.SETTLED:
        effects.settle(act, row.bank_date)
    else:
        reason = ReturnReason(decision.return_reason)
        effects.come_back(act, reason, row.bank_text, row.bank_date)


def _do_undo(decision: DeskDecision, by: User, at: datetime) -> None:
    if decision.line is None:
        _confirmed(decision, by, at)
        return
    pay_list = moves.lock_family(decision.line.pay_list)
    _check_undo(decision.row, pay_list)
    _confirmed(decision, by, at)
    _take_back(decision, pay_list, by, at)


DOES: dict[DeskAct, Callable[[DeskDecision, User, datetime], None]] = {
    DeskAct.LINK: _do_link,
    DeskAct.UNDO: _do_undo,
}
