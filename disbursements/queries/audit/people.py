"""I10 and I11: who signed what, and what became of each payment that came back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from disbursements.queries.audit.checks import Check

THREE = """
SELECT p.area_code, p.number, 'tiga orang',
       concat_ws('/', p.made_by_id, p.locked_by_id, p.checked_by_id, p.approved_by_id)
FROM disbursements_paylist p
WHERE SCOPE(p.budget_id) AND (
    p.checked_by_id IN (p.made_by_id, p.locked_by_id)
    OR p.approved_by_id IN (p.made_by_id, p.locked_by_id, p.checked_by_id)
    OR p.state IN ('approved', 'sp2d', 'sent', 'partly', 'settled', 'closed')
       AND (p.checked_by_id IS NULL OR p.approved_by_id IS NULL OR p.locked_by_id IS NULL))
"""
# The signatures of the round that counts, under exactly what the list is.
SIGNED = """
WITH wanted AS (
    SELECT p.*, s.step, s.by_id, s.at
    FROM disbursements_paylist p
    CROSS JOIN LATERAL (VALUES ('check', p.checked_by_id, p.checked_at),
                               ('approve', p.approved_by_id, p.approved_at)) AS s(step, by_id, at)
    WHERE s.by_id IS NOT NULL AND SCOPE(p.budget_id)
)
SELECT w.area_code, w.number || ' ' || w.step, '1 atas ' || left(w.content_hash, 12),
       count(a.id) || ' atas ' || COALESCE(left(max(a.seen_hash), 12), '-')
FROM wanted w LEFT JOIN disbursements_approval a
    ON a.pay_list_id = w.id AND a.round = w.round AND a.step = w.step AND a.agreed
GROUP BY w.id, w.area_code, w.number, w.step, w.content_hash, w.count, w.total, w.by_id, w.at
HAVING count(a.id) <> 1
    OR NOT bool_and((a.seen_hash, a.seen_count, a.seen_total, a.by_id, a.at)
                    = (w.content_hash, w.count, w.total, w.by_id, w.at))
"""
UNASKED = """
SELECT p.area_code, p.number || ' ' || a.step || ' ' || a.round, 'belum ada', 'disetujui'
FROM disbursements_approval a JOIN disbursements_paylist p ON p.id = a.pay_list_id
WHERE a.agreed AND a.round = p.round AND SCOPE(p.budget_id)
  AND CASE a.step WHEN 'check' THEN p.checked_at WHEN 'approve' THEN p.approved_at END IS NULL
"""
# Whoever made, locked, opened or submitted the list in any round is its maker for ever.
MAKERS = """
SELECT p.area_code, p.number || ' ' || a.step, 'bukan penyusun', a.by_id
FROM disbursements_approval a JOIN disbursements_paylist p ON p.id = a.pay_list_id
WHERE a.agreed AND SCOPE(p.budget_id) AND (a.by_id = p.made_by_id OR EXISTS (
    SELECT 1 FROM disbursements_listmove m WHERE m.pay_list_id = p.id AND m.by_id = a.by_id
    AND m.at <= a.at
    AND ((m.old, m.new) IN (('draft', 'locked'), ('locked', 'draft'), ('locked', 'awaiting')))))
"""
UNSIGNED_FILES = """
SELECT p.area_code, p.number || ' ' || f.format, 'disetujui', p.state
FROM disbursements_bankfile f JOIN disbursements_paylist p ON p.id = f.pay_list_id
WHERE SCOPE(p.budget_id) AND (p.approved_at IS NULL
    OR f.made_at < p.approved_at - interval '1 minute'
    OR p.state IN ('draft', 'locked', 'awaiting'))
"""
DECREES = """
SELECT d.area_code, 'SK ' || d.number, 'dua orang', concat_ws('/', d.made_by_id, d.approved_by_id)
FROM programs_decree d
WHERE d.approved_by_id IN (d.made_by_id, d.submitted_by_id)
"""
UNSIGNED_DECREES = """
SELECT p.area_code, p.number, 'SK disetujui', d.state
FROM disbursements_paylist p JOIN programs_decree d ON d.id = p.decree_id
WHERE p.state NOT IN ('draft', 'cancelled') AND d.approved_by_id IS NULL AND SCOPE(p.budget_id)
"""
CONFIRMED = """
SELECT c.area_code, 'retur ' || c.id, 'dua orang',
       concat_ws('/', c.decided_by_id, c.confirmed_by_id)
