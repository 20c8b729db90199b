"""The kept sums of lines: held against the lines, and made anew from them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction

# Both kept tables against one reading of the lines; a place without a district counts in both.
DIFFERENCES = """
WITH counted AS MATERIALIZED (
    SELECT pay_list_id, left(area_code, 8) AS place, state, COUNT(*) AS lines,
        SUM(amount) AS amount
    FROM disbursements_paymentline GROUP BY 1, 2, 3
), added AS (
    SELECT 'kecamatan' AS level, pay_list_id, place, state, lines, amount FROM counted
    UNION ALL
    SELECT 'kabupaten', pay_list_id, left(place, 5), state, SUM(lines), SUM(amount)
    FROM counted GROUP BY 2, 3, 4
), kept AS (
    SELECT 'kecamatan' AS level, pay_list_id, place, state, lines, amount
    FROM disbursements_linesum
    UNION ALL
    SELECT 'kabupaten', pay_list_id, place, state, lines, amount FROM disbursements_regencysum
)
SELECT level, pay_list_id, place, state, COALESCE(k.lines, 0), COALESCE(a.lines, 0),
    COALESCE(k.amount, 0), COALESCE(a.amount, 0)
FROM kept k FULL JOIN added a USING (level, pay_list_id, place, state)
WHERE COALESCE(k.lines, 0) <> COALESCE(a.lines, 0)
    OR COALESCE(k.amount, 0) <> COALESCE(a.amount, 0)
ORDER BY 2, 3, 4, 1
"""
REBUILD = """
LOCK TABLE disbursements_paymentline IN SHARE MODE;
DELETE FROM disbursements_linesum;
INSERT INTO disbursements_linesum (pay_list_id, place, state, lines, amount)
SELECT pay_list_id, left(area_code, 8), state, COUNT(*), SUM(amount)
FROM disbursements_paymentline GROUP BY 1, 2, 3;
DELETE FROM disbursements_regencysum;
INSERT INTO disbursements_regencysum (pay_list_id, place, state, lines, amount)
SELECT pay_list_id, left(place, 5), state, SUM(lines), SUM(amount)
FROM disbursements_linesum GROUP BY 1, 2, 3
"""


@dataclass(frozen=True)
class SumDifference:
    """One list, place and state whose kept sum is not that of its lines; `level` of the place."""

    level: str
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
