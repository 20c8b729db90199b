"""Steps of background work on money: draw, check, make files, apply answers, close."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bansos.jobs.models import Job
from bansos.jobs.registry import Step, handles
from disbursements.choices import FileFormat, ResultState
from disbursements.models import (
    BankChannel,
    BankSubmission,
    CashCounter,
    FiscalYear,
    Handover,
    PayList,
    ResultFile,
)
from disbursements.models.bank import READ_JOB
from disbursements.services import (
    acting,
    applying,
    auditing,
    bank,
    closing,
    drawing,
    handover_papers,
    layouts,
    moves,
    naming,
    papers,
    preflight,
    reissuing,
    results,
    staging,
    uploads,
    years,
)
from disbursements.services.cash.counters import TAKE_REGISTER
from disbursements.services.channels import abilities_of
from disbursements.services.submissions import asking, sending, transferring


def _list_of(job: Job) -> PayList:
    found: PayList = PayList.objects.get(pk=job.params["list"])
    return found


def _page(pay_list: PayList) -> str:
    return reverse("disbursements:list", args=[pay_list.pk])


def _list_page(job: Job) -> str:
    return reverse("disbursements:list", args=[job.params["list"]])


def _step(job: Job, progress: preflight.Progress, url: str, *, notes: bool = False) -> Step:
    """A step that ended where `progress` says."""
    return Step(
        finished=progress.finished,
        done=progress.done,
        total=job.total,
        cursor=progress.cursor,
        result_url=url,
        notes=notes,
    )


def _on_draw_cancelled(job: Job) -> None:
    drawing.abandon(pay_list=_list_of(job), by=job.owner, at=timezone.now())


@handles("disbursements.draw", on_cancel=_on_draw_cancelled, page=_list_page)
def draw(job: Job) -> Step:
    """First the lines, 5,000 a step, then their checks, 10,000 a step."""
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


def _on_giving_up_cancelled(job: Job) -> None:
    """A list half given up can only be given up: a new job goes on."""
    drawing.abandon(pay_list=_list_of(job), by=job.owner, at=timezone.now())


@handles(moves.GIVE_UP_JOB, on_cancel=_on_giving_up_cancelled, page=_list_page)
def give_up(job: Job) -> Step:
    """10,000 lines of an abandoned draft a step, the list with the last of them."""
    pay_list = moves.lock_row(_list_of(job))
    progress = drawing.give_up_step(
        pay_list=pay_list, cursor=job.cursor, by=job.owner, at=timezone.now()
    )
    return _step(job, progress, _page(pay_list))


@handles("disbursements.preflight", page=_list_page)
def check_again(job: Job) -> Step:
    """The checks once more, 10,000 a step; stops quietly when the list was locked meanwhile."""
    pay_list = moves.lock_row(_list_of(job))
    if pay_list.state != "draft":
        return Step(finished=True, done=job.done, result_url=_page(pay_list))
    progress = preflight.check_step(pay_list=pay_list, cursor=job.cursor, at=timezone.now())
    blocked = progress.finished and preflight.blocked_count(pay_list) > 0
    return _step(job, progress, _page(pay_list), notes=blocked)


def _on_act_ended(job: Job) -> None:
    acting.clear(job.params)


def _act_page(job: Job) -> str:
    if job.params["act"] != TAKE_REGISTER:
        return _list_page(job)
    counter = CashCounter.objects.only("pk").get(pay_list=job.params["list"])
    return reverse("disbursements:counter", args=[counter.pk])


@handles(acting.KIND, on_cancel=_on_act_ended, on_failed=_on_act_ended, page=_act_page)
def act(job: Job) -> Step:
    """One act on a long list, whole in this step: it tells how far it is and can be stopped."""
    pay_list = _list_of(job)
    words = acting.work(
        pay_list=pay_list,
        name=job.params["act"],
        given=acting.given_of(job.params),
        by=job.owner,
        at=timezone.now(),
    )
    return Step(
        finished=True,
        done=job.total,
        total=job.total,
        message=words,
        notes=bool(words),
        result_url=_act_page(job),
    )


@handles("disbursements.bank_files", page=_list_page)
def bank_files(job: Job) -> Step:
    """One file a step."""
    pay_list = moves.lock_row(_list_of(job))
    place = int(str(job.cursor.get("place", 0)))
    named = job.params.get("formats") or bank.ORDER
    progress = bank.file_step(
        pay_list=pay_list,
        place=place,
        formats=[FileFormat(kind) for kind in named],
        by=job.owner,
        at=timezone.now(),
    )
    if progress.finished:
        layouts.make_all(pay_list=pay_list, by=job.owner, at=timezone.now())
    return _step(job, progress, _page(pay_list))


@handles(reissuing.LETTER_JOB, page=_list_page)
def renew_letter(job: Job) -> Step:
    """The letter to the bank with the SP2D as it was corrected."""
    pay_list = moves.lock_row(_list_of(job))
    bank.renew_letter(pay_list=pay_list, by=job.owner, at=timezone.now())
    return Step(finished=True, done=1, total=1, result_url=_page(pay_list))


def _on_answer_ended(job: Job) -> None:
    staging.clear(ResultFile.objects.without_bytes().get(pk=job.params["result"]))


def _result_page(job: Job) -> str:
    return reverse("disbursements:result", args=[job.params["result"]])


@handles(
    "disbursements.apply_result",
    on_cancel=_on_answer_ended,
    on_failed=_on_answer_ended,
    page=_result_page,
)
def apply_result(job: Job) -> Step:
    """10,000 rows of a bank's answer a step."""
    files = ResultFile.objects.without_bytes().select_related("pay_list")
    result = files.get(pk=job.params["result"])
    progress = applying.apply_step(
        result=result, by=job.owner, at=timezone.now(), cursor=job.cursor
    )
    quarantined = result.rows.filter(state="quarantine").exists()
    return _step(job, progress, _result_page(job), notes=progress.finished and quarantined)


