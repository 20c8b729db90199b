"""What every regency is to reach at least, against the people named, drafted or simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from bansos.regions.queries import regencies_of
from programs.choices import DECREED
from programs.models import Decree, Enrolment, ProgrammeVersion, Simulation
from programs.queries.catalogue import QuotaLine, by_regency, named_beside
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
    """The regencies of a decree that stay below the target with it in force; "" when none.

    Counted are its own lines and whom other decrees name beside it, those of the programmes that
    share the target among them.
    """
    version = decree.version
    if version.regency_target is None:
        return ""
    inside = by_regency(decree.lines.all())
    beside = Enrolment.objects.filter(version=version, state__in=DECREED)
    beside = beside.filter(area_code__startswith=decree.area_code[:REGENCY])
    beside = beside.exclude(area_code__startswith=decree.area_code)
    shared = named_beside(version, area_code=decree.area_code[:REGENCY])
    return _words(version, decree.area_code, [inside, by_regency(beside), shared])


def simulation_target(simulation: Simulation) -> str:
    """The regencies that the tried criteria would leave below the target; "" when none."""
    version = simulation.version
    if version.regency_target is None:
        return ""
    hoped = dict(simulation.areas.values_list("area_code", "hoped"))
    shared = named_beside(version, area_code=version.area_code)
    return _words(version, version.area_code, [hoped, shared])


def _words(version: ProgrammeVersion, area_code: str, counts: Sequence[Mapping[str, int]]) -> str:
    return target_words(
        version.regency_target or 0,
        {
            region.name: sum(part.get(region.code, 0) for part in counts)
            for region in regencies_of(area_code)
        },
    )
