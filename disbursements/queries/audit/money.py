"""I1 and I5: budget lines, allocations and the ledger, each derived from the others."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from disbursements.queries.audit.checks import Check

CEILING = """
SELECT b.area_code, b.dpa_number, COALESCE(-s.total, 0), b.ceiling
FROM disbursements_budgetline b
LEFT JOIN (
    SELECT e.budget_id, sum(g.amount) AS total
    FROM disbursements_ledgerentry g JOIN disbursements_ledgerevent e ON e.id = g.event_id
    WHERE g.account = 'source' GROUP BY e.budget_id
) s ON s.budget_id = b.id
WHERE b.ceiling <> COALESCE(-s.total, 0) AND SCOPE(b.id)
"""
OVERSPENT = """
SELECT b.area_code, b.dpa_number, b.ceiling, b.reserved + b.paid
FROM disbursements_budgetline b
WHERE (b.reserved + b.paid > b.ceiling OR b.allocated > b.ceiling
       OR b.paid < b.delivered + b.returned
       OR least(b.reserved, b.paid, b.delivered, b.returned, b.allocated) < 0)
  AND SCOPE(b.id)
"""
SHARE_OVERSPENT = """
SELECT a.area_code, b.dpa_number || ' ' || a.area_code, a.amount, a.reserved + a.paid
FROM disbursements_allocation a JOIN disbursements_budgetline b ON b.id = a.budget_id
WHERE (a.reserved + a.paid > a.amount OR a.paid < a.delivered + a.returned
       OR least(a.reserved, a.paid, a.delivered, a.returned) < 0)
  AND SCOPE(a.budget_id)
"""
SHARES = """
SELECT b.area_code, b.dpa_number || ' ' || f.name, f.shares, f.own
FROM disbursements_budgetline b
LEFT JOIN (
    SELECT budget_id, sum(amount) AS amount, sum(reserved) AS reserved, sum(paid) AS paid,
           sum(delivered) AS delivered, sum(returned) AS returned
    FROM disbursements_allocation GROUP BY budget_id
) s ON s.budget_id = b.id,
LATERAL (VALUES
    ('alokasi', COALESCE(s.amount, 0), b.allocated),
    ('terikat', COALESCE(s.reserved, 0), b.reserved),
    ('cair', COALESCE(s.paid, 0), b.paid),
    ('tersalur', COALESCE(s.delivered, 0), b.delivered),
    ('kembali', COALESCE(s.returned, 0), b.returned)
) AS f(name, shares, own)
WHERE f.shares <> f.own AND SCOPE(b.id)
"""
# What the trail says about each share: the last word of the last act that set it.
SHARE_TOLD = """
WITH told AS (
    SELECT DISTINCT ON (e.target_id, c.key) e.target_id, c.key AS code,
           (c.value ->> 1)::numeric AS amount
    FROM audit_event e, LATERAL jsonb_each(e.data -> 'changed') c
    WHERE e.verb = 'disbursements.allocate' AND e.target_type = 'disbursements.budgetline'
    ORDER BY e.target_id, c.key, e.id DESC
), kept AS (
    SELECT a.budget_id::text AS target_id, a.area_code AS code, a.amount
    FROM disbursements_allocation a
)
SELECT COALESCE(k.code, t.code), COALESCE(b.dpa_number, '') || ' ' || COALESCE(k.code, t.code),
       t.amount, k.amount
FROM told t FULL JOIN kept k ON k.target_id = t.target_id AND k.code = t.code
LEFT JOIN disbursements_budgetline b ON b.id::text = COALESCE(k.target_id, t.target_id)
WHERE COALESCE(t.amount, 0) <> COALESCE(k.amount, 0) AND SCOPE(b.id)
"""
# Between which accounts each kind of event moves money; written down here once more on purpose.
LEGS = """
WITH flow(kind, source, target) AS (VALUES
    ('budget', 'source', 'available'), ('budget_change', 'source', 'available'),
    ('reserve', 'available', 'reserved'), ('release', 'reserved', 'available'),
    ('sp2d', 'reserved', 'holding'), ('settle', 'holding', 'delivered'),
    ('late_return', 'delivered', 'holding'), ('pay_back', 'holding', 'treasury'),
    ('undo_settle', 'delivered', 'holding'), ('undo_late', 'holding', 'delivered'),
    ('undo_pay_back', 'treasury', 'holding'), ('undo_sp2d', 'holding', 'reserved')
)
SELECT e.area_code, e.key, max(f.source) || ' > ' || max(f.target),
       string_agg(g.account || ' ' || g.amount, ', ' ORDER BY g.account)
