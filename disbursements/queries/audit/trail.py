"""I9 and I12: jobs nobody works on, moves and the trail, and the chain that binds it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django.utils.translation import gettext_lazy as _

from disbursements.queries.audit.checks import MOST_OF_A_KIND, Breach, Check, Moment, breach

FIRST = "0" * 64
# What a link covers of its event: every column, under these names.
EVENT = (
    *("id", "at", "actor_id", "actor_name", "actor_role", "verb", "target_type", "target_id"),
    *("area_code", "reason", "data"),
)

# A row that a worker holds carries the number of its running transaction, so a long step is told
# from a lost one.
STANDING = """
SELECT u.area_code, 'pekerjaan ' || j.kind || ' ' || left(j.id::text, 8), '60 detik',
       date_trunc('second', %(at)s - COALESCE(j.stepped_at, j.created_at))::text
FROM jobs_job j JOIN accounts_user u ON u.id = j.owner_id
WHERE j.state IN ('queued', 'running')
  AND GREATEST(j.rung_at, j.stepped_at, j.created_at) < %(at)s - interval '60 seconds'
  AND j.xmax::text NOT IN (SELECT a.backend_xid::text FROM pg_stat_activity a
                           WHERE a.backend_xid IS NOT NULL)
"""
LOST_JOBS = """
SELECT p.area_code, p.number, 'pekerjaan penyusunan', COALESCE(j.state, 'tidak ada')
FROM disbursements_paylist p LEFT JOIN jobs_job j ON j.id = p.job_id
WHERE p.drawn_at IS NULL AND p.state = 'draft' AND p.kind = 'main'
  AND (j.id IS NULL OR j.state IN ('done', 'notes')
       OR j.kind = 'disbursements.give_up' AND j.state = 'failed')
UNION ALL
SELECT f.area_code, 'hasil ' || f.id, 'pekerjaan penerapan', COALESCE(j.state, 'tidak ada')
FROM disbursements_resultfile f LEFT JOIN jobs_job j ON j.id = f.job_id
WHERE f.state = 'checked' AND (j.id IS NULL OR j.state IN ('done', 'notes'))
  AND (f.job_id IS NOT NULL OR EXISTS (
      SELECT 1 FROM disbursements_resultrow r WHERE r.result_id = f.id))
UNION ALL
SELECT p.area_code, p.number, 'surat ke bank', d.state
FROM disbursements_bankfile f JOIN documents_document d ON d.id = f.document_id
JOIN disbursements_paylist p ON p.id = f.pay_list_id
WHERE d.state <> 'valid' AND p.state <> 'closed' AND NOT EXISTS (
    SELECT 1 FROM jobs_job j WHERE j.state IN ('queued', 'running')
    AND j.kind IN ('disbursements.renew_letter', 'disbursements.bank_files')
    AND (j.params ->> 'list')::bigint = p.id)
"""
STATE = """
SELECT p.area_code, p.number, COALESCE(m.new, 'tanpa riwayat'), p.state
FROM disbursements_paylist p
LEFT JOIN LATERAL (SELECT x.new FROM disbursements_listmove x WHERE x.pay_list_id = p.id
                   ORDER BY x.id DESC LIMIT 1) m ON true
WHERE m.new IS DISTINCT FROM p.state AND SCOPE(p.budget_id)
"""
# Every step follows the one before it and is a step that exists; written down once more here.
STEPS = """
WITH allowed(old, new) AS (VALUES
    ('', 'draft'), ('draft', 'locked'), ('locked', 'draft'), ('locked', 'awaiting'),
    ('awaiting', 'draft'), ('awaiting', 'approved'), ('approved', 'sp2d'), ('approved', 'sent'),
    ('sp2d', 'approved'), ('sp2d', 'sent'), ('sent', 'partly'), ('sent', 'settled'),
    ('partly', 'settled'),
    ('settled', 'partly'), ('settled', 'closed'), ('draft', 'cancelled'), ('locked', 'cancelled'),
    ('approved', 'cancelled')
), steps AS (
    SELECT m.*, COALESCE(lag(m.new) OVER w, '') AS before
    FROM disbursements_listmove m WINDOW w AS (PARTITION BY m.pay_list_id ORDER BY m.id)
)
SELECT p.area_code, p.number, s.before, s.old || ' > ' || s.new
FROM steps s
JOIN disbursements_paylist p ON p.id = s.pay_list_id
LEFT JOIN allowed a ON a.old = s.old AND a.new = s.new
WHERE SCOPE(p.budget_id) AND (s.old <> s.before OR a.old IS NULL)
"""
# The moment and the person of each step stand on the list, in its moves, and in the trail. An SP2D
# that was taken back leads to the approval there was: it is no approval of its own.
DATES = """
SELECT p.area_code, p.number || ' ' || f.new, f.at::text || ' ' || f.by_id,
       m.at::text || ' ' || m.by_id
