"""Which candidates of a version certainly meet its criteria, said as one SQL condition.

A sieve, not a judge: who passes needs no look at all, everybody else is judged one by one by
programs.rules.evaluate(). It may let through too few, never too many.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from beneficiaries.choices import SnapshotKind
from beneficiaries.models import Snapshot
from beneficiaries.queries.facts import EXCLUSIONS, snapshots_on
from programs.choices import HOLDING, Answer
from programs.models import ProgrammeVersion
from programs.queries.compiled import condition_inside
from programs.queries.exclusivity import lists_missing, not_exclusive
from programs.rules import Facts, evaluate
from programs.rules.basic_kinds import COMBINED_LIST, lists_asked

# A birthday near the edge, a 29 February: judged one by one.
EDGE_DAYS = 3
NAMED = re.compile(r"%\((\w+)\)s")

# With these aliases: e programs_enrolment, p beneficiaries_person, f beneficiaries_family (outer).
_ENTRY = (
    "EXISTS (SELECT 1 FROM beneficiaries_snapshotentry s WHERE s.snapshot_id = %s"
    " AND s.key_kind = {kind!r} AND s.key_index = {index}{more})"
)
_KK = {"kind": "kk", "index": "f.kk_index"}
_NIK = {"kind": "nik", "index": "p.nik_index"}
_YES, _NEVER = "TRUE", "FALSE"


@dataclass
class Condition:
    """SQL and its parameters, true for who certainly meets all criteria.

    `unknown` are the reasons of criteria that nobody of the area can be judged by (a list that
    was never loaded): they hold for everybody who passes.
    """

    sql: str
    params: list[Any]
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Ground:
    """What a criterion is compiled against."""

    version: ProgrammeVersion
    area_code: str
    stage_date: date
    snapshots: Mapping[str, Sequence[Snapshot]]

    def newest(self, kind: str) -> Snapshot | None:
        """The newest list that holds the whole area."""
        rows = self.snapshots.get(kind, [])
        return next((row for row in rows if self.area_code.startswith(row.area_code)), None)


Part = tuple[str, list[Any]]
Compiler = Callable[[_Ground, Mapping[str, Any]], Part | None]


def certain(
    version: ProgrammeVersion, *, area_code: str, stage_date: date, today: date
) -> Condition:
    """The condition for people of one area."""
    ground = _Ground(version, area_code, stage_date, snapshots_on(today))
    found = Condition("", [])
    parts = [_of_area(ground), _not_dead(ground), _not_exclusive(ground)]
    found.unknown += lists_missing(version, area_code=area_code, lists=ground.snapshots)
    nothing_known = Facts(stage_date=stage_date)
    for row in version.criteria:
        compiler = COMPILERS.get(str(row.get("code")))
        part = compiler(ground, row.get("params") or {}) if compiler else _met(ground, row, today)
        if part is not None:
            parts.append(part)
            continue
        [result] = evaluate([row], nothing_known)
        if result.answer != Answer.UNKNOWN:
            parts.append((_NEVER, []))
        elif not result.code.startswith("field_check"):
            found.unknown.append(result.reason)
    found.sql = " AND ".join(f"({sql})" for sql, _params in parts)
    found.params = [value for _sql, params in parts for value in params]
    return found


def _met(ground: _Ground, row: Mapping[str, Any], today: date) -> Part:
    """A group, or a kind that is compiled for simulations too: certain when it is met."""
    sql, params = condition_inside(
        row,
        version=ground.version,
        area_code=ground.area_code,
        stage_date=ground.stage_date,
        today=today,
    )
    names = NAMED.findall(sql)
    return f"({NAMED.sub('%s', sql)}) IS TRUE", [params[name] for name in names]


def _of_area(ground: _Ground) -> Part:
    """Lists of a smaller area hold for their people only: those are judged one by one."""
    inner = {
        row.area_code
        for rows in ground.snapshots.values()
        for row in rows
        if row.area_code != ground.area_code and row.area_code.startswith(ground.area_code)
    }
    sql, params = "p.area_code LIKE %s", [f"{ground.area_code}%"]
    for code in sorted(inner):
        sql += " AND p.area_code NOT LIKE %s"
        params.append(f"{code}%")
    return sql, list(params)


def _not_dead(ground: _Ground) -> Part:
    sql, params = "p.died_on IS NULL", []
    for row in ground.snapshots.get(SnapshotKind.DEATH, []):
        sql += " AND NOT " + _ENTRY.format(**_NIK, more="")
        params.append(row.pk)
    return sql, params


def _not_exclusive(ground: _Ground) -> Part:
    return not_exclusive(ground.version, area_code=ground.area_code, lists=ground.snapshots)


def _min_age(ground: _Ground, settings: Mapping[str, Any]) -> Part:
    return "p.birth_date <= %s::date - make_interval(years => %s) - make_interval(days => %s)", [
        ground.stage_date,
        int(settings["age"]),
        EDGE_DAYS,
    ]


def _max_age(ground: _Ground, settings: Mapping[str, Any]) -> Part:
    return (
        (
            "p.birth_date <= %s AND p.birth_date >"
            " %s::date - make_interval(years => %s) + make_interval(days => %s)"
        ),
        [ground.stage_date, ground.stage_date, int(settings["age"]) + 1, EDGE_DAYS],
    )


def _min_months(ground: _Ground, settings: Mapping[str, Any]) -> Part:
    return "p.birth_date <= %s::date - make_interval(months => %s) - make_interval(days => %s)", [
        ground.stage_date,
        int(settings["months"]),
        EDGE_DAYS,
    ]


def _listed(snapshot: Snapshot) -> Part:
    return f"{_ENTRY.format(**_KK, more='')} OR {_ENTRY.format(**_NIK, more='')}", [
        snapshot.pk,
        snapshot.pk,
    ]


def _desil(ground: _Ground, settings: Mapping[str, Any]) -> Part | None:
    snapshot = ground.newest(SnapshotKind.DTSEN)
    if snapshot is None:
        return None
    # The family's entry speaks first; who is known by NIK alone is judged one by one.
    wanted = [int(value) for value in settings["values"]]
    return _ENTRY.format(**_KK, more=" AND s.desil = ANY(%s)"), [snapshot.pk, wanted]


def _in_dtsen(ground: _Ground, _settings: Mapping[str, Any]) -> Part | None:
    snapshot = ground.newest(SnapshotKind.DTSEN)
    return _listed(snapshot) if snapshot else None


def _regular_pkh(ground: _Ground, _settings: Mapping[str, Any]) -> Part | None:
    snapshot = ground.newest(SnapshotKind.PKH)
    return _listed(snapshot) if snapshot else None


def _one_per_family(ground: _Ground, _settings: Mapping[str, Any]) -> Part:
    sql = (
        "p.family_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM programs_enrolment x"
        " WHERE x.family_id = p.family_id AND x.version_id = %s AND x.person_id <> p.id"
        " AND x.state = ANY(%s))"
    )
    return sql, [ground.version.pk, [str(state) for state in HOLDING]]


def _domicile(_ground: _Ground, settings: Mapping[str, Any]) -> Part:
    return "starts_with(p.area_code, %s) AND p.home_outside = ''", [str(settings["province"])]


def _sex(_ground: _Ground, settings: Mapping[str, Any]) -> Part:
    return "p.sex = %s", [str(settings["sex"])]


def _not_excluded(ground: _Ground, settings: Mapping[str, Any]) -> Part | None:
    found = {str(kind): row for kind in EXCLUSIONS if (row := ground.newest(kind))}
    asked = lists_asked(settings.get("codes") or ())
    if COMBINED_LIST not in found and not all(kind in found for kind in asked):
        return None
    lists = [_listed(row) for row in found.values()]
    sql = " AND ".join(f"NOT ({listed})" for listed, _params in lists)
    return sql, [value for _sql, params in lists for value in params]


def _alive(ground: _Ground, _settings: Mapping[str, Any]) -> Part | None:
    # That nobody who passes is dead stands in _not_dead() already.
    return (_YES, []) if ground.newest(SnapshotKind.DEATH) else None


def _nobody_knows(_ground: _Ground, _settings: Mapping[str, Any]) -> None:
    """A group's size and what only a visit shows are not known when a list is checked."""


COMPILERS: dict[str, Compiler] = {
    "min_age_on_stage": _min_age,
    "max_age": _max_age,
    "min_age_months": _min_months,
    "desil_in": _desil,
    "in_dtsen": _in_dtsen,
    "in_regular_pkh": _regular_pkh,
    "one_per_family": _one_per_family,
    "domicile_in_province": _domicile,
    "sex_is": _sex,
    "not_excluded": _not_excluded,
    "alive": _alive,
    "group_size": _nobody_knows,
    "group_one_village": _nobody_knows,
    "field_check": _nobody_knows,
}
