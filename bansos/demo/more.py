"""Opens the other counted lines of the provinces, and makes the people whom they reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import cycle
from typing import Any

from bansos.accounts.models import Agency, User
from bansos.demo import story
from bansos.demo.catalogue import LAWS, PAY_DAY
from bansos.demo.lines import LINES, Line
from bansos.demo.places import villages_of
from bansos.demo.population import Population, Soul
from programs.models import ProgrammeVersion
from programs.services.catalogue import (
    ProgrammeValues,
    VersionValues,
    activate_version,
    save_programme,
    save_stage,
    save_version,
    set_quota,
)
from programs.services.life_rules import load_life_rules
from programs.services.loading import guide_of, known_programmes, payee_rules

NEW_YEAR = date(story.YEAR, 1, 1)
# Who sets up the programmes of a province.
STAFF = {"35": "staf", "64": "staf.kaltim", "15": "staf.jambi"}

# Neighbours of Jambi, as a KTP names them.
ELSEWHERE = (
    *("Kota Padang, Sumatera Barat", "Kabupaten Dharmasraya, Sumatera Barat"),
    *("Kota Pekanbaru, Riau", "Kota Palembang, Sumatera Selatan"),
)

Groups = dict[str, Sequence[Soul]]


def open_lines(*, users: Mapping[str, User], scale: story.Scale, at: datetime) -> None:
    """Every line as a programme of this year, in force."""
    agencies = {row.area_code: row for row in Agency.objects.all()}
    common = next(row for row in known_programmes() if row["code"] == story.UEP)["versions"][0]
    for line in LINES:
        by = users[STAFF[line.area_code]]
        _open(sized(line, scale), agency=agencies[line.area_code], common=common, by=by, at=at)


def _open(
    line: Line, *, agency: Agency, common: Mapping[str, Any], by: User, at: datetime
) -> ProgrammeVersion:
    named = ProgrammeValues(code=line.code, name=line.name, purpose=line.purpose)
    programme = save_programme(programme=None, agency=agency, values=named, by=by, at=at)
    values = VersionValues(
        year=story.YEAR,
        payee_kind=line.payee,
        benefit_kind=line.benefit,
        annual_amount=line.amount,
        unit_label=line.unit,
        quota_total=line.count,
        criteria=line.criteria,
        legal_basis=[*LAWS, *line.laws],
        source_note=line.note,
        **payee_rules(line.code),
        **guide_of(line.code),
        **{key: common[key] for key in ("required_documents", "stop_reasons", "reject_reasons")},
    )
    version = save_version(version=None, programme=programme, values=values, by=by, at=at)
    for area_code, places in shares(line).items():
        set_quota(version=version, area_code=area_code, places=places, by=by, at=at)
    if line.amount is not None:
        save_stage(
            version=version,
            number=1,
            name="Tahap 1",
            stage_date=PAY_DAY,
            amount=line.amount,
            by=by,
            at=at,
        )
    load_life_rules(version=version, by=by, at=at)
    return activate_version(version=version, by=by, at=at)


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
        groups[area_code] = [replace(soul, desil=line.desil or soul.desil) for soul in souls]
    return _with_strangers(groups, line.outside)


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
