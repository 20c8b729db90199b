"""One pay list of as many lines as asked for, for the pages that show it: filled, not drawn."""

from __future__ import annotations

from django.db import connection, transaction

from bansos.lib.crypto import seal_text
from bench.money_world import AREA, MoneyWorld, make_world
from beneficiaries.models import Person
from disbursements.models import PayList, PaymentLine

FIRST = 100
PERSONS = """
INSERT INTO beneficiaries_person ({columns}) SELECT {values}
FROM (SELECT * FROM beneficiaries_person WHERE id = 1) p, generate_series(%s, %s) n
"""
LINES = """
INSERT INTO disbursements_paymentline (pay_list_id, position, enrolment_id, stage_id, person_id,
    one_per_family, payee_name, address, area_code, bank_code, account_number, account_index,
    account_holder, amount, reference, state, exclude_reason)
SELECT %(list)s, n, n, %(stage)s, n, FALSE, 'Suminah Rahayu ' || n, 'Dusun Krajan RT ' || n %% 9,
    %(area)s || '.' || lpad((n %% 10 + 1)::text, 2, '0') || '.' || 2001 + n %% 20, '114',
    %(number)s, md5('a' || n), 'SUMINAH RAHAYU ' || n, 500000, 'R35' || lpad(n::text, 13, '0'),
    'waiting', ''
FROM generate_series(1, %(count)s) n
"""
KEPT = "ALTER TABLE disbursements_paymentline ENABLE ALWAYS TRIGGER line_sums_insert"
LIST = """
INSERT INTO disbursements_paylist (number, kind, area_code, state, round, count, total,
    content_hash, made_at, made_by_id, spm_number, sp2d_number, cancel_reason, allocation_id,
    budget_id, decree_id, stage_id, version_id)
SELECT 'DB-1', 'main', %(area)s, 'draft', 0, %(count)s, %(count)s * 500000.0, '', now(), %(user)s,
    '', '', '', a.id, a.budget_id, d.id, s.id, s.version_id
FROM disbursements_allocation a, programs_decree d, programs_stage s WHERE s.id = %(stage)s
RETURNING id
"""


def make_list(count: int) -> tuple[MoneyWorld, PayList]:
    """A draft list of `count` people with all its indexes, in this throw-away database."""
    world = make_world(FIRST)
    nik = seal_text("3519010101400001", context="beneficiaries_person.nik")
    number = seal_text("001200000001", context="beneficiaries_bankaccount.number")
    with transaction.atomic(), connection.cursor() as db:
        # Filled past foreign keys and past the index of names, which no page of lines reads.
        db.execute("SET LOCAL session_replication_role = replica")
        db.execute("DROP INDEX person_name_trgm")
        db.execute(KEPT)
        db.execute("UPDATE beneficiaries_person SET nik = %s", [nik])
        db.execute(_persons(), [FIRST + 1, count])
        which = {"area": AREA, "count": count, "stage": world.stage.pk}
        db.execute(LIST, {**which, "user": world.maker.pk})
        (pk,) = db.fetchone()
        db.execute(LINES, {**which, "list": pk, "number": number})
    with connection.cursor() as db:
        for model in (Person, PaymentLine):
            db.execute(f"VACUUM ANALYZE {model._meta.db_table}")
    return world, PayList.objects.get(pk=pk)


def _persons() -> str:
    """Everybody is the first person, but for number, name and address."""
    own = {
        "id": "n",
        "nik_index": "md5('s' || n)",
        "name": "'Suminah Rahayu ' || n",
        "address": "'Dusun Krajan RT ' || n %% 9",
        "family_id": "NULL::bigint",
    }
    columns = [field.column for field in Person._meta.local_fields]
    values = [own.get(column, f"p.{column}") for column in columns]
    return PERSONS.format(columns=", ".join(columns), values=", ".join(values))
