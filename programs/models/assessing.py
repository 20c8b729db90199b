"""Where a proposal comes from, how it was assessed, what is planned, and what a group owns."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import User
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from beneficiaries.models import Payee
from programs.choices import AssetCondition
from programs.models.enrolments import Enrolment


class ProposalSource(models.Model):
    """The letter or office behind a proposal; a self-proposal is held until somebody frees it."""

    PERSONAL_FIELDS = ("village_head", "district_head")

    enrolment = models.OneToOneField(Enrolment, on_delete=models.RESTRICT, related_name="source")
    office = models.CharField(max_length=150, blank=True)
    letter_number = models.CharField(max_length=80, blank=True)
    letter_date = models.DateField(null=True)
    village_head = models.CharField(max_length=150, blank=True)
    district_head = models.CharField(max_length=150, blank=True)
    is_held = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    freed_at = models.DateTimeField(null=True)
    freed_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="source_freed_pair",
                condition=Q(freed_at=None, freed_by=None)
                | Q(freed_at__isnull=False, freed_by__isnull=False, is_held=False),
            ),
            models.CheckConstraint(
                name="source_freed_by_another",
                condition=Q(freed_by=None) | ~Q(freed_by=F("made_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"Asal usulan {self.enrolment_id}"


class Assessment(models.Model):
    """One filled assessment form with its score; a later one is a new row. Append-only."""

    PERSONAL_FIELDS = ("answers", "note")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="assessments")
    form_code = models.CharField(max_length=40)
    round = models.PositiveSmallIntegerField()
    # Question code -> points given.
    answers = models.JSONField(default=dict)
    score = models.PositiveIntegerField()
    most = models.PositiveIntegerField()
    passed = models.BooleanField(null=True)
    note = models.TextField(blank=True)
    assessed_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "form_code", "round"], name="assessment_round_once"
            ),
            models.CheckConstraint(
                name="assessment_within", condition=Q(score__lte=F("most"), most__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form_code}: {self.score}/{self.most}"


class BusinessPlan(models.Model):
    """RAB: what the grant is to buy; its total is the grant, no rupiah off. Append-only."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="plans")
    round = models.PositiveSmallIntegerField()
    business_kind = models.CharField(max_length=40, blank=True)
    business_name = models.CharField(max_length=120)
    # Where a programme gives goods between two values they differ, else they are the same.
    lowest = MoneyField()
    grant = MoneyField()
    total = MoneyField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "round"], name="plan_round_once"),
            models.CheckConstraint(
                name="plan_total_is_the_grant",
                condition=Q(total__gte=F("lowest"), total__lte=F("grant"), lowest__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"RAB {self.pk}"


class PlanLine(models.Model):
    """One item of a plan; append-only."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    plan = models.ForeignKey(BusinessPlan, on_delete=models.RESTRICT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    section = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    volume = models.PositiveIntegerField()
    unit = models.CharField(max_length=30)
    unit_price = MoneyField()
    amount = MoneyField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="plan_line_once"),
            models.CheckConstraint(
                name="plan_line_amount",
                condition=Q(volume__gt=0, unit_price__gt=0, amount=F("volume") * F("unit_price")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}/{self.position}"


class GroupAsset(models.Model):
    """What a group bought with the grant: it belongs to the group (Permensos 2/2019)."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="assets")
    payee = models.ForeignKey(Payee, on_delete=models.RESTRICT, related_name="assets")
    area_code = models.CharField(max_length=13, db_index=True)
    name = models.CharField(max_length=120)
    quantity = models.PositiveIntegerField()
    value = MoneyField()
    bought_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="asset_is_something", condition=Q(quantity__gt=0, value__gt=0) & ~Q(name="")
            ),
        ]

    def __str__(self) -> str:
        return f"Aset {self.pk}"


class AssetCheck(models.Model):
    """In what condition an asset was found on a day; append-only."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    asset = models.ForeignKey(GroupAsset, on_delete=models.RESTRICT, related_name="checks")
    condition = models.CharField(max_length=8, choices=AssetCondition.choices)
    checked_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="asset_check_says_why",
                condition=Q(condition=AssetCondition.GOOD) | ~Q(note=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset_id}: {self.condition}"
