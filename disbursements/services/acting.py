"""Acts that look at every line of a list: at once for most lists, by a worker for long ones.

A worker does the whole act in one transaction, as the page does: all of it stands or nothing. It
tells how far it is (bansos.lib.pulse) and rolls back when its owner cancels the job.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.accounts.models import User
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib.errors import Refused
from disbursements.choices import ListState
from disbursements.models import PayList
from disbursements.services import approving, bank, moves

KIND = "disbursements.act"
Given = Mapping[str, str]


@dataclass(frozen=True)
class Act:
    """`work` does it; `early` refuses what can be told without reading the lines."""

    title: Any
    work: Callable[..., PayList]
    early: Callable[[PayList, User, Given], object]


def _seen(may: Callable[[PayList, User], None]) -> Callable[[PayList, User, Given], None]:
    def early(row: PayList, by: User, given: Given) -> None:
        may(row, by)
        approving.as_seen(row, given["seen_hash"])

    return early


ACTS = {
    "lock": Act(
        gettext_lazy("Mengunci daftar bayar %(number)s"),
        approving.lock_unless_blocked,
        lambda row, by, given: approving.may_lock(row, by),
    ),
    "check": Act(
        gettext_lazy("Menandatangani pemeriksaan %(number)s"),
        approving.check,
        _seen(approving.may_check),
    ),
    "approve": Act(
        gettext_lazy("Menandatangani persetujuan %(number)s"),
        approving.approve,
        _seen(approving.may_approve),
    ),
    "cancel": Act(
        gettext_lazy("Membatalkan daftar bayar %(number)s"),
        approving.cancel,
        lambda row, by, given: approving.may_cancel(row, given["reason"]),
    ),
    "send": Act(
        gettext_lazy("Mencatat pengiriman %(number)s"),
        bank.mark_sent,
        lambda row, by, given: bank.may_send(row),
    ),
}


def is_long(pay_list: PayList) -> bool:
    """Too many lines for somebody to wait in front of the page."""
    return pay_list.count >= settings.LONG_LIST_LINES


def is_busy(pay_list: PayList) -> bool:
    """A worker does an act on this list."""
    job = pay_list.job
    return job is not None and job.kind == KIND and job.is_open


def act(*, name: str, pay_list: PayList, by: User, at: datetime, **given: str) -> Job | None:
    """Do an act of ACTS now; for a long list ask a worker and give back the job.

    Raises what the act raises; of a long list only what is told without reading its lines, the
    rest ends the job with the same sentence.
    """
    if not is_long(pay_list):
        work = approving.lock if name == "lock" else ACTS[name].work
        work(pay_list=pay_list, by=by, at=at, **given)
        return None
    not_while_busy(pay_list)
    with transaction.atomic():
        row = moves.lock_row(pay_list)
        not_while_busy(row)
        ACTS[name].early(row, by, given)
        job = jobs.submit(
            kind=KIND,
            title=ACTS[name].title % {"number": row.number},
            by=by,
            at=at,
            params={"list": row.pk, "act": name, "given": dict(given)},
            total=row.count,
        )
        PayList.objects.filter(pk=row.pk).update(job=job)
    return job


def not_while_busy(pay_list: PayList) -> None:
    """Raises Refused while a worker does an act on this list."""
    row = PayList.objects.select_related("job").get(pk=pay_list.pk)
    if row.job is not None and is_busy(row):
        raise Refused(
            "LIST-BUSY",
            _(
                "Daftar ini sedang dikerjakan di latar: %(title)s. Tidak ada yang berubah oleh"
                " Anda. Tunggu sampai selesai, atau batalkan pekerjaannya."
            )
            % {"title": row.job.title},
        )


def work(*, pay_list: PayList, name: str, given: Given, by: User, at: datetime) -> str:
    """Do the act as the worker; the sentence why a list was not locked, else "".

    A list with blocking hits is no failure: the hits stay and are shown.
    """
    row = ACTS[name].work(pay_list=pay_list, by=by, at=at, **given)
    if name == "lock" and row.state != ListState.LOCKED:
        return approving.blocked_sentence(row)
    return ""
