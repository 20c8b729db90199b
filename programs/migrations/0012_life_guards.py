"""What was reported, filed or offered never changes; it is answered once. The rest only grows."""

from __future__ import annotations

from django.db import migrations

from bansos.lib.append_only import append_only

# Arguments: the columns of the answer, and the one that says it was given.
FUNCTION = """
CREATE FUNCTION bansos_life_answered_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) ->> TG_ARGV[1] IS NULL
        AND to_jsonb(OLD) - TG_ARGV[0]::text[] = to_jsonb(NEW) - TG_ARGV[0]::text[]
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'table % is answered once: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
ANSWERS = {
    "programs_programmeevent": (
        "{applied,decided_at,decided_by_id,decision_note,results}",
        "decided_at",
    ),
    "programs_appeal": ("{outcome,decided_at,decided_by_id,decision_note}", "decided_at"),
    "programs_referral": ("{answer,answer_note,answered_at,answered_by_id}", "answered_at"),
}


def answered_once(table: str) -> migrations.RunSQL:
    """The trigger of one table."""
    columns, said = ANSWERS[table]
    return migrations.RunSQL(
        sql=f"""
        CREATE TRIGGER {table}_answered_once BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION bansos_life_answered_once('{columns}', '{said}');
        """,
        reverse_sql=f"DROP TRIGGER {table}_answered_once ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("programs", "0011_life")]

    operations = [
        migrations.RunSQL(
            sql=FUNCTION, reverse_sql="DROP FUNCTION bansos_life_answered_once();"
        ),
        *[answered_once(table) for table in ANSWERS],
        append_only("programs_measurement"),
        append_only("programs_assessment"),
        append_only("programs_businessplan"),
        append_only("programs_planline"),
        append_only("programs_assetcheck"),
    ]
