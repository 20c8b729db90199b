"""The choice of a rail: inside the bank if it may be, else the cheapest whose limits fit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from programs.choices import Rail


@dataclass(frozen=True)
class Limit:
    """What an interbank rail carries; an unknown ceiling or fee is None."""

    rail: str
    min_amount: Decimal
    max_amount: Decimal | None
    fee: Decimal | None

    def fits(self, amount: Decimal) -> bool:
        """Both limits included."""
        return self.min_amount <= amount and (self.max_amount is None or amount <= self.max_amount)


def by_price(limits: Iterable[Limit]) -> list[Limit]:
    """The cheapest first, an unknown fee last; same fee: by name, so that the order is one."""
    return sorted(limits, key=lambda row: (row.fee is None, row.fee or Decimal(0), row.rail))


def choose_rail(
    *,
    allowed: Collection[str],
    limits: Sequence[Limit],
    amount: Decimal,
    paying_bank: str,
    bank_code: str,
) -> str:
    """The rail of one payment, "" when none fits. The same rule stands in queries.payto as SQL.

    `limits` come in the order of by_price(); an empty `bank_code` is a payee without account.
    """
    allowed = allowed or [Rail.OVERBOOKING]
    if set(allowed) == {Rail.CASH}:
        return Rail.CASH
    if not bank_code:
        return ""
    if bank_code == paying_bank:
        return Rail.OVERBOOKING if Rail.OVERBOOKING in allowed else ""
    return next((row.rail for row in limits if row.rail in allowed and row.fits(amount)), "")
