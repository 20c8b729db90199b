"""`make bench-money`: one list of a million lines from its drawing to its reconciliation.

CPU seconds of this process and of its Postgres backend together, so that other work on the
machine does not count; the reference is measured in the same run against the same database.
"""

from __future__ import annotations

import csv
import io
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import QueryDict

from bansos.jobs.models import Job
from bansos.lib.crypto import texts_opener
from bansos.lib.dates import day_of
from bansos.lib.lists.keyset import Order, past
from bench import reports, web
from bench.measure import cpu_of
from bench.money_world import AREA, NOW, MoneyWorld
from bench.waiting import CANCEL_SECONDS, NEWS_SECONDS, WAITS, cancel, finish, warm
from disbursements import tasks
from disbursements.choices import LineState, ListState
from disbursements.documents.bank_files import write_csv, write_pain001
from disbursements.documents.content import bank_list_of
from disbursements.models import PayList, PaymentLine, ResultFile
from disbursements.queries.bank_lines import PART
from disbursements.services import acting, lists, results, staging
from disbursements.tables import Lines

HANDLERS = (tasks.draw, tasks.act, tasks.apply_result)  # looking at them is what registers them
PAGES = 60
RETURNED_OF = 50
OPENED = 100_000
# Seconds a job has worked when its owner cancels it, at most; and a line, so that a short list is
# still being worked on.
DRAWING, LOCKING, APPLYING = (20.0, 60e-6), (3.0, 15e-6), (2.0, 15e-6)
# As many rows as fit into an upload of 25 MB.
ROWS_OF_A_FILE = 300_000
SAME_LINES = """
INSERT INTO disbursements_paymentline (
    pay_list_id, position, enrolment_id, stage_id, person_id, family_id, one_per_family, rail,
    payee_name, address, area_code, bank_code, account_number, account_index, account_holder,
    amount, reference, state, exclude_reason)
SELECT %s, n, e.id, %s, e.person_id, e.family_id, e.one_per_family, 'overbooking',
    p.name, p.address || ', ' || e.area_code, e.area_code, a.bank_code, a.number, a.number_index,
    a.holder_name, 500000, 'R35' || lpad(n::text, 13, '0'), 'waiting', ''
FROM (SELECT *, row_number() OVER (ORDER BY area_code, id) AS n FROM programs_enrolment) e
JOIN beneficiaries_person p ON p.id = e.person_id
JOIN beneficiaries_bankaccount a ON a.person_id = p.id
ORDER BY n
"""
STAGING = """
CREATE TABLE bench_staging (
    LIKE disbursements_stagedrow INCLUDING ALL,
    FOREIGN KEY (result_id) REFERENCES disbursements_resultfile DEFERRABLE INITIALLY DEFERRED
)
"""
FILE_COLUMNS = """
COPY (SELECT account_number, payee_name, amount, reference, bank_code
    FROM disbursements_paymentline WHERE pay_list_id = {list:d} ORDER BY position)
TO STDOUT WITH (FORMAT csv)
"""


@dataclass
class MoneyRow:
    """One line of the table; `note` says what the figures are of."""

    name: str
    ours: float
    reference: float
    bar: float
    peak: int
    grown: int
    unit: str = "s"
    note: str = ""

    def line(self) -> str:
        ratio = self.ours / self.reference if self.reference else float("inf")
        verdict = "ok" if ratio <= self.bar else "MISS"
        digits = 4 if self.bar < 0.1 else 2
        return (
            f"| {self.name} | {self.ours:.3f} {self.unit} | {self.reference:.3f} {self.unit} |"
            f" {ratio:.{digits}f} | {self.bar:.{digits}f} | {verdict} |"
            f" {self.peak} MB (+{self.grown}) | {self.note} |"
        )


@dataclass
class Taken:
    """CPU seconds, seconds on the clock, peak memory and its growth, in MB."""

    cpu: float = 0.0
    wall: float = 0.0
    peak: int = 0
    grown: int = 0


@contextmanager
def taking() -> Iterator[Taken]:
    """Measure a block; the peak of memory is counted anew from here."""
    taken = Taken()
    Path("/proc/self/clear_refs").write_text("5")
    rest, cpu, wall = _memory("VmRSS"), _cpu(), time.perf_counter()
    yield taken
    taken.cpu, taken.wall = _cpu() - cpu, time.perf_counter() - wall
    taken.peak = _memory("VmHWM")
    taken.grown = max(0, taken.peak - rest)


