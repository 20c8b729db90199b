"""The reports: asked for, followed, kept."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission
from bansos.audit.queries import timeline_of
from bansos.documents.queries import file_row
from bansos.jobs.queries import card
from bansos.lib.errors import Refused
from bansos.lib.lists import Action, ListView
from bansos.lib.parts import Crumb
from monitoring import services
from monitoring.documents import exhibits, grids, summary
from monitoring.documents.exhibits import Exhibit
from monitoring.forms import ReportForm, ScopeForm, whole_year
from monitoring.models import Report
from monitoring.queries import Figures
from monitoring.queries.waiting import route
from monitoring.tables import ReportList, period_words, report_word


@requires(Permission.REPORT_VIEW)
class ReportListView(ListView):
    """The archive of reports."""

    spec = ReportList

    def primary_action(self) -> Action | None:
        """Who may not make reports reads why."""
        reason = ""
        if not self.request.user.can(Permission.REPORT_MAKE):  # type: ignore[union-attr]
            reason = _("Peran Anda hanya membaca laporan.")
        href = reverse("monitoring:report_new")
        return Action(_("Buat laporan PDF"), href, "report", disabled_because=reason)


@requires(Permission.REPORT_MAKE)
@require_http_methods(["GET", "POST"])
def report_new(request: HttpRequest) -> HttpResponse:
    """Choose programme, area and period; a worker makes the rest."""
    user: Any = request.user
    form = ReportForm(request.POST or None, user=user, initial=_initial(request, user))
    if request.method == "POST" and form.is_valid():
        try:
            report = services.request_report(
                **form.asked(),
                area_code=form.cleaned_data["area_code"],
                from_date=form.cleaned_data["from_date"],
                until_date=form.cleaned_data["until_date"],
                by=user,
                at=timezone.now(),
            )
            return redirect("monitoring:report", pk=report.pk)
        except Refused as refused:
            wrong = refused.fields or {NON_FIELD_ERRORS: refused.message}
            for name, sentence in wrong.items():
                form.add_error(name, str(sentence))
    crumbs = [Crumb(label=_("Laporan"), href=reverse("monitoring:reports"))]
    context = {"form": form, "crumbs": [*crumbs, Crumb(label=_("Buat laporan PDF"))]}
    return render(
        request, "monitoring/report_new.html", context, status=422 if form.errors else 200
    )


def _initial(request: HttpRequest, user: Any) -> dict[str, Any]:
    today = timezone.localdate()
    scope = ScopeForm(request.GET, user=user, today=today)
    return {
        "version": scope.version_id or whole_year(scope.year),
        "area_code": scope.area_code,
        "from_date": date(scope.year, 1, 1),
        "until_date": min(today, date(scope.year, 12, 31)),
    }


@requires(Permission.REPORT_VIEW)
@require_GET
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """One report: its progress while it is made, then its files and what the PDF says."""
    rows = Report.objects.select_related("version__programme", "job", "pdf", "xlsx", "asked_by")
    found: Report = find(rows, request.user, pk=pk)
    figures = services.figures_of(found) if found.pdf is not None else None
    own = found.job is not None and found.job.owner_id == request.user.pk
    context = {
        "report": found,
        "title": services.title_of(found),
        "period": period_words(found),
        "word": report_word(found),
        "card": card(found.job) if found.job and own and found.xlsx is None else None,
        "stopped": found.xlsx is None and not (found.job and found.job.is_open),
        "again_url": route(
            "monitoring:report_new",
            tahun=found.year,
            program=found.version_id or "",
            wilayah=found.area_code,
        )
        if request.user.can(Permission.REPORT_MAKE)  # type: ignore[union-attr]
        else "",
        "files": [file_row(item) for item in (found.pdf, found.xlsx) if item is not None],
        "events": timeline_of(found, limit=20),
        "figures": figures,
        "lines": summary(services.subject_of(found), figures) if figures else [],
        "programmes": grids(figures)["lines"] if figures and figures.lines else None,
        "shown": _stored(found, figures) if figures else [],
        "crumbs": [
            Crumb(label=_("Laporan"), href=reverse("monitoring:reports")),
            Crumb(label=services.title_of(found)),
        ],
    }
    return render(request, "monitoring/report.html", context)


def _stored(found: Report, figures: Figures) -> list[Exhibit]:
    """The pictures as they were drawn for the paper, with their tables."""
    drawn = found.figures.get("pictures", {})
    return [
        Exhibit(
            item.key,
            item.title,
            # Our own drawing, escaped when it was made and stored by us.
            mark_safe(drawn[item.key]),  # noqa: S308
            item.grid,
            item.note,
            item.slim,
        )
        for item in exhibits(figures)
        if item.key in drawn
    ]
