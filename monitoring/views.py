"""Pages of monitoring."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bansos.accounts.access import signed_in


@signed_in
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What waits for me."""
    return render(request, "monitoring/home.html")
