"""Each list by rail and bank, as the database reads it from the lines."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import bansos.lib.money

# Of each list by itself: what the reader may not see, or filters away, is not added up.
VIEW = """
CREATE VIEW disbursements_bankpart AS
SELECT part.id, list.id AS pay_list_id, list.area_code, part.rail, part.bank_code, part.lines,
    part.total, part.delivered, part.came_back, part.silent
FROM disbursements_paylist list CROSS JOIN LATERAL (
    SELECT min(line.id) AS id, line.rail, line.bank_code, count(*) AS lines,
        sum(line.amount) AS total,
        coalesce(sum(line.amount) FILTER (WHERE line.state = 'settled'), 0) AS delivered,
        coalesce(sum(line.amount) FILTER (
            WHERE line.state IN ('returned', 'repaid', 'paid_back')), 0) AS came_back,
        coalesce(sum(line.amount) FILTER (
            WHERE line.state IN ('submitted', 'unknown')), 0) AS silent
    FROM disbursements_paymentline line
    WHERE line.pay_list_id = list.id AND line.state NOT IN ('excluded', 'cancelled')
    GROUP BY line.rail, line.bank_code
) part;
"""


class Migration(migrations.Migration):
    dependencies = [("disbursements", "0027_regency_sums")]

    operations = [
        migrations.CreateModel(
            name="BankPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("area_code", models.CharField(max_length=13)),
                (
                    "rail",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("overbooking", "Pemindahbukuan"),
                            ("bi_fast", "BI-FAST"),
                            ("skn", "SKN"),
                            ("rtgs", "RTGS"),
                            ("cash", "Tunai dengan kuitansi"),
                        ],
                        max_length=12,
                    ),
                ),
                ("bank_code", models.CharField(max_length=3)),
                ("lines", models.BigIntegerField()),
                ("total", bansos.lib.money.MoneyField()),
                ("delivered", bansos.lib.money.MoneyField()),
                ("came_back", bansos.lib.money.MoneyField()),
                ("silent", bansos.lib.money.MoneyField()),
                (
                    "pay_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="disbursements.paylist",
                    ),
                ),
            ],
            options={"db_table": "disbursements_bankpart", "managed": False},
        ),
        migrations.RunSQL(VIEW, "DROP VIEW disbursements_bankpart;"),
    ]
