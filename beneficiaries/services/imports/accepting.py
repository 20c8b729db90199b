"""The last step: the good rows go into the register, or the list goes away and leaves nothing."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.jobs.models import Job
from bansos.jobs.registry import Step
from bansos.jobs.services import submit
from bansos.lib.errors import BadInput, Refused
from beneficiaries.choices import ImportState, RowVerdict
from beneficiaries.models import ImportBatch, ImportEffect, ImportRow, Layout, Person
from beneficiaries.queries.rows import data_of
from beneficiaries.rules import IMPORT_DAYS
from beneficiaries.services.imports.checking import check_accounts, person_values, recount
from beneficiaries.services.imports.mapping import batch_of, busy, lock_batch
from beneficiaries.services.imports.purposes import (
    Finding,
    RowCheck,
    purpose_of,
    require_right,
)
from beneficiaries.services.people import AccountValues, save_people, set_accounts

log = logging.getLogger(__name__)

ACCEPT_JOB = "beneficiaries.accept_import"
ACCEPT_ROWS = 200
ENDED = ["sealed_file", "state", "ended_at", "ended_by"]
# Any constant will do; it must only differ from other advisory locks of the project.
ACCEPT_LOCK = 7_302
GOOD = (RowVerdict.NEW, RowVerdict.CHANGED)


def acceptable(batch: ImportBatch) -> int:
    """How many rows would go in: the new and the changed ones."""
    return sum(batch.counts.get(verdict.value, 0) for verdict in GOOD)


@transaction.atomic
def accept(*, batch: ImportBatch, by: User, at: datetime, note: str = "") -> ImportBatch:
    """Have a worker put the new and changed rows into the register; the mapping is remembered.

    Rows that pass only with a note (birth date or sex unlike the NIK, ...) need `note`. Raises
    BadInput without it, Refused when no row can go in, Stale when the list is busy or already in.
    """
    purpose = purpose_of(batch.purpose)
    require_right(purpose, by)
    row = lock_batch(batch)
    stuck = row.state == ImportState.ACCEPTING and not (row.job and row.job.is_open)
    if row.state != ImportState.CHECKED and not stuck:
        raise busy()
    if stuck:
        recount(row)
    if not acceptable(row) and not row.counts.get("accepted"):
        raise Refused(
            "IMPORT-NOTHING",
            _("Tidak ada baris baru atau berubah. Tidak ada yang perlu dimasukkan."),
        )
    note = note.strip() or row.note
    if row.counts.get("noted") and not note:
        sentence = _("%(count)d baris perlu catatan Anda sebelum dimasukkan.") % {
            "count": row.counts["noted"]
        }
        raise BadInput("IMPORT-NOTE", sentence, fields={"note": sentence})
    row.note = note[:400]
    row.state = ImportState.ACCEPTING
    row.job = submit(
        kind=ACCEPT_JOB,
        title=_("Memasukkan daftar: %(purpose)s") % {"purpose": purpose.title},
        by=by,
        at=at,
        params={"id": str(row.pk)},
        total=acceptable(row),
    )
    row.save(update_fields=["note", "state", "job", "counts", "causes"])
    _remember_layout(row, at)
    audit.record(
        verb="beneficiaries.accept_list",
        by=by,
        at=at,
        target=row,
        reason=row.note,
        counts=row.counts,
    )
    return row


def _remember_layout(batch: ImportBatch, at: datetime) -> None:
    Layout.objects.update_or_create(
        purpose=batch.purpose,
        signature=batch.signature,
        area_code=batch.area_code,
        defaults={
            "mapping": batch.mapping,
            "code_system": batch.code_system,
            "relation_codes": batch.relation_codes,
            "used_at": at,
        },
    )


def accept_step(*, job: Job, at: datetime) -> Step:
    """Put the next rows in; each row leaves the staging table in the same transaction."""
    batch = batch_of(job)
    if batch is None:
        return Step(finished=True, done=job.done, total=job.done)
    rows = list(batch.rows.filter(verdict__in=GOOD).order_by("row_number")[:ACCEPT_ROWS])
    if not rows:
        return _finish(batch, job, at)
    purpose = purpose_of(batch.purpose)
    before = Counter(row.verdict for row in rows)
    if purpose.about_people:
        _one_at_a_time()
        rows = _without_shared_accounts(batch, _without_strangers(batch, rows))
        _save_people(rows, job.owner, at)
    if rows:
        purpose.accept(batch, rows, job.owner, at)
        ImportRow.objects.filter(pk__in=[row.pk for row in rows]).delete()
    _count(batch, before, len(rows))
    done = job.done + len(rows)
    return Step(
        finished=False,
        done=done,
        total=job.total,
        message=_("Memasukkan baris"),
        cursor={"done": done},
    )


def _one_at_a_time() -> None:
    """Two lists that name the same account must see each other; also, steps cannot deadlock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ACCEPT_LOCK])


