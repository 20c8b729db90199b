"""Who of the poor is reached by any programme, who by none, and who by two: counted in SQL.

Who receives is said in programs.queries.received.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left

from beneficiaries.choices import KeyKind, SnapshotKind
from beneficiaries.models import Family, Snapshot, SnapshotEntry
from programs.choices import VersionState
from programs.models import ProgrammeVersion
from programs.queries.received import everybody_of, helped_in

POOR = (1, 2, 3, 4)
# From a row of help to the person, and to the family.
PERSON, FAMILY = "person", "person__family"
# Length of an area's code -> length of the codes right below it.
BELOW = {2: 5, 5: 8, 8: 13, 13: 13}


def poverty_snapshot(area_code: str) -> Snapshot | None:
    """The newest complete DTSEN that holds the whole area; None when there is none."""
    places = [area_code[:length] for length in (2, 5, 8, 13) if len(area_code) >= length]
    rows = Snapshot.objects.filter(kind=SnapshotKind.DTSEN, is_complete=True, area_code__in=places)
    found: Snapshot | None = rows.order_by("-as_of", "-pk").first()
    return found


def poor_families(user: Any) -> QuerySet[Family]:
    """Families of the user's area that the newest DTSEN calls desil 1-4, with their `desil`."""
    rows: QuerySet[Family] = Family.objects.visible_to(user)
    snapshot = poverty_snapshot(getattr(user, "area_code", ""))
    if snapshot is None:
        return rows.none()
    entries = SnapshotEntry.objects.filter(snapshot=snapshot, key_kind=KeyKind.KK, desil__in=POOR)
    own = entries.filter(key_index=OuterRef("kk_index")).values("desil")[:1]
    found = rows.filter(kk_index__in=entries.values("key_index"))
    return found.annotate(desil=Subquery(own))


@dataclass(frozen=True)
class PlaceCoverage:
    """Poor families of one place: all, reached by a programme of the year, by none."""

    code: str
    families: int
    helped: int

    @property
    def gap(self) -> int:
        """Those no programme reached."""
        return self.families - self.helped

    @property
    def share(self) -> int:
        """Reached of a hundred, rounded down."""
        return 100 * self.helped // self.families if self.families else 0


def coverage(user: Any, *, year: int, area_code: str) -> list[PlaceCoverage]:
    """The places right below an area with their poor families; one query."""
    length = BELOW[len(area_code)]
    rows = (
        poor_families(user)
        .filter(area_code__startswith=area_code)
        .annotate(place=Left("area_code", length), is_helped=helped_in(year, path=FAMILY))
        .order_by()
        .values("place")
        .annotate(families=Count("pk"), helped=Count("pk", filter=Q(is_helped=True)))
        .order_by("place")
    )
    return [PlaceCoverage(row["place"], row["families"], row["helped"]) for row in rows]


PAIRS = """
WITH help AS MATERIALIZED (
    SELECT h.person_id, h.version_id, p.family_id FROM ({help}) h
    JOIN beneficiaries_person p ON p.id = h.person_id
    WHERE p.area_code LIKE %(area)s
)
SELECT a.version_id, b.version_id, count(DISTINCT a.{unit}) FROM help a
JOIN help b ON b.{unit} = a.{unit} AND b.version_id >= a.version_id
GROUP BY a.version_id, b.version_id
"""


@dataclass(frozen=True)
class Overlap:
    """Programmes of a year that reached somebody, and how many each two have in common."""

    versions: list[ProgrammeVersion]
    counts: dict[tuple[int, int], int]

    def between(self, one: int, other: int) -> int:
        """People (or families) that both reached; of a programme with itself: its own."""
        return self.counts.get((min(one, other), max(one, other)), 0)


def overlap(*, year: int, area_code: str, families: bool = False) -> Overlap:
    """The matrix of one year in an area, per person or per KK; two queries."""
    sql = PAIRS.format(help=everybody_of("%(year)s"), unit="family_id" if families else "person_id")
    with connection.cursor() as cursor:
        cursor.execute(sql, {"year": year, "area": f"{area_code}%"})
        counts = {(one, other): count for one, other, count in cursor.fetchall()}
    versions = ProgrammeVersion.objects.filter(pk__in={one for one, _other in counts})
    return Overlap(
        versions=list(versions.select_related("programme").order_by("programme__name", "pk")),
        counts=counts,
    )


def years_of(user: Any, *, today: date) -> list[int]:
    """Years with a programme of the user's province, newest first; at least this one."""
    rows = ProgrammeVersion.objects.visible_to(user).order_by().values_list("year", flat=True)
    return sorted({*rows.distinct(), today.year}, reverse=True)


def usual_year(user: Any, *, today: date) -> int:
    """The year a page opens with: this one, or the newest before it that had programmes in use.

    In January, while the programmes of the year are still drafts, that is the year before.
    """
    rows = ProgrammeVersion.objects.visible_to(user).exclude(state=VersionState.DRAFT)
    newest = rows.filter(year__lte=today.year).aggregate(found=Max("year"))["found"]
    return int(newest) if newest else today.year
