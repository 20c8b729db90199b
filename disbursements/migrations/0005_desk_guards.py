"""What the database refuses about the desk: silent changes, and money taken back without a record.

The pairs of states that take something back are added to whatever text the guard of lines has, and
each needs a record of somebody made in the same transaction.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

from bansos.lib.append_only import append_only

LAST_PAIR = "'repaid>returned'"
MORE_PAIRS = (
    LAST_PAIR
    + ", 'settled>unknown', 'returned>unknown', 'returned>settled', 'paid_back>returned'"
)

# xmin of a row written in this transaction is not below the transaction's own number; what others
# wrote later about the same line waits for the list's lock.
TAKEN_BACK = """
CREATE FUNCTION bansos_line_taken_back() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE own bigint := pg_current_xact_id()::text::bigint % 4294967296;
BEGIN
    IF OLD.state = 'paid_back' AND NOT EXISTS (
        SELECT 1 FROM disbursements_sts s
        WHERE s.reversed_at IS NOT NULL AND s.xmin::text::bigint >= own
    ) OR OLD.state <> 'paid_back' AND NOT EXISTS (
        SELECT 1 FROM disbursements_deskdecision d
        WHERE d.line_id = OLD.id AND d.act = 'undo' AND d.done_at IS NOT NULL
            AND d.xmin::text::bigint >= own
    ) THEN
        RAISE EXCEPTION 'line % goes from % to % without a record', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER line_taken_back AFTER UPDATE ON disbursements_paymentline FOR EACH ROW
    WHEN (OLD.state = 'paid_back' AND NEW.state = 'returned'
        OR OLD.state IN ('settled', 'returned') AND NEW.state = 'unknown'
        OR OLD.state = 'returned' AND NEW.state = 'settled')
    EXECUTE FUNCTION bansos_line_taken_back();
"""

# I8: a word of the bank counts again only as often as it was taken back.
ROUNDS = """
CREATE FUNCTION bansos_row_round() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.round <> (
        SELECT COUNT(*) FROM disbursements_resultrow r
        JOIN disbursements_deskdecision d ON d.row_id = r.id
            AND d.act = 'undo' AND d.done_at IS NOT NULL
        WHERE r.line_id = NEW.line_id AND r.outcome = NEW.outcome AND r.state = 'applied'
    ) THEN
        RAISE EXCEPTION 'row of line % in round %: nobody took the one before back',
            NEW.line_id, NEW.round USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER row_round BEFORE INSERT ON disbursements_resultrow
    FOR EACH ROW WHEN (NEW.round > 0) EXECUTE FUNCTION bansos_row_round();
"""

# A question is answered once; what was asked never changes.
ANSWERED = """
CREATE FUNCTION bansos_answered_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb;
    after jsonb;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        before := to_jsonb(OLD) - TG_ARGV[0]::text[];
        after := to_jsonb(NEW) - TG_ARGV[0]::text[];
        IF before = after AND to_jsonb(OLD) ->> TG_ARGV[1] IS NULL
            AND to_jsonb(OLD) ->> TG_ARGV[2] IS NULL
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'table % keeps what was written: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER desk_answered_once BEFORE UPDATE OR DELETE ON disbursements_deskdecision
    FOR EACH ROW EXECUTE FUNCTION bansos_answered_once(
        '{confirmed_at,confirmed_by_id,refused_at,refused_by_id,done_at,made_row_id,facts}',
        'done_at', 'refused_at');
CREATE TRIGGER correction_answered_once BEFORE UPDATE OR DELETE ON disbursements_correction
    FOR EACH ROW EXECUTE FUNCTION bansos_answered_once(
        '{confirmed_at,confirmed_by_id,refused_at,refused_by_id,done_at}',
        'done_at', 'refused_at');
CREATE TRIGGER sts_reversed_once BEFORE UPDATE OR DELETE ON disbursements_sts
    FOR EACH ROW EXECUTE FUNCTION bansos_answered_once(
        '{reversed_at,reversed_by_id}', 'reversed_at', 'reversed_at');
"""


def _patch(editor: Any, old: str, new: str) -> None:
    with editor.connection.cursor() as db:
        db.execute("SELECT pg_get_functiondef('bansos_line_frozen'::regproc)")
        text = str(db.fetchone()[0])
        if text.count(old) != 1:
            raise RuntimeError("The guard of payment lines has another text than expected.")
        db.execute(text.replace(old, new))


def allow(apps: Any, editor: Any) -> None:
    """The pairs that take something back, beside the old ones."""
    _patch(editor, LAST_PAIR, MORE_PAIRS)


def forbid(apps: Any, editor: Any) -> None:
    """And back."""
    _patch(editor, MORE_PAIRS, LAST_PAIR)


class Migration(migrations.Migration):
    dependencies = [("disbursements", "0004_desk")]

    operations = [
        append_only("disbursements_bankday"),
        append_only("disbursements_stsline"),
        migrations.RunPython(allow, forbid),
        migrations.RunSQL(
            TAKEN_BACK,
            "DROP TRIGGER line_taken_back ON disbursements_paymentline;"
            " DROP FUNCTION bansos_line_taken_back();",
        ),
        migrations.RunSQL(
            ROUNDS,
            "DROP TRIGGER row_round ON disbursements_resultrow; DROP FUNCTION bansos_row_round();",
        ),
        migrations.RunSQL(
            ANSWERED,
            "DROP TRIGGER desk_answered_once ON disbursements_deskdecision;"
            " DROP TRIGGER correction_answered_once ON disbursements_correction;"
            " DROP TRIGGER sts_reversed_once ON disbursements_sts;"
            " DROP FUNCTION bansos_answered_once();",
        ),
    ]
