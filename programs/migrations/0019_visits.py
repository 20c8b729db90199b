"""Visits of recipients and what was answered there: rows that can only be added."""

import bansos.lib.money
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bansos.lib.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0018_target_with'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MonitoringVisit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area_code', models.CharField(db_index=True, max_length=13)),
                ('visited_on', models.DateField()),
                ('visitor', models.CharField(max_length=120)),
                ('note', models.TextField(blank=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('made_at', models.DateTimeField()),
                ('corrects', models.OneToOneField(null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='correction', to='programs.monitoringvisit')),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='visits', to='programs.enrolment')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('photo', models.ForeignKey(null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='programs.enrolmentdocument')),
                ('stage', models.ForeignKey(null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='programs.stage')),
            ],
        ),
        migrations.CreateModel(
            name='VisitAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('question', models.CharField(max_length=300)),
                ('kind', models.CharField(choices=[('yes_no', 'Ya/tidak'), ('choice', 'Pilihan'), ('number', 'Angka'), ('amount', 'Rupiah'), ('text', 'Teks')], max_length=8)),
                ('value', models.CharField(blank=True, max_length=500)),
                ('number', bansos.lib.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='answers', to='programs.monitoringvisit')),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.AddIndex(
            model_name='monitoringvisit',
            index=models.Index(fields=['enrolment', 'visited_on'], name='visit_of_enrolment'),
        ),
        migrations.AddConstraint(
            model_name='monitoringvisit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('corrects', None), ('reason', '')), models.Q(('corrects__isnull', False), models.Q(('reason', ''), _negated=True), models.Q(('corrects', models.F('pk')), _negated=True)), _connector='OR'), name='visit_corrected_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='visitanswer',
            constraint=models.UniqueConstraint(fields=('visit', 'position'), name='visit_answer_once'),
        ),
        migrations.AddConstraint(
            model_name='visitanswer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['number', 'amount']), ('number__gte', 0), ('value', '')), models.Q(('kind__in', ['yes_no', 'choice', 'text']), ('number', None), models.Q(('value', ''), _negated=True)), _connector='OR'), name='visit_answer_of_its_kind'),
        ),
        append_only('programs_monitoringvisit'),
        append_only('programs_visitanswer'),
    ]
