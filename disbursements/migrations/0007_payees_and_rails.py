"""Payees and rails on payment lines, the limits of rails and the codes of banks as data."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import bansos.lib.money
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# I4: the payee never changes, the rail not once the list is locked.
GUARDED = (
    (
        "OR n.person_id <> o.person_id",
        "OR n.person_id <> o.person_id OR n.payee_id IS DISTINCT FROM o.payee_id",
    ),
    (
        "n.payee_name <> o.payee_name OR",
        "n.payee_name <> o.payee_name OR n.rail <> o.rail OR",
    ),
)


def _patch(editor: Any, old: str, new: str) -> None:
    with editor.connection.cursor() as db:
        db.execute("SELECT pg_get_functiondef('bansos_line_frozen'::regproc)")
        text = str(db.fetchone()[0])
        if text.count(old) != 1:
            raise RuntimeError("The guard of payment lines has another text than expected.")
        db.execute(text.replace(old, new))


def guard(apps: Any, editor: Any) -> None:
    """The guard of lines looks at the payee and the rail too."""
    for old, new in GUARDED:
        _patch(editor, old, new)


def unguard(apps: Any, editor: Any) -> None:
    """And back."""
    for old, new in GUARDED:
        _patch(editor, new, old)


# I11: what a live payment stands on stands still.
ENTITLEMENT_FROZEN = """
CREATE FUNCTION bansos_entitlement_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP = 'DELETE' OR NEW.amount <> OLD.amount OR NEW.stage_id <> OLD.stage_id
            OR NEW.enrolment_id <> OLD.enrolment_id)
        AND EXISTS (SELECT 1 FROM disbursements_paymentline
            WHERE enrolment_id = OLD.enrolment_id AND stage_id = OLD.stage_id
                AND state IN ('waiting', 'submitted', 'unknown', 'settled'))
    THEN
        RAISE EXCEPTION 'entitlement % is being paid', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER entitlement_frozen BEFORE UPDATE OR DELETE ON programs_stageentitlement
    FOR EACH ROW EXECUTE FUNCTION bansos_entitlement_frozen();
"""
THAWED = """
DROP TRIGGER entitlement_frozen ON programs_stageentitlement;
DROP FUNCTION bansos_entitlement_frozen();
"""
# Public statements, not a contract with a bank: the source says how far to trust each.
LIMITS = (
    ("bi_fast", "0", "250000000", "2500", "Keterangan publik BI-FAST: paling banyak Rp250 juta"),
    ("skn", "0", "1000000000", "2900", "Sumber sekunder; periksa ke bank sebelum dipakai"),
    ("rtgs", "100000000.01", None, None, "Sumber sekunder, biaya belum diketahui; periksa ke bank"),
)
BANKS = (("114", "Bank Jatim"), ("115", "Bank Jambi"), ("124", "Bankaltimtara"))
FIRST_DAY = date(2025, 1, 1)


def write_known(apps: Any, editor: Any) -> None:
    """The limits and codes that are publicly known; everything else is entered by the office."""
    for rail, least, most, fee, source in LIMITS:
        apps.get_model("disbursements", "RailLimit").objects.create(
            rail=rail,
            valid_from=FIRST_DAY,
            min_amount=Decimal(least),
            max_amount=Decimal(most) if most else None,
            fee=Decimal(fee) if fee else None,
            source=source,
        )
    for code, name in BANKS:
        apps.get_model("disbursements", "Bank").objects.create(
            code=code, name=name, source="Daftar sandi bank"
        )


class Migration(migrations.Migration):

    dependencies = [
        ('beneficiaries', '0003_payee_guards'),
        ('disbursements', '0006_audit_runs'),
        ('programs', '0005_payees_and_rails'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Bank',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=3, unique=True)),
                ('name', models.CharField(max_length=100)),
                ('is_open', models.BooleanField(default=True)),
                ('source', models.CharField(max_length=200)),
                ('set_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='RailLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rail', models.CharField(choices=[('overbooking', 'Pemindahbukuan'), ('bi_fast', 'BI-FAST'), ('skn', 'SKN'), ('rtgs', 'RTGS'), ('cash', 'Tunai dengan kuitansi')], max_length=12)),
                ('valid_from', models.DateField()),
                ('min_amount', bansos.lib.money.MoneyField(decimal_places=2, default=0, max_digits=18)),
                ('max_amount', bansos.lib.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('fee', bansos.lib.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('is_open', models.BooleanField(default=True)),
                ('source', models.CharField(max_length=200)),
                ('set_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='paymentline',
            name='one_live_payment_per_person',
        ),
        migrations.AddField(
            model_name='paymentline',
            name='payee',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='payments', to='beneficiaries.payee'),
        ),
        migrations.AddField(
            model_name='paymentline',
            name='rail',
            field=models.CharField(blank=True, choices=[('overbooking', 'Pemindahbukuan'), ('bi_fast', 'BI-FAST'), ('skn', 'SKN'), ('rtgs', 'RTGS'), ('cash', 'Tunai dengan kuitansi')], db_default='overbooking', default='overbooking', max_length=12),
        ),
        migrations.AddConstraint(
            model_name='paymentline',
            constraint=models.UniqueConstraint(condition=models.Q(('payee', None), ('state__in', ('waiting', 'submitted', 'unknown', 'settled'))), fields=('stage', 'person'), name='one_live_payment_per_person'),
        ),
        migrations.AddConstraint(
            model_name='paymentline',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('waiting', 'submitted', 'unknown', 'settled'))), fields=('stage', 'payee'), name='one_live_payment_per_payee'),
        ),
        migrations.AddField(
            model_name='bank',
            name='set_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='raillimit',
            name='set_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='bank',
            constraint=models.CheckConstraint(condition=models.Q(('code__regex', '^[0-9]{3}$')), name='bank_code_three_digits'),
        ),
        migrations.AddConstraint(
            model_name='bank',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('set_at', None), ('set_by', None)), models.Q(('set_at__isnull', False), ('set_by__isnull', False)), _connector='OR'), name='bank_set_pair'),
        ),
        migrations.AddConstraint(
            model_name='raillimit',
            constraint=models.UniqueConstraint(fields=('rail', 'valid_from'), name='rail_limit_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='raillimit',
            constraint=models.CheckConstraint(condition=models.Q(('min_amount__gte', 0), models.Q(('max_amount', None), ('max_amount__gte', models.F('min_amount')), _connector='OR'), models.Q(('fee', None), ('fee__gte', 0), _connector='OR'), models.Q(('source', ''), _negated=True), ('rail__in', ['bi_fast', 'skn', 'rtgs'])), name='rail_limit_sane'),
        ),
        migrations.AddConstraint(
            model_name='raillimit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('set_at', None), ('set_by', None)), models.Q(('set_at__isnull', False), ('set_by__isnull', False)), _connector='OR'), name='rail_limit_set_pair'),
        ),
        migrations.RunPython(guard, unguard),
        migrations.RunSQL(ENTITLEMENT_FROZEN, THAWED),
        migrations.RunPython(write_known, migrations.RunPython.noop),
    ]
