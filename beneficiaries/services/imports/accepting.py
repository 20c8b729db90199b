"""The last step: the good rows go into the register, or the list goes away and leaves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.jobs.models import Job
from bansos.jobs.registry import Step
from bansos.jobs.services import submit
from bansos.lib.errors import BadInput, Refused
from beneficiaries.choices import ImportState, RowVerdict
from beneficiaries.models import ImportBatch, ImportRow, Layout, Person
from beneficiaries.queries.rows import data_of
from beneficiaries.rules import IMPORT_DAYS
from beneficiaries.services.imports.checking import person_values, recount
from beneficiaries.services.imports.mapping import busy, lock_batch
from beneficiaries.services.imports.purposes import purpose_of, require_right
from beneficiaries.services.people import AccountValues, save_people, set_accounts

ACCEPT_JOB = "beneficiaries.accept_import"
ACCEPT_ROWS = 200
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
    if not acceptable(row):
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
    row.save(update_fields=["note", "state", "job"])
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
        defaults={"mapping": batch.mapping, "code_system": batch.code_system, "used_at": at},
    )


def accept_step(*, job: Job, at: datetime) -> Step:
    """Put the next rows in; each row leaves the staging table in the same transaction."""
    batch = ImportBatch.objects.get(pk=job.params["id"])
    done = job.done
    rows = list(batch.rows.filter(verdict__in=GOOD).order_by("row_number")[:ACCEPT_ROWS])
    if not rows:
        return _finish(batch, job, at)
    purpose = purpose_of(batch.purpose)
    if purpose.about_people:
        rows = _without_strangers(batch, rows)
        _save_people(rows, job.owner, at)
    if rows:
        purpose.accept(batch, rows, job.owner, at)
        ImportRow.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return Step(
        finished=False,
        done=done + len(rows),
        total=job.total,
        message=_("Memasukkan baris"),
        cursor={"done": done + len(rows)},
    )


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
            row.problems, row.verdict = [*row.problems, finding], RowVerdict.PROBLEM
            row.save(update_fields=["problems", "verdict"])
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
    set_accounts(items=accounts, by=by, at=at)


def _finish(batch: ImportBatch, job: Job, at: datetime) -> Step:
    purpose = purpose_of(batch.purpose)
    if purpose.finish is not None:
        purpose.finish(batch, job.owner, at)
    counts = dict(batch.counts)
    batch.rows.filter(verdict=RowVerdict.SAME).delete()
    # Problem rows stay for their error workbook until the list expires.
    counts["problem"] = batch.rows.filter(verdict=RowVerdict.PROBLEM).count()
    counts["accepted"] = counts.get("accepted", 0) + job.done
    batch.counts = counts
    batch.sealed_file = None
    batch.state = ImportState.ACCEPTED
    batch.ended_at, batch.ended_by = at, job.owner
    batch.save(update_fields=["counts", "sealed_file", "state", "ended_at", "ended_by"])
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
        message=_("%(count)d baris masuk.") % {"count": job.done},
        result_url=batch.get_absolute_url(),
    )


def cancel_accept(job: Job) -> None:
    """A stopped acceptance keeps what is in and leaves the other rows to be decided."""
    batch = ImportBatch.objects.filter(pk=job.params["id"], job=job).first()
    if batch is None:
        return
    batch.counts["accepted"] = batch.counts.get("accepted", 0) + job.done
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


@transaction.atomic
def expire(*, at: datetime) -> int:
    """After 7 days: refuse lists nobody decided on, empty the problem rows of accepted ones."""
    old = at - IMPORT_DAYS
    waiting = ImportBatch.objects.filter(created_at__lt=old).exclude(state=ImportState.ACCEPTED)
    refused = 0
    for batch in waiting.select_related("job"):
        if not (batch.job and batch.job.is_open):
            refused += _expire_one(batch, at)
    ImportRow.objects.filter(batch__ended_at__lt=old).delete()
    return refused


def _expire_one(batch: ImportBatch, at: datetime) -> int:
    if not batch.counts.get("accepted"):
        refuse(batch=batch, by=None, at=at, reason=_("Tidak diputuskan dalam 7 hari."))
        return 1
    batch.rows.all().delete()
    batch.sealed_file = None
    batch.state, batch.ended_at, batch.ended_by = ImportState.ACCEPTED, at, batch.created_by
    batch.save(update_fields=["sealed_file", "state", "ended_at", "ended_by"])
    return 1


def has_problem_rows(batch: ImportBatch) -> bool:
    """True while the error workbook can still be made."""
    return bool(batch.rows.filter(verdict=RowVerdict.PROBLEM).exists())