FROM disbursements_ledgerevent e
LEFT JOIN disbursements_ledgerentry g ON g.event_id = e.id
LEFT JOIN flow f ON f.kind = e.kind
WHERE SCOPE(e.budget_id)
GROUP BY e.id, e.area_code, e.key, e.kind
HAVING count(g.id) <> 2 OR sum(g.amount) <> 0
    OR count(*) FILTER (WHERE g.account = f.source) <> 1
    OR count(*) FILTER (WHERE g.account = f.target) <> 1
    OR e.kind <> 'budget_change' AND sum(g.amount) FILTER (WHERE g.account = f.target) <= 0
"""
LOST_LEGS = """
SELECT '', 'kaki ' || g.id, 'mutasi ' || g.event_id, NULL
FROM disbursements_ledgerentry g
LEFT JOIN disbursements_ledgerevent e ON e.id = g.event_id WHERE e.id IS NULL
"""
FIGURES = """
SELECT b.area_code, b.dpa_number || ' ' || f.name, COALESCE(s.total, 0), f.own
FROM disbursements_budgetline b
CROSS JOIN LATERAL (VALUES
    ('reserved', b.reserved), ('holding', b.paid - b.delivered - b.returned),
    ('delivered', b.delivered), ('treasury', b.returned)
) AS f(name, own)
LEFT JOIN (
    SELECT e.budget_id, g.account, sum(g.amount) AS total
    FROM disbursements_ledgerentry g JOIN disbursements_ledgerevent e ON e.id = g.event_id
    GROUP BY e.budget_id, g.account
) s ON s.budget_id = b.id AND s.account = f.name
WHERE COALESCE(s.total, 0) <> f.own AND SCOPE(b.id)
"""
SHARE_FIGURES = """
SELECT a.area_code, b.dpa_number || ' ' || a.area_code || ' ' || f.name, COALESCE(s.total, 0), f.own
FROM disbursements_allocation a
JOIN disbursements_budgetline b ON b.id = a.budget_id
CROSS JOIN LATERAL (VALUES
    ('reserved', a.reserved), ('holding', a.paid - a.delivered - a.returned),
    ('delivered', a.delivered), ('treasury', a.returned)
) AS f(name, own)
LEFT JOIN (
    SELECT e.allocation_id, g.account, sum(g.amount) AS total
    FROM disbursements_ledgerentry g JOIN disbursements_ledgerevent e ON e.id = g.event_id
    GROUP BY e.allocation_id, g.account
) s ON s.allocation_id = a.id AND s.account = f.name
WHERE COALESCE(s.total, 0) <> f.own AND SCOPE(a.budget_id)
"""
KEYS = """
SELECT min(e.area_code), e.key, 1, count(*)
FROM disbursements_ledgerevent e WHERE SCOPE(e.budget_id)
GROUP BY e.key HAVING count(*) > 1
"""
# Every movement belongs to a record, and to the budget line and allocation of that record.
EXPLAINED = """
SELECT e.area_code, e.key,
       COALESCE(p.allocation_id, rp.allocation_id, cp.allocation_id, dp.allocation_id,
           e.budget_id),
       COALESCE(e.allocation_id, e.budget_id)
FROM disbursements_ledgerevent e
LEFT JOIN disbursements_budgetline b
    ON e.subject_type = 'disbursements.budgetline' AND b.id::text = e.subject_id
LEFT JOIN disbursements_paylist p
    ON e.subject_type = 'disbursements.paylist' AND p.id::text = e.subject_id
LEFT JOIN disbursements_resultfile r
    ON e.subject_type = 'disbursements.resultfile' AND r.id::text = e.subject_id
LEFT JOIN disbursements_paylist rp ON rp.id = r.pay_list_id
LEFT JOIN disbursements_returncase c
    ON e.subject_type = 'disbursements.returncase' AND c.id::text = e.subject_id
