"""Where the money is: pagu, terikat, cair, tersalur, kembali, sisa by area, programme and stage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, Q, Sum, Value
from django.db.models.functions import Coalesce, Left
from django.utils.translation import gettext as _

from bansos.regions.queries import names_of
from disbursements.choices import LineState, ListKind, ListState
from disbursements.models import Allocation, BudgetLine
from monitoring.queries.scope import Scope
from programs.models import ProgrammeVersion, Stage

ZERO = Decimal(0)
# The list is frozen and its money is set aside, the SP2D is still to come.
RESERVING = tuple(
    state.value for state in (ListState.LOCKED, ListState.AWAITING, ListState.APPROVED)
)
DISTRICT, REGENCY = 8, 5


@dataclass(frozen=True)
class MoneyRow:
    """The six amounts of one area, programme or the whole; rupiah and numbers of people.

    `ceiling` is None where no budget is divided that far down (districts). `paid` is what SP2D
    released, `delivered` and `returned` (kas daerah) are parts of it.
    """

    key: str
    name: str
    ceiling: Decimal | None = None
    reserved: Decimal = ZERO
    paid: Decimal = ZERO
    delivered: Decimal = ZERO
    returned: Decimal = ZERO
    paid_people: int = 0
    delivered_people: int = 0
    returned_people: int = 0

    @property
    def left(self) -> Decimal | None:
        """Sisa pagu = pagu - terikat - cair."""
        return None if self.ceiling is None else self.ceiling - self.reserved - self.paid

    @property
    def open(self) -> Decimal:
        """Cair, not yet delivered and not yet back in kas daerah."""
        return self.paid - self.delivered - self.returned

    @property
    def is_empty(self) -> bool:
        """True when nothing was budgeted, reserved or paid."""
        return not (self.ceiling or self.reserved or self.paid)


@dataclass(frozen=True)
class StageRow:
    """What one stage paid. `amount` per person comes from the stage itself."""

    key: str
    programme: str
    number: int
    name: str
    planned: date
    paid: Decimal = ZERO
    delivered: Decimal = ZERO
    returned: Decimal = ZERO
    paid_people: int = 0
    delivered_people: int = 0


def _sum(**condition: Any) -> Any:
    return Coalesce(Sum("amount", filter=Q(**condition)), Value(ZERO), output_field=DecimalField())


def _people(**condition: Any) -> Any:
    return Count("person", distinct=True, filter=Q(**condition))


def _conditions(scope: Scope) -> dict[str, dict[str, Any]]:
    """Which lines count as what. A follow-up list pays from the SP2D of its main list."""
    main = {"pay_list__kind": ListKind.MAIN}
    return {
        "reserved": {**main, "pay_list__state__in": RESERVING},
        "paid": {
            **main,
            "pay_list__sp2d_date__isnull": False,
            **scope.within("pay_list__sp2d_date"),
        },
        "delivered": {"state": LineState.SETTLED, **scope.within("settled_on")},
        "returned": {"state": LineState.PAID_BACK, **scope.within("return_case__sts_date")},
    }


def _line_sums(scope: Scope, *keys: str, **named: Any) -> Any:
    """Sums of the lines per key, in one query."""
    how = _conditions(scope)
    sums = {name: _sum(**condition) for name, condition in how.items()}
    people = {f"{name}_people": _people(**how[name]) for name in ("paid", "delivered", "returned")}
    lines = scope.lines().exclude(state__in=[LineState.EXCLUDED, LineState.CANCELLED])
    # Aliases: an annotation called like a relation of the model would be refused.
    return lines.values(*keys, **named).annotate(**sums, **people).order_by()


def _add(one: MoneyRow, other: MoneyRow) -> MoneyRow:
    return replace(
        one,
        ceiling=one.ceiling if other.ceiling is None else (one.ceiling or ZERO) + other.ceiling,
        reserved=one.reserved + other.reserved,
        paid=one.paid + other.paid,
        delivered=one.delivered + other.delivered,
        returned=one.returned + other.returned,
        paid_people=one.paid_people + other.paid_people,
        delivered_people=one.delivered_people + other.delivered_people,
        returned_people=one.returned_people + other.returned_people,
    )


def _money(row: dict[str, Any], key: str, name: str) -> MoneyRow:
    return MoneyRow(
        key=key,
        name=name,
        reserved=row["reserved"],
        paid=row["paid"],
        delivered=row["delivered"],
        returned=row["returned"],
        paid_people=row["paid_people"],
        delivered_people=row["delivered_people"],
        returned_people=row["returned_people"],
    )


def by_district(scope: Scope) -> list[MoneyRow]:
    """One row per district with lines, by code; lines without a district stand under "?"."""
    rows = list(_line_sums(scope, place=Left("area_code", DISTRICT)))
    names = names_of([row["place"] for row in rows])
    found = []
    for row in sorted(rows, key=lambda item: item["place"]):
        code = row["place"] if len(row["place"]) == DISTRICT else f"{row['place'][:REGENCY]}.?"
        name = names.get(code) or _("Kecamatan belum diketahui")
        found.append(_money(row, code, name))
    return found


def by_regency(scope: Scope, districts: Iterable[MoneyRow]) -> list[MoneyRow]:
    """Districts added up per regency, with the regency's allocation as its pagu.

    Regencies that have an allocation and no payment yet stand here too.
    """
    sums: dict[str, MoneyRow] = {}
    for district in districts:
        code = district.key[:REGENCY]
        sums[code] = _add(sums.get(code, MoneyRow(code, code)), district)
    ceilings = _ceilings(scope)
    names = names_of([*sums, *ceilings])
    return [
        replace(
            sums.get(code, MoneyRow(code, code)),
            name=names.get(code, code),
            ceiling=ceilings.get(code),
        )
        for code in sorted({*sums, *ceilings})
    ]


def _ceilings(scope: Scope) -> dict[str, Decimal]:
    if len(scope.area) > REGENCY:
        return {}
    rows = scope.rows(Allocation.objects, "budget__version")
    sums = rows.values("area_code").annotate(found=Sum("amount")).order_by()
    return {row["area_code"]: row["found"] for row in sums}


def whole(scope: Scope, regencies: Iterable[MoneyRow]) -> MoneyRow:
    """The sum of the regencies; a province's pagu is its DPA, allocated or not."""
    total = MoneyRow(scope.area, names_of([scope.area]).get(scope.area, scope.area))
    for row in regencies:
        total = _add(total, row)
    if scope.is_province:
        rows = scope.rows(BudgetLine.objects, "version")
        total = replace(total, ceiling=rows.aggregate(found=Sum("ceiling"))["found"])
    return total


