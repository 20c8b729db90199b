"""I2, I3, I4 and I7: pay lists and their lines against each other, the ledger and the bank."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from disbursements.queries.audit.checks import Check

PERSONS = """
SELECT min(l.area_code), 'orang ' || l.person_id || ', tahap ' || l.stage_id, 1,
       string_agg(l.reference, ', ')
FROM disbursements_paymentline l
WHERE l.state IN ('waiting', 'submitted', 'unknown', 'settled') AND l.payee_id IS NULL
GROUP BY l.stage_id, l.person_id HAVING count(*) > 1
"""
PAYEES = """
SELECT min(l.area_code), 'penerima ' || l.payee_id || ', tahap ' || l.stage_id, 1,
       string_agg(l.reference, ', ')
FROM disbursements_paymentline l
WHERE l.state IN ('waiting', 'submitted', 'unknown', 'settled') AND l.payee_id IS NOT NULL
GROUP BY l.stage_id, l.payee_id HAVING count(*) > 1
"""
FAMILIES = """
SELECT min(l.area_code), 'keluarga ' || l.family_id || ', tahap ' || l.stage_id, 1,
       string_agg(l.reference, ', ')
FROM disbursements_paymentline l
WHERE l.state IN ('waiting', 'submitted', 'unknown', 'settled')
  AND l.one_per_family AND l.family_id IS NOT NULL
GROUP BY l.stage_id, l.family_id HAVING count(*) > 1
"""
# What the ledger holds for a list, derived from its events: bound from the lock to the SP2D,
# with the treasurer from the SP2D on; a follow-up list pays from the money of its main list.
IN_LEDGER = """
WITH held AS (
    SELECT e.subject_id, sum(g.amount) FILTER (WHERE g.account = 'reserved') AS reserved,
           sum(g.amount) FILTER (WHERE g.account = 'holding') AS holding
    FROM disbursements_ledgerevent e JOIN disbursements_ledgerentry g ON g.event_id = e.id
    WHERE e.subject_type = 'disbursements.paylist' GROUP BY e.subject_id
), due AS (
    SELECT p.*,
        CASE WHEN p.kind = 'main' AND p.state IN ('locked', 'awaiting', 'approved')
             THEN p.total ELSE 0 END AS bound,
        CASE WHEN p.kind = 'main' AND p.state IN ('sp2d', 'sent', 'partly', 'settled', 'closed')
             THEN p.total ELSE 0 END AS released
    FROM disbursements_paylist p WHERE SCOPE(p.budget_id)
)
SELECT d.area_code, d.number, d.bound || ' + ' || d.released,
       COALESCE(h.reserved, 0) || ' + ' || COALESCE(h.holding, 0)
FROM due d LEFT JOIN held h ON h.subject_id = d.id::text
WHERE COALESCE(h.reserved, 0) <> d.bound OR COALESCE(h.holding, 0) <> d.released
"""
LEDGER_TIMES = """
WITH moved AS (
    SELECT m.pay_list_id, count(*) FILTER (WHERE m.new = 'locked') AS reserve,
        count(*) FILTER (WHERE m.old IN ('locked', 'awaiting', 'approved')
                           AND m.new IN ('draft', 'cancelled')) AS release,
        count(*) FILTER (WHERE m.new = 'sp2d') AS sp2d
    FROM disbursements_listmove m GROUP BY m.pay_list_id
), posted AS (
    SELECT e.subject_id, count(*) FILTER (WHERE e.kind = 'reserve') AS reserve,
        count(*) FILTER (WHERE e.kind = 'release') AS release,
        count(*) FILTER (WHERE e.kind = 'sp2d') AS sp2d
    FROM disbursements_ledgerevent e
    WHERE e.subject_type = 'disbursements.paylist' GROUP BY e.subject_id
)
SELECT p.area_code, p.number, concat_ws('/', m.reserve, m.release, m.sp2d),
       concat_ws('/', COALESCE(o.reserve, 0), COALESCE(o.release, 0), COALESCE(o.sp2d, 0))
