"""Pages of simulations: draft, criteria tried, results with their rows, two side by side."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.audit.queries import timeline_of
from bansos.jobs.queries import card
from bansos.lib.charts import Bar, Line, bar_chart, line_chart
from bansos.lib.errors import Refused
from bansos.lib.lists import ListView
from bansos.lib.parts import Crumb, Head, Pair, Stat
from bansos.regions.queries import names_of
from programs.choices import SimulationOutcome
from programs.forms.simulations import SimulationForm
from programs.models import Simulation
from programs.queries.simulations import (
    figures_of,
    node_warnings,
    others_of,
    side_by_side,
    simulations_of,
)
from programs.queries.targets import simulation_target
from programs.rules import criteria_warnings
from programs.services import simulations as services
from programs.tables import SimulationAreaList, SimulationList, SimulationRowList, simulation_word
from programs.views.answers import answer, crumbs, put_on_form, say
from programs.views.catalogue import find_version, version_crumbs
from programs.views.criteria import Holder, pages

WIDE, SLIM = 640, 320


def find_simulation(request: HttpRequest, pk: int) -> Simulation:
    """A simulation of the user's area, or 404."""
    found: Simulation = find(simulations_of(request.user), request.user, pk=pk)
    return found


def _crumbs(simulation: Simulation, last: str = "") -> list[Crumb]:
    steps = [(_("Simulasi"), reverse("programs:simulations"))]
    steps.append((simulation.name, simulation.get_absolute_url() if last else ""))
    return crumbs(*steps, *([(last, "")] if last else []))


class SimulationListView(ListView):
    """Every simulation of the province, the newest first."""

    access = (P.SIMULATION_VIEW,)
    spec = SimulationList


class SimulationRowListView(ListView):
    """Who or what would come in, stay or go out."""

    access = (P.SIMULATION_VIEW,)
    spec = SimulationRowList

    def crumbs(self) -> list[Any]:
        """Back to the simulations."""
        return crumbs((_("Simulasi"), reverse("programs:simulations")), (_("Penerima"), ""))


class SimulationAreaListView(ListView):
    """Counts and money per regency."""

    access = (P.SIMULATION_VIEW,)
    spec = SimulationAreaList

    def crumbs(self) -> list[Any]:
        """Back to the simulations."""
        return crumbs((_("Simulasi"), reverse("programs:simulations")), (_("Wilayah"), ""))


@requires(P.PROGRAM_EDIT)
@require_http_methods(["GET", "POST"])
def simulation_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Try the criteria of a version, or others, before anything is decided."""
    version = find_version(request, pk)
    form = SimulationForm(request.POST or None, version=version)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.draft_simulation(
                version=version, values=form.values(), by=request.user, at=timezone.now()
            )
            return redirect(made)
        except Refused as refused:
            put_on_form(form, refused)
    title = _("Simulasi baru")
    context = {
        "title": title,
        "hint": str(version),
        "back": reverse("programs:version", args=[version.pk]),
        "crumbs": version_crumbs(version, title),
    }
    return answer(request, "programs/simulation_form.html", context, form)


@requires(P.PROGRAM_EDIT)
@require_http_methods(["GET", "POST"])
def simulation_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a simulation is called and held against, before it is counted."""
    row = find_simulation(request, pk)
    form = SimulationForm(request.POST or None, version=row.version, simulation=row)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_simulation(
                simulation=row, values=form.values(), by=request.user, at=timezone.now()
            )
            return redirect(row)
        except Refused as refused:
            put_on_form(form, refused)
    title = _("Ubah simulasi")
    context = {
        "title": title,
        "hint": row.name,
        "back": row.get_absolute_url(),
        "crumbs": _crumbs(row, title),
    }
    return answer(request, "programs/simulation_form.html", context, form)


