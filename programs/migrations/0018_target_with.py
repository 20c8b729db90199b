from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0017_regency_target'),
    ]

    operations = [
        migrations.AddField(
            model_name='programmeversion',
            name='target_with',
            field=models.JSONField(blank=True, default=list),
        ),
    ]