FROM disbursements_paylist p
CROSS JOIN LATERAL (VALUES
    ('locked', p.locked_at, p.locked_by_id), ('approved', p.approved_at, p.approved_by_id),
    ('sp2d', p.sp2d_at, p.sp2d_by_id), ('sent', p.sent_at, p.sent_by_id),
    ('closed', p.closed_at, p.closed_by_id), ('cancelled', p.cancelled_at, p.cancelled_by_id)
) AS f(new, at, by_id)
LEFT JOIN LATERAL (SELECT x.at, x.by_id FROM disbursements_listmove x
    WHERE x.pay_list_id = p.id AND x.new = f.new AND (x.old, x.new) <> ('sp2d', 'approved')
    ORDER BY x.id DESC LIMIT 1) m ON true
WHERE f.at IS NOT NULL AND (m.at, m.by_id) IS DISTINCT FROM (f.at, f.by_id) AND SCOPE(p.budget_id)
"""
MOVES_TOLD = """
WITH told AS (
    SELECT e.target_id, e.at, e.actor_id, CASE e.verb
        WHEN 'disbursements.create_list' THEN 'draft' ELSE e.data ->> 'new' END AS new
    FROM audit_event e WHERE e.target_type = 'disbursements.paylist'
)
SELECT p.area_code, p.number, m.old || ' > ' || m.new, NULL
FROM disbursements_listmove m JOIN disbursements_paylist p ON p.id = m.pay_list_id
WHERE SCOPE(p.budget_id) AND NOT EXISTS (
    SELECT 1 FROM told t WHERE t.target_id = p.id::text AND t.new = m.new AND t.at = m.at
    AND t.actor_id IS NOT DISTINCT FROM m.by_id)
"""
MOVES_MISSING = """
SELECT p.area_code, p.number, e.verb, 'tanpa langkah'
FROM audit_event e JOIN disbursements_paylist p ON p.id::text = e.target_id
WHERE e.target_type = 'disbursements.paylist' AND SCOPE(p.budget_id)
  AND jsonb_typeof(e.data -> 'new') = 'string' -- a corrected paper has an object there
  AND NOT EXISTS (SELECT 1 FROM disbursements_listmove m
    WHERE m.pay_list_id = p.id AND m.new = e.data ->> 'new' AND m.at = e.at)