def _on_reading_ended(job: Job) -> None:
    result = ResultFile.objects.without_bytes().get(pk=job.params["result"])
    uploads.stop(result=result, by=job.owner, at=timezone.now())


def _reading_page(job: Job) -> str:
    """Where the file is handed in again, or matched again when it is still there."""
    result = ResultFile.objects.without_bytes().get(pk=job.params["result"])
    if result.state != ResultState.REFUSED:
        return _result_page(job)
    if result.pay_list_id is None:
        return reverse("disbursements:statement_upload")
    return reverse("disbursements:upload", args=[result.pay_list_id])


@handles(READ_JOB, on_cancel=_on_reading_ended, on_failed=_on_reading_ended, page=_reading_page)
def read_result(job: Job) -> Step:
    """A large file of a bank, whole in this step: it tells how far it is and can be stopped."""
    result = ResultFile.objects.without_bytes().get(pk=job.params["result"])
    rows = uploads.read(result=result, by=job.owner, at=timezone.now())
    return Step(finished=True, done=rows, total=rows, result_url=_result_page(job))


def _closing_page(job: Job) -> str:
    return reverse("disbursements:reconcile", args=[job.params["list"]])


@handles("disbursements.close", page=_closing_page)
def close(job: Job) -> Step:
    """Both records and the closing in one transaction."""
    pay_list = _list_of(job)
    closing.close_step(pay_list=pay_list, by=job.owner, at=timezone.now())
    return Step(finished=True, done=2, total=2, result_url=_closing_page(job))


def _handover_page(job: Job) -> str:
    return reverse("disbursements:handover", args=[job.params["handover"]])


@handles(handover_papers.KIND, page=_handover_page)
def bast(job: Job) -> Step:
    """The BAST of one hand-over."""
    row = Handover.objects.get(pk=job.params["handover"])
    handover_papers.issue_bast(handover=row, by=job.owner, at=timezone.now())
    return Step(finished=True, done=1, total=1, result_url=_handover_page(job))


def _papers_page(job: Job) -> str:
    return reverse("disbursements:papers", args=[job.params["list"]])


@handles(papers.KIND, page=_papers_page)
def stage_papers(job: Job) -> Step:
    """One paper a step. The list is kept as it was read: a correction of the SP2D waits, and then
    finds the paper, or is read by it."""
    pay_list = moves.keep_as_read(_list_of(job))
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
        result_url=_papers_page(job),
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


