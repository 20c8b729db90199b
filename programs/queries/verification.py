"""Reads of verification: the queue, and the districts that are ready for a Berita Acara."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Length, Substr

from bansos.regions.queries import names_of
from programs.choices import EnrolmentState
from programs.models import Enrolment, ProgrammeVersion

OPEN = (
    EnrolmentState.PROPOSED,
    EnrolmentState.IN_REVIEW,
    EnrolmentState.NEEDS_CORRECTION,
)
TO_JUDGE = (EnrolmentState.PROPOSED, EnrolmentState.IN_REVIEW)
JUDGED = (EnrolmentState.ELIGIBLE, EnrolmentState.NOT_ELIGIBLE)


@dataclass(frozen=True)
class DistrictLine:
    """One district of a version: what is judged, what is open, what has no record yet."""

    version: ProgrammeVersion
    area_code: str
    name: str
    regency: str
    open: int
    eligible: int
    not_eligible: int
    unrecorded: int

    @property
    def is_complete(self) -> bool:
        """True when nothing is open and something waits for its record."""
        return self.open == 0 and self.unrecorded > 0


def queue_for(
    user: Any, *, version: ProgrammeVersion | None = None, area_code: str = ""
) -> QuerySet[Enrolment]:
    """Proposals in the user's area that wait for a verifier other than their proposer."""
    rows: QuerySet[Enrolment] = (
        Enrolment.objects.visible_to(user)
        .filter(state__in=TO_JUDGE)
        .exclude(proposed_by=user)
        .order_by("area_code", "pk")
    )
    if version is not None:
        rows = rows.filter(version=version)
    return rows.filter(area_code__startswith=area_code) if area_code else rows


def record_districts(user: Any, *, version: ProgrammeVersion) -> list[DistrictLine]:
    """Districts of the user's area with anything judged or open; two queries."""
    unrecorded = Q(state__in=JUDGED, record=None)
    rows = (
        Enrolment.objects.visible_to(user)
        .filter(version=version)
        .annotate(length=Length("area_code"), district=Substr("area_code", 1, 8))
        .filter(length__gte=8)
        .values("district")
        .annotate(
            open=Count("pk", filter=Q(state__in=OPEN)),
            eligible=Count("pk", filter=unrecorded & Q(state=EnrolmentState.ELIGIBLE)),
            not_eligible=Count("pk", filter=unrecorded & Q(state=EnrolmentState.NOT_ELIGIBLE)),
        )
        .order_by("district")
    )
    found = list(rows)
    names = names_of(row["district"] for row in found)
    return [
        DistrictLine(
            version=version,
            area_code=row["district"],
            name=names.get(row["district"], row["district"]),
            regency=names.get(row["district"][:5], row["district"][:5]),
            open=row["open"],
            eligible=row["eligible"],
            not_eligible=row["not_eligible"],
            unrecorded=row["eligible"] + row["not_eligible"],
        )
        for row in found
        if row["open"] or row["eligible"] or row["not_eligible"]
    ]
