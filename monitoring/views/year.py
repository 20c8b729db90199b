"""The year in figures."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission
from bansos.lib.parts import Chip, Stat
from monitoring.documents import Links, exhibits, grids
from monitoring.documents.exhibits import share
from monitoring.forms import ScopeForm
from monitoring.queries import Figures, Scope, gather, series_for
from monitoring.queries.money import RESERVING
from monitoring.queries.waiting import route


@requires(Permission.REPORT_VIEW)
@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """The year by programme and area; every mark opens the rows behind it."""
    user: Any = request.user
    today = timezone.localdate()
    form = ScopeForm(request.GET, user=user, today=today)
    scope = Scope(user=user, year=form.year, area_code=form.area_code, version_id=form.version_id)
    figures = gather(scope, on=min(today, date(form.year, 12, 31)), page=True)
    report_url = ""
    if user.can(Permission.REPORT_MAKE):
        report_url = route(
            "monitoring:report_new", program=form.version_id or "", wilayah=form.area_code
        )
    context = {
        "form": form,
        "chips": _chips(request, form),
        "figures": figures,
        "stats": _stats(figures, scope),
        "exhibits": [] if figures.is_empty else exhibits(figures, _links(user, scope)),
        "programmes": grids(figures)["programmes"] if len(figures.programmes) > 1 else None,
        "report_url": report_url,
        "references": series_for(user, area_code=form.area_code),
    }
    return render(request, "monitoring/dashboard.html", context)


def _chips(request: HttpRequest, form: ScopeForm) -> list[Chip]:
    """What differs from the usual view, each with the address without it."""
    shown = {
        "tahun": str(form.year) if form.year != form.usual_year else "",
        "program": form.names["program"].get(form.version_id or 0, ""),
        "wilayah": ""
        if form.area_code == form.user.area_code
        else form.names["wilayah"].get(form.area_code, ""),
    }
    chips = []
    for name, value in shown.items():
        if value:
            rest = request.GET.copy()
            rest.pop(name, None)
            label = str(form.fields[name].label)
            chips.append(Chip(label=label, value=value, remove_href=f"?{rest.urlencode()}"))
    return chips


def _stats(figures: Figures, scope: Scope) -> list[Stat]:
    """The six tiles; the rows behind them for who may see them."""
    total, user = figures.total, scope.user
    budgets = route("disbursements:budgets") if user.can(Permission.BUDGET_VIEW) else ""
    behind = {"area_code": scope.area[:5]}
    if scope.version_id:
        behind["version"] = str(scope.version_id)
    sees = user.can(Permission.PAYLIST_VIEW)
    lists = route("disbursements:lists", year=scope.year, **behind) if sees else ""
    bound = f"{lists}&{urlencode({'state': RESERVING}, doseq=True)}" if lists else ""
    returns = route("disbursements:returns", **behind) if sees else ""
    paid, delivered = share(total.paid, total.ceiling), share(total.delivered, total.paid)
    return [
        Stat(label=_("Pagu"), value=total.ceiling, href=budgets),
        Stat(label=_("Terikat"), value=total.reserved, href=bound),
        Stat(label=_("Cair"), value=total.paid, note=_part(paid, _("dari pagu")), href=lists),
        Stat(
            label=_("Tersalur"),
            value=total.delivered,
            note=_part(delivered, _("dari cair")),
            href=lists,
        ),
        Stat(
            label=_("Kembali ke kas daerah"),
            value=total.returned,
            note=_("%(count)s KPM") % {"count": total.returned_people},
            href=returns,
        ),
        Stat(label=_("Sisa pagu"), value=total.left, href=budgets),
    ]


def _part(value: Any, of_what: str) -> str:
    return "" if value is None else f"{value:f}".replace(".", ",") + f"% {of_what}"


def _links(user: Any, scope: Scope) -> Links:
    """Where the marks lead: to the lists of the money for who may see them, else deeper in."""
    version = {"version": scope.version_id} if scope.version_id else {}
    if not user.can(Permission.PAYLIST_VIEW):
        return Links(
            area=lambda code: route("monitoring:dashboard", tahun=scope.year, wilayah=code),
            state=lambda key: route("programs:proposals", state=key, **version),
        )
    return Links(
        area=lambda code: route(
            "disbursements:lists", year=scope.year, area_code=code[:5], **version
        ),
        stage=lambda key: route("disbursements:lists", stage=key),
        cause=lambda key: route("disbursements:returns", reason=key, **version),
        state=lambda key: route("programs:proposals", state=key, **version),
    )
