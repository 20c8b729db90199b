"""Pages of pay lists: all of them, a new one, one with everything about it, its lines."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bansos.accounts.access import find, requires, requires_to_post
from bansos.accounts.permissions import Permission
from bansos.lib.errors import Refused
from bansos.lib.lists import Action, ListView
from bansos.lib.parts import Crumb
from disbursements.choices import LineState, ListState
from disbursements.forms import ExcludeForm, NewListForm, ReasonForm
from disbursements.models import PayList
from disbursements.queries.comparing import DryRun
from disbursements.services import acting, lists, returns
from disbursements.tables import Lines, PayLists
from disbursements.views.list_page import list_context
from disbursements.views.parts import in_background, refuse

RELATED = (
    "stage__version__programme__agency",
    "decree",
    "budget__agency",
    "allocation",
    "parent",
    "job",
    "made_by",
)


def crumbs(*more: Crumb) -> list[Crumb]:
    """Where pay list pages stand."""
    return [Crumb(label=_("Daftar bayar"), href=reverse("disbursements:lists")), *more]


def here(pay_list: PayList, *more: Crumb) -> list[Crumb]:
    """The way to a page of one list."""
    href = reverse("disbursements:list", args=[pay_list.pk]) if more else ""
    return crumbs(Crumb(label=pay_list.number, href=href), *more)


def find_list(request: HttpRequest, pk: int) -> PayList:
    """The list with what its pages read; 404 outside the area."""
    found: PayList = find(PayList.objects.select_related(*RELATED), request.user, pk=pk)
    return found


@requires(Permission.PAYLIST_VIEW)
class PayListView(ListView):
    """Every pay list in the area."""

    spec = PayLists

    def primary_action(self) -> Action | None:
        may = self.request.user.can(Permission.PAYLIST_PREPARE)  # type: ignore[union-attr]
        why = "" if may else _("Daftar disusun oleh staf program provinsi.")
        return Action(_("Susun daftar bayar"), reverse("disbursements:list_new"), "plus", why)


@requires(Permission.PAYLIST_PREPARE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose stage and regency; the dry run says what the list would pay; POST makes it."""
    chosen = request.POST or request.GET
    form = NewListForm(chosen if "stage" in chosen else None, user=request.user)
    plan: DryRun | None = None
    refused: Refused | None = None
    if form.is_bound and form.is_valid():
        stage, area = form.cleaned_data["stage"], form.cleaned_data["area_code"]
        if request.method == "POST":
            try:
                pay_list = lists.create_list(
                    stage=stage, area_code=area, by=request.user, at=timezone.now()
                )
                messages.info(request, _("Daftar sedang disusun di latar."))
                return redirect("disbursements:list", pk=pay_list.pk)
            except Refused as error:
                refused = error
        plan = lists.dry_run(stage=stage, area_code=area, user=request.user)
    status = getattr(refused, "status", 200) if refused else 200
    if form.is_bound and form.errors:
        status = 422
    context = {
        "form": form,
        "plan": plan,
        "refused": refused,
        "crumbs": crumbs(Crumb(label=_("Susun daftar"))),
    }
    return render(request, "disbursements/list_new.html", context, status=status)


def show(request: HttpRequest, pay_list: PayList, refused: Refused | None = None) -> HttpResponse:
    """The page of a list, with a refusal of the last act if there was one."""
    context = list_context(pay_list, request.user)
    context |= {"refused": refused, "crumbs": here(pay_list)}
    status = refused.status if refused else 200
    return render(request, "disbursements/list.html", context, status=status)