def _memory(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) // 1024
    return 0


def _cpu() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    with connection.cursor() as db:
        db.execute("SELECT pg_backend_pid()")
        backend = int(db.fetchone()[0])
    return own.ru_utime + own.ru_stime + cpu_of(backend)


def draw(world: MoneyWorld, count: int) -> tuple[PayList, MoneyRow]:
    """money.draw: drawn, checked, locked and reserved, against one INSERT .. SELECT."""
    warm()
    reference = _insert_select(world)
    with taking() as drawn:
        pay_list = lists.create_list(stage=world.stage, area_code=AREA, by=world.maker, at=NOW)
        finish(pay_list.job, kind="susun")
    pay_list.refresh_from_db()
    if acting.is_long(pay_list):
        cancel(_lock(world, pay_list), kind="kunci", after=_after(LOCKING, pay_list.count))
        with taking() as locked:
            finish(_lock(world, pay_list), kind="kunci")
    else:
        with taking() as locked:
            lists.lock(pay_list=pay_list, by=world.maker, at=NOW)
    pay_list.refresh_from_db()
    if pay_list.count != count:
        raise RuntimeError(f"{pay_list.count} lines were locked, not {count}.")
    note = (
        f"susun dan periksa {drawn.cpu:.1f} s, kunci dengan periksa ulang {locked.cpu:.1f} s;"
        f" {drawn.wall + locked.wall:.0f} s di jam"
    )
    row = MoneyRow(
        "money.draw",
        drawn.cpu + locked.cpu,
        reference.cpu,
        2.0,
        max(drawn.peak, locked.peak),
        max(drawn.grown, locked.grown),
        note=note,
    )
    return pay_list, row


def _after(limits: tuple[float, float], lines: int) -> float:
    most, each = limits
    return min(most, each * lines)


def _lock(world: MoneyWorld, pay_list: PayList) -> Job | None:
    return acting.act(name="lock", pay_list=pay_list, by=world.maker, at=NOW)


def _insert_select(world: MoneyWorld) -> Taken:
    """The same lines for another stage in one statement, taken back.

    Into the same table with its indexes, checks and foreign keys, all of them seen to; only the
    triggers that are ours (frozen lists, kept sums) are left out.
    """
    other = lists.create_list(stage=world.other_stage, area_code=AREA, by=world.maker, at=NOW)
    with transaction.atomic():
        with connection.cursor() as db:
            db.execute("ALTER TABLE disbursements_paymentline DISABLE TRIGGER USER")
        with taking() as taken, connection.cursor() as db:
            db.execute(SAME_LINES, [other.pk, world.other_stage.pk])
            db.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)
    with connection.cursor() as db:
        db.execute("VACUUM disbursements_paymentline")
        db.execute("VACUUM disbursements_linesum, disbursements_regencysum")
    return taken


def files(pay_list: PayList) -> list[MoneyRow]:
    """money.files: from the table into a file, against COPY TO of the same columns."""
    with taking() as reference, tempfile.TemporaryFile() as target, connection.cursor() as db:
        db.copy_expert(FILE_COLUMNS.format(list=pay_list.pk), target)
    rows = []
    writers: tuple[tuple[str, Callable[..., None], float], ...] = (
        ("csv", write_csv, 2.0),
        ("pain.001", write_pain001, 5.0),
    )
    opened = _opening(pay_list)
    for name, write, bar in writers:
        # As the job does it: in a transaction the rows come as they are read.
        with transaction.atomic(), taking() as taken, tempfile.TemporaryFile() as target:
            write(target, replace(bank_list_of(pay_list), debtor_account="0011000123"))
        rest = (taken.cpu - opened) / reference.cpu
        note = f"{opened:.2f} s membuka sandi rekening (acuan tidak); tanpa itu {rest:.2f}"
        rows.append(
            MoneyRow(
                f"money.files {name}",
                taken.cpu,
                reference.cpu,
                bar,
                taken.peak,
                taken.grown,
                note=note,
            )
        )
    return rows


