"""A made-up programme of small businesses in Madiun that shows what no counted line shows.

Home visits with scores, plans, a rule of order with its waiting list, places asked for, cash over
the counter, somebody who graduated. Invented for training: no source tells of it, and its people
are in none of the counted lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bansos.accounts.models import Agency, User
from bansos.demo import enrolling, story
from bansos.demo.catalogue import LAWS
from bansos.demo.clock import on_day
from bansos.demo.counters import pay_half, pay_whole
from bansos.demo.enrolling import Crew, version_of
from bansos.demo.events import measure_income, tell
from bansos.demo.jobs import run_here
from bansos.demo.places import villages_of
from bansos.demo.population import Population, Soul
from bansos.demo.story import MADIUN
from bansos.lib.dates import day_of
from programs.choices import BenefitKind, Channel, EnrolmentState, EventKind, PayeeKind, Rail
from programs.models import Enrolment, ProgrammeVersion
from programs.queries.ranking import next_to_offer, pool_of, ranking_of, waiting_rows
from programs.rules.assessing import SourceWords
from programs.rules.life import event_problems
from programs.services.assessing import assess, record_source
from programs.services.catalogue import (
    ProgrammeValues,
    VersionValues,
    activate_version,
    save_programme,
    save_stage,
    save_version,
    set_quota,
)
from programs.services.events import EventValues
from programs.services.life_rules import LifeValues, save_life_rules
from programs.services.loading import known_fields, known_life
from programs.services.proposals import Candidate, propose_many
from programs.services.quotas import answer_offer, decide_shift, offer_place, propose_shift
from programs.services.verification import decide

if TYPE_CHECKING:
    from bansos.demo.seeding import Seeding

MAGETAN, PONOROGO = "35.20", "35.02"
GRANT = Decimal(2_000_000)
# Regency -> places; two of the total nobody has yet.
PLACES = {MADIUN: 8, MAGETAN: 6, PONOROGO: 6}
TOTAL = 22
# Who is named in the decree of spring, and who asks in autumn, by desil: the order shows.
FIRST, LATER = 8, (1, 1, 2, 3, 3, 4, 2, 3, 2, 4)
SPRING, AUTUMN = date(story.YEAR, 4, 15), date(story.YEAR, 11, 2)
ASKED_ON, VISITED_ON, JUDGED_ON = (date(story.YEAR, 10, day) for day in (5, 12, 15))
FORM: dict[str, Any] = {
    "code": "visit",
    "label": "Kunjungan rumah",
    "required": True,
    "pass": 60,
    "questions": [
        {"code": "need", "label": "Keadaan rumah dan tanggungan", "most": 40},
        {"code": "skill", "label": "Minat dan keterampilan usaha", "most": 30},
        {"code": "market", "label": "Tempat usaha dan pembeli", "most": 30},
    ],
}
INCOME = {
    "code": "income",
    "kind": "income",
    "label": "Pendapatan naik 30% dalam 6 bulan",
    "percent": 30,
    "months": 6,
}


def make_souls(population: Population) -> list[Soul]:
    """Its people: made beside the others, so that those stay who they are."""
    apart = Population(len(LATER))
    apart.taken = population.taken
    villages = villages_of(MADIUN, districts=2)
    souls = apart.adults(FIRST + len(LATER), villages, on=story.DPA_DATE, youngest=24, oldest=55)
    desils = (*(1 + place % 4 for place in range(FIRST)), *LATER)
    return [replace(soul, desil=desil) for soul, desil in zip(souls, desils, strict=True)]


def open_venture(*, by: User, at: datetime) -> ProgrammeVersion:
    """The programme of the year: two payments in cash, its order, its forms, its places."""
    programme = save_programme(
        programme=None,
        agency=Agency.objects.get(area_code="35"),
        values=ProgrammeValues(
            code=story.VENTURE,
            name="Modal Usaha Keluarga (contoh latihan)",
            purpose="Modal usaha rumahan, dibayar tunai di balai desa.",
        ),
        by=by,
        at=at,
    )
    common = known_fields("15", story.UEP)
    values = VersionValues(
        year=story.YEAR,
        payee_kind=PayeeKind.PERSON,
        benefit_kind=BenefitKind.PER_STAGE,
        annual_amount=GRANT,
        quota_total=TOTAL,
        criteria=[
            _rule("alive"),
            _rule("desil_in", values=[1, 2, 3, 4]),
            _rule("field_check", key="business", question="Punya usaha atau rintisan usaha"),
            _rule("domicile_in_province", province="35"),
        ],
        ranking={
            "keys": [
                {"key": "desil", "direction": "asc"},
                {"key": "age", "direction": "desc"},
                {"key": "waiting", "direction": "desc"},
            ],
            "replacement": "yes",
        },
        rails=[Rail.CASH],
        legal_basis=LAWS,
        source_note="Contoh latihan: program, tarif, aturan, dan pesertanya dibuat.",
        **{key: common[key] for key in ("required_documents", "stop_reasons", "reject_reasons")},
    )
    version = save_version(version=None, programme=programme, values=values, by=by, at=at)
    for area_code, places in PLACES.items():
        set_quota(version=version, area_code=area_code, places=places, by=by, at=at)
    for number, day in enumerate((SPRING, AUTUMN), start=1):
        save_stage(
            version=version,
            number=number,
            name=f"Tahap {number}",
            stage_date=day,
            amount=GRANT / 2,
            by=by,
            at=at,
        )
    save_life_rules(version=version, values=_life(version), by=by, at=at)
    return activate_version(version=version, by=by, at=at)


def _rule(code: str, **params: Any) -> dict[str, Any]:
    return {"code": code, "params": params, "label": "", "waivable": False}


def _life(version: ProgrammeVersion) -> LifeValues:
    """Events as in the guide for extreme poverty, where it needs no bank; own forms and measure."""
    known = known_life("35", story.EXTREME)
    stops = [str(row["code"]) for row in version.stop_reasons]
    usable = [
        row
        for row in known.event_rules
        if not event_problems([row], stop_codes=stops, heir_rules={})
        and "no_passbook" not in row.get("when", [])
    ]
    article = "Contoh latihan: aturan dibuat menurut pola Kemiskinan Ekstrem"
    return LifeValues(
        event_rules=[{**row, "article": article} for row in usable],
        exit_rules={**known.exit_rules, "article": article, "measures": [INCOME]},
        proposal_channels=[Channel.LIST, Channel.VILLAGE, Channel.SELF],
        assessment_forms=[FORM],
        plan_rules={**known.plan_rules, "required": True, "article": article},
    )


def play_ventures(seeding: Seeding) -> None:
    """Spring: eight named and paid. Autumn: new ones in order, and a counter half-way."""
    crew, version = seeding.crew(MADIUN), version_of("35", story.VENTURE)
    named = _spring(version, seeding.ventures[:FIRST], crew=crew)
    spring, autumn = version.stages.order_by("number")
    pay_whole(spring, crew=crew)
    _graduate(named[0], crew=crew)
    _bury(named[1], crew=crew)
    _autumn(version, seeding.ventures[FIRST:], crew=crew)
    _share_places(version, crew=crew)
    pay_half(autumn, crew=crew)
    seeding.say(f"Madiun: {len(seeding.ventures)} orang di program latihan Modal Usaha Keluarga.")


def _visit(rows: Sequence[Enrolment], *, on: date, by: User) -> None:
    """Home visits with points that differ from house to house."""
    with on_day(on) as at:
        for place, row in enumerate(rows):
            assess(
                enrolment=row,
                form_code="visit",
                answers={"need": 34 - 2 * place, "skill": 24 - place, "market": 20},
                assessed_on=on,
                note="Dikunjungi bersama perangkat desa.",
                by=by,
                at=at,
            )


def _spring(version: ProgrammeVersion, souls: Sequence[Soul], *, crew: Crew) -> list[Enrolment]:
    """Proposed with visit and plan, verified, and named in a decree."""
    with on_day(story.PROPOSED_ON) as at:
        rows = enrolling.propose(version, souls, crew=crew, at=at)
        enrolling.plan(rows, crew=crew, at=at)
    _visit(rows, on=story.VERIFIED_ON, by=crew.verifikator)
    with on_day(story.VERIFIED_ON) as at:
        enrolling.verify(rows, crew=crew, at=at)
    with on_day(story.DECREED_ON) as at:
        enrolling.decree(
            version,
            MADIUN,
            crew=crew,
            number="188/105/KPTS/013/2026",
            on=story.DECREED_ON,
            at=at,
            finish=run_here,
        )
    return list(Enrolment.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))


def _graduate(row: Enrolment, *, crew: Crew) -> None:
    """Income rose by a third within six months: reported, and decided by another person."""
    measure_income(row, after=1_400_000, on=date(story.YEAR, 8, 20), crew=crew)
    _event(
        row,
        EventKind.SUCCESS,
        reported=date(story.YEAR, 8, 31),
        decided=date(story.YEAR, 9, 3),
        note="Ukuran keberhasilan tercapai menurut kunjungan Agustus.",
        crew=crew,
    )


def _bury(row: Enrolment, *, crew: Crew) -> None:
    _event(
        row,
        EventKind.DEATH,
        reported=date(story.YEAR, 9, 9),
        decided=date(story.YEAR, 9, 14),
        note="Surat kematian dari desa sudah dilihat.",
        crew=crew,
    )


def _event(
    row: Enrolment, kind: EventKind, *, reported: date, decided: date, note: str, crew: Crew
) -> None:
    values = EventValues(kind=kind, happened_on=reported, note=note)
    tell(row, values, crew=crew, reported=reported, decided=decided)


def _autumn(version: ProgrammeVersion, souls: Sequence[Soul], *, crew: Crew) -> None:
    """Ten ask: six fit, one does not, one lacks a paper, one waits, one came in on its own."""
    with on_day(ASKED_ON) as at:
        rows = enrolling.propose(version, souls[:-1], crew=crew, at=at)
        enrolling.plan(rows, crew=crew, at=at)
        words = SourceWords(
            letter_number="470/118/2026",
            letter_date=ASKED_ON,
            village_head="Kepala desa",
            district_head="Camat",
        )
        for row in rows[:2]:
            record_source(
                enrolment=row, channel=Channel.VILLAGE, words=words, by=crew.petugas, at=at
            )
        _ask_alone(version, souls[-1], by=crew.petugas, at=at)
    fit, misfit, waiting = rows[:6], rows[6], rows[7:]
    _visit([*fit, waiting[0]], on=VISITED_ON, by=crew.verifikator)
    _visit([misfit], on=VISITED_ON, by=crew.verifikator)
    for row in fit:
        _judge(row, EnrolmentState.ELIGIBLE, "Kunjungan rumah dan pencocokan KTP serta KK.", crew)
    _judge(
        waiting[1],
        EnrolmentState.NEEDS_CORRECTION,
        "Foto KTP tidak terbaca; unggah lagi.",
        crew,
        reason="papers",
    )
    _judge(
        misfit,
        EnrolmentState.NOT_ELIGIBLE,
        "Sudah berdagang besar dan mempekerjakan dua orang.",
        crew,
        reason="able",
    )


def _judge(
    row: Enrolment, decision: EnrolmentState, note: str, crew: Crew, *, reason: str = ""
) -> None:
    with on_day(JUDGED_ON) as at:
        decide(
            enrolment=row,
            decision=decision,
            reason_code=reason,
            note=note,
            observed={"business": True},
            by=crew.verifikator,
            at=at,
        )


def _ask_alone(version: ProgrammeVersion, soul: Soul, *, by: User, at: datetime) -> None:
    """A draft that somebody brought in person; a verifier looks at the identity first."""
    people = enrolling.save_souls([soul], by=by, at=at)
    (row,) = propose_many(
        version=version,
        candidates=[Candidate(person=people[0])],
        channel=Channel.LIST,
        by=by,
        at=at,
        submit=False,
    )
    record_source(enrolment=row, channel=Channel.SELF, words=SourceWords(), by=by, at=at)


def _share_places(version: ProgrammeVersion, *, crew: Crew) -> None:
    """One place moved here, two more asked for; two free ones offered, one not answered yet."""
    with on_day(date(story.YEAR, 9, 28)) as at:
        moved = propose_shift(
            version=version,
            from_area=MAGETAN,
            to_area=MADIUN,
            places=1,
            reason="Magetan belum mengusulkan; Madiun kekurangan tempat.",
            by=crew.staf,
            at=at,
        )
    with on_day(date(story.YEAR, 9, 30)) as at:
        decide_shift(shift=moved, approve=True, by=crew.kadis, at=at)
    with on_day(date(story.YEAR, 10, 19)) as at:
        _offer(version, by=crew.staf, at=at, accepts=True)
        _offer(version, by=crew.staf, at=at)
    with on_day(date(story.YEAR, 11, 16)) as at:
        propose_shift(
            version=version,
            from_area=MAGETAN,
            to_area=MADIUN,
            places=2,
            reason="Tiga orang di daftar tunggu Madiun, kuota Magetan masih kosong.",
            by=crew.staf,
            at=at,
        )


def _offer(version: ProgrammeVersion, *, by: User, at: datetime, accepts: bool = False) -> None:
    """Offer a place to whose turn it is; the answer where it is known."""
    pool = pool_of(version, MADIUN)
    order = ranking_of(version, pool, waiting_rows(version, pool), today=day_of(at))
    place = next_to_offer(order)
    assert place is not None  # noqa: S101  three places are free
    offer = offer_place(enrolment=order.rows[place.pk], by=by, at=at)
    if accepts:
        answer_offer(offer=offer, accepts=True, by=by, at=at)
