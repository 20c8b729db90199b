"""A receipt of a closed day, taken back by three people; what the database refuses about it."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# A receipt is changed while its counter is open, or by a confirmed correction of the same moment.
OLD_RULE = "c.closed_at IS NULL\n"
NEW_RULE = """(c.closed_at IS NULL OR TG_OP = 'UPDATE' AND EXISTS (
                SELECT 1 FROM disbursements_cashcorrection k
                WHERE k.receipt_id = NEW.id AND k.confirmed_at = NEW.undone_at
                    AND k.confirmed_by_id = NEW.undone_by_id))
"""
ANSWERED = """
CREATE TRIGGER cash_correction_answered_once BEFORE UPDATE OR DELETE
    ON disbursements_cashcorrection FOR EACH ROW EXECUTE FUNCTION bansos_answered_once(
        '{confirmed_at,confirmed_by_id,refused_at,refused_by_id}', 'confirmed_at', 'refused_at');
"""


def _patch(editor: Any, old: str, new: str) -> None:
    with editor.connection.cursor() as db:
        db.execute("SELECT pg_get_functiondef('bansos_cash_receipt_fits'::regproc)")
        text = str(db.fetchone()[0])
        if text.count(old) != 1:
            raise RuntimeError("The guard of cash receipts has another text than expected.")
        db.execute(text.replace(old, new))


def allow(apps: Any, editor: Any) -> None:
    """A correction of three people may take back a receipt of a closed counter."""
    _patch(editor, OLD_RULE, NEW_RULE)


def forbid(apps: Any, editor: Any) -> None:
    """And back."""
    _patch(editor, NEW_RULE, OLD_RULE)


class Migration(migrations.Migration):

    dependencies = [
        ('disbursements', '0023_line_indexes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CashCorrection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area_code', models.CharField(db_index=True, max_length=13)),
                ('reason', models.CharField(max_length=250)),
                ('asked_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('refused_at', models.DateTimeField(null=True)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('receipt', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='corrections', to='disbursements.cashreceipt')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('refused_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('refused_at', None)), fields=('receipt',), name='cash_correction_once'), models.CheckConstraint(condition=models.Q(models.Q(('asked_by', models.F('recorded_by')), _negated=True), models.Q(('confirmed_by', None), models.Q(models.Q(('confirmed_by', models.F('recorded_by')), _negated=True), models.Q(('confirmed_by', models.F('asked_by')), _negated=True)), _connector='OR')), name='cash_correction_three_people'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='cash_correction_confirmed_pair'), models.CheckConstraint(condition=models.Q(models.Q(('refused_at', None), ('refused_by', None)), models.Q(('refused_at__isnull', False), ('refused_by__isnull', False)), _connector='OR'), name='cash_correction_refused_pair'), models.CheckConstraint(condition=models.Q(('confirmed_at', None), ('refused_at', None), _connector='OR'), name='cash_correction_one_answer'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='cash_correction_says_why')],
            },
        ),
        migrations.RunSQL(
            ANSWERED,
            "DROP TRIGGER cash_correction_answered_once ON disbursements_cashcorrection;",
        ),
        migrations.RunPython(allow, forbid),
    ]