@requires(P.SIMULATION_VIEW)
@require_GET
def simulation(request: HttpRequest, pk: int) -> HttpResponse:
    """What is tried, and when it is counted: how many, where, what it costs, what changes."""
    row = find_simulation(request, pk)
    may_edit = request.user.can(P.PROGRAM_EDIT)
    own_job = row.job is not None and row.job.owner_id == request.user.pk
    context: dict[str, Any] = {
        "simulation": row,
        "word": simulation_word(row),
        "may_edit": may_edit,
        "is_open": not row.is_done and not row.is_running,
        "card": card(row.job) if row.job and own_job and not row.is_done else None,
        "warnings": criteria_warnings(row.criteria),
        "about": _about(row),
        "events": timeline_of(row, limit=20),
        "crumbs": _crumbs(row),
    }
    if row.is_done:
        context |= _results(request, row)
    return render(request, "programs/simulation.html", context)


def _about(row: Simulation) -> list[Pair]:
    return [
        Pair(label=_("Aturan"), value=str(row.version)),
        Pair(label=_("Yang dihitung"), value=row.version.get_payee_kind_display()),
        Pair(label=_("Daftar pembanding"), value=str(row.baseline) if row.baseline else ""),
        Pair(label=_("Pagu"), value=row.budget),
        Pair(label=_("Data per tanggal"), value=row.facts_on),
        Pair(label=_("Usia dihitung pada"), value=row.stage_date),
        Pair(label=_("Dibuat oleh"), value=row.made_by.full_name),
    ]


def _results(request: HttpRequest, row: Simulation) -> dict[str, Any]:
    changes = row.result("changes", {})
    people = f"{reverse('programs:simulation_people')}?simulation={row.pk}"
    sentences = {
        "nobody": _("Tidak satu pun memenuhi: %(label)s."),
        "everybody": _("Semuanya memenuhi, jadi tidak menyaring: %(label)s."),
    }
    return {
        "stats": _stats(row),
        "changes": [
            Stat(
                label=str(outcome.label),
                value=int(changes.get(outcome.value, 0)),
                href=f"{people}&outcome={outcome.value}",
            )
            for outcome in SimulationOutcome
        ],
        "people_url": people,
        "areas_url": f"{reverse('programs:simulation_areas')}?simulation={row.pk}",
        "nodes": row.result("nodes", []),
        "node_warnings": [
            sentences[kind] % {"label": label.rstrip(".")} for label, kind in node_warnings(row)
        ],
        "overlap": row.result("overlap", []),
        "target_words": simulation_target(row),
        "others": others_of(row, request.user),
        **_pictures(row),
    }


def _stats(row: Simulation) -> list[Stat]:
    figures = figures_of(row)
    open_rate = _("Besaran belum ditetapkan")
    quota = figures.quota if figures.quota is not None else _("Tidak dibatasi")
    cost = figures.cost if figures.cost is not None else open_rate
    stats = [
        Stat(label=_("Memenuhi"), value=figures.yes, tone="baik"),
        Stat(label=_("Menunggu bukti"), value=figures.pending, note=_("lapangan atau penilaian")),
        Stat(label=_("Belum diketahui"), value=figures.unknown, tone="menunggu"),
        Stat(
            label=_("Dapat ditetapkan"),
            value=figures.hoped,
            note=_("satu per KK") if row.version.one_per_family else "",
        ),
        Stat(label=_("Kuota program"), value=quota),
        Stat(label=_("Biaya semua"), value=cost),
    ]
    if figures.cost_in_quota is not None:
        stats.append(Stat(label=_("Biaya dalam kuota"), value=figures.cost_in_quota))
    if figures.short is not None:
        tone = "masalah" if figures.short else "baik"
        stats.append(Stat(label=_("Kurang dari pagu"), value=figures.short, tone=tone))
    return stats


