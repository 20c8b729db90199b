"""The order of who qualifies, against the places of a regency: for the page and for the decree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bansos.lib.dates import age_on, day_of
from bansos.regions.queries import name_of
from beneficiaries.queries import facts_about
from programs.choices import HOLDING, EnrolmentState, OfferAnswer, Standing
from programs.models import Enrolment, PlaceOffer, Precedence, ProgrammeVersion, Quota
from programs.queries.enrolments import reason_labels
from programs.queries.facts import reference_day
from programs.queries.traits import disabilities
from programs.rules.ranking import RANK_KEYS, Place, Waiting, ranked

REGENCY = 5
# Whoever holds a place beyond being found eligible.
PLACED = [str(state) for state in HOLDING if state != EnrolmentState.ELIGIBLE]


@dataclass(frozen=True)
class Pool:
    """Places that people compete for: of one regency, or of all regencies without their own.

    `places` None: no limit. `used` are held places; where nobody is replaced also those of the
    members who ended.
    """

    area_code: str
    places: int | None
    used: int
    without: tuple[str, ...] = ()
    freed: Mapping[str, int] = field(default_factory=dict)

    @property
    def free(self) -> int | None:
        """Places nobody holds; None without a limit."""
        return None if self.places is None else max(self.places - self.used, 0)

    @property
    def name(self) -> str:
        """The regency, or the province for those without a quota of their own."""
        return name_of(self.area_code)

    def holds(self, area_code: str) -> bool:
        """True when the people of an area compete here."""
        return area_code.startswith(self.area_code) and area_code[:REGENCY] not in self.without

    def rows(self, version: ProgrammeVersion) -> Any:
        """The enrolments of the version that belong here."""
        found = Enrolment.objects.in_area(self.area_code).filter(version=version)
        for code in self.without:
            found = found.exclude(area_code__startswith=code)
        return found


def has_ranking(version: ProgrammeVersion) -> bool:
    """True when a rule says who comes first."""
    return bool(version.ranking.get("keys"))


def pool_of(version: ProgrammeVersion, area_code: str) -> Pool:
    """The pool in which people of an area compete for places; three queries."""
    quotas = dict(Quota.objects.filter(version=version).values_list("area_code", "places"))
    regency = area_code[:REGENCY]
    if regency in quotas:
        return _filled(version, Pool(regency, quotas[regency], 0))
    places = version.quota_total
    if places is not None:
        places -= sum(quotas.values())
    return _filled(version, Pool(version.area_code, places, 0, tuple(sorted(quotas))))


def _filled(version: ProgrammeVersion, pool: Pool) -> Pool:
    rows = pool.rows(version)
    ended = rows.filter(active_from__isnull=False).exclude(state__in=HOLDING)
    reasons = Counter(ended.values_list("end_reason", flat=True))
    used = rows.filter(state__in=PLACED).count()
    if version.ranking.get("replacement") == "no":
        used += sum(reasons.values())
    labels = reason_labels(version)
    freed = {labels.get(code, code or _("Lulus")): count for code, count in reasons.items()}
    return Pool(pool.area_code, pool.places, used, pool.without, freed)


def waiting_rows(version: ProgrammeVersion, pool: Pool) -> list[Enrolment]:
    """The eligible of a pool who did not decline a place, with person and family."""
    rows = pool.rows(version).filter(state=EnrolmentState.ELIGIBLE)
    return list(
        rows.exclude(offers__answer=OfferAnswer.DECLINED)
        .select_related("person__family")
        .order_by("pk")
    )


def values_of(
    rows: Sequence[Enrolment], *, version: ProgrammeVersion, today: date
) -> dict[int, dict[str, int | None]]:
    """Enrolment id -> the value of each key of the rule; None is unknown. Few queries for many."""
    keys = [str(row["key"]) for row in version.ranking.get("keys") or ()]
    persons = [row.person for row in rows]
    known = facts_about(persons, on=today) if {"desil", "disability"} & set(keys) else {}
    disabled: set[int] = set()
    if "disability" in keys:
        kinds = disabilities([person.pk for person in persons], today)
        disabled = {pk for pk, found in kinds.items() if found}
    zone, day = version.programme.agency.zone, reference_day(version, today=today)

    def waiting(row: Enrolment) -> int | None:
        return (today - day_of(row.proposed_at, zone)).days if row.proposed_at else None

    def age(row: Enrolment) -> int | None:
        born = row.person.birth_date
        return age_on(born, day) if born and born <= day else None

    def disability(row: Enrolment) -> int | None:
        listed = known[row.person_id].in_disability_register
        if row.person_id in disabled or listed:
            return 1
        return None if listed is None else 0

    readers: dict[str, Callable[[Enrolment], int | None]] = {
        "desil": lambda row: known[row.person_id].desil,
        "age": age,
        "disability": disability,
        "waiting": waiting,
    }
    return {row.pk: {key: readers[key](row) for key in keys} for row in rows}


def value_words(key: str, value: int | None) -> str:
    """A value as the page shows it."""
    if value is None:
        return _("Belum diketahui")
    if key == "disability":
        return _("Ya") if value else _("Tidak")
    if key == "age":
        return _("%(count)s tahun") % {"count": value}
    if key == "waiting":
        return _("%(count)s hari") % {"count": value}
    return str(value)


@dataclass(frozen=True)
class Ranking:
    """The order of a pool: everybody with standing and values, and the rows behind."""

    pool: Pool
    places: list[Place]
    rows: dict[int, Enrolment]
    values: dict[int, dict[str, int | None]]

    def of(self, standing: str) -> list[Place]:
        """Those with one standing, in order."""
        return [place for place in self.places if place.standing == standing]

    def words(self, pk: int) -> list[list[str]]:
        """[label, value] of each key of one of them."""
        found = self.values[pk]
        return [[RANK_KEYS[key][0], value_words(key, value)] for key, value in found.items()]


def ranking_of(
    version: ProgrammeVersion, pool: Pool, rows: Sequence[Enrolment], *, today: date
) -> Ranking:
    """The order of these rows against the free places of their pool."""
    given = Precedence.objects.filter(enrolment__in=[row.pk for row in rows], ended_at=None)
    precedence = dict(given.values_list("enrolment_id", "pk"))
    values = values_of(rows, version=version, today=today)
    waiting = [Waiting(row.pk, values[row.pk], precedence.get(row.pk)) for row in rows]
    places = ranked(waiting, keys=version.ranking.get("keys") or (), places=pool.free)
    return Ranking(pool, places, {row.pk: row for row in rows}, values)


def next_to_offer(ranking: Ranking) -> Place | None:
    """The first inside who was not offered a place yet; None when nobody is."""
    offered = set(
        PlaceOffer.objects.filter(enrolment__in=list(ranking.rows)).values_list(
            "enrolment_id", flat=True
        )
    )
    inside = ranking.of(Standing.INSIDE)
    return next((place for place in inside if place.pk not in offered), None)
