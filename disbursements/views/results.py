"""Pages of bank answers: all, upload for a list, one with mapping, preview and outcome."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bansos.accounts.access import find, requires, requires_to_post
from bansos.accounts.permissions import Permission
from bansos.audit.queries import timeline_of
from bansos.lib.errors import Refused
from bansos.lib.lists import ListView, build_page
from bansos.lib.parts import Crumb, Stat
from bansos.regions.queries import names_of
from disbursements.choices import LineState, ResultFormat, ResultState, RowState
from disbursements.forms import MappingForm, ResultUploadForm
from disbursements.models import ResultFile
from disbursements.queries.figures import awaiting_answer
from disbursements.queries.people import stage_words
from disbursements.rules.matching import QUARANTINE
from disbursements.services import results, uploads
from disbursements.services.reading import COLUMNS
from disbursements.tables import ResultRows, Results, result_word
from disbursements.views.lists import find_list, here
from disbursements.views.parts import READ_IN_BACKGROUND, job_card, refuse, whose


@requires(Permission.PAYLIST_VIEW)
class ResultListView(ListView):
    """Answers of banks, under the lists that still wait for one."""

    spec = Results
    template_name = "disbursements/results.html"

    def extra_context(self) -> dict[str, Any]:
        rows = list(awaiting_answer(self.request.user)[:50])
        names = names_of(row.area_code for row in rows)
        return {
            "waiting": [
                (row, stage_words(row.stage), names.get(row.area_code, row.area_code))
                for row in rows
            ],
            "may_upload": self.request.user.can(Permission.BANK_RESULT),  # type: ignore[union-attr]
        }


@requires(Permission.BANK_RESULT)
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand in what the bank sent back for one list."""
    pay_list = find_list(request, pk)
    form = ResultUploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        now = timezone.now()
        try:
            result = uploads.hand_in(
                pay_list=pay_list,
                data=file.read(),
                file_name=file.name,
                by=request.user,
                at=now,
            )
            if result.uploaded_at != now:
                messages.info(request, _("Berkas yang sama sudah pernah diunggah; ini berkasnya."))
            elif result.is_being_read:
                messages.info(request, READ_IN_BACKGROUND)
            return redirect("disbursements:result", pk=result.pk)
        except Refused as refused:
            refuse(form, refused)
    context = {
        "pay_list": pay_list,
        "form": form,
        "crumbs": here(pay_list, Crumb(label=_("Unggah hasil bank"))),
    }
    status = 422 if form.is_bound else 200
    return render(request, "disbursements/upload.html", context, status=status)


