"""Writes of monitoring: ask for a report, and the steps that make it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from bansos.accounts.models import Agency
from bansos.audit import services as audit
from bansos.documents import services as documents
from bansos.documents.models import Document
from bansos.jobs import services as jobs
from bansos.lib.dates import day_of, short_date
from bansos.lib.errors import BadInput, NotFound
from bansos.regions.models import Region
from bansos.regions.queries import name_of
from monitoring.documents import (
    ReportPaper,
    exhibits,
    grids,
    render_report,
    render_workbook,
    summary,
)
from monitoring.documents.words import Subject
from monitoring.models import Report
from monitoring.queries import Figures, Scope, from_json, gather, to_json, versions_for
from monitoring.rules import report_number
from programs.models import ProgrammeVersion

KIND = "monitoring.report"
WORKBOOK_KIND = "monitoring.report_xlsx"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STEPS = 5


@transaction.atomic
def request_report(
    *,
    version: ProgrammeVersion | None,
    area_code: str,
    from_date: date,
    until_date: date,
    by: Any,
    at: datetime,
    year: int | None = None,
) -> Report:
    """Note what is asked for and ring a worker; without a version, all programmes of `year`.

    Raises NotFound for a programme, a year or an area outside the asker's, BadInput for a period
    that ends before it begins.
    """
    year = year if version is None else version.year
    asked = versions_for(by, year) if version is None else versions_for(by).filter(pk=version.pk)
    seen = year is not None and asked.exists()
    covered = area_code.startswith(by.area_code) and Region.objects.filter(pk=area_code).exists()
    if not seen or not covered:
        raise NotFound(
            "REPORT-SCOPE",
            _(
                "Program, tahun, atau wilayah itu tidak ada di wilayah Anda."
                " Tidak ada laporan yang dibuat."
            ),
        )
    if until_date < from_date:
        sentence = _("Akhir periode mendahului awalnya. Periksa kedua tanggal.")
        raise BadInput("REPORT-PERIOD", sentence, fields={"until_date": sentence})
    report = Report.objects.create(
        version=version,
        year=year,
        area_code=area_code,
        from_date=from_date,
        until_date=until_date,
        asked_at=at,
        asked_by=by,
    )
    report.job = jobs.submit(
        kind=KIND, title=title_of(report), by=by, at=at, params={"id": report.pk}, total=STEPS
    )
    report.save(update_fields=["job"])
    audit.record(
        verb="monitoring.request_report",
        by=by,
        at=at,
        target=report,
        version=report.version_id,
        year=report.year,
        from_date=from_date,
        until_date=until_date,
    )
    return report


def title_of(report: Report) -> str:
    """ "Laporan PKH Plus 2026, Kabupaten Madiun"."""
    subject = subject_of(report)
    return f"Laporan {subject.programme} {subject.year}, {subject.area}"


def subject_of(report: Report) -> Subject:
    """What the report is about, in words."""
    return Subject(
        programme=report.programme_name,
        year=report.year,
        area=name_of(report.area_code),
        from_date=report.from_date,
        until_date=report.until_date,
    )


@transaction.atomic
def store_figures(*, report: Report, at: datetime) -> None:
    """Step 1: ask for the figures and keep them, so that page and paper say the same for ever."""
    scope = Scope(
        user=report.asked_by,
        year=report.year,
        area_code=report.area_code,
        version_id=report.version_id,
        from_date=report.from_date,
        until_date=report.until_date,
    )
    # State words of the figures are stored: they are those of the paper, in Indonesian.
    with translation.override("id"):
        figures = gather(
            scope,
            on=min(report.until_date, day_of(at, _agency(report).zone)),
            annexes=True,
        )
    report.figures = {"figures": to_json(figures), "taken_at": at.isoformat()}
    report.save(update_fields=["figures"])


def figures_of(report: Report) -> Figures | None:
    """The kept figures; None before the first step."""
    kept = report.figures.get("figures")
    return from_json(kept) if kept else None


def _kept(report: Report) -> Figures:
    return from_json(report.figures["figures"])


@transaction.atomic
def store_pictures(*, report: Report) -> None:
    """Step 2: draw the pictures from the kept figures and keep the very strings."""
    with translation.override("id"):
        drawn = {item.key: str(item.svg) for item in exhibits(_kept(report))}
    report.figures = {**report.figures, "pictures": drawn}
    report.save(update_fields=["figures"])


def _agency(report: Report) -> Agency:
    return Agency.objects.get(area_code=report.area_code[:2])


@transaction.atomic
def issue_pdf(*, report: Report, at: datetime) -> Document:
    """Step 3: number the report, print it, store the bytes. Raises Refused without a template."""
    agency, by = _agency(report), report.asked_by
    day = at.astimezone(agency.zone).date()
    template = documents.template_for(kind=KIND, agency=agency, on=day)
    sequence = documents.next_number(agency=agency, kind=KIND, on=day)
    number = report_number(sequence, template.words.get("office", "DINSOS"), day.year)
    code = documents.new_check_code()
    paper = ReportPaper(
        agency=agency,
        subject=subject_of(report),
        template=template.path,
        number=number,
        check_url=documents.check_url(code),
        check_code=code,
        made=at,
        training_mode=settings.TRAINING_MODE,
    )
    content = render_report(paper, _kept(report), report.figures["pictures"])
    report.pdf = documents.issue(
        kind=KIND,
        title=title_of(report),
        content=content,
        file_name=f"{_file_stem(number)}.pdf",
        mime="application/pdf",
        agency=agency,
        area_code=report.area_code,
        subject=report,
        by=by,
        at=at,
        number=number,
        check_code=code,
        template_version=template.version,
        is_personal=False,
        permission="report.view",
    )
    report.save(update_fields=["pdf"])
    return report.pdf


@transaction.atomic
def issue_workbook(*, report: Report, at: datetime) -> Document:
    """Step 4: the same tables as a workbook, under the number of the PDF."""
    assert report.pdf is not None  # noqa: S101  the step before stored it
    subject, figures = subject_of(report), _kept(report)
    period = f"Periode {short_date(subject.from_date)} sampai {short_date(subject.until_date)}"
    with translation.override("id"):
        content = render_workbook(
            title=f"Laporan Monitoring dan Evaluasi Nomor {report.pdf.number}",
            lines=[title_of(report), period, *summary(subject, figures)],
            tables=grids(figures),
            made=at,
        )
    report.xlsx = documents.issue(
        kind=WORKBOOK_KIND,
        title=title_of(report),
        content=content,
        file_name=f"{_file_stem(report.pdf.number)}.xlsx",
        mime=XLSX,
        agency=_agency(report),
        area_code=report.area_code,
        subject=report,
        by=report.asked_by,
        at=at,
        number=report.pdf.number,
        is_personal=False,
        permission="report.view",
    )
    report.save(update_fields=["xlsx"])
    return report.xlsx


@transaction.atomic
def archive(*, report: Report, at: datetime) -> None:
    """Step 5: record that the report is complete, with the fingerprints of both files."""
    assert report.pdf is not None and report.xlsx is not None  # noqa: S101, PT018
    audit.record(
        verb="monitoring.archive_report",
        by=report.asked_by,
        at=at,
        target=report,
        number=report.pdf.number,
        pdf=report.pdf.sha256,
        xlsx=report.xlsx.sha256,
    )


def _file_stem(number: str) -> str:
    return number.replace("/", "-")