"""
# A list, a result or a return that the trail knows and the tables do not; a match taken back
# takes its return with it, and says which.
RECORDS_MISSING = """
SELECT e.area_code, split_part(e.target_type, '.', 2) || ' ' || e.target_id, e.verb, NULL
FROM audit_event e
WHERE e.verb IN ('disbursements.create_list', 'disbursements.upload_result',
                 'disbursements.decide_return', 'disbursements.record_budget')
  AND NOT CASE e.target_type
    WHEN 'disbursements.paylist' THEN EXISTS (
        SELECT 1 FROM disbursements_paylist x WHERE x.id::text = e.target_id)
    WHEN 'disbursements.resultfile' THEN EXISTS (
        SELECT 1 FROM disbursements_resultfile x WHERE x.id::text = e.target_id)
    WHEN 'disbursements.returncase' THEN EXISTS (
        SELECT 1 FROM disbursements_returncase x WHERE x.id::text = e.target_id) OR EXISTS (
        SELECT 1 FROM audit_event u WHERE u.verb = 'disbursements.desk_undo'
        AND u.data #>> '{made,case,id}' = e.target_id)
    WHEN 'disbursements.budgetline' THEN EXISTS (
        SELECT 1 FROM disbursements_budgetline x WHERE x.id::text = e.target_id)
    ELSE true END
"""
SIGNATURES_TOLD = """
SELECT p.area_code, p.number || ' ' || a.step || ' ' || a.round, 'jejak', NULL
FROM disbursements_approval a JOIN disbursements_paylist p ON p.id = a.pay_list_id
WHERE SCOPE(p.budget_id) AND NOT EXISTS (
    SELECT 1 FROM audit_event e WHERE e.target_type = 'disbursements.paylist'
    AND e.target_id = p.id::text AND e.at = a.at AND e.actor_id = a.by_id
    AND e.verb = CASE WHEN NOT a.agreed THEN 'disbursements.send_back_list'
        WHEN a.step = 'check' THEN 'disbursements.check_list'
        ELSE 'disbursements.approve_list' END)
"""
LEDGER_TOLD = """
WITH verbs(kind, verb) AS (VALUES
    ('budget', 'disbursements.record_budget'), ('budget_change', 'disbursements.change_ceiling'),
    ('reserve', 'disbursements.lock_list'), ('release', 'disbursements.unlock_list'),
    ('release', 'disbursements.send_back_list'), ('release', 'disbursements.cancel_list'),
    ('sp2d', 'disbursements.record_sp2d'), ('pay_back', 'disbursements.record_sts')
)
SELECT g.area_code, g.key, g.kind, NULL
FROM disbursements_ledgerevent g
WHERE g.kind IN (SELECT kind FROM verbs) AND SCOPE(g.budget_id) AND NOT EXISTS (
    SELECT 1 FROM audit_event e JOIN verbs v ON v.verb = e.verb
    WHERE v.kind = g.kind AND e.target_type = g.subject_type AND e.target_id = g.subject_id
    AND e.at = g.at AND e.actor_id = g.by_id)
"""
DECISIONS_TOLD = """
SELECT c.area_code, 'retur ' || c.id, w.verb, NULL
FROM disbursements_returncase c
CROSS JOIN LATERAL (VALUES
    ('disbursements.decide_return', c.decided_at, c.decided_by_id, c.decision, NULL::numeric),
    ('disbursements.confirm_return', c.confirmed_at, c.confirmed_by_id, c.decision, NULL)
) AS w(verb, at, by_id, decision, amount)
WHERE w.at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM audit_event e WHERE e.target_type = 'disbursements.returncase'
    AND e.target_id = c.id::text AND e.verb = w.verb AND e.at = w.at AND e.actor_id = w.by_id
    AND e.data ->> 'decision' = w.decision)
UNION ALL
SELECT c.area_code, 'retur ' || c.id, 'STS ' || c.sts_number, NULL
FROM disbursements_returncase c
WHERE c.sts_amount IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM audit_event e WHERE e.target_type = 'disbursements.returncase'
    AND e.target_id = c.id::text AND e.verb = 'disbursements.record_sts'
    AND (e.data ->> 'amount')::numeric = c.sts_amount AND e.data ->> 'sts_number' = c.sts_number)
"""
RESULTS_TOLD = """
SELECT f.area_code, 'hasil ' || f.id, w.verb, NULL
FROM disbursements_resultfile f
CROSS JOIN LATERAL (VALUES
    ('disbursements.upload_result', f.uploaded_at, COALESCE(f.source_id, f.id)),
    ('disbursements.apply_result', f.applied_at, f.id)
) AS w(verb, at, id)
WHERE w.at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM audit_event e WHERE e.target_type = 'disbursements.resultfile'
    AND e.target_id = w.id::text AND e.verb = w.verb AND e.at = w.at
    AND (e.verb <> 'disbursements.upload_result' OR e.data ->> 'sha256' = f.sha256))
