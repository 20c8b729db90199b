"""Lines carry no index that another one serves as well.

A line's state stands in an index, so every move of a line writes all its indexes anew: twenty
of them, eight of which nobody needs. Where a column is empty on most lines its index leaves those
out; where another index begins with the same column that one serves; a fingerprint and a
reference are found whole, never by their beginning.
"""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import bansos.lib.fields


class Migration(migrations.Migration):

    dependencies = [
        ('beneficiaries', '0007_sembako'),
        ('disbursements', '0022_staged_rows'),
        ('programs', '0015_appeal_move'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='paymentline',
            name='one_live_retransfer',
        ),
        migrations.RemoveConstraint(
            model_name='paymentline',
            name='one_live_payment_per_payee',
        ),
        migrations.AlterField(
            model_name='hit',
            name='line',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='hits', to='disbursements.paymentline'),
        ),
        migrations.AlterField(
            model_name='paymentline',
            name='account_index',
            field=bansos.lib.fields.BlindIndexField(of='account_number', purpose='account'),
        ),
        migrations.AlterField(
            model_name='paymentline',
            name='area_code',
            field=models.CharField(max_length=13),
        ),
        migrations.AlterField(
            model_name='paymentline',
            name='pay_list',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.RESTRICT, related_name='lines', to='disbursements.paylist'),
        ),
        migrations.AlterField(
            model_name='paymentline',
            name='payee',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='payments', to='beneficiaries.payee'),
        ),
        migrations.AlterField(
            model_name='paymentline',
            name='retransfer_of',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='retransfers', to='disbursements.paymentline'),
        ),
        migrations.AlterField(
            model_name='resultrow',
            name='origin',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='linked', to='disbursements.resultrow'),
        ),
        migrations.AddIndex(
            model_name='paymentline',
            index=models.Index(fields=['area_code'], name='line_area', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='paymentline',
            index=models.Index(fields=['account_index'], name='line_account'),
        ),
        migrations.AddIndex(
            model_name='paymentline',
            index=models.Index(condition=models.Q(('payee__isnull', False)), fields=['payee'], name='line_of_payee'),
        ),
        migrations.AddIndex(
            model_name='paymentline',
            index=models.Index(condition=models.Q(('retransfer_of__isnull', False)), fields=['retransfer_of'], name='line_paying_again'),
        ),
        migrations.AddConstraint(
            model_name='paymentline',
            constraint=models.UniqueConstraint(condition=models.Q(('payee__isnull', False), ('state__in', ('waiting', 'submitted', 'unknown', 'settled'))), fields=('stage', 'payee'), name='one_live_payment_per_payee'),
        ),
        migrations.AddConstraint(
            model_name='paymentline',
            constraint=models.UniqueConstraint(condition=models.Q(('retransfer_of__isnull', False), models.Q(('state__in', ['cancelled', 'excluded']), _negated=True)), fields=('retransfer_of',), name='one_live_retransfer'),
        ),
        migrations.RunSQL(
            "DROP INDEX IF EXISTS disbursements_paymentline_reference_a5c2e66b_like",
            "CREATE INDEX disbursements_paymentline_reference_a5c2e66b_like"
            " ON disbursements_paymentline (reference varchar_pattern_ops)",
        ),
    ]
