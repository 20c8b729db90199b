"""What a bank's word does to one line by the hand of people, and what taking it back restores.

The same states, ledger events and chains as applying a whole file; each with a key of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from disbursements.choices import LedgerKind, LineState, Outcome, ReturnReason, ReturnState
from disbursements.models import DeskDecision, PayList, PaymentLine, ResultRow, ReturnCase
from disbursements.rules.moves import AT_BANK
from disbursements.services import budgets, chains, moves
from disbursements.services.submissions import records


@dataclass(frozen=True)
class Act:
    """Who does what about which line, when; the list is held by the caller."""

    decision: DeskDecision
    pay_list: PayList
    line: PaymentLine
    by: User
    at: datetime

    @property
    def today(self) -> date:
        """The office's day."""
        return day_of(self.at, self.pay_list.budget.agency.zone)

    def post(self, kind: LedgerKind) -> None:
        """The line's amount moves once, with a reason of its own."""
        budgets.post(
            kind=kind,
            key=f"desk:{self.decision.pk}:{kind}",
            budget=self.pay_list.budget,
            allocation=self.pay_list.allocation,
            amount=self.line.amount,
            by=self.by,
            at=self.at,
            subject=self.decision.row,
            note=f"{self.pay_list.number}: {self.line.reference}",
        )

    def move(self, old: tuple[LineState, ...], new: LineState, **fields: object) -> None:
        """Conditional UPDATE of the one line."""
        rows = PaymentLine.objects.filter(pk=self.line.pk, state__in=old)
        if rows.update(state=new, **fields) != 1:
            raise moves.stale()

    def follow(self) -> None:
        """The list and its sisters follow their lines; a submission in doubt did arrive."""
        records.bank_has_answered(pay_list=self.pay_list, by=self.by, at=self.at)
        moves.follow_lines(pay_list=self.pay_list, by=self.by, at=self.at)
        chains.refresh_parent(pay_list=self.pay_list, by=self.by, at=self.at)


def settle(act: Act, day: date | None) -> None:
    """The linked row says delivered."""
    act.move(AT_BANK, LineState.SETTLED, settled_on=_possible(act, day))
    act.post(LedgerKind.SETTLE)
    chains.settled(line_ids=[act.line.pk], at=act.at)
    act.follow()


def come_back(act: Act, reason: ReturnReason, words: str, day: date | None) -> None:
    """The linked row says returned; late when the line was delivered before."""
    late = act.line.state == LineState.SETTLED
    act.move((LineState.SETTLED,) if late else AT_BANK, LineState.RETURNED)
    ReturnCase.objects.create(
        line=act.line,
        area_code=act.line.area_code,
        reason=reason,
        bank_text=words,
        returned_on=_possible(act, day),
        amount=act.line.amount,
        state=ReturnState.OPEN,
    )
    if late:
        act.post(LedgerKind.LATE_RETURN)
        chains.came_back(line_ids=[act.line.pk], at=act.at)
    act.follow()


def _possible(act: Act, day: date | None) -> date:
    """The bank's day when it can be true: not before the sending, not in the future."""
    sent = day_of(act.pay_list.sent_at or act.pay_list.made_at, act.pay_list.budget.agency.zone)
    return day if day is not None and sent <= day <= act.today else act.today


def take_back(act: Act, row: ResultRow) -> dict[str, object]:
    """Undo what a standing row did; gives what it had made, for the record.

    Call after the decision is written as done (the database looks for it). Raises Refused when
    something was built on the match since.
    """
    if row.outcome == Outcome.SETTLED:
        return _unsettle(act)
    return _unreturn(act)


def why_not_take_back(row: ResultRow, line: PaymentLine) -> str:
    """Why a match cannot be taken back now; empty when it can."""
    if row.outcome == Outcome.SETTLED:
        if line.state == LineState.SETTLED:
            return ""
        return _("Pembayaran ini kemudian retur. Batalkan padanan returnya lebih dulu.")
    case = ReturnCase.objects.filter(line=line).first()
    if line.state != LineState.RETURNED or case is None:
        return _(
            "Retur ini sudah dibayar lagi atau disetor, jadi padanannya tidak dapat dibatalkan."
        )
    if case.state not in {ReturnState.OPEN, ReturnState.DECIDED} or case.confirmed_at:
        return _(
            "Keputusan retur ini sudah disahkan. Kembalikan dulu keputusannya di halaman retur,"
            " lalu batalkan padanannya."
        )
    return ""


def _unsettle(act: Act) -> dict[str, object]:
    act.move((LineState.SETTLED,), LineState.UNKNOWN, settled_on=None)
    act.post(LedgerKind.UNDO_SETTLE)
    chains.came_back(line_ids=[act.line.pk], at=act.at)
    act.follow()
    return {"from": str(LineState.SETTLED), "to": str(LineState.UNKNOWN)}


def _unreturn(act: Act) -> dict[str, object]:
    standing = ResultRow.objects.filter(line=act.line, outcome=Outcome.SETTLED).standing()
    late = standing.exists()
    new = LineState.SETTLED if late else LineState.UNKNOWN
    case = ReturnCase.objects.select_for_update().get(line=act.line)
    was = {
        "id": case.pk,
        "reason": case.reason,
        "returned_on": case.returned_on.isoformat(),
        "state": case.state,
        "decision": case.decision,
        "decided_by": case.decided_by_id,
        "new_account": case.new_account_id,
        "heir": case.heir is not None,
    }
    # A return that never was leaves no decision to wait for; what it said stays in the record.
    case.delete()
    act.move((LineState.RETURNED,), new)
    if late:
        act.post(LedgerKind.UNDO_LATE)
        chains.settled(line_ids=[act.line.pk], at=act.at)
    act.follow()
    return {"from": str(LineState.RETURNED), "to": str(new), "case": was}


def must_be_free(line: PaymentLine) -> None:
    """Raises Refused for a line that went on after the bank's word."""
    if line.state not in {*AT_BANK, LineState.SETTLED}:
        raise Refused(
            "DESK-LINE",
            _(
                "Baris bayar ini sekarang %(state)s. Batalkan dulu padanan yang lama, baru tautkan"
                " yang baru. Tidak ada yang berubah."
            )
            % {"state": line.get_state_display()},
        )
