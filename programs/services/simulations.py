"""Writes of simulations: drafted, its criteria tried, counted step by step by a job, dropped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.documents.services import ask_export
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused
from programs.choices import BenefitKind, SimulationOutcome
from programs.models import ProgrammeVersion, Simulation
from programs.queries.compiled import Compiled, compile_criteria
from programs.queries.counting import (
    RegencyCount,
    count_by_regency,
    count_meeting,
    count_nodes,
    count_overlap,
    write_changes,
)
from programs.queries.facts import reference_day
from programs.rules import criteria_problems, sentence, sentences_of
from programs.rules.thresholds import Threshold, point_words, points, thresholds, varied
from programs.services.enrolments import check_reach

SEN = Decimal("0.01")
# What can be handed out of a counted simulation -> the list of the page.
LISTS = {"people": "simulation_rows", "areas": "simulation_areas"}


@dataclass(frozen=True, kw_only=True)
class SimulationValues:
    """What somebody says about a simulation; the criteria have a page of their own."""

    name: str
    baseline: ProgrammeVersion | None = None
    budget: Decimal | None = None
    threshold: str = ""


def _check_right(by: User, area_code: str) -> None:
    if not by.can(Permission.PROGRAM_EDIT):
        raise NotAllowed("SIM-RIGHT", _("Peran Anda tidak boleh membuat simulasi."))
    check_reach(by=by, area_code=area_code)


def _open(simulation: Simulation) -> Simulation:
    """The simulation to be changed; refused once it is counted or at work."""
    row: Simulation = (
        Simulation.objects.select_for_update(of=("self",))
        .select_related("job", "version__programme")
        .get(pk=simulation.pk)
    )
    if row.is_done or row.is_running:
        raise Refused(
            "SIM-RUN",
            _(
                "Simulasi ini sudah atau sedang dihitung, jadi tidak diubah. Salin menjadi"
                " simulasi baru untuk mencoba yang lain."
            ),
        )
    return row


def _checked(criteria: Sequence[Any]) -> list[Any]:
    problems = criteria_problems(criteria)
    if problems or not criteria:
        raise BadInput(
            "SIM-CRITERIA",
            _("Kriteria belum benar: %(problems)s Simulasi belum disimpan.")
            % {"problems": " ".join(problems) or _("belum ada kriteria.")},
        )
    return list(criteria)


def _write(row: Simulation, values: SimulationValues) -> None:
    known = {item.key for item in thresholds(row.criteria)}
    if values.threshold and values.threshold not in known:
        raise BadInput(
            "SIM-THRESHOLD",
            _("Ambang yang dipilih tidak ada lagi di kriteria. Pilih ambang lain."),
            fields={"threshold": _("Pilih ambang lain.")},
        )
    row.name, row.baseline = values.name.strip(), values.baseline
    row.budget, row.threshold = values.budget, values.threshold


@transaction.atomic
def draft_simulation(
    *,
    version: ProgrammeVersion,
    values: SimulationValues,
    by: User,
    at: datetime,
    criteria: Sequence[Any] | None = None,
) -> Simulation:
    """A simulation of a version's criteria, or of others that are being thought about.

    Raises BadInput when the criteria are not sound.
    """
    _check_right(by, version.area_code)
    asked = _checked(version.criteria if criteria is None else criteria)
    row = Simulation(
        version=version,
        area_code=version.area_code,
        criteria=asked,
        sentence=sentence(asked),
        made_at=at,
        made_by=by,
    )
    _write(row, values)
    row.save()
    audit.record(
        verb="programs.draft_simulation", by=by, at=at, target=row, area_code=row.area_code
    )
    return row


@transaction.atomic
def change_simulation(
    *, simulation: Simulation, values: SimulationValues, by: User, at: datetime
) -> Simulation:
    """Another name, list, budget or threshold; refused once it is counted."""
    _check_right(by, simulation.area_code)
    row = _open(simulation)
    _write(row, values)
    row.save()
    audit.record(
        verb="programs.change_simulation", by=by, at=at, target=row, area_code=row.area_code
    )
    return row


@transaction.atomic
def change_criteria(
    *, simulation: Simulation, criteria: Sequence[Any], by: User, at: datetime
) -> Simulation:
    """Try other criteria; the version keeps its own. A threshold that is gone is let go."""
    _check_right(by, simulation.area_code)
    row = _open(simulation)
    row.criteria = _checked(criteria)
    row.sentence = sentence(row.criteria)
    if row.threshold not in {item.key for item in thresholds(row.criteria)}:
        row.threshold = ""
    row.save()
    audit.record(
        verb="programs.change_simulation", by=by, at=at, target=row, area_code=row.area_code
    )
    return row


@transaction.atomic
def change_all(
    *,
    simulation: Simulation,
    changes: dict[str, Any],
    criteria: Sequence[Any] | None,
    by: User,
    at: datetime,
) -> Simulation:
    """Some of its values and, where given, its criteria; all of it or nothing."""
    row = simulation
    if criteria is not None:
        row = change_criteria(simulation=row, criteria=criteria, by=by, at=at)
    kept = {item.name: getattr(row, item.name) for item in fields(SimulationValues)}
    values = SimulationValues(**{**kept, **changes})
    return change_simulation(simulation=row, values=values, by=by, at=at)


def export_list(
    *, simulation: Simulation, what: str, file_format: str, by: User, at: datetime
) -> Job:
    """A file of one of LISTS, made by a worker as the page's export is.

    Raises NotAllowed without the right to export, Refused before it is counted.
    """
    if not by.can(Permission.EXPORT):
        raise NotAllowed("SIM-EXPORT", _("Peran Anda tidak boleh mengekspor daftar."))
    if not simulation.is_done:
        raise Refused("SIM-DRAFT", _("Simulasi ini belum dihitung, jadi belum ada daftarnya."))
    return ask_export(
        key=LISTS[what],
        name=simulation.name,
        file_format=file_format,
        query=f"simulation={simulation.pk}",
        by=by,
        at=at,
    )


@transaction.atomic
def run_simulation(*, simulation: Simulation, by: User, at: datetime) -> Job:
    """Count it in the background, with the registries as they are today."""
    _check_right(by, simulation.area_code)
    row = _open(simulation)
    today = day_of(at, row.version.programme.agency.zone)
    row.facts_on, row.stage_date = today, reference_day(row.version, today=today)
    row.run_at, row.run_by, row.results = at, by, {}
    row.rows.all().delete()
    row.areas.all().delete()
    row.job = jobs.submit(
        kind="programs.simulate",
        title=_("Simulasi %(name)s") % {"name": row.version},
        by=by,
        at=at,
        params={"simulation": row.pk},
        total=len(steps_of(row)),
    )
    row.save()
    audit.record(verb="programs.run_simulation", by=by, at=at, target=row, area_code=row.area_code)
    return row.job


@transaction.atomic
def drop_simulation(*, simulation: Simulation, by: User, at: datetime) -> None:
    """Take a simulation away with its people; refused while it is being counted."""
    _check_right(by, simulation.area_code)
    row = Simulation.objects.select_for_update(of=("self",)).get(pk=simulation.pk)
    if row.is_running:
        raise Refused("SIM-RUNNING", _("Simulasi sedang dihitung. Batalkan pekerjaannya dulu."))
    audit.record(verb="programs.drop_simulation", by=by, at=at, target=row, area_code=row.area_code)
    row.rows.all().delete()
    row.areas.all().delete()
    row.delete()


def compiled_for(simulation: Simulation, criteria: Sequence[Any] | None = None) -> Compiled:
    """Its criteria, or a variation of them, on its days."""
    assert simulation.facts_on is not None  # noqa: S101  set when it is run
    assert simulation.stage_date is not None  # noqa: S101
    return compile_criteria(
        simulation.criteria if criteria is None else criteria,
        version=simulation.version,
        area_code=simulation.area_code,
        stage_date=simulation.stage_date,
        today=simulation.facts_on,
    )


def chosen_threshold(simulation: Simulation) -> Threshold | None:
    """The threshold whose neighbours are counted."""
    known = {item.key: item for item in thresholds(simulation.criteria)}
    return known.get(simulation.threshold)


def steps_of(simulation: Simulation) -> list[str]:
    """What its job does, one step each."""
    threshold = chosen_threshold(simulation)
    tried = range(len(points(threshold))) if threshold else ()
    return ["totals", "changes", "overlap", "nodes", *(f"point:{place}" for place in tried)]


def _is_one_per_family(simulation: Simulation) -> bool:
    asked = any(row.get("code") == "one_per_family" for row in simulation.criteria)
    return asked and not simulation.is_of_payees


def unit_amount(simulation: Simulation, people: int) -> Decimal | None:
    """What one recipient gets in the year; None while the rate is open or counted in units."""
    version = simulation.version
    if version.benefit_kind == BenefitKind.FORMULA:
        if version.formula_budget is None or not people:
            return None
        return (version.formula_budget / people).quantize(SEN, rounding=ROUND_DOWN)
    return version.annual_amount


def _inside_quota(
    version: ProgrammeVersion, counted: Sequence[RegencyCount], quotas: dict[str, int]
) -> dict[str, int]:
    """Regency -> how many of its hoped for have a place.

    Regencies without a quota of their own compete for what the total leaves, as `pool_of` has
    it. Who of them wins is not known here, so the places are shared by how many each hopes for.
    """
    inside = {
        row.area_code: min(row.hoped, quotas[row.area_code])
        for row in counted
        if row.area_code in quotas
    }
    free = {row.area_code: row.hoped for row in counted if row.area_code not in quotas}
    if version.quota_total is None:
        return inside | free
    left = max(version.quota_total - sum(quotas.values()), 0)
    return inside | _shared(free, left)


def _shared(hoped: dict[str, int], places: int) -> dict[str, int]:
    """Places over regencies in proportion to those hoped for, nobody above; sums up exactly."""
    total = sum(hoped.values())
    if total <= places:
        return hoped
    shares = {area: count * places // total for area, count in hoped.items()}
    rest = places - sum(shares.values())
    # Largest remainder first; the code decides a tie, so a repeated step gives the same.
    order = sorted(hoped, key=lambda area: (-(hoped[area] * places % total), area))
    return shares | {area: shares[area] + 1 for area in order[:rest]}


def _regencies(simulation: Simulation) -> dict[str, int]:
    """Counts and money per regency as rows; the sums as the result."""
    single = _is_one_per_family(simulation)
    counted = count_by_regency(compiled_for(simulation), one_per_family=single)
    unit = unit_amount(simulation, sum(row.hoped for row in counted))
    quotas = dict(simulation.version.quotas.values_list("area_code", "places"))
    inside = _inside_quota(simulation.version, counted, quotas)
    simulation.areas.all().delete()
    for row in counted:
        simulation.areas.create(
            **asdict(row),
            quota=quotas.get(row.area_code),
            cost=None if unit is None else unit * row.hoped,
            cost_in_quota=None if unit is None else unit * inside[row.area_code],
        )
    names = ("yes", "pending", "unknown", "places", "hoped")
    return {name: sum(getattr(row, name) for row in counted) for name in names}


def _changes(simulation: Simulation) -> dict[str, int]:
    # A step that is done again after a crash begins anew.
    simulation.rows.all().delete()
    write_changes(
        compiled_for(simulation),
        simulation_id=simulation.pk,
        baseline_id=simulation.baseline_id,
    )
    return {
        outcome.value: simulation.rows.filter(outcome=outcome).count()
        for outcome in SimulationOutcome
    }


def _overlap(simulation: Simulation) -> list[dict[str, Any]]:
    found = count_overlap(simulation.version, simulation.pk)
    return [{"code": code, "name": name, "people": people} for code, name, people in found]


def _nodes(simulation: Simulation) -> list[dict[str, Any]]:
    counted = count_nodes(compiled_for(simulation))
    labels = sentences_of(simulation.criteria)
    return [{"label": label, **asdict(row)} for label, row in zip(labels, counted, strict=True)]


COUNTS: dict[str, Callable[[Simulation], Any]] = {
    "totals": _regencies,
    "changes": _changes,
    "overlap": _overlap,
    "nodes": _nodes,
}


def _point(simulation: Simulation, place: int) -> list[dict[str, Any]]:
    threshold = chosen_threshold(simulation)
    known = list(simulation.result("points", []))
    if threshold is None:
        return known
    value = points(threshold)[place]
    tried = varied(simulation.criteria, threshold, value)
    people = count_meeting(compiled_for(simulation, tried))
    known = known[:place]
    is_own = value == threshold.value
    return [*known, {"value": point_words(value), "people": people, "own": is_own}]


@transaction.atomic
def count_step(*, simulation: Simulation, place: int, at: datetime) -> int:
    """Do one step and keep what it counted; gives the number of the next, 0 when all is done."""
    steps = steps_of(simulation)
    name, _colon, number = steps[place].partition(":")
    if name == "point":
        simulation.results["points"] = _point(simulation, int(number))
    else:
        simulation.results[name] = COUNTS[name](simulation)
    last = place == len(steps) - 1
    if last:
        simulation.finished_at = at
        audit.record(
            verb="programs.simulation_done",
            by=simulation.run_by,
            at=at,
            target=simulation,
            area_code=simulation.area_code,
        )
    simulation.save(update_fields=["results", "finished_at"])
    return 0 if last else place + 1
