"""What every regency is to reach at least, against the people named, drafted or simulated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from bansos.regions.queries import regencies_of
from programs.choices import DECREED, VersionState
from programs.models import Decree, Enrolment, Programme, ProgrammeVersion, Simulation
from programs.queries.catalogue import QuotaLine, by_regency, counting_towards, named_beside
from programs.rules.versions import target_quota_words, target_words

REGENCY = 5


def quota_target(version: ProgrammeVersion, lines: Sequence[QuotaLine]) -> list[str]:
    """Warnings of the quota page: who is below the target, and quotas with no room for it."""
    minimum = version.regency_target
    if minimum is None:
        return []
    below = target_words(minimum, {line.name: line.reached for line in lines})
    # Where several programmes share the target, the quota of one says nothing of its room.
    if version.target_with:
        shared = _("Dihitung bersama: %(codes)s.") % {"codes": ", ".join(version.target_with)}
        return [below, shared] if below else [shared]
    places = {line.name: line.places for line in lines if line.places is not None}
    # A regency sees its own line; the total is a matter of the whole province.
    whole = len(lines) > 1
    rooms = target_quota_words(
        minimum,
        total=version.quota_total if whole else None,
        regencies=len(lines),
        places=places,
    )
    return [*([below] if below else []), *rooms]


def decree_target(decree: Decree) -> str:
    """The regencies of a decree that stay below a target with it in force; "" when none.

    Counted are its own lines and whom other decrees name beside it. The target is that of its own
    version, or of another programme of the year that counts the people of this one.
    """
    found = [_below(decree, owner) for owner in _targets_of(decree.version)]
    return " ".join(words for words in found if words)


def _targets_of(version: ProgrammeVersion) -> list[ProgrammeVersion]:
    """Versions whose target the people of a version count towards, its own first."""
    rows = ProgrammeVersion.objects.filter(
        programme__area_code=version.area_code,
        year=version.year,
        state=VersionState.ACTIVE,
        regency_target__isnull=False,
        target_with__contains=[version.programme.code],
    ).exclude(programme=version.programme)
    own = [version] if version.regency_target is not None else []
    return [*own, *rows.select_related("programme").order_by("programme__code")]


def _below(decree: Decree, owner: ProgrammeVersion) -> str:
    regency = decree.area_code[:REGENCY]
    beside = Enrolment.objects.filter(counting_towards(owner), state__in=DECREED)
    beside = beside.filter(area_code__startswith=regency)
    beside = beside.exclude(version=decree.version, area_code__startswith=decree.area_code)
    counts = [by_regency(decree.lines.all()), by_regency(beside)]
    words = _words(owner, decree.area_code, counts)
    if not words or owner.pk == decree.version_id:
        return words
    return _("Target bersama %(name)s: %(words)s") % {"name": owner.programme.name, "words": words}


def simulation_target(simulation: Simulation) -> str:
    """The regencies that the tried criteria would leave below the target; "" when none."""
    version = simulation.version
    if version.regency_target is None:
        return ""
    hoped = dict(simulation.areas.values_list("area_code", "hoped"))
    shared = named_beside(version, area_code=version.area_code)
    return _words(version, version.area_code, [hoped, shared])


def shareable_codes(programme: Programme, coming: Iterable[str] = ()) -> list[str]:
    """Codes of the other programmes of the province, which may count towards a target of this.

    `coming`: codes of programmes that the same import brings.
    """
    there = Programme.objects.filter(area_code=programme.area_code).values_list("code", flat=True)
    return sorted({*there, *coming} - {programme.code})


def _words(version: ProgrammeVersion, area_code: str, counts: Sequence[Mapping[str, int]]) -> str:
    return target_words(
        version.regency_target or 0,
        {
            region.name: sum(part.get(region.code, 0) for part in counts)
            for region in regencies_of(area_code)
        },
    )
