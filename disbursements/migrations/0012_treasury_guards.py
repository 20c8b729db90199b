"""What the database itself refuses once a year is closed, and about the day a bank is to pay."""

from __future__ import annotations

from django.db import migrations

# A closing waits for movements under way and they wait for it: FOR SHARE against FOR UPDATE.
YEAR = """
CREATE FUNCTION bansos_year_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE closed timestamptz;
BEGIN
    SELECT year.closed_at INTO closed
    FROM disbursements_fiscalyear year
    JOIN disbursements_budgetline budget
        ON budget.agency_id = year.agency_id AND budget.year = year.year
    WHERE budget.id = NEW.budget_id FOR SHARE OF year;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION 'the year of budget % is closed: no money moves', NEW.budget_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER year_is_open BEFORE INSERT ON disbursements_ledgerevent
    FOR EACH ROW EXECUTE FUNCTION bansos_year_is_open();

CREATE FUNCTION bansos_year_stays_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL AND (
        TG_OP = 'DELETE' OR OLD.closed_at IS DISTINCT FROM NEW.closed_at
        OR OLD.agency_id <> NEW.agency_id OR OLD.year <> NEW.year
        OR OLD.asked_by_id IS DISTINCT FROM NEW.asked_by_id
        OR OLD.closed_by_id IS DISTINCT FROM NEW.closed_by_id
        OR OLD.figures IS DISTINCT FROM NEW.figures
        OR OLD.record_id IS NOT NULL AND OLD.record_id IS DISTINCT FROM NEW.record_id
    ) THEN
        RAISE EXCEPTION 'year % is closed for ever', OLD.year
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER year_stays_closed BEFORE UPDATE OR DELETE ON disbursements_fiscalyear
    FOR EACH ROW EXECUTE FUNCTION bansos_year_stays_closed();
"""

# I6: the day stands in the bytes of the bank files, so it is fixed once there are any.
EXECUTION = """
CREATE FUNCTION bansos_execution_day_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.execution_on IS NOT NULL AND NEW.execution_on IS DISTINCT FROM OLD.execution_on
        AND EXISTS (SELECT 1 FROM disbursements_bankfile WHERE pay_list_id = OLD.id)
    THEN
        RAISE EXCEPTION 'the execution day of list % is fixed', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER execution_day_frozen BEFORE UPDATE OF execution_on ON disbursements_paylist
    FOR EACH ROW EXECUTE FUNCTION bansos_execution_day_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("disbursements", "0011_treasury")]

    operations = [
        migrations.RunSQL(
            YEAR,
            "DROP TRIGGER year_is_open ON disbursements_ledgerevent;"
            " DROP FUNCTION bansos_year_is_open();"
            " DROP TRIGGER year_stays_closed ON disbursements_fiscalyear;"
            " DROP FUNCTION bansos_year_stays_closed();",
        ),
        migrations.RunSQL(
            EXECUTION,
            "DROP TRIGGER execution_day_frozen ON disbursements_paylist;"
            " DROP FUNCTION bansos_execution_day_frozen();",
        ),
    ]
