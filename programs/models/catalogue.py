"""Programmes, their rules per year, stages and quotas."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bansos.accounts.models import Agency, User
from bansos.lib.money import MoneyField
from bansos.lib.scopes import AreaQuerySet
from programs.choices import FIXED_KINDS, BenefitKind, PayeeKind, Rail, VersionState


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

    criteria: conditions and groups of them, see rules.criteria;
    required_documents: [{"code", "label", "required"}]; legal_basis: [text];
    stop_reasons, reject_reasons: [{"code", "label"}]; exclusive_with: see rules.exclusivity.
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
    # What every regency and city is to reach at least; a decree below it is warned, not refused.
    regency_target = models.PositiveIntegerField(null=True, blank=True)
    # Codes of the programmes of the same year whose people count towards that target too.
    target_with = models.JSONField(default=list, blank=True)
    one_per_family = models.BooleanField(default=False)
    criteria = models.JSONField(default=list, blank=True)
    required_documents = models.JSONField(default=list, blank=True)
    legal_basis = models.JSONField(default=list, blank=True)
    stop_reasons = models.JSONField(default=list, blank=True)
    reject_reasons = models.JSONField(default=list, blank=True)
    exclusive_with = models.JSONField(default=list, blank=True)
    # Who comes first when more qualify than there are places, see rules.ranking.
    ranking = models.JSONField(default=dict, blank=True)
    # What officers read and follow: lines of text, each list in its order.
    calendar = models.JSONField(default=list, blank=True)
    verification_steps = models.JSONField(default=list, blank=True)
    monitoring_form = models.JSONField(default=list, blank=True)
    document_templates = models.JSONField(default=list, blank=True)
    success_measure = models.CharField(max_length=250, blank=True)
    funding_source = models.CharField(max_length=120, blank=True)
    # Rails it may use, empty: inside the paying bank only. Rules of proxies and heirs, see
    # rules.proxies and rules.heirs; empty: nobody may.
    rails = models.JSONField(default=list, blank=True)
    proxy_rules = models.JSONField(default=dict, blank=True)
    heir_rules = models.JSONField(default=dict, blank=True)
    # What happens during and after, see rules.life; who may propose, see rules.channels; what is
    # assessed and planned, see rules.assessing.
    event_rules = models.JSONField(default=list, blank=True)
    exit_rules = models.JSONField(default=dict, blank=True)
    proposal_channels = models.JSONField(default=list, blank=True)
    assessment_forms = models.JSONField(default=list, blank=True)
    plan_rules = models.JSONField(default=dict, blank=True)
    # Papers printed for a recipient to sign, see rules.letters.
    letters = models.JSONField(default=list, blank=True)
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
    def is_rate_open(self) -> bool:
        """Nobody has fixed what one recipient, or one unit, is worth: a decree waits for it."""
        if self.benefit_kind == BenefitKind.TARIFF:
            return self.tariff is None
        return self.benefit_kind in FIXED_KINDS and self.annual_amount is None

    @property
    def area_code(self) -> str:
        """The province whose programme this is."""
        return self.programme.area_code

    @property
    def is_cash(self) -> bool:
        """Everything goes over the counter (a programme pays in cash only, or never)."""
        return set(self.rails) == {Rail.CASH}


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
        ordering = ["number"]
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
