"""Who receives: the one meaning that criteria, exclusivity, coverage and simulations share.

Help reaches a person by a place of their own, as a member of a group that received while they
were in it, as a resident an institution was counted for, and by a premium that is paid. Whoever
answers for a group, an institution or a government does not receive by that. A family has received
when somebody who is in its KK today has; so it is for help that is paid per family.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import DateField, Exists, F, Func, OuterRef, Q
from django.db.models.functions import Coalesce, Greatest

from programs.choices import PayeeKind
from programs.models import Enrolment, PremiumCover, ProgrammeVersion, UnitStay

OWN, MEMBER, RESIDENT, PREMIUM = "own", "member", "resident", "premium"


@dataclass(frozen=True)
class Route:
    """One way help reaches a person, as SQL; x is the enrolment behind it where there is one.

    `kinds`: what the versions pay that help in this way. `had`: received, at whatever time;
    `still`: what keeps the person in it today, besides the state of x where there is one
    (`behind`). `enrolment` may be shown to whoever reads of the help: never a home's.
    """

    name: str
    kinds: tuple[str, ...]
    tables: str
    person: str
    version: str
    had: str
    still: str
    behind: bool = True
    enrolment: str = "NULL::bigint"


# Who joins after the year of the help has not received it.
_JOINED = (
    "gm.joined_on <= COALESCE(x.ended_on, GREATEST(x.active_from, make_date(gv.year, 12, 31)))"
)
ROUTES = (
    Route(
        name=OWN,
        # Of a home or a village a proposal without a payee yet names only who answers for it.
        kinds=(PayeeKind.PERSON, PayeeKind.FAMILY, PayeeKind.GROUP),
        tables="programs_enrolment x",
        person="x.person_id",
        version="x.version_id",
        had="x.payee_id IS NULL AND x.active_from IS NOT NULL",
        still="x.payee_id IS NULL",
        enrolment="x.id",
    ),
    Route(
        name=MEMBER,
        kinds=(PayeeKind.GROUP,),
        tables="beneficiaries_groupmember gm"
        " JOIN programs_enrolment x ON x.payee_id = gm.group_id"
        " JOIN programs_programmeversion gv ON gv.id = x.version_id",
        person="gm.person_id",
        version="x.version_id",
        had=f"x.active_from IS NOT NULL AND {_JOINED}"
        " AND (gm.left_on IS NULL OR gm.left_on >= x.active_from)",
        still=f"gm.left_on IS NULL AND {_JOINED}",
        enrolment="x.id",
    ),
    Route(
        name=RESIDENT,
        kinds=(PayeeKind.INSTITUTION,),
        tables="programs_unitstay us JOIN programs_unitcount uc ON uc.id = us.count_id"
        " JOIN programs_stageentitlement se ON se.id = uc.entitlement_id"
        " JOIN programs_enrolment x ON x.id = se.enrolment_id",
        person="us.person_id",
        version="x.version_id",
        had="TRUE",
        still="EXISTS (SELECT 1 FROM beneficiaries_residency ur WHERE ur.person_id = us.person_id"
        " AND ur.institution_id = us.institution_id AND ur.until_date IS NULL)",
    ),
    Route(
        name=PREMIUM,
        kinds=(PayeeKind.INSTITUTION,),
        tables="programs_premiumcover pc JOIN programs_premiumplan pl ON pl.id = pc.plan_id",
        person="pc.person_id",
        version="pl.version_id",
        had="NOT pc.is_void",
        still="NOT pc.is_void AND pc.until_month IS NULL",
        behind=False,
    ),
)


def holds(route: Route, state: str) -> str:
    """SQL: the person is in it today; `state` is a condition on x.state, the enrolment's."""
    return f"{route.still} AND {state}" if route.behind else route.still


def of_kind(route: Route) -> str:
    """SQL: the version v is of a kind that helps in this way."""
    return f"v.payee_kind IN ({', '.join(repr(str(kind)) for kind in route.kinds)})"


@dataclass(frozen=True)
class Version:
    """What must be known of a version to find who receives by it."""

    pk: int
    code: str
    area_code: str
    year: int
    kind: str


def versions_known() -> list[Version]:
    """Every version there is, of all provinces; one query."""
    rows = ProgrammeVersion.objects.order_by("pk")
    return [
        Version(*row)
        for row in rows.values_list(
            "pk", "programme__code", "programme__area_code", "year", "payee_kind"
        )
    ]


