"""The trail can only grow."""

from __future__ import annotations

from django.db import migrations

from bansos.lib.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        append_only("audit_event"),
        append_only("audit_seal"),
    ]
