"""Kartu kendali: every ledger line of a budget in order, with debit, credit and two balances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, F, OuterRef, Subquery, Sum, Value, When, Window

from bansos.lib.dates import day_of
from bansos.lib.money import MoneyField
from disbursements.choices import LedgerAccount, LedgerKind
from disbursements.models import BudgetLine, LedgerEntry, LedgerEvent, PayList
from disbursements.queries.treasury.subjects import event_words
from disbursements.rules.ledger import FLOWS


def _signs(account: LedgerAccount) -> dict[LedgerKind, int]:
    """By kind of event: 1 when its money comes into the account, -1 when it leaves."""
    found = {
        kind: (flow.target == account) - (flow.source == account) for kind, flow in FLOWS.items()
    }
    return {kind: sign for kind, sign in found.items() if sign}


# Each event moves one of two balances: what is left of the budget, or what the treasurer holds.
LEFT = _signs(LedgerAccount.AVAILABLE)
HELD = _signs(LedgerAccount.HOLDING)
SIGNS = LEFT | HELD
ZERO = Decimal(0)


@dataclass(frozen=True)
class CardLine:
    """One line: `left` is what may still be reserved, `held` what the treasurer holds after it."""

    place: int
    at: datetime
    day: date
    document: str
    words: str
    area_code: str
    debit: Decimal | None
    credit: Decimal | None
    left: Decimal
    held: Decimal
    event: LedgerEvent


@dataclass(frozen=True)
class CardSums:
    """The whole card added up, and whether its ends are the budget's own figures."""

    lines: int
    debit: Decimal
    credit: Decimal
    left: Decimal
    held: Decimal
    agrees: bool


def _signed(signs: dict[LedgerKind, int]) -> Case:
    return Case(
        *(
            When(kind=kind, then=F("moved") if sign > 0 else -F("moved"))
            for kind, sign in signs.items()
        ),
        default=Value(ZERO),
        output_field=MoneyField(),
    )


def with_balance(rows: Any) -> Any:
    """Events with what `moved` and both balances of their budget after them."""
    target = Case(
        *(When(event__kind=kind, then=Value(str(flow.target))) for kind, flow in FLOWS.items())
    )
    leg = LedgerEntry.objects.filter(event=OuterRef("pk"), account=target)
    order: dict[str, Any] = {"partition_by": F("budget"), "order_by": ("at", "pk")}
    return rows.annotate(moved=Subquery(leg.values("amount")[:1])).annotate(
        left=Window(Sum(_signed(LEFT)), **order), held=Window(Sum(_signed(HELD)), **order)
    )


def debit_credit(event: Any) -> tuple[Decimal | None, Decimal | None]:
    """(debit, credit) of an event with `moved`; a lowered ceiling is a credit."""
    amount = event.moved * SIGNS[LedgerKind(event.kind)]
    return (amount, None) if amount >= 0 else (None, -amount)


def card_lines(budget: BudgetLine) -> Iterator[CardLine]:
    """Line by line in order, each with the number of its document."""
    zone: ZoneInfo = budget.agency.zone
    papers = list_papers(budget.pk)
    rows = with_balance(LedgerEvent.objects.filter(budget=budget)).order_by("at", "pk")
    for place, event in enumerate(rows.iterator(chunk_size=1000), start=1):
        debit, credit = debit_credit(event)
        yield CardLine(
            place=place,
            at=event.at,
            day=day_of(event.at, zone),
            document=document_of(event, papers),
            words=event_words(event),
            area_code=event.area_code,
            debit=debit,
            credit=credit,
            left=event.left,
            held=event.held,
            event=event,
        )


def card_sums(budget: BudgetLine) -> CardSums:
    """Added up from the lines themselves, to stand beside the budget's running sums."""
    count, debit, credit, left, held = 0, ZERO, ZERO, ZERO, ZERO
    for line in card_lines(budget):
        count += 1
        debit += line.debit or ZERO
        credit += line.credit or ZERO
        left, held = line.left, line.held
    agrees = (left, held) == (budget.left, budget.holding)
    return CardSums(count, debit, credit, left, held, agrees)


def list_papers(budget_id: int) -> dict[str, PayList]:
    """Lists of a budget by id, as events name them."""
    rows = PayList.objects.filter(budget=budget_id).only("pk", "number", "sp2d_number")
    return {str(row.pk): row for row in rows}


def document_of(event: LedgerEvent, papers: dict[str, PayList]) -> str:
    """The number on the paper behind an event: DPA, SP2D, list or what the note names."""
    found = papers.get(event.subject_id) if event.subject_type == "disbursements.paylist" else None
    if found is None:
        return event.note or event.key
    if event.kind == LedgerKind.SP2D and found.sp2d_number:
        return f"SP2D {found.sp2d_number}"
    return found.number
