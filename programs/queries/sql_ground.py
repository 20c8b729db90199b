"""What criteria are compiled against: parameters, lists by area, look-ups, birthdays as dates.

Aliases: p beneficiaries_person, f beneficiaries_family of the person (outer); where groups,
institutions or governments are asked, y is the payee and p who answers for it (outer). An
expression is a nullable boolean: NULL is unknown, so AND, OR and NOT of SQL are the groups of the
language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from bansos.lib.dates import months_before
from beneficiaries.choices import KeyKind, SnapshotKind
from beneficiaries.models import Snapshot, SnapshotEntry
from programs.models import ProgrammeVersion
from programs.queries.received import Version, versions_known

UNKNOWN = "NULL::boolean"


@dataclass(frozen=True)
class Expr:
    """A nullable boolean in SQL.

    `plain`: reads columns of the person only, so it may sieve the table before anything is looked
    up; `passing` says "not FALSE" in words that the planner has statistics for.
    """

    sql: str
    plain: bool = False
    passing: str = ""

    @property
    def not_false(self) -> str:
        """The condition that keeps everybody who is not certainly out."""
        return self.passing or f"({self.sql}) IS NOT FALSE"


@dataclass
class Ground:
    """One compilation: for whom, on which day, against which lists.

    With `joined` the lists are joined once (millions of people); without, each is looked up where
    it is asked (a condition inside another query). `year` is the budget year. `payee_kind` is the
    kind of the payees that are asked; "" asks people. `observed`: person id -> key of a field
    check -> what a verifier has just seen; a visit of another day is not looked up.
    """

    version: ProgrammeVersion
    area_code: str
    stage_date: date
    today: date
    snapshots: Mapping[str, Sequence[Snapshot]]
    joined: bool = True
    payee_kind: str = ""
    observed: Mapping[int, Mapping[str, bool]] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    joins: dict[str, str] = field(default_factory=dict)

    @property
    def year(self) -> int:
        """The budget year of the version."""
        return self.version.year

    @cached_property
    def versions(self) -> list[Version]:
        """Every version there is; read once, and only where a criterion asks for other help."""
        return versions_known()

    def put(self, value: Any) -> str:
        """A placeholder for a value."""
        for name, known in self.params.items():
            if type(known) is type(value) and known == value:
                return f"%({name})s"
        name = f"c{len(self.params)}"
        self.params[name] = value
        return f"%({name})s"

    def lists(self, kind: str) -> list[Snapshot]:
        """The lists that can hold somebody of the area, newest first, up to one that holds all."""
        found: list[Snapshot] = []
        for row in self.snapshots.get(kind, []):
            if self.area_code.startswith(row.area_code):
                return [*found, row]
            if row.area_code.startswith(self.area_code):
                found.append(row)
        return found

    def list_id(self, kind: str) -> str:
        """SQL: the id of the newest list of a kind that holds the person; NULL without one."""
        rows = self.lists(kind)
        if not rows:
            return "NULL::bigint"
        if self.area_code.startswith(rows[0].area_code):
            return self.put(rows[0].pk)
        whens = " ".join(
            f"WHEN starts_with(p.area_code, {self.put(row.area_code)}) THEN {self.put(row.pk)}"
            for row in rows
        )
        return f"(CASE {whens} END)"

    def entry(self, kind: str) -> Entry:
        """The person's row in the newest list of a kind: the family's first, else their own."""
        rows = self.lists(kind)
        keyed = SnapshotEntry.objects.filter(snapshot__in=rows)
        by_nik = keyed.filter(key_kind=KeyKind.NIK).exists()
        list_id = self.list_id(kind)
        names = {"kk": "f.kk_index", **({"nik": "p.nik_index"} if by_nik else {})}
        if not rows:
            return Entry(list_id, {}, joined=True)
        if not self.joined:
            return Entry(list_id, {key: _lookup(key, list_id, col) for key, col in names.items()})
        aliases = {}
        for key, column in names.items():
            alias = f"{kind}_{key}"
            self.joins[alias] = (
                f"LEFT JOIN beneficiaries_snapshotentry {alias} ON {alias}.snapshot_id = {list_id}"
                f" AND {alias}.key_kind = '{key}' AND {alias}.key_index = {column}"
            )
            aliases[key] = alias
        whole = self.area_code.startswith(rows[0].area_code)
        return Entry(list_id, aliases, joined=True, whole=whole)


def _lookup(key: str, list_id: str, column: str) -> str:
    return (
        f"FROM beneficiaries_snapshotentry s WHERE s.snapshot_id = {list_id}"
        f" AND s.key_kind = '{key}' AND s.key_index = {column}"
    )


@dataclass(frozen=True)
class Entry:
    """A person's row in a list, joined under an alias per key or looked up."""

    list_id: str
    keys: Mapping[str, str]
    joined: bool = False
    # One list holds everybody of the area.
    whole: bool = False

    @property
    def loaded(self) -> str:
        """SQL: there is such a list for the person."""
        return f"{self.list_id} IS NOT NULL"

    @property
    def found(self) -> str:
        """SQL: the person is in it; never NULL."""
        if not self.keys:
            return "FALSE"
        return "(" + " OR ".join(self._has(key) for key in self.keys) + ")"

    def _has(self, key: str) -> str:
        place = self.keys[key]
        return f"{place}.id IS NOT NULL" if self.joined else f"EXISTS (SELECT 1 {place})"

    def value(self, column: str) -> str:
        """SQL: a column of the row that counts."""
        if self.joined and len(self.keys) == 1:
            [place] = self.keys.values()
            return f"{place}.{column}"
        whens = [
            f"WHEN {self._has(key)} THEN "
            + (f"{place}.{column}" if self.joined else f"(SELECT s.{column} {place})")
            for key, place in self.keys.items()
        ]
        return f"(CASE {' '.join(whens)} END)" if whens else "NULL"

    @property
    def answer(self) -> Expr:
        """SQL: in it or not, NULL without a list.

        Where one list holds everybody, who is not in it is out: said plainly, so that the planner
        may begin with the list.
        """
        passing = self.found if self.whole else ""
        return Expr(f"CASE WHEN {self.loaded} THEN {self.found} END", passing=passing)


