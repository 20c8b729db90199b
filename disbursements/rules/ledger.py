"""Between which accounts each kind of event moves money, and which running sums it changes."""

from __future__ import annotations

from dataclasses import dataclass

from disbursements.choices import LedgerAccount, LedgerKind

A = LedgerAccount


@dataclass(frozen=True)
class Flow:
    """From one account to another; `figures` are the running sums with their sign."""

    source: LedgerAccount
    target: LedgerAccount
    figures: tuple[tuple[str, int], ...]


# paid is everything SP2D released; delivered and returned are parts of it.
FLOWS: dict[LedgerKind, Flow] = {
    LedgerKind.BUDGET: Flow(A.SOURCE, A.AVAILABLE, (("ceiling", 1),)),
    LedgerKind.BUDGET_CHANGE: Flow(A.SOURCE, A.AVAILABLE, (("ceiling", 1),)),
    LedgerKind.RESERVE: Flow(A.AVAILABLE, A.RESERVED, (("reserved", 1),)),
    LedgerKind.RELEASE: Flow(A.RESERVED, A.AVAILABLE, (("reserved", -1),)),
    LedgerKind.SP2D: Flow(A.RESERVED, A.HOLDING, (("reserved", -1), ("paid", 1))),
    LedgerKind.SETTLE: Flow(A.HOLDING, A.DELIVERED, (("delivered", 1),)),
    LedgerKind.LATE_RETURN: Flow(A.DELIVERED, A.HOLDING, (("delivered", -1),)),
    LedgerKind.PAY_BACK: Flow(A.HOLDING, A.TREASURY, (("returned", 1),)),
    # A mistake goes back by a row of its own, never by changing the old one (I5).
    LedgerKind.UNDO_SETTLE: Flow(A.DELIVERED, A.HOLDING, (("delivered", -1),)),
    LedgerKind.UNDO_LATE: Flow(A.HOLDING, A.DELIVERED, (("delivered", 1),)),
    LedgerKind.UNDO_PAY_BACK: Flow(A.TREASURY, A.HOLDING, (("returned", -1),)),
    LedgerKind.UNDO_SP2D: Flow(A.HOLDING, A.RESERVED, (("reserved", 1), ("paid", -1))),
}
# Changes of the ceiling touch the budget line only; the rest touch the allocation too.
BUDGET_ONLY = frozenset({LedgerKind.BUDGET, LedgerKind.BUDGET_CHANGE})
