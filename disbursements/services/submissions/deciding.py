"""A submission in doubt that no bank answers for: two people find out and say what happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from disbursements.choices import (
    Arrival,
    AttemptKind,
    Heard,
    SubmissionState,
    TransferState,
)
from disbursements.models import BankSubmission, SubmissionDecision
from disbursements.services import moves
from disbursements.services.channels.base import Answer
from disbursements.services.submissions import records, transferring

SHORTEST_REASON = 20


def open_decision(submission: BankSubmission) -> SubmissionDecision | None:
    """The decision that waits for the second person."""
    rows = submission.decisions.filter(confirmed_at=None).select_related("decided_by")
    found: SubmissionDecision | None = rows.first()
    return found


@transaction.atomic
def decide(
    *, submission: BankSubmission, arrival: Arrival, reason: str, by: User, at: datetime
) -> SubmissionDecision:
    """The first person says whether it arrived, and how that is known.

    Raises Refused while a job still sends or asks: nobody can have asked the bank about that yet.
    """
    moves.require_right(by, Permission.BANK_RESULT)
    moves.lock_row(submission.pay_list)
    row = records.lock_submission(submission)
    _only_in_doubt(row)
    if row.job is not None and row.job.is_open:
        raise Refused(
            "SUBMISSION-RUNNING",
            _("Kiriman sedang dikerjakan. Tunggu sampai selesai, lalu putuskan."),
        )
    if open_decision(row) is not None:
        raise Stale(
            "SUBMISSION-DECIDED",
            _("Keputusan lain masih menunggu orang kedua. Tidak ada yang berubah."),
        )
    if len(reason.strip()) < SHORTEST_REASON:
        sentence = _("Tulis siapa di bank yang ditanya, kapan, dan apa jawabannya.")
        raise BadInput("SUBMISSION-REASON", sentence, fields={"reason": sentence})
    decision = SubmissionDecision.objects.create(
        submission=row, arrival=arrival, reason=reason.strip(), decided_at=at, decided_by=by
    )
    _record("disbursements.decide_submission", decision, by, at, arrival=arrival)
    return decision


def why_not_confirm(decision: SubmissionDecision, user: User) -> str:
    """Why this person cannot confirm; empty when he can."""
    if not user.can(Permission.SUBMISSION_CONFIRM):
        return _("Keputusan disahkan oleh kepala seksi.")
    if decision.decided_by_id == user.pk:
        return _("Anda memutus kiriman ini, jadi tidak dapat mengesahkannya.")
    return ""


@transaction.atomic
def confirm(
    *, decision: SubmissionDecision, agreed: bool, note: str, by: User, at: datetime
) -> SubmissionDecision:
    """The second person: agreed, the doubt ends as decided; not agreed, it stays.

    A decision the bank's own word overtook can only be sent back.
    Not arrived: the same reference and hash may be sent again. Raises NotAllowed, Stale, BadInput.
    """
    moves.lock_row(decision.submission.pay_list)
    row = records.lock_submission(decision.submission)
    decision = SubmissionDecision.objects.select_for_update().get(pk=decision.pk)
    why = why_not_confirm(decision, by)
    if why:
        raise NotAllowed("SUBMISSION-RIGHT", why)
    if decision.confirmed_at is not None:
        raise Stale("SUBMISSION-CONFIRMED", _("Keputusan ini sudah disahkan atau ditolak."))
    if agreed:
        _only_in_doubt(row)
    if not agreed and not note.strip():
        sentence = _("Tulis mengapa Anda tidak setuju.")
        raise BadInput("SUBMISSION-NOTE", sentence, fields={"note": sentence})
    decision.agreed, decision.note = agreed, note.strip()
    decision.confirmed_at, decision.confirmed_by = at, by
    decision.save(update_fields=["agreed", "note", "confirmed_at", "confirmed_by"])
    _record("disbursements.confirm_submission", decision, by, at, agreed=agreed)
    if agreed:
        _end_doubt(row, decision, by, at)
    return decision


def _end_doubt(row: BankSubmission, decision: SubmissionDecision, by: User, at: datetime) -> None:
    arrived = decision.arrival == Arrival.ARRIVED
    text = str(Arrival(decision.arrival).label)
    answer = Answer(Heard.ACCEPTED if arrived else Heard.NOT_SENT, text=text)
    # What was sent after the bank was asked is another doubt, which this decision knows nothing of.
    known = row.transfers.filter(state=TransferState.UNKNOWN, asked_at__lte=decision.decided_at)
    doubtful = list(known.select_for_update(of=("self",)))
    for transfer in doubtful:
        transferring.hear(row, transfer, answer, kind=AttemptKind.DECISION, by=by, at=at)
    records.doubt_lines(doubtful)
    records.note(submission=row, kind=AttemptKind.DECISION, answer=answer, by=by, at=at)
    if row.transfers.exists():
        transferring.summarize(submission=row, by=by, at=at)
        return
    to = SubmissionState.ACCEPTED if arrived else SubmissionState.INTENT
    records.move(submission=row, to=to, by=by, at=at, text=text)


def _only_in_doubt(row: BankSubmission) -> None:
    if row.state != SubmissionState.UNKNOWN:
        raise Refused(
            "SUBMISSION-CLEAR",
            _("Kiriman ini %(state)s, jadi tidak ada yang perlu diputus. Tidak ada yang berubah.")
            % {"state": row.get_state_display()},
        )


def _record(verb: str, decision: SubmissionDecision, by: User, at: datetime, **data: Any) -> None:
    row = decision.submission
    audit.record(
        verb=verb,
        by=by,
        at=at,
        target=row,
        area_code=row.pay_list.area_code,
        list=row.pay_list.number,
        reference=row.reference,
        **data,
    )