@shared_task(name="disbursements.tasks.clear_old_rows")
def clear_old_rows(**kwargs: Any) -> int:
    """Clear the rows of bank files that nobody applied for a week; how many files."""
    return results.clear_old_rows(at=timezone.now())


def _submission_of(job: Job) -> BankSubmission:
    rows = BankSubmission.objects.select_related(
        "pay_list__budget__agency", "channel", "file__document", "job"
    )
    found: BankSubmission = rows.get(pk=job.params["submission"])
    return found


def _submission_page(submission: BankSubmission) -> str:
    return reverse("disbursements:submission", args=[submission.pk])


def _sending_page(job: Job) -> str:
    return reverse("disbursements:submission", args=[job.params["submission"]])


def _on_sending_cancelled(job: Job) -> None:
    now = timezone.now()
    asking.settle_doubt(submission=_submission_of(job), by=job.owner, at=now)


@handles("disbursements.submit_file", on_cancel=_on_sending_cancelled, page=_sending_page)
def submit_file(job: Job) -> Step:
    """Intent, commit, call, answer; a call nobody answers for is in doubt."""
    now, row = timezone.now(), _submission_of(job)
    page = _submission_page(row)
    if job.cursor.get("phase") == "asked":
        again = sending.lost(submission=row, by=job.owner, at=now)
        return Step(finished=not again, total=1, notes=not again, result_url=page)
    row, wanted = sending.intend(submission=row, by=job.owner, at=now)
    if not wanted:
        return Step(finished=True, done=1, total=1, result_url=page)

    def call() -> Callable[[Job], Step]:
        answer = sending.call_bank(row)

        def write(job: Job) -> Step:
            found, again = sending.take_answer(
                submission=row, answer=answer, by=job.owner, at=timezone.now()
            )
            notes = found.state != "accepted"
            return Step(finished=not again, total=1, notes=notes, result_url=page)

        return write

    seconds = row.channel.timeout if row.channel is not None else 0
    # A large file may take its time to leave; each wait on the wire is limited by itself.
    away = timedelta(seconds=3 * seconds + 30)
    return Step(finished=False, total=1, cursor={"phase": "asked"}, outside=call, away=away)


@handles("disbursements.submit_lines", on_cancel=_on_sending_cancelled, page=_sending_page)
def submit_lines(job: Job) -> Step:
    """Ten lines a step: intents, commit, calls, answers."""
    now, row = timezone.now(), _submission_of(job)
    if job.cursor.get("phase") == "asked":
        transferring.lost(submission=row, by=job.owner, at=now)
    after = int(str(job.cursor.get("position", 0)))
    parcels, position = transferring.intend(submission=row, after=after, by=job.owner, at=now)
    if not parcels and after and transferring.waiting_lines(row):
        # In doubt, at a bank that declares deduplication: from the beginning, a few times at most.
        return Step(finished=False, done=job.done, cursor={"position": 0})
    if not parcels:
        return _end_of_lines(job, row, "")

    def call() -> Callable[[Job], Step]:
        answers = transferring.call_bank(row, parcels)

        def write(job: Job) -> Step:
            stop, back = transferring.take_answers(
                submission=row, answers=answers, by=job.owner, at=timezone.now()
            )
            if stop:
                return _end_of_lines(job, row, stop)
            done = job.done + len(parcels)
            cursor = {"position": position if back is None else back}
            return Step(finished=False, done=done, cursor=cursor)

        return write

    cursor = {"phase": "asked", "position": position}
    away = transferring.longest(row.channel)
    return Step(finished=False, done=job.done, cursor=cursor, outside=call, away=away)


def _end_of_lines(job: Job, row: BankSubmission, why: str) -> Step:
    left = transferring.summarize(submission=row, by=job.owner, at=timezone.now())
    words = _("%(left)s baris belum dikirim, %(doubt)s belum diketahui. %(why)s") % {
        **left,
        "why": why,
    }
    notes = bool(left["left"] or left["doubt"])
    message = words.strip() if notes else ""
    page = _submission_page(row)
    return Step(finished=True, done=job.done, message=message, notes=notes, result_url=page)


