"""report.dashboard at its size: a province's year of payment lines, summed raw and as kept.

Five programmes of four stages over 38 regencies of 18 districts. The lines go in by one INSERT a
stage, past the indexes and foreign keys that neither sum reads; the sums beside them are written
by the product's own trigger, as for any list.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from bansos.accounts.models import Agency, User
from bansos.regions.choices import Level
from bansos.regions.models import Region
from bench.money import MoneyRow, taking
from monitoring.queries.money import REGENCY, Cell, added_lines, line_cells
from monitoring.queries.scope import Scope
from programs.choices import BenefitKind, PayeeKind, VersionState
from programs.models import Programme, ProgrammeVersion, Stage

PROVINCE, PROGRAMMES, STAGES, REGENCIES, DISTRICTS = "35", 5, 4, 38, 18
RAW_TURNS, KEPT_TURNS = 3, 9
BARE = """
DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT conrelid::regclass AS place, conname FROM pg_constraint
        WHERE contype = 'f' AND 'disbursements_paymentline'::regclass IN (conrelid, confrelid)
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.place, one.conname); END LOOP;
    FOR one IN SELECT conname FROM pg_constraint
        WHERE contype IN ('u', 'p') AND conrelid = 'disbursements_paymentline'::regclass
    LOOP EXECUTE format('ALTER TABLE disbursements_paymentline DROP CONSTRAINT %I', one.conname);
    END LOOP;
    FOR one IN SELECT indexrelid::regclass AS name FROM pg_index
        WHERE indrelid = 'disbursements_paymentline'::regclass
    LOOP EXECUTE format('DROP INDEX %s', one.name); END LOOP;
END $$;
ALTER TABLE disbursements_paymentline SET UNLOGGED;
ALTER TABLE disbursements_paymentline DISABLE TRIGGER line_frozen_insert;
"""
LISTS = """
INSERT INTO disbursements_paylist (number, kind, area_code, state, round, count, total,
    content_hash, made_at, made_by_id, spm_number, sp2d_number, sp2d_date, cancel_reason,
    allocation_id, budget_id, decree_id, stage_id, version_id)
SELECT 'D' || s.id || '-' || r, 'main', '35.' || lpad(r::text, 2, '0'), 'draft', 0, 0, 0,
    '', now(), %(user)s, '', '', date '2026-03-02', '', 0, 0, 0, s.id, s.version_id
FROM programs_stage s, generate_series(1, %(regencies)s) r
"""
LINES = """
INSERT INTO disbursements_paymentline (pay_list_id, position, enrolment_id, stage_id, person_id,
    one_per_family, payee_name, address, area_code, bank_code, account_holder, amount, reference,
    state, exclude_reason, settled_on)
SELECT l.id, n, n, %(stage)s, n, FALSE, 'Suminah Rahayu ' || n, 'Dusun Krajan RT ' || n %% 9,
    l.area_code || '.' || lpad((n %% %(districts)s + 1)::text, 2, '0') || '.2001', '114',
    'SUMINAH RAHAYU', 400000 + n %% 7 * 1000, 'R' || n,
    CASE n %% 50 WHEN 0 THEN 'paid_back' WHEN 1 THEN 'returned' ELSE 'settled' END, '',
    date '2026-03-03' + n %% 30
FROM disbursements_paylist l, generate_series(1, %(each)s) n
WHERE l.stage_id = %(stage)s
"""


def row(count: int, say: Callable[[str], None] = print) -> MoneyRow:
    """Fill this (throw-away) database and measure, see compared()."""
    user = _world()
    begun = time.perf_counter()
    lines = _fill(count, user)
    say(f"{lines} baris dalam {time.perf_counter() - begun:.0f} s")
    return compared(Scope(user=user, year=2026, area_code=PROVINCE), lines)


def compared(scope: Scope, lines: int) -> MoneyRow:
    """The year's sums by regency as kept, against adding up every line into the same sums.

    RuntimeError when they differ, or those by district, which only reports and regencies ask for.
    """
    with taking() as taken:
        raw, found = _timed(lambda: added_lines(scope, REGENCY), RAW_TURNS)
        kept, sums = _timed(lambda: line_cells(scope, REGENCY), KEPT_TURNS)
    for added, stored in ((found, sums), (added_lines(scope), line_cells(scope))):
        if sorted(map(str, added)) != sorted(map(str, stored)):
            raise RuntimeError("The kept sums differ from the lines.")
    total = sum((cell.delivered for cell in sums), Decimal(0))
    note = f"{lines} baris, {len(sums)} sel; sama sampai rupiah ({total}); median {RAW_TURNS}"
    return MoneyRow("report.dashboard", kept, raw, 1 / 500, taken.peak, taken.grown, note=note)


def _timed(read: Callable[[], list[Cell]], turns: int) -> tuple[float, list[Cell]]:
    """The median of seconds on the clock, and what was read."""
    taken, found = [], []
    for _turn in range(turns):
        begun = time.perf_counter()
        found = read()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken), found


def _world() -> User:
    """A province with its programmes and stages; whose sums are asked."""
    Region.objects.get_or_create(
        code=PROVINCE, defaults={"name": "Jawa Timur", "level": Level.PROVINCE}
    )
    agency = Agency.objects.create(name="Dinas Sosial", area_code=PROVINCE, bank_code="114")
    user = User.objects.create(
        username="bendahara", full_name="Bendahara", role="bendahara", area_code=PROVINCE
    )
    for number in range(PROGRAMMES):
        programme = Programme.objects.create(
            agency=agency, area_code=PROVINCE, code=f"P{number}", name=f"Program {number}"
        )
        version = ProgrammeVersion.objects.create(
            programme=programme,
            year=2026,
            state=VersionState.DRAFT,
            payee_kind=PayeeKind.PERSON,
            benefit_kind=BenefitKind.PER_STAGE,
            annual_amount=Decimal(2_000_000),
        )
        for stage in range(1, STAGES + 1):
            Stage.objects.create(
                version=version,
                number=stage,
                name=f"Tahap {stage}",
                stage_date=f"2026-{stage * 3:02d}-01",
                amount=Decimal(500_000),
            )
    return user


def _fill(count: int, user: User) -> int:
    """Lists and lines; how many lines there are, a little under `count`."""
    each = count // (PROGRAMMES * STAGES * REGENCIES)
    with connection.cursor() as db:
        db.execute(BARE)
        with transaction.atomic():
            # A list has a decree and a budget; the sums ask for neither.
            db.execute("SET LOCAL session_replication_role = replica")
            db.execute(LISTS, {"user": user.pk, "regencies": REGENCIES})
        for stage in Stage.objects.order_by("pk").values_list("pk", flat=True):
            db.execute(LINES, {"stage": stage, "districts": DISTRICTS, "each": each})
        db.execute("ANALYZE disbursements_paymentline, disbursements_paylist")
        db.execute("VACUUM ANALYZE disbursements_linesum, disbursements_regencysum")
        db.execute("SELECT count(*) FROM disbursements_paymentline")
        found: Any = db.fetchone()
    return int(found[0])
