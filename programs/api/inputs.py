"""What the API takes in about programmes: names, the rules of a year, stages, quotas."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from bansos.regions.choices import Level
from bansos.regions.models import Region
from programs.choices import BenefitKind, GuardianKin, PayeeKind, ProxyRole, ProxyWho, Rail
from programs.rules import CRITERIA, GROUPS, Param
from programs.rules.criteria import MOST_DEPTH, MOST_NODES
from programs.rules.versions import MOST_PLACES

CODE = r"^[a-z0-9_]{1,40}$"
MOST_STAGES = 6


def year_field(**kwargs: Any) -> serializers.IntegerField:
    """A budget year."""
    return serializers.IntegerField(min_value=2020, max_value=2100, **kwargs)


def places_field(**kwargs: Any) -> serializers.IntegerField:
    """A number of places; null is no limit."""
    return serializers.IntegerField(min_value=0, max_value=MOST_PLACES, allow_null=True, **kwargs)


def text_field(longest: int) -> serializers.CharField:
    """A text that may stay empty."""
    return serializers.CharField(max_length=longest, required=False, allow_blank=True)


def money_field(**kwargs: Any) -> serializers.DecimalField:
    """Rupiah with sen, never negative; null is not known."""
    return serializers.DecimalField(
        max_digits=18,
        decimal_places=2,
        min_value=Decimal(0),
        **{"required": False, "allow_null": True, **kwargs},
    )


def programme_code(**kwargs: Any) -> serializers.RegexField:
    """The short name of a programme, as its page takes it."""
    words = _("Pakai 2 sampai 20 huruf besar, angka, atau tanda hubung.")
    return serializers.RegexField(r"^[A-Z0-9-]{2,20}$", error_messages={"invalid": words}, **kwargs)


class ProgrammeChange(serializers.Serializer[Any]):
    """What a programme is called; what is left out stays."""

    code = programme_code(required=False)
    name = serializers.CharField(max_length=120, required=False)
    purpose = text_field(2000)
    is_active = serializers.BooleanField(required=False)


class ProgrammeIn(ProgrammeChange):
    """A new programme."""

    code = programme_code()
    name = serializers.CharField(max_length=120)


def _setting(param: Param) -> serializers.Field[Any, Any, Any, Any]:
    """The field of one setting of a criterion."""
    if param.kind == "int":
        return serializers.IntegerField(
            min_value=0, max_value=MOST_PLACES, allow_null=param.optional
        )
    if param.kind == "ints":
        return serializers.ListField(child=serializers.IntegerField(min_value=0), max_length=20)
    if param.kind in {"codes", "choices"}:
        return serializers.ListField(child=serializers.CharField(max_length=40), max_length=50)
    if param.kind == "areas":
        return serializers.ListField(child=serializers.CharField(max_length=13), max_length=500)
    if param.kind == "choice":
        return serializers.ChoiceField(choices=param.choices)
    return serializers.CharField(
        max_length=150, allow_blank=param.optional, allow_null=param.kind == "decimal"
    )


class CriterionIn(serializers.Serializer[Any]):
    """A condition (code, params) or a group (all, any or not, with its items).

    Both may have a sentence of their own and may be waived.
    """

    code = serializers.CharField(max_length=40, required=False)
    params = serializers.DictField(required=False)
    group = serializers.ChoiceField(choices=list(GROUPS.items()), required=False)
    items = serializers.ListField(
        child=serializers.DictField(), required=False, max_length=MOST_NODES, min_length=1
    )
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=200, required=False, allow_blank=True, default=""
    )
    waivable = serializers.BooleanField(required=False, default=False)
    depth = 0

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Settings of the right type; what is unknown or missing is named by the service."""
        if ("group" in attrs) == ("code" in attrs) or ("group" in attrs) != ("items" in attrs):
            raise ValidationError(_("Isi code, atau group bersama items."))
        if "group" in attrs:
            return {**attrs, "items": [self._item(item) for item in attrs["items"]]}
        return {**attrs, "params": self._params(attrs["code"], attrs.get("params") or {})}

    def _item(self, item: dict[str, Any]) -> dict[str, Any]:
        if self.depth > MOST_DEPTH:
            raise ValidationError(
                {"items": _("Kelompok bersarang terlalu dalam. Sederhanakan dulu.")}
            )
        inner = CriterionIn(data=item)
        inner.depth = self.depth + 1
        inner.is_valid(raise_exception=True)
        return dict(inner.validated_data)

    @staticmethod
    def _params(code: str, given: dict[str, Any]) -> dict[str, Any]:
        kind = CRITERIA.get(code)
        params, wrong = {}, {}
        for param in kind.params if kind else ():
            # An empty list of codes means all of them, and the sentences read it.
            value = given.get(param.name, param.empty if param.kind == "codes" else None)
            if value is None:
                continue
            try:
                params[param.name] = _setting(param).run_validation(value)
            except ValidationError as error:
                wrong[param.name] = error.detail
        if wrong:
            raise ValidationError({"params": wrong})
        return params


class ReasonRowIn(serializers.Serializer[Any]):
    """A reason that a decision or a stop may name."""

    code = serializers.RegexField(CODE)
    label = serializers.CharField(max_length=200)  # type: ignore[assignment]


class PaperIn(ReasonRowIn):
    """A document that a proposal brings."""

    required = serializers.BooleanField(  # type: ignore[assignment]
        required=False, default=False
    )


def _each_once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    codes = [row["code"] for row in rows]
    if len(set(codes)) != len(codes):
        raise ValidationError(_("Kode sudah dipakai."))
    return [dict(row) for row in rows]