def reached(
    versions: Iterable[Version],
    put: Callable[[list[int]], str],
    *,
    holding: Callable[[Route], str],
    of_family: bool = False,
) -> list[str]:
    """SQL for each way that help of the versions came to the person p, or to their KK; [] for none.

    `put` gives a placeholder for ids of versions, `holding` the condition on a row of a way. Each
    is an EXISTS of its own: so the planner may look one person up or hash all of them once.
    """
    rows, found = list(versions), []
    for route in ROUTES:
        ids = [row.pk for row in rows if row.kind in route.kinds]
        if not ids:
            continue
        tables, who = route.tables, f"{route.person} = p.id"
        if of_family:
            tables = f"beneficiaries_person kin, {tables}"
            who = f"kin.family_id = p.family_id AND {route.person} = kin.id"
        found.append(
            f"EXISTS (SELECT 1 FROM {tables} WHERE {who}"
            f" AND {route.version} = ANY({put(ids)}::bigint[]) AND {holding(route)})"
        )
    return found


@dataclass(frozen=True)
class Help:
    """Help of one version that reached a person: whether it was received, and holds today.

    `enrolment_id` is what may be opened about it, None for homes and premiums.
    """

    person_id: int
    family_id: int | None
    route: str
    version_id: int
    code: str
    area_code: str
    name: str
    year: int
    had: bool
    live: bool
    enrolment_id: int | None


_ASKED = (
    "WITH asked AS MATERIALIZED (SELECT id, family_id FROM beneficiaries_person"
    " WHERE id = ANY(%(people)s) OR family_id = ANY(%(families)s)) "
)
_ROW = (
    "SELECT a.id, a.family_id, '{name}', v.id, g.code, g.area_code, g.name AS programme, v.year,"
    " ({had}), ({live}), {enrolment} FROM asked a, {tables},"
    " programs_programmeversion v, programs_programme g"
    " WHERE {person} = a.id AND v.id = {version} AND g.id = v.programme_id"
    " AND {kind}"
)


def help_of(
    person_ids: Sequence[int], family_ids: Iterable[int] = (), *, away: Sequence[str] = ()
) -> list[Help]:
    """All help of people and of everybody in some families, by programme; one query.

    `live` is told of enrolments whose state is not one of `away`.
    """
    params: dict[str, Any] = {
        "people": list(person_ids),
        "families": sorted(family_ids),
        "away": list(away),
    }
    parts = []
    for route in ROUTES:
        live = holds(route, "x.state <> ALL(%(away)s)")
        parts.append(
            _ROW.format(
                name=route.name,
                had=route.had,
                live=live,
                enrolment=route.enrolment,
                tables=route.tables,
                person=route.person,
                version=route.version,
                kind=of_kind(route),
            )
        )
    with connection.cursor() as db:
        db.execute(f"{_ASKED}{' UNION '.join(parts)} ORDER BY programme, 11, 4, 1", params)
        return [Help(*row) for row in db.fetchall()]


def everybody_of(year: str) -> str:
    """SQL: person_id and version_id of everybody a version of a year reached, once per version."""
    return " UNION ".join(
        f"SELECT {route.person} AS person_id, v.id AS version_id FROM {route.tables},"
        f" programs_programmeversion v WHERE v.id = {route.version} AND v.year = {year}"
        f" AND {of_kind(route)} AND {route.had}"
        for route in ROUTES
    )


def helped_in(year: int, *, path: str, version: int | None = None) -> Q:
    """Whether help of a year reached the row: the same for lists; `path` leads from help to it.

    `path` is "person" for people and "person__family" for families. A test holds it against the
    SQL above.
    """
    outer = {path: OuterRef("pk")}

    def of(prefix: str, route: Route) -> dict[str, Any]:
        place = {f"{prefix}version__year": year, f"{prefix}version__payee_kind__in": route.kinds}
        return place if version is None else {**place, f"{prefix}version": version}

    own, member, resident, premium = ROUTES
    last_day = Coalesce(
        "ended_on",
        Greatest("active_from", Func("version__year", 12, 31, function="make_date")),
        output_field=DateField(),
    )
    begun = Enrolment.objects.filter(active_from__isnull=False)
    inside = {f"payee__group__members__{path}": OuterRef("pk")}
    members = begun.filter(
        Q(payee__group__members__left_on=None)
        | Q(payee__group__members__left_on__gte=F("active_from")),
        payee__group__members__joined_on__lte=last_day,
        **inside,
        **of("", member),
    )
    stays = UnitStay.objects.filter(**outer, **of("count__entitlement__enrolment__", resident))
    covers = PremiumCover.objects.filter(is_void=False, **outer, **of("plan__", premium))
    return (
        Q(Exists(begun.filter(payee=None, **outer, **of("", own))))
        | Q(Exists(members))
        | Q(Exists(stays))
        | Q(Exists(covers))
    )
