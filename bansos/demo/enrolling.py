"""From made-up people to proposals, verified places and a decree, by the real services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.demo import story
from bansos.demo.clock import on_day
from bansos.demo.jobs import Finish, run_here
from bansos.demo.population import Soul
from bansos.lib.dates import day_of
from beneficiaries.models import BankAccount, Person
from beneficiaries.services.people import AccountValues, PersonValues, save_people, set_accounts
from programs.choices import MONEY_KINDS, PAYEES, Channel, EnrolmentState
from programs.models import Decree, Enrolment, ProgrammeVersion
from programs.queries.assessing import plan_limits
from programs.rules import conditions, failing
from programs.rules.assessing import SourceWords
from programs.services.answers import answer_now, keep_answers
from programs.services.assessing import PlanItem, assess, record_source, save_plan
from programs.services.decrees import approve_decree, draft_decree, submit_decree
from programs.services.enrolments import move_many
from programs.services.proposals import Candidate, propose_many
from programs.services.verification import make_record

if TYPE_CHECKING:
    from bansos.demo.seeding import Seeding

CHUNK = 300


@dataclass(frozen=True)
class Crew:
    """Who does what for one regency; every signature is another person's."""

    petugas: User
    verifikator: User
    staf: User
    kasi: User
    kadis: User
    bendahara: User

    @classmethod
    def of(cls, users: Mapping[str, User], *, local: str, office: str) -> Crew:
        """The crew with these endings of usernames."""
        people = {name: users[name + local] for name in ("petugas", "verifikator")}
        return cls(
            **people,
            **{name: users[name + office] for name in ("staf", "kasi", "kadis", "bendahara")},
        )


def version_of(area_code: str, code: str, year: int = 2026) -> ProgrammeVersion:
    """The active version of a programme of a province."""
    return ProgrammeVersion.objects.select_related("programme__agency").get(
        programme__area_code=area_code, programme__code=code, year=year, state="active"
    )


def propose(
    version: ProgrammeVersion,
    souls: Sequence[Soul],
    *,
    crew: Crew,
    at: datetime,
    channel: Channel = Channel.LIST,
) -> list[Enrolment]:
    """Register people with their accounts and propose them."""
    rows: list[Enrolment] = []
    for start in range(0, len(souls), CHUNK):
        part = souls[start : start + CHUNK]
        people = save_souls(part, by=crew.petugas, at=at)
        accounts = _accounts(version, part, people, crew.petugas, at)
        rows += propose_many(
            version=version,
            candidates=[
                Candidate(person=person, account=account, companion_name=soul.companion)
                for soul, person, account in zip(part, people, accounts, strict=True)
            ],
            channel=channel,
            by=crew.petugas,
            at=at,
        )
    return rows


def save_souls(souls: Sequence[Soul], *, by: User, at: datetime) -> list[Person]:
    """Register made-up people, in their order."""
    return save_people(items=[_values(soul) for soul in souls], by=by, at=at)


def _values(soul: Soul) -> PersonValues:
    return PersonValues(
        nik=soul.nik,
        kk=soul.kk,
        name=soul.name,
        mother_name=soul.mother_name,
        birth_place=soul.birth_place,
        birth_date=soul.birth_date,
        sex=soul.sex,
        address=soul.address,
        village_id=soul.village.code,
        area_code=soul.village.code,
        family_head=soul.head_name,
        relation=soul.relation,
        home_outside=soul.home_outside,
    )


def _accounts(
    version: ProgrammeVersion,
    souls: Sequence[Soul],
    people: Sequence[Person],
    by: User,
    at: datetime,
) -> Sequence[BankAccount | None]:
    bank_code = version.bank_code or version.programme.agency.bank_code
    if version.benefit_kind not in MONEY_KINDS or version.payee_kind in PAYEES:
        return [None] * len(people)
    return set_accounts(
        items=[
            AccountValues(
                person=person, bank_code=bank_code, number=soul.account, holder_name=person.name
            )
            for soul, person in zip(souls, people, strict=True)
        ],
        by=by,
        at=at,
    )


def verify(rows: Sequence[Enrolment], *, crew: Crew, at: datetime) -> None:
    """Find every proposal of one version eligible after a visit; field checks are answered yes.

    The past of a thousand families is judged in a few statements; the demo itself decides one by
    one, as a verifier does. Raises ValueError when somebody does not fit the criteria.
    """
    version = rows[0].version
    seen = {
        str(item["params"]["key"]): True
        for item in conditions(version.criteria)
        if item["code"] == "field_check"
    }
    observed = {row.person_id: seen for row in rows}
    answers = answer_now(
        rows,
        version=version,
        at=at,
        observed=observed,
        observed_source=f"Verifikasi lapangan oleh {crew.verifikator.full_name}",
    )
    unfit = [row.pk for row in rows if failing(answers[row.pk])]
    if unfit:
        raise ValueError(f"Made-up people who do not fit {version}: {unfit}")
    note = "Kunjungan rumah dan pencocokan KTP serta KK."
    with transaction.atomic():
        move_many(
            ids=[row.pk for row in rows],
            old=EnrolmentState.PROPOSED,
            new=EnrolmentState.ELIGIBLE,
            by=crew.verifikator,
            at=at,
            reasons={row.pk: ("", note) for row in rows},
            decided_at=at,
            decided_by=crew.verifikator,
            decision_note=note,
        )
        keep_answers(rows, answers, version=version, at=at, observed=observed)
        audit.record(
            verb="programs.decide_list",
            by=crew.verifikator,
            at=at,
            target=version,
            area_code=crew.verifikator.area_code,
            decision=EnrolmentState.ELIGIBLE,
            enrolments=[row.pk for row in rows],
        )


