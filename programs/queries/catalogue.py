"""Reads of the catalogue: programmes, versions, quotas with what fills them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.db.models.functions import Substr

from bansos.regions.queries import regencies_of
from programs.choices import DECREED, EnrolmentState
from programs.models import Enrolment, Programme, ProgrammeVersion, Quota

WAITING = (
    EnrolmentState.PROPOSED,
    EnrolmentState.IN_REVIEW,
    EnrolmentState.NEEDS_CORRECTION,
)


@dataclass(frozen=True)
class QuotaLine:
    """One regency of a version: places and the people in each state; places None = no limit."""

    area_code: str
    name: str
    places: int | None
    waiting: int
    eligible: int
    active: int
    target: int | None = None
    beside: int = 0  # named by the programmes that count towards the same target

    @property
    def held(self) -> int:
        """People who hold a place."""
        return self.eligible + self.active

    @property
    def left(self) -> int | None:
        """Places not yet held; negative when more hold a place than there are."""
        return None if self.places is None else self.places - self.eligible - self.active

    @property
    def reached(self) -> int:
        """Named people that count towards the target."""
        return self.active + self.beside

    @property
    def short(self) -> int | None:
        """How many named people the target of the regency still lacks; None without a target."""
        return None if self.target is None else max(self.target - self.reached, 0)


def catalogue_of(user: Any) -> QuerySet[Programme]:
    """Programmes of the user's province with their versions, newest year first."""
    versions = ProgrammeVersion.objects.order_by("-year", "-version")
    rows: QuerySet[Programme] = Programme.objects.visible_to(user)
    return rows.prefetch_related(Prefetch("versions", queryset=versions)).order_by("name")


def version_in_use(version: ProgrammeVersion) -> bool:
    """True once a decree names it: from then on its rules are frozen."""
    return bool(version.decrees.exists())


def quota_of(version: ProgrammeVersion, area_code: str) -> int | None:
    """Places of the regency that holds the area; None when no limit is recorded."""
    row = Quota.objects.filter(version=version, area_code=area_code[:5]).first()
    return row.places if row else None


def counting_towards(version: ProgrammeVersion) -> Q:
    """Enrolments that count towards the target of a version: its own, and who shares it."""
    shared = Q(
        version__programme__area_code=version.area_code,
        version__programme__code__in=version.target_with,
        version__year=version.year,
    )
    return Q(version=version) | shared if version.target_with else Q(version=version)


def named_beside(version: ProgrammeVersion, *, area_code: str) -> dict[str, int]:
    """Regency -> people named by the programmes that count towards the target of a version."""
    if not version.target_with:
        return {}
    rows = Enrolment.objects.filter(
        counting_towards(version), state__in=DECREED, area_code__startswith=area_code
    ).exclude(version=version)
    return by_regency(rows)


def by_regency(rows: QuerySet[Any]) -> dict[str, int]:
    """Regency -> how many of the rows lie in it."""
    counted = rows.annotate(regency=Substr("area_code", 1, 5)).order_by()
    return dict(counted.values_list("regency").annotate(people=Count("pk")))


def quota_lines(version: ProgrammeVersion, *, area_code: str) -> list[QuotaLine]:
    """Every regency of the area with its places and counts.

    Three queries; a fourth where the people of other programmes count towards the target.
    """
    places = dict(Quota.objects.filter(version=version).values_list("area_code", "places"))
    rows = (
        Enrolment.objects.filter(version=version, area_code__startswith=area_code)
        .annotate(regency=Substr("area_code", 1, 5))
        .values("regency")
        .annotate(
            waiting=Count("pk", filter=Q(state__in=WAITING)),
            active=Count("pk", filter=Q(state__in=[EnrolmentState.ACTIVE, "suspended"])),
            eligible=Count(
                "pk", filter=Q(state__in=[EnrolmentState.ELIGIBLE, EnrolmentState.DETERMINED])
            ),
        )
        .order_by("regency")
    )
    counts = {row["regency"]: (row["waiting"], row["eligible"], row["active"]) for row in rows}
    beside = named_beside(version, area_code=area_code)
    lines = []
    for region in regencies_of(area_code):
        waiting, eligible, active = counts.get(region.code, (0, 0, 0))
        lines.append(
            QuotaLine(
                area_code=region.code,
                name=region.name,
                places=places.get(region.code),
                waiting=waiting,
                eligible=eligible,
                active=active,
                target=version.regency_target,
                beside=beside.get(region.code, 0),
            )
        )
    return lines
