"""Pages of one person, all help: the poor that are reached, and programmes that overlap."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.lists import ListView
from bansos.lib.parts import Stat
from bansos.lib.scopes import covers
from bansos.regions.queries import full_name, names_of
from programs.queries.coverage import (
    BELOW,
    PlaceCoverage,
    coverage,
    overlap,
    poverty_snapshot,
    usual_year,
    years_of,
)
from programs.tables import FamilyOverlapList, OverlapList, PoorFamilyList
from programs.views.answers import crumbs


@requires(P.BENEFICIARY_VIEW)
class PoorFamilyListView(ListView):
    """Families of desil 1-4, reached or not."""

    spec = PoorFamilyList

    def crumbs(self) -> list[Any]:
        return crumbs((_("Jangkauan"), reverse("programs:coverage")), (_("Keluarga"), ""))


@requires(P.BENEFICIARY_VIEW)
class OverlapListView(ListView):
    """People of a cell of the matrix."""

    spec = OverlapList

    def crumbs(self) -> list[Any]:
        return crumbs((_("Tumpang tindih"), reverse("programs:overlap")), (_("Orang"), ""))


@requires(P.BENEFICIARY_VIEW)
class FamilyOverlapListView(ListView):
    """Families of a cell of the matrix."""

    spec = FamilyOverlapList

    def crumbs(self) -> list[Any]:
        return crumbs((_("Tumpang tindih"), reverse("programs:overlap")), (_("Keluarga"), ""))


def _year(request: HttpRequest, years: list[int]) -> int:
    asked = request.GET.get("tahun", "")
    if asked.isdecimal() and int(asked) in years:
        return int(asked)
    return usual_year(request.user, today=timezone.localdate())


def _area(request: HttpRequest) -> str:
    """The place of the address inside the user's area; 404 for any other."""
    own: str = request.user.area_code
    place = request.GET.get("wilayah", own)
    if len(place) not in BELOW or not covers(own, place):
        raise Http404
    return place


def _families(year: int, place: str, helped: str = "") -> str:
    chosen = {"year": year, "place": place, **({"helped": helped} if helped else {})}
    return f"{reverse('programs:poor_families')}?{urlencode(chosen)}"


def _rows(found: list[PlaceCoverage], year: int) -> list[dict[str, Any]]:
    names = names_of([row.code for row in found])
    page = reverse("programs:coverage")
    return [
        {
            "row": row,
            "name": names.get(row.code, row.code),
            "open": f"{page}?{urlencode({'tahun': year, 'wilayah': row.code})}"
            if len(row.code) < 13
            else "",
            "all": _families(year, row.code),
            "helped": _families(year, row.code, "ya"),
            "gap": _families(year, row.code, "tidak"),
        }
        for row in found
    ]


@requires(P.BENEFICIARY_VIEW)
@require_GET
def reach(request: HttpRequest) -> HttpResponse:
    """The poor of the places below an area: reached by any programme of the year, or by none."""
    user = request.user
    years = years_of(user, today=timezone.localdate())
    year, place = _year(request, years), _area(request)
    found = coverage(user, year=year, area_code=place)
    whole = PlaceCoverage(
        place, sum(row.families for row in found), sum(row.helped for row in found)
    )
    context = {
        "title": _("Jangkauan keluarga desil 1-4"),
        "area": full_name(place),
        "place": place,
        "year": year,
        "years": years,
        "rows": _rows(found, year),
        "snapshot": poverty_snapshot(user.area_code),
        "stats": [
            Stat(label=_("Keluarga desil 1-4"), value=whole.families, href=_families(year, place)),
            Stat(
                label=_("Terjangkau suatu program"),
                value=whole.helped,
                note=f"{whole.share}%",
                href=_families(year, place, "ya"),
            ),
            Stat(
                label=_("Belum terjangkau"),
                value=whole.gap,
                href=_families(year, place, "tidak"),
            ),
        ],
        "crumbs": crumbs((_("Jangkauan"), reverse("programs:coverage")), (full_name(place), "")),
    }
    return render(request, "programs/coverage.html", context)


@requires(P.BENEFICIARY_VIEW)
@require_GET
def matrix(request: HttpRequest) -> HttpResponse:
    """How many people, or families, each two programmes of a year have in common."""
    user = request.user
    years = years_of(user, today=timezone.localdate())
    year, place = _year(request, years), _area(request)
    by_family = request.GET.get("satuan") == "kk"
    found = overlap(year=year, area_code=place, families=by_family)
    page = reverse("programs:overlap_families" if by_family else "programs:overlap_people")
    rows = [
        (
            one,
            [
                (
                    found.between(one.pk, two.pk),
                    f"{page}?{urlencode({'one': one.pk, 'two': two.pk, 'place': place})}",
                    one.pk == two.pk,
                )
                for two in found.versions
            ],
        )
        for one in found.versions
    ]
    context = {
        "title": _("Tumpang tindih program"),
        "area": full_name(place),
        "year": year,
        "years": years,
        "by_family": by_family,
        "versions": found.versions,
        "rows": rows,
        "crumbs": crumbs((_("Tumpang tindih"), "")),
    }
    return render(request, "programs/overlap.html", context)
