"""Decrees and the names in them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import User
from bansos.documents.models import Document
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from programs.choices import DecreeState
from programs.models.catalogue import ProgrammeVersion
from programs.models.enrolments import Enrolment


class Decree(models.Model):
    """SK: who receives in one area and year. Approved by another person; never edited after."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    version = models.ForeignKey(ProgrammeVersion, on_delete=models.RESTRICT, related_name="decrees")
    area_code = models.CharField(max_length=13, db_index=True)
    revision = models.PositiveSmallIntegerField(default=1)
    supersedes = models.OneToOneField(
        "self", null=True, on_delete=models.RESTRICT, related_name="superseded_by"
    )
    state = models.CharField(max_length=10, choices=DecreeState.choices, default=DecreeState.DRAFT)
    subject = models.CharField(max_length=250)
    count = models.PositiveIntegerField(default=0)
    total = MoneyField(default=0)
    # Where the amount is a budget over the people named: all three, or none.
    formula_budget = MoneyField(null=True)
    formula_amount = MoneyField(null=True)
    formula_remainder = MoneyField(null=True)
    content_hash = models.CharField(max_length=64, blank=True)
    number = models.CharField(max_length=80, blank=True)
    decree_date = models.DateField(null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    return_note = models.TextField(blank=True)
    # Enrolment id -> {"reason", "note"}: who was left out of this draft on purpose, and why.
    dropped = models.JSONField(default=dict, blank=True)
    annex_pdf = models.ForeignKey(Document, null=True, on_delete=models.RESTRICT, related_name="+")
    annex_xlsx = models.ForeignKey(Document, null=True, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "area_code", "revision"], name="decree_revision_once"
            ),
            models.UniqueConstraint(
                fields=["version", "area_code"],
                condition=Q(state=DecreeState.APPROVED),
                name="one_decree_in_force",
            ),
            # No sen of a shared budget is lost: people x amount + remainder is the budget.
            models.CheckConstraint(
                name="decree_formula_whole",
                condition=Q(formula_budget=None, formula_amount=None, formula_remainder=None)
                | Q(
                    formula_budget__gt=0,
                    formula_amount__gt=0,
                    formula_remainder__gte=0,
                    formula_budget=F("formula_amount") * F("count") + F("formula_remainder"),
                ),
            ),
            models.CheckConstraint(
                name="decree_submitted_pair",
                condition=Q(submitted_at=None, submitted_by=None)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="decree_approved_pair",
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
            ),
            models.CheckConstraint(
                name="decree_maker_is_not_approver",
                condition=Q(approved_by=None)
                | (~Q(approved_by=F("made_by")) & ~Q(approved_by=F("submitted_by"))),
            ),
            models.CheckConstraint(
                name="decree_approved_has_number",
                condition=~Q(state__in=[DecreeState.APPROVED, DecreeState.SUPERSEDED])
                | (~Q(number="") & Q(decree_date__isnull=False, approved_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"SK draf {self.pk}"


class DecreeLine(models.Model):
    """One name in a decree, with what it said that day."""

    PERSONAL_FIELDS = ("name", "address")

    decree = models.ForeignKey(Decree, on_delete=models.RESTRICT, related_name="lines")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="decree_lines")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=150)
    address = models.CharField(max_length=250, blank=True)
    area_code = models.CharField(max_length=13)
    annual_amount = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decree", "enrolment"], name="decree_line_once"),
            models.UniqueConstraint(fields=["decree", "position"], name="decree_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.decree_id}/{self.position}"
