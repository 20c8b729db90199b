"""Which rails are open on a day, cheapest first, and what banks are called."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Q

from disbursements.models import Bank, PayList, RailLimit
from disbursements.rules.moves import COUNTED
from disbursements.rules.rails import Limit, by_price
from programs.choices import INTERBANK


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


def paid_on(pay_list: PayList, today: date) -> date:
    """The day the money of a list moves as far as it is known now; never a day that has passed."""
    return max(today, pay_list.execution_on or pay_list.stage.stage_date)


def beyond_limits(pay_list: PayList, *, on: date) -> int:
    """How many payments of a list their own rail does not carry on a day."""
    rails = set(pay_list.stage.version.rails) & set(INTERBANK)
    if not rails:
        return 0
    carried = Q(pk=None)
    for row in limits_on(on):
        fits = Q(rail=row.rail, amount__gte=row.min_amount)
        carried |= fits if row.max_amount is None else fits & Q(amount__lte=row.max_amount)
    lines = pay_list.lines.filter(state__in=COUNTED, rail__in=rails)
    return int(lines.exclude(carried).count())


def bank_names(codes: Sequence[str] | None = None) -> dict[str, str]:
    """Code -> name of the known banks."""
    rows = Bank.objects.all()
    if codes is not None:
        rows = rows.filter(code__in=list(codes))
    return dict(rows.values_list("code", "name"))
