"""Pages of goods: figures, package, lots, stock, hand-overs with photo and signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bansos.accounts.access import find, requires, requires_to_post
from bansos.accounts.permissions import Permission as P
from bansos.audit.queries import timeline_of
from bansos.documents.queries import file_row
from bansos.lib.errors import Refused
from bansos.lib.lists import ListView
from bansos.lib.parts import Crumb, Head
from bansos.regions.queries import full_name, name_of
from disbursements.choices import HandoverState
from disbursements.forms.goods import (
    BackForm,
    HandOverForm,
    ItemForm,
    LotForm,
    TransferForm,
    WarehouseForm,
)
from disbursements.models import Handover, HandoverLine
from disbursements.queries import goods as queries
from disbursements.services import goods as services
from disbursements.services import handover_papers
from disbursements.services.goods_requests import package_of
from disbursements.tables.goods import Handovers, handover_word
from disbursements.views.parts import refuse
from programs.choices import BenefitKind
from programs.models import Enrolment, ProgrammeVersion
from programs.services.papers import LARGEST

SHOWN = 50


def crumbs(*steps: Crumb) -> list[Crumb]:
    """Barang > ..."""
    return [Crumb(label=_("Barang"), href=reverse("disbursements:goods")), *steps]


def _version(request: HttpRequest, pk: int) -> ProgrammeVersion:
    rows = ProgrammeVersion.objects.select_related("programme__agency")
    found: ProgrammeVersion = find(rows.filter(benefit_kind=BenefitKind.GOODS), request.user, pk=pk)
    return found


@requires(P.PROGRAM_VIEW)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Goods programmes with their figures."""
    rows = queries.goods_figures(request.user)
    context = {
        "rows": rows,
        "may_manage": request.user.can(P.PAYLIST_PREPARE),
    }
    return render(request, "disbursements/goods.html", context)


def asked_kind(row: Enrolment, version: ProgrammeVersion) -> str:
    """The kind of business somebody asked goods for; "" without a request."""
    asked = getattr(row, "goods_request", None)
    return queries.kind_word(version, asked.business_kind) if asked else ""


@requires(P.PROGRAM_VIEW)
@require_GET
def programme(request: HttpRequest, pk: int) -> HttpResponse:
    """One goods programme: package, stock, who waits."""
    version = _version(request, pk)
    user = request.user
    items = list(version.goods_items.order_by("pk"))
    waiting = queries.waiting(version, user)
    context = {
        "version": version,
        "figures": queries.figures_of(version, user),
        "item_heads": [
            Head(label=_("Untuk")),
            Head(label=_("Barang")),
            Head(label=_("Per penerima"), kind="number"),
            Head(label=_("Satuan")),
            Head(label=_("Harga satuan"), kind="money"),
            Head(label=_("Nilai"), kind="money"),
        ],
        "item_rows": [
            (
                queries.kind_word(version, r.business_kind) or _("Semua"),
                *(r.name, r.quantity, r.unit, r.unit_price, r.value),
            )
            for r in items
        ],
        "need_heads": [
            Head(label=_("Barang")),
            Head(label=_("Dibutuhkan"), kind="number"),
            Head(label=_("Stok"), kind="number"),
            Head(label=_("Kurang"), kind="number"),
        ],
        "need_rows": [
            (need.item.name, need.asked, need.stock, need.short)
            for need in queries.needs_of(version, user)
        ],
        "asked_heads": [
            Head(label=_("Jenis usaha")),
            Head(label=_("Wilayah")),
            Head(label=_("Diminta"), kind="number"),
            Head(label=_("Sudah diserahkan"), kind="number"),
        ],
        "asked_rows": [
            (
                queries.kind_word(version, row.business_kind),
                *(name_of(row.area_code), row.asked, row.handed),
            )
            for row in queries.asked_of(version, user)
        ],
        "has_kinds": bool(queries.kinds_of(version)),
        "gaps": queries.package_gaps(version),
        "stock_heads": [
            Head(label=_("Gudang")),
            Head(label=_("Barang")),
            Head(label=_("Lot")),
            Head(label=_("Penyedia")),
            Head(label=_("Harga satuan lot"), kind="money"),
            Head(label=_("Stok"), kind="number"),
        ],
        "stock_rows": [
            (
                row.warehouse.name,
                row.lot.item.name,
                row.lot.contract_number,
                row.lot.vendor,
                row.lot.unit_price,
                row.quantity,
            )
            for row in queries.stock_rows(version, user)
        ],
        "waiting": [
            (row, full_name(row.area_code), asked_kind(row, version)) for row in waiting[:SHOWN]
        ],
        "waiting_count": waiting.count(),
        "may_manage": user.can(P.PAYLIST_PREPARE),
        "may_hand": user.can(P.PROPOSAL_SUBMIT),
        "crumbs": crumbs(Crumb(label=str(version))),
    }
    return render(request, "disbursements/goods_programme.html", context)


