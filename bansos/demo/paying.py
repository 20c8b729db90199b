"""One pay list from its draw to its closing, by the real services and five people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from bansos.accounts.models import User
from bansos.demo.bank import simulated_answer
from bansos.demo.enrolling import Crew
from bansos.demo.jobs import Finish
from bansos.demo.population import Population, Soul, Village
from bansos.demo.process_bank import ProcessBank
from bansos.lib.crypto import blind_index
from beneficiaries.models import BankAccount, Person
from beneficiaries.services.people import set_account
from disbursements.choices import Decision, ReturnReason, ReturnState
from disbursements.models import PayList, ResultFile, ReturnCase
from disbursements.services import bank, closing, lists, results, returns
from programs.models import Stage


@dataclass
class Paying:
    """Who pays, and how jobs are waited for."""

    crew: Crew
    finish: Finish
    # A simulated bank that runs as a process; without one its answers are made here.
    bank: ProcessBank | None = None
    # What the bank said about each follow-up list, by its number.
    answers: dict[str, bytes] = field(default_factory=dict)

    def draw(self, stage: Stage, area_code: str) -> PayList:
        """A new list with its lines drawn and checked."""
        row = lists.create_list(
            stage=stage, area_code=area_code, by=self.crew.staf, at=timezone.now()
        )
        return self.wait(row)

    def wait(self, row: PayList) -> PayList:
        """Wait for the list's own job, if it has one; the list as it is then."""
        row.refresh_from_db()
        if row.job is not None and row.job.is_open:
            self.finish(row.job)
        row.refresh_from_db()
        return row

    def preflight(self, row: PayList) -> PayList:
        """Run the checks before locking."""
        lists.run_preflight(pay_list=row, by=self.crew.staf, at=timezone.now())
        return self.wait(row)

    def lock(self, row: PayList) -> PayList:
        """Lock and hand over for approval."""
        row = lists.lock(pay_list=row, by=self.crew.staf, at=timezone.now())
        return lists.submit_for_approval(pay_list=row, by=self.crew.staf, at=timezone.now())

    def check(self, row: PayList) -> PayList:
        """The checker's signature."""
        row.refresh_from_db()
        return lists.check(
            pay_list=row, seen_hash=row.content_hash, by=self.crew.kasi, at=timezone.now()
        )

    def approve(self, row: PayList) -> PayList:
        """The approver's signature."""
        row.refresh_from_db()
        return lists.approve(
            pay_list=row, seen_hash=row.content_hash, by=self.crew.kadis, at=timezone.now()
        )

    def sp2d(self, row: PayList) -> PayList:
        """The treasurer records SPM and SP2D of today."""
        sequence = row.number.rsplit("-", 1)[1]
        return lists.record_sp2d(
            pay_list=row,
            spm_number=f"{sequence}/SPM-LS/DINSOS/{self.today(row):%m/%Y}",
            sp2d_number=f"{sequence}/SP2D/{self.today(row):%m/%Y}",
            sp2d_date=self.today(row),
            amount=row.total,
            by=self.crew.bendahara,
            at=timezone.now(),
        )

    def today(self, row: PayList) -> date:
        """The day in the agency's zone."""
        return timezone.now().astimezone(row.budget.agency.zone).date()

    def send(self, row: PayList) -> PayList:
        """Make the bank files; send them by the bank's channel, or record that they went out."""
        self.finish(bank.make_files(pay_list=row, by=self.crew.staf, at=timezone.now()))
        row.refresh_from_db()
        if self.bank is not None:
            return self.bank.send(row, by=self.crew.bendahara, at=timezone.now())
        return bank.mark_sent(pay_list=row, by=self.crew.staf, at=timezone.now())

    def bank_says(self, row: PayList) -> bytes:
        """The bank's answer to a list that was sent."""
        if self.bank is not None:
            return self.bank.answer(row, by=self.crew.bendahara, at=timezone.now())
        return simulated_answer(row)

    def answer(self, row: PayList, data: bytes, file_name: str) -> ResultFile:
        """Upload the bank's answer, confirm its columns, apply it."""
        treasurer = self.crew.bendahara
        file = results.upload_result(
            pay_list=row, data=data, file_name=file_name, by=treasurer, at=timezone.now()
        )
        if file.applied_at is None:
            results.set_result_mapping(
                result=file, mapping=file.mapping, by=treasurer, at=timezone.now()
            )
        self.finish(results.apply_result(result=file, by=treasurer, at=timezone.now()))
        file.refresh_from_db()
        row.refresh_from_db()
        return file

    def decide_all(self, row: PayList, papers: Papers) -> list[ReturnCase]:
        """A decision on every return of the list, each confirmed by another person."""
        cases = ReturnCase.objects.filter(line__pay_list=row, state=ReturnState.OPEN)
        decided = []
        for case in cases.select_related("line__person").order_by("line__position"):
            decision = papers.decision(case)
            case = returns.decide_return(
                case=case,
                decision=decision,
                note=papers.note(case, decision),
                new_account=papers.account(case, by=self.crew.bendahara, at=timezone.now())
                if decision == Decision.FOLLOW_UP
                else None,
                heir=papers.heir(case) if decision == Decision.HEIR else None,
                by=self.crew.bendahara,
                at=timezone.now(),
            )
            decided.append(
                returns.confirm_return(
                    case=case, agreed=True, note="", by=self.crew.kasi, at=timezone.now()
                )
            )
        return decided

    def pay_back(self, row: PayList) -> int:
        """Record the STS of every confirmed return to kas daerah; returns how many."""
        cases = ReturnCase.objects.filter(
            line__pay_list=row, state=ReturnState.DECIDED, decision=Decision.TREASURY
        ).order_by("line__position")
        for number, case in enumerate(cases, start=1):
            returns.record_sts(
                case=case,
                sts_number=f"STS/{row.number}/{number:03d}",
                sts_date=self.today(row),
                amount=case.amount,
                by=self.crew.bendahara,
                at=timezone.now(),
            )
        return len(cases)

    def pay_again(self, row: PayList) -> PayList:
        """The follow-up list of the confirmed returns, through the same signatures to the bank."""
        again = returns.make_follow_up(pay_list=row, by=self.crew.staf, at=timezone.now())
        self.preflight(self.wait(again))
        again = self.approve(self.check(self.lock(again)))
        return self.send(again)

    def close(self, row: PayList) -> PayList:
        """Close the reconciliation; its Berita Acara are made."""
        row.refresh_from_db()
        closing.close(pay_list=row, by=self.crew.bendahara, at=timezone.now())
        return self.wait(row)

    def whole(self, stage: Stage, area_code: str, papers: Papers) -> Iterator[PayList]:
        """Everything from the draw to the closing; yields the list after each step."""
        row = self.draw(stage, area_code)
        yield row
        yield self.lock(row)
        yield self.approve(self.check(row))
        yield self.sp2d(row)
        row = self.send(row)
        yield row
        self.answer(row, self.bank_says(row), f"hasil-{row.number}.xlsx")
        yield row
        self.settle_returns(row, papers)
        yield row
        yield self.close(row)

    def settle_returns(self, row: PayList, papers: Papers) -> PayList | None:
        """Decide, pay back, pay again; the follow-up list, or None when nothing was paid again."""
        decided = self.decide_all(row, papers)
        self.pay_back(row)
        if all(case.decision == Decision.TREASURY for case in decided):
            return None
        again = self.pay_again(row)
        answer = self.bank_says(again)
        self.answers[again.number] = answer
        self.answer(again, answer, f"hasil-{again.number}.xlsx")
        return again


