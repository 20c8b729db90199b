"""Pages for treasurers: reports with counts, deadlines, budget card, cash plan, the year's end."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bansos.accounts.access import find, requires, requires_to_post
from bansos.accounts.permissions import Permission
from bansos.accounts.queries import own_agency
from bansos.audit.queries import timeline_of
from bansos.documents.queries import documents_of, file_row
from bansos.lib.dates import MONTHS
from bansos.lib.errors import Refused
from bansos.lib.lists import Action, ListView
from bansos.lib.parts import Crumb, Head, Stat
from bansos.regions.queries import names_of
from disbursements.models import BudgetLine, DeadlineRule
from disbursements.queries.treasury.card import card_lines, card_sums
from disbursements.queries.treasury.deadlines import deadlines_for
from disbursements.queries.treasury.subjects import subject_urls
from disbursements.queries.treasury.year import (
    REACH,
    open_things,
    year_figures,
    year_row,
    year_to_close,
)
from disbursements.rules.deadlines import Days, defaults_for
from disbursements.services import treasury, years
from monitoring.forms.treasury import (
    AccountUseForm,
    CashPlanForm,
    DeadlineForm,
    PasswordForm,
    YearForm,
)
from monitoring.queries.treasury import bank_sums
from monitoring.services import treasury_papers
from monitoring.tables.treasury import (
    LISTS,
    CashPlanRows,
    CreditedLines,
    FundsRequests,
    IdleAccounts,
    MissedPayments,
    PaymentsByBank,
    ReturnsByAge,
)
from programs.choices import VersionState
from programs.models import ProgrammeVersion

CARD_PAGE = 100


def _crumbs(*more: Crumb) -> list[Crumb]:
    return [Crumb(label=_("Laporan bendahara"), href=reverse("monitoring:treasury")), *more]


@requires(Permission.PAYLIST_VIEW)
@require_GET
def treasury_index(request: HttpRequest) -> HttpResponse:
    """Every report with how many rows it has, the running deadlines, the cards."""
    user: Any = request.user
    reports = [
        {
            "title": spec.title,
            "what": what,
            "href": reverse("monitoring:treasury_list", args=[slug]),
            "count": spec().queryset(user).order_by().count(),
        }
        for slug, (spec, what) in LISTS.items()
    ]
    budgets = BudgetLine.objects.visible_to(user).select_related("version__programme")
    context = {
        "reports": reports,
        "deadlines": deadlines_for(user, timezone.localdate()),
        "budgets": budgets.order_by("-year", "version__programme__name"),
        "crumbs": [Crumb(label=_("Laporan bendahara"))],
    }
    return render(request, "monitoring/treasury.html", context)


class TreasuryList(ListView):
    """One of the treasurers' lists; its PDF report and the acts that belong to it."""

    template_name = "monitoring/treasury_list.html"
    slug = ""

    def crumbs(self) -> list[Any]:
        return _crumbs(Crumb(label=str(self.spec.title)))

    def extra_context(self) -> dict[str, Any]:
        """Where the PDF is asked for, and the sums per bank on the list of banks."""
        user: Any = self.request.user
        pdf = reverse("monitoring:treasury_pdf", args=[self.slug])
        may = user.can(Permission.REPORT_MAKE)
        table = None
        if self.spec is PaymentsByBank:
            parts, _filterset, _text = self.spec().rows(user, self.request.GET)
            table = _bank_table(bank_sums(parts))
        return {
            "pdf_url": pdf if may else "",
            "asked": self.request.GET.urlencode(),
            "what": LISTS[self.slug][1],
            "table": table,
        }


def _bank_table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    words = (_("Jumlah"), _("Tersalur"), _("Retur"), _("Belum diketahui"))
    keys = ("total", "delivered", "came_back", "silent")
    sums = [sum((row[key] for row in rows), Decimal(0)) for key in keys]
    return {
        "columns": [
            Head(label=_("Saluran")),
            Head(label=_("Kode bank")),
            Head(label=_("Pembayaran"), kind="number"),
            *(Head(label=word, kind="money") for word in words),
        ],
        "rows": [
            (row["rail_words"], row["bank_code"] or "-", row["lines"], *(row[k] for k in keys))
            for row in rows
        ],
        "totals": (_("Jumlah"), "", sum(row["lines"] for row in rows), *sums),
    }


