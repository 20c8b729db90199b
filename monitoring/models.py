"""Monitoring reports and what they said; figures from outside that stand beside ours."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from bansos.accounts.models import User
from bansos.documents.models import Document
from bansos.jobs.models import Job
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from programs.models import ProgrammeVersion


class Report(models.Model):
    """One "Laporan Monitoring dan Evaluasi": programme x area x period, its figures, its files.

    Without a version it tells of all programmes of its year.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    version = models.ForeignKey(
        ProgrammeVersion, null=True, blank=True, on_delete=models.RESTRICT, related_name="+"
    )
    year = models.PositiveSmallIntegerField()
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

    @property
    def programme_name(self) -> str:
        """The programme it is about, or that it is about all; Indonesian, as it is printed."""
        return "Semua Program" if self.version is None else self.version.programme.name


class ReferenceQuerySet(AreaQuerySet):
    """Figures of a province are read by everybody inside it."""

    def visible_to(self, user: object) -> ReferenceQuerySet:
        area = getattr(user, "area_code", "")
        active = getattr(user, "is_active", False)
        return self.filter(area_code__startswith=area[:2]) if area and active else self.none()


class ReferenceFigure(models.Model):
    """An "angka acuan": what somebody else counted, of a place and a day, with its source.

    It stands beside our own figures as context and is never computed with. `as_of` orders a
    series; `period` is how the source names the time.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    indicator = models.CharField(max_length=120)
    area_code = models.CharField(max_length=13, db_index=True)
    period = models.CharField(max_length=60)
    as_of = models.DateField()
    # Exact like money: two decimals hold the percents of the statistics office, too.
    value = MoneyField()
    unit = models.CharField(max_length=30)
    source = models.CharField(max_length=200)
    note = models.CharField(max_length=250, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "area_code", "as_of"], name="reference_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.period}"

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("monitoring:reference", args=[self.pk])
