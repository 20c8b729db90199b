"""What compiled criteria count over a whole province: regencies, criteria, changes, overlap.

Counted are people, or the groups, institutions or governments that the programme pays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from programs.choices import HOLDING, PAYEES
from programs.models import ProgrammeVersion
from programs.queries.compiled import Compiled
from programs.queries.received import ROUTES, holds, of_kind

STATES = [str(state) for state in HOLDING]
HELD = "x.state = ANY(%(states)s)"


@dataclass(frozen=True)
class RegencyCount:
    """People of one regency: who meets everything, who waits for proof only, who is unknown.

    `places` are those who could be named at once (one per KK where the programme says so),
    `hoped` with those who wait for proof.
    """

    area_code: str
    yes: int
    pending: int
    unknown: int
    places: int
    hoped: int


@dataclass(frozen=True)
class NodeCount:
    """Answers to one criterion over everybody alive in the area."""

    yes: int
    no: int
    unknown: int


@contextmanager
def many_rows() -> Iterator[Any]:
    """A cursor for one pass over a million people: no compilation of expressions (jit)."""
    with transaction.atomic(), connection.cursor() as db:
        db.execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
        yield db


def answers_of(compiled: Compiled, ids: Sequence[int]) -> dict[int, list[bool | None]]:
    """Id of the subject -> the verdict, then each criterion of the list; None is unknown.

    One query for any number of ids.
    """
    columns = ", ".join(f"({sql})" for sql in (compiled.verdict, *compiled.nodes))
    sql = (
        f"SELECT {compiled.subject}.id, {columns} FROM {compiled.source}"
        f" WHERE {compiled.subject}.id = ANY(%(ids)s)"
    )
    with connection.cursor() as db:
        db.execute(sql, {**compiled.params, "ids": list(ids)})
        return {pk: answers for pk, *answers in db.fetchall()}


def count_by_regency(compiled: Compiled, *, one_per_family: bool) -> list[RegencyCount]:
    """Counts per regency in one pass; a regency where nobody comes into question is missing."""
    family = "p.family_id" if one_per_family else "NULL::bigint"
    sql = f"""
        SELECT area, COALESCE(SUM(n) FILTER (WHERE o = 'yes'), 0),
            COALESCE(SUM(n) FILTER (WHERE o = 'pending'), 0),
            COALESCE(SUM(n) FILTER (WHERE o = 'unknown'), 0),
            COUNT(DISTINCT family) FILTER (WHERE o = 'yes'),
            COUNT(DISTINCT family) FILTER (WHERE o IN ('yes', 'pending'))
        FROM (
            SELECT left({compiled.subject}.area_code, 5) AS area, {compiled.outcome} AS o,
                {family} AS family, COUNT(*) AS n
            FROM {compiled.source} WHERE {compiled.sieve} GROUP BY 1, 2, 3
        ) counted
        GROUP BY area ORDER BY area
    """
    with many_rows() as db:
        db.execute(sql, compiled.params)
        rows = [(area, *map(int, figures)) for area, *figures in db.fetchall()]
    return [
        RegencyCount(
            area,
            yes,
            pending,
            unknown,
            places if one_per_family else yes,
            hoped if one_per_family else yes + pending,
        )
        for area, yes, pending, unknown, places, hoped in rows
    ]


def count_nodes(compiled: Compiled) -> list[NodeCount]:
    """Per criterion of the list: how many of the area meet it, fail it, are not known."""
    if not compiled.nodes:
        return []
    columns = ", ".join(f"({sql}) AS n{place}" for place, sql in enumerate(compiled.nodes))
    counted = ", ".join(
        f"COUNT(*) FILTER (WHERE n{place}), COUNT(*) FILTER (WHERE n{place} IS NULL)"
        for place in range(len(compiled.nodes))
    )
    sql = f"""
        SELECT COUNT(*), {counted} FROM (
            SELECT {columns} FROM {compiled.source}
            WHERE {compiled.everybody} OFFSET 0
        ) asked
    """
    with many_rows() as db:
        db.execute(sql, compiled.params)
        total, *figures = db.fetchone()
    pairs = zip(figures[::2], figures[1::2], strict=True)
    return [NodeCount(yes, total - yes - unknown, unknown) for yes, unknown in pairs]


def write_changes(compiled: Compiled, *, simulation_id: int, baseline_id: int | None) -> None:
    """Keep who would come in, stay or go out against the list of a version."""
    params = {
        **compiled.params,
        "simulation": simulation_id,
        "baseline": baseline_id,
        "holding": STATES,
    }
    subject = compiled.subject
    column, people = ("payee_id", "TRUE") if subject == "y" else ("person_id", "x.payee_id IS NULL")
    held = (
        f"SELECT x.{column} FROM programs_enrolment x WHERE x.version_id = %(baseline)s"
        f" AND x.state = ANY(%(holding)s) AND {people} AND x.{column} IS NOT NULL"
    )
    into = f"INSERT INTO programs_simulationrow (simulation_id, {column}, area_code, outcome)"
    looked = (
        f"SELECT {subject}.id, {subject}.area_code, {compiled.outcome} AS o FROM {compiled.source}"
    )
    with many_rows() as db:
        db.execute(
            f"""{into} SELECT %(simulation)s, id, area_code,
                CASE o WHEN 'yes' THEN 'in' ELSE 'pending' END
            FROM ({looked} WHERE {compiled.sieve} AND NOT EXISTS ({held}
                AND x.{column} = {subject}.id) OFFSET 0) asked WHERE o IN ('yes', 'pending')""",
            params,
        )
        db.execute(
            f"""{into} SELECT %(simulation)s, id, area_code,
                CASE WHEN o IN ('yes', 'pending') THEN 'stay' WHEN o = 'no' THEN 'out'
                ELSE 'doubt' END
            FROM ({looked} WHERE {subject}.id IN ({held}) OFFSET 0) asked""",
            params,
        )


def count_overlap(version: ProgrammeVersion, simulation_id: int) -> list[tuple[str, str, int]]:
    """(code, name, how many) of other programmes of the year that hold whoever would be in.

    People are held as programs.queries.received says, payees by a proposal of their own.
    """
    ways = [("programs_enrolment x", "x.payee_id = r.payee_id", "x.version_id", HELD)]
    if version.payee_kind not in PAYEES:
        ways = [
            (
                route.tables,
                f"{route.person} = r.person_id AND {of_kind(route)}",
                route.version,
                holds(route, HELD),
            )
            for route in ROUTES
        ]
    held = " UNION ".join(
        f"SELECT r.id, v.programme_id FROM programs_simulationrow r, {tables},"
        f" programs_programmeversion v WHERE {who} AND v.id = {which} AND {holding}"
        " AND r.simulation_id = %(simulation)s AND r.outcome IN ('in', 'pending', 'stay')"
        " AND v.year = %(year)s AND v.programme_id <> %(programme)s"
        for tables, who, which, holding in ways
    )
    sql = f"""
        SELECT g.code, g.name, COUNT(*) FROM ({held}) h
        JOIN programs_programme g ON g.id = h.programme_id
        GROUP BY g.code, g.name ORDER BY 3 DESC, g.code
        """
    params = {
        "simulation": simulation_id,
        "year": version.year,
        "programme": version.programme_id,
        "states": STATES,
    }
    with many_rows() as db:
        db.execute(sql, params)
        return [(code, name, int(count)) for code, name, count in db.fetchall()]


def count_meeting(compiled: Compiled) -> int:
    """How many meet the criteria, those who wait for proof among them."""
    sql = (
        f"SELECT COUNT(*) FROM (SELECT {compiled.outcome} AS o FROM {compiled.source}"
        f" WHERE {compiled.sieve} OFFSET 0) asked WHERE o IN ('yes', 'pending')"
    )
    with many_rows() as db:
        db.execute(sql, compiled.params)
        return int(db.fetchone()[0])
