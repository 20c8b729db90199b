"""A small worked year of payments, built straight into the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from bansos.accounts.models import User
from beneficiaries.models import Family, Person
from disbursements.choices import Decision, LineState, ListKind, ListState, ReturnState
from disbursements.models import Allocation, BudgetLine, PayList, PaymentLine, ReturnCase
from monitoring.models import ReferenceFigure
from programs.choices import (
    BenefitKind,
    Channel,
    DecreeState,
    EnrolmentState,
    PayeeKind,
    Rail,
    VersionState,
)
from programs.models import Decree, Enrolment, Programme, ProgrammeVersion, Stage

AT = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)
_numbers = count(1)


def make_version(
    cast: Any,
    *,
    code: str = "PKH-PLUS",
    name: str = "PKH Plus",
    year: int = 2026,
    stages: Sequence[date] = (date(2026, 2, 1),),
    amount: int = 500_000,
) -> ProgrammeVersion:
    """An active programme year with stages "Tahap 1", "Tahap 2"..."""
    programme = Programme.objects.create(
        agency=cast.agency, area_code=cast.agency.area_code, code=code, name=name
    )
    version = ProgrammeVersion.objects.create(
        programme=programme,
        year=year,
        state=VersionState.ACTIVE,
        payee_kind=PayeeKind.PERSON,
        benefit_kind=BenefitKind.PER_STAGE,
        annual_amount=Decimal(amount * len(stages)),
        activated_at=AT,
        activated_by=cast.budi,
    )
    for number, day in enumerate(stages, start=1):
        Stage.objects.create(
            version=version,
            number=number,
            name=f"Tahap {number}",
            stage_date=day,
            amount=Decimal(amount),
        )
    return version


def make_budget(
    cast: Any, version: ProgrammeVersion, *, ceiling: int, shares: dict[str, int]
) -> BudgetLine:
    """A DPA line with its allocations per regency."""
    budget = BudgetLine.objects.create(
        agency=cast.agency,
        area_code=cast.agency.area_code,
        year=version.year,
        version=version,
        dpa_number=f"DPA/{version.pk}",
        dpa_date=date(version.year, 1, 2),
        account_code="5.1.06.01",
        ceiling=Decimal(ceiling),
        created_at=AT,
        created_by=cast.budi,
    )
    for area_code, amount in shares.items():
        Allocation.objects.create(budget=budget, area_code=area_code, amount=Decimal(amount))
    return budget


def make_person(
    cast: Any, area_code: str, *, birth: date | None = date(1950, 1, 1), sex: str = "P"
) -> Person:
    """Somebody in a village, alone in a family."""
    number = next(_numbers)
    family = Family.objects.create(
        kk=f"3519010101{number:06d}", area_code=area_code, created_at=AT, created_by=cast.sari
    )
    return Person.objects.create(
        nik=f"3519014101{number:06d}",
        name=f"Orang Contoh {number}",
        birth_date=birth,
        sex=sex,
        family=family,
        area_code=area_code,
        created_at=AT,
        created_by=cast.sari,
        updated_at=AT,
    )


def make_enrolment(
    cast: Any,
    version: ProgrammeVersion,
    person: Person,
    state: str = EnrolmentState.ACTIVE,
) -> Enrolment:
    """A proposal in the state, proposed by sari and decided by vera."""
    judged = state not in {EnrolmentState.PROPOSED, EnrolmentState.NEEDS_CORRECTION}
    return Enrolment.objects.create(
        version=version,
        person=person,
        family=person.family,
        area_code=person.area_code,
        state=state,
        channel=Channel.LIST,
        proposed_at=AT,
        proposed_by=cast.sari,
        decided_at=AT if judged else None,
        decided_by=cast.vera if judged else None,
        active_from=date(2026, 1, 10) if state == EnrolmentState.ACTIVE else None,
        created_at=AT,
        created_by=cast.sari,
    )


def make_decree(cast: Any, version: ProgrammeVersion, area_code: str = "35.19") -> Decree:
    """An approved decree of the regency."""
    return Decree.objects.create(
        version=version,
        area_code=area_code,
        state=DecreeState.APPROVED,
        subject="Penerima",
        number=f"188/{version.pk}/{area_code}",
        decree_date=date(2026, 1, 10),
        made_at=AT,
        made_by=cast.budi,
        submitted_at=AT,
        submitted_by=cast.budi,
        approved_at=AT,
        approved_by=cast.hadi,
    )


@dataclass(frozen=True)
class Fate:
    """What became of one line: its person, end state, day, cause of a return, bank and rail."""

    person: Person
    state: str = LineState.SETTLED
    on: date | None = None
    reason: str = "closed"
    bank: str = "114"
    rail: str = Rail.OVERBOOKING


def make_list(
    cast: Any,
    decree: Decree,
    stage: Stage,
    fates: Sequence[Fate],
    *,
    sp2d: date | None,
    state: str = ListState.SENT,
    parent: PayList | None = None,
) -> PayList:
    """A list drawn for the people of the fates, taken to its state the way the tables allow."""
    allocation = Allocation.objects.get(budget=stage.version.budget, area_code=decree.area_code)
    pay_list = PayList.objects.create(
        number=f"DB-2026-{next(_numbers):04d}",
        kind=ListKind.FOLLOW_UP if parent else ListKind.MAIN,
        parent=parent,
        version=stage.version,
        stage=stage,
        decree=decree,
        budget=allocation.budget,
        allocation=allocation,
        area_code=decree.area_code,
        made_at=AT,
        made_by=cast.budi,
    )
    lines = [_line(cast, pay_list, place, fate) for place, fate in enumerate(fates, start=1)]
    kept = [fate for fate in fates if fate.state != LineState.EXCLUDED]
    _advance(cast, pay_list, state, sp2d, len(kept), stage.amount * len(kept))
    for line, fate in zip(lines, fates, strict=True):
        _end_line(cast, line, fate)
    pay_list.refresh_from_db()
    return pay_list


def _line(cast: Any, pay_list: PayList, place: int, fate: Fate) -> PaymentLine:
    person = fate.person
    enrolment = Enrolment.objects.filter(version=pay_list.version, person=person).first()
    excluded = fate.state == LineState.EXCLUDED
    old = PaymentLine.objects.filter(pay_list=pay_list.parent_id, person=person).first()
    return PaymentLine.objects.create(
        pay_list=pay_list,
        position=place,
        enrolment=enrolment or make_enrolment(cast, pay_list.version, person),
        stage=pay_list.stage,
        person=person,
        family=person.family,
        payee_name=person.name,
        area_code=person.area_code,
        bank_code=fate.bank,
        rail=fate.rail,
        amount=pay_list.stage.amount,
        reference=f"R{next(_numbers):08d}",
        state=LineState.EXCLUDED if excluded else LineState.WAITING,
        exclude_reason="Pindah" if excluded else "",
        retransfer_of=old if pay_list.parent_id else None,
    )


def _advance(
    cast: Any, pay_list: PayList, state: str, sp2d: date | None, people: int, total: Decimal
) -> None:
    if state == ListState.DRAFT:
        PayList.objects.filter(pk=pay_list.pk).update(count=people, total=total)
        return
    checked = state not in {ListState.LOCKED, ListState.AWAITING}
    main = pay_list.parent_id is None
    PayList.objects.filter(pk=pay_list.pk).update(
        state=state,
        count=people,
        total=total,
        content_hash="a" * 64,
        locked_at=AT,
        locked_by=cast.budi,
        checked_at=AT if checked else None,
        checked_by=cast.ratna if checked else None,
        approved_at=AT if checked else None,
        approved_by=cast.hadi if checked else None,
        sp2d_number=_sp2d_number(pay_list, sp2d),
        sp2d_date=sp2d,
        sp2d_amount=total if sp2d and main else None,
        sp2d_at=AT if sp2d else None,
        sp2d_by=cast.tono if sp2d else None,
    )


def _sp2d_number(pay_list: PayList, sp2d: date | None) -> str:
    """Each main list has its own; a follow-up list names that of its main list."""
    if pay_list.parent is not None:
        return pay_list.parent.sp2d_number
    return f"SP2D/{pay_list.pk}" if sp2d else ""


PATHS: dict[str, tuple[str, ...]] = {
    LineState.SUBMITTED: (LineState.SUBMITTED,),
    LineState.UNKNOWN: (LineState.SUBMITTED, LineState.UNKNOWN),
    LineState.SETTLED: (LineState.SUBMITTED, LineState.SETTLED),
    LineState.RETURNED: (LineState.SUBMITTED, LineState.RETURNED),
    LineState.PAID_BACK: (LineState.SUBMITTED, LineState.RETURNED, LineState.PAID_BACK),
    LineState.REPAID: (LineState.SUBMITTED, LineState.RETURNED, LineState.REPAID),
}


def _end_line(cast: Any, line: PaymentLine, fate: Fate) -> None:
    rows = PaymentLine.objects.filter(pk=line.pk)
    for step in PATHS.get(fate.state, ()):
        settled = {"settled_on": fate.on} if step == LineState.SETTLED else {}
        rows.update(state=step, **settled)
    if fate.state in {LineState.RETURNED, LineState.PAID_BACK, LineState.REPAID}:
        _return_case(cast.tono, cast.ratna, line, fate)


def _return_case(decider: User, confirmer: User, line: PaymentLine, fate: Fate) -> None:
    decision = {LineState.PAID_BACK: Decision.TREASURY, LineState.REPAID: Decision.FOLLOW_UP}.get(
        LineState(fate.state), ""
    )
    back = fate.state == LineState.PAID_BACK
    ReturnCase.objects.create(
        line=line,
        area_code=line.area_code,
        reason=fate.reason,
        returned_on=fate.on or date(2026, 2, 20),
        amount=line.amount,
        state=ReturnState.DONE if decision else ReturnState.OPEN,
        decision=decision,
        decided_at=AT if decision else None,
        decided_by=decider if decision else None,
        confirmed_at=AT if decision else None,
        confirmed_by=confirmer if decision else None,
        done_at=AT if decision else None,
        sts_number="STS/1" if back else "",
        sts_date=fate.on if back else None,
        sts_amount=line.amount if back else None,
    )


@dataclass(frozen=True)
class Year:
    """The worked year: PKH Plus 2026 with two stages, money in Madiun, a share for Magetan."""

    version: ProgrammeVersion
    first: PayList
    follow_up: PayList
    second: PayList
    waiting: Enrolment


def make_reference(cast: Any, **fields: Any) -> ReferenceFigure:
    """A figure of the province, recorded by budi."""
    values = {
        "indicator": "Kemiskinan ekstrem",
        "area_code": "35",
        "period": "Maret 2023",
        "as_of": date(2023, 3, 31),
        "value": Decimal("0.82"),
        "unit": "%",
        "source": "Dinas Sosial Provinsi Jawa Timur",
    }
    return ReferenceFigure.objects.create(
        **(values | fields), recorded_at=AT, recorded_by=cast.budi
    )


KEBONSARI, DOLOPO = "35.19.01.2001", "35.19.02.1001"


def make_year(cast: Any) -> Year:
    """Ten people paid in stage 1 on 3 February, and eight reserved for stage 2.

    Stage 1, Rp500.000 each: six delivered (five on 5 February, one on 10 March), one returned and
    repaid by a follow-up list on 20 March, one back in kas daerah on 25 March, one returned and
    undecided, one unknown. One person was excluded before. Kebonsari has seven of the ten.
    """
    version = make_version(cast, stages=(date(2026, 2, 1), date(2026, 5, 1)))
    make_budget(cast, version, ceiling=20_000_000, shares={"35.19": 12_000_000, "35.20": 3_000_000})
    births = [date(1955, 1, 1)] * 4 + [date(1940, 6, 1)] * 4 + [date(1930, 1, 1), None]
    people = [
        make_person(
            cast,
            KEBONSARI if place < 7 else DOLOPO,
            birth=birth,
            sex="L" if place in {0, 4, 8} else "P",
        )
        for place, birth in enumerate(births)
    ]
    decree = make_decree(cast, version)
    first_stage, second_stage = version.stages.order_by("number")
    early, late = date(2026, 2, 5), date(2026, 3, 10)
    fates = [
        *(Fate(person, on=early) for person in people[:5]),
        Fate(people[5], on=late),
        Fate(people[6], LineState.REPAID, date(2026, 2, 20), "name"),
        Fate(people[7], LineState.PAID_BACK, date(2026, 3, 25), "died"),
        Fate(people[8], LineState.RETURNED, date(2026, 2, 20), "closed"),
        Fate(people[9], LineState.UNKNOWN),
        Fate(make_person(cast, DOLOPO), LineState.EXCLUDED),
    ]
    first = make_list(cast, decree, first_stage, fates, sp2d=date(2026, 2, 3))
    follow_up = make_list(
        cast, decree, first_stage, [Fate(people[6], on=date(2026, 3, 20))], sp2d=None, parent=first
    )
    second = make_list(
        cast,
        decree,
        second_stage,
        [Fate(person, LineState.WAITING) for person in people[:8]],
        sp2d=None,
        state=ListState.AWAITING,
    )
    waiting = make_enrolment(cast, version, make_person(cast, KEBONSARI), EnrolmentState.PROPOSED)
    return Year(version, first, follow_up, second, waiting)
