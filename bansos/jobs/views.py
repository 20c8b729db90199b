"""Pages of jobs: the drawer, the list, one job; all survive a reload."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bansos.accounts.access import find, signed_in
from bansos.jobs import queries, services
from bansos.jobs.models import Job
from bansos.lib.errors import Refused


@signed_in
@require_GET
def drawer(request: HttpRequest) -> HttpResponse:
    """My newest jobs, as the drawer of every page."""
    jobs = queries.recent_jobs(request.user)
    return render(request, "jobs/drawer.html", {"jobs": jobs})


@signed_in
@require_GET
def job_list(request: HttpRequest) -> HttpResponse:
    """My newest jobs, as a page."""
    return render(request, "jobs/list.html", {"jobs": queries.recent_jobs(request.user, limit=50)})


@signed_in
@require_GET
def job_detail(request: HttpRequest, pk: str) -> HttpResponse:
    """One job with progress; polled while open."""
    job = find(Job.objects, request.user, pk=pk)
    template = "jobs/detail.html#job" if request.headers.get("HX-Request") else "jobs/detail.html"
    response = render(request, template, {"job": job})
    if request.headers.get("HX-Request") and not job.is_open:
        response.headers["HX-Refresh"] = "true"
    return response


@signed_in
@require_POST
def cancel(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask a job to stop."""
    job = find(Job.objects, request.user, pk=pk)
    try:
        services.cancel(job=job, by=request.user, at=timezone.now())
        messages.info(request, _("Pembatalan diminta. Pekerjaan berhenti sebentar lagi."))
    except Refused as refused:
        messages.warning(request, str(refused.message))
    return redirect("jobs:detail", pk=job.pk)
