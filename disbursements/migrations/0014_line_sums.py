"""Sums of lines by list, district and state, kept by the statements that change lines."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import bansos.lib.money

# UPDATE first: a difference may be negative, and the checks of a row proposed for ON CONFLICT
# are made before the conflict is seen.
ADD = """
CREATE FUNCTION bansos_add_to_line_sum(
    p_list bigint, p_place text, p_state text, p_lines bigint, p_amount numeric
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE disbursements_linesum SET lines = lines + p_lines, amount = amount + p_amount
    WHERE pay_list_id = p_list AND place = p_place AND state = p_state;
    IF NOT FOUND THEN
        INSERT INTO disbursements_linesum (pay_list_id, place, state, lines, amount)
        VALUES (p_list, p_place, p_state, p_lines, p_amount);
    END IF;
END $$;
"""


def _trigger(event: str, tables: str, rows: str) -> str:
    return f"""
CREATE FUNCTION bansos_line_sums_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM bansos_add_to_line_sum(pay_list_id, place, state, lines, amount) FROM (
        SELECT pay_list_id, left(area_code, 8) AS place, state,
            SUM(sign) AS lines, SUM(sign * amount) AS amount
        FROM ({rows}) changed GROUP BY 1, 2, 3
        HAVING SUM(sign) <> 0 OR SUM(sign * amount) <> 0 ORDER BY 1, 2, 3
    ) differences;
    RETURN NULL;
END $$;
CREATE TRIGGER line_sums_{event} AFTER {event} ON disbursements_paymentline
    REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION bansos_line_sums_{event}();
"""


def _rows(table: str, sign: int) -> str:
    return f"SELECT pay_list_id, area_code, state, amount, {sign} AS sign FROM {table}"


TRIGGERS = (
    _trigger("insert", "NEW TABLE AS fresh", _rows("fresh", 1))
    + _trigger("delete", "OLD TABLE AS gone", _rows("gone", -1))
    + _trigger(
        "update",
        "OLD TABLE AS gone NEW TABLE AS fresh",
        f"{_rows('gone', -1)} UNION ALL {_rows('fresh', 1)}",
    )
)
FILL = """
INSERT INTO disbursements_linesum (pay_list_id, place, state, lines, amount)
SELECT pay_list_id, left(area_code, 8), state, COUNT(*), SUM(amount)
FROM disbursements_paymentline GROUP BY 1, 2, 3;
"""
BACK = "".join(
    f"DROP TRIGGER line_sums_{event} ON disbursements_paymentline;"
    f" DROP FUNCTION bansos_line_sums_{event}();"
    for event in ("insert", "delete", "update")
) + (
    "DROP FUNCTION bansos_add_to_line_sum(bigint, text, text, bigint, numeric);"
    " DELETE FROM disbursements_linesum;"
)


class Migration(migrations.Migration):

    dependencies = [
        ('disbursements', '0013_goods'),
    ]

    operations = [
        migrations.CreateModel(
            name='LineSum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(max_length=8)),
                ('state', models.CharField(choices=[('waiting', 'Menunggu'), ('excluded', 'Dikeluarkan'), ('submitted', 'Diproses bank'), ('unknown', 'Belum diketahui'), ('settled', 'Tersalur'), ('returned', 'Retur'), ('repaid', 'Dibayar susulan'), ('paid_back', 'Disetor ke kas daerah'), ('cancelled', 'Dibatalkan')], max_length=10)),
                ('lines', models.BigIntegerField()),
                ('amount', bansos.lib.money.MoneyField(decimal_places=2, max_digits=18)),
                ('pay_list', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='sums', to='disbursements.paylist')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('pay_list', 'place', 'state'), name='line_sum_once'), models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('lines__gte', 0)), name='line_sum_not_negative')],
            },
        ),
        migrations.RemoveIndex(model_name="paymentline", name="line_list_state"),
        migrations.AddIndex(
            model_name="paymentline",
            index=models.Index(
                fields=["pay_list", "state", "position", "id"], name="line_list_page"
            ),
        ),
        migrations.RunSQL(ADD + FILL + TRIGGERS, BACK),
    ]
