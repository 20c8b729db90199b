"""Goods: stock against its movements, hand-overs against the lots they name, once each."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from disbursements.queries.audit.checks import Check

STOCK = """
SELECT s.area_code, 'stok ' || s.id || ' ' || l.contract_number,
       COALESCE(m.total, 0), s.quantity
FROM disbursements_stock s
JOIN disbursements_goodslot l ON l.id = s.lot_id
LEFT JOIN LATERAL (
    SELECT sum(quantity) AS total FROM disbursements_stockmove WHERE stock_id = s.id) m ON true
WHERE s.quantity < 0 OR s.quantity <> COALESCE(m.total, 0)
"""
# What was bought is what came in, and what lies somewhere or was handed out is no more than that.
LOTS = """
SELECT l.area_code, 'lot ' || l.contract_number, l.quantity, COALESCE(m.received, 0)
FROM disbursements_goodslot l
LEFT JOIN LATERAL (
    SELECT sum(m.quantity) FILTER (WHERE m.kind = 'receive') AS received,
           sum(m.quantity) FILTER (WHERE m.kind IN ('in', 'out')) AS moved
    FROM disbursements_stockmove m JOIN disbursements_stock s ON s.id = m.stock_id
    WHERE s.lot_id = l.id) m ON true
WHERE l.quantity <> COALESCE(m.received, 0) OR COALESCE(m.moved, 0) <> 0
"""
TWICE = """
SELECT min(area_code), string_agg(number, ', ' ORDER BY id), 1, count(*)
FROM disbursements_handover WHERE state = 'handed' GROUP BY enrolment_id HAVING count(*) > 1
"""
# A BAST says which units of which lot, at the price of the lot, of its own programme's package.
WITHOUT_LOT = """
SELECT h.area_code, h.number, COALESCE(sum(x.quantity * l.unit_price), 0), h.value
FROM disbursements_handover h
LEFT JOIN disbursements_handoverline x ON x.handover_id = h.id AND x.replaces_id IS NULL
LEFT JOIN disbursements_goodslot l ON l.id = x.lot_id
LEFT JOIN disbursements_goodsitem i ON i.id = l.item_id
LEFT JOIN programs_enrolment e ON e.id = h.enrolment_id
GROUP BY h.id
HAVING count(x.id) = 0 OR h.value <> COALESCE(sum(x.quantity * l.unit_price), 0)
    OR bool_or(i.version_id <> e.version_id) OR bool_or(x.unit_price <> l.unit_price)
"""
# Each unit of a hand-over left the stock of its lot; what came back entered it again.
MOVED = """
WITH said AS (
    SELECT h.id AS handover_id, x.lot_id,
           sum(CASE WHEN h.state = 'returned' AND NOT EXISTS (
                   SELECT 1 FROM disbursements_handoverline n WHERE n.replaces_id = x.id)
               THEN 0 ELSE -x.quantity END) AS total
    FROM disbursements_handover h JOIN disbursements_handoverline x ON x.handover_id = h.id
    GROUP BY h.id, x.lot_id
), moved AS (
    SELECT m.handover_id, s.lot_id, sum(m.quantity) AS total
    FROM disbursements_stockmove m JOIN disbursements_stock s ON s.id = m.stock_id
    WHERE m.kind IN ('hand_over', 'back', 'replace') GROUP BY m.handover_id, s.lot_id
)
SELECT h.area_code, COALESCE(h.number, 'tanpa BAST'), said.total, moved.total
FROM said FULL JOIN moved USING (handover_id, lot_id)
LEFT JOIN disbursements_handover h ON h.id = handover_id
WHERE COALESCE(said.total, 0) <> COALESCE(moved.total, 0)
"""
PROOF = """
SELECT h.area_code, h.number, 'foto dan tanda tangan', NULL FROM disbursements_handover h
WHERE length(h.photo) = 0 OR length(h.signature) = 0
   OR h.photo_sha256 = '' OR h.signature_sha256 = ''
"""
TOLD = """
SELECT h.area_code, h.number, w.verb, NULL
FROM disbursements_handover h CROSS JOIN LATERAL (VALUES
    ('disbursements.hand_over', h.handed_at, h.handed_by_id),
    ('disbursements.take_back', h.returned_at, h.returned_by_id)
) AS w(verb, at, by_id)
WHERE w.at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM audit_event e WHERE e.target_type = 'disbursements.handover'
    AND e.target_id = h.id::text AND e.verb = w.verb AND e.at = w.at AND e.actor_id = w.by_id)
UNION ALL
SELECT l.area_code, 'lot ' || l.contract_number, 'disbursements.receive_lot', NULL
FROM disbursements_goodslot l WHERE NOT EXISTS (
    SELECT 1 FROM audit_event e WHERE e.target_type = 'disbursements.goodslot'
    AND e.target_id = l.id::text AND e.verb = 'disbursements.receive_lot'
    AND e.at = l.made_at AND e.actor_id = l.made_by_id)
"""

CHECKS = (
    Check("I1", "goods_stock", _("Stok barang kurang dari nol atau bukan jumlah geraknya"), STOCK),
    Check("I3", "goods_lots", _("Yang dibeli dalam lot bukan yang masuk gudang"), LOTS),
    Check("I2", "goods_twice", _("Barang diserahkan dua kali kepada satu penerima"), TWICE),
    Check("I4", "goods_without_lot", _("BAST tanpa lot, atau nilainya bukan lotnya"), WITHOUT_LOT),
    Check("I3", "goods_moved", _("Barang BAST tidak sama dengan yang keluar gudang"), MOVED),
    Check("I4", "goods_proof", _("BAST tanpa foto atau tanda tangan"), PROOF),
    Check("I12", "goods_told", _("Barang diterima atau diserahkan tanpa jejak audit"), TOLD),
)