FROM disbursements_paylist p
JOIN moved m ON m.pay_list_id = p.id
LEFT JOIN posted o ON o.subject_id = p.id::text
WHERE SCOPE(p.budget_id) AND CASE WHEN p.kind = 'main'
    THEN (m.reserve, m.release, m.sp2d)
         <> (COALESCE(o.reserve, 0), COALESCE(o.release, 0), COALESCE(o.sp2d, 0))
    ELSE o.subject_id IS NOT NULL END
"""
LINES = """
SELECT p.area_code, p.number, p.count || ' / ' || p.total,
       COALESCE(s.n, 0) || ' / ' || COALESCE(s.total, 0)
FROM disbursements_paylist p
LEFT JOIN (
    SELECT l.pay_list_id, count(*) AS n, sum(l.amount) AS total
    FROM disbursements_paymentline l WHERE l.state NOT IN ('excluded', 'cancelled')
    GROUP BY l.pay_list_id
) s ON s.pay_list_id = p.id
WHERE p.state <> 'cancelled' AND p.drawn_at IS NOT NULL
  AND (COALESCE(s.n, 0), COALESCE(s.total, 0)) <> (p.count, p.total)
"""
SP2D = """
SELECT p.area_code, p.number, p.total || ' ' || COALESCE(o.sp2d_number, p.sp2d_number),
       p.sp2d_amount || ' ' || p.sp2d_number
FROM disbursements_paylist p
LEFT JOIN disbursements_paylist o ON o.id = p.parent_id
WHERE SCOPE(p.budget_id) AND CASE
    WHEN p.kind = 'follow_up' THEN p.sp2d_amount IS NOT NULL
        OR p.approved_at IS NOT NULL AND (p.sp2d_number, p.sp2d_date)
           IS DISTINCT FROM (o.sp2d_number, o.sp2d_date)
    WHEN p.state IN ('sp2d', 'sent', 'partly', 'settled', 'closed')
        THEN p.sp2d_amount IS DISTINCT FROM p.total OR p.sp2d_number = ''
    ELSE p.sp2d_amount IS NOT NULL OR p.sp2d_number <> '' END
"""
SP2D_ONCE = """
SELECT min(p.area_code), 'SP2D ' || p.sp2d_number, 1, string_agg(p.number, ', ')
FROM disbursements_paylist p
WHERE p.kind = 'main' AND p.sp2d_number <> '' AND SCOPE(p.budget_id)
GROUP BY p.budget_id, p.sp2d_number HAVING count(*) > 1
"""
FILE_TOTALS = """
SELECT p.area_code, p.number || ' ' || f.format, p.count || ' / ' || p.total,
       f.count || ' / ' || f.total
FROM disbursements_bankfile f JOIN disbursements_paylist p ON p.id = f.pay_list_id
WHERE (f.count, f.total) <> (p.count, p.total) AND SCOPE(p.budget_id)
"""
# What was locked, as the trail has it: the fingerprint may not change together with its lines.
LOCKED_AS = """
SELECT p.area_code, p.number, left(t.data ->> 'content_hash', 12) || ' ' || (t.data ->> 'total'),
       left(p.content_hash, 12) || ' ' || p.total
FROM disbursements_paylist p
JOIN LATERAL (
    SELECT e.data FROM audit_event e
    WHERE e.target_type = 'disbursements.paylist' AND e.target_id = p.id::text
      AND e.verb = 'disbursements.lock_list' ORDER BY e.id DESC LIMIT 1
) t ON true
WHERE p.state NOT IN ('draft', 'cancelled') AND SCOPE(p.budget_id)
  AND (t.data ->> 'content_hash' <> p.content_hash OR (t.data ->> 'total')::numeric <> p.total
       OR (t.data ->> 'count')::bigint <> p.count)
"""
BELONGS = """
SELECT p.area_code, p.number, concat_ws(' ', p.area_code, b.version_id),
       concat_ws(' ', a.area_code, p.version_id)
