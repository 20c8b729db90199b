"""Enrolments from proposal to end, with what was answered and shown about each."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import User
from bansos.documents.models import Document
from bansos.lib.scopes import AreaQuerySet
from beneficiaries.models import BankAccount, Family, ImportBatch, Payee, Person
from programs.choices import ENDED, HOLDING, Answer, Channel, EnrolmentState
from programs.models.catalogue import ProgrammeVersion


class VerificationRecord(models.Model):
    """Berita Acara of the verification of one district."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    version = models.ForeignKey(ProgrammeVersion, on_delete=models.RESTRICT, related_name="+")
    area_code = models.CharField(max_length=13, db_index=True)
    round = models.PositiveSmallIntegerField(default=1)
    counts = models.JSONField(default=dict)
    document = models.ForeignKey(Document, null=True, on_delete=models.RESTRICT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "area_code", "round"], name="record_once"),
        ]

    def __str__(self) -> str:
        return f"BA {self.area_code}"


class Enrolment(models.Model):
    """One person (and family) in one programme year, from proposal to graduation or stop."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    version = models.ForeignKey(
        ProgrammeVersion, on_delete=models.RESTRICT, related_name="enrolments"
    )
    person = models.ForeignKey(Person, on_delete=models.RESTRICT, related_name="enrolments")
    family = models.ForeignKey(
        Family, null=True, on_delete=models.RESTRICT, related_name="enrolments"
    )
    # A group, an institution or a government that is paid; `person` then answers for it.
    payee = models.ForeignKey(
        Payee, null=True, on_delete=models.RESTRICT, related_name="enrolments"
    )
    account = models.ForeignKey(BankAccount, null=True, on_delete=models.RESTRICT, related_name="+")
    area_code = models.CharField(max_length=13, db_index=True)
    state = models.CharField(
        max_length=12, choices=EnrolmentState.choices, default=EnrolmentState.DRAFT
    )
    channel = models.CharField(max_length=8, choices=Channel.choices)
    import_batch = models.ForeignKey(
        ImportBatch, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    one_per_family = models.BooleanField(default=False)
    companion_name = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)
    warnings = models.JSONField(default=list)
    proposed_at = models.DateTimeField(null=True)
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    decision_reason = models.CharField(max_length=40, blank=True)
    decision_note = models.TextField(blank=True)
    record = models.ForeignKey(
        VerificationRecord, null=True, on_delete=models.RESTRICT, related_name="enrolments"
    )
    active_from = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    objects = AreaQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["version", "state", "area_code"], name="enrolment_scope"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "person"],
                condition=Q(payee=None) & ~Q(state__in=ENDED),
                name="one_open_enrolment_per_person",
            ),
            models.UniqueConstraint(
                fields=["version", "payee"],
                condition=~Q(state__in=ENDED),
                name="one_open_enrolment_per_payee",
            ),
            # One elder per KK (Juknis PKH Plus): only one may hold a place; others may be proposed.
            models.UniqueConstraint(
                fields=["version", "family"],
                condition=Q(state__in=HOLDING, one_per_family=True),
                name="one_place_per_family",
            ),
            models.CheckConstraint(
                name="enrolment_proposed_pair",
                condition=Q(proposed_at=None, proposed_by=None)
                | Q(proposed_at__isnull=False, proposed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="enrolment_decided_pair",
                condition=Q(decided_at=None, decided_by=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="enrolment_decided_when_judged",
                condition=~Q(
                    state__in=[
                        EnrolmentState.ELIGIBLE,
                        EnrolmentState.NOT_ELIGIBLE,
                        EnrolmentState.DETERMINED,
                        EnrolmentState.ACTIVE,
                    ]
                )
                | Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="proposer_is_not_verifier",
                condition=Q(decided_by=None)
                | Q(proposed_by=None)
                | ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="enrolment_active_from",
                condition=~Q(state=EnrolmentState.ACTIVE) | Q(active_from__isnull=False),
            ),
            models.CheckConstraint(
                name="enrolment_family_when_one",
                condition=Q(one_per_family=False) | Q(family__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Usulan {self.pk}"


class EnrolmentMove(models.Model):
    """One change of state; append-only."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="moves")
    old = models.CharField(max_length=12, choices=EnrolmentState.choices, blank=True)
    new = models.CharField(max_length=12, choices=EnrolmentState.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")
    reason_code = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.old} > {self.new}"


class AskedCriteria(models.Model):
    """The criteria of a version as they were asked once, in data and in words; append-only.

    Answers point here, so a decision is shown again as it was after the version has changed.
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    version = models.ForeignKey(ProgrammeVersion, on_delete=models.RESTRICT, related_name="asked")
    digest = models.CharField(max_length=16)
    criteria = models.JSONField()
    sentence = models.TextField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "digest"], name="asked_criteria_once"),
        ]

    def __str__(self) -> str:
        return f"Kriteria {self.digest}"


class CriterionAnswer(models.Model):
    """How one criterion was answered, with the fact, its source and its reason; append-only.

    `parts` are the answers inside a group: [{"depth", "code", "label", "answer", "value",
    "reason", "source"}]. `facts_on` is the day the registries were asked, `stage_date` the day
    ages were counted on. Answers from before the language have neither.
    """

    PERSONAL_FIELDS = ("value", "parts")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="answers")
    round = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=2000)
    answer = models.CharField(max_length=8, choices=Answer.choices)
    value = models.CharField(max_length=500, blank=True)
    reason = models.CharField(max_length=2000)
    source = models.CharField(max_length=500)
    parts = models.JSONField(default=list, blank=True)
    asked = models.ForeignKey(
        AskedCriteria, null=True, on_delete=models.RESTRICT, related_name="answers"
    )
    facts_on = models.DateField(null=True)
    stage_date = models.DateField(null=True)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "round", "code"], name="criterion_once_a_round"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.answer}"


class EnrolmentDocument(models.Model):
    """A paper behind a proposal (KTP, KK, photo), stored sealed."""

    PERSONAL_FIELDS = ("sealed_file",)

    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="papers")
    code = models.CharField(max_length=40)
    file_name = models.CharField(max_length=150)
    mime = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    sealed_file = models.BinaryField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")

    def __str__(self) -> str:
        return self.code
