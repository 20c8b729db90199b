"""Moves and answers can only be added."""

from __future__ import annotations

from django.db import migrations

from bansos.lib.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("programs", "0001_initial")]

    operations = [
        append_only("programs_enrolmentmove"),
        append_only("programs_criterionanswer"),
    ]
