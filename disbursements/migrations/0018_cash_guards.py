"""What the database refuses about cash: receipts that fit no line, and delivery without one."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from bansos.lib.append_only import append_only

# A receipt is of a cash line of its counter's list, to the sen, while the counter is open.
RECEIPT = """
CREATE FUNCTION bansos_cash_receipt_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM disbursements_paymentline l
        JOIN disbursements_cashcounter c ON c.pay_list_id = l.pay_list_id
        WHERE l.id = NEW.line_id AND c.id = NEW.counter_id AND c.closed_at IS NULL
            AND l.rail = 'cash' AND l.amount = NEW.amount
            AND (NEW.register_id IS NULL OR EXISTS (
                SELECT 1 FROM disbursements_cashregister r
                WHERE r.id = NEW.register_id AND r.counter_id = c.id))
    ) THEN
        RAISE EXCEPTION 'receipt of line % does not fit its counter', NEW.line_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cash_receipt_fits BEFORE INSERT OR UPDATE ON disbursements_cashreceipt
    FOR EACH ROW EXECUTE FUNCTION bansos_cash_receipt_fits();
CREATE TRIGGER cash_receipt_undone_once BEFORE UPDATE OR DELETE ON disbursements_cashreceipt
    FOR EACH ROW EXECUTE FUNCTION bansos_answered_once(
        '{undone_at,undone_by_id,undo_reason}', 'undone_at', 'undone_at');
CREATE TRIGGER cash_counter_closed_once BEFORE UPDATE OR DELETE ON disbursements_cashcounter
    FOR EACH ROW EXECUTE FUNCTION bansos_answered_once(
        '{closed_at,closed_by_id}', 'closed_at', 'closed_at');
"""
# Cash is delivered by a receipt and by nothing else.
DELIVERED = """
CREATE FUNCTION bansos_line_paid_in_cash() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM disbursements_cashreceipt r
        WHERE r.line_id = NEW.id AND r.undone_at IS NULL AND r.amount = NEW.amount
    ) THEN
        RAISE EXCEPTION 'line % is paid in cash without a receipt', NEW.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER line_paid_in_cash AFTER UPDATE ON disbursements_paymentline FOR EACH ROW
    WHEN (NEW.rail = 'cash' AND NEW.state = 'settled' AND OLD.state <> 'settled')
    EXECUTE FUNCTION bansos_line_paid_in_cash();
"""
ANY = """    ) OR OLD.state <> 'paid_back' AND NOT EXISTS (
        SELECT 1 FROM disbursements_deskdecision d"""
CASH = """    ) OR OLD.state <> 'paid_back' AND NOT (
        OLD.rail = 'cash' AND OLD.state = 'settled' AND EXISTS (
            SELECT 1 FROM disbursements_cashreceipt r
            WHERE r.line_id = OLD.id AND r.undone_at IS NOT NULL
                AND r.xmin::text::bigint >= own)
    ) AND NOT EXISTS (
        SELECT 1 FROM disbursements_deskdecision d"""


def _patch(editor: Any, old: str, new: str) -> None:
    with editor.connection.cursor() as db:
        db.execute("SELECT pg_get_functiondef('bansos_line_taken_back'::regproc)")
        text = str(db.fetchone()[0])
        if text.count(old) != 1:
            raise RuntimeError("The guard of lines taken back has another text than expected.")
        db.execute(text.replace(old, new))


def allow(apps: Any, editor: Any) -> None:
    """A cash line goes back by its receipt that was taken back in the same transaction."""
    _patch(editor, ANY, CASH)


def forbid(apps: Any, editor: Any) -> None:
    """And back."""
    _patch(editor, CASH, ANY)


class Migration(migrations.Migration):
    dependencies = [("disbursements", "0017_cash")]

    operations = [
        append_only("disbursements_cashregister"),
        migrations.RunSQL(
            RECEIPT,
            "DROP TRIGGER cash_receipt_fits ON disbursements_cashreceipt;"
            " DROP TRIGGER cash_receipt_undone_once ON disbursements_cashreceipt;"
            " DROP TRIGGER cash_counter_closed_once ON disbursements_cashcounter;"
            " DROP FUNCTION bansos_cash_receipt_fits();",
        ),
        migrations.RunSQL(
            DELIVERED,
            "DROP TRIGGER line_paid_in_cash ON disbursements_paymentline;"
            " DROP FUNCTION bansos_line_paid_in_cash();",
        ),
        migrations.RunPython(allow, forbid),
    ]
