"""What the database itself refuses about money (I3, I4, I5)."""

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

# I4: amount, payee and account are frozen once the list is locked; a state moves only along
# these pairs; nothing moves in a closed list. FOR SHARE makes a line that is being changed wait
# for the lock of its list, so that no change slips in after the fingerprint was taken.
FROZEN = """
CREATE FUNCTION bansos_line_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE list_state text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT state INTO list_state FROM disbursements_paylist
        WHERE id = NEW.pay_list_id FOR SHARE;
        IF list_state <> 'draft' THEN
            RAISE EXCEPTION 'list % is locked: no new line', NEW.pay_list_id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    SELECT state INTO list_state FROM disbursements_paylist
    WHERE id = OLD.pay_list_id FOR SHARE;
    IF TG_OP = 'DELETE' THEN
        IF list_state <> 'draft' THEN
            RAISE EXCEPTION 'list % is locked: no line leaves it', OLD.pay_list_id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF NEW.pay_list_id <> OLD.pay_list_id OR NEW.position <> OLD.position
        OR NEW.enrolment_id <> OLD.enrolment_id OR NEW.stage_id <> OLD.stage_id
        OR NEW.person_id <> OLD.person_id OR NEW.amount <> OLD.amount
        OR NEW.reference <> OLD.reference
        OR NEW.retransfer_of_id IS DISTINCT FROM OLD.retransfer_of_id
        OR list_state <> 'draft' AND (
            NEW.payee_name <> OLD.payee_name OR NEW.bank_code <> OLD.bank_code
            OR NEW.account_number IS DISTINCT FROM OLD.account_number
            OR NEW.account_index IS DISTINCT FROM OLD.account_index
            OR NEW.account_holder <> OLD.account_holder
        )
    THEN
        RAISE EXCEPTION 'line % is frozen', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state = OLD.state THEN
        RETURN NEW;
    END IF;
    IF list_state = 'draft' AND NEW.state NOT IN ('waiting', 'excluded', 'cancelled')
        OR list_state <> 'draft' AND NEW.state = 'excluded'
        OR list_state <> 'draft' AND OLD.state = 'excluded' AND NEW.state <> 'cancelled'
    THEN
        RAISE EXCEPTION 'line % does not move to % in a list that is %', OLD.id, NEW.state, list_state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF list_state IN ('closed', 'cancelled') THEN
        RAISE EXCEPTION 'list % has ended: line % does not move', OLD.pay_list_id, OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (OLD.state || '>' || NEW.state) NOT IN (
        'waiting>excluded', 'excluded>waiting', 'waiting>cancelled', 'excluded>cancelled',
        'waiting>submitted',
        'submitted>settled', 'submitted>returned', 'submitted>unknown',
        'unknown>settled', 'unknown>returned',
        'settled>returned', 'returned>repaid', 'returned>paid_back', 'repaid>returned'
    ) THEN
        RAISE EXCEPTION 'line % does not move from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER line_frozen BEFORE INSERT OR UPDATE OR DELETE ON disbursements_paymentline
    FOR EACH ROW EXECUTE FUNCTION bansos_line_frozen();
"""

# I3: what was locked is what is approved and paid: count, total and fingerprint stand still.
LIST_FROZEN = """
CREATE FUNCTION bansos_list_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number <> OLD.number OR NEW.kind <> OLD.kind OR NEW.stage_id <> OLD.stage_id
        OR NEW.area_code <> OLD.area_code OR NEW.allocation_id <> OLD.allocation_id
        OR NEW.budget_id <> OLD.budget_id OR NEW.parent_id IS DISTINCT FROM OLD.parent_id
        OR OLD.state IN ('closed', 'cancelled') AND NEW.state <> OLD.state
        OR OLD.state <> 'draft' AND NEW.state <> 'draft' AND (
            NEW.count <> OLD.count OR NEW.total <> OLD.total
            OR NEW.content_hash <> OLD.content_hash OR NEW.decree_id <> OLD.decree_id
        )
        OR OLD.state NOT IN ('draft', 'locked', 'awaiting') AND NEW.state = 'draft'
    THEN
        RAISE EXCEPTION 'list % is frozen', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER list_frozen BEFORE UPDATE ON disbursements_paylist
    FOR EACH ROW EXECUTE FUNCTION bansos_list_frozen();
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
        migrations.RunSQL(
            LIST_FROZEN,
            "DROP TRIGGER list_frozen ON disbursements_paylist;"
            " DROP FUNCTION bansos_list_frozen();",
        ),
    ]
