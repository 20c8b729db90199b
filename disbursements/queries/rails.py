"""Which rails are open on a day, cheapest first, and what banks are called."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from disbursements.models import Bank, RailLimit
from disbursements.rules.rails import Limit, by_price


def limits_on(on: date) -> list[Limit]:
    """The limits in force on a day, the cheapest rail first; one query."""
    newest: dict[str, RailLimit] = {}
    for row in RailLimit.objects.filter(valid_from__lte=on).order_by("rail", "valid_from"):
        newest[row.rail] = row
    return by_price(
        [
            Limit(row.rail, Decimal(row.min_amount), row.max_amount, row.fee)
            for row in newest.values()
            if row.is_open
        ]
    )


def bank_names(codes: Sequence[str] | None = None) -> dict[str, str]:
    """Code -> name of the known banks."""
    rows = Bank.objects.all()
    if codes is not None:
        rows = rows.filter(code__in=list(codes))
    return dict(rows.values_list("code", "name"))
