"""Both premiums of Kaltim for a few people of Samarinda: a month answered, the next one open.

The rates are known; people, offices of the insurers and their answers are made up for training.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from bansos.demo import story
from bansos.demo.clock import on_day
from bansos.demo.enrolling import Crew, save_souls, version_of
from bansos.demo.places import villages_of
from beneficiaries.choices import InstitutionKind
from beneficiaries.models import Person
from beneficiaries.services.payees import InstitutionValues, register_institution
from programs.choices import Insurance
from programs.models import PremiumPlan, PremiumRound
from programs.services.premiums.answers import apply_answer
from programs.services.premiums.covers import open_plan
from programs.services.premiums.rounds import add_candidate, decide_line, open_round, send_round

if TYPE_CHECKING:
    from bansos.demo.seeding import Seeding

SAMARINDA = "64.72"
PEOPLE = 8
INSURANCES = (
    (story.HEALTH, Insurance.HEALTH, "BPJS Kesehatan Cabang Samarinda"),
    (story.WORK, Insurance.WORK, "BPJS Ketenagakerjaan Cabang Samarinda"),
)
OCTOBER, NOVEMBER = date(story.YEAR, 10, 1), date(story.YEAR, 11, 1)
SENT_ON, ANSWERED_ON, NEXT_ON = (
    date(story.YEAR, 10, 6),
    date(story.YEAR, 10, 20),
    date(story.YEAR, 11, 3),
)


def play_premiums(seeding: Seeding) -> None:
    """October is answered, one person refused; November is open with a candidate who waits."""
    souls = seeding.population.adults(
        PEOPLE, villages_of(SAMARINDA), on=story.DPA_DATE, youngest=20, oldest=50
    )
    crew = seeding.crew(SAMARINDA)
    with on_day(SENT_ON) as at:
        people = save_souls(souls, by=crew.petugas, at=at)
    for code, insurance, insurer in INSURANCES:
        _play(_plan(seeding, code, insurance, insurer), people, crew=crew)
    seeding.say(f"Kalimantan Timur: iuran kesehatan dan kerja {PEOPLE} orang di Samarinda.")


def _play(plan: PremiumPlan, people: Sequence[Person], *, crew: Crew) -> None:
    *first, comes = people
    with on_day(SENT_ON) as at:
        round_ = open_round(plan=plan, month=OCTOBER, by=crew.staf, at=at)
        for person in first:
            line = add_candidate(round_=round_, person=person, by=crew.petugas, at=at)
            decide_line(line=line, agree=True, note="", by=crew.verifikator, at=at)
        round_ = send_round(round_=round_, by=crew.staf, at=at)
    with on_day(ANSWERED_ON) as at:
        data = _answer(first)
        apply_answer(round_=round_, data=data, file_name="jawaban.csv", by=crew.staf, at=at)
    with on_day(NEXT_ON) as at:
        following: PremiumRound = open_round(plan=plan, month=NOVEMBER, by=crew.staf, at=at)
        add_candidate(round_=following, person=comes, by=crew.petugas, at=at)


def _answer(people: list[Person]) -> bytes:
    words = ["Diterima;"] * (len(people) - 1) + ["Ditolak;Sudah dibayar pemberi kerja"]
    rows = [f"{person.nik};{word}" for person, word in zip(people, words, strict=True)]
    return "\r\n".join(["NIK;STATUS;KETERANGAN", *rows]).encode()


def _plan(seeding: Seeding, code: str, insurance: Insurance, insurer: str) -> PremiumPlan:
    by = seeding.users["staf.kaltim"]
    with on_day(story.DPA_DATE) as at:
        office = register_institution(
            values=InstitutionValues(
                name=insurer,
                kind=InstitutionKind.INSURER,
                village_id=villages_of(SAMARINDA)[0].code,
            ),
            by=by,
            at=at,
        )
        version = version_of("64", code)
        return open_plan(version=version, insurance=insurance, insurer=office, by=by, at=at)
