"""Reconciliation of a main list with its follow-ups, and its closing with two Berita Acara."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.documents import services as documents
from bansos.documents.models import Document
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib.errors import Refused
from bansos.lib.faults import point
from disbursements.choices import ListState, ResultState
from disbursements.documents.content import record_of
from disbursements.documents.letters import Record, render_reconciliation, render_return_record
from disbursements.models import CashCorrection, PayList, Reconciliation, ResultFile
from disbursements.queries.identity import Identity, IdentityRow, identity_of
from disbursements.services import applying, moves

RECONCILED, RETURNED = "disbursements.reconciliation", "disbursements.return_record"
RENDER: dict[str, tuple[Callable[..., bytes], str, str]] = {
    RECONCILED: (render_reconciliation, "BA-REK", "Berita Acara rekonsiliasi"),
    RETURNED: (render_return_record, "BA-KEM", "Berita Acara pengembalian"),
}


def identity(pay_list: PayList) -> Identity:
    """SP2D = delivered + paid again + paid back + open + unknown, by district and in total."""
    return identity_of(pay_list)


@transaction.atomic
def close(*, pay_list: PayList, by: User, at: datetime) -> Job:
    """Ask for the closing: a worker makes both records and closes the list and its follow-ups.

    Raises Refused with the first obstacle while anything is open.
    """
    moves.require_right(by, Permission.RECONCILE)
    main = moves.lock_row(pay_list.parent or pay_list)
    _must_be_even(main)
    job = jobs.submit(
        kind="disbursements.close",
        title=_("Menutup rekonsiliasi %(number)s") % {"number": main.number},
        by=by,
        at=at,
        params={"list": main.pk},
        total=2,
    )
    PayList.objects.filter(pk=main.pk).update(job=job)
    return job


def _must_be_even(main: PayList) -> Identity:
    _nothing_half_applied(main)
    _nothing_in_dispute(main)
    if main.state != ListState.SETTLED:
        found = identity_of(main)
        words = found.obstacles or [_("Daftar ini belum tersalur.")]
        raise Refused("CLOSE-OPEN", _("Rekonsiliasi belum dapat ditutup. ") + words[0])
    found = identity_of(main)
    if not found.is_even or found.obstacles:
        raise Refused("CLOSE-OPEN", _("Rekonsiliasi belum dapat ditutup. ") + found.obstacles[0])
    return found


def _nothing_half_applied(main: PayList) -> None:
    """Raises Refused while an answer about this family was begun and is not wholly in."""
    begun = ResultFile.objects.without_bytes().filter(state=ResultState.CHECKED, job__isnull=False)
    row = begun.filter(Q(pay_list=main) | Q(pay_list__parent=main)).order_by("pk").first()
    if row is not None:
        raise Refused(
            "CLOSE-RESULT",
            _(
                "Rekonsiliasi belum dapat ditutup. Hasil bank daftar %(number)s belum selesai"
                " diterapkan. Tunggu sampai selesai, atau terapkan lagi dari halamannya."
            )
            % {"number": applying.list_of(row).number},
        )


def _nothing_in_dispute(main: PayList) -> None:
    """Raises Refused while a third person has not answered about a receipt of this family."""
    asked = CashCorrection.objects.filter(confirmed_at=None, refused_at=None)
    family = Q(receipt__line__pay_list=main) | Q(receipt__line__pay_list__parent=main)
    if asked.filter(family).exists():
        raise Refused(
            "CLOSE-CORRECTION",
            _(
                "Rekonsiliasi belum dapat ditutup. Koreksi kuitansi loket menunggu orang ketiga;"
                " minta ia menjawab di halaman kuitansinya."
            ),
        )


def close_step(*, pay_list: PayList, by: User, at: datetime) -> Reconciliation:
    """Both records and the closing, in the caller's transaction; once, however often it is run.

    Raises Refused when something opened again since it was asked for.
    """
    main = moves.lock_row(pay_list)
    known = Reconciliation.objects.filter(pay_list=main).first()
    if known is not None:
        return known
    found = _must_be_even(main)
    record = _issue(found, RECONCILED, by, at)
    return_record = _issue(found, RETURNED, by, at) if _has_returns(found) else None
    point("close.papers")
    total = found.total
    reconciliation = Reconciliation.objects.create(
        pay_list=main,
        area_code=main.area_code,
        sp2d_amount=total.sp2d.amount,
        settled_amount=total.settled.amount,
        repaid_amount=total.repaid.amount,
        treasury_amount=total.treasury.amount,
        figures=[_plain(row) for row in found.districts],
        record=record,
        return_record=return_record,
        closed_at=at,
        closed_by=by,
    )
    for row in [*main.follow_ups.filter(state=ListState.SETTLED), main]:
        moves.move(
            pay_list=moves.lock_row(row),
            to=ListState.CLOSED,
            by=by,
            at=at,
            verb="disbursements.close_list",
            closed_at=at,
            closed_by=by,
        )
    return reconciliation


def _has_returns(found: Identity) -> bool:
    return bool(found.total.repaid.count or found.total.treasury.count)


def _plain(row: IdentityRow) -> dict[str, object]:
    def pair(count: int, amount: Decimal) -> list[object]:
        return [count, str(amount)]

    return {
        "code": row.code,
        "name": row.name,
        "sp2d": pair(row.sp2d.count, row.sp2d.amount),
        "settled": pair(row.settled.count, row.settled.amount),
        "repaid": pair(row.repaid.count, row.repaid.amount),
        "treasury": pair(row.treasury.count, row.treasury.amount),
    }


def _issue(found: Identity, kind: str, by: User, at: datetime) -> Document:
    main = found.pay_list
    agency = main.budget.agency
    on = at.astimezone(agency.zone).date()
    render, prefix, title = RENDER[kind]
    template = documents.template_for(kind=kind, agency=agency, on=on)
    sequence = documents.next_number(agency=agency, kind=kind, on=on)
    number = f"{prefix}/{sequence:04d}/{on.year}"
    code = documents.new_check_code()
    letter: Record = record_of(
        found,
        number=number,
        on=on,
        at=at,
        check_code=code,
        check_url=documents.check_url(code),
    )
    return documents.issue(
        kind=kind,
        title=f"{title} {main.number}",
        content=render(letter, path=template.path),
        file_name=f"{prefix}-{main.number}.pdf",
        mime="application/pdf",
        agency=agency,
        area_code=main.area_code,
        subject=main,
        by=by,
        at=at,
        number=number,
        check_code=code,
        template_version=template.version,
    )
