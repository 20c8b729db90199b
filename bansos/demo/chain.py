"""The whole chain of one stage, played by seven people and the real worker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from django.db.models import Count, Sum
from django.utils import timezone

from bansos.demo import enrolling
from bansos.demo.enrolling import Crew
from bansos.demo.figures import ZERO, Figures
from bansos.demo.jobs import Worker
from bansos.demo.lists import RegencyList
from bansos.demo.mending import mend
from bansos.demo.paying import Papers, Paying
from bansos.demo.process_bank import ProcessBank
from bansos.demo.seeding import LIST_NAME, SPARE_NAME, list_files
from bansos.documents.models import Document
from bansos.documents.services import read_bytes
from bansos.lib.money import number, rupiah
from beneficiaries.choices import RowVerdict
from beneficiaries.documents import error_file
from beneficiaries.models import ImportBatch
from beneficiaries.services import imports
from beneficiaries.services.people import record_death
from disbursements.choices import LineState, ListState, ReturnReason, Severity
from disbursements.models import BudgetLine, PayList, ReturnCase
from disbursements.services import closing, lists
from monitoring.services import request_report
from programs.choices import EnrolmentState
from programs.models import Decree, Enrolment, ProgrammeVersion, Stage
from programs.queries.decrees import decree_in_force
from programs.rules import failing
from programs.services.answers import answer_now
from programs.services.imports import PURPOSE
from programs.services.verification import decide

Say = Callable[[str], object]
# Why a criterion that is not met makes a proposal "not eligible", by the programme's own codes.
REJECTIONS = {
    "min_age_on_stage": "age",
    "max_age": "age",
    "desil_in": "desil",
    "in_regular_pkh": "left_pkh",
    "one_per_family": "second_elder",
    "domicile_in_province": "moved",
    "alive": "died",
}
CHUNK = 400


@dataclass
class Chain:
    """One stage of one regency; every file made on the way is copied to `out`."""

    version: ProgrammeVersion
    stage: Stage
    madiun: RegencyList
    crew: Crew
    papers: Papers
    out: Path
    say: Say
    worker: Worker = field(default_factory=Worker)
    figures: Figures = field(default_factory=Figures)
    began: float = field(default_factory=time.monotonic)
    # A simulated bank that runs as a process; without one its answers are made here.
    outside: ProcessBank | None = None

    @property
    def area_code(self) -> str:
        """The regency."""
        return self.madiun.regency_code

    @cached_property
    def paying(self) -> Paying:
        """The payment with the real worker and the real clock."""
        return Paying(self.crew, self.worker, self.outside)

    def play(self) -> Figures:
        """Everything that is still to be done for the stage, up to the closed reconciliation."""
        self.out.mkdir(parents=True, exist_ok=True)
        if decree_in_force(version=self.version, area_code=self.area_code) is None:
            self.bring_in()
            self.verify()
            self.decree()
        self.budget()
        row = self.pay_list()
        self.bank(row)
        self.returns(row)
        self.close(row)
        self.report()
        self.count(row)
        return self.figures

    # --- from the regency's list to the decree

    def bring_in(self) -> None:
        """The list, its corrected error workbook, and the replacements."""
        if Enrolment.objects.in_area(self.area_code).filter(version=self.version).exists():
            self.say("Usulan sudah ada; daftar tidak diunggah lagi.")
            return
        files = list_files(self.madiun)
        with self.step("Daftar kabupaten diunggah dan diperiksa"):
            batch = self.upload(LIST_NAME, files[LIST_NAME])
            self.figures.refused.update(
                {row["label"]: row["count"] for row in batch.causes if row["stops"]}
            )
            self.note(f"{_verdicts(batch)}")
            errors = error_file(batch)
            self.keep("01-perbaikan.xlsx", errors)
        with self.step("Baris baik dimasukkan"):
            self.accept(batch)
        mended, count = mend(errors, self.madiun, self.version)
        if count:
            with self.step(f"{count} baris diperbaiki, diunggah lagi, dimasukkan"):
                self.keep("02-perbaikan-diisi.xlsx", mended)
                batch = self.upload("02-perbaikan-diisi.xlsx", mended)
                self.note(_verdicts(batch))
                self.accept(batch)
        with self.step("Daftar pengganti diunggah dan dimasukkan"):
            batch = self.upload(SPARE_NAME, files[SPARE_NAME])
            self.note(_verdicts(batch))
            self.accept(batch)

    def upload(self, name: str, data: bytes) -> ImportBatch:
        """Stage a file, confirm its columns, have the worker check it."""
        self.keep(name, data)
        batch = imports.start_import(
            purpose=PURPOSE,
            context={"version": self.version.pk, "area_code": self.area_code},
            area_code=self.area_code,
            data=data,
            file_name=name,
            by=self.crew.petugas,
            at=timezone.now(),
        )
        batch = imports.set_mapping(
            batch=batch,
            mapping=batch.mapping,
            code_system=batch.code_system,
            by=self.crew.petugas,
            at=timezone.now(),
        )
        return self.after(batch)

    def accept(self, batch: ImportBatch) -> None:
        """Have the worker put the good rows in."""
        note = "Tanggal lahir dan NIK sudah dicocokkan dengan KTP."
        batch = imports.accept(batch=batch, by=self.crew.petugas, at=timezone.now(), note=note)
        self.figures.imported += self.after(batch).counts.get("accepted", 0)

    def after(self, batch: ImportBatch) -> ImportBatch:
        """The batch once its job has ended."""
        if batch.job is not None:
            self.worker(batch.job)
        batch.refresh_from_db()
        return batch

    def verify(self) -> None:
        """Every open proposal is judged on its criteria; Berita Acara per district."""
        waiting = Enrolment.objects.in_area(self.area_code).filter(
            version=self.version,
            state__in=[EnrolmentState.PROPOSED, EnrolmentState.IN_REVIEW],
        )
        rows = list(waiting.select_related("person", "version__programme").order_by("pk"))
        with self.step(f"{number(len(rows))} usulan diverifikasi"):
            for start in range(0, len(rows), CHUNK):
                self.judge(rows[start : start + CHUNK])
        with self.step("Berita Acara verifikasi per kecamatan"):
            made = enrolling.record_districts(
                self.version,
                self.area_code,
                crew=self.crew,
                at=timezone.now(),
                finish=self.worker,
            )
            self.note(f"{made} Berita Acara")

    def judge(self, rows: list[Enrolment]) -> None:
        """Decide on some proposals; each decision reads the criteria again by itself."""
        answers = answer_now(rows, version=self.version, at=timezone.now())
        for row in rows:
            failed = failing(answers[row.pk])
            reason = REJECTIONS.get(failed[0].code, "data_differs") if failed else ""
            decide(
                enrolment=row,
                decision=EnrolmentState.NOT_ELIGIBLE if failed else EnrolmentState.ELIGIBLE,
                reason_code=reason,
                note=failed[0].reason if failed else "KTP dan KK asli dilihat saat kunjungan.",
                by=self.crew.verifikator,
                at=timezone.now(),
            )
            if failed:
                self.figures.rejected[failed[0].label] += 1

    def decree(self) -> None:
        """Draft, submit, approve, annexes."""
        with self.step("SK disusun, diajukan, disetujui; lampiran dibuat"):
            row = enrolling.decree(
                self.version,
                self.area_code,
                crew=self.crew,
                number=f"188/219/KPTS/013/{self.version.year}",
                on=timezone.localdate(),
                at=timezone.now(),
                finish=self.worker,
            )
            self.note(f"{number(row.count)} orang, {rupiah(row.total)} setahun")

    # --- from the budget to the bank

    def budget(self) -> None:
        """What is left of the ceiling and of the regency's share."""
        line = BudgetLine.objects.get(version=self.version)
        share = line.allocations.get(area_code=self.area_code)
        self.say(
            f"Pagu {rupiah(line.ceiling)}; alokasi {self.madiun.regency} {rupiah(share.amount)},"
            f" terikat {rupiah(share.reserved)}, cair {rupiah(share.paid)},"
            f" sisa {rupiah(share.left)}."
        )

    def pay_list(self) -> PayList:
        """Dry run, draw, checks, lock, three signatures, SP2D."""
        paying = self.paying
        plan = lists.dry_run(stage=self.stage, area_code=self.area_code, user=self.crew.staf)
        self.say(f"{self.stage.name}: {plan.sentence}.")
        with self.step("Daftar bayar disusun dan diperiksa"):
            row = self.without_blocked(paying.draw(self.stage, self.area_code))
        with self.step("Dikunci, diperiksa, disetujui"):
            row = paying.approve(paying.check(paying.lock(row)))
            self.note(f"{row.number}: {number(row.count)} KPM, {rupiah(row.total)}")
        with self.step("SP2D dicatat"):
            return paying.sp2d(row)

    def without_blocked(self, row: PayList) -> PayList:
        """Take out whom the checks hold back (died, left), with the reason they found."""
        blocked = row.lines.filter(hits__severity=Severity.BLOCK, state=LineState.WAITING)
        for position, message in sorted(
            dict(blocked.values_list("position", "hits__message")).items()
        ):
            lists.exclude(
                pay_list=row,
                niks_or_positions=[str(position)],
                reason=message,
                by=self.crew.staf,
                at=timezone.now(),
            )
            self.note(f"baris {position} dikeluarkan: {message}")
        return self.paying.preflight(row) if blocked else row

    def bank(self, row: PayList) -> None:
        """Bank files, sent, the answer applied; the same answer again changes nothing."""
        with self.step("Berkas bank dibuat dan dikirim"):
            self.paying.send(row)
        with self.step("Jawaban bank simulasi diterapkan"):
            row.refresh_from_db()
            answer, name = self.paying.bank_says(row), f"hasil-{row.number}.xlsx"
            self.keep(name, answer)
            self.paying.answer(row, answer, name)
            before = _states(row)
        with self.step("Jawaban yang sama diunggah sekali lagi"):
            self.paying.answer(row, answer, name)
            if _states(row) != before:
                self.figures.breaches.append("Jawaban bank yang sama mengubah daftar.")
        self.figures.returned.update(
            {
                str(ReturnReason(reason).label): count
                for reason, count in ReturnCase.objects.filter(line__pay_list=row)
                .values_list("reason")
                .annotate(count=Count("pk"))
            }
        )

    def returns(self, row: PayList) -> None:
        """Deaths noted, returns decided and confirmed, STS, the follow-up list to its end."""
        died = ReturnCase.objects.filter(line__pay_list=row, reason=ReturnReason.DIED)
        with self.step("Retur diputus dan disahkan; STS; daftar susulan"):
            for case in died.select_related("line__person"):
                record_death(
                    person=case.line.person,
                    died_on=case.returned_on,
                    source="Surat kematian dari desa",
                    by=self.crew.petugas,
                    at=timezone.now(),
                )
            again = self.paying.settle_returns(row, self.papers)
            if again is not None:
                self.keep(f"hasil-{again.number}.xlsx", self.paying.answers[again.number])
                self.note(f"{again.number}: {number(again.count)} KPM, {rupiah(again.total)}")

    def close(self, row: PayList) -> None:
        """Both Berita Acara and the closing."""
        with self.step("Rekonsiliasi ditutup"):
            row = self.paying.close(row)
            if row.state != ListState.CLOSED:
                self.figures.breaches.append(f"{row.number} belum tertutup.")

    def report(self) -> None:
        """The monitoring report of the regency, the year up to today."""
        with self.step("Laporan monitoring dan evaluasi dibuat"):
            report = request_report(
                version=self.version,
                area_code=self.area_code,
                from_date=date(self.version.year, 1, 1),
                until_date=timezone.localdate(),
                by=self.crew.kasi,
                at=timezone.now(),
            )
            if report.job is not None:
                self.worker(report.job)

    # --- what it came to

    def count(self, row: PayList) -> None:
        """Fill the figures of the payment from the reconciliation."""
        row.refresh_from_db()
        found = closing.identity(row).total
        figures = self.figures
        people = Enrolment.objects.in_area(self.area_code).filter(version=self.version)
        figures.eligible = people.filter(decided_at__isnull=False, decision_reason="").count()
        decree: Decree = row.decree
        figures.in_decree = decree.count
        figures.listed, figures.total = row.count, row.sp2d_amount or ZERO
        figures.settled, figures.settled_amount = found.settled.count, found.settled.amount
        figures.paid_again, figures.paid_again_amount = found.repaid.count, found.repaid.amount
        figures.paid_back, figures.paid_back_amount = found.treasury.count, found.treasury.amount
        figures.times = self.worker.times

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Says what is done and how long it took."""
        start = time.monotonic()
        yield
        end = time.monotonic()
        self.say(f"[{end - self.began:6.1f} dtk] {title} ({end - start:.1f} dtk)")

    def note(self, text: str) -> None:
        """A remark under the present step."""
        self.say(f"             {text}")

    def keep(self, name: str, data: bytes) -> None:
        """Write a file to the folder."""
        (self.out / name).write_bytes(data)

    def keep_documents(self, since: datetime) -> int:
        """Copy every document issued for the regency since the start; returns how many."""
        rows = Document.objects.filter(
            area_code__startswith=self.area_code, issued_at__gte=since
        ).order_by("issued_at", "pk")
        for place, row in enumerate(rows, start=1):
            stem = row.file_name.replace("/", "-")
            self.keep(f"{place:03d}-{row.kind.split('.')[-1]}-{stem}", read_bytes(row))
        return len(rows)


def _verdicts(batch: ImportBatch) -> str:
    parts = []
    for verdict in (RowVerdict.NEW, RowVerdict.CHANGED, RowVerdict.SAME, RowVerdict.PROBLEM):
        parts.append(f"{verdict.label} {number(batch.counts.get(verdict.value, 0))}")
    return ", ".join(parts)


def _states(row: PayList) -> dict[str, int]:
    found = row.lines.values_list("state").annotate(count=Count("pk"), total=Sum("amount"))
    return {state: count for state, count, _total in found}
