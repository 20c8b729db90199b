"""The people whom the counted lines of the provinces reach, and how many stand where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import cycle

from bansos.demo import story
from bansos.demo.lines import LINES, Line
from bansos.demo.places import villages_of
from bansos.demo.population import Population, Soul
from beneficiaries.choices import Relation

NEW_YEAR = date(story.YEAR, 1, 1)

# Neighbours of Jambi, as a KTP names them.
ELSEWHERE = (
    *("Kota Padang, Sumatera Barat", "Kabupaten Dharmasraya, Sumatera Barat"),
    *("Kota Pekanbaru, Riau", "Kota Palembang, Sumatera Selatan"),
)

Groups = dict[str, Sequence[Soul]]


def sized(line: Line, scale: story.Scale) -> Line:
    """The line as large as the story wants it: only the thousands can be played with fewer."""
    if line.code != story.EXTREME:
        return line
    (ages,) = line.people
    return replace(line, count=scale.extreme, people=(replace(ages, count=scale.extreme),))


def shares(line: Line) -> dict[str, int]:
    """Regency -> people or places of the line, as even as whole people allow."""
    if line.count is None:
        return {}
    each, rest = divmod(line.count, len(line.places))
    return {area_code: each + (place < rest) for place, area_code in enumerate(line.places)}


def people_of(line: Line, population: Population) -> Groups:
    """Regency -> made-up people of a line who fit its ages, sexes and desil."""
    wanted = [ages for ages in line.people for _one in range(ages.count)]
    groups: Groups = {}
    for area_code, count in shares(line).items():
        villages = villages_of(area_code)
        part, wanted = wanted[:count], wanted[count:]
        souls = [
            population.soul(
                population.birth(NEW_YEAR, ages.youngest, ages.oldest), villages, sex=ages.sex
            )
            for ages in part
        ]
        groups[area_code] = [_as_told(line, soul) for soul in souls]
    return _with_strangers(groups, line.outside)


def _as_told(line: Line, soul: Soul) -> Soul:
    """Somebody as the line has them: its desil, head of the family where it asks for heads."""
    soul = replace(soul, desil=line.desil or soul.desil)
    if not line.are_heads:
        return soul
    return replace(soul, head_name=soul.name, relation=Relation.HEAD)


def _with_strangers(groups: Groups, count: int) -> Groups:
    """The last of each area in turn come from another province; they are served here."""
    places = [(area_code, place) for area_code in groups for place in range(len(groups[area_code]))]
    chosen = dict(
        zip(sorted(places, key=lambda spot: -spot[1])[:count], cycle(ELSEWHERE), strict=False)
    )
    return {
        area_code: [
            replace(soul, home_outside=chosen.get((area_code, place), ""))
            for place, soul in enumerate(souls)
        ]
        for area_code, souls in groups.items()
    }


def lines_with_people(
    area_code: str, *, scale: story.Scale, population: Population
) -> list[tuple[Line, Groups]]:
    """The lines of a province that reach people, each with them."""
    here = [line for line in LINES if line.area_code == area_code and line.people]
    return [(line, people_of(sized(line, scale), population)) for line in here]
