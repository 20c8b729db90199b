"""What the database itself refuses about money (I4, I5)."""

from __future__ import annotations

from django.db import migrations

from bansos.lib.append_only import append_only

BALANCED = """
CREATE FUNCTION bansos_ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE difference numeric;
BEGIN
    SELECT COALESCE(SUM(amount), 0) INTO difference
    FROM disbursements_ledgerentry WHERE event_id = NEW.event_id;
    IF difference <> 0 THEN
        RAISE EXCEPTION 'ledger event % is off by %', NEW.event_id, difference
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_balanced AFTER INSERT ON disbursements_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bansos_ledger_balanced();
"""

# I4: amount, payee and account are frozen once the list is locked; nobody leaves a final state.
FROZEN = """
CREATE FUNCTION bansos_line_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE list_state text;
BEGIN
    SELECT state INTO list_state FROM disbursements_paylist
    WHERE id = COALESCE(OLD.pay_list_id, NEW.pay_list_id);
    IF TG_OP = 'INSERT' THEN
        SELECT state INTO list_state FROM disbursements_paylist WHERE id = NEW.pay_list_id;
        IF list_state <> 'draft' THEN
            RAISE EXCEPTION 'list % is locked: no new line', NEW.pay_list_id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF list_state <> 'draft' THEN
            RAISE EXCEPTION 'list % is locked: no line leaves it', OLD.pay_list_id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF list_state <> 'draft' AND (
        NEW.pay_list_id <> OLD.pay_list_id OR NEW.position <> OLD.position
        OR NEW.enrolment_id <> OLD.enrolment_id OR NEW.stage_id <> OLD.stage_id
        OR NEW.person_id <> OLD.person_id OR NEW.amount <> OLD.amount
        OR NEW.payee_name <> OLD.payee_name OR NEW.bank_code <> OLD.bank_code
        OR NEW.reference <> OLD.reference
        OR NEW.account_number IS DISTINCT FROM OLD.account_number
        OR NEW.account_index IS DISTINCT FROM OLD.account_index
        OR NEW.retransfer_of_id IS DISTINCT FROM OLD.retransfer_of_id
    ) THEN
        RAISE EXCEPTION 'line % is frozen', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state IN ('repaid', 'paid_back', 'cancelled') AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'line % has ended', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER line_frozen BEFORE INSERT OR UPDATE OR DELETE ON disbursements_paymentline
    FOR EACH ROW EXECUTE FUNCTION bansos_line_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("disbursements", "0001_initial")]

    operations = [
        append_only("disbursements_ledgerevent"),
        append_only("disbursements_ledgerentry"),
        append_only("disbursements_listmove"),
        append_only("disbursements_approval"),
        append_only("disbursements_resultrow"),
        migrations.RunSQL(
            BALANCED,
            "DROP TRIGGER ledger_balanced ON disbursements_ledgerentry;"
            " DROP FUNCTION bansos_ledger_balanced();",
        ),
        migrations.RunSQL(
            FROZEN,
            "DROP TRIGGER line_frozen ON disbursements_paymentline;"
            " DROP FUNCTION bansos_line_frozen();",
        ),
    ]
