"""A long signed register on its way to a worker."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('disbursements', '0025_lines_move_in_place'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='WaitingRegister',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area_code', models.CharField(db_index=True, max_length=13)),
                ('file_name', models.CharField(max_length=200)),
                ('sealed_table', models.BinaryField(null=True)),
                ('sealed_pages', models.BinaryField(null=True)),
                ('refusal', models.TextField(blank=True)),
                ('handed_in_at', models.DateTimeField()),
                ('counter', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='waiting', to='disbursements.cashcounter')),
                ('handed_in_by', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('refusal', ''), ('sealed_pages__isnull', False), ('sealed_table__isnull', False)), models.Q(('sealed_pages', None), ('sealed_table', None), models.Q(('refusal', ''), _negated=True)), _connector='OR'), name='register_waits_or_is_refused')],
            },
        ),
    ]