def _lines(longest: int) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=longest), required=False)


class ProxyWayIn(serializers.Serializer[Any]):
    """One way to collect for somebody."""

    who = serializers.ChoiceField(choices=ProxyWho.choices)
    relations = serializers.ListField(
        child=serializers.ChoiceField(choices=GuardianKin.choices), required=False, default=list
    )
    same_kk = serializers.BooleanField(required=False, default=False)
    letter = serializers.CharField(required=False, allow_blank=True, default="", max_length=80)
    witness = serializers.ChoiceField(
        choices=ProxyRole.choices, required=False, allow_blank=True, default=""
    )
    confirmed = serializers.BooleanField(required=False, default=False)
    account = serializers.BooleanField(required=False)


class ProxyRulesIn(serializers.Serializer[Any]):
    """Who may collect for a recipient; the article is named."""

    article = serializers.CharField(max_length=250)
    forbidden = serializers.ListField(
        child=serializers.ChoiceField(choices=ProxyRole.choices), required=False, default=list
    )
    most_days = serializers.IntegerField(
        min_value=1, max_value=366, required=False, allow_null=True, default=None
    )
    ways = ProxyWayIn(many=True)


class HeirRulesIn(serializers.Serializer[Any]):
    """Whether an heir is paid and on what papers; the article is named."""

    article = serializers.CharField(max_length=250)
    pays = serializers.BooleanField()
    same_kk = serializers.BooleanField(required=False, default=False)
    before_passbook = serializers.BooleanField(required=False, default=False)
    before_close = serializers.BooleanField(required=False, default=False)
    papers = ReasonRowIn(many=True, required=False, default=list)


class RankKeyIn(serializers.Serializer[Any]):
    """One step of the order, such as desil, lowest first."""

    key = serializers.CharField(max_length=30)
    direction = serializers.CharField(max_length=10)


class RankingIn(serializers.Serializer[Any]):
    """Who comes first when more qualify than there are places."""

    keys = RankKeyIn(many=True, required=False)
    replacement = serializers.ChoiceField(choices=["yes", "no"], required=False)


class VersionChange(serializers.Serializer[Any]):
    """The rules of a year, but for its stages and quotas; what is left out stays."""

    payee_kind = serializers.ChoiceField(choices=PayeeKind.choices, required=False)
    benefit_kind = serializers.ChoiceField(choices=BenefitKind.choices, required=False)
    annual_amount = money_field()
    formula_budget = money_field()
    tariff = money_field()
    unit_label = text_field(40)
    rails = serializers.ListField(
        child=serializers.ChoiceField(choices=Rail.choices), required=False, max_length=5
    )
    proxy_rules = ProxyRulesIn(required=False)
    heir_rules = HeirRulesIn(required=False)
    quota_total = places_field(required=False)
    regency_target = serializers.IntegerField(
        min_value=1, max_value=1_000_000, required=False, allow_null=True
    )
    target_with = _lines(20)
    criteria = CriterionIn(many=True, required=False)
    required_documents = PaperIn(many=True, required=False)
    legal_basis = _lines(500)
    stop_reasons = ReasonRowIn(many=True, required=False)
    reject_reasons = ReasonRowIn(many=True, required=False)
    # "CODE", or {"programme"|"registry", "per": person|family, "during": year|ever}.
    exclusive_with = serializers.ListField(
        child=serializers.JSONField(), required=False, max_length=20
    )
    ranking = RankingIn(required=False)
    calendar = _lines(500)
    verification_steps = _lines(500)
    monitoring_form = _lines(500)
    document_templates = _lines(500)
    success_measure = text_field(250)
    funding_source = text_field(120)
    bank_code = serializers.RegexField(r"^[0-9]{3}$", required=False, allow_blank=True)
    account_code = text_field(40)
    source_note = text_field(250)

    def validate_criteria(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Plain rows; the same kind twice is the service's to judge."""
        return [dict(row) for row in rows]

    def validate_required_documents(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Each code once."""
        return _each_once(rows)

    def validate_stop_reasons(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Each code once."""
        return _each_once(rows)

    def validate_reject_reasons(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Each code once."""
        return _each_once(rows)


class VersionIn(VersionChange):
    """A draft: for which programme and year, and its rules."""

    programme = serializers.IntegerField()
    year = year_field()
    payee_kind = serializers.ChoiceField(choices=PayeeKind.choices)
    benefit_kind = serializers.ChoiceField(choices=BenefitKind.choices)


class StageIn(serializers.Serializer[Any]):
    """One payment of the year."""

    name = serializers.CharField(max_length=60)
    stage_date = serializers.DateField()
    amount = money_field()


class StagesIn(serializers.Serializer[Any]):
    """All stages of the year, in order."""

    stages = serializers.ListField(child=StageIn(), max_length=MOST_STAGES)


class QuotasIn(serializers.Serializer[Any]):
    """Code of the regency -> places; null takes the limit away."""

    quotas = serializers.DictField(child=places_field(), allow_empty=False)

    def validate_quotas(self, quotas: dict[str, int | None]) -> dict[str, int | None]:
        """Regencies and cities that are known."""
        known = Region.objects.filter(level=Level.REGENCY, pk__in=quotas)
        if known.count() != len(quotas):
            raise ValidationError(_("Pilih kabupaten atau kota di provinsi ini."))
        return quotas


class CopyIn(serializers.Serializer[Any]):
    """The year to copy to."""

    year = year_field(required=False)