FROM disbursements_paylist p
JOIN disbursements_allocation a ON a.id = p.allocation_id
JOIN disbursements_budgetline b ON b.id = p.budget_id
JOIN programs_stage s ON s.id = p.stage_id
JOIN programs_decree d ON d.id = p.decree_id
LEFT JOIN disbursements_paylist o ON o.id = p.parent_id
WHERE SCOPE(p.budget_id) AND (a.budget_id <> p.budget_id OR a.area_code <> p.area_code
    OR b.version_id <> p.version_id OR s.version_id <> p.version_id
    OR d.version_id <> p.version_id
    OR o.id IS NOT NULL AND (o.allocation_id, o.stage_id, o.kind)
       IS DISTINCT FROM (p.allocation_id, p.stage_id, 'main'))
"""
RATE = """
SELECT l.area_code, l.reference, COALESCE(t.amount, s.amount), l.amount
FROM disbursements_paymentline l JOIN programs_stage s ON s.id = l.stage_id
LEFT JOIN programs_stageentitlement t
    ON t.enrolment_id = l.enrolment_id AND t.stage_id = l.stage_id
WHERE l.amount IS DISTINCT FROM COALESCE(t.amount, s.amount)
    AND l.state NOT IN ('cancelled', 'excluded')
"""
# The bank's own words are the only way to "delivered" and to "came back"; over the counter it is
# the receipt, and the closing of the counter without one.
EVIDENCE = """
SELECT l.area_code, l.reference,
       CASE WHEN t.returned THEN 'retur' WHEN t.settled THEN 'tersalur' ELSE 'belum diketahui' END,
       l.state
FROM disbursements_paymentline l
LEFT JOIN (
    SELECT w.line_id, bool_or(w.outcome = 'settled') AS settled,
           bool_or(w.outcome = 'returned') AS returned
    FROM (
        SELECT r.line_id, r.outcome FROM disbursements_resultrow r
        WHERE r.state = 'applied' AND STANDING(r)
        UNION ALL
        SELECT c.line_id, 'settled' FROM disbursements_cashreceipt c WHERE c.undone_at IS NULL
        UNION ALL
        SELECT x.id, 'returned' FROM disbursements_cashcounter k
        JOIN disbursements_paymentline x ON x.pay_list_id = k.pay_list_id
            AND x.state NOT IN ('excluded', 'cancelled')
        WHERE k.closed_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM disbursements_cashreceipt c
            WHERE c.line_id = x.id AND c.undone_at IS NULL)
    ) w GROUP BY w.line_id
) t ON t.line_id = l.id
WHERE CASE
    WHEN t.returned THEN l.state NOT IN ('returned', 'repaid', 'paid_back')
    WHEN t.settled THEN l.state <> 'settled'
    ELSE l.state IN ('settled', 'returned', 'repaid', 'paid_back') END
"""
# A draft that is not drawn may be on its way to be given up, its lines before it.
WITH_LIST = """
SELECT l.area_code, l.reference, 'daftar ' || p.state, l.state
FROM disbursements_paymentline l JOIN disbursements_paylist p ON p.id = l.pay_list_id
WHERE CASE
    WHEN p.state = 'draft' AND p.drawn_at IS NULL
        THEN l.state NOT IN ('waiting', 'excluded', 'cancelled')
    WHEN p.state IN ('draft', 'locked', 'awaiting', 'approved', 'sp2d')
        THEN l.state NOT IN ('waiting', 'excluded')
    WHEN p.state = 'cancelled' THEN l.state <> 'cancelled'
    WHEN p.state = 'closed'
        THEN l.state NOT IN ('settled', 'repaid', 'paid_back', 'excluded', 'cancelled')
    ELSE l.state = 'waiting' END
