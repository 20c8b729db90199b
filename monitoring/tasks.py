"""The worker's part of a report: five steps, each kept before the next begins."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bansos.jobs.models import Job
from bansos.jobs.registry import Step, handles
from disbursements.models import BudgetLine
from monitoring import services
from monitoring.models import Report
from monitoring.services import treasury_papers
from monitoring.tables.treasury import LISTS


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


@handles("monitoring.treasury_report")
def treasury_report(job: Job) -> Step:
    """The numbered PDF of a treasurers' list, with the rights of who asked."""
    document = treasury_papers.issue_report(
        spec=LISTS[job.params["slug"]][0],
        query=job.params["query"],
        by=job.owner,
        at=timezone.now(),
    )
    url = reverse("documents:detail", args=[document.pk])
    return Step(finished=True, done=1, total=1, result_url=url)


@handles("monitoring.budget_card")
def budget_card(job: Job) -> Step:
    """Kartu kendali as PDF and XLSX."""
    rows = BudgetLine.objects.select_related("agency", "version__programme")
    budget = rows.visible_to(job.owner).get(pk=job.params["budget"])
    treasury_papers.issue_card(budget=budget, by=job.owner, at=timezone.now())
    url = reverse("monitoring:budget_card", args=[budget.pk])
    return Step(finished=True, done=1, total=1, result_url=url)
