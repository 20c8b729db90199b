"""The guards of lines join the rows of a statement by hash, however few the first one had.

A function keeps the plan of its first call. Made for one row it looks every old row up among all
new ones, and the same plan over 20,000 rows took minutes.
"""

from __future__ import annotations

from django.db import migrations

FUNCTIONS = ("bansos_lines_inserted", "bansos_lines_deleted", "bansos_line_frozen")
SETTINGS = (("enable_nestloop", "off"), ("enable_hashjoin", "on"), ("enable_seqscan", "on"))


class Migration(migrations.Migration):
    dependencies = [("disbursements", "0014_line_sums")]

    operations = [
        migrations.RunSQL(
            "".join(
                f"ALTER FUNCTION {function}() SET {name} = {value};"
                for function in FUNCTIONS
                for name, value in SETTINGS
            ),
            "".join(f"ALTER FUNCTION {function}() RESET ALL;" for function in FUNCTIONS),
        )
    ]
