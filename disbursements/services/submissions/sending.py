"""Sending a list over a channel: one file in one call, or line by line in small batches."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.documents import services as documents
from bansos.jobs import services as jobs
from bansos.lib.errors import Refused
from bansos.lib.faults import point
from disbursements.choices import AttemptKind, Heard, ListState, SubmissionState
from disbursements.models import BankChannel, BankFile, BankSubmission, PayList
from disbursements.rules.moves import AWAITS_RESULT
from disbursements.rules.submissions import AFTER_SENDING, MOST_SENDS, WHAT_TO_DO
from disbursements.services import bank, moves
from disbursements.services.channels import abilities_of, open_channel
from disbursements.services.channels.base import Answer, FileParcel
from disbursements.services.submissions import deciding, records, transferring

FILE_JOB, LINE_JOB = "disbursements.submit_file", "disbursements.submit_lines"


@transaction.atomic
def submit(*, pay_list: PayList, channel: BankChannel, by: User, at: datetime) -> BankSubmission:
    """Write down the intent and let a worker send; the list is the bank's from here on.

    Raises Refused while files are missing, the channel is off or lacks its secrets, or the list
    is at the bank already: nothing is ever sent beside a submission that may have arrived.
    """
    moves.require_right(by, Permission.BANK_FILE)
    moves.not_while_busy(pay_list)
    row = moves.lock_row(pay_list)
    _may_use(row, channel)
    live = records.live_submission(row)
    if live is not None:
        raise Refused(
            "SUBMISSION-LIVE",
            _("Daftar ini sudah punya kiriman %(reference)s: %(state)s. %(advice)s")
            % {
                "reference": live.reference,
                "state": live.get_state_display(),
                "advice": WHAT_TO_DO[SubmissionState(live.state)],
            },
        )
    if row.submissions.exists():
        if row.state not in AWAITS_RESULT:
            raise moves.stale()
        bank.same_as_approved(row)
    else:
        bank.release(row, by=by, at=at)
    file = _file_for(row, channel)
    found = records.open_submission(pay_list=row, channel=channel, file=file, by=by, at=at)
    return _ring(found, by, at)


def _may_use(pay_list: PayList, channel: BankChannel) -> None:
    ours = channel.agency_id == pay_list.budget.agency.pk
    if not (channel.active and ours and abilities_of(channel).submits):
        raise Refused(
            "CHANNEL-OFF",
            _("Kanal bank ini tidak aktif untuk dinas Anda. Tidak ada yang terkirim."),
        )
    open_channel(channel)


def _file_for(pay_list: PayList, channel: BankChannel) -> BankFile | None:
    if abilities_of(channel).per_line:
        return None
    file = pay_list.files.select_related("document").filter(format=channel.file_format).first()
    if file is None:
        raise Refused(
            "BANK-FILES", _("Berkas bank belum lengkap. Buat berkasnya dulu, lalu kirim ke bank.")
        )
    return file


def _ring(submission: BankSubmission, by: User, at: datetime) -> BankSubmission:
    per_line = abilities_of(submission.channel).per_line
    submission.job = jobs.submit(
        kind=LINE_JOB if per_line else FILE_JOB,
        title=_("Mengirim daftar %(number)s ke bank") % {"number": submission.pay_list.number},
        by=by,
        at=at,
        params={"submission": submission.pk},
        total=submission.count if per_line else 1,
    )
    submission.save(update_fields=["job"])
    return submission


def why_not_send_again(submission: BankSubmission) -> str:
    """Why a submission may not be sent again under its reference; empty when it may."""
    if submission.job is not None and submission.job.is_open:
        return _("Kiriman sedang dikerjakan.")
    if submission.pay_list.state not in AWAITS_RESULT:
        return _("Daftar ini tidak lagi menunggu hasil bank.")
    if deciding.open_decision(submission) is not None:
        return _("Keputusan tentang kiriman ini masih menunggu orang kedua.")
    if abilities_of(submission.channel).per_line:
        left = transferring.waiting_lines(submission)
        return "" if left else _("Tidak ada baris yang masih dapat dikirim.")
    if submission.state == SubmissionState.INTENT:
        last = records.last_heard(submission)
        if last is not None and last.heard == Heard.ASKED:
            return _("Kiriman terakhir belum jelas hasilnya. Tanyakan status dulu.")
        return ""
    if submission.state != SubmissionState.UNKNOWN:
        return _("Kiriman ini %(state)s.") % {"state": submission.get_state_display()}
    if not abilities_of(submission.channel).deduplicates:
        return _(
            "Bank ini tidak menjamin menolak kiriman ganda. Kirim lagi hanya sesudah dua orang"
            " memutuskan bahwa kiriman pertama tidak sampai."
        )
    return ""


@transaction.atomic
def send_again(*, submission: BankSubmission, by: User, at: datetime) -> BankSubmission:
    """The same reference and the same hash once more: nothing left before, or the bank declares
    that the same again changes nothing. Raises Refused otherwise."""
    moves.require_right(by, Permission.BANK_FILE)
    moves.lock_row(submission.pay_list)
    row = records.lock_submission(submission)
    why = why_not_send_again(row)
    if why:
        raise Refused("SUBMISSION-NOT-AGAIN", why)
    if row.channel is None:
        raise moves.stale()
    _may_use(row.pay_list, row.channel)
    bank.same_as_approved(moves.lock_row(row.pay_list))
    if row.state == SubmissionState.UNKNOWN and not abilities_of(row.channel).per_line:
        records.move(submission=row, to=SubmissionState.INTENT, by=by, at=at)
    return _ring(row, by, at)


def intend(*, submission: BankSubmission, by: User, at: datetime) -> tuple[BankSubmission, bool]:
    """Note that the call is about to be made; False when the submission is no longer to be sent.

    Call it in a transaction that is committed before the call.
    """
    moves.lock_row(submission.pay_list)
    row = records.lock_submission(submission)
    if row.state != SubmissionState.INTENT or row.pay_list.state not in AWAITS_RESULT:
        return row, False
    answer = Answer(Heard.ASKED)
    records.note(submission=row, kind=AttemptKind.SEND, answer=answer, by=by, at=at)
    point("submission.intended")
    return row, True


def call_bank(submission: BankSubmission) -> Answer:
    """The call itself, in no transaction; whatever goes wrong is an answer."""
    channel, file = submission.channel, submission.file
    if channel is None or file is None:
        return Answer(Heard.NOT_SENT)
    try:
        data = documents.read_bytes(file.document)
        if file.sha256 != submission.sha256:
            raise Refused("BANK-HASH", _("Sidik jari berkas tidak sama dengan yang dicatat."))
        way = open_channel(channel)
    except Refused as refused:
        return Answer(Heard.NOT_SENT, text=str(refused.message)[:200])
    point("submission.calling")
    parcel = FileParcel(submission.reference, submission.sha256, file.format, data)
    answer = way.submit(parcel)
    point("submission.called")
    return answer


def take_answer(
    *, submission: BankSubmission, answer: Answer, by: User, at: datetime
) -> tuple[BankSubmission, bool]:
    """Write what was heard; True when the same may be sent once more right away.

    In doubt the state is UNKNOWN, unless the bank declares deduplication: then the same reference
    and hash go again, a few times at most. A submission that moved on meanwhile keeps its state.
    """
    moves.lock_row(submission.pay_list)
    row = records.lock_submission(submission)
    records.note(submission=row, kind=AttemptKind.SEND, answer=answer, by=by, at=at)
    point("submission.heard")
    if row.state != SubmissionState.INTENT:
        if row.state == SubmissionState.UNKNOWN and answer.heard == Heard.ACCEPTED:
            records.move(
                submission=row, to=SubmissionState.ACCEPTED, by=by, at=at, text=answer.text
            )
        return row, False
    again = answer.heard in {Heard.NOT_SENT, Heard.UNKNOWN} and _may_repeat(row, answer)
    if again:
        return row, True
    to = AFTER_SENDING.get(answer.heard)
    if to is not None:
        records.move(submission=row, to=to, by=by, at=at, text=answer.text)
    else:
        BankSubmission.objects.filter(pk=row.pk).update(bank_text=answer.text[:200], heard_at=at)
    return row, False


def _may_repeat(submission: BankSubmission, answer: Answer) -> bool:
    since = submission.job.created_at if submission.job is not None else submission.intent_at
    sends = submission.attempts.filter(
        kind=AttemptKind.SEND, heard=Heard.ASKED, at__gte=since
    ).count()
    if sends >= MOST_SENDS:
        return False
    return answer.heard == Heard.UNKNOWN and abilities_of(submission.channel).deduplicates


def lost(*, submission: BankSubmission, by: User, at: datetime) -> bool:
    """The call was made or not, and nobody is left who knows: doubt. True to send once more."""
    answer = Answer(Heard.UNKNOWN, text=_("Pengiriman terputus sebelum jawaban bank dicatat."))
    return take_answer(submission=submission, answer=answer, by=by, at=at)[1]


def is_waiting(pay_list: PayList) -> bool:
    """The list may be given to the bank for the first time."""
    return bank.is_ready(pay_list) and pay_list.state in {ListState.SP2D, ListState.APPROVED}