FROM disbursements_returncase c
WHERE c.confirmed_by_id = c.decided_by_id
   OR c.confirmed_by_id IS NOT NULL AND c.decided_by_id IS NULL
   OR c.state IN ('in_follow_up', 'done') AND c.confirmed_by_id IS NULL AND NOT EXISTS (
        SELECT 1 FROM disbursements_paymentline n WHERE n.retransfer_of_id = c.line_id)
"""
ENTITLED = """
SELECT min(l.area_code), 'kepesertaan ' || l.enrolment_id || ', tahap ' || l.stage_id,
       COALESCE(t.amount, s.amount, 0), sum(l.amount)
FROM disbursements_paymentline l JOIN programs_stage s ON s.id = l.stage_id
LEFT JOIN programs_stageentitlement t
    ON t.enrolment_id = l.enrolment_id AND t.stage_id = l.stage_id
WHERE l.state IN ('waiting', 'submitted', 'unknown', 'settled')
GROUP BY l.stage_id, l.enrolment_id, t.amount, s.amount
HAVING sum(l.amount) > COALESCE(t.amount, s.amount, 0)
"""
AGAIN = """
SELECT n.area_code, n.reference, o.reference || ' ' || o.amount, n.amount
FROM disbursements_paymentline n
JOIN disbursements_paymentline o ON o.id = n.retransfer_of_id
JOIN disbursements_paylist np ON np.id = n.pay_list_id
JOIN disbursements_paylist op ON op.id = o.pay_list_id
WHERE (n.amount, n.stage_id, n.person_id, n.enrolment_id)
      <> (o.amount, o.stage_id, o.person_id, o.enrolment_id)
   OR np.parent_id IS DISTINCT FROM COALESCE(op.parent_id, op.id)
   OR n.id <= o.id
"""
NO_ORIGIN = """
SELECT l.area_code, l.reference, p.kind, COALESCE('susulan dari ' || l.retransfer_of_id, 'utama')
FROM disbursements_paymentline l JOIN disbursements_paylist p ON p.id = l.pay_list_id
WHERE (p.kind = 'follow_up') <> (l.retransfer_of_id IS NOT NULL)
"""
AGAIN_ONCE = """
SELECT min(l.area_code), 'baris ' || l.retransfer_of_id, 1, string_agg(l.reference, ', ')
FROM disbursements_paymentline l
WHERE l.retransfer_of_id IS NOT NULL AND l.state NOT IN ('cancelled', 'excluded')
GROUP BY l.retransfer_of_id HAVING count(*) > 1
"""
# Both ends of a chain tell the same story: the old line follows the line that pays it again.
ENDS = """
WITH live AS (
    SELECT n.retransfer_of_id AS id, n.state, n.reference FROM disbursements_paymentline n
    WHERE n.retransfer_of_id IS NOT NULL AND n.state NOT IN ('cancelled', 'excluded')
)
SELECT o.area_code, o.reference,
       CASE WHEN n.state IN ('settled', 'repaid') THEN 'repaid'
            WHEN n.state = 'paid_back' THEN 'paid_back'
            WHEN n.id IS NOT NULL THEN 'returned' ELSE 'returned / paid_back' END,
       o.state
FROM disbursements_paymentline o LEFT JOIN live n ON n.id = o.id
WHERE CASE
    WHEN n.id IS NULL THEN o.state = 'repaid'
    WHEN n.state IN ('settled', 'repaid') THEN o.state <> 'repaid'
    WHEN n.state = 'paid_back' THEN o.state <> 'paid_back'
    ELSE o.state <> 'returned' END