@requires(Permission.PAYLIST_VIEW)
@requires_to_post(Permission.BANK_RESULT)
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One answer: match the columns, see what it would do, apply it, see what it did."""
    result = _find(request, pk)
    if result.pay_list is None:
        return _statement(request, result)
    checked = results.may_apply(result) and _statement_is_in(result)
    form = MappingForm(
        request.POST or None, headers=result.headers, columns=COLUMNS, mapping=result.mapping
    )
    if request.method == "POST" and form.is_valid():
        try:
            results.set_result_mapping(
                result=result, mapping=form.mapping(), by=request.user, at=timezone.now()
            )
            messages.success(request, _("Kolom dicocokkan dan diingat untuk berkas berikutnya."))
            return redirect("disbursements:result", pk=pk)
        except Refused as refused:
            refuse(form, refused)
    may = request.user.can(Permission.BANK_RESULT)
    context = _context(request, result)
    context |= {
        "form": form if may and checked and _may_map(result) else None,
        "checked": checked,
        "why_not": whose(Permission.BANK_RESULT, request.user, "bendahara"),
    }
    status = 422 if form.is_bound else 200
    return render(request, "disbursements/result.html", context, status=status)


def _statement(request: HttpRequest, result: ResultFile) -> HttpResponse:
    """A file of a standard format: which lists it names, and what is of no list."""
    page = None
    if result.state == ResultState.APPLIED and result.counts.get("rows"):
        page = build_page(
            ResultRows(result), user=request.user, params=request.GET, path=request.path
        )
    shares = result.shares.select_related("pay_list__stage__version__programme", "job")
    context = {
        "result": result,
        "word": result_word(result),
        "format": _format_of(result),
        "checked": results.may_apply(result),
        "why_not": whose(Permission.BANK_RESULT, request.user, "bendahara"),
        "shares": [
            (row, stage_words(row.pay_list.stage), result_word(row), _stats_of(row))
            for row in shares.order_by("pk")
        ],
        "jobs": [card for row in (result, *shares) if (card := job_card(row.job, request.user))],
        "reading": result.is_being_read,
        "stats": [
            Stat(label=_("Baris"), value=result.counts.get("entries", 0)),
            Stat(label=_("Daftar yang disebut"), value=len(shares)),
            Stat(label=_("Bukan dari daftar"), value=result.counts.get("rows", 0)),
        ],
        "page": page,
        "crumbs": [
            Crumb(label=_("Hasil salur"), href=reverse("disbursements:results")),
            Crumb(label=result.file_name),
        ],
        "events": timeline_of(result),
    }
    return render(request, "disbursements/statement.html", context)


def _format_of(result: ResultFile) -> str:
    """The format in words; of a table also the layout it was read with."""
    words = str(result.get_format_display())
    if result.format != ResultFormat.SHEET or not result.mapping:
        return words
    return f"{words}: {result.mapping['name']} v{result.mapping['version']}"


def _stats_of(result: ResultFile) -> dict[str, int]:
    counts = result.counts
    found = counts if result.state == ResultState.APPLIED else counts.get("preview", {})
    keys = ("settled", "returned", "same", "quarantine")
    return {"rows": counts.get("rows", 0)} | {key: found.get(key, 0) for key in keys}


def _find(request: HttpRequest, pk: int) -> ResultFile:
    rows = ResultFile.objects.select_related(
        "pay_list__stage__version__programme", "pay_list__parent", "job", "uploaded_by", "source"
    )
    found: ResultFile = find(rows.defer("sealed_file"), request.user, pk=pk)
    return found


def _statement_is_in(result: ResultFile) -> bool:
    """A share is begun with its statement; whose job then failed or was stopped goes on alone."""
    return result.source is None or result.source.state == ResultState.APPLIED


def _may_map(result: ResultFile) -> bool:
    return result.format == ResultFormat.TABLE and not results.has_begun(result)


def _is_mapped(result: ResultFile) -> bool:
    """Every required column has its place; a standard format says itself what is what."""
    if result.format != ResultFormat.TABLE:
        return True
    return all(column.key in result.mapping for column in COLUMNS if column.required)


def _context(request: HttpRequest, result: ResultFile) -> dict[str, Any]:
    pay_list: Any = result.pay_list
    codes = result.counts.get("codes", {})
    page = None
    if result.state == ResultState.APPLIED:
        params = request.GET.copy()
        params.setdefault("state", RowState.QUARANTINE if codes else "")
        page = build_page(ResultRows(result), user=request.user, params=params, path=request.path)
    unknown = pay_list.lines.filter(state=LineState.UNKNOWN)
    lines = reverse("disbursements:lines", args=[pay_list.pk])
    return {
        "result": result,
        "pay_list": pay_list,
        "word": result_word(result),
        "job": job_card(result.job, request.user),
        "reading": result.is_being_read,
        "stats": _stats(result),
        "ready": _is_mapped(result),
        "quarantine": [(str(QUARANTINE[code]), count) for code, count in sorted(codes.items())],
        "page": page,
        "unknown": unknown.count(),
        "unknown_href": f"{lines}?state=unknown",
        "crumbs": here(pay_list, Crumb(label=_("Hasil bank"))),
        "events": timeline_of(result),
    }


def _stats(result: ResultFile) -> list[Stat]:
    counts = result.counts
    found = counts if result.state == ResultState.APPLIED else counts.get("preview", {})
    if not found:
        return [Stat(label=_("Baris"), value=counts.get("rows", 0))]
    quarantine = found.get("quarantine", 0)
    return [
        Stat(label=_("Baris"), value=counts.get("rows", 0)),
        Stat(label=_("Tersalur"), value=found.get("settled", 0)),
        Stat(label=_("Retur"), value=found.get("returned", 0)),
        Stat(label=_("Sudah pernah"), value=found.get("same", 0)),
        Stat(label=_("Karantina"), value=quarantine, tone="masalah" if quarantine else ""),
    ]


@requires(Permission.BANK_RESULT)
@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply a mapped answer in the background."""
    result = _find(request, pk)
    act = results.apply_statement if result.pay_list is None else results.apply_result
    named = {"statement": result} if result.pay_list is None else {"result": result}
    try:
        act(**named, by=request.user, at=timezone.now())
        messages.info(request, _("Hasil bank sedang diterapkan di latar."))
    except Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("disbursements:result", pk=pk)


@requires(Permission.BANK_RESULT)
@require_POST
def throw_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse an answer before it is applied."""
    result = _find(request, pk)
    try:
        results.refuse_result(result=result, by=request.user, at=timezone.now())
        messages.success(request, _("Berkas ditolak; isinya dihapus."))
    except Refused as refused:
        messages.error(request, str(refused.message))
    if result.pay_list is None:
        return redirect("disbursements:results")
    return redirect("disbursements:list", pk=result.pay_list_id)
