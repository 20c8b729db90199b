"""Lists over a channel to a real simulated bank: intent first, doubt stays doubt, never twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bansos.audit.services import seal
from bansos.demo.simulator.process import Simulator, running
from bansos.jobs import services as jobs
from bansos.lib.errors import NotAllowed, Refused
from disbursements.choices import (
    Arrival,
    AttemptKind,
    Heard,
    LineState,
    ListState,
    Outcome,
    SubmissionState,
    TransferState,
)
from disbursements.models import (
    BankAttempt,
    BankChannel,
    BankSubmission,
    BankTransfer,
    PayList,
    ResultFile,
    ResultRow,
    SubmissionDecision,
)
from disbursements.queries.audit import audit_books
from disbursements.services import applying, desk, results
from disbursements.services import bank as bank_files
from disbursements.services.channels import open_channel
from disbursements.services.channels.base import Abilities, Answer, Question
from disbursements.services.channels.drop import FileDrop
from disbursements.services.channels.snap import Snap
from disbursements.services.channels.wire import Reply, check_url
from disbursements.services.submissions import asking, deciding, records, sending, transferring
from disbursements.views.channel_card import card_of
from tests.cast import Cast
from tests.factories.channels import make_drop, make_snap, secrets_of
from tests.factories.disbursements import (
    NOW,
    World,
    answer_csv,
    answer_row,
    fresh,
    lines_of,
    make_world,
    quick_letters,
    run,
)
from tests.factories.statements import camt, move_of

pytestmark = pytest.mark.django_db
REASON = "Ditanyakan kepada Bu Rina di bank, 22 November pukul 10, dijawab tertulis."


@pytest.fixture(scope="module")
def running_bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with running(tmp_path_factory.mktemp("bank")) as bank:
        yield bank


@pytest.fixture
def bank(running_bank: Simulator, settings: Any) -> Simulator:
    """The simulated bank with empty books, and its secrets in the settings."""
    running_bank.forget()
    running_bank.control(scenario="normal", seed=1, today="2026-11-22")
    settings.BANK_SECRETS = secrets_of(running_bank)
    return running_bank


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast, people=12)


@pytest.fixture
def drop(world: World, bank: Simulator) -> BankChannel:
    return make_drop(world.cast, bank)


@pytest.fixture
def snap(world: World, bank: Simulator) -> BankChannel:
    return make_snap(world.cast, bank)


@pytest.fixture
def ready(world: World) -> PayList:
    """A list with SP2D and files."""
    row = world.with_sp2d()
    with quick_letters():
        run(bank_files.make_files(pay_list=row, by=world.cast.budi, at=world.tick()))
    return fresh(row)


def submit(world: World, pay_list: PayList, channel: BankChannel) -> BankSubmission:
    """The treasurer sends; the worker has done its part."""
    row = sending.submit(pay_list=pay_list, channel=channel, by=world.cast.tono, at=world.tick())
    return worked(row)


def worked(row: BankSubmission) -> BankSubmission:
    row.refresh_from_db()
    run(row.job)
    row.refresh_from_db()
    return row


def ask(world: World, row: BankSubmission) -> BankSubmission:
    run(asking.ask(submission=row, by=world.cast.tono, at=world.tick()))
    row.refresh_from_db()
    return row


def heard(row: BankSubmission) -> list[str]:
    return list(row.attempts.order_by("pk").values_list("heard", flat=True))


def breaches() -> list[str]:
    """What the auditor finds; workers read the real clock, so it does too."""
    seal(at=timezone.now())
    return audit_books(at=timezone.now(), own=False).sentences


def not_arrived(world: World, row: BankSubmission) -> SubmissionDecision:
    """The first of two people; by the worker's clock, which stamped the calls."""
    return deciding.decide(
        submission=row,
        arrival=Arrival.NOT_ARRIVED,
        reason=REASON,
        by=world.cast.tono,
        at=timezone.now(),
    )