"""
CASE_STATE = """
WITH live AS (
    SELECT n.retransfer_of_id AS id, n.state FROM disbursements_paymentline n
    WHERE n.retransfer_of_id IS NOT NULL AND n.state NOT IN ('cancelled', 'excluded')
)
SELECT c.area_code, 'retur ' || c.id, w.state, c.state || ' ' || c.decision
FROM disbursements_returncase c
JOIN disbursements_paymentline l ON l.id = c.line_id
LEFT JOIN live n ON n.id = c.line_id
CROSS JOIN LATERAL (SELECT CASE
    WHEN l.state IN ('repaid', 'paid_back') THEN 'done'
    WHEN n.id IS NOT NULL THEN 'in_follow_up'
    WHEN c.decision <> '' THEN 'decided' ELSE 'open' END AS state) w
WHERE c.state <> w.state
   OR n.id IS NOT NULL AND c.decision NOT IN ('follow_up', 'heir')
   OR (c.decision = '') <> (c.decided_by_id IS NULL)
"""
TREASURY = """
SELECT c.area_code, 'retur ' || c.id, l.state || ' ' || c.amount,
       COALESCE(c.sts_amount::text, '-') || ' ' || c.sts_number
FROM disbursements_returncase c JOIN disbursements_paymentline l ON l.id = c.line_id
WHERE (c.sts_amount IS NOT NULL) <> (l.state = 'paid_back' AND NOT EXISTS (
        SELECT 1 FROM disbursements_paymentline n WHERE n.retransfer_of_id = l.id
        AND n.state NOT IN ('cancelled', 'excluded')))
   OR c.sts_amount <> c.amount OR c.sts_amount IS NOT NULL
      AND (c.decision <> 'treasury' OR c.confirmed_by_id IS NULL OR c.sts_number = ''
           OR c.sts_date IS NULL OR c.sts_date < c.returned_on)
"""
PAID_BACK = """
SELECT c.area_code, 'retur ' || c.id, COALESCE(c.sts_amount, 0), COALESCE(s.total, 0)
FROM disbursements_returncase c
LEFT JOIN (
    SELECT e.subject_id, sum(g.amount) AS total
    FROM disbursements_ledgerevent e JOIN disbursements_ledgerentry g
        ON g.event_id = e.id AND g.account = 'treasury'
    WHERE e.subject_type = 'disbursements.returncase' GROUP BY e.subject_id
) s ON s.subject_id = c.id::text
WHERE COALESCE(c.sts_amount, 0) <> COALESCE(s.total, 0)
"""
# The closing figures, counted again from the lines of the list and its follow-ups.
CLOSED = """
WITH lines AS (
    SELECT COALESCE(p.parent_id, p.id) AS main, p.kind, l.state, l.amount,
        EXISTS (SELECT 1 FROM disbursements_paymentline n WHERE n.retransfer_of_id = l.id
                AND n.state NOT IN ('cancelled', 'excluded')) AS again
    FROM disbursements_paymentline l JOIN disbursements_paylist p ON p.id = l.pay_list_id
    WHERE l.state NOT IN ('cancelled', 'excluded')
      AND COALESCE(p.parent_id, p.id) IN (SELECT pay_list_id FROM disbursements_reconciliation)
), sums AS (
    SELECT main,
        COALESCE(sum(amount) FILTER (WHERE kind = 'main'), 0) AS sp2d,
        COALESCE(sum(amount) FILTER (WHERE kind = 'main' AND state = 'settled'), 0) AS settled,
        COALESCE(sum(amount) FILTER (WHERE kind = 'follow_up' AND state = 'settled'), 0) AS repaid,
        COALESCE(sum(amount) FILTER (WHERE state = 'paid_back' AND NOT again), 0) AS treasury
    FROM lines GROUP BY main
)
SELECT r.area_code, p.number, concat_ws(' / ', s.sp2d, s.settled, s.repaid, s.treasury),
       concat_ws(' / ', r.sp2d_amount, r.settled_amount, r.repaid_amount, r.treasury_amount)