@requires(Permission.PAYLIST_VIEW)
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One list: the three big numbers, where it stands, checks, signatures, files, trail."""
    return show(request, find_list(request, pk))


@requires(Permission.PAYLIST_VIEW)
class LinesView(ListView):
    """The lines of one list."""

    spec = Lines
    template_name = "disbursements/lines.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            rows = PayList.objects.only("number", "area_code", "count", "total")
            self.pay_list = find(rows, request.user, pk=kwargs["pk"])

    def make_spec(self) -> Lines:
        return Lines(self.pay_list)

    def crumbs(self) -> list[Any]:
        return here(self.pay_list, Crumb(label=_("Baris")))

    def extra_context(self) -> dict[str, Any]:
        return {"pay_list": self.pay_list}


# Acts without a form: one POST each, back to the page of the list.
ACTS: dict[str, tuple[Callable[..., Any], Any]] = {
    "periksa-ulang": (lists.run_preflight, _later("Diperiksa di latar.")),
    "kunci": (partial(acting.act, name="lock"), _later("Daftar dikunci; pagu terikat.")),
    "buka-kunci": (lists.unlock, _later("Kunci dibuka; ikatan dilepas.")),
    "ajukan": (
        lists.submit_for_approval,
        _later("Daftar menunggu pemeriksaan kepala seksi."),
    ),
}


@requires(Permission.PAYLIST_PREPARE)
@require_POST
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Check again, lock, unlock or submit a list."""
    pay_list = find_list(request, pk)
    if act not in ACTS:
        raise Http404
    service, words = ACTS[act]
    try:
        asked = service(pay_list=pay_list, by=request.user, at=timezone.now())
    except Refused as refused:
        return show(request, find_list(request, pk), refused)
    if act == "kunci" and asked is not None:
        in_background(request)
    else:
        messages.success(request, words)
    return redirect("disbursements:list", pk=pk)


@requires(Permission.PAYLIST_VIEW)
@requires_to_post(Permission.PAYLIST_PREPARE)
@require_http_methods(["GET", "POST"])
def exclude(request: HttpRequest, pk: int) -> HttpResponse:
    """Take payees out by NIK or row number; what was taken out can come back."""
    pay_list = find_list(request, pk)
    form = ExcludeForm(request.POST or None)
    outcome = None
    if request.method == "POST" and form.is_valid():
        try:
            outcome = lists.exclude(
                pay_list=pay_list,
                niks_or_positions=form.split(),
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
            )
            pay_list, form = find_list(request, pk), ExcludeForm()
        except Refused as refused:
            refuse(form, refused)
    excluded = pay_list.lines.filter(not_live=LineState.EXCLUDED).order_by("position")
    draft = pay_list.state == ListState.DRAFT and pay_list.drawn_at is not None
    may = request.user.can(Permission.PAYLIST_PREPARE)
    context = {
        "pay_list": pay_list,
        "form": form if draft and may else None,
        "outcome": outcome,
        "excluded": excluded[:500],
        "editable": draft and may,
        "crumbs": here(pay_list, Crumb(label=_("Keluarkan penerima"))),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "disbursements/exclude.html", context, status=status)


@requires(Permission.PAYLIST_PREPARE)
@require_POST
def include(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo exclusions."""
    pay_list = find_list(request, pk)
    ids = [int(text) for text in request.POST.getlist("baris") if text.isdecimal()]
    try:
        back = lists.include_again(
            pay_list=pay_list, line_ids=ids, by=request.user, at=timezone.now()
        )
        messages.success(request, _("%(count)s baris kembali ke daftar.") % {"count": len(back)})
    except Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("disbursements:exclude", pk=pk)


@requires(Permission.PAYLIST_PREPARE, Permission.PAYLIST_APPROVE)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a list before its SP2D, with a reason."""
    pay_list = find_list(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            job = acting.act(
                name="cancel",
                pay_list=pay_list,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
            )
            if job is not None:
                in_background(request)
            else:
                messages.success(request, _("Daftar dibatalkan; ikatan pagu dilepas."))
            return redirect("disbursements:list", pk=pk)
        except Refused as refused:
            refuse(form, refused)
    context = {
        "pay_list": pay_list,
        "form": form,
        "crumbs": here(pay_list, Crumb(label=_("Batalkan"))),
    }
    status = 422 if form.is_bound else 200
    return render(request, "disbursements/cancel.html", context, status=status)


@requires(Permission.PAYLIST_PREPARE)
@require_POST
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the follow-up list of every confirmed return."""
    pay_list = find_list(request, pk)
    try:
        made = returns.make_follow_up(pay_list=pay_list, by=request.user, at=timezone.now())
    except Refused as refused:
        return show(request, pay_list, refused)
    messages.success(request, _("Daftar susulan dibuat. Kunci dan ajukan seperti biasa."))
    return redirect("disbursements:list", pk=made.pk)