def _count(batch: ImportBatch, before: Counter[str], taken: int) -> None:
    """Say on the list what is in, in the step's own transaction: a later failure keeps it."""
    counts = dict(batch.counts)
    for verdict, number in before.items():
        counts[verdict] = counts.get(verdict, 0) - number
    counts["accepted"] = counts.get("accepted", 0) + taken
    counts["problem"] = counts.get("problem", 0) + before.total() - taken
    batch.counts = counts
    batch.save(update_fields=["counts"])


def _without_shared_accounts(batch: ImportBatch, rows: Sequence[ImportRow]) -> list[ImportRow]:
    """An account that somebody else got since the check makes its row a problem row."""
    checks = [
        RowCheck(row=row, values={}, problems=list(row.problems), warnings=row.warnings)
        for row in rows
    ]
    check_accounts(batch, checks)
    for check in checks:
        if check.problems:
            _stop(check.row, check.problems)
    return [check.row for check in checks if not check.problems]


def _stop(row: ImportRow, problems: list[Finding]) -> None:
    row.problems, row.verdict = problems, RowVerdict.PROBLEM
    row.save(update_fields=["problems", "verdict"])


def _without_strangers(batch: ImportBatch, rows: Sequence[ImportRow]) -> list[ImportRow]:
    """Who was registered in another area since the check becomes a problem row."""
    elsewhere = set(
        Person.objects.filter(nik_index__in=[row.nik_index for row in rows])
        .exclude(area_code__startswith=batch.area_code)
        .values_list("nik_index", flat=True)
    )
    for row in rows:
        if row.nik_index in elsewhere:
            finding = {
                "field": "nik",
                "code": "terdaftar_di_wilayah_lain",
                "message": _("NIK ini sudah terdaftar di wilayah lain."),
            }
            _stop(row, [*row.problems, finding])
    return [row for row in rows if row.nik_index not in elsewhere]


def _save_people(rows: Sequence[ImportRow], by: User, at: datetime) -> None:
    data = [data_of(row) for row in rows]
    people = save_people(items=[person_values(values) for values in data], by=by, at=at)
    accounts = []
    for row, values, person in zip(rows, data, people, strict=True):
        row.person = person
        if values.get("account") and values.get("bank_code"):
            accounts.append(
                AccountValues(
                    person=person,
                    bank_code=values["bank_code"],
                    number=values["account"],
                    holder_name=person.name,
                )
            )
    set_accounts(items=accounts, by=by, at=at, renames=False)


