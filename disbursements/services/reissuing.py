"""What names an SP2D follows it: after a correction nothing of the old one is printed or sent.

Files for the bank that never left the house are withdrawn and made anew; of those that did only
the letter is written once more. Papers of the stage are made again. Nothing is erased: withdrawn
and superseded documents stay in the archive under their hashes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.documents.choices import DocumentState
from bansos.documents.models import Document
from bansos.jobs import services as jobs
from bansos.lib.calendar import next_bank_day
from bansos.regions.queries import days_off
from disbursements.choices import FileFormat
from disbursements.models import PayList
from disbursements.queries.leaving import may_be_out
from disbursements.services import moves, papers

LETTER_JOB = "disbursements.renew_letter"
# The papers of a stage that print number and date of the SP2D.
NAMING = ("funds_data", "batch_receipt", "handover", "responsibility", "recap", "return_record")


def withdraw_files(row: PayList, *, by: User, at: datetime) -> int:
    """Take every bank file of a list out of use; how many. Hold the list; only while none of them
    can be out of the house. With them goes the day that stood in their bytes."""
    made = [
        *row.files.values_list("document_id", flat=True),
        *row.layout_files.values_list("document_id", flat=True),
    ]
    if not made:
        return 0
    row.files.all().delete()
    row.layout_files.all().delete()
    _withdraw(row, made, by, at)
    return len(made)


def _withdraw(row: PayList, documents: Sequence[object], by: User, at: datetime) -> None:
    Document.objects.filter(pk__in=documents).update(state=DocumentState.WITHDRAWN)
    moves.note_event(
        pay_list=row,
        verb="disbursements.withdraw_files",
        by=by,
        at=at,
        reason=_("SP2D dikoreksi."),
        documents=[str(pk) for pk in documents],
        sp2d=row.sp2d_number,
    )


def withdraw_papers(row: PayList, *, by: User, at: datetime) -> None:
    """The SP2D was taken back whole: papers that name it hold no more."""
    named = [document.pk for document in _naming(row)]
    if named:
        _withdraw(row, named, by, at)


def _naming(row: PayList) -> list[Document]:
    """The valid papers of a list that were issued since its SP2D was recorded."""
    since = (row.parent or row).sp2d_at
    if since is None:
        return []
    kinds = [papers.PAPERS[key].kind for key in NAMING]
    return list(
        Document.objects.filter(
            subject_type=row._meta.label_lower,
            subject_id=str(row.pk),
            kind__in=[*kinds, *(f"{kind}_xlsx" for kind in kinds)],
            state=DocumentState.VALID,
            issued_at__gte=since,
        )
    )


def renew(row: PayList, *, old_date: date | None, asked_by: User, by: User, at: datetime) -> None:
    """Make the papers of a list say its corrected SP2D; hold the list, its row is read anew.

    The work is done by a worker in the name of who asked for the correction.
    """
    if may_be_out(row):
        _renew_letter(row, asked_by=asked_by, by=by, at=at)
    else:
        withdraw_files(row, by=by, at=at)
        _follow_date(row, old_date)
    kinds = {document.kind for document in _naming(row)}
    keys = [key for key in NAMING if papers.PAPERS[key].kind in kinds]
    due = [key for key in keys if not papers.why_not(papers.PAPERS[key], row, asked_by)]
    if due:
        papers.make_papers(pay_list=row, keys=due, by=asked_by, at=at)


def _renew_letter(row: PayList, *, asked_by: User, by: User, at: datetime) -> None:
    """Nobody takes or sends the letter with the old number from now on; a worker writes another."""
    letter = row.files.filter(format=FileFormat.INSTRUCTION).first()
    if letter is None:
        return
    _withdraw(row, [letter.document_id], by, at)
    jobs.submit(
        kind=LETTER_JOB,
        title=_("Membuat ulang surat ke bank %(number)s") % {"number": row.number},
        by=asked_by,
        at=at,
        params={"list": row.pk},
        total=1,
    )


def _follow_date(row: PayList, old_date: date | None) -> None:
    """The bank's day follows the SP2D's date where it came from it, or would lie before it."""
    if row.sp2d_date is None or old_date is None or row.execution_on is None or row.parent_id:
        return
    if row.execution_on == first_day(row, old_date) or row.execution_on < row.sp2d_date:
        PayList.objects.filter(pk=row.pk).update(execution_on=first_day(row, row.sp2d_date))


def first_day(row: PayList, since: date) -> date:
    """The first day from this one on which the agency's bank works."""
    return next_bank_day(since, days_off(row.budget.agency.area_code, since))
