"""The archive of reports."""

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
from monitoring.filters import ReportFilter
from monitoring.models import Report


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
            value=lambda row: str(row.version),
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