def lines_in(pay_list: PayList) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in pay_list.lines.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def test_a_file_arrives_once_with_intent_and_hash_before(
    world: World, ready: PayList, drop: BankChannel, bank: Simulator
) -> None:
    row = sending.submit(pay_list=ready, channel=drop, by=world.cast.tono, at=world.tick())
    assert (row.state, row.reference) == (SubmissionState.INTENT, "S3526000101")
    assert row.sha256 == ready.files.get(format="csv").sha256
    assert (row.count, row.total) == (ready.count, ready.total)
    assert bank.credits() == {}
    assert fresh(ready).state == ListState.SENT
    row = worked(row)
    assert row.state == SubmissionState.ACCEPTED
    assert heard(row) == [Heard.ASKED, Heard.ACCEPTED]
    assert set(bank.credits().values()) == {1}
    assert len(bank.credits()) == 12
    assert lines_in(ready) == {LineState.SUBMITTED: 12}
    with pytest.raises(Refused, match="sudah punya kiriman"):
        sending.submit(pay_list=fresh(ready), channel=drop, by=world.cast.tono, at=world.tick())
    with pytest.raises(Refused, match="Diterima bank"):
        sending.send_again(submission=row, by=world.cast.tono, at=world.tick())
    assert breaches() == []


def test_a_timeout_after_accepting_is_unknown_until_the_bank_says(
    world: World, ready: PayList, drop: BankChannel, bank: Simulator
) -> None:
    bank.control(scenario="timeout_after_accept_once+no_dedupe")
    row = submit(world, ready, drop)
    assert row.state == SubmissionState.UNKNOWN
    assert heard(row) == [Heard.ASKED, Heard.UNKNOWN]
    assert lines_in(ready) == {LineState.UNKNOWN: 12}
    with pytest.raises(Refused, match="tidak menjamin"):
        sending.send_again(submission=row, by=world.cast.tono, at=world.tick())
    with pytest.raises(Refused):
        sending.submit(pay_list=fresh(ready), channel=drop, by=world.cast.tono, at=world.tick())
    with pytest.raises(Refused):
        bank_files.mark_sent(pay_list=fresh(ready), by=world.cast.tono, at=world.tick())
    assert set(bank.credits().values()) == {1}
    row = ask(world, row)
    assert row.state == SubmissionState.ACCEPTED
    assert lines_in(ready) == {LineState.SUBMITTED: 12}
    assert set(bank.credits().values()) == {1}
    assert breaches() == []


def test_where_the_bank_deduplicates_the_same_goes_again_by_itself(
    world: World, ready: PayList, drop: BankChannel, bank: Simulator
) -> None:
    BankChannel.objects.update(deduplicates=True)
    bank.control(scenario="timeout_after_accept_once")
    row = submit(world, ready, drop)
    assert row.state == SubmissionState.ACCEPTED
    assert heard(row) == [Heard.ASKED, Heard.UNKNOWN, Heard.ASKED, Heard.ACCEPTED]
    assert set(bank.credits().values()) == {1}


def test_it_goes_again_three_times_at_most(
    world: World, ready: PayList, drop: BankChannel, bank: Simulator
) -> None:
    BankChannel.objects.update(deduplicates=True)
    bank.control(scenario="timeout_after_accept")
    row = submit(world, ready, drop)
    assert row.state == SubmissionState.UNKNOWN
    assert heard(row).count(Heard.ASKED) == 3
    bank.control(scenario="normal")
    row = worked(sending.send_again(submission=row, by=world.cast.tono, at=world.tick()))
    assert row.state == SubmissionState.ACCEPTED
    assert set(bank.credits().values()) == {1}


def test_a_bank_that_is_not_there_has_nothing(
    world: World, ready: PayList, drop: BankChannel, bank: Simulator
) -> None:
    BankChannel.objects.update(base_url="http://127.0.0.1:9")
    row = submit(world, ready, drop)
    assert row.state == SubmissionState.INTENT
    assert heard(row) == [Heard.ASKED, Heard.NOT_SENT]
    assert lines_in(ready) == {LineState.SUBMITTED: 12}
    BankChannel.objects.update(base_url=bank.url)
    row = worked(sending.send_again(submission=row, by=world.cast.budi, at=world.tick()))
    assert row.state == SubmissionState.ACCEPTED
    assert set(bank.credits().values()) == {1}


