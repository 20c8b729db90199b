"""Where a bank's answer lies while it is matched; not logged, it can always be read again."""

from __future__ import annotations

import bansos.lib.money
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('disbursements', '0021_openings'),
    ]

    operations = [
        migrations.CreateModel(
            name='StagedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row_number', models.PositiveIntegerField()),
                ('reference', models.TextField()),
                ('amount', bansos.lib.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('account_index', models.TextField()),
                ('name', models.TextField()),
                ('outcome', models.TextField()),
                ('reason', models.TextField()),
                ('bank_text', models.TextField()),
                ('bank_date', models.DateField(null=True)),
                ('bank_reference', models.TextField()),
                ('currency', models.TextField()),
                ('reason_code', models.TextField()),
                ('exception', models.TextField()),
                ('is_first', models.BooleanField(db_default=True, default=True)),
                ('conflict', models.BooleanField(db_default=False, default=False)),
                ('back', models.BooleanField(db_default=False, default=False)),
                ('result', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='staged', to='disbursements.resultfile')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('result', 'row_number'), name='staged_row_once')],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE disbursements_stagedrow SET UNLOGGED", migrations.RunSQL.noop
        ),
    ]