def _finish(batch: ImportBatch, job: Job, at: datetime) -> Step:
    purpose = purpose_of(batch.purpose)
    if purpose.finish is not None:
        purpose.finish(batch, job.owner, at)
    recount(batch)
    counts = batch.counts
    # Problem rows stay for their error workbook until the list expires.
    batch.rows.filter(verdict=RowVerdict.SAME).delete()
    batch.sealed_file = None
    batch.state = ImportState.ACCEPTED
    batch.ended_at, batch.ended_by = at, job.owner
    batch.save(update_fields=["counts", "causes", *ENDED])
    audit.record(
        verb="beneficiaries.list_is_in",
        by=job.owner,
        at=at,
        target=batch,
        accepted=counts["accepted"],
        problem=counts["problem"],
    )
    return Step(
        finished=True,
        done=job.done,
        total=job.done,
        notes=bool(counts["problem"]),
        message=_("%(count)d baris masuk.") % {"count": counts["accepted"]},
        result_url=batch.get_absolute_url(),
    )


def cancel_accept(job: Job) -> None:
    """A stopped acceptance keeps what is in and leaves the other rows to be decided."""
    batch = batch_of(job)
    if batch is None:
        return
    recount(batch)
    batch.state = ImportState.CHECKED
    batch.save(update_fields=["counts", "causes", "state"])


@transaction.atomic
def refuse(*, batch: ImportBatch, by: User | None, at: datetime, reason: str = "") -> None:
    """Throw a list away: file, rows, batch and its jobs' rows; only the trail remembers it.

    Raises Stale while a worker is busy with it or when it is already in.
    """
    if by is not None:
        require_right(purpose_of(batch.purpose), by)
    row = lock_batch(batch)
    if row.state == ImportState.ACCEPTED or (row.job and row.job.is_open):
        raise busy()
    if row.counts.get("accepted"):
        raise Refused(
            "IMPORT-PARTLY-IN",
            _(
                "Sebagian baris daftar ini sudah masuk, jadi tidak dapat ditolak lagi. Masukkan"
                " sisanya, atau biarkan; baris yang tersisa dihapus sesudah 7 hari."
            ),
        )
    audit.record(
        verb="beneficiaries.refuse_list",
        by=by,
        at=at,
        target=row,
        reason=reason,
        purpose=row.purpose,
        rows=row.counts.get("rows", 0),
    )
    _forget(row)


def _forget(batch: ImportBatch) -> None:
    Job.objects.filter(params={"id": str(batch.pk)}, kind__startswith="beneficiaries.").delete()
    batch.delete()


def expire(*, at: datetime) -> int:
    """After 7 days: end lists nobody decided on, empty the problem rows of accepted ones.

    Each list in its own transaction: one that somebody is busy with waits for tomorrow, alone.
    """
    old = at - IMPORT_DAYS
    waiting = ImportBatch.objects.filter(created_at__lt=old).exclude(state=ImportState.ACCEPTED)
    ended = 0
    for batch in waiting.defer("sealed_file"):
        try:
            ended += _expire_one(batch, at)
        except Refused as refused:
            log.info("list stays for now", extra={"list": str(batch.pk), "code": refused.code})
    ImportRow.objects.filter(batch__ended_at__lt=old).delete()
    ImportEffect.objects.filter(batch__ended_at__lt=old).delete()
    return ended


@transaction.atomic
def _expire_one(batch: ImportBatch, at: datetime) -> int:
    row = lock_batch(batch)
    if row.state == ImportState.ACCEPTED or (row.job and row.job.is_open):
        return 0
    reason = _("Tidak diputuskan dalam 7 hari.")
    if not row.counts.get("accepted"):
        refuse(batch=row, by=None, at=at, reason=reason)
        return 1
    left, _kinds = row.rows.all().delete()
    row.sealed_file = None
    row.state, row.ended_at, row.ended_by = ImportState.ACCEPTED, at, row.created_by
    row.save(update_fields=ENDED)
    audit.record(
        verb="beneficiaries.close_list",
        by=None,
        at=at,
        target=row,
        reason=reason,
        accepted=row.counts["accepted"],
        left=left,
    )
    return 1


def has_problem_rows(batch: ImportBatch) -> bool:
    """True while the error workbook can still be made."""
    return bool(batch.rows.filter(verdict=RowVerdict.PROBLEM).exists())
