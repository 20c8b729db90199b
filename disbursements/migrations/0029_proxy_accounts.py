"""By which letter a line is paid into a proxy's account; frozen with its list, as lines are."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

FROZEN = """
CREATE FUNCTION bansos_proxy_account_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wanted bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.pay_list_id ELSE NEW.pay_list_id END;
DECLARE found text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'the letter of a line is not changed, it is judged anew'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT state INTO found FROM disbursements_paylist WHERE id = wanted FOR SHARE;
    IF found <> 'draft' THEN
        RAISE EXCEPTION 'list % is locked: its letters stay', wanted
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'INSERT' AND NOT EXISTS (SELECT 1 FROM disbursements_paymentline
        WHERE id = NEW.line_id AND pay_list_id = NEW.pay_list_id) THEN
        RAISE EXCEPTION 'line % is of another list', NEW.line_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER proxy_account_frozen BEFORE INSERT OR UPDATE OR DELETE
    ON disbursements_proxyaccount
    FOR EACH ROW EXECUTE FUNCTION bansos_proxy_account_frozen();
"""
UNDO = """
DROP TRIGGER proxy_account_frozen ON disbursements_proxyaccount;
DROP FUNCTION bansos_proxy_account_frozen();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('disbursements', '0028_parts_by_bank'),
        ('programs', '0021_letters'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProxyAccount',
            fields=[
                ('line', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='proxy_account', serialize=False, to='disbursements.paymentline')),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='accounts', to='programs.proxygrant')),
                ('pay_list', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proxy_accounts', to='disbursements.paylist')),
            ],
        ),
        migrations.RunSQL(FROZEN, UNDO),
    ]