"""
LIST_STATE = """
SELECT p.area_code, p.number, 'partly', p.state
FROM disbursements_paylist p
WHERE p.state IN ('settled', 'closed') AND EXISTS (
    SELECT 1 FROM disbursements_paymentline l
    LEFT JOIN disbursements_returncase c ON c.line_id = l.id
    WHERE l.pay_list_id = p.id AND (l.state IN ('waiting', 'submitted', 'unknown')
        OR l.state = 'returned' AND c.state IS DISTINCT FROM 'done'))
"""
STAGES = """
SELECT l.area_code, l.reference, p.stage_id || ' ' || p.area_code, l.stage_id || ' ' || l.area_code
FROM disbursements_paymentline l JOIN disbursements_paylist p ON p.id = l.pay_list_id
WHERE l.stage_id <> p.stage_id OR NOT starts_with(l.area_code, p.area_code)
"""
ENROLLED = """
SELECT l.area_code, l.reference, concat_ws('/', e.person_id, e.payee_id),
       concat_ws('/', l.person_id, l.payee_id)
FROM disbursements_paymentline l JOIN programs_enrolment e ON e.id = l.enrolment_id
WHERE e.person_id <> l.person_id OR e.payee_id IS DISTINCT FROM l.payee_id
"""
CASES = """
SELECT l.area_code, l.reference, l.state || ' ' || l.amount, c.state || ' ' || c.amount
FROM disbursements_paymentline l FULL JOIN disbursements_returncase c ON c.line_id = l.id
WHERE (c.id IS NULL AND l.state IN ('returned', 'repaid', 'paid_back'))
   OR l.id IS NULL
   OR c.id IS NOT NULL AND (l.state NOT IN ('returned', 'repaid', 'paid_back')
        OR c.amount <> l.amount)
"""
# The day of delivery is the bank's, when it can be true; else the day its answer was applied.
DAYS = """
SELECT l.area_code, l.reference,
       CASE WHEN r.bank_date BETWEEN d.sent AND d.told THEN r.bank_date ELSE d.told END,
       l.settled_on
FROM disbursements_paymentline l
JOIN disbursements_paylist p ON p.id = l.pay_list_id
JOIN disbursements_budgetline b ON b.id = p.budget_id
JOIN accounts_agency g ON g.id = b.agency_id
JOIN disbursements_resultrow r
    ON r.line_id = l.id AND r.state = 'applied' AND r.outcome = 'settled' AND STANDING(r)
JOIN disbursements_resultfile f ON f.id = r.result_id
CROSS JOIN LATERAL (SELECT (p.sent_at AT TIME ZONE g.time_zone)::date AS sent,
    (COALESCE(f.applied_at, %(at)s) AT TIME ZONE g.time_zone)::date AS told) d
WHERE l.state = 'settled' AND CASE WHEN r.bank_date BETWEEN d.sent AND d.told
    THEN l.settled_on <> r.bank_date
    ELSE l.settled_on NOT BETWEEN d.sent AND d.told END
"""
REFERENCES = """
SELECT min(l.area_code), l.reference, 1, count(*)
FROM disbursements_paymentline l GROUP BY l.reference HAVING count(*) > 1
"""
REFERENCE_SHAPE = """
SELECT l.area_code, p.number || ', baris ' || l.position, n.reference, l.reference
FROM disbursements_paymentline l
JOIN disbursements_paylist p ON p.id = l.pay_list_id
CROSS JOIN LATERAL (SELECT 'D' || split_part(p.number, '-', 2)
    || right(split_part(p.number, '-', 3), 2) || split_part(p.number, '-', 4)
    || lpad(l.position::text, 7, '0') AS reference) n