FROM disbursements_reconciliation r
JOIN disbursements_paylist p ON p.id = r.pay_list_id
LEFT JOIN sums s ON s.main = r.pay_list_id
WHERE (s.sp2d, s.settled, s.repaid, s.treasury)
      IS DISTINCT FROM (r.sp2d_amount, r.settled_amount, r.repaid_amount, r.treasury_amount)
   OR p.state <> 'closed'
"""
CLOSED_WITHOUT = """
SELECT p.area_code, p.number, 'rekonsiliasi', NULL
FROM disbursements_paylist p
LEFT JOIN disbursements_reconciliation r ON r.pay_list_id = COALESCE(p.parent_id, p.id)
WHERE p.state = 'closed' AND r.id IS NULL
"""
# A letter that paid into another's account is this person's, stood at the lock, and says whose.
LETTERS = """
SELECT l.area_code, l.reference, 'surat kuasa yang berlaku', 'kuasa ' || x.grant_id
FROM disbursements_proxyaccount x JOIN disbursements_paymentline l ON l.id = x.line_id
JOIN disbursements_paylist p ON p.id = l.pay_list_id
JOIN disbursements_budgetline b ON b.id = p.budget_id
JOIN accounts_agency a ON a.id = b.agency_id
LEFT JOIN programs_proxygrant g ON g.id = x.grant_id
CROSS JOIN LATERAL (SELECT (p.locked_at AT TIME ZONE a.time_zone)::date AS locked_on) d
WHERE p.state NOT IN ('draft', 'cancelled') AND SCOPE(p.budget_id) AND (
    g.id IS NULL OR g.enrolment_id <> l.enrolment_id OR l.payee_id IS NOT NULL
    OR x.pay_list_id <> l.pay_list_id OR g.made_at > p.locked_at OR g.ended_at < p.locked_at
    OR g.valid_until < d.locked_on)
"""

CHECKS = (
    Check(
        "I10", "three", _("Penyusun, pemeriksa, dan penyetuju bukan tiga orang"), THREE, quick=True
    ),
    Check(
        "I10", "signed", _("Tanda tangan tidak lengkap atau bukan atas isi ini"), SIGNED, quick=True
    ),
    Check("I10", "unasked", _("Ada tanda tangan, daftarnya belum disetujui"), UNASKED, quick=True),
    Check("I10", "makers", _("Ditandatangani oleh orang yang ikut menyusun"), MAKERS, quick=True),
    Check("I10", "unsigned_files", _("Berkas bank tanpa persetujuan"), UNSIGNED_FILES, quick=True),
    Check("I10", "decrees", _("SK disetujui penyusunnya sendiri"), DECREES),
    Check(
        "I10",
        "unsigned_decrees",
        _("Daftar berdasar SK yang belum disetujui"),
        UNSIGNED_DECREES,
        quick=True,
    ),
    Check(
        "I10", "confirmed", _("Retur disahkan pemutusnya sendiri, atau tidak disahkan"), CONFIRMED
    ),
    Check("I10", "letters", _("Rekening kuasa tanpa surat yang berlaku"), LETTERS),
    Check("I11", "entitled", _("Dibayar melebihi haknya"), ENTITLED),
    Check("I11", "again", _("Bayar susulan berbeda dari yang dikembalikan"), AGAIN),
    Check("I11", "no_origin", _("Baris susulan tanpa baris asal"), NO_ORIGIN),
    Check("I11", "again_once", _("Satu retur dibayar susulan dua kali"), AGAIN_ONCE),
    Check("I11", "ends", _("Baris asal dan baris susulannya tidak sejalan"), ENDS),
    Check("I11", "case_state", _("Keadaan retur tidak sesuai barisnya"), CASE_STATE),
    Check("I11", "treasury", _("STS tidak sesuai dengan retur"), TREASURY),
    Check("I11", "paid_back", _("STS tidak sama dengan kartu kendali"), PAID_BACK),
    Check("I11", "closed", _("Angka rekonsiliasi tidak sama dengan barisnya"), CLOSED),
    Check("I11", "closed_without", _("Daftar ditutup tanpa rekonsiliasi"), CLOSED_WITHOUT),
)
