"""The guards of payment lines look at a whole statement, and accounts are copied as sealed.

A row trigger that locks the list costs a million look-ups for a million lines; one that sees the
statement's rows together keeps the same rules (I4) with one look-up per list.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.db import migrations

import bansos.lib.fields
from bansos.lib.crypto import open_bytes, seal_bytes

OLD_CONTEXT = "disbursements_paymentline.account_number"
NEW_CONTEXT = "beneficiaries_bankaccount.number"
AT_ONCE = 1_000

DROP_OLD = """
DROP TRIGGER line_frozen ON disbursements_paymentline;
DROP FUNCTION bansos_line_frozen();
"""

# FOR SHARE makes lines that are being changed wait for the lock of their list, and the lock wait
# for them, so that no change slips in after the fingerprint was taken.
INSERTED = """
CREATE FUNCTION bansos_lines_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found record;
BEGIN
    FOR found IN SELECT id, state FROM disbursements_paylist
        WHERE id IN (SELECT pay_list_id FROM fresh) ORDER BY id FOR SHARE
    LOOP
        IF found.state <> 'draft' THEN
            RAISE EXCEPTION 'list % is locked: no new line', found.id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER line_frozen_insert AFTER INSERT ON disbursements_paymentline
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION bansos_lines_inserted();
"""

DELETED = """
CREATE FUNCTION bansos_lines_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found record;
BEGIN
    FOR found IN SELECT id, state FROM disbursements_paylist
        WHERE id IN (SELECT pay_list_id FROM gone) ORDER BY id FOR SHARE
    LOOP
        IF found.state <> 'draft' THEN
            RAISE EXCEPTION 'list % is locked: no line leaves it', found.id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER line_frozen_delete AFTER DELETE ON disbursements_paymentline
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION bansos_lines_deleted();
"""

# The same pairs stand in rules/moves.py as LINE_MOVES.
UPDATED = """
CREATE FUNCTION bansos_line_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found record;
BEGIN
    PERFORM 1 FROM disbursements_paylist
        WHERE id IN (SELECT pay_list_id FROM gone) ORDER BY id FOR SHARE;
    SELECT * INTO found FROM (
        SELECT o.id, o.pay_list_id, o.state AS before, n.state AS after, l.state AS list_state,
            CASE
                WHEN n.id IS NULL OR n.pay_list_id <> o.pay_list_id
                    OR n.position <> o.position OR n.enrolment_id <> o.enrolment_id
                    OR n.stage_id <> o.stage_id OR n.person_id <> o.person_id
                    OR n.amount <> o.amount OR n.reference <> o.reference
                    OR n.retransfer_of_id IS DISTINCT FROM o.retransfer_of_id
                    OR l.state <> 'draft' AND (
                        n.payee_name <> o.payee_name OR n.bank_code <> o.bank_code
                        OR n.account_number IS DISTINCT FROM o.account_number
                        OR n.account_index IS DISTINCT FROM o.account_index
                        OR n.account_holder <> o.account_holder
                    )
                    THEN 'frozen'
                WHEN n.state = o.state THEN NULL
                WHEN l.state = 'draft' AND n.state NOT IN ('waiting', 'excluded', 'cancelled')
                    OR l.state <> 'draft' AND n.state = 'excluded'
                    OR l.state <> 'draft' AND o.state = 'excluded' AND n.state <> 'cancelled'
                    THEN 'not_here'
                WHEN l.state IN ('closed', 'cancelled') THEN 'ended'
                WHEN (o.state || '>' || n.state) NOT IN (
                    'waiting>excluded', 'excluded>waiting', 'waiting>cancelled',
                    'excluded>cancelled', 'waiting>submitted',
                    'submitted>settled', 'submitted>returned', 'submitted>unknown',
                    'unknown>settled', 'unknown>returned',
                    'settled>returned', 'returned>repaid', 'returned>paid_back',
                    'repaid>returned'
                ) THEN 'not_here'
            END AS fault
        FROM gone o
        LEFT JOIN fresh n ON n.id = o.id
        JOIN disbursements_paylist l ON l.id = o.pay_list_id
    ) judged WHERE fault IS NOT NULL ORDER BY id LIMIT 1;
    IF found.fault IS NULL THEN
        RETURN NULL;
    ELSIF found.fault = 'frozen' THEN
        RAISE EXCEPTION 'line % is frozen', found.id
            USING ERRCODE = 'integrity_constraint_violation';
    ELSIF found.fault = 'ended' THEN
        RAISE EXCEPTION 'list % has ended: line % does not move', found.pay_list_id, found.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RAISE EXCEPTION 'line % does not move from % to % in a list that is %',
        found.id, found.before, found.after, found.list_state
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER line_frozen AFTER UPDATE ON disbursements_paymentline
    REFERENCING OLD TABLE AS gone NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION bansos_line_frozen();
"""

BACK = """
DROP TRIGGER line_frozen_insert ON disbursements_paymentline;
DROP TRIGGER line_frozen_delete ON disbursements_paymentline;
DROP TRIGGER line_frozen ON disbursements_paymentline;
DROP FUNCTION bansos_lines_inserted();
DROP FUNCTION bansos_lines_deleted();
DROP FUNCTION bansos_line_frozen();
"""


def _seal_again(editor: Any, old: str, new: str) -> None:
    """Every account number of a line, opened in one context and sealed in the other."""
    last = 0
    with editor.connection.cursor() as db:
        while True:
            db.execute(
                "SELECT id, account_number FROM disbursements_paymentline"
                " WHERE id > %s AND account_number IS NOT NULL ORDER BY id LIMIT %s",
                [last, AT_ONCE],
            )
            rows = db.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            sealed = [
                seal_bytes(open_bytes(bytes(row[1]), context=old), context=new) for row in rows
            ]
            db.execute(
                "UPDATE disbursements_paymentline l SET account_number = f.sealed"
                " FROM unnest(%s::bigint[], %s::bytea[]) AS f(id, sealed) WHERE l.id = f.id",
                [[row[0] for row in rows], sealed],
            )


def seal_for_accounts(apps: Any, editor: Any) -> None:
    """From the line's own context to that of the account it was copied from."""
    _seal_again(editor, OLD_CONTEXT, NEW_CONTEXT)


def seal_for_lines(apps: Any, editor: Any) -> None:
    """And back."""
    _seal_again(editor, NEW_CONTEXT, OLD_CONTEXT)


class Migration(migrations.Migration):
    dependencies = [("disbursements", "0002_guards")]

    operations = [
        migrations.RunSQL(DROP_OLD, import_module("disbursements.migrations.0002_guards").FROZEN),
        migrations.AlterField(
            model_name="paymentline",
            name="account_number",
            field=bansos.lib.fields.EncryptedTextField(
                context="beneficiaries_bankaccount.number", null=True
            ),
        ),
        migrations.RunPython(seal_for_accounts, seal_for_lines),
        migrations.RunSQL(INSERTED + DELETED + UPDATED, BACK),
    ]
