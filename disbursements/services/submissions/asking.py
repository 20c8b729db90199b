"""Asking the bank what became of a submission; its answers are evidence, nothing is guessed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib.errors import Refused
from bansos.lib.sheets.writing import csv_bytes
from disbursements.choices import (
    AttemptKind,
    Heard,
    ResultState,
    SubmissionState,
    TransferState,
)
from disbursements.models import BankSubmission, BankTransfer
from disbursements.rules.moves import AWAITS_RESULT
from disbursements.services import moves, results
from disbursements.services.channels import abilities_of, open_channel
from disbursements.services.channels.base import Answer, Question
from disbursements.services.submissions import records, sending, transferring

JOB = "disbursements.ask_bank"
BATCH = 10
LONGEST_BATCH = 20.0
OPEN = (TransferState.ACCEPTED, TransferState.UNKNOWN)
EVIDENCE = ("Referensi", "Nomor rekening", "Nama", "Jumlah", "Status", "Keterangan", "Tanggal")


@dataclass(frozen=True)
class Asked:
    """One transfer that is asked about, with the number of the call."""

    transfer: int
    question: Question


def why_not_ask(submission: BankSubmission) -> str:
    """Why the bank cannot be asked; empty when it can."""
    if not abilities_of(submission.channel).answers_status:
        return _("Kanal ini tidak menjawab pertanyaan status. Hubungi bank.")
    if submission.job is not None and submission.job.is_open:
        return _("Kiriman sedang dikerjakan.")
    if submission.pay_list.state not in AWAITS_RESULT:
        return _("Daftar ini tidak lagi menunggu hasil bank.")
    return ""


@transaction.atomic
def ask(*, submission: BankSubmission, by: User, at: datetime) -> Job:
    """Ask in the background: status, and the result files that are there. Raises Refused."""
    moves.require_right(by, Permission.BANK_FILE)
    moves.lock_row(submission.pay_list)
    row = records.lock_submission(submission)
    why = why_not_ask(row)
    if why:
        raise Refused("SUBMISSION-NO-STATUS", why)
    job = jobs.submit(
        kind=JOB,
        title=_("Menanyakan status %(reference)s ke bank") % {"reference": row.reference},
        by=by,
        at=at,
        params={"submission": row.pk},
        total=row.count if abilities_of(row.channel).per_line else 1,
    )
    BankSubmission.objects.filter(pk=row.pk).update(job=job)
    return job


def settle_doubt(*, submission: BankSubmission, by: User, at: datetime) -> None:
    """A call that nobody answered for is in doubt before anything is asked."""
    transferring.lost(submission=submission, by=by, at=at)
    last = records.last_heard(submission)
    if (
        submission.state == SubmissionState.INTENT
        and last is not None
        and last.heard == Heard.ASKED
    ):
        sending.lost(submission=submission, by=by, at=at)


def ask_about_file(submission: BankSubmission, at: datetime) -> tuple[Answer, list[bytes]]:
    """The call about a whole file, in no transaction: its answer and the results that are there."""
    if submission.channel is None:
        return Answer(Heard.UNKNOWN), []
    way = open_channel(submission.channel)
    answer = way.inquire(Question(submission.reference, True, "", at))
    files = [way.result(submission.reference, part) for part in answer.parts]
    return answer, [data for data in files if data is not None]


def take_file_answer(
    *,
    submission: BankSubmission,
    answer: Answer,
    files: Sequence[bytes],
    by: User,
    at: datetime,
) -> int:
    """Write the answer; new result files are uploaded for an officer to apply: how many."""
    moves.lock_row(submission.pay_list)
    row = records.lock_submission(submission)
    records.note(submission=row, kind=AttemptKind.INQUIRY, answer=answer, by=by, at=at)
    to = _after_asking(row, answer)
    if to is not None:
        records.move(submission=row, to=to, by=by, at=at, text=answer.text)
    if row.pay_list.state not in AWAITS_RESULT or not by.can(Permission.BANK_RESULT):
        return 0
    return sum(
        _upload(row, data, f"hasil-{row.reference}-{place}.xlsx", by, at)
        for place, data in enumerate(files, start=1)
    )


def _after_asking(row: BankSubmission, answer: Answer) -> SubmissionState | None:
    doubtful = row.state in {SubmissionState.UNKNOWN, SubmissionState.INTENT}
    if not doubtful:
        return None
    if answer.heard == Heard.ACCEPTED and answer.sha256 == row.sha256:
        return SubmissionState.ACCEPTED
    return SubmissionState.REJECTED if answer.heard == Heard.REJECTED else None


def _upload(row: BankSubmission, data: bytes, name: str, by: User, at: datetime) -> int:
    digest = hashlib.sha256(data).hexdigest()
    known = row.pay_list.results.filter(sha256=digest).exclude(state=ResultState.REFUSED)
    if known.exists():
        return 0
    try:
        results.upload_result(pay_list=row.pay_list, data=data, file_name=name, by=by, at=at)
    except Refused as refused:
        # What the bank said about the submission stands, whatever its file is worth.
        told = Answer(Heard.UNKNOWN, text=f"{name}: {refused}")
        records.note(submission=row, kind=AttemptKind.EVIDENCE, answer=told, by=by, at=at)
        return 0
    return 1


def next_questions(
    *, submission: BankSubmission, after: int, at: datetime
) -> tuple[list[Asked], int]:
    """The next transfers to ask about, with their numbers: commit before calling."""
    rows = list(
        submission.transfers.filter(state__in=OPEN, pk__gt=after)
        .select_related("line")
        .order_by("pk")[:BATCH]
    )
    if not rows or submission.channel is None:
        return [], after
    numbers = records.take_numbers(channel=submission.channel, count=len(rows), at=at)
    home = submission.pay_list.budget.agency.bank_code
    asked = [
        Asked(
            row.pk,
            Question(row.line.reference, row.line.bank_code == home, number, at),
        )
        for row, number in zip(rows, numbers, strict=True)
    ]
    return asked, rows[-1].pk


def ask_about_transfers(
    submission: BankSubmission, asked: Sequence[Asked]
) -> list[tuple[Asked, Answer]]:
    """The calls, in no transaction; who gets no turn is asked another time."""
    if submission.channel is None:
        return []
    way, end = open_channel(submission.channel), time.monotonic() + LONGEST_BATCH
    found = []
    for one in asked:
        if time.monotonic() > end:
            break
        found.append((one, way.inquire(one.question)))
    return found


def take_transfer_answers(
    *,
    submission: BankSubmission,
    answers: Sequence[tuple[Asked, Answer]],
    by: User,
    at: datetime,
) -> None:
    """Write the answers; a transfer the bank does not know stays in doubt, it may be on its way."""
    moves.lock_row(submission.pay_list)
    row = records.lock_submission(submission)
    heard = {one.transfer: (one.question.external_id, answer) for one, answer in answers}
    transfers = list(row.transfers.select_for_update(of=("self",)).filter(pk__in=heard))
    for transfer in transfers:
        number, answer = heard[transfer.pk]
        unclear = answer.heard == Heard.UNKNOWN
        if transfer.state not in OPEN or unclear:
            records.note(
                submission=row,
                transfer=transfer,
                kind=AttemptKind.INQUIRY,
                answer=answer,
                external_id=number,
                by=by,
                at=at,
            )
            continue
        transferring.hear(
            row, transfer, answer, kind=AttemptKind.INQUIRY, external_id=number, by=by, at=at
        )
    records.doubt_lines(transfers)


def write_evidence(*, submission: BankSubmission, by: User, at: datetime) -> int:
    """What service 36 said for sure, as a result file that goes the way of every bank result.

    An officer applies it; the same answers give the same bytes, so asking again adds nothing.
    """
    if not by.can(Permission.BANK_RESULT):
        return 0
    moves.lock_row(submission.pay_list)
    row = records.lock_submission(submission)
    if row.pay_list.state not in AWAITS_RESULT:
        return 0
    said = row.transfers.filter(state__in=[TransferState.DONE, TransferState.FAILED])
    rows = [_evidence_row(one) for one in said.select_related("line").order_by("line__position")]
    if not rows:
        return 0
    data = csv_bytes(EVIDENCE, rows, delimiter=";")
    return _upload(row, data, f"status-{row.reference}.csv", by, at)


def _evidence_row(transfer: BankTransfer) -> tuple[str, ...]:
    line, failed = transfer.line, transfer.state == TransferState.FAILED
    zone = line.pay_list.budget.agency.zone
    day = (transfer.heard_at or transfer.asked_at).astimezone(zone)
    return (
        line.reference,
        line.account_number or "",
        line.payee_name,
        f"{line.amount:.2f}",
        "GAGAL" if failed else "BERHASIL",
        f"{transfer.code} {transfer.text}".strip() if failed else "",
        f"{day:%d-%m-%Y}",
    )
