"""I7 and I8: what the bank answered, against the lines, the ledger and itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from disbursements.queries.audit.checks import Check

SAME_FILE = """
SELECT min(f.area_code), 'daftar ' || COALESCE(f.pay_list_id::text, '-'), 1,
       count(*) || ' ' || left(f.sha256, 12)
FROM disbursements_resultfile f WHERE f.state <> 'refused'
GROUP BY f.pay_list_id, f.sha256, CASE WHEN f.pay_list_id IS NULL THEN f.area_code END
HAVING count(*) > 1
"""
FITS = """
SELECT f.area_code, 'hasil ' || f.id || ', baris ' || r.row_number,
       COALESCE(l.reference, '') || ' ' || COALESCE(l.amount::text, ''),
       r.reference || ' ' || COALESCE(r.amount::text, '')
FROM disbursements_resultrow r
JOIN disbursements_resultfile f ON f.id = r.result_id
LEFT JOIN disbursements_paymentline l ON l.id = r.line_id
WHERE r.state IN ('applied', 'same') AND r.origin_id IS NULL
  AND (l.id IS NULL OR r.amount IS DISTINCT FROM l.amount
    OR r.account_index IS DISTINCT FROM l.account_index OR r.reference <> l.reference
    OR f.pay_list_id IS DISTINCT FROM l.pay_list_id OR r.outcome = '' OR r.currency <> 'IDR')
"""
# A row that people linked by hand carries the amount of its line, and two people's word.
LINKED = """
SELECT f.area_code, 'hasil ' || f.id || ', baris ' || r.row_number, l.reference || ' ' || l.amount,
       o.amount || ' ' || COALESCE(d.act, 'tanpa keputusan')
FROM disbursements_resultrow r
JOIN disbursements_resultfile f ON f.id = r.result_id
JOIN disbursements_resultrow o ON o.id = r.origin_id
LEFT JOIN disbursements_paymentline l ON l.id = r.line_id
LEFT JOIN disbursements_deskdecision d ON d.made_row_id = r.id
WHERE l.id IS NULL OR r.amount <> l.amount OR o.amount IS DISTINCT FROM r.amount
   OR d.id IS NULL OR d.act <> 'link' OR d.row_id <> o.id OR d.line_id <> l.id
   OR d.outcome <> r.outcome OR d.confirmed_by_id IS NULL OR d.confirmed_by_id = d.decided_by_id
"""
ONCE = """
SELECT min(f.area_code), 'baris bayar ' || r.line_id || ', ' || r.outcome, 1, count(*)
FROM disbursements_resultrow r JOIN disbursements_resultfile f ON f.id = r.result_id
WHERE r.state = 'applied' AND STANDING(r)
GROUP BY r.line_id, r.outcome HAVING count(*) > 1
"""
ORDER = """
SELECT f.area_code, 'hasil ' || f.id || ', baris ' || r.row_number, 'retur', 'tersalur'
FROM disbursements_resultrow r
JOIN disbursements_resultfile f ON f.id = r.result_id
JOIN disbursements_resultrow b ON b.line_id = r.line_id AND b.state = 'applied'
    AND b.outcome = 'returned' AND b.id < r.id
WHERE r.state = 'applied' AND r.outcome = 'settled'
  AND STANDING(r) AND STANDING(b)
"""
SAME_AS = """
SELECT f.area_code, 'hasil ' || f.id || ', baris ' || r.row_number, 'diterapkan', 'sudah pernah'
FROM disbursements_resultrow r
JOIN disbursements_resultfile f ON f.id = r.result_id
WHERE r.state = 'same' AND NOT EXISTS (
    SELECT 1 FROM disbursements_resultrow b
    WHERE b.line_id = r.line_id AND b.state = 'applied'
      AND (b.outcome = r.outcome AND b.id < r.id
           OR b.result_id = r.result_id AND b.outcome = 'returned'))
"""
HELD_BACK = """
SELECT f.area_code, 'hasil ' || f.id || ', baris ' || r.row_number, 'diterapkan',
       r.quarantine_code