LEFT JOIN disbursements_paymentline cl ON cl.id = c.line_id
LEFT JOIN disbursements_paylist cp ON cp.id = cl.pay_list_id
LEFT JOIN disbursements_ledgerevent v ON v.id = e.reverses_id
LEFT JOIN disbursements_deskdecision d ON e.subject_type = 'disbursements.resultrow'
    AND e.key = 'desk:' || d.id || ':' || e.kind AND d.row_id::text = e.subject_id
    AND d.done_at IS NOT NULL
LEFT JOIN disbursements_paymentline dl ON dl.id = d.line_id
LEFT JOIN disbursements_paylist dp ON dp.id = dl.pay_list_id
LEFT JOIN disbursements_cashreceipt kr
    ON e.subject_type = 'disbursements.cashreceipt' AND kr.id::text = e.subject_id
LEFT JOIN disbursements_cashregister kg
    ON e.subject_type = 'disbursements.cashregister' AND kg.id::text = e.subject_id
LEFT JOIN disbursements_cashcounter kc ON kc.id = COALESCE(kr.counter_id, kg.counter_id)
LEFT JOIN disbursements_paylist kp ON kp.id = kc.pay_list_id
WHERE SCOPE(e.budget_id) AND CASE
    WHEN e.subject_type IN ('disbursements.cashreceipt', 'disbursements.cashregister')
        THEN e.kind NOT IN ('settle', 'undo_settle')
            OR (kp.budget_id, kp.allocation_id) IS DISTINCT FROM (e.budget_id, e.allocation_id)
    WHEN e.subject_type = 'disbursements.resultrow' OR e.kind IN ('undo_settle', 'undo_late')
        THEN (dp.budget_id, dp.allocation_id) IS DISTINCT FROM (e.budget_id, e.allocation_id)
    WHEN e.kind IN ('undo_pay_back', 'undo_sp2d')
        THEN ('undo_' || v.kind, v.budget_id, v.allocation_id)
             IS DISTINCT FROM (e.kind, e.budget_id, e.allocation_id)
    WHEN e.kind IN ('budget', 'budget_change') THEN b.id IS DISTINCT FROM e.budget_id
    WHEN e.kind IN ('reserve', 'release', 'sp2d')
        THEN (p.budget_id, p.allocation_id) IS DISTINCT FROM (e.budget_id, e.allocation_id)
    WHEN e.kind IN ('settle', 'late_return')
        THEN (rp.budget_id, rp.allocation_id) IS DISTINCT FROM (e.budget_id, e.allocation_id)
    WHEN e.kind = 'pay_back'
        THEN (cp.budget_id, cp.allocation_id) IS DISTINCT FROM (e.budget_id, e.allocation_id)
    ELSE true END
"""

CHECKS = (
    Check("I1", "ceiling", _("Pagu tidak sama dengan DPA di kartu kendali"), CEILING, quick=True),
    Check("I1", "overspent", _("Terikat dan cair melebihi pagu"), OVERSPENT, quick=True),
    Check(
        "I1", "share_overspent", _("Terikat dan cair melebihi alokasi"), SHARE_OVERSPENT, quick=True
    ),
    Check("I1", "shares", _("Jumlah alokasi tidak sama dengan pagunya"), SHARES, quick=True),
    Check("I1", "share_told", _("Alokasi berubah tanpa jejak"), SHARE_TOLD),
    Check("I5", "legs", _("Mutasi tidak seimbang atau bukan dua kaki"), LEGS, quick=True),
    Check("I5", "lost_legs", _("Kaki mutasi tanpa mutasinya"), LOST_LEGS),
    Check("I5", "figures", _("Angka pagu tidak sama dengan kartu kendali"), FIGURES, quick=True),
    Check(
        "I5",
        "share_figures",
        _("Angka alokasi tidak sama dengan kartu kendali"),
        SHARE_FIGURES,
        quick=True,
    ),
    Check("I5", "keys", _("Mutasi yang sama tercatat dua kali"), KEYS, quick=True),
    Check("I5", "explained", _("Mutasi tanpa daftar, hasil, atau retur"), EXPLAINED, quick=True),
)
