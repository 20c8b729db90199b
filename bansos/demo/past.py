"""Plays what the three provinces did since the new year, on the days they did it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bansos.demo import enrolling, story
from bansos.demo.clock import on_day
from bansos.demo.enrolling import enrol, version_of
from bansos.demo.groups import propose_groups, with_companions
from bansos.demo.handfuls import play_handfuls
from bansos.demo.jobs import run_here, take_statistics
from bansos.demo.kitchens import feed_homes
from bansos.demo.lines import Line
from bansos.demo.more import Groups, lines_with_people
from bansos.demo.paying import Papers, Paying
from bansos.demo.pillars import (
    appoint_madiun,
    appoint_tagana,
    open_homes,
    open_treasury,
)
from bansos.demo.places import villages_of
from bansos.demo.population import Soul
from bansos.demo.registry import load_registries
from bansos.demo.story import MADIUN
from bansos.demo.workers import employ_workers
from bansos.regions.queries import regencies_of
from programs.models import Enrolment, ProgrammeVersion

if TYPE_CHECKING:
    from bansos.demo.seeding import Seeding

FIRST_STAGE = date(2026, 3, 1)
NEW_YEAR = date(2026, 1, 1)
FORMED = date(2026, 1, 12)


def play_east_java(seeding: Seeding) -> None:
    """Registries, the programmes of Madiun, and three regencies paid since spring."""
    people = seeding.population
    madiun = villages_of(MADIUN)
    played = {
        row.area_code: people.elders(
            row.people, villages_of(row.area_code, districts=row.districts), on=FIRST_STAGE
        )
        for row in seeding.scale.played
    }
    disabled = people.adults(seeding.scale.aspd, madiun, on=NEW_YEAR, youngest=1, oldest=58)
    workers = people.adults(seeding.scale.kip, madiun, on=NEW_YEAR, youngest=20, oldest=55)
    everyone = [*seeding.madiun.souls, *disabled, *workers]
    everyone += [soul for souls in played.values() for soul in souls]
    others = lines_with_people("35", scale=seeding.scale, population=people)
    everyone += _souls(others)
    everyone += seeding.ventures
    everyone += [soul for souls in seeding.handfuls.values() for soul in souls]
    load_registries(
        area_code="35",
        souls=everyone,
        villages=madiun,
        population=people,
        by=seeding.users["staf"],
        disabled=disabled,
    )
    seeding.say(f"{len(everyone)} keluarga buatan di potret DTSEN Jawa Timur.")
    open_treasury(seeding)
    # First the homes with their residents: ASPD asks who lives in one.
    _play_lines(seeding, others)
    _madiun_others(seeding, disabled, workers)
    play_handfuls(seeding)
    for row in seeding.scale.played:
        _play_regency(seeding, row, played[row.area_code])


def _souls(lines: Sequence[tuple[Line, Groups]]) -> list[Soul]:
    return [soul for _line, groups in lines for souls in groups.values() for soul in souls]


def _play_lines(seeding: Seeding, lines: Sequence[tuple[Line, Groups]]) -> None:
    """The other counted lines: decreed where a rate is known, else verified."""
    for line, groups in lines:
        version = version_of(line.area_code, line.code)
        area_code = line.places[0] if len(line.places) == 1 else line.area_code
        if line.code == story.MEALS:
            feed_homes(seeding, _souls([(line, groups)]))
            continue
        if line.code == story.WORKERS:
            employ_workers(seeding, groups)
        enrol(seeding, version, groups, decree_area=area_code, number=line.decree)
        _place(seeding, line)
        seeding.say(f"{version.programme.name}: {sum(map(len, groups.values()))} orang.")


def _place(seeding: Seeding, line: Line) -> None:
    """Pillars serve a district, residents live in their home."""
    place = {
        story.PILLARS: appoint_madiun,
        story.SHELTER: open_homes,
    }.get(line.code)
    if place is not None:
        rows = Enrolment.objects.filter(version=version_of(line.area_code, line.code))
        place(seeding, [row.person for row in rows.select_related("person").order_by("pk")])


def _madiun_others(seeding: Seeding, disabled: Sequence[Soul], workers: Sequence[Soul]) -> None:
    """ASPD and KIP Jawara in force; and elders somebody proposed for ASPD by mistake."""
    aspd, kip = version_of("35", story.ASPD), version_of("35", story.KIP)
    enrol(seeding, aspd, {MADIUN: disabled}, decree_area=MADIUN, number="188/101/KPTS/013/2026")
    enrol(seeding, kip, {MADIUN: workers}, decree_area=MADIUN, number="188/102/KPTS/013/2026")
    elsewhere = [row.soul for row in seeding.madiun.rows if row.defect == "other_programme"]
    with on_day(story.PROPOSED_ON) as at:
        enrolling.propose(aspd, elsewhere, crew=seeding.crew(MADIUN), at=at)
    seeding.say(f"Madiun: {len(disabled)} ASPD, {len(workers)} KIP Jawara ditetapkan.")


def _play_regency(seeding: Seeding, played: story.Played, souls: Sequence[Soul]) -> None:
    """PKH Plus from proposal to the steps of each stage that are done."""
    version, crew = version_of("35", story.PKH_PLUS), seeding.crew(played.area_code)
    with on_day(story.PROPOSED_ON) as at:
        rows = enrolling.propose(version, souls, crew=crew, at=at)
    with on_day(story.VERIFIED_ON) as at:
        enrolling.verify(rows, crew=crew, at=at)
    with on_day(story.RECORDED_ON) as at:
        enrolling.record_districts(version, played.area_code, crew=crew, at=at, finish=run_here)
    with on_day(story.DECREED_ON) as at:
        enrolling.decree(
            version,
            played.area_code,
            crew=crew,
            number=f"188/2{played.area_code[-2:]}/KPTS/013/2026",
            on=story.DECREED_ON,
            at=at,
            finish=run_here,
        )
    take_statistics()
    papers = Papers(seeding.population, villages_of(played.area_code, districts=1))
    stages = version.stages.order_by("number")[: len(played.steps)]
    paying = Paying(crew, run_here)
    for stage, steps in zip(stages, played.steps, strict=True):
        steps_of_list = paying.whole(stage, played.area_code, papers)
        for days in story.RHYTHM[:steps]:
            with on_day(stage.stage_date + timedelta(days=days)):
                next(steps_of_list)
    seeding.say(f"{souls[0].village.regency}: {len(souls)} KPM, {len(played.steps)} tahap.")


def play_kaltim(seeding: Seeding) -> None:
    """Jospol 4: 150 families in each of ten areas; three decreed, one verified, six proposed."""
    people, version = seeding.population, version_of("64", story.JOSPOL)
    groups: dict[str, Sequence[Soul]] = {
        region.code: people.adults(
            seeding.scale.jospol, villages_of(region.code), on=NEW_YEAR, youngest=21, oldest=57
        )
        for region in regencies_of("64")
    }
    load_registries(
        area_code="64",
        souls=[soul for souls in groups.values() for soul in souls],
        villages=villages_of("64.72"),
        population=people,
        by=seeding.users["staf.kaltim"],
    )
    for number, area_code in enumerate(story.JOSPOL_DECREED, start=1):
        enrol(
            seeding,
            version,
            {area_code: groups[area_code]},
            decree_area=area_code,
            number=f"100.3.3.1/K.{number:03d}/2026",
        )
    for area_code, souls in groups.items():
        if area_code not in story.JOSPOL_DECREED:
            _propose_families(seeding, version, area_code, souls)
    count = sum(len(souls) for souls in groups.values())
    seeding.say(f"Kalimantan Timur: {count} keluarga Jospol 4 di {len(groups)} wilayah.")


def _propose_families(
    seeding: Seeding, version: ProgrammeVersion, area_code: str, souls: Sequence[Soul]
) -> None:
    crew = seeding.crew(area_code)
    with on_day(story.PROPOSED_ON) as at:
        rows = enrolling.propose(version, souls, crew=crew, at=at)
    if area_code in story.JOSPOL_VERIFIED:
        with on_day(story.VERIFIED_ON) as at:
            enrolling.assess_required(rows, crew=crew, at=at)
            enrolling.verify(rows, crew=crew, at=at)


def play_jambi(seeding: Seeding) -> None:
    """Dumisake: KUBE (five heads each) and UEP per area, as many as there were."""
    people = seeding.population
    kube: dict[str, Sequence[Soul]] = {}
    uep: dict[str, Sequence[Soul]] = {}
    for area_code, (groups, single) in story.JAMBI.items():
        villages = villages_of(area_code)
        for found, count in ((kube, groups), (uep, single)):
            if count:
                found[area_code] = people.adults(
                    count, villages, on=NEW_YEAR, youngest=21, oldest=57
                )
    founded = {
        area_code: with_companions(chairs, people, on=NEW_YEAR)
        for area_code, chairs in kube.items()
    }
    others = lines_with_people("15", scale=seeding.scale, population=people)
    named = [soul for rows in founded.values() for members in rows for soul in members]
    named += [soul for souls in uep.values() for soul in souls]
    load_registries(
        area_code="15",
        souls=[*named, *_souls(others)],
        villages=villages_of("15.71"),
        population=people,
        by=seeding.users["staf.jambi"],
    )
    number = "{0}/KEP.GUB/DINSOSDUKCAPIL/2026"
    _found_groups(seeding, founded, number=number.format(11))
    enrol(seeding, version_of("15", story.UEP), uep, decree_area="15", number=number.format(12))
    seeding.say(f"Jambi: {sum(map(len, kube.values()))} KUBE, {sum(map(len, uep.values()))} UEP.")
    _play_lines(seeding, others)
    appoint_tagana(seeding)


def _found_groups(seeding: Seeding, groups: dict[str, list[list[Soul]]], *, number: str) -> None:
    """KUBE formed, checked, proposed and verified per area, then named in one decree."""
    version = version_of("15", story.KUBE)
    for area_code, members in groups.items():
        crew = seeding.crew(area_code)
        with on_day(story.PROPOSED_ON) as at:
            rows = propose_groups(version, members, crew=crew, formed_on=FORMED, at=at)
            enrolling.plan(rows, crew=crew, at=at)
        with on_day(story.VERIFIED_ON) as at:
            enrolling.verify(rows, crew=crew, at=at)
    with on_day(story.DECREED_ON) as at:
        enrolling.decree(
            version,
            "15",
            crew=seeding.crew(next(iter(groups))),
            number=number,
            on=story.DECREED_ON,
            at=at,
            finish=run_here,
        )