def _act(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[dict[str, Any]], object],
    *,
    title: str,
    back: str,
    said: str,
) -> HttpResponse:
    """One form and one service; 422 with the sentence when it is refused."""
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
            messages.info(request, said)
            return redirect(back)
        except Refused as refused:
            refuse(form, refused)
    context = {"form": form, "title": title, "back": back, "crumbs": crumbs(Crumb(label=title))}
    status = 422 if form.is_bound else 200
    return render(request, "disbursements/goods_form.html", context, status=status)


@requires(P.PAYLIST_PREPARE)
@require_http_methods(["GET", "POST"])
def warehouse_new(request: HttpRequest) -> HttpResponse:
    """A place for goods."""
    return _act(
        request,
        WarehouseForm(request.POST or None, user=request.user),  # type: ignore[arg-type]
        lambda data: services.open_warehouse(**data, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
        title=_("Catat gudang"),
        back=reverse("disbursements:goods"),
        said=_("Gudang dicatat."),
    )


@requires(P.PAYLIST_PREPARE)
@require_http_methods(["GET", "POST"])
def item_new(request: HttpRequest, pk: int) -> HttpResponse:
    """One thing of the package."""
    version = _version(request, pk)
    return _act(
        request,
        ItemForm(request.POST or None, version=version),
        lambda data: services.save_item(
            version=version,
            **data,
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        ),
        title=_("Isi paket"),
        back=reverse("disbursements:goods_programme", args=[version.pk]),
        said=_("Isi paket disimpan."),
    )


@requires(P.PAYLIST_PREPARE)
@require_http_methods(["GET", "POST"])
def lot_new(request: HttpRequest, pk: int) -> HttpResponse:
    """What a vendor delivered."""
    version = _version(request, pk)
    return _act(
        request,
        LotForm(request.POST or None, version=version, user=request.user),  # type: ignore[arg-type]
        lambda data: services.receive_lot(**data, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
        title=_("Terima lot barang"),
        back=reverse("disbursements:goods_programme", args=[version.pk]),
        said=_("Lot diterima di gudang."),
    )


@requires(P.PAYLIST_PREPARE)
@require_http_methods(["GET", "POST"])
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """Units of a lot to another warehouse."""
    version = _version(request, pk)
    return _act(
        request,
        TransferForm(request.POST or None, version=version, user=request.user),  # type: ignore[arg-type]
        lambda data: services.transfer(**data, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
        title=_("Pindahkan barang"),
        back=reverse("disbursements:goods_programme", args=[version.pk]),
        said=_("Barang dipindahkan."),
    )


@requires(P.PROPOSAL_SUBMIT)
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """The phone page of a hand-over: day, photo, signature."""
    rows = Enrolment.objects.select_related("version__programme", "person")
    row = find(rows.filter(version__benefit_kind=BenefitKind.GOODS), request.user, pk=pk)
    had = row.handovers.filter(state=HandoverState.HANDED).first()
    if request.method == "GET" and had is not None:
        messages.info(request, _("Barang penerima ini sudah diserahkan. Ini serah terimanya."))
        return redirect("disbursements:handover", pk=had.pk)
    form = HandOverForm(
        request.POST or None,
        request.FILES or None,
        user=request.user,
        initial={"handed_on": timezone.localdate()},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = handover_papers.hand_over(
                enrolment=row,
                warehouse=data["warehouse"],
                proof=services.Proof(
                    data["photo"].read(LARGEST + 1), data["signature"].read(LARGEST + 1)
                ),
                handed_on=data["handed_on"],
                by_proxy=data["by_proxy"],
                by=request.user,
                at=timezone.now(),
            )
            messages.info(request, _("Serah terima disimpan. BAST sedang dibuat."))
            return redirect("disbursements:handover", pk=made.pk)
        except Refused as refused:
            refuse(form, refused)
    back = reverse("disbursements:goods_programme", args=[row.version_id])
    try:
        items = package_of(row)
    except Refused as refused:
        messages.error(request, str(refused.message))
        # Without a kind of business there is no package: that comes first.
        nobody_asked = refused.code == "GOODS-NO-REQUEST"
        return (
            redirect("disbursements:goods_request", pk=row.pk) if nobody_asked else redirect(back)
        )
    context = {
        "form": form,
        "row": row,
        "area": full_name(row.area_code),
        "items": items,
        "back": back,
        "crumbs": crumbs(Crumb(label=str(row.version), href=back), Crumb(label=_("Serahkan"))),
    }
    status = 422 if form.is_bound else 200
    return render(request, "disbursements/hand_over.html", context, status=status)


@requires(P.PROGRAM_VIEW)
class HandoverListView(ListView):
    """BAST of the user's area."""

    spec = Handovers


def _handover(request: HttpRequest, pk: int) -> Handover:
    rows = Handover.objects.select_related(
        "enrolment__version__programme", "enrolment__person", "warehouse", "handed_by", "document"
    ).defer("photo", "signature")
    found: Handover = find(rows, request.user, pk=pk)
    return found


@requires(P.PROGRAM_VIEW)
@requires_to_post(P.PROPOSAL_SUBMIT, P.PAYLIST_PREPARE)
@require_http_methods(["GET", "POST"])
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """One hand-over: what was given, its BAST, what came back. POST asks for a BAST that failed."""
    row, user = _handover(request, pk), request.user
    if request.method == "POST":
        try:
            handover_papers.ask_bast(handover=row, by=user, at=timezone.now())  # type: ignore[arg-type]
            messages.info(request, _("BAST sedang dibuat."))
        except Refused as refused:
            messages.warning(request, str(refused.message))
        return redirect("disbursements:handover", pk=pk)
    may_ask = user.can(P.PROPOSAL_SUBMIT) or user.can(P.PAYLIST_PREPARE)  # type: ignore[union-attr]
    missing = row.document is None and not handover_papers.is_being_made(row)
    lines = list(row.lines.select_related("lot__item", "replaced_by").order_by("pk"))
    is_handed = row.state == HandoverState.HANDED
    context = {
        "row": row,
        "word": handover_word(row),
        "area": full_name(row.area_code),
        "lines": [
            (line, is_handed and not HandoverLine.objects.filter(replaces=line).exists())
            for line in lines
        ],
        "files": [file_row(row.document)] if row.document else [],
        "missing": missing,
        "missing_off": "" if may_ask else _("Dibuat petugas kabupaten/kota atau staf program."),
        "may_manage": user.can(P.PAYLIST_PREPARE),  # type: ignore[union-attr]
        "is_handed": is_handed,
        "events": timeline_of(row, limit=20),
        "crumbs": crumbs(
            Crumb(label=_("Serah terima barang"), href=reverse("disbursements:handovers")),
            Crumb(label=row.number),
        ),
    }
    return render(request, "disbursements/handover.html", context)


@requires(P.PROGRAM_VIEW)
@require_GET
def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """The photo of a hand-over; looking at it leaves a trace."""
    row = find(Handover.objects, request.user, pk=pk)
    mime, content = handover_papers.open_photo(handover=row, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    answer = HttpResponse(content, content_type=mime)
    answer["Content-Disposition"] = 'inline; filename="serah-terima"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _with_reason(request: HttpRequest, act: Callable[[str], object], said: str, pk: int) -> Any:
    form = BackForm(request.POST)
    try:
        act(form.cleaned_data["reason"] if form.is_valid() else "")
        messages.info(request, said)
    except Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("disbursements:handover", pk=pk)


@requires(P.PAYLIST_PREPARE)
@require_POST
def back(request: HttpRequest, pk: int) -> HttpResponse:
    """All goods come back."""
    row = _handover(request, pk)
    answer: HttpResponse = _with_reason(
        request,
        lambda reason: services.take_back(
            handover=row,
            reason=reason,
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        ),
        _("Barang kembali ke gudang."),
        row.pk,
    )
    return answer


@requires(P.PAYLIST_PREPARE)
@require_POST
def replace(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """Broken units are replaced."""
    row = _handover(request, pk)
    old = row.lines.select_related("lot__item").filter(pk=line).first()
    if old is None:
        return redirect("disbursements:handover", pk=row.pk)
    answer: HttpResponse = _with_reason(
        request,
        lambda reason: services.replace(
            line=old,
            reason=reason,
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        ),
        _("Barang diganti."),
        row.pk,
    )
    return answer
