"""Steps of the background work: annexes, Berita Acara, long lists of premiums, simulations."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from bansos.documents import services as documents
from bansos.documents.models import Document
from bansos.jobs.models import Job
from bansos.jobs.registry import Step, handles
from bansos.regions.queries import name_of
from programs.documents import render_annex_pdf, render_annex_xlsx, render_record
from programs.documents.build import annex_data, record_data
from programs.models import Decree, Simulation, VerificationRecord
from programs.services import decrees, simulations, verification
from programs.services.premiums import acting

PDF, XLSX = (
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)


@handles("programs.annex")
def make_annex(job: Job) -> Step:
    """First the workbook, then the PDF: two steps, so that a crash repeats one file at most."""
    decree = (
        Decree.objects.select_related(
            "version__programme__agency", "supersedes__annex_pdf", "supersedes__annex_xlsx"
        )
        .filter(pk=job.params["decree"])
        .get()
    )
    if decree.annex_pdf_id is not None:
        return _annex_done(decree)
    if "xlsx" not in job.cursor:
        sheet = _issue_annex(job, decree, mime=XLSX)
        return Step(
            finished=False,
            done=decree.count // 2,
            total=decree.count,
            message="Lembar XLSX selesai, PDF berikutnya.",
            cursor={"xlsx": str(sheet.pk)},
        )
    letter = _issue_annex(job, decree, mime=PDF)
    decrees.attach_annex(
        decree=decree,
        pdf=letter,
        xlsx=Document.objects.get(pk=job.cursor["xlsx"]),
        by=job.owner,
        at=timezone.now(),
    )
    return _annex_done(decree)


def _annex_done(decree: Decree) -> Step:
    return Step(
        finished=True,
        done=decree.count,
        total=decree.count,
        result_url=reverse("programs:decree", args=[decree.pk]),
    )


def _issue_annex(job: Job, decree: Decree, *, mime: str) -> Document:
    agency = decree.version.programme.agency
    code = documents.new_check_code()
    data = annex_data(decree, agency=agency, check_code=code, check_url=documents.check_url(code))
    is_pdf = mime == PDF
    older = decree.supersedes
    before = (older.annex_pdf if is_pdf else older.annex_xlsx) if older else None
    return documents.issue(
        kind="programs.annex" if is_pdf else "programs.annex_sheet",
        title=f"Lampiran SK {decree.version}, {name_of(decree.area_code)}",
        content=render_annex_pdf(data) if is_pdf else render_annex_xlsx(data),
        file_name=f"lampiran-sk-{decree.pk}-{decree.revision}.{'pdf' if is_pdf else 'xlsx'}",
        mime=mime,
        agency=agency,
        area_code=decree.area_code,
        subject=decree,
        by=job.owner,
        at=timezone.now(),
        number=decree.number,
        check_code=code,
        supersedes=before,
    )


@handles("programs.record")
def make_record(job: Job) -> Step:
    """The Berita Acara of one district, numbered in the agency's own sequence."""
    record = (
        VerificationRecord.objects.select_related("version__programme__agency", "made_by")
        .filter(pk=job.params["record"])
        .get()
    )
    if record.document_id is None:
        verification.attach_record(
            record=record, document=_issue_record(job, record), by=job.owner, at=timezone.now()
        )
    return Step(finished=True, done=1, total=1, result_url=reverse("programs:records"))


def _issue_record(job: Job, record: VerificationRecord) -> Document:
    agency = record.version.programme.agency
    day = timezone.localtime(record.made_at, agency.zone).date()
    kind = "programs.record"
    template = documents.template_for(kind=kind, agency=agency, on=day)
    serial = documents.next_number(agency=agency, kind=kind, on=day)
    number = f"BA-VER/{serial:04d}/{record.area_code}/{day.year}"
    code = documents.new_check_code()
    data = record_data(
        record,
        agency=agency,
        template=template.path,
        number=number,
        day=day,
        check_code=code,
        check_url=documents.check_url(code),
    )
    return documents.issue(
        kind=kind,
        title=f"Berita Acara verifikasi {record.version}, Kec. {name_of(record.area_code)}",
        content=render_record(data),
        file_name=f"berita-acara-verifikasi-{record.area_code}-{record.round}.pdf",
        mime=PDF,
        agency=agency,
        area_code=record.area_code,
        subject=record,
        by=job.owner,
        at=timezone.now(),
        number=number,
        check_code=code,
        template_version=template.version,
    )


def _drop_upload(job: Job) -> None:
    acting.drop_upload(job.params)


@handles(acting.KIND, on_cancel=_drop_upload, on_failed=_drop_upload)
def premium_act(job: Job) -> Step:
    """One act on a long list of premiums, whole in this step; it can be stopped."""
    row, words = acting.work(params=job.params, by=job.owner, at=timezone.now())
    count = row.lines.count()
    return Step(
        finished=True,
        done=count,
        total=count,
        message=words,
        notes=bool(words),
        result_url=row.get_absolute_url(),
    )


STEP_WORDS = {
    "totals": "Menghitung per kabupaten/kota.",
    "changes": "Membandingkan dengan daftar sekarang.",
    "overlap": "Mencari yang juga di program lain.",
    "nodes": "Menghitung tiap kriteria.",
}


@handles("programs.simulate")
def simulate(job: Job) -> Step:
    """One count per step: over a million people each takes a few seconds."""
    rows = Simulation.objects.select_related("version__programme__agency", "run_by", "job")
    simulation = rows.get(pk=job.params["simulation"])
    steps = simulations.steps_of(simulation)
    place = int(job.cursor.get("place", 0))
    following = simulations.count_step(simulation=simulation, place=place, at=timezone.now())
    if following:
        words = STEP_WORDS.get(steps[following], "Mencoba ambang lain.")
        return Step(
            finished=False,
            done=following,
            total=len(steps),
            message=words,
            cursor={"place": following},
        )
    return Step(
        finished=True,
        done=len(steps),
        total=len(steps),
        result_url=reverse("programs:simulation", args=[simulation.pk]),
    )
