"""Monitoring visits of two programmes: one stage asked and the next begun, one corrected.

The answers are invented; nobody's state and no figure of a source depends on them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from bansos.accounts.models import User
from bansos.demo import story
from bansos.demo.clock import on_day
from bansos.demo.enrolling import version_of
from bansos.demo.happenings import MAGETAN
from programs.models import Enrolment, MonitoringVisit
from programs.rules.visits import NO, YES
from programs.services.visits import VisitValues, correct_visit, record_visit

if TYPE_CHECKING:
    from bansos.demo.seeding import Seeding

VISITOR = "Siti Rahayu, pendamping"
STAGE = Decimal(500_000)


def _day(month: int, day: int) -> date:
    return date(story.YEAR, month, day)


def _elder(day: date, *, whole: str = YES, taker: str = "penerima sendiri") -> VisitValues:
    answers: dict[int, str | Decimal] = {0: YES, 1: whole, 2: taker, 3: STAGE}
    return VisitValues(visited_on=day, visitor=VISITOR, answers=answers)


def _business(day: date, *, runs: str, income: int) -> VisitValues:
    answers: dict[int, str | Decimal] = {0: YES, 1: runs, 2: Decimal(income)}
    return VisitValues(visited_on=day, visitor=VISITOR, answers=answers)


# Programme and area -> the visits of its first recipients there, one after another.
VISITS: dict[tuple[str, str], tuple[tuple[VisitValues, ...], ...]] = {
    (story.PKH_PLUS, MAGETAN): (
        (_elder(_day(9, 16)), _elder(_day(11, 17))),
        (_elder(_day(9, 16), taker="kuasa"), _elder(_day(11, 17), taker="kuasa")),
        (_elder(_day(9, 17)),),
        (
            VisitValues(
                visited_on=_day(9, 17),
                visitor=VISITOR,
                note="Rumah kosong; menurut tetangga sedang berobat.",
            ),
        ),
    ),
    (story.KIP, story.MADIUN): (
        (_business(_day(10, 20), runs=YES, income=1_250_000),),
        (_business(_day(10, 20), runs=YES, income=990_000),),
        (_business(_day(10, 21), runs=NO, income=0),),
    ),
}


def play_visits(seeding: Seeding) -> None:
    """The visits; the first of PKH Plus was written wrong, and corrected a day later."""
    made: dict[str, list[MonitoringVisit]] = {code: [] for code, _area_code in VISITS}
    for (code, area_code), people in VISITS.items():
        crew = seeding.crew(area_code)
        rows = Enrolment.objects.in_area(area_code).filter(
            version=version_of("35", code), state="active", events=None
        )
        for row, visits in zip(rows.order_by("pk"), people, strict=False):
            for values in visits:
                with on_day(values.visited_on, hour=14) as at:
                    visit = record_visit(enrolment=row, values=values, by=crew.petugas, at=at)
                made[code].append(visit)
    corrected = made[story.PKH_PLUS][:1]  # a smaller filling does not play Magetan
    for visit in corrected:
        _correct(visit, by=seeding.crew(MAGETAN).petugas)
    count = sum(len(visits) for visits in made.values())
    seeding.say(f"{count} kunjungan pemantauan, {len(corrected)} diperbaiki.")


def _correct(visit: MonitoringVisit, *, by: User) -> None:
    first = _elder(_day(9, 16))
    with on_day(_day(9, 17), hour=16) as at:
        correct_visit(
            visit=visit,
            values=replace(first, answers={**first.answers, 2: "kuasa"}),
            reason="Yang mengambil cucunya dengan surat kuasa.",
            by=by,
            at=at,
        )
