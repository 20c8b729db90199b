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
    cards = [queries.card(job) for job in queries.recent_jobs(request.user)]
    return render(request, "jobs/drawer.html", {"cards": cards})


@signed_in
@require_GET
def job_list(request: HttpRequest) -> HttpResponse:
    """My newest jobs, as a page."""
    cards = [queries.card(job) for job in queries.recent_jobs(request.user, limit=50)]
    return render(request, "jobs/list.html", {"cards": cards})


@signed_in
@require_GET
def job_detail(request: HttpRequest, pk: str) -> HttpResponse:
    """One job with progress; reloading it loses nothing."""
    job = find(Job.objects, request.user, pk=pk)
    return render(request, "jobs/detail.html", {"job": job, "card": queries.card(job)})


@signed_in
@require_GET
def progress(request: HttpRequest, pk: str) -> HttpResponse:
    """The moving part of a job, polled; when it ends the page around it is fetched anew."""
    job = find(Job.objects, request.user, pk=pk)
    response = render(request, "jobs/card.html", {"card": queries.card(job)})
    if not job.is_open and "laci" not in request.headers.get("HX-Target", ""):
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
