"""Reads of entitlements: the amount of an enrolment in a stage, and the units behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from bansos.regions.queries import name_of
from beneficiaries.choices import PayeeType
from beneficiaries.queries.payees import stays_in
from programs.choices import FIXED_KINDS
from programs.models import Enrolment, Receipt, Stage, StageEntitlement, UnitCount, UnitStay
from programs.queries.enrolments import active_enrolments

MONEY: DecimalField[Any, Any] = DecimalField(max_digits=18, decimal_places=2)


def with_amount(rows: QuerySet[Enrolment], stage: Stage) -> QuerySet[Enrolment]:
    """Each enrolment with `due`: its own entitlement in the stage, else the stage's amount.

    Null where neither is known yet: nothing can be paid then.
    """
    if stage.version.benefit_kind in FIXED_KINDS:
        return rows.annotate(due=Value(stage.amount, output_field=MONEY))
    own = StageEntitlement.objects.filter(enrolment=OuterRef("pk"), stage=stage).values("amount")
    common = Value(stage.amount, output_field=MONEY)
    return rows.annotate(due=Coalesce(Subquery(own[:1]), common, output_field=MONEY))


def payable(rows: QuerySet[Enrolment], stage: Stage) -> QuerySet[Enrolment]:
    """Those with something to be paid in the stage."""
    return with_amount(rows, stage).filter(due__gt=0)


@dataclass(frozen=True)
class UnitLine:
    """One enrolment with the units of a month, and what the whole stage comes to."""

    enrolment: Enrolment
    name: str
    area_name: str
    units: int | None
    source: str
    stage_units: int
    amount: Decimal
    # Whether the month can be filled from a residents' list.
    is_house: bool


def unit_lines(stage: Stage, *, area_code: str, month: date) -> list[UnitLine]:
    """The active enrolments of an area with their units; three queries."""
    rows = active_enrolments(version=stage.version, area_code=area_code).select_related(
        "person", "payee"
    )
    people = list(rows.order_by("area_code", "person__name", "pk"))
    own = {row.enrolment_id: row for row in StageEntitlement.objects.filter(stage=stage)}
    counts = {
        row.entitlement_id: row
        for row in UnitCount.objects.filter(entitlement__stage=stage, month=month)
    }
    return [_line(row, own.get(row.pk), counts) for row in people]


def _line(row: Enrolment, own: StageEntitlement | None, counts: dict[int, UnitCount]) -> UnitLine:
    count = counts.get(own.pk) if own else None
    return UnitLine(
        enrolment=row,
        name=row.payee.name if row.payee else row.person.name,
        area_name=name_of(row.area_code),
        units=count.units if count else None,
        source=count.source if count else "",
        stage_units=(own.units or 0) if own else 0,
        amount=own.amount if own else Decimal(0),
        is_house=row.payee is not None and row.payee.kind == PayeeType.INSTITUTION,
    )


@dataclass(frozen=True)
class Evidence:
    """What stands behind the units of one enrolment in one month."""

    count: UnitCount | None
    stays: list[UnitStay]
    # The days of the residents' list as it stands today; None for who has no such list.
    days_now: int | None
    receipts: list[Receipt]
    spent: Decimal

    @property
    def differs(self) -> bool:
        """The list has changed since it was counted."""
        return bool(self.stays and self.count and self.days_now != self.count.units)


def evidence_of(enrolment: Enrolment, stage: Stage, month: date) -> Evidence:
    """The counted list, the list of today, and the receipts of a month."""
    counts = UnitCount.objects.filter(
        entitlement__enrolment=enrolment, entitlement__stage=stage, month=month
    )
    count = counts.select_related("set_by").first()
    stays = list(count.stays.select_related("person").order_by("pk")) if count else []
    payee = enrolment.payee
    house = payee is not None and payee.kind == PayeeType.INSTITUTION
    receipts = list(
        Receipt.objects.filter(
            entitlement__enrolment=enrolment, entitlement__stage=stage, month=month
        )
        .defer("sealed_file")
        .order_by("issued_on", "pk")
    )
    valid = (row.amount for row in receipts if row.cancelled_at is None)
    return Evidence(
        count=count,
        stays=stays,
        days_now=sum(stay.days for stay in stays_in(payee.institution, month))
        if payee and house
        else None,
        receipts=receipts,
        spent=sum(valid, Decimal(0)),
    )


def months_of(stage: Stage) -> Sequence[date]:
    """The months a stage pays for: after the stage before it by date, up to its own.

    No month belongs to two stages; a second stage in one month has none.
    """
    days = stage.version.stages.order_by("stage_date", "number").values_list("pk", "stage_date")
    first = 1
    for pk, day in days:
        if pk == stage.pk:
            break
        first = day.month + 1
    return [
        date(stage.version.year, month, 1) for month in range(first, stage.stage_date.month + 1)
    ]
