"""Accounts a bank is asked to open for many at once (rekening kolektif), and what it reported."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import User
from bansos.lib.scopes import AreaQuerySet
from programs.models import ProgrammeVersion


class AccountOpening(models.Model):
    """One letter to the bank; `acted_on` is the day it began, `reported_on` its report."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    version = models.ForeignKey(ProgrammeVersion, on_delete=models.RESTRICT, related_name="+")
    area_code = models.CharField(max_length=13, db_index=True)
    letter_number = models.CharField(max_length=80)
    asked_on = models.DateField()
    count = models.PositiveIntegerField()
    # Working days; the guide of ASPD gives the bank ten to act and seven to report.
    opening_days = models.PositiveSmallIntegerField(default=10)
    report_days = models.PositiveSmallIntegerField(default=7)
    acted_on = models.DateField(null=True)
    reported_on = models.DateField(null=True)
    opened = models.PositiveIntegerField(null=True)
    failed = models.PositiveIntegerField(null=True)
    note = models.CharField(max_length=250, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "area_code", "letter_number"], name="opening_letter_once"
            ),
            models.CheckConstraint(
                name="opening_sane",
                condition=Q(count__gt=0)
                & ~Q(letter_number="")
                & (Q(acted_on=None) | Q(acted_on__gte=F("asked_on")))
                & (Q(reported_on=None) | Q(acted_on__isnull=False, reported_on__gte=F("acted_on"))),
            ),
            models.CheckConstraint(
                name="opening_report_whole",
                condition=Q(reported_on=None, opened=None, failed=None)
                | Q(reported_on__isnull=False, opened=F("count") - F("failed")),
            ),
        ]

    def __str__(self) -> str:
        return self.letter_number