@dataclass
class Papers:
    """What the officers bring for each return: a new account, an heir's letters, or nothing."""

    population: Population
    villages: list[Village]
    deaths: int = 0
    uncollected: int = 0

    def decision(self, case: ReturnCase) -> Decision:
        """Every second death has an heir, every second uncollected sum goes back."""
        if case.reason == ReturnReason.DIED:
            self.deaths += 1
            return Decision.HEIR if self.deaths % 2 else Decision.TREASURY
        if case.reason == ReturnReason.UNCOLLECTED:
            self.uncollected += 1
            return Decision.FOLLOW_UP if self.uncollected % 2 else Decision.TREASURY
        return Decision.FOLLOW_UP

    def note(self, case: ReturnCase, decision: Decision) -> str:
        """Why it was decided so."""
        words = {
            Decision.FOLLOW_UP: "Buku tabungan sudah dicocokkan dengan KTP penerima.",
            Decision.HEIR: "Surat kematian dan surat ahli waris dari desa sudah diterima.",
            Decision.TREASURY: "Tidak ada yang berhak menerima sampai batas waktu.",
        }
        return words[decision]

    def account(self, case: ReturnCase, *, by: User, at: datetime) -> BankAccount:
        """The account to pay again: the same for money not collected, a new one otherwise."""
        line, person = case.line, case.line.person
        keep = case.reason == ReturnReason.UNCOLLECTED
        number = line.account_number if keep else self._free_account()
        return set_account(
            person=person,
            bank_code=line.bank_code,
            number=number or "",
            holder_name=person.name,
            by=by,
            at=at,
        )

    def _free_account(self) -> str:
        """A number nobody has: an invented one may be somebody's already."""
        number = self.population.account()
        while BankAccount.objects.filter(number_index=blind_index(number, "account")).exists():
            number = self.population.account()
        return number

    def heir(self, case: ReturnCase) -> returns.Heir:
        """A grown-up child in the same village, with the village's letter."""
        child = self._child(case.line.person, case.returned_on)
        rules = case.line.pay_list.stage.version.heir_rules
        return returns.Heir(
            name=child.name,
            relation="Anak",
            nik=child.nik,
            bank_code=case.line.bank_code,
            number=child.account,
            letter_number=f"470/{case.pk:04d}/AHLI WARIS/2026",
            letter_date=(case.returned_on - timedelta(days=3)).isoformat(),
            papers=tuple(row["code"] for row in rules.get("papers", [])),
        )

    def _child(self, person: Person, on: date) -> Soul:
        born = self.population.birth(on, 30, 50)
        home = [village for village in self.villages if village.code == person.village_id]
        return self.population.soul(born, home or self.villages)