@requires(Permission.PAYLIST_VIEW)
class FundsView(TreasuryList):
    """What SPM to raise."""

    spec, slug = FundsRequests, "permintaan-dana"


@requires(Permission.PAYLIST_VIEW)
class CreditedView(TreasuryList):
    """Credited or not."""

    spec, slug = CreditedLines, "salur"


@requires(Permission.PAYLIST_VIEW)
class MissedView(TreasuryList):
    """Three missed in a row."""

    spec, slug = MissedPayments, "tiga-kali"


@requires(Permission.PAYLIST_VIEW)
class IdleView(TreasuryList):
    """Accounts without a transaction."""

    spec, slug = IdleAccounts, "rekening-diam"

    def primary_action(self) -> Action:
        may = self.request.user.can(Permission.BANK_RESULT)  # type: ignore[union-attr]
        why = "" if may else _("Dimuat oleh bendahara.")
        return Action(_("Muat laporan transaksi"), reverse("monitoring:account_use"), "upload", why)


@requires(Permission.PAYLIST_VIEW)
class AgesView(TreasuryList):
    """Returns by age."""

    spec, slug = ReturnsByAge, "retur"


@requires(Permission.PAYLIST_VIEW)
class BanksView(TreasuryList):
    """Payments by bank."""

    spec, slug = PaymentsByBank, "bank"


@requires(Permission.PAYLIST_VIEW)
class PlanView(TreasuryList):
    """Realisation against the cash plan."""

    spec, slug = CashPlanRows, "rencana-kas"


PAGES: dict[str, type[TreasuryList]] = {
    page.slug: page
    for page in (
        *(FundsView, CreditedView, MissedView, IdleView),
        *(AgesView, BanksView, PlanView),
    )
}


@requires(Permission.PAYLIST_VIEW)
@require_http_methods(["GET", "POST"])
def treasury_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The list of that name."""
    if slug not in PAGES:
        raise Http404
    found: HttpResponse = PAGES[slug].as_view()(request)  # type: ignore[assignment]
    return found


@requires(Permission.REPORT_MAKE)
@require_POST
def treasury_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask a worker for the numbered PDF of a list as it stands on screen."""
    if slug not in PAGES:
        raise Http404
    job = treasury_papers.request_report(
        slug=slug,
        title=PAGES[slug].spec.title,
        query=request.POST.get("saringan", ""),
        by=request.user,
        at=timezone.now(),
    )
    return redirect("jobs:detail", pk=job.pk)


@requires(Permission.PAYLIST_VIEW)
@require_GET
def deadlines(request: HttpRequest) -> HttpResponse:
    """Every running deadline, and the lengths of each programme of the newest year."""
    user: Any = request.user
    known = {row.version_id: row for row in DeadlineRule.objects.visible_to(user)}
    versions = (
        ProgrammeVersion.objects.visible_to(user)
        .filter(state=VersionState.ACTIVE)
        .select_related("programme")
        .order_by("-year", "programme__name")
    )
    rows = [(version, known.get(version.pk), _days(version, known)) for version in versions]
    context = {
        "deadlines": deadlines_for(user, timezone.localdate()),
        "rows": rows,
        "may_edit": user.can(Permission.CASH_PLAN_EDIT) and len(user.area_code) == 2,
        "crumbs": _crumbs(Crumb(label=_("Tenggat"))),
    }
    return render(request, "monitoring/deadlines.html", context)


def _days(version: ProgrammeVersion, known: dict[int, DeadlineRule]) -> Days:
    row = known.get(version.pk)
    if row is None:
        return defaults_for(version.programme.code)
    return Days(row.sp2d_days, row.overbooking_days, row.clarification_days, row.idle_days)


