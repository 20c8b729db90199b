"""Whether bank files of a list may have left the house."""

from __future__ import annotations

from datetime import date

from bansos.audit.models import Event
from disbursements.models import PayList
from disbursements.queries.rails import beyond_limits, paid_on


def may_be_out(pay_list: PayList) -> bool:
    """A file was handed out to anybody, or something was sent: a bank may pay from it.

    Every door to a stored file records the handing out in the transaction that reads it, so the
    trail is the answer. Hold the list's row: the doors hold it too.
    """
    if pay_list.submissions.exists():
        return True
    made = [
        *pay_list.files.values_list("document_id", flat=True),
        *pay_list.layout_files.values_list("document_id", flat=True),
    ]
    handed = Event.objects.filter(
        verb="documents.hand_out",
        target_type="documents.document",
        target_id__in=[str(pk) for pk in made],
    )
    return bool(handed.exists())


def kept_in_by_limits(pay_list: PayList, today: date) -> bool:
    """A rail does not carry the payments of its files any more, and no file left the house.

    Such a list cannot go to the bank, so it may be given up and drawn anew (docs/adr/0034).
    """
    return bool(beyond_limits(pay_list, on=paid_on(pay_list, today))) and not may_be_out(pay_list)