def by_programme(scope: Scope) -> list[MoneyRow]:
    """One row per programme of the year, by name; pagu from the DPA or from the allocations."""
    sums = {row["pay_list__version"]: row for row in _line_sums(scope, "pay_list__version")}
    budgets = _programme_ceilings(scope)
    names = _programme_names({*sums, *budgets})
    found = []
    for pk in sorted({*sums, *budgets}, key=lambda item: names[item]):
        empty = MoneyRow(str(pk), names[pk])
        row = _money(sums[pk], str(pk), names[pk]) if pk in sums else empty
        found.append(replace(row, ceiling=budgets.get(pk)))
    return found


def _programme_ceilings(scope: Scope) -> dict[int, Decimal]:
    if len(scope.area) > REGENCY:
        return {}
    if scope.is_province:
        rows = scope.rows(BudgetLine.objects, "version").values_list("version", "ceiling")
        return dict(rows)
    rows = scope.rows(Allocation.objects, "budget__version")
    sums = rows.values("budget__version").annotate(found=Sum("amount")).order_by()
    return {row["budget__version"]: row["found"] for row in sums}


def _programme_names(pks: Iterable[int]) -> dict[int, str]:
    rows = ProgrammeVersion.objects.filter(pk__in=list(pks))
    return dict(rows.values_list("pk", "programme__name"))


def by_stage(scope: Scope) -> list[StageRow]:
    """Every stage of the scope's programmes in order, paid or not."""
    rows = Stage.objects.visible_to(scope.user).filter(version__year=scope.year)
    if scope.version_id is not None:
        rows = rows.filter(version=scope.version_id)
    sums = {row["stage"]: row for row in _line_sums(scope, "stage")}
    stages = rows.select_related("version__programme").order_by(
        "version__programme__name", "version_id", "number"
    )
    return [_stage_row(stage, sums.get(stage.pk)) for stage in stages]


def _stage_row(stage: Stage, row: dict[str, Any] | None) -> StageRow:
    empty = StageRow(
        key=str(stage.pk),
        programme=stage.version.programme.name,
        number=stage.number,
        name=stage.name,
        planned=stage.stage_date,
    )
    if row is None:
        return empty
    return replace(
        empty,
        paid=row["paid"],
        delivered=row["delivered"],
        returned=row["returned"],
        paid_people=row["paid_people"],
        delivered_people=row["delivered_people"],
    )