@requires(Permission.CASH_PLAN_EDIT)
@require_http_methods(["GET", "POST"])
def deadline_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The lengths of one programme year."""
    rows = ProgrammeVersion.objects.select_related("programme")
    version: ProgrammeVersion = find(rows, request.user, pk=pk)
    known = {row.version_id: row for row in DeadlineRule.objects.filter(version=version)}
    days = _days(version, known)
    initial = {
        name: getattr(days, name) for name in ("sp2d", "overbooking", "clarification", "idle")
    }
    if pk in known:
        initial["source"] = known[pk].source
    form = DeadlineForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            treasury.save_deadlines(
                version=version,
                days=form.days(),
                source=form.cleaned_data["source"],
                by=request.user,
                at=timezone.now(),
            )
            messages.success(request, _("Tenggat program disimpan."))
            return redirect("monitoring:deadlines")
        except Refused as refused:
            form.add_error(None, str(refused.message))
    return _form_page(request, form, _("Tenggat %(programme)s") % {"programme": version})


def _form_page(request: HttpRequest, form: Any, title: str, **more: Any) -> HttpResponse:
    context = {"form": form, "title": title, "crumbs": _crumbs(Crumb(label=title))} | more
    status = 422 if form.is_bound else 200
    return render(request, "monitoring/treasury_form.html", context, status=status)


@requires(Permission.BANK_RESULT)
@require_http_methods(["GET", "POST"])
def account_use(request: HttpRequest) -> HttpResponse:
    """Load a bank's report of transactions."""
    user: Any = request.user
    form = AccountUseForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            report = treasury.load_account_use(
                agency=own_agency(user),
                data=file.read(),
                file_name=file.name,
                reported_on=form.cleaned_data["reported_on"],
                by=user,
                at=timezone.now(),
            )
            words = _("%(rows)s rekening dibaca, %(lines)s cocok, %(foreign)s bukan milik kita.")
            messages.success(request, words % report.__dict__)
            return redirect("monitoring:treasury_list", slug="rekening-diam")
        except Refused as refused:
            form.add_error(None, str(refused.message))
    return _form_page(request, form, _("Muat laporan transaksi rekening"), upload=True)


def _budget(request: HttpRequest, pk: int) -> BudgetLine:
    rows = BudgetLine.objects.select_related("version__programme", "agency")
    found: BudgetLine = find(rows, request.user, pk=pk)
    return found


@requires(Permission.BUDGET_VIEW)
@requires_to_post(Permission.REPORT_MAKE)
@require_http_methods(["GET", "POST"])
def budget_card(request: HttpRequest, pk: int) -> HttpResponse:
    """Kartu kendali of one budget line: each line leads to its document; POST makes the files."""
    budget = _budget(request, pk)
    if request.method == "POST":
        job = treasury_papers.request_card(budget=budget, by=request.user, at=timezone.now())
        return redirect("jobs:detail", pk=job.pk)
    sums = card_sums(budget)
    page = Paginator(range(sums.lines), CARD_PAGE).get_page(request.GET.get("hal"))
    first = page.start_index()
    shown = [line for line in card_lines(budget) if first <= line.place < first + CARD_PAGE]
    names = names_of(line.area_code for line in shown)
    user: Any = request.user
    pages = subject_urls([line.event for line in shown], user)
    context = {
        "budget": budget,
        "title": _("Kartu kendali %(programme)s") % {"programme": budget.version},
        "page": page,
        "lines": [
            (line, names.get(line.area_code, line.area_code), pages[line.event.pk])
            for line in shown
        ],
        "stats": [
            Stat(label=_("Debit"), value=sums.debit),
            Stat(label=_("Kredit"), value=sums.credit),
            Stat(label=_("Sisa pagu"), value=sums.left),
            Stat(label=_("Saldo bendahara"), value=sums.held),
        ],
        "agrees": sums.agrees,
        "may_make": user.can(Permission.REPORT_MAKE),
        "may_plan": user.can(Permission.CASH_PLAN_EDIT),
        "files": [
            file_row(row)
            for row in documents_of(budget)
            if user.can(row.permission) and user.can(Permission.DOCUMENT_VIEW)
        ][:6],
        "crumbs": _crumbs(Crumb(label=budget.dpa_number)),
    }
    return render(request, "monitoring/budget_card.html", context)