@handles("disbursements.ask_bank", page=_sending_page)
def ask_bank(job: Job) -> Step:
    """The status of a submission, and the results that are there; asking twice does no harm."""
    now, row = timezone.now(), _submission_of(job)
    if not job.cursor:
        asking.settle_doubt(submission=row, by=job.owner, at=now)
    if abilities_of(row.channel).per_line:
        return _ask_lines(job, row)

    def call() -> Callable[[Job], Step]:
        answer, files = asking.ask_about_file(row, now)

        def write(job: Job) -> Step:
            new = asking.take_file_answer(
                submission=row, answer=answer, files=files, by=job.owner, at=timezone.now()
            )
            words = _("%(count)s hasil baru dari bank.") % {"count": new} if new else ""
            page = _submission_page(row)
            return Step(finished=True, done=1, total=1, message=words, result_url=page)

        return write

    return Step(finished=False, total=1, cursor={"phase": "asked"}, outside=call)


def _ask_lines(job: Job, row: BankSubmission) -> Step:
    now, after = timezone.now(), int(str(job.cursor.get("after", 0)))
    asked, last = asking.next_questions(submission=row, after=after, at=now)
    if not asked:
        transferring.summarize(submission=row, by=job.owner, at=now)
        asking.write_evidence(submission=row, by=job.owner, at=now)
        return Step(finished=True, done=job.done, result_url=_submission_page(row))

    def call() -> Callable[[Job], Step]:
        answers = asking.ask_about_transfers(row, asked)

        def write(job: Job) -> Step:
            asking.take_transfer_answers(
                submission=row, answers=answers, by=job.owner, at=timezone.now()
            )
            done = job.done + len(asked)
            return Step(finished=False, done=done, cursor={"phase": "ready", "after": last})

        return write

    cursor = {"phase": "asked", "after": after}
    away = transferring.longest(row.channel)
    return Step(finished=False, done=job.done, cursor=cursor, outside=call, away=away)


@handles(years.PAPER_JOB)
def year_paper(job: Job) -> Step:
    """The record of a closed year."""
    row = years.year_step(
        row=FiscalYear.objects.get(pk=job.params["year"]), by=job.owner, at=timezone.now()
    )
    url = f"{reverse('monitoring:fiscal_year')}?tahun={row.year}"
    return Step(finished=True, done=1, total=1, result_url=url)


@handles("disbursements.check_names", page=_list_page)
def check_names(job: Job) -> Step:
    """Twenty accounts a step; a question asked twice does no harm."""
    now, pay_list = timezone.now(), _list_of(job)
    channel = BankChannel.objects.get(pk=job.params["channel"])
    after, page = int(str(job.cursor.get("after", 0))), _page(pay_list)
    asked, last = naming.next_names(pay_list=pay_list, channel=channel, after=after, at=now)
    if not asked:
        notes = pay_list.name_checks.filter(state__in=naming.OPEN).exists()
        return Step(finished=True, done=job.done, notes=notes, result_url=page)

    def call() -> Callable[[Job], Step]:
        answers = naming.ask_bank(channel, asked)

        def write(job: Job) -> Step:
            stop = naming.take_names(
                pay_list=pay_list,
                channel=channel,
                answers=answers,
                by=job.owner,
                at=timezone.now(),
            )
            done = job.done + len(answers)
            if stop:
                return Step(finished=True, done=done, message=stop, notes=True, result_url=page)
            place = last if len(answers) == len(asked) else after
            return Step(finished=False, done=done, cursor={"after": place})

        return write

    cursor = {"after": after, "phase": "asked"}
    away = transferring.longest(channel)
    return Step(finished=False, done=job.done, cursor=cursor, outside=call, away=away)


@handles("disbursements.layout_files", page=_list_page)
def layout_files(job: Job) -> Step:
    """One layout of the bank a step."""
    pay_list = moves.lock_row(_list_of(job))
    more = layouts.file_step(pay_list=pay_list, by=job.owner, at=timezone.now())
    done = job.done + 1
    return Step(finished=not more, done=done, total=job.total, result_url=_page(pay_list))
