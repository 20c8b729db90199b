"""Pages of budgets, allocations and the ledger."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bansos.accounts.access import find, requires, requires_to_post
from bansos.accounts.permissions import Permission
from bansos.audit.queries import timeline_of
from bansos.lib.errors import Refused
from bansos.lib.lists import ListView
from bansos.lib.parts import Crumb, Head
from disbursements.forms import AllocationForm, BudgetForm, CeilingForm
from disbursements.models import BudgetLine
from disbursements.queries import figures
from disbursements.services import budgets
from disbursements.tables import Ledger
from disbursements.views.parts import refuse
from programs.queries.decrees import formula_remainder


def crumbs(*more: Crumb) -> list[Crumb]:
    """Where budget pages stand."""
    return [Crumb(label=_("Pagu & alokasi"), href=reverse("disbursements:budgets")), *more]


@requires(Permission.BUDGET_VIEW)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The budgets of a year, each as Pagu = Terikat + Cair + Sisa."""
    years = figures.budget_years(request.user)
    asked = request.GET.get("tahun", "")
    year = int(asked) if asked.isdecimal() and int(asked) in years else (years or [0])[0]
    rows = figures.budget_figures(request.user, year)
    total = figures.total_of(rows)
    editable = request.user.can(Permission.BUDGET_EDIT)
    context = {
        "rows": rows,
        "total": total,
        "year": year,
        "years": years,
        "why_not": "" if editable else _("Pagu dicatat oleh staf program provinsi."),
    }
    return render(request, "disbursements/budgets.html", context)


@requires(Permission.BUDGET_EDIT)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Record the DPA line of a programme."""
    form = BudgetForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            budget = budgets.record_budget(**form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, _("Pagu dicatat. Sekarang bagi ke kabupaten/kota."))
            return redirect("disbursements:budget", pk=budget.pk)
        except Refused as refused:
            refuse(form, refused)
    status = 422 if form.is_bound else 200
    context = {"form": form, "crumbs": crumbs(Crumb(label=_("Catat pagu")))}
    return render(request, "disbursements/budget_new.html", context, status=status)


def _find(request: HttpRequest, pk: int) -> BudgetLine:
    rows = BudgetLine.objects.select_related("version__programme", "agency")
    found: BudgetLine = find(rows, request.user, pk=pk)
    return found


@requires(Permission.BUDGET_VIEW)
@requires_to_post(Permission.BUDGET_EDIT)
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One budget: formula, allocation per regency, history; posting changes the ceiling."""
    budget = _find(request, pk)
    form = CeilingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            budgets.change_ceiling(
                budget=budget, **form.cleaned_data, by=request.user, at=timezone.now()
            )
            messages.success(request, _("Perubahan pagu dicatat pada kartu kendali."))
            return redirect("disbursements:budget", pk=budget.pk)
        except Refused as refused:
            refuse(form, refused)
    rows = figures.allocation_figures(budget)
    context = {
        "budget": budget,
        "form": form if request.user.can(Permission.BUDGET_EDIT) else None,
        "unallocated": budget.ceiling - budget.allocated,
        "pairs": [
            (_("DPA"), budget.dpa_number),
            (_("Tanggal DPA"), budget.dpa_date),
            (_("Kode rekening"), budget.account_code),
            (_("Tersalur"), budget.delivered),
            (_("Di rekening bendahara"), budget.holding),
            (_("Kembali ke kas daerah"), budget.returned),
            *_remainder(budget),
        ],
        "columns": _columns(),
        "rows": [_cells(row) for row in rows],
        "totals": _cells(figures.total_of(rows, name=_("Jumlah"))) if rows else (),
        "ledger_url": f"{reverse('disbursements:ledger')}?budget={budget.pk}",
        "events": timeline_of(budget, limit=20),
        "crumbs": crumbs(Crumb(label=str(budget.version))),
        "why_not": _why_not(request.user),
    }
    status = 422 if form.is_bound else 200
    return render(request, "disbursements/budget.html", context, status=status)


def _remainder(budget: BudgetLine) -> list[tuple[str, Any]]:
    rest = formula_remainder(budget.version)
    return [] if rest is None else [(_("Sisa pembagian SK, tetap di pagu"), rest)]


def _why_not(user: Any) -> str:
    return "" if user.can(Permission.BUDGET_EDIT) else _("Diatur oleh staf program provinsi.")


def _columns() -> list[Head]:
    words = (_("Alokasi"), _("Terikat"), _("Cair"), _("Tersalur"), _("Kembali"), _("Sisa"))
    return [Head(label=_("Kabupaten/Kota"))] + [Head(label=word, kind="money") for word in words]


def _cells(row: figures.BudgetFigures) -> tuple[Any, ...]:
    amounts = (row.ceiling, row.reserved, row.paid, row.delivered, row.returned, row.left)
    return (row.name, *amounts)


@requires(Permission.BUDGET_EDIT)
@require_http_methods(["GET", "POST"])
def allocate(request: HttpRequest, pk: int) -> HttpResponse:
    """The share of each regency."""
    budget = _find(request, pk)
    form = AllocationForm(request.POST or None, budget=budget)
    if request.method == "POST" and form.is_valid():
        try:
            budgets.allocate(
                budget=budget, amounts=form.amounts(), by=request.user, at=timezone.now()
            )
            messages.success(request, _("Alokasi wilayah disimpan."))
            return redirect("disbursements:budget", pk=budget.pk)
        except Refused as refused:
            refuse(form, refused)
    here = reverse("disbursements:budget", args=[budget.pk])
    context = {
        "form": form,
        "budget": budget,
        "crumbs": crumbs(
            Crumb(label=str(budget.version), href=here), Crumb(label=_("Atur alokasi"))
        ),
    }
    status = 422 if form.is_bound else 200
    return render(request, "disbursements/allocate.html", context, status=status)


@requires(Permission.BUDGET_VIEW)
class LedgerView(ListView):
    """Kartu kendali."""

    spec = Ledger
