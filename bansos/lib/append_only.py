"""Append-only tables: the database itself refuses to change or delete a row."""

from __future__ import annotations

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION bansos_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Only a test database may be emptied between tests.
    IF TG_OP = 'TRUNCATE' AND current_setting('bansos.truncate_allowed', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'table % is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def append_only(table: str) -> migrations.RunSQL:
    """Migration operation: triggers that refuse UPDATE, DELETE and TRUNCATE on the table."""
    return migrations.RunSQL(
        sql=f"""
        {FUNCTION}
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION bansos_append_only();
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION bansos_append_only();
        """,
        reverse_sql=f"""
        DROP TRIGGER {table}_append_only ON {table};
        DROP TRIGGER {table}_no_truncate ON {table};
        """,
    )