WHERE l.reference <> n.reference
"""
# What the year's figures are read from, by district and by regency, against the lines.
KEPT_SUMS = """
WITH lines AS MATERIALIZED (
    SELECT l.pay_list_id, left(l.area_code, 8) AS place, l.state, count(*) AS n,
           sum(l.amount) AS total
    FROM disbursements_paymentline l GROUP BY 1, 2, 3
), due AS (
    SELECT 'kecamatan' AS level, pay_list_id, place, state, n, total FROM lines
    UNION ALL
    SELECT 'kabupaten', pay_list_id, left(place, 5), state, sum(n), sum(total)
    FROM lines GROUP BY 2, 3, 4
), kept AS (
    SELECT 'kecamatan' AS level, k.pay_list_id, k.place, k.state, k.lines, k.amount
    FROM disbursements_linesum k
    UNION ALL
    SELECT 'kabupaten', r.pay_list_id, r.place, r.state, r.lines, r.amount
    FROM disbursements_regencysum r
)
SELECT p.area_code, concat_ws(', ', p.number, which.level || ' ' || which.place, which.state),
       COALESCE(d.n, 0) || ' / ' || COALESCE(d.total, 0),
       COALESCE(k.lines, 0) || ' / ' || COALESCE(k.amount, 0)
FROM due d FULL JOIN kept k USING (level, pay_list_id, place, state) AS which
LEFT JOIN disbursements_paylist p ON p.id = which.pay_list_id
WHERE (COALESCE(d.n, 0), COALESCE(d.total, 0)) <> (COALESCE(k.lines, 0), COALESCE(k.amount, 0))
"""

CHECKS = (
    Check("I2", "persons", _("Satu orang dibayar lebih dari sekali pada satu tahap"), PERSONS),
    Check("I2", "payees", _("Satu penerima dibayar lebih dari sekali pada satu tahap"), PAYEES),
    Check("I2", "families", _("Satu KK dibayar lebih dari sekali pada satu tahap"), FAMILIES),
    Check(
        "I3",
        "in_ledger",
        _("Daftar tidak sama dengan yang terikat dan cair di kartu kendali"),
        IN_LEDGER,
        quick=True,
    ),
    Check(
        "I3",
        "ledger_times",
        _("Ikatan, pelepasan, atau SP2D tidak sebanyak langkah daftarnya"),
        LEDGER_TIMES,
        quick=True,
    ),
    Check("I3", "lines", _("Jumlah baris tidak sama dengan daftarnya"), LINES),
    Check("I3", "kept_sums", _("Jumlah tersimpan tidak sama dengan barisnya"), KEPT_SUMS),
    Check("I3", "sp2d", _("SP2D tidak sama dengan daftarnya"), SP2D, quick=True),
    Check("I3", "sp2d_once", _("Satu SP2D dipakai dua daftar"), SP2D_ONCE, quick=True),
    Check(
        "I3",
        "file_totals",
        _("Jumlah berkas bank tidak sama dengan daftarnya"),
        FILE_TOTALS,
        quick=True,
    ),
    Check(
        "I3",
        "locked_as",
        _("Daftar berbeda dari yang dikunci menurut jejak"),
        LOCKED_AS,
        quick=True,
    ),
    Check(
        "I3",
        "belongs",
        _("Daftar menunjuk pagu, tahap, atau SK yang bukan miliknya"),
        BELONGS,
        quick=True,
    ),
    Check("I3", "rate", _("Jumlah baris bukan besaran tahapnya"), RATE),
    Check("I4", "evidence", _("Keadaan baris tidak sesuai jawaban bank"), EVIDENCE),
    Check("I4", "with_list", _("Keadaan baris tidak mungkin pada daftar ini"), WITH_LIST),
    Check("I4", "list_state", _("Daftar dinyatakan selesai, barisnya belum"), LIST_STATE),
    Check("I4", "stages", _("Baris bukan dari tahap atau wilayah daftarnya"), STAGES),
    Check("I4", "enrolled", _("Baris membayar orang lain dari kepesertaannya"), ENROLLED),
    Check("I4", "cases", _("Retur tanpa berkas keputusan, atau sebaliknya"), CASES),
    Check("I4", "days", _("Tanggal salur bukan tanggal dari bank"), DAYS),
    Check("I7", "references", _("Referensi bank dipakai lebih dari sekali"), REFERENCES),
    Check("I7", "reference_shape", _("Referensi bukan milik baris ini"), REFERENCE_SHAPE),
)