FROM disbursements_resultrow r
JOIN disbursements_resultfile f ON f.id = r.result_id
JOIN disbursements_paymentline l ON l.reference = r.reference AND l.pay_list_id = f.pay_list_id
WHERE r.state = 'quarantine' AND r.quarantine_code IN ('unreadable', 'unknown_reference',
        'foreign', 'wrong_amount', 'wrong_account', 'wrong_currency')
  AND r.amount = l.amount AND r.account_index = l.account_index AND r.outcome <> ''
  AND r.currency = 'IDR' AND l.state IN ('submitted', 'unknown')
"""
ROWS = """
SELECT f.area_code, 'hasil ' || f.id, f.counts ->> 'rows', COALESCE(s.n, 0)
FROM disbursements_resultfile f
LEFT JOIN (
    SELECT r.result_id, count(*) AS n FROM disbursements_resultrow r
    WHERE r.origin_id IS NULL GROUP BY r.result_id
) s ON s.result_id = f.id
WHERE f.state = 'applied' AND COALESCE(s.n, 0) <> (f.counts ->> 'rows')::bigint
   OR f.state = 'refused' AND s.n > 0
"""
# Delivered money moves by applied rows only, and late returns move it back.
SETTLED = """
WITH said AS (
    SELECT r.result_id, COALESCE(sum(r.amount) FILTER (WHERE r.outcome = 'settled'), 0) AS settled,
        COALESCE(sum(r.amount) FILTER (WHERE r.outcome = 'returned' AND EXISTS (
            SELECT 1 FROM disbursements_resultrow b WHERE b.line_id = r.line_id
            AND b.state = 'applied' AND b.outcome = 'settled' AND b.id < r.id
            AND (STANDING(b) OR NOT STANDING(r)))), 0) AS late
    FROM disbursements_resultrow r WHERE r.state = 'applied' AND r.origin_id IS NULL
    GROUP BY r.result_id
), posted AS (
    SELECT e.subject_id,
        COALESCE(sum(g.amount) FILTER (WHERE e.kind = 'settle'), 0) AS settled,
        COALESCE(-sum(g.amount) FILTER (WHERE e.kind = 'late_return'), 0) AS late
    FROM disbursements_ledgerevent e JOIN disbursements_ledgerentry g
        ON g.event_id = e.id AND g.account = 'delivered'
    WHERE e.subject_type = 'disbursements.resultfile' GROUP BY e.subject_id
)
SELECT f.area_code, 'hasil ' || f.id,
       COALESCE(s.settled, 0) || ' / ' || COALESCE(s.late, 0),
       COALESCE(o.settled, 0) || ' / ' || COALESCE(o.late, 0)
FROM disbursements_resultfile f
LEFT JOIN said s ON s.result_id = f.id
LEFT JOIN posted o ON o.subject_id = f.id::text
WHERE (COALESCE(s.settled, 0), COALESCE(s.late, 0))
   <> (COALESCE(o.settled, 0), COALESCE(o.late, 0))
"""

CHECKS = (
    Check("I7", "same_file", _("Berkas hasil yang sama diterima dua kali"), SAME_FILE),
    Check("I8", "fits", _("Baris hasil diterapkan walau tidak cocok"), FITS),
    Check("I8", "linked", _("Baris ditautkan dengan jumlah lain atau tanpa orang kedua"), LINKED),
    Check("I8", "once", _("Satu jawaban bank diterapkan dua kali"), ONCE),
    Check("I8", "order", _("Baris yang sudah retur dinyatakan tersalur"), ORDER),
    Check("I8", "same_as", _("Baris disebut sudah pernah, padahal belum"), SAME_AS),
    Check("I8", "held_back", _("Baris hasil ditahan walau cocok"), HELD_BACK),
    Check("I8", "rows", _("Tidak semua baris hasil tercatat"), ROWS),
    Check("I8", "settled", _("Tersalur di kartu kendali tidak sama dengan hasil bank"), SETTLED),
)
