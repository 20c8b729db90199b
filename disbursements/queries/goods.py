"""Reads of goods: figures per programme, stock per warehouse, who still waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from bansos.lib.money import rupiah
from disbursements.choices import HandoverState
from disbursements.models import GoodsItem, GoodsRequest, Handover, Stock
from programs.choices import BenefitKind, EnrolmentState, VersionState
from programs.models import Enrolment, ProgrammeVersion
from programs.rules.assessing import amount_of, coded_kinds


@dataclass(frozen=True)
class GoodsFigures:
    """One goods programme of a year: package, recipients, what was handed over, what lies there."""

    version: ProgrammeVersion
    package: Decimal
    recipients: int
    handed: int
    value: Decimal
    stock: int


def goods_figures(user: Any, year: int | None = None) -> list[GoodsFigures]:
    """Every goods programme that the user may see, with the figures of their area."""
    versions = ProgrammeVersion.objects.visible_to(user).filter(
        benefit_kind=BenefitKind.GOODS, state=VersionState.ACTIVE
    )
    if year is not None:
        versions = versions.filter(year=year)
    rows = versions.select_related("programme").order_by("-year", "programme__name")
    return [figures_of(version, user) for version in rows]


def figures_of(version: ProgrammeVersion, user: Any) -> GoodsFigures:
    """The figures of one programme in the user's area; four queries."""
    people = Enrolment.objects.visible_to(user).filter(version=version)
    handed = Handover.objects.visible_to(user).filter(
        enrolment__version=version, state=HandoverState.HANDED
    )
    sums = handed.aggregate(count=Count("pk"), value=Sum("value"))
    stock = Stock.objects.visible_to(user).filter(lot__item__version=version)
    return GoodsFigures(
        version=version,
        package=dearest_package(version),
        recipients=people.filter(state=EnrolmentState.ACTIVE).count(),
        handed=sums["count"],
        value=sums["value"] or Decimal(0),
        stock=stock.aggregate(total=Sum("quantity"))["total"] or 0,
    )


def stock_rows(version: ProgrammeVersion, user: Any) -> Sequence[Stock]:
    """What lies where, by warehouse, thing and age."""
    rows = Stock.objects.visible_to(user).filter(lot__item__version=version)
    return list(
        rows.select_related("warehouse", "lot__item").order_by(
            "warehouse__name", "lot__item__name", "lot__received_on", "pk"
        )
    )


def waiting(version: ProgrammeVersion, user: Any) -> QuerySet[Enrolment]:
    """Determined recipients without their goods, by place and name."""
    has = Handover.objects.filter(enrolment=OuterRef("pk"), state=HandoverState.HANDED)
    rows = Enrolment.objects.visible_to(user).filter(
        ~Exists(has), Q(person__died_on=None), version=version, state=EnrolmentState.ACTIVE
    )
    found: QuerySet[Enrolment] = rows.select_related("person", "goods_request")
    return found.order_by("area_code", "person__name", "pk")


def kinds_of(version: ProgrammeVersion) -> list[str]:
    """The kinds of business that have a package, in the order of the alphabet."""
    rows = GoodsItem.objects.filter(version=version).exclude(business_kind="")
    return sorted(set(rows.values_list("business_kind", flat=True)))


def kind_word(version: ProgrammeVersion, kind: str) -> str:
    """A kind of business as officers read it: the programme's word for its code."""
    return coded_kinds(version.plan_rules).get(kind, kind)


def packages(version: ProgrammeVersion) -> dict[str, Decimal]:
    """Kind of business -> what its whole package is worth; "" where everybody gets the same."""
    sums: dict[str, Decimal] = {}
    for item in GoodsItem.objects.filter(version=version):
        sums[item.business_kind] = sums.get(item.business_kind, Decimal(0)) + item.value
    common = sums.pop("", None)
    if sums:
        return {kind: value + (common or Decimal(0)) for kind, value in sorted(sums.items())}
    return {} if common is None else {"": common}


def dearest_package(version: ProgrammeVersion) -> Decimal:
    """The value of the largest package somebody of the programme may get."""
    return max(packages(version).values(), default=Decimal(0))


def package_gaps(version: ProgrammeVersion) -> list[str]:
    """What is still missing before goods can be handed over, in sentences; two queries."""
    found, lowest = packages(version), amount_of(version.plan_rules.get("lowest"))
    coded = coded_kinds(version.plan_rules)
    gaps = []
    if without := [word for kind, word in coded.items() if kind not in found]:
        gaps.append(_("Belum ada paket untuk: %(kinds)s.") % {"kinds": ", ".join(without)})
    gaps += [
        below_words(kind_word(version, kind), value, lowest)
        for kind, value in found.items()
        if lowest is not None and value < lowest
    ]
    return gaps


def below_words(kind: str, value: Decimal, lowest: Decimal) -> str:
    """One sentence for a package that is worth less than the programme gives."""
    return _("Nilai paket %(kind)s %(value)s, di bawah %(lowest)s per penerima.") % {
        "kind": kind or _("semua penerima"),
        "value": rupiah(value),
        "lowest": rupiah(lowest),
    }


@dataclass(frozen=True)
class Need:
    """One thing: how much is still to be given, and how much of it lies in warehouses."""

    item: GoodsItem
    asked: int
    stock: int

    @property
    def short(self) -> int:
        """What has to be bought."""
        return max(0, self.asked - self.stock)


def needs_of(version: ProgrammeVersion, user: Any) -> list[Need]:
    """What who still waits is to get, against the stock of the user's area; three queries."""
    rows = waiting(version, user).order_by()
    by_kind: dict[str, int] = dict(
        rows.values_list("goods_request__business_kind").annotate(count=Count("pk"))
    )
    everybody = sum(by_kind.values())
    stock = dict(
        Stock.objects.visible_to(user)
        .filter(lot__item__version=version)
        .values_list("lot__item")
        .annotate(total=Sum("quantity"))
    )
    items = GoodsItem.objects.filter(version=version).order_by("business_kind", "name")
    return [
        Need(
            item,
            item.quantity
            * (by_kind.get(item.business_kind, 0) if item.business_kind else everybody),
            stock.get(item.pk, 0),
        )
        for item in items
    ]


@dataclass(frozen=True)
class Asked:
    """One kind of business in one regency: who asked, who has it."""

    business_kind: str
    area_code: str
    asked: int
    handed: int


def asked_of(version: ProgrammeVersion, user: Any) -> list[Asked]:
    """Requests by kind and regency in the user's area; one query."""
    has = Q(enrolment__handovers__state=HandoverState.HANDED)
    rows = (
        GoodsRequest.objects.visible_to(user)
        .filter(enrolment__version=version)
        .annotate(regency=Left("area_code", 5))
        .values_list("business_kind", "regency")
        .annotate(asked=Count("pk", distinct=True), handed=Count("pk", filter=has, distinct=True))
        .order_by("business_kind", "regency")
    )
    return [Asked(*row) for row in rows]
