"""What treasurers keep: deposit slips against returns and ledger, and years that are closed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from disbursements.queries.audit.checks import Check

SUMS = """
SELECT s.area_code, 'STS ' || s.number, s.amount, COALESCE(sum(x.amount), 0)
FROM disbursements_sts s LEFT JOIN disbursements_stsline x ON x.sts_id = s.id
GROUP BY s.id HAVING s.amount <> COALESCE(sum(x.amount), 0)
"""
# A return says it was deposited by the slip that names it, and by no other; none says it alone.
NAMED = """
WITH live AS (
    SELECT x.line_id, x.amount, s.number, s.on, s.area_code
    FROM disbursements_stsline x JOIN disbursements_sts s ON s.id = x.sts_id
    WHERE s.reversed_at IS NULL
)
SELECT COALESCE(c.area_code, live.area_code), 'STS ' || COALESCE(live.number, c.sts_number),
       concat_ws(' ', live.number, live.on, live.amount),
       concat_ws(' ', c.sts_number, c.sts_date, c.sts_amount)
FROM live FULL JOIN (SELECT * FROM disbursements_returncase WHERE sts_number <> '') c
    ON c.line_id = live.line_id
WHERE (live.number, live.on, live.amount)
      IS DISTINCT FROM (c.sts_number, c.sts_date, c.sts_amount)
"""
BOOKED = """
SELECT s.area_code, 'STS ' || s.number,
       concat_ws(' ', 'pay_back', x.amount, CASE WHEN s.reversed_at IS NOT NULL THEN 'undo' END),
       concat_ws(' ', e.kind, g.amount, CASE WHEN u.id IS NOT NULL THEN 'undo' END)
FROM disbursements_stsline x
JOIN disbursements_sts s ON s.id = x.sts_id
LEFT JOIN disbursements_ledgerevent e ON e.id = x.event_id
LEFT JOIN disbursements_ledgerevent u ON u.reverses_id = e.id
LEFT JOIN LATERAL (SELECT max(abs(amount)) AS amount FROM disbursements_ledgerentry
    WHERE event_id = e.id) g ON true
WHERE e.kind IS DISTINCT FROM 'pay_back' OR e.budget_id <> s.budget_id
   OR g.amount IS DISTINCT FROM x.amount OR (u.id IS NOT NULL) <> (s.reversed_at IS NOT NULL)
"""
TOLD = """
SELECT s.area_code, 'STS ' || s.number, 'disbursements.record_deposit', NULL
FROM disbursements_sts s WHERE NOT EXISTS (
    SELECT 1 FROM audit_event e WHERE e.target_type = 'disbursements.sts'
    AND e.target_id = s.id::text AND e.verb = 'disbursements.record_deposit'
    AND e.at = s.recorded_at AND e.actor_id = s.recorded_by_id)
"""
# The ledger of a closed year has nothing behind the moment of its closing.
CLOSED = """
SELECT e.area_code, 'tahun ' || y.year || ', ' || e.key, y.closed_at, e.at
FROM disbursements_fiscalyear y
JOIN disbursements_budgetline b ON b.agency_id = y.agency_id AND b.year = y.year
JOIN disbursements_ledgerevent e ON e.budget_id = b.id
WHERE e.at > y.closed_at
"""
YEAR_HANDS = """
SELECT y.area_code, 'tahun ' || y.year, 'dua orang', y.asked_by_id || '/' || y.closed_by_id
FROM disbursements_fiscalyear y
WHERE y.closed_at IS NOT NULL AND (y.asked_by_id IS NULL OR y.asked_by_id = y.closed_by_id)
"""

CHECKS = (
    Check("I3", "sts_sums", _("Jumlah STS bukan jumlah retur di dalamnya"), SUMS),
    Check("I11", "sts_named", _("Retur dan STS tidak saling menyebut"), NAMED),
    Check("I5", "sts_booked", _("STS tidak sama dengan kartu kendalinya"), BOOKED),
    Check("I12", "sts_told", _("STS tanpa jejak audit"), TOLD),
    Check("I5", "year_closed", _("Uang bergerak sesudah tahun anggaran ditutup"), CLOSED),
    Check("I10", "year_hands", _("Tahun anggaran ditutup oleh satu orang"), YEAR_HANDS),
)
