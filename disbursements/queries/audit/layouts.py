"""Files in a layout of the bank: the version in force on the day, and what the list says."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from disbursements.queries.audit.checks import Check

# Which version makes files is told by the trail: the last one that was put to use before the
# file, and not taken out of use since.
FORCE = """
SELECT p.area_code, p.number || ' susunan v' || y.version, 'v' || last.version,
       'v' || y.version || ' sejak ' || y.valid_from
FROM disbursements_layoutfile f
JOIN disbursements_banklayout y ON y.id = f.layout_id
JOIN disbursements_paylist p ON p.id = f.pay_list_id
JOIN disbursements_budgetline b ON b.id = p.budget_id
JOIN accounts_agency g ON g.id = b.agency_id
LEFT JOIN LATERAL (
    SELECT o.id, o.version, (e.data ->> 'active')::boolean AS active
    FROM audit_event e
    JOIN disbursements_banklayout o ON o.id::text = e.target_id
    WHERE e.target_type = 'disbursements.banklayout' AND e.verb = 'disbursements.save_layout'
      AND e.at <= f.made_at
      AND (o.agency_id, o.bank_code, o.name) = (y.agency_id, y.bank_code, y.name)
      AND ((e.data ->> 'active')::boolean OR o.id = y.id)
    ORDER BY e.at DESC, e.id DESC LIMIT 1
) last ON true
WHERE last.id IS DISTINCT FROM y.id OR last.active IS NOT TRUE
   OR y.valid_from > (f.made_at AT TIME ZONE g.time_zone)::date
   OR (y.agency_id, y.bank_code) <> (b.agency_id, g.bank_code)
"""
SUMS = """
SELECT p.area_code, p.number || ' susunan', p.count || ' / ' || p.total,
       f.count || ' / ' || f.total
FROM disbursements_layoutfile f
JOIN disbursements_paylist p ON p.id = f.pay_list_id
JOIN documents_document d ON d.id = f.document_id
WHERE (f.count, f.total) <> (p.count, p.total) OR f.sha256 <> d.sha256
   OR d.subject_id <> p.id::text OR d.kind <> 'disbursements.layout_file'
"""
# A version that made a file says today what it said when it was kept: every column with its width
# and filling, fixed texts, header, trailer, separator. Older events tell the order of fields only.
TOLD = """
SELECT y.area_code, y.bank_code || ' v' || y.version, COALESCE(last.columns::text, '-'),
       own.columns::text
FROM disbursements_banklayout y
CROSS JOIN LATERAL (
    SELECT COALESCE(jsonb_agg(c.value -> 'field' ORDER BY c.ordinality), '[]') AS columns
    FROM jsonb_array_elements(y.columns) WITH ORDINALITY c) own
LEFT JOIN LATERAL (
    SELECT e.data -> 'columns' AS columns, e.data -> 'layout' AS layout FROM audit_event e
    WHERE e.target_type = 'disbursements.banklayout' AND e.target_id = y.id::text
      AND e.verb = 'disbursements.save_layout' ORDER BY e.at DESC, e.id DESC LIMIT 1
) last ON true
WHERE y.used_at IS NOT NULL AND (last.columns IS DISTINCT FROM own.columns
       OR EXISTS (SELECT 1 FROM jsonb_each(last.layout) w
                  WHERE w.value IS DISTINCT FROM to_jsonb(y) -> w.key))
   OR y.used_at IS NULL AND EXISTS (
       SELECT 1 FROM disbursements_layoutfile f WHERE f.layout_id = y.id)
"""

CHECKS = (
    Check("I6", "layout_force", _("Berkas dibuat dengan susunan yang tidak berlaku"), FORCE),
    Check("I3", "layout_sums", _("Berkas susunan bank tidak sama dengan daftarnya"), SUMS),
    Check("I6", "layout_told", _("Susunan berkas bank berubah sesudah dipakai"), TOLD),
)
