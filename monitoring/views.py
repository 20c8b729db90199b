"""Pages of monitoring: what waits for me, the year in figures, the reports."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from bansos.accounts.access import find, requires, signed_in
from bansos.accounts.permissions import Permission
from bansos.audit.queries import timeline_of
from bansos.documents.queries import file_row
from bansos.jobs.queries import card
from bansos.lib.dates import ago_words
from bansos.lib.errors import Refused
from bansos.lib.lists import Action, ListView
from bansos.lib.money import number
from bansos.lib.parts import Chip, Crumb, Stat
from monitoring import services
from monitoring.documents import Links, exhibits, grids, summary
from monitoring.documents.exhibits import Exhibit, share
from monitoring.forms import ReportForm, ScopeForm
from monitoring.models import Report
from monitoring.queries import Figures, Scope, gather
from monitoring.queries import home as tiles
from monitoring.queries.duties import Heap, heaps_for, next_piece
from monitoring.queries.money import RESERVING
from monitoring.queries.waiting import Piece, route
from monitoring.tables import ReportList, period_words, report_word


@signed_in
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What waits for me, oldest first; each part stands or fails alone."""
    user: Any = request.user
    now, today = timezone.now(), timezone.localdate()
    heaps = heaps_for(user)
    parts: dict[str, Any] = {}
    readers = {
        "strips": (Permission.BUDGET_VIEW, lambda: tiles.budget_strips(user, today=today)),
        "imports": (Permission.IMPORT_RUN, lambda: tiles.last_imports(user)),
        "accounts": (Permission.USER_MANAGE, lambda: tiles.account_counts(user)),
        "events": (Permission.AUDIT_VIEW, lambda: tiles.last_events(user)),
    }
    for name, (permission, read) in readers.items():
        parts[name] = tiles.attempt(name, read) if user.can(permission) else tiles.Tile(None)
    context = {
        "heaps": [(heap, _aged(heap, now)) for heap in heaps],
        "next": next_piece(heaps),
        "now": now,
        "parts": parts,
        "cards": [card(job) for job in tiles.running_jobs(user)],
    }
    return render(request, "monitoring/home.html", context)


def _aged(heap: Heap, now: datetime) -> list[tuple[Piece, str]]:
    return [(piece, _age(piece.since, now)) for piece in heap.pieces]


def _age(since: datetime | None, now: datetime) -> str:
    """How long it has waited: days once there are any, because weeks must stand out."""
    if since is None:
        return ""
    days = (now - since).days
    if days < 1:
        return ago_words(since, now, timezone.get_current_timezone())
    return ngettext("%(count)s hari", "%(count)s hari", days) % {"count": number(days)}


@requires(Permission.REPORT_VIEW)
@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """The year by programme and area; every mark opens the rows behind it."""
    user: Any = request.user
    today = timezone.localdate()
    form = ScopeForm(request.GET, user=user, today=today)
    scope = Scope(user=user, year=form.year, area_code=form.area_code, version_id=form.version_id)
    figures = gather(scope, on=min(today, date(form.year, 12, 31)))
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
                version=form.cleaned_data["version"],
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
        "version": scope.version_id,
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
            tahun=found.version.year,
            program=found.version_id,
            wilayah=found.area_code,
        )
        if request.user.can(Permission.REPORT_MAKE)  # type: ignore[union-attr]
        else "",
        "files": [file_row(item) for item in (found.pdf, found.xlsx) if item is not None],
        "events": timeline_of(found, limit=20),
        "figures": figures,
        "lines": summary(services.subject_of(found), figures) if figures else [],
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
        )
        for item in exhibits(figures)
        if item.key in drawn
    ]
