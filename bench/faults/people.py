"""The officers: each reads where a list stands and does the next act, again and again."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Q
from django.utils import timezone

from bansos.jobs.models import Job
from bansos.lib.errors import Refused
from bench.faults.outside import Bank
from beneficiaries.models import BankAccount
from beneficiaries.services.people import set_account
from disbursements.choices import (
    Arrival,
    AsideReason,
    Decision,
    LineState,
    ListKind,
    ListState,
    ResultState,
    ReturnReason,
    ReturnState,
    Severity,
    SubmissionState,
)
from disbursements.models import (
    BankChannel,
    BankFile,
    BankSubmission,
    Hit,
    PayList,
    ResultFile,
    ResultRow,
    ReturnCase,
)
from disbursements.services import applying, bank, closing, desk, lists, results, returns
from disbursements.services.submissions import asking, deciding, sending
from programs.models import Stage
from tests.factories.disbursements import BANK, World

ENDED = (ListState.CLOSED, ListState.CANCELLED)


class Office(threading.Thread):
    """Carries stages from the draft to the closed reconciliation while everything breaks.

    Begins new stages until `last_call`; ends when all of its own are closed. With a channel its
    lists go to the simulated bank over the wire, else a hand carries the file.
    """

    def __init__(
        self, number: int, world: World, outside: Bank, channel: BankChannel | None
    ) -> None:
        super().__init__(daemon=True)
        self.number, self.world, self.outside, self.channel = number, world, outside, channel
        self.phoned = 0
        self.last_call = threading.Event()
        self.broken: Counter[str] = Counter()
        self.hits: Counter[str] = Counter()
        self.closed = 0
        self.note = ""
        self.trouble: Exception | None = None

    def run(self) -> None:
        """One stage after the other."""
        try:
            while not self.last_call.is_set():
                stage = self._insist(self._new_stage)
                while not self._insist(lambda stage=stage: self._stage_is_done(stage)):
                    time.sleep(0.1)
                self.closed += 1
        except Exception as trouble:
            self.trouble = trouble
        finally:
            connection.close()

    def _insist(self, act: Callable[[], Any]) -> Any:
        """A person whose page failed looks again and goes on from what is there."""
        while True:
            try:
                return act()
            except (DatabaseError, InterfaceError) as broken:
                self.broken[type(broken).__name__] += 1
                connection.close()
                time.sleep(0.2)

    def _new_stage(self) -> Stage:
        name = f"Kantor {self.number}, {self.closed}"
        found = Stage.objects.filter(version=self.world.version, name=name).first()
        if found is not None:
            return found
        number = 10 + self.number * 40 + self.closed
        return Stage.objects.create(
            version=self.world.version,
            number=number,
            name=name,
            stage_date=date(2026, 11, 1),
            amount=Decimal("500000.00"),
        )

    def _stage_is_done(self, stage: Stage) -> bool:
        """Do the next act of the stage; True when its reconciliation is closed."""
        main = (
            PayList.objects.filter(stage=stage, kind=ListKind.MAIN)
            .exclude(state=ListState.CANCELLED)
            .first()
        )
        if main is None:
            cast = self.world.cast
            self._do(lists.create_list, stage=stage, area_code="35.19", by=cast.budi)
            return False
        if main.state == ListState.CLOSED:
            return True
        again = PayList.objects.filter(parent=main).exclude(state__in=ENDED)
        for row in [*again.exclude(state=ListState.SETTLED), main]:
            if self._advance(row):
                return False
        self._end(main)
        return False

    def _do(self, act: Callable[..., Any], **what: Any) -> Any:
        """One click; a refusal (somebody else was first, not yet) is an answer, no fault."""
        try:
            return act(**what, at=timezone.now())
        except Refused as refused:
            self.note = f"{refused.code}: {refused.message}"
            return None

    def _twice(self, act: Callable[..., Any], **what: Any) -> None:
        """A double click: the same act from a second page at the same time."""
        other = threading.Thread(target=self._second, args=(act, what), daemon=True)
        other.start()
        try:
            self._do(act, **what)
        finally:
            other.join()

    def _second(self, act: Callable[..., Any], what: dict[str, Any]) -> None:
        try:
            self._do(act, **what)
        except (DatabaseError, InterfaceError):
            self.broken["second click"] += 1
        finally:
            connection.close()

    def _advance(self, row: PayList) -> bool:
        """The next act up to the bank's answers; False when nothing is left to do there."""
        if row.job is not None and Job.objects.open().filter(pk=row.job.pk).exists():
            return True
        cast = self.world.cast
        if row.state == ListState.DRAFT:
            self._draft(row)
        elif row.state == ListState.LOCKED:
            self._twice(lists.submit_for_approval, pay_list=row, by=cast.budi)
        elif row.state == ListState.AWAITING:
            seen = row.content_hash
            if row.checked_at is None:
                self._do(lists.check, pay_list=row, seen_hash=seen, by=cast.ratna)
            else:
                self._twice(lists.approve, pay_list=row, seen_hash=seen, by=cast.hadi)
        elif row.state == ListState.APPROVED and row.kind == ListKind.MAIN:
            self._sp2d(row)
        elif row.state in {ListState.APPROVED, ListState.SP2D}:
            self._send(row)
        elif row.lines.filter(state__in=[LineState.SUBMITTED, LineState.UNKNOWN]).exists():
            self._answer(row)
        else:
            return False
        return True

    def _draft(self, row: PayList) -> None:
        cast = self.world.cast
        if row.drawn_at is None:
            # The drawing failed for good: the officer throws the draft away and begins again.
            self._do(lists.cancel, pay_list=row, reason="Gangguan", by=cast.budi)
        elif row.preflight_at is None:
            self._do(lists.run_preflight, pay_list=row, by=cast.budi)
        elif blocked := Hit.objects.filter(
            pay_list=row, severity=Severity.BLOCK, line__state=LineState.WAITING
        ):
            # Two offices pay the same people: an account just closed there stops a line here.
            self.hits.update(blocked.values_list("code", flat=True))
            places = [str(place) for place in blocked.values_list("line__position", flat=True)]
            self._do(
                lists.exclude,
                pay_list=row,
                niks_or_positions=places,
                reason="Rekening berubah",
                by=cast.budi,
            )
        else:
            self._twice(lists.lock, pay_list=row, by=cast.budi)

    def _sp2d(self, row: PayList) -> None:
        self._twice(
            lists.record_sp2d,
            pay_list=row,
            spm_number=f"SPM-{row.pk}",
            sp2d_number=f"SP2D-{row.pk}",
            sp2d_date=timezone.localdate(),
            amount=row.total,
            by=self.world.cast.tono,
        )

    def _send(self, row: PayList) -> None:
        """The files; then the list goes to the bank, by hand or over the channel."""
        files = {file.format: file for file in row.files.all()}
        if len(files) < len(bank.ORDER):
            self._twice(bank.make_files, pay_list=row, by=self.world.cast.budi)
        elif self.channel is not None:
            self._twice(sending.submit, pay_list=row, channel=self.channel, by=self.world.cast.tono)
        else:
            self._carry(row, files["csv"])

    def _carry(self, row: PayList, file: BankFile) -> None:
        """The CSV is brought to the bank, twice by a hand that is not sure; then 'sent'."""
        cast = self.world.cast
        handed = self._do(bank.hand_out, file=file, by=cast.budi)
        if handed is None:
            return
        for _time in range(2):
            self.outside.receive(row.number, handed[1])
        self._twice(bank.mark_sent, pay_list=row, by=cast.budi)

    def _hear(self, row: PayList) -> None:
        """What came over the channel is applied; else the bank is asked; in doubt two decide."""
        checked = row.results.filter(state=ResultState.CHECKED).first()
        if checked is not None:
            self._apply(checked)
            return
        found = row.submissions.exclude(state=SubmissionState.REJECTED).first()
        if found is None or (found.job is not None and found.job.is_open):
            time.sleep(0.2)
            return
        cast = self.world.cast
        if found.state == SubmissionState.INTENT and not sending.why_not_send_again(found):
            self._twice(sending.send_again, submission=found, by=cast.tono)
            return
        self._do(asking.ask, submission=found, by=cast.tono)
        found.refresh_from_db()
        self._wait_for(found.job)
        found.refresh_from_db()
        if found.state == SubmissionState.UNKNOWN:
            self._phone(found)

    def _phone(self, found: BankSubmission) -> None:
        """Nothing is sent again on a doubt: the treasurer asks the bank, a second person agrees."""
        cast = self.world.cast
        arrival = Arrival.ARRIVED if self.outside.knows(found.reference) else Arrival.NOT_ARRIVED
        decision = deciding.open_decision(found)
        if decision is None:
            reason = "Ditanyakan kepada petugas bank lewat telepon, dijawab tertulis."
            self.phoned += 1
            self._do(
                deciding.decide, submission=found, arrival=arrival, reason=reason, by=cast.tono
            )
        else:
            self._do(deciding.confirm, decision=decision, agreed=True, note="", by=cast.ratna)

    def _answer(self, row: PayList) -> None:
        """Both files of the bank, each uploaded and applied twice."""
        if row.submissions.filter(channel__isnull=False).exists():
            self._hear(row)
            return
        cast = self.world.cast
        lines = row.lines.exclude(state__in=[LineState.EXCLUDED, LineState.CANCELLED])
        references = list(lines.order_by("position").values_list("reference", flat=True))
        for content in self.outside.answers(row.number, references):
            for _time in range(2):
                result = self._do(
                    results.upload_result,
                    pay_list=row,
                    data=content,
                    file_name="hasil.csv",
                    by=cast.tono,
                )
            if result is not None:
                self._apply(result)

    def _apply(self, result: ResultFile) -> None:
        self._twice(applying.apply_result, result=result, by=self.world.cast.tono)
        result.refresh_from_db()
        self._wait_for(result.job)

    def _wait_for(self, job: Job | None) -> None:
        while job is not None and Job.objects.open().filter(pk=job.pk).exists():
            time.sleep(0.1)

    def _end(self, main: PayList) -> None:
        """Everything came back from the bank: returns, their papers, the closing."""
        if Job.objects.open().filter(kind="disbursements.close", params__list=main.pk).exists():
            return
        cast = self.world.cast
        self._tidy(main)
        cases = ReturnCase.objects.filter(
            Q(line__pay_list=main) | Q(line__pay_list__parent=main)
        ).exclude(state=ReturnState.DONE)
        for case in cases.select_related("line__person").order_by("pk"):
            self._case(case)
        if returns.ready_cases(main):
            self._twice(returns.make_follow_up, pay_list=main, by=cast.budi)
        else:
            self._do(closing.close, pay_list=main, by=cast.tono)

    def _tidy(self, main: PayList) -> None:
        """Rows that fit nothing are set aside with a reason, or the list cannot close."""
        family = Q(result__pay_list=main) | Q(result__pay_list__parent=main)
        for row in ResultRow.objects.open().filter(family):
            self._do(
                desk.set_aside,
                row=row,
                reason=AsideReason.BANK_CORRECTS,
                note="Uji gangguan",
                by=self.world.cast.tono,
            )

    def _case(self, case: ReturnCase) -> None:
        cast = self.world.cast
        if case.state == ReturnState.OPEN:
            # Once more to a new account; what comes back a second time, and what was meant for
            # somebody who died, goes to the treasury.
            follow = (
                case.line.retransfer_of_id is None
                and case.pk % 2 == 0
                and case.reason != ReturnReason.DIED
            )
            self._do(
                returns.decide_return,
                case=case,
                decision=Decision.FOLLOW_UP if follow else Decision.TREASURY,
                note="",
                new_account=self._account(case) if follow else None,
                by=cast.tono,
            )
        elif case.state == ReturnState.DECIDED and case.confirmed_at is None:
            self._do(returns.confirm_return, case=case, agreed=True, note="", by=cast.ratna)
        elif case.state == ReturnState.DECIDED and case.decision == Decision.FOLLOW_UP:
            # Closed since it was decided: another office paid the same person there in vain.
            if not BankAccount.objects.filter(person=case.line.person, state="active").exists():
                self._account(case)
        elif case.state == ReturnState.DECIDED and case.decision == Decision.TREASURY:
            self._twice(
                returns.record_sts,
                case=case,
                sts_number=f"STS-{case.pk}",
                sts_date=max(timezone.localdate(), case.returned_on),
                amount=case.amount,
                by=cast.tono,
            )

    def _account(self, case: ReturnCase) -> BankAccount | None:
        person = case.line.person
        accounts = BankAccount.objects.filter(person=person)
        known = accounts.filter(state="active").order_by("-pk").first()
        own = f"0099{case.pk:06d}"
        if known is not None and known.number.startswith(own):
            return known
        number = f"{own}{accounts.count():02d}"
        made: BankAccount | None = self._do(
            set_account,
            person=person,
            bank_code=BANK,
            number=number,
            holder_name=person.name,
            by=self.world.cast.sari,
        )
        return made
