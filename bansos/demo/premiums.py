"""A premium that Kaltim pays for a few workers of Samarinda: a month answered, the next one open.

Made up for training: what the province pays and to whom is not known.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from bansos.accounts.models import Agency
from bansos.demo import story
from bansos.demo.catalogue import LAWS
from bansos.demo.clock import on_day
from bansos.demo.enrolling import save_souls
from bansos.demo.places import villages_of
from beneficiaries.choices import InstitutionKind
from beneficiaries.models import Person
from beneficiaries.services.payees import InstitutionValues, register_institution
from programs.choices import BenefitKind, Insurance, PayeeKind
from programs.models import PremiumPlan, PremiumRound, ProgrammeVersion
from programs.services.catalogue import (
    ProgrammeValues,
    VersionValues,
    activate_version,
    save_programme,
    save_stage,
    save_version,
)
from programs.services.premiums.answers import apply_answer
from programs.services.premiums.covers import open_plan
from programs.services.premiums.rounds import add_candidate, decide_line, open_round, send_round

if TYPE_CHECKING:
    from bansos.demo.seeding import Seeding

SAMARINDA = "64.72"
PEOPLE = 8
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
        *first, comes = save_souls(souls, by=crew.petugas, at=at)
        plan = _plan(seeding)
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
    seeding.say(f"Kalimantan Timur: premi jaminan {PEOPLE} pekerja di Samarinda.")


def _answer(people: list[Person]) -> bytes:
    words = ["Diterima;"] * (len(people) - 1) + ["Ditolak;Sudah dibayar pemberi kerja"]
    rows = [f"{person.nik};{word}" for person, word in zip(people, words, strict=True)]
    return "\r\n".join(["NIK;STATUS;KETERANGAN", *rows]).encode()


def _plan(seeding: Seeding) -> PremiumPlan:
    by = seeding.users["staf.kaltim"]
    with on_day(story.DPA_DATE) as at:
        insurer = register_institution(
            values=InstitutionValues(
                name="BPJS Ketenagakerjaan Cabang Samarinda",
                kind=InstitutionKind.INSURER,
                village_id=villages_of(SAMARINDA)[0].code,
            ),
            by=by,
            at=at,
        )
        return open_plan(
            version=_version(seeding), insurance=Insurance.WORK, insurer=insurer, by=by, at=at
        )


def _version(seeding: Seeding) -> ProgrammeVersion:
    by = seeding.users["staf.kaltim"]
    with on_day(story.DPA_DATE) as at:
        programme = save_programme(
            programme=None,
            agency=Agency.objects.get(area_code="64"),
            values=ProgrammeValues(
                code="IURAN",
                name="Iuran Jaminan Ketenagakerjaan Pekerja Rentan",
                purpose="Iuran jaminan kecelakaan kerja dan kematian bagi pekerja rentan.",
            ),
            by=by,
            at=at,
        )
        values = VersionValues(
            year=story.YEAR,
            payee_kind=PayeeKind.INSTITUTION,
            benefit_kind=BenefitKind.TARIFF,
            tariff=Decimal(16_800),
            unit_label="orang-bulan",
            criteria=[{"code": "alive", "params": {}, "label": "", "waivable": False}],
            legal_basis=LAWS,
            source_note="Contoh latihan: tarif, peserta, dan penyelenggaranya dibuat.",
        )
        version = save_version(version=None, programme=programme, values=values, by=by, at=at)
        stage_date = date(story.YEAR, 12, 15)
        save_stage(
            version=version,
            number=1,
            name="Tahap 1",
            stage_date=stage_date,
            amount=None,
            by=by,
            at=at,
        )
        return activate_version(version=version, by=by, at=at)