def _package(section: str, name: str, price: Decimal) -> PlanItem:
    return PlanItem(section=section, name=name, volume=1, unit="paket", unit_price=price)


def plan(rows: Sequence[Enrolment], *, crew: Crew, at: datetime) -> None:
    """Keep the plan (RAB) of each proposal of a programme that requires one."""
    for place, row in enumerate(rows):
        rules = row.version.plan_rules
        limits = plan_limits(row) if rules.get("required") else None
        if limits is None:
            continue
        # Most of it is equipment, the rest goes into what is used up in the first months.
        equipment = (limits[1] * 3 / 5).quantize(Decimal(1000))
        sections = [str(section["code"]) for section in rules["sections"]]
        own = "Usaha bersama" if row.payee_id else "Usaha rumahan"
        kinds = rules.get("kinds") or [{"code": "", "label": own}]
        kind = kinds[place % len(kinds)]
        save_plan(
            enrolment=row,
            business_kind=str(kind["code"]),
            business_name=str(kind["label"]),
            items=[
                _package(sections[0], "Peralatan usaha", equipment),
                _package(sections[-1], "Bahan awal", limits[1] - equipment),
            ],
            by=crew.petugas,
            at=at,
        )


def assess_required(rows: Sequence[Enrolment], *, crew: Crew, at: datetime) -> None:
    """Fill in the forms that a programme wants of every proposal: half of all points each."""
    for row in rows:
        for form in row.version.assessment_forms:
            if form.get("required"):
                points = {str(q["code"]): int(q["most"]) // 2 for q in form["questions"]}
                assess(
                    enrolment=row,
                    form_code=str(form["code"]),
                    answers=points,
                    assessed_on=day_of(at),
                    note="Dinilai saat kunjungan rumah.",
                    by=crew.verifikator,
                    at=at,
                )


def record_districts(
    version: ProgrammeVersion,
    area_code: str,
    *,
    crew: Crew,
    at: datetime,
    finish: Finish,
) -> int:
    """Berita Acara of every district that has judged proposals; returns how many were made."""
    judged = Enrolment.objects.in_area(area_code).filter(
        version=version,
        record=None,
        state__in=[EnrolmentState.ELIGIBLE, EnrolmentState.NOT_ELIGIBLE],
    )
    districts = sorted({code[:8] for code in judged.values_list("area_code", flat=True)})
    jobs = [
        make_record(version=version, district_code=district, by=crew.verifikator, at=at)
        for district in districts
    ]
    for job in jobs:
        finish(job)
    return len(districts)


def decree(
    version: ProgrammeVersion,
    area_code: str,
    *,
    crew: Crew,
    number: str,
    on: date,
    at: datetime,
    finish: Finish,
) -> Decree:
    """Draft, submit, approve by another person, and make the annexes; a formula shares it all."""
    row = draft_decree(
        version=version,
        area_code=area_code,
        formula_budget=version.formula_budget,
        by=crew.staf,
        at=at,
    )
    row = submit_decree(decree=row, by=crew.staf, at=at)
    job = approve_decree(
        decree=row,
        number=number,
        decree_date=on,
        by=crew.kadis,
        at=at,
        seen_hash=row.content_hash,
    )
    finish(job)
    row.refresh_from_db()
    return row


def enrol(
    seeding: Seeding,
    version: ProgrammeVersion,
    groups: dict[str, Sequence[Soul]],
    *,
    decree_area: str,
    number: str,
    channel: Channel = Channel.LIST,
    words: SourceWords | None = None,
) -> None:
    """Propose and verify people per regency, then name them all in one decree.

    `words` say where the proposals come from, where their way in asks for it.
    """
    for area_code, souls in groups.items():
        crew = seeding.crew(area_code)
        with on_day(story.PROPOSED_ON) as at:
            rows = propose(version, souls, crew=crew, at=at, channel=channel)
            for row in rows if words else ():
                record_source(enrolment=row, channel=channel, words=words, by=crew.petugas, at=at)
            plan(rows, crew=crew, at=at)
        with on_day(story.VERIFIED_ON) as at:
            assess_required(rows, crew=crew, at=at)
            verify(rows, crew=crew, at=at)
    if version.annual_amount is None and version.formula_budget is None:
        # Nobody knows yet what a unit is worth, so there is no decree.
        return
    with on_day(story.DECREED_ON) as at:
        decree(
            version,
            decree_area,
            crew=seeding.crew(next(iter(groups))),
            number=number,
            on=story.DECREED_ON,
            at=at,
            finish=run_here,
        )