"""
CHAIN_SQL = """
SELECT s.position, s.event_id, s.previous_hash, s.hash, e.id, e.at, e.actor_id, e.actor_name,
       e.actor_role, e.verb, e.target_type, e.target_id, e.area_code, e.reason, e.data::text
FROM audit_seal s LEFT JOIN audit_event e ON e.id = s.event_id ORDER BY s.position
"""
UNSEALED = """
SELECT e.area_code, 'kejadian ' || e.id, 'disegel', date_trunc('second', e.at)::text
FROM audit_event e LEFT JOIN audit_seal s ON s.event_id = e.id
WHERE s.position IS NULL
  AND (e.at < %(at)s - interval '10 minutes'
       OR e.id < (SELECT max(x.event_id) FROM audit_seal x) - 10000)
"""

CHAIN = Check("I12", "chain", _("Rantai jejak audit terputus atau kejadiannya diubah"), CHAIN_SQL)
CHECKS = (
    Check("I9", "standing", _("Pekerjaan tidak bergerak lebih dari 60 detik"), STANDING),
    Check("I9", "lost_jobs", _("Pekerjaan hilang sebelum selesai"), LOST_JOBS),
    Check("I12", "state", _("Keadaan daftar tidak sama dengan riwayatnya"), STATE, quick=True),
    Check("I12", "steps", _("Riwayat daftar tidak menyambung atau melompat"), STEPS, quick=True),
    Check(
        "I12", "dates", _("Waktu atau orang pada daftar berbeda dari riwayatnya"), DATES, quick=True
    ),
    Check("I12", "moves_told", _("Langkah daftar tanpa jejak audit"), MOVES_TOLD, quick=True),
    Check(
        "I12", "moves_missing", _("Jejak audit tanpa langkah daftarnya"), MOVES_MISSING, quick=True
    ),
    Check(
        "I12", "records_missing", _("Catatan yang ada di jejak sudah tidak ada"), RECORDS_MISSING
    ),
    Check(
        "I12", "signatures_told", _("Tanda tangan tanpa jejak audit"), SIGNATURES_TOLD, quick=True
    ),
    Check("I12", "ledger_told", _("Mutasi tanpa jejak audit"), LEDGER_TOLD, quick=True),
    Check("I12", "decisions_told", _("Keputusan retur tanpa jejak audit"), DECISIONS_TOLD),
    Check("I12", "results_told", _("Hasil bank tanpa jejak audit"), RESULTS_TOLD),
    Check("I12", "unsealed", _("Kejadian belum disegel lebih dari 10 menit"), UNSEALED),
)


def read_chain(connection: Any, _moment: Moment) -> Iterator[Breach]:
    """Every link of the trail's chain computed again; stops after a thousand breaches."""
    previous, count, found = FIRST, 0, 0
    for row in _rows(connection):
        count += 1
        for wrong in _link_faults(row, count, previous):
            found += 1
            yield wrong
        if found >= MOST_OF_A_KIND:
            return
        count, previous = row[0], row[3]


def _rows(connection: Any) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.itersize = 5_000
        cursor.execute(CHAIN_SQL)
        yield from cursor


def _link_faults(row: tuple[Any, ...], count: int, previous: str) -> Iterator[Breach]:
    position, event_id, before, sealed, found_id, *_rest = row
    area = row[12]
    if position != count:
        yield breach(CHAIN, area, f"mata rantai {count}", count, position)
    if before != previous:
        yield breach(CHAIN, area, f"mata rantai {position}", previous[:12], before[:12])
    if found_id is None:
        yield breach(CHAIN, area, f"kejadian {event_id}", sealed[:12], None)
        return
    computed = _hash_of(before, row[4:])
    if computed != sealed:
        yield breach(CHAIN, area, f"kejadian {event_id}", sealed[:12], computed[:12])


def _hash_of(previous: str, event: tuple[Any, ...]) -> str:
    values = dict(zip(EVENT, event, strict=True))
    values["at"] = values["at"].astimezone(UTC).isoformat()
    values["data"] = json.loads(values["data"])
    body = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()
