"""The BAST of a hand-over is made once in the background; its pictures are opened with a trace."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.documents import services as documents
from bansos.documents.models import Document
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.jobs.queries import is_at_work
from bansos.lib.crypto import open_bytes
from bansos.lib.dates import long_date
from bansos.lib.errors import Refused
from bansos.regions.queries import full_name
from disbursements.documents.handover import GivenLine, HandoverPaper, render_handover
from disbursements.models import Handover
from disbursements.services import goods
from disbursements.services.goods import PHOTO, SIGNATURE

KIND = "disbursements.bast"


@transaction.atomic
def hand_over(*, by: User, at: datetime, **given: Any) -> Handover:
    """A hand-over with the job of its BAST, both or neither; raises what goods.hand_over() does."""
    made = goods.hand_over(by=by, at=at, **given)
    _submit(made, by, at)
    return made


def is_being_made(handover: Handover) -> bool:
    """A worker has the BAST of this hand-over, or will have it."""
    return is_at_work(KIND, handover=handover.pk)


@transaction.atomic
def ask_bast(*, handover: Handover, by: User, at: datetime) -> None:
    """Ask once more for a BAST whose job ended without it.

    Raises Refused while it is there or being made.
    """
    row = Handover.objects.select_for_update(of=("self",)).get(pk=handover.pk)
    if row.document_id is not None or is_being_made(row):
        raise Refused("BAST-THERE", _("BAST ini sudah ada atau sedang dibuat. Muat ulang halaman."))
    _submit(row, by, at)


def _submit(handover: Handover, by: User, at: datetime) -> Job:
    return jobs.submit(
        kind=KIND,
        title=_("Membuat %(number)s") % {"number": handover.number},
        by=by,
        at=at,
        params={"handover": handover.pk},
        total=1,
    )


@transaction.atomic
def issue_bast(*, handover: Handover, by: User, at: datetime) -> Document:
    """The BAST as a document; a second call gives the first one."""
    row: Handover = (
        Handover.objects.select_for_update(of=("self",))
        .select_related(
            "enrolment__version__programme__agency",
            "enrolment__person",
            "warehouse",
            "handed_by",
            "proxy",
        )
        .get(pk=handover.pk)
    )
    if row.document is not None:
        return row.document
    code = documents.new_check_code()
    agency = row.enrolment.version.programme.agency
    content = render_handover(_paper(row, code))
    row.document = documents.issue(
        kind="disbursements.goods_handover",
        title=f"BAST {row.number}",
        content=content,
        file_name=f"{row.number.replace('/', '-')}.pdf",
        mime="application/pdf",
        agency=agency,
        area_code=row.area_code,
        subject=row,
        by=by,
        at=at,
        number=row.number,
        check_code=code,
    )
    row.save(update_fields=["document"])
    return row.document


def _paper(row: Handover, code: str) -> HandoverPaper:
    version, person = row.enrolment.version, row.enrolment.person
    proxy = row.proxy
    lines = row.lines.select_related("lot__item").filter(replaced_by=None).order_by("pk")
    return HandoverPaper(
        agency=version.programme.agency,
        number=row.number,
        handed_on=row.handed_on,
        made_at=row.handed_at,
        programme=f"{version.programme.name} {version.year}",
        area=full_name(row.area_code),
        recipient=person.name,
        nik=person.nik_masked,
        address=", ".join(part for part in (person.address, full_name(row.area_code)) if part),
        receiver=row.receiver_name,
        proxy_letter=f"{proxy.letter_number}, {long_date(proxy.letter_date)}" if proxy else "",
        officer=row.handed_by.full_name,
        officer_number=row.handed_by.employee_number,
        warehouse=row.warehouse.name,
        lines=[
            GivenLine(
                line.lot.item.name,
                line.quantity,
                line.lot.item.unit,
                line.unit_price,
                line.replaces_id is not None,
            )
            for line in lines
        ],
        value=row.value,
        photo=(row.photo_mime, open_bytes(bytes(row.photo), context=PHOTO)),
        signature=(row.signature_mime, open_bytes(bytes(row.signature), context=SIGNATURE)),
        check_code=code,
        check_url=documents.check_url(code),
        training=settings.TRAINING_MODE,
    )


@transaction.atomic
def open_photo(*, handover: Handover, by: User, at: datetime) -> tuple[str, bytes]:
    """The photo as it was taken; who looked at it is recorded."""
    audit.record(verb="disbursements.open_photo", by=by, at=at, target=handover)
    return handover.photo_mime, open_bytes(bytes(handover.photo), context=PHOTO)