@requires(Permission.CASH_PLAN_EDIT)
@require_http_methods(["GET", "POST"])
def cash_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The cash plan of one budget line, month by month."""
    budget = _budget(request, pk)
    known = {row.month: row.amount for row in budget.cash_plan.all()}
    form = CashPlanForm(request.POST or None, months=MONTHS, known=known)
    if request.method == "POST" and form.is_valid():
        try:
            treasury.save_cash_plan(
                budget=budget, amounts=form.amounts(), by=request.user, at=timezone.now()
            )
            messages.success(request, _("Rencana kas disimpan."))
            return redirect("monitoring:budget_card", pk=pk)
        except Refused as refused:
            form.add_error(None, str(refused.message))
    title = _("Rencana kas %(programme)s") % {"programme": budget.version}
    return _form_page(request, form, title)


@requires(Permission.PAYLIST_VIEW)
@requires_to_post(Permission.RECONCILE, Permission.PAYLIST_APPROVE)
@require_http_methods(["GET", "POST"])
def fiscal_year(request: HttpRequest) -> HttpResponse:
    """The closing of a budget year: what is open, who asked, who confirmed, the next year."""
    user: Any = request.user
    agency = own_agency(user)
    today = timezone.localdate()
    chosen = YearForm(request.POST if request.method == "POST" else request.GET or None)
    number = chosen.year_or(year_to_close(agency, today=today))
    form = PasswordForm(request.POST or None)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            return _year_act(request, agency, number, form)
        except Refused as error:
            refused = error
    row = year_row(agency, number)
    obstacles = open_things(agency, number)
    context = {
        "agency": agency,
        "year": number,
        "years": range(today.year + 1, today.year - REACH, -1),
        "row": row,
        "obstacles": obstacles,
        "figures": _year_table(year_figures(agency, number)),
        "form": PasswordForm(),
        "refused": refused,
        "missing": years.is_missing(row),
        "may_ask": user.can(Permission.RECONCILE),
        "may_close": user.can(Permission.PAYLIST_APPROVE),
        "next": number + 1,
        "next_row": year_row(agency, number + 1),
        "record": file_row(row.record) if row and row.record else None,
        "events": timeline_of(row, limit=10) if row else [],
        "crumbs": _crumbs(Crumb(label=_("Tutup tahun anggaran"))),
    }
    status = refused.status if refused else 200
    return render(request, "monitoring/year.html", context, status=status)


def _year_act(request: HttpRequest, agency: Any, number: int, form: PasswordForm) -> HttpResponse:
    user, now = request.user, timezone.now()
    act = request.POST.get("aksi", "")
    here = f"{reverse('monitoring:fiscal_year')}?tahun={number}"
    if act == "ajukan":
        years.ask_closing(agency=agency, year=number, by=user, at=now)
        messages.success(request, _("Penutupan diajukan; menunggu pengesahan Kepala Dinas."))
    elif act == "sahkan":
        form.is_valid()
        password = form.cleaned_data.get("password", "")
        years.close_year(agency=agency, year=number, password=password, by=user, at=now)
        messages.success(request, _("Tahun anggaran ditutup. Berita Acara sedang dibuat."))
    elif act == "berkas":
        years.ask_paper(agency=agency, year=number, by=user, at=now)
        messages.info(request, _("Berita Acara sedang dibuat."))
    elif act == "buka":
        years.open_year(agency=agency, year=number, by=user, at=now)
        messages.success(request, _("Tahun anggaran dibuka; kalender liburnya terisi perkiraan."))
    return redirect(here)


def _year_table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    words = (_("Pagu"), _("Cair"), _("Tersalur"), _("Kas daerah"), _("Sisa pagu"))
    keys = ("ceiling", "paid", "delivered", "returned", "left")
    sums = [sum((row[key] for row in rows), Decimal(0)) for key in keys]
    return {
        "columns": [Head(label=_("Program")), *(Head(label=w, kind="money") for w in words)],
        "rows": [(row["programme"], *(row[key] for key in keys)) for row in rows],
        "totals": (_("Jumlah"), *sums),
    }
