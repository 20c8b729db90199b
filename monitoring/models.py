"""Monitoring reports and what they said."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import User
from bansos.documents.models import Document
from bansos.jobs.models import Job
from bansos.lib.scopes import AreaQuerySet
from programs.models import ProgrammeVersion


class Report(models.Model):
    """One "Laporan Monitoring dan Evaluasi": programme x area x period, its figures, its files."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    version = models.ForeignKey(ProgrammeVersion, on_delete=models.RESTRICT, related_name="+")
    area_code = models.CharField(max_length=13, db_index=True)
    from_date = models.DateField()
    until_date = models.DateField()
    figures = models.JSONField(default=dict)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    pdf = models.ForeignKey(Document, null=True, on_delete=models.RESTRICT, related_name="+")
    xlsx = models.ForeignKey(Document, null=True, on_delete=models.RESTRICT, related_name="+")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="report_period_in_order", condition=Q(from_date__lte=F("until_date"))
            ),
        ]

    def __str__(self) -> str:
        return f"Laporan {self.pk}"
