"""Line by line (SNAP): ten intents are committed, then called, then what was heard is written."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.lib.errors import Refused
from bansos.lib.faults import point
from disbursements.choices import AttemptKind, Heard, RowState, SubmissionState, TransferState
from disbursements.models import BankChannel, BankSubmission, BankTransfer, PaymentLine, ResultRow
from disbursements.rules.moves import AT_BANK, AWAITS_RESULT, COUNTED
from disbursements.rules.submissions import MOST_SENDS, TRANSFER_AFTER
from disbursements.services import moves
from disbursements.services.channels import abilities_of, open_channel
from disbursements.services.channels.base import Answer, TransferParcel
from disbursements.services.proxied import owner_name
from disbursements.services.submissions import records

BATCH = 10
# The calls of a batch end by then; who is not called is not in doubt.
LONGEST_BATCH = 20.0
NO_TURN = "GILIRAN"


def longest(channel: BankChannel | None) -> timedelta:
    """How long a batch may be away: its time, one more call, and a margin."""
    seconds = channel.timeout if channel is not None else 0
    return timedelta(seconds=LONGEST_BATCH + 2 * seconds + 5)


def intend(
    *, submission: BankSubmission, after: int, by: User, at: datetime
) -> tuple[list[TransferParcel], int]:
    """Note the next transfers as about to be called: (parcels, position of the last).

    Taken: lines never called, lines that certainly never left, and lines in doubt where the bank
    declares deduplication. Call it in a transaction that is committed before the calls.
    """
    moves.lock_row(submission.pay_list)
    row = records.lock_submission(submission)
    if row.state == SubmissionState.REJECTED or row.pay_list.state not in AWAITS_RESULT:
        return [], after
    lines = waiting_lines(row, after)
    if not lines or row.channel is None:
        return [], after
    numbers = records.take_numbers(channel=row.channel, count=len(lines), at=at)
    agency = row.pay_list.budget.agency
    parcels = []
    for line, number in zip(lines, numbers, strict=True):
        transfer = _asked(row, line, at)
        answer = Answer(Heard.ASKED)
        records.note(
            submission=row,
            transfer=transfer,
            kind=AttemptKind.SEND,
            answer=answer,
            external_id=number,
            by=by,
            at=at,
        )
        parcels.append(
            TransferParcel(
                reference=line.reference,
                amount=line.amount,
                account=line.account_number or "",
                bank_code=line.bank_code,
                name=owner_name(line),
                source_account=agency.source_account,
                same_bank=line.bank_code == agency.bank_code,
                external_id=number,
                at=at,
            )
        )
    point("submission.intended")
    return parcels, lines[-1].position


def waiting_lines(submission: BankSubmission, after: int = 0) -> list[PaymentLine]:
    """The next lines that may be sent without paying one twice.

    A line the bank ever spoke of did arrive, whoever decided that it did not and even when the
    match was taken back since: it waits for the bank's next word.
    """
    wanted = Q(transfer=None) | Q(transfer__state=TransferState.NOT_SENT)
    if abilities_of(submission.channel).deduplicates:
        wanted |= Q(transfer__state=TransferState.UNKNOWN, transfer__sends__lt=MOST_SENDS)
    told = ResultRow.objects.filter(line=OuterRef("pk"), state=RowState.APPLIED)
    rows = _payable(submission).filter(wanted, ~Exists(told), state__in=AT_BANK, position__gt=after)
    return list(rows.select_related("transfer", "proxy_account").order_by("position")[:BATCH])


def _payable(submission: BankSubmission) -> QuerySet[PaymentLine]:
    """Cash over the counter has no account: it never goes as a transfer."""
    lines: QuerySet[PaymentLine] = submission.pay_list.lines.filter(state__in=COUNTED)
    return lines.filter(account_index__isnull=False)


def _asked(submission: BankSubmission, line: PaymentLine, at: datetime) -> BankTransfer:
    known = getattr(line, "transfer", None)
    if known is None:
        return BankTransfer.objects.create(
            submission=submission, line=line, state=TransferState.ASKED, sends=1, asked_at=at
        )
    known.state, known.asked_at, known.sends = TransferState.ASKED, at, known.sends + 1
    known.save(update_fields=["state", "asked_at", "sends"])
    found: BankTransfer = known
    return found


def call_bank(submission: BankSubmission, parcels: Sequence[TransferParcel]) -> dict[str, Answer]:
    """Answer by reference; the calls are made in no transaction and end in time."""
    if submission.channel is None:
        return {parcel.reference: Answer(Heard.NOT_SENT) for parcel in parcels}
    end = time.monotonic() + LONGEST_BATCH
    answers: dict[str, Answer] = {}
    try:
        way = open_channel(submission.channel)
    except Refused as refused:
        text = str(refused.message)
        return {parcel.reference: Answer(Heard.NOT_SENT, text=text) for parcel in parcels}
    for parcel in parcels:
        if time.monotonic() > end:
            answers[parcel.reference] = Answer(Heard.NOT_SENT, NO_TURN)
            continue
        point("submission.calling")
        answers[parcel.reference] = way.submit(parcel)
        point("submission.called")
    return answers


def take_answers(
    *, submission: BankSubmission, answers: Mapping[str, Answer], by: User, at: datetime
) -> tuple[str, int | None]:
    """Write what was heard of each: (why to stop, position before the first without a turn).

    "" goes on. The sending stops when nothing of the batch left: the bank is not to be reached or
    does not know us. One line that did not leave holds up no other.
    """
    moves.lock_row(submission.pay_list)
    row = records.lock_submission(submission)
    transfers = list(
        row.transfers.select_for_update(of=("self",))
        .filter(line__reference__in=answers, state=TransferState.ASKED)
        .select_related("line")
    )
    stops, back = [], None
    turns = [answer for answer in answers.values() if answer.code != NO_TURN]
    for transfer in sorted(transfers, key=lambda row: row.line.position, reverse=True):
        answer = answers[transfer.line.reference]
        hear(row, transfer, answer, kind=AttemptKind.SEND, by=by, at=at)
        if answer.code == NO_TURN:
            back = transfer.line.position - 1
        elif answer.heard == Heard.NOT_SENT:
            stops.append(answer.text or _("Bank tidak dapat dihubungi."))
    records.doubt_lines(transfers)
    point("submission.heard")
    return stops[-1] if stops and len(stops) == len(turns) else "", back


def hear(
    submission: BankSubmission,
    transfer: BankTransfer,
    answer: Answer,
    *,
    kind: AttemptKind,
    by: User,
    at: datetime,
    external_id: str = "",
) -> None:
    """One answer about one transfer: noted, and its state follows."""
    records.note(
        submission=submission,
        transfer=transfer,
        kind=kind,
        answer=answer,
        external_id=external_id,
        by=by,
        at=at,
    )
    transfer.state = TRANSFER_AFTER[answer.heard]
    transfer.code, transfer.text = answer.code[:12], answer.text[:200]
    transfer.heard_at = at
    transfer.save(update_fields=["state", "code", "text", "heard_at"])


def lost(*, submission: BankSubmission, by: User, at: datetime) -> None:
    """Calls whose answers nobody wrote down: each line of them is in doubt."""
    text = _("Pengiriman terputus sebelum jawaban bank dicatat.")
    asked = submission.transfers.filter(state=TransferState.ASKED).select_related("line")
    answers = {row.line.reference: Answer(Heard.UNKNOWN, text=text) for row in asked}
    if answers:
        take_answers(submission=submission, answers=answers, by=by, at=at)


def summarize(*, submission: BankSubmission, by: User, at: datetime) -> dict[str, Any]:
    """The submission's state follows its transfers; how many are left and in doubt."""
    moves.lock_row(submission.pay_list)
    row = records.lock_submission(submission)
    heard = row.transfers.exclude(state__in=[TransferState.NOT_SENT, TransferState.ASKED])
    left = _payable(row).count() - heard.count()
    doubt = heard.filter(state=TransferState.UNKNOWN).count()
    to = SubmissionState(row.state)
    if doubt:
        to = SubmissionState.UNKNOWN
    elif left == 0:
        to = SubmissionState.ACCEPTED
    elif row.state == SubmissionState.UNKNOWN:
        to = SubmissionState.INTENT
    if to != row.state:
        records.move(submission=row, to=to, by=by, at=at)
    return {"left": left, "doubt": doubt}
