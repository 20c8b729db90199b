"""The kept sums of lines: held against the lines, and made anew from them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction

DIFFERENCES = """
SELECT COALESCE(k.pay_list_id, a.pay_list_id), COALESCE(k.place, a.place),
    COALESCE(k.state, a.state), COALESCE(k.lines, 0), COALESCE(a.lines, 0),
    COALESCE(k.amount, 0), COALESCE(a.amount, 0)
FROM disbursements_linesum k
FULL JOIN (
    SELECT pay_list_id, left(area_code, 8) AS place, state, COUNT(*) AS lines,
        SUM(amount) AS amount
    FROM disbursements_paymentline GROUP BY 1, 2, 3
) a ON a.pay_list_id = k.pay_list_id AND a.place = k.place AND a.state = k.state
WHERE COALESCE(k.lines, 0) <> COALESCE(a.lines, 0)
    OR COALESCE(k.amount, 0) <> COALESCE(a.amount, 0)
ORDER BY 1, 2, 3
"""
REBUILD = """
LOCK TABLE disbursements_paymentline IN SHARE MODE;
DELETE FROM disbursements_linesum;
INSERT INTO disbursements_linesum (pay_list_id, place, state, lines, amount)
SELECT pay_list_id, left(area_code, 8), state, COUNT(*), SUM(amount)
FROM disbursements_paymentline GROUP BY 1, 2, 3
"""


@dataclass(frozen=True)
class SumDifference:
    """One list, district and state whose kept sum is not that of its lines."""

    pay_list_id: int
    place: str
    state: str
    kept_lines: int
    lines: int
    kept_amount: Decimal
    amount: Decimal


def differences() -> list[SumDifference]:
    """Every kept sum that differs from the lines, to the rupiah; empty when all agree."""
    with connection.cursor() as db:
        db.execute(DIFFERENCES)
        return [SumDifference(*row) for row in db.fetchall()]


@transaction.atomic
def rebuild() -> None:
    """Make every sum anew from the lines; lines wait meanwhile."""
    with connection.cursor() as db:
        db.execute(REBUILD)
