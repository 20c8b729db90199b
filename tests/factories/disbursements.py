"""A small world of money: a programme year with stages, people in a decree, budget, allocation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from bansos.accounts.models import User
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib.sheets.writing import csv_bytes
from beneficiaries.models import BankAccount, Family, Person
from disbursements import tasks
from disbursements.models import BudgetLine, PayList, PaymentLine, ResultFile
from disbursements.services import bank, budgets, closing, lists, results
from programs.choices import (
    BenefitKind,
    Channel,
    DecreeState,
    EnrolmentState,
    PayeeKind,
    VersionState,
)
from programs.models import Decree, DecreeLine, Enrolment, Programme, ProgrammeVersion, Stage
from tests.cast import Cast

assert tasks.draw  # the worker finds the handlers by itself; tests import them

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
AMOUNT = Decimal("500000.00")
VILLAGES = ("35.19.01.2001", "35.19.01.2002", "35.19.02.1001", "35.19.02.2003")
BANK = "114"


@dataclass
class World:
    """One programme year in Kabupaten Madiun, with its people and budget."""

    cast: Cast
    version: ProgrammeVersion
    stages: list[Stage]
    decree: Decree
    budget: BudgetLine
    enrolments: list[Enrolment] = field(default_factory=list)
    clock: datetime = NOW

    @property
    def stage(self) -> Stage:
        return self.stages[0]

    def tick(self, minutes: int = 1) -> datetime:
        """Time goes on."""
        self.clock += timedelta(minutes=minutes)
        return self.clock

    def add_people(self, count: int, *, one_per_family: bool = True) -> list[Enrolment]:
        """People with account, active enrolment and a line in the decree."""
        made = make_people(self, count, one_per_family=one_per_family)
        self.enrolments += made
        return made

    def drawn(self, *, stage: Stage | None = None) -> PayList:
        """A drawn and checked draft list."""
        pay_list = lists.create_list(
            stage=stage or self.stage, area_code="35.19", by=self.cast.budi, at=self.tick()
        )
        run(pay_list.job)
        return fresh(pay_list)

    def locked(self, pay_list: PayList | None = None) -> PayList:
        row = pay_list or self.drawn()
        return lists.lock(pay_list=row, by=self.cast.budi, at=self.tick())

    def awaiting(self, pay_list: PayList | None = None) -> PayList:
        row = pay_list if pay_list and pay_list.state == "locked" else self.locked(pay_list)
        return lists.submit_for_approval(pay_list=row, by=self.cast.budi, at=self.tick())

    def approved(self, pay_list: PayList | None = None) -> PayList:
        row = self.awaiting(pay_list)
        row = lists.check(
            pay_list=row, seen_hash=row.content_hash, by=self.cast.ratna, at=self.tick()
        )
        return lists.approve(
            pay_list=row, seen_hash=row.content_hash, by=self.cast.hadi, at=self.tick()
        )

    def with_sp2d(self, pay_list: PayList | None = None, *, number: str = "SP2D-1") -> PayList:
        row = self.approved(pay_list)
        return lists.record_sp2d(
            pay_list=row,
            spm_number=f"SPM-{number}",
            sp2d_number=number,
            sp2d_date=self.clock.date(),
            amount=row.total,
            by=self.cast.tono,
            at=self.tick(),
        )

    def sent(self, pay_list: PayList | None = None, *, number: str = "SP2D-1") -> PayList:
        row = pay_list if pay_list and pay_list.kind == "follow_up" else None
        row = self.approved(row) if row else self.with_sp2d(pay_list, number=number)
        with quick_letters():
            run(bank.make_files(pay_list=row, by=self.cast.budi, at=self.tick()))
        return bank.mark_sent(pay_list=fresh(row), by=self.cast.budi, at=self.tick())

    def answer(
        self, pay_list: PayList, rows: Sequence[Sequence[Any]], *, name: str = "h.csv"
    ) -> ResultFile:
        """Upload and apply a bank answer."""
        result = results.upload_result(
            pay_list=pay_list,
            data=answer_csv(rows),
            file_name=name,
            by=self.cast.tono,
            at=self.tick(),
        )
        run(results.apply_result(result=result, by=self.cast.tono, at=self.tick()))
        result.refresh_from_db()
        return result


def make_world(
    cast: Cast,
    *,
    people: int = 6,
    ceiling: int = 100_000_000,
    share: int = 50_000_000,
    code: str = "PKHPLUS",
    **more: Any,
) -> World:
    """PKH Plus 2026 with four stages; the budget is recorded and allocated to 35.19.

    `more` are further settings of the programme year.
    """
    programme = Programme.objects.create(
        agency=cast.agency, area_code="35", code=code, name="PKH Plus"
    )
    version = ProgrammeVersion.objects.create(
        programme=programme,
        year=2026,
        state=VersionState.ACTIVE,
        payee_kind=PayeeKind.PERSON,
        benefit_kind=BenefitKind.PER_STAGE,
        annual_amount=Decimal(2_000_000),
        one_per_family=True,
        criteria=[{"code": "min_age_on_stage", "params": {"age": 70}, "label": ""}],
        bank_code=BANK,
        heir_rules={"article": "Juknis PKH Plus 2026: penerima meninggal", "pays": True},
        activated_at=NOW,
        activated_by=cast.budi,
        **more,
    )
    stages = [
        Stage.objects.create(
            version=version,
            number=place,
            name=f"Tahap {place}",
            stage_date=date(2026, month, 1),
            amount=AMOUNT,
        )
        for place, month in enumerate((3, 5, 8, 11), start=1)
    ]
    decree = Decree.objects.create(
        version=version,
        area_code="35.19",
        state=DecreeState.APPROVED,
        subject="Penerima PKH Plus",
        number="188/1/2026",
        decree_date=date(2026, 2, 1),
        made_at=NOW,
        made_by=cast.budi,
        submitted_at=NOW,
        submitted_by=cast.budi,
        approved_at=NOW,
        approved_by=cast.hadi,
    )
    budget = budgets.record_budget(
        version=version,
        dpa_number=f"DPA/{code}/2026" if code != "PKHPLUS" else "DPA/A.1/2026",
        dpa_date=date(2026, 1, 5),
        account_code="5.1.06.01",
        ceiling=Decimal(ceiling),
        by=cast.budi,
        at=NOW,
    )
    if share:
        budgets.allocate(budget=budget, amounts={"35.19": Decimal(share)}, by=cast.budi, at=NOW)
    world = World(cast, version, stages, decree, budget)
    if people:
        world.add_people(people)
    return world


def make_people(world: World, count: int, *, one_per_family: bool) -> list[Enrolment]:
    """Bulk-made: elders of four villages, each in a family of their own."""
    start = Person.objects.count()
    by = world.cast.sari
    families, people, accounts, enrolments = [], [], [], []
    for place in range(start, start + count):
        village = VILLAGES[place % len(VILLAGES)]
        family = Family(
            kk=f"351901010101{place:04d}", area_code=village, created_at=NOW, created_by=by
        )
        families.append(family)
        person = Person(
            nik=f"351902410850{place + 1:04d}",
            name=f"Suparni {_letters(place)}",
            birth_date=date(1950, 8, 1),
            sex="P",
            address=f"Dusun Krajan RT {place % 9 + 1:02d}",
            area_code=village,
            family=family,
            created_at=NOW,
            created_by=by,
            updated_at=NOW,
        )
        people.append(person)
    Family.objects.bulk_create(families)
    for person in people:
        person.family_id = person.family.pk
    Person.objects.bulk_create(people)
    for place, person in enumerate(people, start=start):
        accounts.append(
            BankAccount(
                person=person,
                bank_code=BANK,
                number=f"0071{place:06d}",
                holder_name=person.name,
                area_code=person.area_code,
                created_at=NOW,
                created_by=by,
            )
        )
    BankAccount.objects.bulk_create(accounts)
    for person, account in zip(people, accounts, strict=True):
        enrolments.append(
            Enrolment(
                version=world.version,
                person=person,
                family=person.family,
                account=account,
                area_code=person.area_code,
                state=EnrolmentState.ACTIVE,
                channel=Channel.LIST,
                one_per_family=one_per_family,
                proposed_at=NOW,
                proposed_by=by,
                decided_at=NOW,
                decided_by=world.cast.vera,
                active_from=date(2026, 2, 1),
                created_at=NOW,
                created_by=by,
            )
        )
    Enrolment.objects.bulk_create(enrolments)
    position = world.decree.lines.count()
    DecreeLine.objects.bulk_create(
        [
            DecreeLine(
                decree=world.decree,
                enrolment=row,
                position=position + place,
                name=row.person.name,
                area_code=row.area_code,
                annual_amount=Decimal(2_000_000),
            )
            for place, row in enumerate(enrolments, start=1)
        ]
    )
    return enrolments


def _letters(number: int) -> str:
    """Names that differ clearly: 0 -> "Aa Ka", 1 -> "Ba Ka"."""
    first, second = number % 20, number // 20 % 20
    letters = "bcdfghjklmnprstwyzvq"
    head, tail = letters[first].upper(), letters[second].upper()
    return f"{head}a{letters[first]}u {tail}i{letters[-first - 1]}o"


@contextmanager
def quick_letters() -> Iterator[None]:
    """The instruction letter as a few bytes: the PDF itself has tests of its own and takes 2 s."""
    with patch.object(bank, "render_instruction", return_value=b"%PDF-1.7 quick"):
        yield


@contextmanager
def quick_records() -> Iterator[None]:
    """Both Berita Acara as a few bytes."""
    made = {
        kind: (lambda _letter, path: f"%PDF-1.7 {path}".encode(), prefix, title)
        for kind, (_render, prefix, title) in closing.RENDER.items()
    }
    with patch.dict(closing.RENDER, made):
        yield


def run(job: Job | None) -> Job:
    """Do all steps of a job, as the worker would; a failed step raises."""
    assert job is not None
    moment = NOW
    while jobs.run_step(job_id=str(job.pk), at=moment):
        moment += timedelta(seconds=1)
    job.refresh_from_db()
    assert job.state in {"done", "notes"}, f"{job.kind}: {job.state} {job.message}"
    return job


def fresh(pay_list: PayList) -> PayList:
    """The list as the table has it."""
    return PayList.objects.select_related("stage", "budget", "allocation", "parent").get(
        pk=pay_list.pk
    )


HEADERS = ("Referensi", "Nomor rekening", "Nama", "Jumlah", "Status", "Keterangan", "Tanggal")


def answer_row(
    line: PaymentLine, status: str = "BERHASIL", note: str = "", **changed: Any
) -> list[Any]:
    """What a bank writes about a line."""
    values = {
        "reference": line.reference,
        "account": line.account_number,
        "name": line.payee_name,
        "amount": str(int(line.amount)),
        "status": status,
        "note": note,
        "date": "22-11-2026",
    }
    return list((values | changed).values())


def answer_csv(rows: Sequence[Sequence[Any]]) -> bytes:
    """A bank's answer as CSV."""
    return csv_bytes(HEADERS, rows)


def lines_of(pay_list: PayList) -> list[PaymentLine]:
    """Its lines by position."""
    return list(pay_list.lines.order_by("position"))


@contextmanager
def unchanged(pay_list: PayList) -> Iterator[None]:
    """Nothing about the list, its lines or its money changes inside."""
    before = picture(pay_list)
    yield
    assert picture(pay_list) == before


def picture(pay_list: PayList) -> dict[str, Any]:
    """The list, its lines and the money as plain values."""
    row = PayList.objects.filter(pk=pay_list.pk).values().get()
    lines = list(
        PaymentLine.objects.filter(pay_list=pay_list)
        .order_by("position")
        .values_list("pk", "state")
    )
    budget = BudgetLine.objects.filter(pk=pay_list.budget_id).values().get()
    return {"list": row, "lines": lines, "budget": budget}


def people_of(cast: Cast) -> list[User]:
    """Everybody, to try an act by each."""
    return cast.users()
