"""Where the money is: pagu, terikat, cair, tersalur, kembali, sisa by area, programme and stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, DecimalField, F, Q, Sum, Value
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
UNASKED: dict[str, Any] = {"paid_people": None, "delivered_people": None}


@dataclass(frozen=True)
class MoneyRow:
    """The six amounts of one area, programme or the whole; rupiah and numbers of people.

    `ceiling` is None where no budget is divided that far down (districts), people where they were
    not asked for: who was paid in a year is counted from all its lines. `paid` is what SP2D
    released, `delivered` and `returned` (kas daerah) are parts of it.
    """

    key: str
    name: str
    ceiling: Decimal | None = None
    reserved: Decimal = ZERO
    paid: Decimal = ZERO
    delivered: Decimal = ZERO
    returned: Decimal = ZERO
    paid_people: int | None = 0
    delivered_people: int | None = 0
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


class Cell(NamedTuple):
    """The sums of the lines of one programme, stage and place: what every table is added from."""

    version: int
    stage: int
    place: str
    reserved: Decimal
    paid: Decimal
    delivered: Decimal
    returned: Decimal
    paid_lines: int
    delivered_lines: int


def _conditions(scope: Scope) -> dict[str, Q]:
    """Which lines count as what. A follow-up list pays from the SP2D of its main list."""
    main = Q(pay_list__kind=ListKind.MAIN)
    released = Q(pay_list__sp2d_date__isnull=False, **scope.within("pay_list__sp2d_date"))
    return {
        "reserved": main & Q(pay_list__state__in=RESERVING),
        "paid": main & released,
        "delivered": Q(state=LineState.SETTLED, **scope.within("settled_on")),
        "returned": Q(state=LineState.PAID_BACK, **scope.within("return_case__sts_date")),
    }


def _counted(scope: Scope) -> Any:
    return scope.lines().exclude(state__in=[LineState.EXCLUDED, LineState.CANCELLED])


def line_cells(scope: Scope, length: int = DISTRICT) -> list[Cell]:
    """The lines of the scope added up by programme, stage and place.

    `length` of the places: DISTRICT, or REGENCY where whole regencies are asked about. For a
    whole year they are read from the sums that every change of lines keeps; within a period each
    line's own day decides, and a village is less than a district: then the lines are added up
    themselves.
    """
    finer = scope.has_period or len(scope.area) > DISTRICT
    return added_lines(scope, length) if finer else _kept_sums(scope, length)


def _kept_sums(scope: Scope, length: int) -> list[Cell]:
    main = Q(pay_list__kind=ListKind.MAIN)
    how = {
        "reserved": main & Q(pay_list__state__in=RESERVING),
        "paid": main & Q(pay_list__sp2d_date__isnull=False),
        "delivered": Q(state=LineState.SETTLED),
        "returned": Q(state=LineState.PAID_BACK),
    }
    rows = (
        scope.sums(by_regency=length == REGENCY)
        .exclude(state__in=[LineState.EXCLUDED, LineState.CANCELLED])
        .filter(lines__gt=0)
        .values_list("pay_list__version", "pay_list__stage", "place")
        .annotate(
            **{name: _whole("amount", condition) for name, condition in how.items()},
            paid_lines=Coalesce(Sum("lines", filter=how["paid"]), 0),
            delivered_lines=Coalesce(Sum("lines", filter=how["delivered"]), 0),
        )
        .order_by()
    )
    return [Cell._make(row) for row in rows]


def _whole(field: str, condition: Q) -> Any:
    found = Sum(field, filter=condition)
    return Coalesce(found, Value(ZERO), output_field=DecimalField())


def added_lines(scope: Scope, length: int = DISTRICT) -> list[Cell]:
    """Every line of the scope added up, in one pass; a person has one line per stage."""
    how = _conditions(scope)
    rows = (
        _counted(scope)
        .values("stage_id", version=F("pay_list__version"), place=Left("area_code", length))
        .annotate(
            **{name: _whole("amount", condition) for name, condition in how.items()},
            paid_lines=Count("pk", filter=how["paid"]),
            delivered_lines=Count("pk", filter=how["delivered"]),
        )
        .order_by()
    )
    return [Cell(stage=row.pop("stage_id"), **row) for row in rows]


def _people(scope: Scope) -> dict[str, dict[str, Any]]:
    """People per district, each once however many stages they were paid in."""
    how = _conditions(scope)
    rows = (
        _counted(scope)
        .values(place=Left("area_code", DISTRICT))
        .annotate(
            paid_people=Count("person", distinct=True, filter=how["paid"]),
            delivered_people=Count("person", distinct=True, filter=how["delivered"]),
            returned_people=Count("person", distinct=True, filter=how["returned"]),
        )
        .order_by()
    )
    return {row.pop("place"): row for row in rows}


def _returned(scope: Scope) -> dict[str, dict[str, Any]]:
    """The same of those alone whose money came back, found by the index of lines not live."""
    rows = (
        scope.lines()
        .filter(_conditions(scope)["returned"], not_live=LineState.PAID_BACK)
        .values(place=Left("area_code", DISTRICT))
        .annotate(returned_people=Count("person", distinct=True))
        .order_by()
    )
    return {row.pop("place"): row for row in rows}


def _add(one: MoneyRow, other: MoneyRow) -> MoneyRow:
    return replace(
        one,
        ceiling=one.ceiling if other.ceiling is None else (one.ceiling or ZERO) + other.ceiling,
        reserved=one.reserved + other.reserved,
        paid=one.paid + other.paid,
        delivered=one.delivered + other.delivered,
        returned=one.returned + other.returned,
        paid_people=_both(one.paid_people, other.paid_people),
        delivered_people=_both(one.delivered_people, other.delivered_people),
        returned_people=one.returned_people + other.returned_people,
    )


def _both(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _sum(key: str, name: str, cells: Iterable[Cell]) -> MoneyRow:
    found = list(cells)
    return MoneyRow(
        key=key,
        name=name,
        reserved=sum((cell.reserved for cell in found), ZERO),
        paid=sum((cell.paid for cell in found), ZERO),
        delivered=sum((cell.delivered for cell in found), ZERO),
        returned=sum((cell.returned for cell in found), ZERO),
    )


def place_key(place: str, length: int) -> str:
    """The place cut to an area; "35.19.?" for one whose district is unknown."""
    if length == DISTRICT > len(place):
        return f"{place[:REGENCY]}.?"
    return place[:length]


def by_district(
    scope: Scope, cells: Sequence[Cell], *, only_returned: bool = False
) -> list[MoneyRow]:
    """One row per district with lines, by code; lines without a district stand under "?".

    `only_returned`: of the people, those whose money came back; the others would be every line.
    """
    groups = _by_place(cells)
    names, people = names_of(groups), _returned(scope) if only_returned else _people(scope)
    unknown = UNASKED if only_returned else {}
    found = []
    for place in sorted(groups):
        code = place_key(place, DISTRICT)
        name = names.get(code) or _("Kecamatan belum diketahui")
        row = _sum(code, name, groups[place])
        found.append(replace(row, **unknown, **people.get(place, {})))
    return found


def regency_sums(scope: Scope, cells: Sequence[Cell]) -> list[MoneyRow]:
    """One row per regency with lines, by code and without a name; of the people those returned.

    They are counted by district as ever: who came back in two districts is two there.
    """
    people: dict[str, int] = {}
    for place, row in _returned(scope).items():
        code = place[:REGENCY]
        people[code] = people.get(code, 0) + row["returned_people"]
    return [
        replace(_sum(code, code, found), **UNASKED, returned_people=people.get(code, 0))
        for code, found in sorted(_by_place(cells).items())
    ]


def _by_place(cells: Sequence[Cell]) -> dict[str, list[Cell]]:
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell.place, []).append(cell)
    return groups


def by_regency(scope: Scope, places: Iterable[MoneyRow]) -> list[MoneyRow]:
    """Districts (or regencies as they are) added up per regency, with its allocation as its pagu.

    Regencies that have an allocation and no payment yet stand here too.
    """
    sums: dict[str, MoneyRow] = {}
    for place in places:
        code = place.key[:REGENCY]
        sums[code] = _add(sums.get(code, MoneyRow(code, code)), place)
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


def by_programme(scope: Scope, cells: Sequence[Cell]) -> list[MoneyRow]:
    """One row per programme of the year, by name; pagu from the DPA or from the allocations."""
    budgets = _programme_ceilings(scope)
    names = _programme_names({cell.version for cell in cells} | set(budgets))
    return [
        replace(
            _sum(str(pk), names[pk], (cell for cell in cells if cell.version == pk)),
            ceiling=budgets.get(pk),
        )
        for pk in sorted(names, key=lambda item: (names[item], item))
    ]


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


def by_stage(scope: Scope, cells: Sequence[Cell]) -> list[StageRow]:
    """Every stage of the scope's programmes in order, paid or not."""
    rows = Stage.objects.visible_to(scope.user).filter(version__year=scope.year)
    if scope.version_id is not None:
        rows = rows.filter(version=scope.version_id)
    stages = rows.select_related("version__programme").order_by(
        "version__programme__name", "version_id", "number"
    )
    return [
        _stage_row(stage, [cell for cell in cells if cell.stage == stage.pk]) for stage in stages
    ]


def _stage_row(stage: Stage, cells: Sequence[Cell]) -> StageRow:
    sums = _sum("", "", cells)
    return StageRow(
        key=str(stage.pk),
        programme=stage.version.programme.name,
        number=stage.number,
        name=stage.name,
        planned=stage.stage_date,
        paid=sums.paid,
        delivered=sums.delivered,
        returned=sums.returned,
        paid_people=sum(cell.paid_lines for cell in cells),
        delivered_people=sum(cell.delivered_lines for cell in cells),
    )
