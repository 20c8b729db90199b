"""Submit, ring, step, cancel: every write on a job row."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from bansos.audit import services as audit
from bansos.jobs.choices import JobState
from bansos.jobs.models import CancelRequest, Job
from bansos.jobs.registry import CANCELLED, FAILED, HANDLERS, Step
from bansos.lib import pulse
from bansos.lib.errors import Refused
from bansos.lib.faults import point

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

TASK = "bansos.jobs.tasks.run"
RING_AGAIN_AFTER = timedelta(seconds=25)
# A step that was begun so often and never ended is not begun again: it raised, or its worker died.
MAX_ATTEMPTS = 5
# Work inside one step tells how far it is, and looks for a wish to stop, no oftener than this.
PULSE_SECONDS = 0.5
CANCELED_QUERY = "57014"  # what Postgres calls a statement that ran into its time limit


class TookTooLong(Exception):
    """A step went on beyond JOB_STEP_SECONDS; its transaction is rolled back."""


def submit(
    *, kind: str, title: str, by: Any, at: datetime, params: dict[str, Any], total: int = 0
) -> Job:
    """Write the job row in the caller's transaction and ring after commit.

    `params` holds ids only, never personal data.
    """
    job = Job.objects.create(
        kind=kind, title=title, owner=by, created_at=at, rung_at=at, params=params, total=total
    )
    transaction.on_commit(lambda: ring(str(job.pk)))
    return job


def ring(job_id: str) -> bool:
    """Wake a worker; a dead broker is no harm, the scheduler rings again."""
    try:
        current_app.send_task(TASK, [job_id], retry=False)
        point("job.rung")
    except Exception:
        log.warning("broker did not answer; the job will ring again")
        return False
    return True


def ring_waiting(*, at: datetime) -> int:
    """Ring every open job that has not moved for a while; returns how many."""
    old = at - RING_AGAIN_AFTER
    waiting = list(
        Job.objects.open()
        .filter(rung_at__lt=old)
        .exclude(stepped_at__gt=old)
        .values_list("pk", flat=True)[:500]
    )
    for pk in waiting:
        if ring(str(pk)):
            _mark_rung(pk, at)
    return len(waiting)


@transaction.atomic
def _mark_rung(pk: Any, at: datetime) -> None:
    # SKIP LOCKED: a job being worked needs no mark, and the bell must not wait for it.
    if Job.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=pk).exists():
        Job.objects.filter(pk=pk).update(rung_at=at)


def run_step(*, job_id: str, at: datetime, clock: Clock | None = None) -> bool:
    """Take the job if nobody else has it, do one step, commit; True when more is to do.

    `at` is the beginning of the step; `clock` tells when it ended (without one: the same moment).
    A step that takes longer than JOB_STEP_SECONDS is rolled back and ends its job as failed: what
    hung once would hang again. A call outside has limits of its own.

    Each beginning is counted before the work, in a transaction of its own: a step that takes its
    worker with it leaves nothing else behind, and the broker hands its job to the next worker.
    """
    inside = True
    try:
        with _alone(job_id) as alone:
            if not alone or not _count_attempt(job_id, at):
                return False
            with transaction.atomic(), _limited():
                job = _take(job_id)
                if job is None or (job.away_until is not None and job.away_until > at):
                    return False
                if CancelRequest.objects.filter(job=job).exists():
                    _end_cancelled(job, at)
                    return False
                point("job.taken")
                step = _work(job)
                job.away_until = at + step.away if step.outside else None
                more = _apply(job, step, at, clock() if clock else at)
                point("job.worked")
        inside = False
        point("job.committed")
        if step.outside is None:
            return more
        return _write_answer(job, step.outside(), at, clock)
    except pulse.Stopped:
        _stop(job_id, at)
    except Refused as refused:
        _fail(job_id, at, str(refused.message), refused.code, final=True)
    except Exception as error:
        log.exception("job step failed", extra={"job": job_id})
        hangs = inside and _took_too_long(error)
        return _fail(job_id, at, _too_long() if hangs else "", "", final=hangs)
    return False


@contextmanager
def _alone(job_id: str) -> Iterator[bool]:
    """True while nobody else counts or takes a step of the job.

    A lock of the connection, gone with it: it spans the transaction that counts and the one that
    works. Without it a crowd of rings would count each other's beginnings as deaths.
    """
    key = [f"job:{job_id}"]
    with connection.cursor() as db:
        db.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key)
        (alone,) = db.fetchone()
    try:
        yield alone
    finally:
        if alone:
            with suppress(DatabaseError, InterfaceError), connection.cursor() as db:
                db.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)


@transaction.atomic
def _count_attempt(job_id: str, at: datetime) -> bool:
    """One more beginning; False when the job is not to be begun, or was begun too often."""
    job = _take(job_id)
    if job is None or (job.away_until is not None and job.away_until > at):
        return False
    if job.attempts >= MAX_ATTEMPTS and not CancelRequest.objects.filter(job=job).exists():
        _end_failed(job, at, _worker_died(), "")
        return False
    Job.objects.filter(pk=job.pk).update(attempts=F("attempts") + 1)
    return True


def _worker_died() -> str:
    return _(
        "Pekerjaan dihentikan karena pengolahnya berhenti %(times)s kali di langkah yang sama."
        " Langkah itu tidak tersimpan. Mulai lagi dari halamannya; bila terulang, sampaikan kode"
        " ini kepada petugas TI."
    ) % {"times": MAX_ATTEMPTS}


@contextmanager
def _limited() -> Iterator[None]:
    """No statement until the end of the transaction, its commit included, waits for ever."""
    with connection.cursor() as db:
        limit = str(int(settings.JOB_STEP_SECONDS * 1000))
        db.execute("SELECT set_config('statement_timeout', %s, true)", [limit])
    yield


def _took_too_long(error: Exception) -> bool:
    if isinstance(error, OperationalError):
        return getattr(error.__cause__, "pgcode", "") == CANCELED_QUERY
    return isinstance(error, TookTooLong | SoftTimeLimitExceeded)


def _too_long() -> str:
    words = _(
        "Pekerjaan dihentikan karena melewati batas waktu %(minutes)s menit. Tidak ada yang"
        " tersimpan dari langkah ini. Mulai lagi; bila terulang, sampaikan kode ini kepada petugas"
        " TI."
    )
    return words % {"minutes": max(1, round(settings.JOB_STEP_SECONDS / 60))}


def _work(job: Job) -> Step:
    heard = _Pulse(str(job.pk))
    try:
        with pulse.listening(heard):
            return HANDLERS[job.kind](job)
    finally:
        if heard.told:
            pulse.forget(f"job:{job.pk}")


class _Pulse:
    """Hears the work of one step: shows how far it is, ends it when its owner cancelled, or when
    it takes too long."""

    def __init__(self, job_id: str) -> None:
        self._job_id, self._last, self.told = job_id, time.monotonic(), False
        self._end = self._last + settings.JOB_STEP_SECONDS

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now > self._end:
            raise TookTooLong
        if now - self._last < PULSE_SECONDS:
            return
        self._last, self.told = now, True
        pulse.keep(f"job:{self._job_id}", done, total)
        if CancelRequest.objects.filter(job=self._job_id).exists():
            raise pulse.Stopped


@transaction.atomic
def _stop(job_id: str, at: datetime) -> None:
    """The step was rolled back because of a wish to stop; nothing of it stands."""
    job = _take(job_id, wait=True)
    if job is not None:
        _end_cancelled(job, at)


def _take(job_id: Any, *, wait: bool = False) -> Job | None:
    # No key: rows that point at the job (a wish to cancel) must not wait for the step.
    rows = Job.objects.select_for_update(skip_locked=not wait, no_key=True, of=("self",))
    found: Job | None = rows.select_related("owner").open().filter(pk=job_id).first()
    return found


def _write_answer(
    asked: Job, closing: Callable[[Job], Step], at: datetime, clock: Clock | None
) -> bool:
    """Write what a call outside brought; nothing when the job went on without it meanwhile."""
    with transaction.atomic():
        job = _take(asked.pk, wait=True)
        if job is None or job.cursor != asked.cursor or job.away_until != asked.away_until:
            return False
        job.away_until = None
        step = closing(job)
        more = _apply(job, step, at, clock() if clock else at)
        point("job.worked")
    point("job.committed")
    return more


def _apply(job: Job, step: Step, at: datetime, ended: datetime) -> bool:
    job.state = JobState.RUNNING
    job.started_at = job.started_at or at
    job.stepped_at = ended
    job.cursor, job.message = step.cursor, step.message[:300]
    job.done, job.total = step.done, step.total or job.total
    if step.outside is None:  # what it asks outside is a part of the step
        job.attempts = 0
    job.result_url = step.result_url or job.result_url
    if step.finished:
        job.state = JobState.DONE_WITH_NOTES if step.notes else JobState.DONE
        job.finished_at = ended
        job.done = job.total = max(job.total, job.done)
    job.save()
    return not step.finished


def _end_cancelled(job: Job, at: datetime) -> None:
    if job.kind in CANCELLED:
        CANCELLED[job.kind](job)
    job.state, job.finished_at = JobState.CANCELLED, at
    job.save(update_fields=["state", "finished_at"])


@transaction.atomic
def _fail(job_id: str, at: datetime, message: str, code: str, *, final: bool) -> bool:
    rows = Job.objects.select_for_update(skip_locked=True, no_key=True).open()
    job = rows.filter(pk=job_id).first()
    if job is None:
        return False
    job.stepped_at = at
    job.away_until = None
    if final or job.attempts >= MAX_ATTEMPTS:
        words = _(
            "Pekerjaan berhenti karena gangguan. Data tetap seperti semula. Coba lagi, atau"
            " sampaikan kode ini kepada petugas TI."
        )
        _end_failed(job, at, message or words, code)
    else:
        job.save()
    return False


def _end_failed(job: Job, at: datetime, message: str, code: str) -> None:
    job.state, job.finished_at, job.away_until = JobState.FAILED, at, None
    job.error_code = (code or f"PKJ-{str(job.pk)[:4].upper()}")[:20]
    job.message = message[:300]
    if job.kind in FAILED:
        FAILED[job.kind](job)
    job.save()


@transaction.atomic
def cancel(*, job: Job, by: Any, at: datetime) -> None:
    """Ask an open job to stop; it does so before its next step."""
    if not job.is_open:
        raise Refused("JOB-ENDED", _("Pekerjaan ini sudah berakhir, jadi tidak dapat dibatalkan."))
    CancelRequest.objects.get_or_create(job=job, defaults={"by": by, "at": at})
    audit.record(verb="jobs.cancel", by=by, at=at, target=job)
    transaction.on_commit(lambda: ring(str(job.pk)))
