"""The catalogue, enrolments from proposal to end, and decrees."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bansos.accounts.models import Agency, User
from bansos.documents.models import Document
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from beneficiaries.models import BankAccount, Family, ImportBatch, Person
from programs.choices import (
    ENDED,
    FIXED_KINDS,
    HOLDING,
    Answer,
    BenefitKind,
    Channel,
    DecreeState,
    EnrolmentState,
    PayeeKind,
    VersionState,
)


class CatalogueQuerySet(AreaQuerySet):
    """The catalogue of a province is read by everybody inside it."""

    def visible_to(self, user: object) -> CatalogueQuerySet:
        area = getattr(user, "area_code", "")
        active = getattr(user, "is_active", False)
        return self.filter(**{self.area_field: area[:2]}) if area and active else self.none()


class VersionQuerySet(CatalogueQuerySet):
    area_field = "programme__area_code"


class StageQuerySet(CatalogueQuerySet):
    area_field = "version__programme__area_code"


class Programme(models.Model):
    """One kind of help of one agency; what it pays lives in its versions."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    agency = models.ForeignKey(Agency, on_delete=models.RESTRICT, related_name="programmes")
    area_code = models.CharField(max_length=13, db_index=True)
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    purpose = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area_code", "code"], name="programme_code_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ProgrammeVersion(models.Model):
    """The rules of a programme for one year, as data. Used by a decree = frozen.

    criteria: [{"code", "params", "label"}] read by rules.CRITERIA;
    required_documents: [{"code", "label", "required"}]; legal_basis: [text];
    stop_reasons, reject_reasons: [{"code", "label"}]; exclusive_with: [programme code].
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    programme = models.ForeignKey(Programme, on_delete=models.RESTRICT, related_name="versions")
    year = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=8, choices=VersionState.choices, default=VersionState.DRAFT)
    payee_kind = models.CharField(max_length=12, choices=PayeeKind.choices)
    benefit_kind = models.CharField(max_length=10, choices=BenefitKind.choices)
    annual_amount = MoneyField(null=True, blank=True)
    # What a formula shares out, and the price of one unit of a tariff.
    formula_budget = MoneyField(null=True, blank=True)
    tariff = MoneyField(null=True, blank=True)
    unit_label = models.CharField(max_length=40, blank=True)
    quota_total = models.PositiveIntegerField(null=True, blank=True)
    one_per_family = models.BooleanField(default=False)
    criteria = models.JSONField(default=list, blank=True)
    required_documents = models.JSONField(default=list, blank=True)
    legal_basis = models.JSONField(default=list, blank=True)
    stop_reasons = models.JSONField(default=list, blank=True)
    reject_reasons = models.JSONField(default=list, blank=True)
    exclusive_with = models.JSONField(default=list, blank=True)
    bank_code = models.CharField(max_length=3, blank=True)
    account_code = models.CharField(max_length=40, blank=True)
    source_note = models.CharField(max_length=250, blank=True)
    activated_at = models.DateTimeField(null=True)
    activated_by = models.ForeignKey(User, null=True, on_delete=models.RESTRICT, related_name="+")

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "year", "version"], name="programme_version_once"
            ),
            models.UniqueConstraint(
                fields=["programme", "year"],
                condition=Q(state=VersionState.ACTIVE),
                name="one_active_version_a_year",
            ),
            models.CheckConstraint(
                name="version_money_of_its_kind",
                condition=(Q(benefit_kind=BenefitKind.FORMULA) | Q(formula_budget=None))
                & (Q(benefit_kind=BenefitKind.TARIFF) | Q(tariff=None, unit_label=""))
                & (Q(benefit_kind__in=[*FIXED_KINDS, BenefitKind.GOODS]) | Q(annual_amount=None)),
            ),
            models.CheckConstraint(
                name="version_money_positive",
                condition=(Q(formula_budget=None) | Q(formula_budget__gt=0))
                & (Q(tariff=None) | Q(tariff__gt=0)),
            ),
            models.CheckConstraint(
                name="version_activated_pair",
                condition=Q(activated_at=None, activated_by=None)
                | Q(activated_at__isnull=False, activated_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.year}"

    @property
    def area_code(self) -> str:
        """The province whose programme this is."""
        return self.programme.area_code


class Stage(models.Model):
    """One payment of the year: its date decides ages, its amount is what a list pays.

    Without an amount each enrolment has its own (a formula, a tariff by units).
    """

    PERSONAL_FIELDS: tuple[str, ...] = ()

    version = models.ForeignKey(ProgrammeVersion, on_delete=models.CASCADE, related_name="stages")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    stage_date = models.DateField()
    amount = MoneyField(null=True, blank=True)

    objects = StageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="stage_number_once"),
            models.CheckConstraint(name="stage_amount_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name


class Quota(models.Model):
    """How many places a regency or city has."""

    PERSONAL_FIELDS: tuple[str, ...] = ()

    version = models.ForeignKey(ProgrammeVersion, on_delete=models.CASCADE, related_name="quotas")
    area_code = models.CharField(max_length=13)
    places = models.PositiveIntegerField()

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "area_code"], name="quota_once"),
        ]

    def __str__(self) -> str:
        return f"{self.area_code}: {self.places}"


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
                condition=~Q(state__in=ENDED),
                name="one_open_enrolment_per_person",
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


class CriterionAnswer(models.Model):
    """How one criterion was answered, with the fact, its source and its reason; append-only."""

    PERSONAL_FIELDS = ("value",)

    enrolment = models.ForeignKey(Enrolment, on_delete=models.RESTRICT, related_name="answers")
    round = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=200)
    answer = models.CharField(max_length=8, choices=Answer.choices)
    value = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=300)
    source = models.CharField(max_length=200)
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
