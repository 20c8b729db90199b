"""Steps of background work on money: draw, check, make files, apply answers, close."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from celery import shared_task
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bansos.jobs.models import Job
from bansos.jobs.registry import Step, handles
from disbursements.models import PayList, ResultFile
from disbursements.services import (
    applying,
    auditing,
    bank,
    closing,
    drawing,
    moves,
    papers,
    preflight,
)


def _list_of(job: Job) -> PayList:
    found: PayList = PayList.objects.get(pk=job.params["list"])
    return found


def _page(pay_list: PayList) -> str:
    return reverse("disbursements:list", args=[pay_list.pk])


def _on_draw_cancelled(job: Job) -> None:
    drawing.abandon(pay_list=_list_of(job), by=job.owner, at=timezone.now())


@handles("disbursements.draw", on_cancel=_on_draw_cancelled)
def draw(job: Job) -> Step:
    """First the lines, then their checks; 500 a step."""
    now = timezone.now()
    pay_list = moves.lock_row(_list_of(job))
    cursor = dict(job.cursor)
    if cursor.pop("phase", "draw") == "draw":
        progress = drawing.draw_step(pay_list=pay_list, cursor=cursor, at=now)
        phase = "check" if progress.finished else "draw"
        cursor = {} if progress.finished else progress.cursor
        message = _("%(done)s penerima disusun") % {"done": progress.done}
        return Step(
            finished=False,
            done=progress.done,
            total=job.total,
            message=message,
            cursor={**cursor, "phase": phase},
            result_url=_page(pay_list),
        )
    progress = preflight.check_step(pay_list=pay_list, cursor=cursor, at=now)
    return Step(
        finished=progress.finished,
        done=progress.done,
        total=job.total,
        message=_("%(done)s penerima diperiksa") % {"done": progress.done},
        cursor={**progress.cursor, "phase": "check"},
        result_url=_page(pay_list),
        notes=progress.finished and preflight.blocked_count(pay_list) > 0,
    )


@handles("disbursements.preflight")
def check_again(job: Job) -> Step:
    """The checks once more, 500 lines a step; stops quietly when the list was locked meanwhile."""
    pay_list = moves.lock_row(_list_of(job))
    if pay_list.state != "draft":
        return Step(finished=True, done=job.done, result_url=_page(pay_list))
    progress = preflight.check_step(pay_list=pay_list, cursor=job.cursor, at=timezone.now())
    return Step(
        finished=progress.finished,
        done=progress.done,
        total=job.total,
        cursor=progress.cursor,
        result_url=_page(pay_list),
        notes=progress.finished and preflight.blocked_count(pay_list) > 0,
    )


@handles("disbursements.bank_files")
def bank_files(job: Job) -> Step:
    """One file a step."""
    pay_list = moves.lock_row(_list_of(job))
    place = int(str(job.cursor.get("place", 0)))
    progress = bank.file_step(pay_list=pay_list, place=place, by=job.owner, at=timezone.now())
    return Step(
        finished=progress.finished,
        done=progress.done,
        total=len(bank.ORDER),
        cursor=progress.cursor,
        result_url=_page(pay_list),
    )


@handles("disbursements.apply_result")
def apply_result(job: Job) -> Step:
    """500 rows of a bank's answer a step."""
    result = ResultFile.objects.select_related("pay_list").get(pk=job.params["result"])
    progress = applying.apply_step(result=result, by=job.owner, at=timezone.now())
    quarantined = result.rows.filter(state="quarantine").exists()
    return Step(
        finished=progress.finished,
        done=progress.done,
        total=job.total,
        cursor=progress.cursor,
        result_url=reverse("disbursements:result", args=[result.pk]),
        notes=progress.finished and quarantined,
    )


@handles("disbursements.close")
def close(job: Job) -> Step:
    """Both records and the closing in one transaction."""
    pay_list = _list_of(job)
    closing.close_step(pay_list=pay_list, by=job.owner, at=timezone.now())
    url = reverse("disbursements:reconcile", args=[pay_list.pk])
    return Step(finished=True, done=2, total=2, result_url=url)


@handles("disbursements.stage_papers")
def stage_papers(job: Job) -> Step:
    """One paper a step."""
    pay_list = _list_of(job)
    keys = job.params["papers"]
    place = int(str(job.cursor.get("place", 0)))
    progress = papers.paper_step(
        pay_list=pay_list, keys=keys, place=place, by=job.owner, at=timezone.now()
    )
    return Step(
        finished=progress.finished,
        done=progress.done,
        total=len(keys),
        cursor=progress.cursor,
        result_url=reverse("disbursements:papers", args=[pay_list.pk]),
    )


@handles("disbursements.audit")
def audit(job: Job) -> Step:
    """One part of the books a step; the last one stores what was found."""
    found = auditing.audit_step(cursor=job.cursor, at=timezone.now())
    url = ""
    if found.finished:
        run = auditing.keep_found(found=found, by=job.owner, at=timezone.now())
        url = reverse("disbursements:audit", args=[run.pk])
    return Step(
        finished=found.finished,
        done=found.place,
        total=job.total,
        cursor={} if found.finished else asdict(found),
        result_url=url,
        notes=found.finished and bool(found.breaches),
    )


# Long books take longer than a step of a job; the scheduler asks again in an hour anyway.
@shared_task(name="disbursements.tasks.audit_hourly", soft_time_limit=1_500, time_limit=1_600)
def audit_hourly(**kwargs: Any) -> int:
    """Audit all books by the hour; how many breaches there are."""
    return auditing.audit_now(by=None, at=timezone.now(), clock=timezone.now).broken
