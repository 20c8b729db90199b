"""Pages of exclusivity: what a version shuts out, and the people who are caught in between."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from bansos.lib.lists import build_page
from bansos.lib.scopes import covers
from bansos.regions.queries import name_of
from programs.choices import ENDED, EnrolmentState
from programs.forms.exclusivity import bar_forms, chosen_bars
from programs.models import ProgrammeVersion
from programs.queries.exclusivity import Rules, rules_of, shut_out
from programs.rules.exclusivity import Bar
from programs.services.catalogue import change_version
from programs.tables import ConflictList
from programs.views.catalogue import find_version, frozen_words, version_crumbs

# Everybody who asks for a place or holds one.
ASKING = [
    str(state) for state in EnrolmentState if state not in ENDED and state != EnrolmentState.DRAFT
]


@requires(P.PROGRAM_EDIT)
@require_http_methods(["GET", "POST"])
def exclusions(request: HttpRequest, pk: int) -> HttpResponse:
    """Which programmes and national lists a version shuts out, as rows of one form."""
    version = find_version(request, pk)
    formset = bar_forms(version, request.POST)
    wrong = ""
    if request.method == "POST" and formset.is_valid():
        try:
            change_version(
                version=version,
                by=request.user,
                at=timezone.now(),
                exclusive_with=chosen_bars(formset),
            )
            messages.info(request, _("Pengecualian disimpan."))
            return redirect("programs:version", pk=version.pk)
        except Refused as refused:
            wrong = str(refused.message)
    context = {
        "version": version,
        "formset": formset,
        "wrong": wrong,
        "frozen": frozen_words(version),
        "crumbs": version_crumbs(version, _("Tidak boleh bersama")),
    }
    bad = wrong or (request.method == "POST")
    return render(request, "programs/exclusions.html", context, status=422 if bad else 200)


def conflicts_address(version: ProgrammeVersion, area_code: str = "") -> str:
    """Where the people caught between two programmes are listed."""
    address = reverse("programs:conflicts", args=[version.pk])
    return f"{address}?area={area_code}" if area_code else address


def rule_words(rules: Rules) -> list[str]:
    """What shuts out of a version, in sentences; what others say of it names them."""
    said: list[str] = [bar.sentence for bar in rules.own]
    back: set[Bar] = set(rules.back.values())
    own = {(bar.programme, bar.per, bar.during) for bar in rules.own}
    for bar in sorted(back, key=lambda row: row.sentence):
        if (bar.programme, bar.per, bar.during) not in own:
            said.append(_("%(rule)s (menurut aturan program itu)") % {"rule": bar.sentence})
    return said


@requires(P.PROGRAM_VIEW)
@require_GET
def conflicts(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody of a version whom other help shuts out, each with the reason and a link."""
    version = find_version(request, pk)
    wanted = request.GET.get("area", "")
    area = wanted if covers(request.user.area_code, wanted) and wanted else request.user.area_code
    today = day_of(timezone.now(), version.programme.agency.zone)
    found = shut_out(version, area_code=area, today=today, states=ASKING)
    spec = ConflictList(version, found, today=today)
    page = build_page(spec, user=request.user, params=request.GET, path=request.path)
    context: dict[str, Any] = {
        "version": version,
        "area": name_of(area),
        "count": len(found),
        "page": page,
        "rules": rule_words(rules_of(version)),
        "crumbs": version_crumbs(version, _("Tertahan karena bantuan lain")),
    }
    return render(request, "programs/conflicts.html", context)
