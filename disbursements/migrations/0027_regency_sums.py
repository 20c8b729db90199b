"""Sums of lines by regency beside those by district, out of the same differences.

A province's year was read from the sums by district, fifty rows for each one that its page shows.
"""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import bansos.lib.money

ADD = """
CREATE FUNCTION bansos_add_to_regency_sum(
    p_list bigint, p_place text, p_state text, p_lines bigint, p_amount numeric
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE disbursements_regencysum SET lines = lines + p_lines, amount = amount + p_amount
    WHERE pay_list_id = p_list AND place = p_place AND state = p_state;
    IF NOT FOUND THEN
        INSERT INTO disbursements_regencysum (pay_list_id, place, state, lines, amount)
        VALUES (p_list, p_place, p_state, p_lines, p_amount);
    END IF;
END $$;
"""
DIFFERENCES = """
        SELECT pay_list_id, left(area_code, 8) AS place, state,
            SUM(sign)::bigint AS lines, SUM(sign * amount) AS amount
        FROM ({rows}) changed GROUP BY 1, 2, 3
        HAVING SUM(sign) <> 0 OR SUM(sign * amount) <> 0
"""
# The statement's lines are added up once, and its few differences once more. The regency's row
# comes first: two statements on one list then wait for each other there, not in a circle.
BOTH = """
CREATE OR REPLACE FUNCTION bansos_line_sums_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM (WITH differences AS MATERIALIZED ({differences}), added AS MATERIALIZED (
        SELECT pay_list_id, left(place, 5) AS place, state, SUM(lines)::bigint AS lines,
            SUM(amount) AS amount
        FROM differences GROUP BY 1, 2, 3
        HAVING SUM(lines) <> 0 OR SUM(amount) <> 0 ORDER BY 1, 2, 3
    ) SELECT COUNT(*) FROM (
        SELECT bansos_add_to_regency_sum(pay_list_id, place, state, lines, amount) FROM added
        UNION ALL
        SELECT bansos_add_to_line_sum(pay_list_id, place, state, lines, amount)
        FROM (SELECT * FROM differences ORDER BY 1, 2, 3) sorted
    ) done);
    RETURN NULL;
END $$;
"""
ONE = """
CREATE OR REPLACE FUNCTION bansos_line_sums_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM bansos_add_to_line_sum(pay_list_id, place, state, lines, amount)
    FROM ({differences} ORDER BY 1, 2, 3) differences;
    RETURN NULL;
END $$;
"""


def _rows(table: str, sign: int) -> str:
    return f"SELECT pay_list_id, area_code, state, amount, {sign} AS sign FROM {table}"


EVENTS = {
    "insert": _rows("fresh", 1),
    "delete": _rows("gone", -1),
    "update": f"{_rows('gone', -1)} UNION ALL {_rows('fresh', 1)}",
}


def _triggers(body: str) -> str:
    return "".join(
        body.format(event=event, differences=DIFFERENCES.format(rows=rows))
        for event, rows in EVENTS.items()
    )


FILL = """
LOCK TABLE disbursements_paymentline IN SHARE MODE;
INSERT INTO disbursements_regencysum (pay_list_id, place, state, lines, amount)
SELECT pay_list_id, left(place, 5), state, SUM(lines), SUM(amount)
FROM disbursements_linesum GROUP BY 1, 2, 3;
"""
BACK = "DROP FUNCTION bansos_add_to_regency_sum(bigint, text, text, bigint, numeric);"


class Migration(migrations.Migration):

    dependencies = [
        ('disbursements', '0026_waiting_registers'),
    ]

    operations = [
        migrations.CreateModel(
            name='RegencySum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'Menunggu'), ('excluded', 'Dikeluarkan'), ('submitted', 'Diproses bank'), ('unknown', 'Belum diketahui'), ('settled', 'Tersalur'), ('returned', 'Retur'), ('repaid', 'Dibayar susulan'), ('paid_back', 'Disetor ke kas daerah'), ('cancelled', 'Dibatalkan')], max_length=10)),
                ('lines', models.BigIntegerField()),
                ('amount', bansos.lib.money.MoneyField(decimal_places=2, max_digits=18)),
                ('place', models.CharField(max_length=5)),
                ('pay_list', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='regency_sums', to='disbursements.paylist')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('pay_list', 'place', 'state'), name='regency_sum_once'), models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('lines__gte', 0)), name='regency_sum_not_negative')],
            },
        ),
        migrations.RunSQL(ADD + FILL + _triggers(BOTH), _triggers(ONE) + BACK),
    ]
