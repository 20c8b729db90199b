"""A line that moves among the live states is written in place, without touching an index.

Its state stood in five of twelve indexes, so each move wrote all twelve. Now they name a column
that stays NULL as long as the line is live, and a page of the table has room for the second
version of each of its lines (the room an update of all lines takes anyway).

It writes the table anew and holds it meanwhile, about 42 seconds for a million lines: stop web and
worker for it, as an update of the containers does.
"""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('beneficiaries', '0007_sembako'),
        ('disbursements', '0024_cash_corrections'),
        ('programs', '0016_payees_and_long_premiums'),
    ]

    operations = [
        # Before the new column, which writes the table anew.
        migrations.RunSQL(
            "ALTER TABLE disbursements_paymentline SET (fillfactor = 50)",
            "ALTER TABLE disbursements_paymentline RESET (fillfactor)",
        ),
        migrations.RemoveConstraint(
            model_name='paymentline',
            name='one_live_payment_per_family',
        ),
        migrations.RemoveConstraint(
            model_name='paymentline',
            name='one_live_payment_per_person',
        ),
        migrations.RemoveConstraint(
            model_name='paymentline',
            name='one_live_payment_per_payee',
        ),
        migrations.RemoveConstraint(
            model_name='paymentline',
            name='one_live_retransfer',
        ),
        migrations.RemoveIndex(
            model_name='paymentline',
            name='line_list_page',
        ),
        migrations.AddField(
            model_name='paymentline',
            name='not_live',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(state__in=('waiting', 'submitted', 'unknown', 'settled'), then=models.Value(None)), default=models.F('state')), null=True, output_field=models.CharField(max_length=10)),
        ),
        migrations.AddIndex(
            model_name='paymentline',
            index=models.Index(condition=models.Q(('not_live__isnull', False)), fields=['pay_list', 'not_live', 'position', 'id'], name='line_list_page'),
        ),
        migrations.AddConstraint(
            model_name='paymentline',
            constraint=models.UniqueConstraint(condition=models.Q(('not_live', None), ('payee', None)), fields=('stage', 'person'), name='one_live_payment_per_person'),
        ),
        migrations.AddConstraint(
            model_name='paymentline',
            constraint=models.UniqueConstraint(condition=models.Q(('not_live', None), ('payee__isnull', False)), fields=('stage', 'payee'), name='one_live_payment_per_payee'),
        ),
        migrations.AddConstraint(
            model_name='paymentline',
            constraint=models.UniqueConstraint(condition=models.Q(('not_live', None), ('one_per_family', True)), fields=('stage', 'family'), name='one_live_payment_per_family'),
        ),
        migrations.AddConstraint(
            model_name='paymentline',
            constraint=models.UniqueConstraint(condition=models.Q(('retransfer_of__isnull', False), models.Q(('not_live', None), ('not_live__in', ['returned', 'repaid', 'paid_back']), _connector='OR')), fields=('retransfer_of',), name='one_live_retransfer'),
        ),
    ]