def dead(ground: Ground) -> str:
    """SQL: known to be dead on the day; every death list counts, of whatever area."""
    words = [f"COALESCE(p.died_on <= {ground.put(ground.today)}, FALSE)"]
    lists = [row.pk for row in ground.snapshots.get(SnapshotKind.DEATH, [])]
    if lists:
        words.append(
            "EXISTS (SELECT 1 FROM beneficiaries_snapshotentry s WHERE s.snapshot_id ="
            f" ANY({ground.put(lists)}::bigint[]) AND s.key_kind = 'nik'"
            " AND s.key_index = p.nik_index)"
        )
    return "(" + " OR ".join(words) + ")"


def death_looked_up(ground: Ground) -> str:
    """SQL: there is a death list that holds the person."""
    words = [
        f"starts_with(p.area_code, {ground.put(row.area_code)})"
        for row in ground.snapshots.get(SnapshotKind.DEATH, [])
    ]
    return "(" + (" OR ".join(words) or "FALSE") + ")"


def born_by(day: date, *, years: int = 0, months: int = 0) -> date | None:
    """The last birth date that makes somebody so old on a day; None before all calendars.

    Who was born on 29 February ages on 1 March, as bansos.lib.dates.age_on() counts.
    """
    back = years * 12 + months
    try:
        return months_before(day, back)
    except ValueError:
        return None


def aged(column: str, day: date, settings: Mapping[str, Any], ground: Ground) -> str:
    """SQL: an age within least and most on a day, for a birth date that is known."""
    words = []
    least, most = settings.get("least"), settings.get("most")
    if least is not None:
        last = born_by(day, years=int(least))
        words.append(f"{column} <= {ground.put(last)}" if last else "FALSE")
    if most is not None and (first := born_by(day, years=int(most) + 1)):
        words.append(f"{column} > {ground.put(first)}")
    return "(" + (" AND ".join(words) or "TRUE") + ")"


def age(day: date, settings: Mapping[str, Any], ground: Ground) -> Expr:
    """The person's age within bounds; unknown without a birth date up to the day."""
    fits = aged("p.birth_date", day, settings, ground)
    known = f"p.birth_date <= {ground.put(day)}"
    return Expr(
        f"CASE WHEN {known} THEN {fits} END",
        plain=True,
        passing=f"(p.birth_date IS NULL OR NOT {known} OR {fits})",
    )
