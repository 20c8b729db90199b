"""The texts of the papers a programme prints for its recipients."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0020_premium_upload_fewer'),
    ]

    operations = [
        migrations.AddField(
            model_name='programmeversion',
            name='letters',
            field=models.JSONField(blank=True, default=list),
        ),
    ]