def test_a_cut_connection_is_doubt_and_two_people_end_it(
    world: World, ready: PayList, drop: BankChannel, bank: Simulator
) -> None:
    bank.control(scenario="timeout_before_accept_once")
    row = submit(world, ready, drop)
    assert row.state == SubmissionState.UNKNOWN
    row = ask(world, row)
    assert row.state == SubmissionState.UNKNOWN
    assert heard(row)[-1] == Heard.NOT_FOUND
    cast = world.cast

    def decide(arrival: Arrival = Arrival.NOT_ARRIVED, reason: str = REASON) -> Any:
        return deciding.decide(
            submission=row, arrival=arrival, reason=reason, by=cast.tono, at=world.tick()
        )

    with pytest.raises(Refused, match="siapa di bank"):
        decide(reason="tidak sampai")
    decision = decide()
    with pytest.raises(Refused, match="menunggu orang kedua"):
        decide()
    with pytest.raises(NotAllowed):
        deciding.confirm(decision=decision, agreed=True, note="", by=cast.tono, at=world.tick())
    deciding.confirm(decision=decision, agreed=False, note="Belum", by=cast.ratna, at=world.tick())
    row.refresh_from_db()
    assert row.state == SubmissionState.UNKNOWN
    decision = decide()
    deciding.confirm(decision=decision, agreed=True, note="", by=cast.ratna, at=world.tick())
    row.refresh_from_db()
    assert row.state == SubmissionState.INTENT
    row = worked(sending.send_again(submission=row, by=cast.tono, at=world.tick()))
    assert row.state == SubmissionState.ACCEPTED
    assert set(bank.credits().values()) == {1}
    assert breaches() == []


