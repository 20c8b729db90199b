"""An appeal contests one decision: the move that ended the enrolment, each move once."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

# Appeals from before: the last move into the contested state before the filing; of two appeals
# against one move the first keeps it. The constraints are settled before the guard comes back,
# because a table with rows still to be checked cannot be altered.
FILL = """
ALTER TABLE programs_appeal DISABLE TRIGGER programs_appeal_answered_once;
UPDATE programs_appeal a SET move_id = found.move_id
FROM (
    SELECT DISTINCT ON (move_id) id, move_id FROM (
        SELECT x.id, (
            SELECT m.id FROM programs_enrolmentmove m
            WHERE m.enrolment_id = x.enrolment_id AND m.new = x.against AND m.at <= x.filed_at
            ORDER BY m.id DESC LIMIT 1
        ) AS move_id
        FROM programs_appeal x
    ) every WHERE move_id IS NOT NULL
    ORDER BY move_id, id
) found
WHERE found.id = a.id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE programs_appeal ENABLE TRIGGER programs_appeal_answered_once;
"""


class Migration(migrations.Migration):
    dependencies = [("programs", "0014_simulations")]

    operations = [
        migrations.AddField(
            model_name="appeal",
            name="move",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="appeal",
                to="programs.enrolmentmove",
            ),
        ),
        migrations.RunSQL(sql=FILL, reverse_sql=migrations.RunSQL.noop),
    ]
