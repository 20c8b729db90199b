"""The rows of a submission: opening it, noting each call, moving its state with its lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.lib.dates import day_of
from bansos.lib.errors import Stale
from disbursements.choices import (
    AttemptKind,
    ChannelKind,
    Heard,
    LineState,
    SubmissionState,
    TransferState,
)
from disbursements.models import (
    BankAttempt,
    BankChannel,
    BankFile,
    BankSubmission,
    BankTransfer,
    CallCounter,
    PayList,
    PaymentLine,
)
from disbursements.rules.references import submission_reference
from disbursements.rules.submissions import SUBMISSION_MOVES
from disbursements.services.channels.base import Answer

WIB = ZoneInfo("Asia/Jakarta")


def open_submission(
    *,
    pay_list: PayList,
    channel: BankChannel | None,
    file: BankFile | None,
    by: User,
    at: datetime,
) -> BankSubmission:
    """Write down what will leave, under which reference and hash; hold the list's row.

    Nothing has left yet: the caller commits this before any call.
    """
    number = pay_list.submissions.count() + 1
    kind = ChannelKind(channel.kind) if channel is not None else ChannelKind.MANUAL
    row = BankSubmission.objects.create(
        pay_list=pay_list,
        number=number,
        kind=kind,
        channel=channel,
        file=file,
        reference=submission_reference(pay_list.number, number),
        sha256=file.sha256 if file is not None else pay_list.content_hash,
        count=pay_list.count,
        total=pay_list.total,
        state=SubmissionState.INTENT if channel is not None else SubmissionState.SENT,
        intent_at=at,
        intent_by=by,
    )
    audit.record(
        verb="disbursements.open_submission",
        by=by,
        at=at,
        target=row,
        area_code=pay_list.area_code,
        list=pay_list.number,
        reference=row.reference,
        channel=kind,
        sha256=row.sha256,
        count=row.count,
        total=row.total,
    )
    return row


def live_submission(pay_list: PayList) -> BankSubmission | None:
    """The submission a list stands or falls with; a refused one does not count."""
    rows = pay_list.submissions.exclude(state=SubmissionState.REJECTED)
    found: BankSubmission | None = rows.select_related("channel", "job").first()
    return found


def lock_submission(submission: BankSubmission) -> BankSubmission:
    """The submission FOR UPDATE; take the list's row first."""
    found: BankSubmission = (
        BankSubmission.objects.select_for_update(of=("self",))
        .select_related("pay_list__budget__agency", "channel", "file__document", "job")
        .get(pk=submission.pk)
    )
    return found


def note(
    *,
    submission: BankSubmission,
    kind: AttemptKind,
    answer: Answer,
    by: User,
    at: datetime,
    transfer: BankTransfer | None = None,
    external_id: str = "",
) -> BankAttempt:
    """One call, answer or finding, for ever."""
    return BankAttempt.objects.create(
        submission=submission,
        transfer=transfer,
        kind=kind,
        heard=answer.heard,
        external_id=external_id,
        code=answer.code[:12],
        text=answer.text[:200],
        at=at,
        by=by,
    )


def last_heard(submission: BankSubmission) -> BankAttempt | None:
    """The last thing noted about the whole submission."""
    found: BankAttempt | None = submission.attempts.filter(transfer=None).order_by("-pk").first()
    return found


def move(
    *,
    submission: BankSubmission,
    to: SubmissionState,
    by: User,
    at: datetime,
    text: str = "",
    with_lines: bool = True,
) -> BankSubmission:
    """Change the state by a conditional UPDATE, with its lines and an audit event.

    In doubt the lines are unknown; when the doubt is gone they are the bank's again. A bank's
    result moves the lines itself, so it leaves them (`with_lines`).
    """
    old = SubmissionState(submission.state)
    rows = BankSubmission.objects.filter(pk=submission.pk, state=old)
    changed = (old, to) in SUBMISSION_MOVES and rows.update(
        state=to, bank_text=text[:200], heard_at=at
    )
    if changed != 1:
        raise Stale(
            "SUBMISSION-STALE",
            _(
                "Keadaan kiriman baru saja berubah. Tidak ada yang berubah oleh Anda. Muat ulang"
                " halaman, lalu putuskan lagi."
            ),
        )
    audit.record(
        verb="disbursements.move_submission",
        by=by,
        at=at,
        target=submission,
        area_code=submission.pay_list.area_code,
        list=submission.pay_list.number,
        reference=submission.reference,
        old=old,
        new=to,
    )
    submission.state, submission.bank_text, submission.heard_at = to, text[:200], at
    if with_lines and not submission.transfers.exists():
        in_doubt = to == SubmissionState.UNKNOWN
        set_doubt(submission.pay_list.lines.all(), in_doubt=in_doubt)
    return submission


def set_doubt(lines: QuerySet[PaymentLine], *, in_doubt: bool) -> None:
    """Lines the bank may or may not have are unknown; lines it certainly has are submitted."""
    before, after = (
        (LineState.SUBMITTED, LineState.UNKNOWN)
        if in_doubt
        else (LineState.UNKNOWN, LineState.SUBMITTED)
    )
    lines.filter(state=before).update(state=after)


def doubt_lines(transfers: Sequence[BankTransfer]) -> None:
    """The lines of these transfers follow their states."""
    lines = PaymentLine.objects.all()
    unknown = [row.line_id for row in transfers if row.state == TransferState.UNKNOWN]
    known = [row.line_id for row in transfers if row.state != TransferState.UNKNOWN]
    set_doubt(lines.filter(pk__in=unknown), in_doubt=True)
    set_doubt(lines.filter(pk__in=known), in_doubt=False)


def take_numbers(*, channel: BankChannel, count: int, at: datetime) -> list[str]:
    """`count` new X-EXTERNAL-IDs: numeric, unique in the channel's day; commit before calling."""
    day = day_of(at, WIB)
    CallCounter.objects.get_or_create(channel=channel, day=day)
    rows = CallCounter.objects.filter(channel=channel, day=day)
    last = rows.select_for_update().get().last
    rows.update(last=F("last") + count)
    return [f"{day:%Y%m%d}{channel.pk:06d}{last + place:012d}" for place in range(1, count + 1)]


def bank_has_answered(*, pay_list: PayList, by: User, at: datetime) -> None:
    """A result of the bank was applied: it has the list, whatever the call said."""
    row = live_submission(pay_list)
    doubtful = {SubmissionState.UNKNOWN, SubmissionState.SENT, SubmissionState.INTENT}
    if row is None or row.state not in doubtful or row.transfers.exists():
        return
    found = Answer(Heard.ACCEPTED, text=_("Hasil dari bank sudah diterapkan."))
    note(submission=row, kind=AttemptKind.EVIDENCE, answer=found, by=by, at=at)
    move(
        submission=row,
        to=SubmissionState.ACCEPTED,
        by=by,
        at=at,
        text=found.text,
        with_lines=False,
    )
