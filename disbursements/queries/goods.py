"""Reads of goods: figures per programme, stock per warehouse, who still waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from disbursements.choices import HandoverState
from disbursements.models import GoodsItem, Handover, Stock
from programs.choices import BenefitKind, EnrolmentState, VersionState
from programs.models import Enrolment, ProgrammeVersion


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
    package = GoodsItem.objects.filter(version=version).aggregate(
        total=Sum(F("unit_price") * F("quantity"))
    )["total"]
    people = Enrolment.objects.visible_to(user).filter(version=version)
    handed = Handover.objects.visible_to(user).filter(
        enrolment__version=version, state=HandoverState.HANDED
    )
    sums = handed.aggregate(count=Count("pk"), value=Sum("value"))
    stock = Stock.objects.visible_to(user).filter(lot__item__version=version)
    return GoodsFigures(
        version=version,
        package=package or Decimal(0),
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
    found: QuerySet[Enrolment] = rows.select_related("person")
    return found.order_by("area_code", "person__name", "pk")
