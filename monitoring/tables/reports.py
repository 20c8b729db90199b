"""The archive of reports, and the list of reference figures."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bansos.jobs.choices import TONES, JobState
from bansos.lib.dates import short_date
from bansos.lib.lists import Column, ListSpec, register
from bansos.lib.parts import Word
from bansos.regions.models import Region
from monitoring.filters.reports import ReferenceFilter, ReportFilter
from monitoring.models import ReferenceFigure, Report
from monitoring.rules import figure_words


def report_word(row: Report) -> Word:
    """How far it is; a report whose job row is gone is judged by its files."""
    if row.xlsx_id is not None:
        return Word("baik", _("Selesai"))
    if row.job is None:
        return Word("masalah", _("Gagal"))
    state = JobState(row.job.state)
    return Word(TONES[state], state.label)


def period_words(row: Report) -> str:
    """ "01-01-2026 sampai 31-12-2026"."""
    return f"{short_date(row.from_date)} \u2013 {short_date(row.until_date)}"


@register
class ReportList(ListSpec):
    """Every report asked for in the user's area."""

    key = "reports"
    title = _("Laporan monitoring dan evaluasi")
    model = Report
    filterset_class = ReportFilter
    default_sort = "-asked_at"
    empty_title = _("Belum ada laporan.")
    empty_hint = _("Pilih Buat laporan PDF: program, wilayah, dan periodenya.")
    columns = (
        Column(
            "programme",
            _("Program"),
            value=lambda row: f"{row.programme_name} {row.year}",
            kind="link",
            sort="version__programme__name",
            priority=1,
        ),
        Column("area", _("Wilayah"), value="area_name", sort="area_code"),
        Column("period", _("Periode"), value=period_words, sort="from_date"),
        Column("number", _("Nomor"), value="pdf.number"),
        Column("asked_at", _("Diminta"), kind="datetime", sort="asked_at"),
        Column("asked_by", _("Oleh"), value="asked_by.full_name", priority=3),
        Column("state", _("Keadaan"), value=report_word, kind="status"),
    )

    def queryset(self, user: Any) -> QuerySet[Report]:
        """Reports of the area, with the area's name."""
        name = Region.objects.filter(code=OuterRef("area_code")).values("name")[:1]
        rows = Report.objects.visible_to(user).select_related(
            "version__programme", "pdf", "asked_by", "job"
        )
        found: QuerySet[Report] = rows.annotate(area_name=Subquery(name)).defer("figures")
        return found

    def row_url(self, row: Report) -> str:
        return reverse("monitoring:report", args=[row.pk])


@register
class ReferenceList(ListSpec):
    """Figures of other offices that stand beside ours."""

    key = "references"
    title = _("Angka acuan")
    model = ReferenceFigure
    filterset_class = ReferenceFilter
    default_sort = "-as_of"
    empty_title = _("Belum ada angka acuan.")
    empty_hint = _("Angka kemiskinan, cakupan, atau evaluasi dari sumber lain, dengan tanggalnya.")
    columns = (
        Column("indicator", _("Indikator"), kind="link", sort="indicator", priority=1),
        Column("area", _("Wilayah"), value="area_name", sort="area_code"),
        Column("period", _("Periode")),
        Column("as_of", _("Per tanggal"), kind="date", sort="as_of"),
        Column("value", _("Nilai"), value=lambda row: figure_words(row.value, row.unit)),
        Column("source", _("Sumber"), priority=3),
        Column("note", _("Catatan"), priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[ReferenceFigure]:
        """Figures of the user's province, with the area's name."""
        name = Region.objects.filter(code=OuterRef("area_code")).values("name")[:1]
        rows: QuerySet[ReferenceFigure] = ReferenceFigure.objects.visible_to(user)
        return rows.annotate(area_name=Subquery(name))

    def row_url(self, row: ReferenceFigure) -> str:
        return row.get_absolute_url()