def _opening(pay_list: PayList) -> float:
    """Nothing but opening the account numbers, which COPY leaves sealed."""
    opened = texts_opener(context="beneficiaries_bankaccount.number")
    with connection.cursor() as db:
        db.execute(
            "SELECT account_number FROM disbursements_paymentline WHERE pay_list_id = %s LIMIT %s",
            [pay_list.pk, OPENED],
        )
        sealed = [bytes(row[0]) for row in db.fetchall()]
    with taking() as taken:
        for start in range(0, len(sealed), PART):
            opened(sealed[start : start + PART])
    return taken.cpu * pay_list.count / len(sealed)


def hand_to_bank(world: MoneyWorld, pay_list: PayList) -> PayList:
    """Checked, approved, SP2D; then at the bank, without the files nobody reads here."""
    row = lists.submit_for_approval(pay_list=pay_list, by=world.maker, at=NOW)
    row = lists.check(pay_list=row, seen_hash=row.content_hash, by=world.checker, at=NOW)
    row = lists.approve(pay_list=row, seen_hash=row.content_hash, by=world.approver, at=NOW)
    return lists.record_sp2d(
        pay_list=row,
        spm_number="SPM-1",
        sp2d_number="SP2D-1",
        sp2d_date=day_of(NOW),
        amount=row.total,
        by=world.treasurer,
        at=NOW,
    )


def send(pay_list: PayList) -> None:
    """The state of a list that was sent, set at once."""
    PayList.objects.filter(pk=pay_list.pk).update(
        state=ListState.SENT, sent_at=NOW, sent_by=pay_list.locked_by
    )
    pay_list.lines.update(state=LineState.SUBMITTED)


def apply(world: MoneyWorld, pay_list: PayList) -> MoneyRow:
    """money.apply: the bank's answers read, matched and booked, against COPY into staging."""
    total, reference = Taken(), 0.0
    for number, data in enumerate(answers(pay_list), start=1):
        at = NOW + timedelta(minutes=number)
        with taking() as read:
            result = results.upload_result(
                pay_list=pay_list,
                data=data,
                file_name=f"hasil-{number}.csv",
                by=world.treasurer,
                at=at,
            )
        del data
        reference += _copy_into_staging(result)
        with taking() as booked:
            job = results.apply_result(result=result, by=world.treasurer, at=at)
            finish(job, kind="hasil bank")
        for taken in (read, booked):
            total.cpu, total.wall = total.cpu + taken.cpu, total.wall + taken.wall
            total.peak, total.grown = max(total.peak, taken.peak), max(total.grown, taken.grown)
    note = f"berkas {ROWS_OF_A_FILE} baris; {total.wall:.0f} s di jam"
    return MoneyRow("money.apply", total.cpu, reference, 12.0, total.peak, total.grown, note=note)


def waits(world: MoneyWorld, pay_list: PayList) -> list[MoneyRow]:
    """money.progress and money.cancel: the longest of all jobs of this run, against the bars.

    One more list is drawn here, and one more answer begun, to be cancelled while at work.
    """
    again = results.upload_result(
        pay_list=pay_list,
        data=next(answers(pay_list)) + b"\r\n",
        file_name="hasil-lagi.csv",
        by=world.treasurer,
        at=NOW + timedelta(hours=1),
    )
    job = results.apply_result(result=again, by=world.treasurer, at=NOW + timedelta(hours=1))
    cancel(job, kind="hasil bank", after=_after(APPLYING, pay_list.count))
    other = PayList.objects.get(stage=world.other_stage)  # made for the reference, never drawn
    cancel(other.job, kind="susun", after=_after(DRAWING, pay_list.count))
    other.refresh_from_db()
    with taking() as followed:
        if other.state != ListState.CANCELLED:
            finish(other.job, kind="lepas baris")
    drawn = f"{other.lines.count()} baris dilepas sesudahnya dalam {followed.wall:.0f} s"
    rows = []
    for name, found, bar, note in (
        ("money.progress", WAITS.silent, NEWS_SECONDS, "tanpa kabar paling lama"),
        ("money.cancel", WAITS.cancelled, CANCEL_SECONDS, drawn),
    ):
        words = f"{note}: {WAITS.note(found)}"
        rows.append(MoneyRow(name, max(found.values()), bar, 1.0, 0, 0, note=words))
    return rows


