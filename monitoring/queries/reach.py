"""How far the help came in recipients: places, proposals, decree, received; by area, programme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from bansos.lib.money import number
from bansos.regions.queries import names_of
from beneficiaries.choices import Sex
from disbursements.choices import HandoverState, LineState
from disbursements.models import Handover
from monitoring.queries.money import DISTRICT, REGENCY, MoneyRow, place_key
from monitoring.queries.scope import Scope
from programs.choices import PAYEE_UNITS, PAYEES, DecreeState, EnrolmentState, PayeeKind
from programs.models import DecreeLine, Enrolment, ProgrammeVersion, Quota, UnitStay

ZERO = Decimal(0)
# Judged fit, whatever became of them later.
FIT = (
    *(EnrolmentState.ELIGIBLE, EnrolmentState.DETERMINED, EnrolmentState.ACTIVE),
    *(EnrolmentState.SUSPENDED, EnrolmentState.GRADUATED),
)


@dataclass(frozen=True)
class ReachRow:
    """Recipients of one area or programme: a person, a family, a group, an institution is one.

    `quota` and `ceiling` (pagu, rupiah) are None where none is set that far down. `eligible` are
    all who were found fit, `decreed` those a decree in force names, `decided` what it names for
    them (rupiah a year), `received` those who got money or goods in the period. `payees` of the
    proposals are no people; women, men and strangers (KTP of another province) are counted among
    the eligible who are.
    """

    key: str
    name: str
    unit: str = ""
    quota: int | None = None
    proposed: int = 0
    eligible: int = 0
    decreed: int = 0
    received: int = 0
    women: int = 0
    men: int = 0
    strangers: int = 0
    payees: int = 0
    decided: Decimal = ZERO
    ceiling: Decimal | None = None


@dataclass(frozen=True)
class ReachCell:
    """The counts of one programme and district: what both tables are added from."""

    version: int
    place: str
    row: ReachRow


COUNTS = (
    *("proposed", "eligible", "decreed", "received", "women", "men", "strangers"),
    *("payees", "decided"),
)


def _grouped(scope: Scope, manager: Any, path: str) -> Any:
    """Rows of the scope by programme and district; `path` leads from a row to its enrolment."""
    version = f"{path}version" if path else "version"
    return scope.rows(manager, version).annotate(place=Left(f"{path}area_code", DISTRICT))


def _proposals(scope: Scope) -> Any:
    fit = Q(state__in=FIT) | Q(state=EnrolmentState.STOPPED, active_from__isnull=False)
    # A group or an institution answers through one person, who is not who is counted.
    named = fit & Q(payee=None)
    return (
        _grouped(scope, Enrolment.objects, "")
        .exclude(state=EnrolmentState.DRAFT)
        .values("version", "place")
        .annotate(
            proposed=Count("pk"),
            eligible=Count("pk", filter=fit),
            women=Count("pk", filter=named & Q(person__sex=Sex.FEMALE)),
            men=Count("pk", filter=named & Q(person__sex=Sex.MALE)),
            payees=Count("payee"),
            strangers=Count("pk", filter=named & ~Q(person__home_outside="")),
        )
        .order_by()
    )


def _decreed(scope: Scope) -> Any:
    rows = DecreeLine.objects.filter(
        decree__state=DecreeState.APPROVED,
        enrolment__in=scope.rows(Enrolment.objects, "version"),
    )
    return (
        rows.annotate(place=Left("enrolment__area_code", DISTRICT))
        .values("place", version=F("enrolment__version"))
        .annotate(decreed=Count("pk"), decided=Sum("annual_amount"))
        .order_by()
    )


def _paid(scope: Scope) -> Any:
    lines = scope.lines().filter(state=LineState.SETTLED, **scope.within("settled_on"))
    return (
        # Where the person is now, as in the other columns: who moved is one recipient, not two.
        lines.annotate(place=Left("enrolment__area_code", DISTRICT))
        .values("place", version=F("pay_list__version"))
        .annotate(received=Count("enrolment", distinct=True))
        .order_by()
    )


def _handed(scope: Scope) -> Any:
    rows = _grouped(scope, Handover.objects, "enrolment__")
    rows = rows.filter(state=HandoverState.HANDED, **scope.within("handed_on"))
    return (
        rows.values("place", version=F("enrolment__version"))
        .annotate(received=Count("enrolment", distinct=True))
        .order_by()
    )


def reach_cells(scope: Scope) -> list[ReachCell]:
    """Every count by programme and district: four grouped queries, whatever the size."""
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for rows in (_proposals(scope), _decreed(scope), _paid(scope), _handed(scope)):
        for row in rows:
            place = found.setdefault((row.pop("version"), row.pop("place")), {})
            for name, value in row.items():
                place[name] = place.get(name, 0) + (value or 0)
    return [
        ReachCell(version, place, ReachRow(key=place, name=place, **counts))
        for (version, place), counts in sorted(found.items())
    ]


def _added(row: ReachRow, cells: Iterable[ReachCell]) -> ReachRow:
    found = list(cells)
    sums: dict[str, Any] = {
        name: sum((getattr(cell.row, name) for cell in found), getattr(row, name))
        for name in COUNTS
    }
    return replace(row, **sums)


def _quotas(scope: Scope) -> dict[tuple[int, str], int]:
    """(programme, regency) -> places; nothing smaller than a regency has any."""
    if len(scope.area) > REGENCY:
        return {}
    rows = scope.rows(Quota.objects, "version")
    return {(row.version_id, row.area_code): row.places for row in rows}


def reach_by_place(
    scope: Scope, cells: Sequence[ReachCell], money: Iterable[MoneyRow]
) -> list[ReachRow]:
    """One row per regency, or per district inside one regency, in the order of the codes.

    A regency with places or a pagu and without a proposal stands here too.
    """
    length = REGENCY if scope.is_province else DISTRICT
    quotas: dict[str, int] = {}
    if length == REGENCY:
        for (_pk, code), places in _quotas(scope).items():
            quotas[code] = quotas.get(code, 0) + places
    ceilings = {row.key: row.ceiling for row in money if len(row.key) == length}
    codes = sorted({*quotas, *ceilings, *(place_key(cell.place, length) for cell in cells)})
    names = names_of(codes)
    return [
        _added(
            ReachRow(
                key=code,
                name=names.get(code) or _("Kecamatan belum diketahui"),
                quota=quotas.get(code),
                ceiling=ceilings.get(code),
            ),
            (cell for cell in cells if place_key(cell.place, length) == code),
        )
        for code in codes
    ]


def reach_by_programme(
    scope: Scope, cells: Sequence[ReachCell], money: Iterable[MoneyRow]
) -> list[ReachRow]:
    """One row per programme of the scope that has places, a pagu or a proposal; by name.

    A province's places are the programme's own number, allotted to regencies or not.
    """
    quotas = _quotas(scope)
    ceilings = {int(row.key): row.ceiling for row in money}
    wanted = {*ceilings, *(cell.version for cell in cells), *(pk for pk, _code in quotas)}
    if scope.version_id is not None:
        wanted.add(scope.version_id)
    seen = ProgrammeVersion.objects.visible_to(scope.user).filter(pk__in=wanted)
    versions = list(seen.select_related("programme").order_by("programme__name", "pk"))
    residents = _residents(scope, versions)
    found = []
    for version in versions:
        row = ReachRow(
            key=str(version.pk),
            name=version.programme.name,
            quota=_places(scope, version, quotas),
            ceiling=ceilings.get(version.pk),
        )
        row = _added(row, [cell for cell in cells if cell.version == version.pk])
        found.append(replace(row, unit=_unit(version, row, residents.get(version.pk, 0))))
    return found


def _residents(scope: Scope, versions: Sequence[ProgrammeVersion]) -> dict[int, int]:
    """Programme -> people whose days in its institutions were counted; a query where any is paid.

    In the months of the period: food is counted by the month.
    """
    housed = [row.pk for row in versions if row.payee_kind == PayeeKind.INSTITUTION]
    if not housed:
        return {}
    path = "count__entitlement__enrolment__version"
    stays = UnitStay.objects.filter(
        count__entitlement__enrolment__in=scope.rows(Enrolment.objects, "version"),
        **{f"{path}__in": housed},
        **scope.within("count__month"),
    )
    return dict(stays.values_list(path).annotate(people=Count("person", distinct=True)).order_by())


def _unit(version: ProgrammeVersion, row: ReachRow, residents: int) -> str:
    """What was counted: where institutions are paid, it may be their residents by name."""
    kind = PayeeKind(version.payee_kind)
    by_name = kind in PAYEES and row.proposed > 0 and row.payees == 0
    unit = str(PAYEE_UNITS[PayeeKind.PERSON if by_name else kind])
    if residents:
        return _("%(unit)s, %(people)s penghuni") % {"unit": unit, "people": number(residents)}
    return unit


def _places(
    scope: Scope, version: ProgrammeVersion, quotas: Mapping[tuple[int, str], int]
) -> int | None:
    if scope.is_province and version.quota_total is not None:
        return version.quota_total
    own = [places for (pk, _code), places in quotas.items() if pk == version.pk]
    return sum(own) if own else None