def test_two_people_may_find_that_it_arrived(
    world: World, ready: PayList, drop: BankChannel, bank: Simulator
) -> None:
    bank.control(scenario="timeout_after_accept")
    row = submit(world, ready, drop)
    decision = deciding.decide(
        submission=row,
        arrival=Arrival.ARRIVED,
        reason=REASON,
        by=world.cast.tono,
        at=world.tick(),
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        type(decision).objects.filter(pk=decision.pk).update(
            confirmed_at=NOW, confirmed_by=world.cast.tono, agreed=True
        )
    deciding.confirm(decision=decision, agreed=True, note="", by=world.cast.ratna, at=world.tick())
    row.refresh_from_db()
    assert row.state == SubmissionState.ACCEPTED
    assert lines_in(ready) == {LineState.SUBMITTED: 12}
    with pytest.raises(Refused, match="tidak ada yang perlu diputus"):
        deciding.decide(
            submission=row,
            arrival=Arrival.NOT_ARRIVED,
            reason=REASON,
            by=world.cast.tono,
            at=world.tick(),
        )


def test_a_worker_that_died_during_the_call_leaves_doubt(
    world: World, ready: PayList, drop: BankChannel, bank: Simulator, monkeypatch: Any
) -> None:
    class Killed(BaseException):
        pass

    def die(_name: str) -> None:
        if _name == "submission.called":
            raise Killed

    monkeypatch.setattr("disbursements.services.submissions.sending.point", die)
    row = sending.submit(pay_list=ready, channel=drop, by=world.cast.tono, at=world.tick())
    with pytest.raises(Killed):
        jobs.run_step(job_id=str(row.job_id), at=NOW)
    assert set(bank.credits().values()) == {1}
    # While the call may still last, nobody takes the job, however often it rings.
    assert not jobs.run_step(job_id=str(row.job_id), at=NOW + timedelta(seconds=10))
    row.refresh_from_db()
    assert row.state == SubmissionState.INTENT
    jobs.run_step(job_id=str(row.job_id), at=NOW + timedelta(seconds=60))
    row.refresh_from_db()
    assert row.state == SubmissionState.UNKNOWN
    assert heard(row) == [Heard.ASKED, Heard.UNKNOWN]
    assert set(bank.credits().values()) == {1}
    assert ask(world, row).state == SubmissionState.ACCEPTED


def test_a_refused_file_pays_nothing_and_goes_again_under_a_new_reference(
    world: World, ready: PayList, drop: BankChannel, bank: Simulator
) -> None:
    bank.control(scenario="rejects")
    row = submit(world, ready, drop)
    assert (row.state, row.bank_text) == (
        SubmissionState.REJECTED,
        "Saldo rekening sumber tidak cukup",
    )
    bank.control(scenario="normal")
    again = submit(world, fresh(ready), drop)
    assert (again.reference, again.number) == ("S3526000102", 2)
    assert again.sha256 == row.sha256
    assert again.state == SubmissionState.ACCEPTED
    assert set(bank.credits().values()) == {1}


def test_the_result_of_the_bank_is_fetched_and_ends_the_doubt(
    world: World, ready: PayList, drop: BankChannel, bank: Simulator
) -> None:
    bank.control(scenario="troubled+answers_twice", seed=5)
    row = ask(world, submit(world, ready, drop))
    found = list(ResultFile.objects.order_by("pk"))
    assert [file.file_name for file in found] == [
        "hasil-S3526000101-1.xlsx",
        "hasil-S3526000101-2.xlsx",
    ]
    ask(world, row)
    assert ResultFile.objects.count() == 2
    for file in found:
        run(results.apply_result(result=file, by=world.cast.tono, at=world.tick()))
    states = lines_in(ready)
    assert set(states) <= {LineState.SETTLED, LineState.RETURNED}
    assert sum(states.values()) == 12
    assert breaches() == []


def test_who_may_not_take_results_in_reads_who_does(
    world: World, ready: PayList, drop: BankChannel, bank: Simulator, client: Client
) -> None:
    bank.control(scenario="timeout_after_accept_once")
    row = submit(world, ready, drop)
    path = reverse("disbursements:submission", args=[row.pk])
    client.force_login(world.cast.budi)
    words = client.get(path).content.decode()
    assert "Bank tidak menjawab. · kode TimeoutError" in words, "the sentence first"
    run(asking.ask(submission=row, by=world.cast.budi, at=world.tick()))
    assert not ResultFile.objects.exists(), "the result is there, for the treasurer"
    words = client.get(path).content.decode()
    assert "Hasilnya diambil bendahara dengan Tanyakan status ke bank" in words
    ask(world, row)
    assert ResultFile.objects.count() == 1


def test_a_result_nobody_can_read_does_not_undo_the_banks_word(
    world: World, ready: PayList, drop: BankChannel, bank: Simulator
) -> None:
    bank.control(scenario="timeout_before_accept_once")
    row = submit(world, ready, drop)
    assert row.state == SubmissionState.UNKNOWN
    new = asking.take_file_answer(
        submission=row,
        answer=Answer(Heard.ACCEPTED, "200", "", row.sha256),
        files=[b"not a result"],
        by=world.cast.tono,
        at=world.tick(),
    )
    row.refresh_from_db()
    assert (new, row.state) == (0, SubmissionState.ACCEPTED)
    told = row.attempts.latest("pk")
    assert told.kind == AttemptKind.EVIDENCE
    assert told.text.startswith(f"hasil-{row.reference}-1.xlsx: ")
    assert not ResultFile.objects.exists()


def test_an_answer_with_odd_parts_has_the_parts_that_are_numbers() -> None:
    odd = {"state": "accepted", "sha256": "a"}
    way = FileDrop("http://127.0.0.1:9", "", 1, Abilities())
    for parts, wanted in ((None, ()), ("12", ()), ([1, None, "b", {}, -1, 2], (1, 2)), (7, ())):
        reply = Reply(200, json.dumps({**odd, "parts": parts}).encode())
        with patch.object(FileDrop, "_call", return_value=reply):
            answer = way.inquire(Question("S1", True, "", NOW))
        assert (answer.heard, answer.parts) == (Heard.ACCEPTED, wanted)


def test_an_applied_result_proves_that_the_file_arrived(
    world: World, ready: PayList, drop: BankChannel, bank: Simulator
) -> None:
    bank.control(scenario="timeout_after_accept")
    row = submit(world, ready, drop)
    assert row.state == SubmissionState.UNKNOWN
    lines = list(ready.lines.order_by("position"))
    world.answer(fresh(ready), [answer_row(line) for line in lines[:11]])
    row.refresh_from_db()
    assert row.state == SubmissionState.ACCEPTED
    assert lines_in(ready) == {LineState.SETTLED: 11, LineState.UNKNOWN: 1}


def test_half_an_answer_ends_the_doubt_too(
    world: World, ready: PayList, drop: BankChannel, bank: Simulator, monkeypatch: Any
) -> None:
    bank.control(scenario="timeout_after_accept")
    row = submit(world, ready, drop)
    decision = not_arrived(world, row)
    file = results.upload_result(
        pay_list=fresh(ready),
        data=answer_csv([answer_row(line) for line in ready.lines.order_by("position")]),
        file_name="h.csv",
        by=world.cast.tono,
        at=world.tick(),
    )
    monkeypatch.setattr(applying, "CHUNK", 2)
    job = results.apply_result(result=file, by=world.cast.tono, at=world.tick())
    jobs.run_step(job_id=str(job.pk), at=NOW)
    row.refresh_from_db()
    assert row.state == SubmissionState.ACCEPTED
    with pytest.raises(Refused, match="tidak ada yang perlu diputus"):
        deciding.confirm(
            decision=decision, agreed=True, note="", by=world.cast.ratna, at=world.tick()
        )
    deciding.confirm(
        decision=decision, agreed=False, note="Sampai", by=world.cast.ratna, at=world.tick()
    )
    with pytest.raises(Refused, match="Diterima bank"):
        sending.send_again(submission=row, by=world.cast.tono, at=world.tick())
    assert lines_in(ready) == {LineState.SETTLED: 2, LineState.UNKNOWN: 10}


def test_a_bank_row_linked_by_two_ends_the_doubt_too(
    world: World, ready: PayList, drop: BankChannel, bank: Simulator
) -> None:
    bank.control(scenario="timeout_after_accept")
    row = submit(world, ready, drop)
    line = ready.lines.order_by("position")[0]
    statement = results.upload_statement(
        data=camt([move_of(line, reference="TRF77")]),
        file_name="rk.xml",
        by=world.cast.tono,
        at=world.tick(),
    )
    results.apply_statement(statement=statement, by=world.cast.tono, at=world.tick())
    row.refresh_from_db()
    assert row.state == SubmissionState.UNKNOWN
    link = desk.propose_link(
        row=ResultRow.objects.open().get(),
        line=line,
        outcome=Outcome.SETTLED,
        return_reason=None,
        note="Rekening koran",
        by=world.cast.tono,
        at=world.tick(),
    )
    desk.answer(decision=link, agreed=True, by=world.cast.ratna, at=world.tick())
    row.refresh_from_db()
    assert row.state == SubmissionState.ACCEPTED
    with pytest.raises(Refused, match="tidak ada yang perlu diputus"):
        not_arrived(world, row)


def test_a_list_carried_by_hand_has_its_submission_too(world: World, ready: PayList) -> None:
    bank_files.mark_sent(pay_list=ready, by=world.cast.budi, at=world.tick())
    row = records.live_submission(fresh(ready))
    assert row is not None
    assert (row.kind, row.state, row.sha256) == ("manual", "sent", ready.content_hash)
    with pytest.raises(Refused, match="tidak menjawab"):
        asking.ask(submission=row, by=world.cast.tono, at=world.tick())


def test_the_page_waits_for_nothing_when_the_bank_answered_every_row(
    world: World, ready: PayList
) -> None:
    bank_files.mark_sent(pay_list=ready, by=world.cast.budi, at=world.tick())
    half, rest = lines_of(ready)[:6], lines_of(ready)[6:]

    def advice() -> str:
        row = BankSubmission.objects.select_related("channel", "pay_list").get()
        return card_of(row).advice

    assert "Tunggu hasil dari bank" in advice()
    world.answer(fresh(ready), [answer_row(line) for line in half])
    assert "Tunggu hasil dari bank" in advice()
    back = [answer_row(line, "GAGAL", "Rekening tutup") for line in rest]
    world.answer(fresh(ready), back, name="h2.csv")
    assert fresh(ready).state == "partly", "returns are still to be decided"
    assert "Tidak ada lagi yang ditunggu" in advice()


def test_the_database_keeps_reference_hash_and_evidence(
    world: World, ready: PayList, drop: BankChannel, bank: Simulator
) -> None:
    row = submit(world, ready, drop)
    rows = BankSubmission.objects.filter(pk=row.pk)
    changes: list[dict[str, Any]] = [
        {"sha256": "0" * 64},
        {"reference": "S1"},
        {"total": 1},
        {"state": SubmissionState.INTENT},
        {"channel": None},
    ]
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        BankAttempt.objects.update(heard=Heard.DONE)
    with pytest.raises(IntegrityError), transaction.atomic():
        records.open_submission(pay_list=ready, channel=drop, file=None, by=world.cast.tono, at=NOW)


def test_a_channel_that_is_off_or_lacks_its_secret_sends_nothing(
    world: World, ready: PayList, drop: BankChannel, bank: Simulator, settings: Any
) -> None:
    def send(by: Any = None) -> BankSubmission:
        return sending.submit(
            pay_list=fresh(ready),
            channel=BankChannel.objects.get(),
            by=by or world.cast.tono,
            at=world.tick(),
        )

    with pytest.raises(NotAllowed):
        send(by=world.cast.ratna)
    BankChannel.objects.update(active=False)
    with pytest.raises(Refused, match="tidak aktif"):
        send()
    BankChannel.objects.update(active=True)
    settings.BANK_SECRETS = {}
    with pytest.raises(Refused, match="BANK_SECRET_JATIM_FILE_TOKEN"):
        send()
    ready.files.filter(format="csv").delete()
    settings.BANK_SECRETS = secrets_of(bank)
    with pytest.raises(Refused, match="belum lengkap"):
        send()
    assert fresh(ready).state == ListState.SP2D
    assert not BankSubmission.objects.exists()
    assert bank.credits() == {}


# Line by line


def transfers_in(row: BankSubmission) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in row.transfers.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def test_snap_sends_each_line_once_and_asks_for_the_proof(
    world: World, ready: PayList, snap: BankChannel, bank: Simulator
) -> None:
    row = submit(world, ready, snap)
    assert row.state == SubmissionState.ACCEPTED
    assert transfers_in(row) == {TransferState.ACCEPTED: 12}
    assert bank.credits() == {line.reference: 1 for line in ready.lines.all()}
    assert lines_in(ready) == {LineState.SUBMITTED: 12}
    numbers = list(row.attempts.exclude(external_id="").values_list("external_id", flat=True))
    assert len(numbers) == len(set(numbers)) == 12
    assert all(len(number) <= 36 and number.isdigit() for number in numbers)
    ask(world, row)
    file = ResultFile.objects.get()
    run(results.apply_result(result=file, by=world.cast.tono, at=world.tick()))
    assert lines_in(ready) == {LineState.SETTLED: 12}
    ask(world, row)
    assert ResultFile.objects.count() == 1
    assert breaches() == []


def test_snap_leaves_the_lines_nobody_answered_for_unknown(
    world: World, ready: PayList, snap: BankChannel, bank: Simulator
) -> None:
    bank.control(scenario="some_timeouts+no_dedupe", seed=4)
    row = submit(world, ready, snap)
    unknown = transfers_in(row).get(TransferState.UNKNOWN, 0)
    assert 0 < unknown < 12
    assert row.state == SubmissionState.UNKNOWN
    assert lines_in(ready) == {LineState.UNKNOWN: unknown, LineState.SUBMITTED: 12 - unknown}
    with pytest.raises(Refused, match="Tidak ada baris"):
        sending.send_again(submission=row, by=world.cast.tono, at=world.tick())
    assert set(bank.credits().values()) == {1}
    row = ask(world, row)
    assert row.state == SubmissionState.ACCEPTED
    assert transfers_in(row) == {TransferState.DONE: 12}
    assert lines_in(ready) == {LineState.SUBMITTED: 12}
    assert breaches() == []


def test_snap_a_decision_speaks_only_of_what_was_sent_before_it(
    world: World, ready: PayList, snap: BankChannel, bank: Simulator
) -> None:
    bank.control(scenario="some_timeouts+no_dedupe", seed=4)
    row = submit(world, ready, snap)
    asking.ask(submission=row, by=world.cast.tono, at=world.tick())
    with pytest.raises(Refused, match="sedang dikerjakan"):
        not_arrived(world, row)
    BankSubmission.objects.update(job=None)
    decision = not_arrived(world, row)
    # A line that never left may not be sent beside the open decision either.
    known = row.transfers.filter(state=TransferState.UNKNOWN)
    left = known.earliest("pk")
    left.state = TransferState.NOT_SENT
    left.save()
    with pytest.raises(Refused, match="menunggu orang kedua"):
        sending.send_again(submission=row, by=world.cast.tono, at=world.tick())
    later = known.latest("pk")
    later.asked_at = decision.decided_at + timedelta(seconds=1)
    later.save()
    deciding.confirm(decision=decision, agreed=True, note="", by=world.cast.ratna, at=world.tick())
    assert set(row.transfers.filter(state=TransferState.UNKNOWN)) == {later}
    row.refresh_from_db()
    assert row.state == SubmissionState.UNKNOWN


def test_snap_what_the_bank_once_settled_is_not_sent_again(
    world: World, ready: PayList, snap: BankChannel, bank: Simulator
) -> None:
    bank.control(scenario="some_timeouts+no_dedupe", seed=4)
    row = submit(world, ready, snap)
    decision = not_arrived(world, row)
    doubtful = row.transfers.filter(state=TransferState.UNKNOWN)
    transfer, other = doubtful.earliest("pk"), doubtful.latest("pk")
    told = camt([move_of(transfer.line)])
    statement = results.upload_statement(
        data=told, file_name="rk.xml", by=world.cast.tono, at=timezone.now()
    )
    for job in results.apply_statement(statement=statement, by=world.cast.tono, at=timezone.now()):
        run(job)
    deciding.confirm(decision=decision, agreed=True, note="", by=world.cast.ratna, at=world.tick())
    match = ResultRow.objects.get(line=transfer.line)
    desk.undo_match(row=match, note="Salah", by=world.cast.tono, at=timezone.now())
    transfer.refresh_from_db()
    transfer.line.refresh_from_db()
    assert (transfer.state, transfer.line.state) == (TransferState.NOT_SENT, LineState.UNKNOWN)
    row.refresh_from_db()
    left = {line.pk for line in transferring.waiting_lines(row)}
    assert other.line_id in left
    assert transfer.line_id not in left


def test_snap_a_decision_about_nothing_left_changes_no_state_by_itself(
    world: World, ready: PayList, snap: BankChannel, bank: Simulator
) -> None:
    bank.control(scenario="some_timeouts+no_dedupe", seed=4)
    row = submit(world, ready, snap)
    decision = not_arrived(world, row)
    row.transfers.update(asked_at=decision.decided_at + timedelta(seconds=1))
    before = transfers_in(row)
    deciding.confirm(decision=decision, agreed=True, note="", by=world.cast.ratna, at=world.tick())
    row.refresh_from_db()
    assert (row.state, transfers_in(row)) == (SubmissionState.UNKNOWN, before)


def test_snap_repeats_what_is_in_doubt_where_the_bank_deduplicates(
    world: World, ready: PayList, snap: BankChannel, bank: Simulator
) -> None:
    BankChannel.objects.update(deduplicates=True)
    bank.control(scenario="some_timeouts", seed=4)
    row = submit(world, ready, snap)
    assert row.state == SubmissionState.ACCEPTED
    assert row.transfers.filter(sends=2).exists()
    assert set(bank.credits().values()) == {1}


def test_snap_lines_the_bank_refuses_come_back_as_its_result(
    world: World, ready: PayList, snap: BankChannel, bank: Simulator
) -> None:
    bank.control(scenario="troubled", seed=4)
    row = ask(world, submit(world, ready, snap))
    failed = transfers_in(row)[TransferState.FAILED]
    file = ResultFile.objects.get()
    run(results.apply_result(result=file, by=world.cast.tono, at=world.tick()))
    assert lines_in(ready) == {LineState.SETTLED: 12 - failed, LineState.RETURNED: failed}
    assert breaches() == []


def test_snap_lines_with_a_wrong_field_hold_up_no_other(
    world: World, ready: PayList, snap: BankChannel, bank: Simulator
) -> None:
    real, first = Snap._call, {line.reference for line in ready.lines.order_by("position")[:10]}
    calls: list[str] = []

    def answer(self: Snap, service: str, body: dict[str, Any], *rest: Any) -> Reply:
        reference = body["partnerReferenceNo"]
        calls.append(reference)
        if reference not in first:
            return real(self, service, body, *rest)
        told = {
            "responseCode": f"400{service}01",
            "responseMessage": "Invalid Field Format beneficiaryAccountName",
        }
        return Reply(400, json.dumps(told).encode())

    with patch.object(Snap, "_call", answer):
        row = submit(world, ready, snap)
    assert transfers_in(row) == {TransferState.FAILED: 10, TransferState.ACCEPTED: 2}
    assert row.state == SubmissionState.ACCEPTED
    assert len(calls) == 12


def test_snap_one_line_that_did_not_leave_is_tried_last(
    world: World, ready: PayList, snap: BankChannel, bank: Simulator
) -> None:
    real, odd = Snap._call, ready.lines.get(position=1).reference
    calls: list[str] = []

    def answer(self: Snap, service: str, body: dict[str, Any], *rest: Any) -> Reply:
        calls.append(body["partnerReferenceNo"])
        if calls[-1] != odd:
            return real(self, service, body, *rest)
        told = {
            "responseCode": f"400{service}01",
            "responseMessage": "Invalid Field Format sourceAccountNo",
        }
        return Reply(400, json.dumps(told).encode())

    with patch.object(Snap, "_call", answer):
        row = submit(world, ready, snap)
    assert transfers_in(row) == {TransferState.NOT_SENT: 1, TransferState.ACCEPTED: 11}
    assert row.job is not None
    assert "1 baris belum dikirim" in row.job.message
    assert (len(calls), calls.count(odd)) == (13, 2)


def test_snap_stops_when_the_bank_does_not_know_us_and_goes_on_later(
    world: World, ready: PayList, snap: BankChannel, bank: Simulator, settings: Any
) -> None:
    settings.BANK_SECRETS = {**secrets_of(bank), "JATIM_SNAP_CLIENT_SECRET": "salah"}
    row = submit(world, ready, snap)
    assert row.state == SubmissionState.INTENT
    assert row.job is not None
    assert "12 baris belum dikirim" in row.job.message
    assert bank.credits() == {}
    settings.BANK_SECRETS = secrets_of(bank)
    row = worked(sending.send_again(submission=row, by=world.cast.tono, at=world.tick()))
    assert row.state == SubmissionState.ACCEPTED
    assert set(bank.credits().values()) == {1}


def test_snap_calls_of_a_worker_that_died_are_in_doubt_line_by_line(
    world: World, ready: PayList, snap: BankChannel, bank: Simulator, monkeypatch: Any
) -> None:
    class Killed(BaseException):
        pass

    seen: list[str] = []

    def die(name: str) -> None:
        seen.append(name)
        if seen.count("submission.called") == 3:
            raise Killed

    place = "disbursements.services.submissions.transferring.point"
    monkeypatch.setattr(place, die)
    row = sending.submit(pay_list=ready, channel=snap, by=world.cast.tono, at=world.tick())
    with pytest.raises(Killed):
        jobs.run_step(job_id=str(row.job_id), at=NOW)
    assert len(bank.credits()) == 3
    monkeypatch.setattr(place, lambda _name: None)
    moment = NOW + timedelta(seconds=90)
    while jobs.run_step(job_id=str(row.job_id), at=moment):
        moment += timedelta(seconds=1)
    row.refresh_from_db()
    assert row.state == SubmissionState.UNKNOWN
    assert transfers_in(row) == {TransferState.UNKNOWN: 10, TransferState.ACCEPTED: 2}
    assert len(bank.credits()) == 5
    row = ask(world, row)
    # Three had arrived; seven the bank does not know stay in doubt until two people say so.
    assert transfers_in(row) == {TransferState.UNKNOWN: 7, TransferState.DONE: 5}
    decision = not_arrived(world, row)
    deciding.confirm(decision=decision, agreed=True, note="", by=world.cast.ratna, at=world.tick())
    row.refresh_from_db()
    assert row.state == SubmissionState.INTENT
    row = worked(sending.send_again(submission=row, by=world.cast.tono, at=world.tick()))
    assert row.state == SubmissionState.ACCEPTED
    assert set(bank.credits().values()) == {1}
    assert len(bank.credits()) == 12
    assert breaches() == []


def test_a_connection_is_tried_without_sending_anything(
    world: World, drop: BankChannel, snap: BankChannel, bank: Simulator, settings: Any
) -> None:
    assert open_channel(drop).try_out(NOW).heard == Heard.DONE
    assert open_channel(snap).try_out(NOW).heard == Heard.DONE
    bank.control(scenario="down")
    assert open_channel(drop).try_out(NOW).heard == Heard.FAILED
    bank.control(scenario="normal")
    snap.client_id = "orang-lain"
    assert open_channel(snap).try_out(NOW).heard == Heard.FAILED
    settings.BANK_SECRETS = {**secrets_of(bank), "JATIM_SNAP_PRIVATE_KEY": "bukan kunci"}
    with pytest.raises(Refused, match="bukan kunci RSA"):
        Snap.of(snap)
    assert not BankTransfer.objects.exists()


def test_only_sealed_addresses_are_called(settings: Any) -> None:
    settings.TRAINING_MODE = True
    check_url("https://bank.example.co.id/h2h")
    check_url("http://127.0.0.1:8114")
    for wrong in ("http://bank.example.co.id", "ftp://x", "https://a:b@bank.id", "https://b/?x=1"):
        with pytest.raises(Refused):
            check_url(wrong)
    settings.TRAINING_MODE = False
    with pytest.raises(Refused):
        check_url("http://127.0.0.1:8114")
