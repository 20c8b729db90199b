"""A report may tell of all programmes of a year."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def years(apps: Any, _editor: Any) -> None:
    """The year of a report so far is that of its programme."""
    rows = apps.get_model("monitoring", "Report").objects
    versions = apps.get_model("programs", "ProgrammeVersion").objects
    own = versions.filter(pk=models.OuterRef("version")).values("year")[:1]
    rows.update(year=models.Subquery(own))


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0002_reference_figures"),
        ("programs", "0015_appeal_move"),
    ]

    operations = [
        migrations.AddField("report", "year", models.PositiveSmallIntegerField(null=True)),
        migrations.RunPython(years, migrations.RunPython.noop),
        migrations.AlterField("report", "year", models.PositiveSmallIntegerField()),
        migrations.AlterField(
            "report",
            "version",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="programs.programmeversion",
            ),
        ),
    ]