def answers(pay_list: PayList) -> Iterator[bytes]:
    """The bank's words as CSV files of the size an upload may have; one in fifty comes back."""
    lines = bank_list_of(pay_list).lines
    rows: list[list[str]] = []
    heads = ["Referensi", "Nomor rekening", "Nama", "Jumlah", "Status", "Keterangan", "Tanggal"]
    for line in lines:
        back = line.position % RETURNED_OF == 0
        words = ["GAGAL", "Rekening ditutup"] if back else ["BERHASIL", ""]
        head = [line.reference, line.account_number, line.name, str(int(line.amount))]
        rows.append([*head, *words, "02-03-2026"])
        if len(rows) == ROWS_OF_A_FILE:
            yield _csv([heads, *rows])
            rows = []
    if rows:
        yield _csv([heads, *rows])


def _csv(rows: list[list[str]]) -> bytes:
    target = io.StringIO(newline="")
    csv.writer(target).writerows(rows)
    return target.getvalue().encode()


def _copy_into_staging(result: ResultFile) -> float:
    """The file's rows by COPY into the staging table as it is defined, but logged; taken back."""
    if not result.staged.exists():  # only a long file is staged as it is uploaded
        staging.stage(result)
    columns = ", ".join(staging.COLUMNS)
    with transaction.atomic(), tempfile.TemporaryFile() as rows, connection.cursor() as db:
        db.copy_expert(
            f"COPY (SELECT {columns} FROM disbursements_stagedrow WHERE result_id = {result.pk}"
            " ORDER BY row_number) TO STDOUT WITH (FORMAT csv)",
            rows,
        )
        rows.seek(0)
        db.execute(STAGING)
        never_null = ", ".join(staging.NEVER_NULL)
        with taking() as taken:
            db.copy_expert(
                f"COPY bench_staging ({columns}) FROM STDIN"
                f" WITH (FORMAT csv, FORCE_NOT_NULL ({never_null}))",
                rows,
            )
            db.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)
    return taken.cpu


def page(world: MoneyWorld, pay_list: PayList) -> MoneyRow:
    """money.page: fifty lines of one state at any depth; the database's own milliseconds."""
    dice, order, found = random.Random(1), Order("position"), []
    for place in range(PAGES):
        state = (LineState.SETTLED, LineState.RETURNED, None)[place % 3]
        table, asked = Lines(pay_list), QueryDict(f"state={state}" if state else "")
        rows: QuerySet[Any] = table.queryset(world.treasurer)
        rows = table.filterset(rows, asked, world.treasurer).qs
        at = dice.randint(1, pay_list.count)
        last = PaymentLine.objects.get(pay_list=pay_list, position=at)
        mark = {"pk": last.pk, "position": at}
        rows = order.apply(rows.filter(past(order, mark, PaymentLine, backwards=False)))
        told = rows[:51].explain(analyze=True)
        found.append(float(told.rpartition("Execution Time: ")[2].split()[0]))
    worst = sorted(found)[int(PAGES * 0.95) - 1]
    return MoneyRow("money.page p95", worst, 50.0, 1.0, 0, 0, unit="ms", note=f"{PAGES} kedalaman")


def web_list(world: MoneyWorld, pay_list: PayList) -> MoneyRow:
    """web.list: how many times slower than the bare query the page may be is 1 / 0.30."""
    page, bare = web.rates(pay_list.pk, world.treasurer)
    note = (
        f"{page.speed:.0f} halaman/s lawan {bare.speed:.0f} kueri telanjang/s ="
        f" {page.speed / bare.speed:.2f} (batas 0.30); CPU pelayan {page.cpu:.1f} lawan"
        f" {bare.cpu:.1f} ms; {pay_list.count} baris"
    )
    ours, reference = 1000 / page.speed, 1000 / bare.speed
    return MoneyRow("web.list", ours, reference, 1 / 0.30, 0, 0, unit="ms", note=note)


def annex() -> MoneyRow:
    """report.annex, as `make bench` measures it."""
    with taking() as taken:
        row = reports.annex()
    note = f"{reports.ROWS} baris, lawan tabel WeasyPrint (puncak termasuk acuannya)"
    return MoneyRow(
        "report.annex", row.ours, row.reference, row.bar, taken.peak, taken.grown, note=note
    )