def _pictures(row: Simulation) -> dict[str, Any]:
    """The regencies as bars before their quota, the moved threshold as a line."""
    areas = list(row.areas.order_by("area_code"))
    names = names_of([area.area_code for area in areas])
    bars = [
        Bar(names.get(area.area_code, area.area_code), area.hoped, ceiling=area.quota)
        for area in areas
    ]
    title = _("Dapat ditetapkan per kabupaten/kota, dengan kuota di belakangnya")
    shown: dict[str, Any] = {
        "area_title": title,
        "area_svg": bar_chart(bars, title=title, width=WIDE, chart_id="wilayah"),
        "area_slim": bar_chart(bars, title=title, width=SLIM, chart_id="wilayah-hp"),
        "area_columns": [
            Head(label=_("Kabupaten/Kota")),
            Head(label=_("Dapat ditetapkan"), kind="number"),
        ],
        "area_rows": [[bar.label, int(bar.value)] for bar in bars],
    }
    points = row.result("points", [])
    threshold = services.chosen_threshold(row)
    if points and threshold is not None:
        labels = [f"{point['value']}{' *' if point['own'] else ''}" for point in points]
        line = Line(_("Penerima"), [int(point["people"]) for point in points])
        name = _("Bila ambang digeser: %(label)s") % {"label": threshold.label}
        shown |= {
            "point_title": name,
            "point_svg": line_chart(labels, [line], title=name, width=WIDE, chart_id="ambang"),
            "point_slim": line_chart(labels, [line], title=name, width=SLIM, chart_id="ambang-hp"),
            "point_columns": [Head(label=_("Ambang")), Head(label=_("Penerima"), kind="number")],
            "point_rows": [
                [label, int(p["people"])] for label, p in zip(labels, points, strict=True)
            ],
        }
    return shown


def _act(request: HttpRequest, row: Simulation, act: Any, done: str) -> HttpResponse:
    try:
        act(simulation=row, by=request.user, at=timezone.now())
        messages.info(request, done)
    except Refused as refused:
        say(request, refused)
    return (
        redirect(row)
        if Simulation.objects.filter(pk=row.pk).exists()
        else redirect("programs:simulations")
    )


@requires(P.PROGRAM_EDIT)
@require_POST
def simulation_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Count it in the background."""
    row = find_simulation(request, pk)
    return _act(request, row, services.run_simulation, _("Simulasi dihitung di latar belakang."))


@requires(P.PROGRAM_EDIT)
@require_POST
def simulation_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it away."""
    row = find_simulation(request, pk)
    return _act(request, row, services.drop_simulation, _("Simulasi dihapus."))


@requires(P.PROGRAM_EDIT)
@require_POST
def simulation_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A new draft with the same criteria, to change one thing and compare."""
    row = find_simulation(request, pk)
    values = services.SimulationValues(
        name=_("Salinan %(name)s") % {"name": row.name[:100]},
        baseline=row.baseline,
        budget=row.budget,
        threshold=row.threshold,
    )
    try:
        made = services.draft_simulation(
            version=row.version,
            values=values,
            criteria=row.criteria,
            by=request.user,
            at=timezone.now(),
        )
        return redirect(made)
    except Refused as refused:
        say(request, refused)
    return redirect(row)


@requires(P.SIMULATION_VIEW)
@require_GET
def simulation_compare(request: HttpRequest, pk: int) -> HttpResponse:
    """This simulation beside another that was counted, per regency."""
    row = find_simulation(request, pk)
    chosen = request.GET.get("dengan", "")
    others = others_of(row, request.user)
    other = next((item for item in others if str(item.pk) == chosen), None)
    if chosen and other is None:
        raise Http404
    context = {
        "simulation": row,
        "other": other,
        "others": others,
        "rows": side_by_side(row, other) if other else [],
        "first_stats": _stats(row),
        "second_stats": _stats(other) if other else [],
        "crumbs": _crumbs(row, _("Bandingkan")),
    }
    return render(request, "programs/simulation_compare.html", context)


def of_simulation(request: HttpRequest, pk: int) -> Holder:
    """The criteria a simulation tries, for the editor of criteria."""
    row = find_simulation(request, pk)

    def save(criteria: list[Any]) -> None:
        services.change_criteria(
            simulation=row, criteria=criteria, by=request.user, at=timezone.now()
        )

    fixed = row.is_done or row.is_running
    return Holder(
        pk=row.pk,
        routes="simulation_",
        name=row.name,
        criteria=list(row.criteria),
        back=row.get_absolute_url(),
        crumbs=lambda last: _crumbs(row, last),
        save=save,
        frozen=_("Sudah dihitung. Salin menjadi simulasi baru.") if fixed else "",
    )


SIMULATION_PAGES = pages("simulation_", of_simulation)
