"""What the database refuses at the boundary to a bank: changed evidence, a changed hash (I7)."""

from __future__ import annotations

from django.db import migrations

from bansos.lib.append_only import append_only

# A doubt that is gone gives the line back to the bank. The function is changed where it stands,
# so that what other migrations wrote into it stays.
ALLOW = """
DO $$
DECLARE old text; new text;
BEGIN
    SELECT pg_get_functiondef('bansos_line_frozen'::regproc) INTO old;
    new := replace(old, %(before)s, %(after)s);
    IF new = old THEN
        RAISE EXCEPTION 'bansos_line_frozen does not name the moves expected';
    END IF;
    EXECUTE new;
END $$;
"""
SETTLED = "'''unknown>settled'''"
BOTH = "'''unknown>submitted'', ''unknown>settled'''"

SUBMISSION = """
CREATE FUNCTION bansos_submission_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR NEW.reference <> OLD.reference OR NEW.sha256 <> OLD.sha256
        OR NEW.pay_list_id <> OLD.pay_list_id OR NEW.number <> OLD.number
        OR NEW.kind <> OLD.kind OR NEW.channel_id IS DISTINCT FROM OLD.channel_id
        OR NEW.file_id IS DISTINCT FROM OLD.file_id
        OR NEW.count <> OLD.count OR NEW.total <> OLD.total
        OR NEW.intent_at <> OLD.intent_at OR NEW.intent_by_id <> OLD.intent_by_id
    THEN
        RAISE EXCEPTION 'submission % is frozen', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state || '>' || NEW.state) NOT IN (
        'intent>accepted', 'intent>unknown', 'intent>rejected', 'sent>accepted',
        'unknown>accepted', 'unknown>rejected', 'unknown>intent'
    ) THEN
        RAISE EXCEPTION 'submission % does not move from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER submission_frozen BEFORE UPDATE OR DELETE ON disbursements_banksubmission
    FOR EACH ROW EXECUTE FUNCTION bansos_submission_frozen();
"""

# A version that made a file is the proof of how that file came to be.
LAYOUT = """
CREATE FUNCTION bansos_layout_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.used_at IS NOT NULL AND (
        TG_OP = 'DELETE'
        OR NEW.agency_id <> OLD.agency_id OR NEW.bank_code <> OLD.bank_code
        OR NEW.name <> OLD.name OR NEW.version <> OLD.version OR NEW.format <> OLD.format
        OR NEW.columns <> OLD.columns OR NEW.header <> OLD.header OR NEW.trailer <> OLD.trailer
        OR NEW.headings <> OLD.headings OR NEW.label <> OLD.label
        OR NEW.separator <> OLD.separator OR NEW.amount_format <> OLD.amount_format
        OR NEW.used_at IS DISTINCT FROM OLD.used_at
    ) THEN
        RAISE EXCEPTION 'layout % made files: it does not change any more', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER layout_frozen BEFORE UPDATE OR DELETE ON disbursements_banklayout
    FOR EACH ROW EXECUTE FUNCTION bansos_layout_frozen();
"""


def _drop(name: str, table: str) -> str:
    return f"DROP TRIGGER {name} ON {table}; DROP FUNCTION bansos_{name}();"


class Migration(migrations.Migration):
    dependencies = [("disbursements", "0008_bank_boundary")]

    operations = [
        append_only("disbursements_bankattempt"),
        migrations.RunSQL(
            ALLOW % {"before": SETTLED, "after": BOTH}, ALLOW % {"before": BOTH, "after": SETTLED}
        ),
        migrations.RunSQL(SUBMISSION, _drop("submission_frozen", "disbursements_banksubmission")),
        migrations.RunSQL(LAYOUT, _drop("layout_frozen", "disbursements_banklayout")),
    ]
