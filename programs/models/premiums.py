"""Premiums paid to an insurer: who pays for whom, the list of a month, the insurer's answer."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from bansos.accounts.models import User
from bansos.documents.models import Document
from bansos.jobs.models import Job
from bansos.lib.scopes import AreaQuerySet
from beneficiaries.models import Institution, Person
from beneficiaries.models.institutions import DateRange
from programs.choices import (
    Insurance,
    PayerKind,
    PremiumChange,
    PremiumRoundState,
    PremiumState,
)
from programs.models.catalogue import CatalogueQuerySet, ProgrammeVersion


class PlanQuerySet(CatalogueQuerySet):
    area_field = "version__programme__area_code"


class PremiumRoundQuerySet(CatalogueQuerySet):
    area_field = "plan__version__programme__area_code"


class PremiumPlan(models.Model):
    """A programme year whose tariff is the premium of one person and month, and its insurer."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    version = models.OneToOneField(
        ProgrammeVersion, on_delete=models.RESTRICT, related_name="premium_plan"
    )
    insurance = models.CharField(max_length=8, choices=Insurance.choices)
    insurer = models.ForeignKey(Institution, on_delete=models.RESTRICT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    # The last act on a long list of this plan that a worker does or did.
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = PlanQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.version)

    @property
    def area_code(self) -> str:
        """The province whose programme it is."""
        return self.version.area_code

    @property
    def is_busy(self) -> bool:
        """A worker has one of its lists."""
        return self.job is not None and self.job.is_open


class PremiumCover(models.Model):
    """Who pays the premium of a person, from month to month; by our programme or by another payer.

    One payer per person, insurance and month: the database refuses the second (btree_gist).
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="premium_covers")
    insurance = models.CharField(max_length=8, choices=Insurance.choices)
    payer = models.CharField(max_length=8, choices=PayerKind.choices)
    payer_name = models.CharField(max_length=120)
    plan = models.ForeignKey(
        PremiumPlan, null=True, on_delete=models.RESTRICT, related_name="covers"
    )
    area_code = models.CharField(max_length=13, db_index=True)
    # First days of the first and the last month that are paid.
    from_month = models.DateField()
    until_month = models.DateField(null=True)
    # The insurer never accepted it: nobody paid anything.
    is_void = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="premium_cover_term",
                condition=Q(until_month=None) | Q(until_month__gte=F("from_month")),
            ),
            models.CheckConstraint(
                name="premium_cover_whole_months",
                condition=Q(from_month__day=1) & (Q(until_month=None) | Q(until_month__day=1)),
            ),
            models.CheckConstraint(
                name="premium_cover_ended_pair",
                condition=Q(ended_at=None, ended_by=None, until_month=None, is_void=False)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
            models.CheckConstraint(
                name="premium_cover_own_or_other",
                condition=Q(plan__isnull=False, payer=PayerKind.PROVINCE)
                | (Q(plan=None) & ~Q(payer=PayerKind.PROVINCE)),
            ),
            ExclusionConstraint(
                name="one_payer_per_person",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("insurance", RangeOperators.EQUAL),
                    (
                        DateRange(
                            "from_month",
                            "until_month",
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(is_void=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Penanggung {self.pk}"


class PremiumRound(models.Model):
    """The list of one month of one plan: open, at the insurer, answered."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    plan = models.ForeignKey(PremiumPlan, on_delete=models.RESTRICT, related_name="rounds")
    month = models.DateField()
    state = models.CharField(
        max_length=8, choices=PremiumRoundState.choices, default=PremiumRoundState.OPEN
    )
    csv = models.ForeignKey(Document, null=True, on_delete=models.RESTRICT, related_name="+")
    xlsx = models.ForeignKey(Document, null=True, on_delete=models.RESTRICT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    objects = PremiumRoundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "month"], name="premium_round_once"),
            models.UniqueConstraint(
                fields=["plan"],
                condition=~Q(state=PremiumRoundState.ANSWERED),
                name="one_open_premium_round",
            ),
            models.CheckConstraint(name="premium_round_month", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="premium_round_sent",
                condition=Q(
                    state=PremiumRoundState.OPEN, sent_at=None, sent_by=None, csv=None, xlsx=None
                )
                | Q(
                    ~Q(state=PremiumRoundState.OPEN),
                    sent_at__isnull=False,
                    sent_by__isnull=False,
                    csv__isnull=False,
                    xlsx__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"Premi {self.plan_id}/{self.month:%Y-%m}"

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("programs:premium_round", args=[self.pk])

    @property
    def area_code(self) -> str:
        """The province whose list it is."""
        return self.plan.area_code


class PremiumLine(models.Model):
    """One person in the list of a month: stays, comes or goes; judged, then answered."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    round = models.ForeignKey(PremiumRound, on_delete=models.RESTRICT, related_name="lines")
    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="premium_lines")
    cover = models.ForeignKey(
        PremiumCover, null=True, on_delete=models.RESTRICT, related_name="lines"
    )
    area_code = models.CharField(max_length=13, db_index=True)
    change = models.CharField(max_length=5, choices=PremiumChange.choices)
    state = models.CharField(
        max_length=9, choices=PremiumState.choices, default=PremiumState.WAITING
    )
    # What the check found, in whole sentences with their source.
    findings = models.JSONField(default=list)
    note = models.CharField(max_length=200, blank=True)
    answer_reason = models.CharField(max_length=200, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["round", "change", "state"], name="premium_line_scope")]
        constraints = [
            models.UniqueConstraint(fields=["round", "person"], name="premium_line_once"),
            models.CheckConstraint(
                name="premium_line_decided_pair",
                condition=Q(decided_at=None, decided_by=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
            # Who stays without a finding needs nobody's decision; everybody else does.
            models.CheckConstraint(
                name="premium_line_decided",
                condition=Q(state=PremiumState.WAITING)
                | Q(change=PremiumChange.KEEP)
                | Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="premium_adder_is_not_verifier",
                condition=Q(decided_by=None) | ~Q(decided_by=F("added_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id}/{self.pk}"

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("programs:premium_line", args=[self.pk])


class PremiumUpload(models.Model):
    """A file of the insurer that waits for a worker; gone when the work has ended."""

    PERSONAL_FIELDS = ("sealed_file",)

    round = models.ForeignKey(PremiumRound, on_delete=models.CASCADE, related_name="uploads")
    file_name = models.CharField(max_length=150)
    sealed_file = models.BinaryField()

    def __str__(self) -> str:
        return f"Unggahan {self.pk}"


class PremiumAnswer(models.Model):
    """One file of the insurer as it was applied: the same bytes again change nothing."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    round = models.ForeignKey(PremiumRound, on_delete=models.RESTRICT, related_name="answers")
    sha256 = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)
    applied_at = models.DateTimeField()
    applied_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "sha256"], name="premium_answer_once"),
        ]

    def __str__(self) -> str:
        return f"Jawaban {self.pk}"


class PremiumStray(models.Model):
    """A row of an answer that fits no line: kept apart, it changes nothing; append-only."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    answer = models.ForeignKey(PremiumAnswer, on_delete=models.RESTRICT, related_name="strays")
    row_number = models.PositiveIntegerField()
    nik_masked = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["answer", "row_number"], name="premium_stray_once"),
        ]

    def __str__(self) -> str:
        return f"{self.answer_id}: {self.row_number}"
