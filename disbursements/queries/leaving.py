"""Whether bank files of a list may have left the house."""

from __future__ import annotations

from datetime import date

from bansos.audit.models import Event
from bansos.documents.models import Document
from disbursements.choices import FileFormat
from disbursements.models import PayList
from disbursements.queries.rails import beyond_limits, paid_on

# The kinds of the documents that a bank may pay from; one gate stands before all of them.
BANK_KINDS = tuple(f"disbursements.{name}" for name in (*FileFormat.values, "layout_file"))


def may_be_out(pay_list: PayList) -> bool:
    """A file was handed out to anybody, or something was sent: a bank may pay from it.

    Every door to a stored file records the handing out in the transaction that reads it, so the
    trail is the answer, about every file ever made of the list: a letter that left stays out when
    a newer one took its place. Hold the list's row: the doors hold it too.
    """
    if pay_list.submissions.exists():
        return True
    made = Document.objects.filter(
        kind__in=BANK_KINDS,
        subject_type=pay_list._meta.label_lower,
        subject_id=str(pay_list.pk),
    )
    handed = Event.objects.filter(
        verb="documents.hand_out",
        target_type="documents.document",
        target_id__in=[str(pk) for pk in made.values_list("pk", flat=True)],
    )
    return bool(handed.exists())


def kept_in_by_limits(pay_list: PayList, today: date) -> bool:
    """A rail does not carry the payments of its files any more, and no file left the house.

    Such a list cannot go to the bank, so it may be given up and drawn anew (docs/adr/0034).
    """
    return bool(beyond_limits(pay_list, on=paid_on(pay_list, today))) and not may_be_out(pay_list)
