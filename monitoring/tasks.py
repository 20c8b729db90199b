"""The worker's part of a report: five steps, each kept before the next begins."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bansos.jobs.models import Job
from bansos.jobs.registry import Step, handles
from monitoring import services
from monitoring.models import Report


@handles(services.KIND)
def make_report(job: Job) -> Step:
    """Figures, pictures, PDF, workbook, archive: one per turn; the cursor says which is next."""
    report = (
        Report.objects.select_related("version__programme", "asked_by", "pdf", "xlsx")
        .select_for_update(of=("self",))
        .get(pk=job.params["id"])
    )
    now, turn = timezone.now(), int(job.cursor.get("step", 0))
    if turn == 0:
        services.store_figures(report=report, at=now)
    elif turn == 1:
        services.store_pictures(report=report)
    elif turn == 2:
        services.issue_pdf(report=report, at=now)
    elif turn == 3:
        services.issue_workbook(report=report, at=now)
    else:
        services.archive(report=report, at=now)
    done = turn + 1
    words = (
        *(_("Angka terkumpul. Menggambar grafik."), _("Grafik selesai. Menyusun PDF.")),
        *(_("PDF selesai. Menyusun XLSX."), _("XLSX selesai. Mengarsipkan.")),
        _("Laporan tersimpan di arsip."),
    )
    return Step(
        finished=done == services.STEPS,
        done=done,
        total=services.STEPS,
        message=words[turn],
        cursor={"step": done},
        result_url=reverse("monitoring:report", args=[report.pk]),
    )
