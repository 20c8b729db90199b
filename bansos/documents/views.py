"""Pages of documents: archive, one document, its bytes, export of lists, the public check."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bansos.accounts.access import find, public, require, requires
from bansos.accounts.permissions import Permission
from bansos.audit.queries import timeline_of
from bansos.documents import queries, services
from bansos.documents.forms import CheckForm
from bansos.documents.models import Document
from bansos.documents.tables import DocumentList, state_word
from bansos.lib import lists
from bansos.lib.errors import BadInput
from bansos.lib.lists import ListView
from bansos.lib.parts import Pair

FORMATS = {"xlsx", "csv", "pdf"}
# Guessing 80 random bits is hopeless; the limit keeps a robot from loading the page all day.
CHECKS_PER_MINUTE = 30


@requires(Permission.DOCUMENT_VIEW)
class ArchiveView(ListView):
    """Every issued document in my area."""

    spec = DocumentList


def _document(request: HttpRequest, pk: Any) -> Document:
    document: Document = find(Document.objects.select_related("agency"), request.user, pk=pk)
    require(request, Permission(document.permission))
    return document


@requires(Permission.DOCUMENT_VIEW)
@require_GET
def detail(request: HttpRequest, pk: str) -> HttpResponse:
    """One document: number, fingerprint, state, who opened it."""
    document = _document(request, pk)
    context = {
        "document": document,
        "events": timeline_of(document, limit=30),
        "pairs": [
            (_("Nomor"), document.number or "-"),
            (_("Terbit"), document.issued_at),
            (_("Oleh"), document.issued_by.full_name),
            (_("Keadaan"), state_word(document)),
            (_("Ukuran"), queries.size_words(document.size)),
            Pair(
                label=_("Kode periksa"),
                value=document.check_code,
                href=services.check_url(document.check_code),
            ),
        ],
    }
    return render(request, "documents/detail.html", context)


@requires(Permission.DOCUMENT_VIEW)
@require_GET
def file(request: HttpRequest, pk: str) -> HttpResponse:
    """The bytes; every handing out is recorded."""
    document = _document(request, pk)
    content = services.hand_out(document=document, by=request.user, at=timezone.now())
    response = HttpResponse(content, content_type=document.mime)
    inline = document.mime == "application/pdf" and "unduh" not in request.GET
    kind = "inline" if inline else "attachment"
    response.headers["Content-Disposition"] = f'{kind}; filename="{document.file_name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@requires(Permission.EXPORT)
@require_POST
def export(request: HttpRequest, key: str) -> HttpResponse:
    """Ask a worker for a file of a list as it stands on screen."""
    try:
        spec = lists.get(key)
    except KeyError as error:
        raise Http404 from error
    file_format = request.POST.get("format", "")
    if not spec.exportable:
        raise Http404
    require(request, *lists.rights(key))
    if file_format not in FORMATS:
        raise BadInput(
            "EXPORT-FORMAT",
            _("Bentuk berkas belum dipilih. Tidak ada yang dibuat. Pilih Excel, CSV, atau PDF."),
        )
    job = services.ask_export(
        key=key,
        name=str(spec.title),
        file_format=file_format,
        query=request.POST.get("saringan", ""),
        by=request.user,
        at=timezone.now(),
    )
    return redirect("jobs:detail", pk=job.pk)


@public
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Is this document genuine? By the code on its foot."""
    if request.method == "POST" and _too_often(request):
        return render(request, "documents/busy.html", status=429)
    form = CheckForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        document = queries.by_check_code(form.cleaned_data["code"])
        if document is not None:
            return redirect("documents:genuine", code=document.check_code)
        return render(request, "documents/genuine.html", {"document": None}, status=404)
    return render(request, "documents/check.html", {"form": form})


@public
@require_GET
def genuine(request: HttpRequest, code: str) -> HttpResponse:
    """What the QR code opens: kind, number, date, agency and state; never a name or a NIK."""
    if _too_often(request):
        return render(request, "documents/busy.html", status=429)
    document = queries.by_check_code(code)
    if document is None:
        return render(request, "documents/genuine.html", {"document": None}, status=404)
    pairs = [
        (_("Dokumen"), document.title),
        (_("Nomor"), document.number or "-"),
        (_("Penerbit"), document.agency.name),
        (_("Terbit"), document.issued_at),
        (_("Keadaan"), state_word(document)),
    ]
    return render(request, "documents/genuine.html", {"document": document, "pairs": pairs})


def _too_often(request: HttpRequest) -> bool:
    key = f"check:{get_adapter().get_client_ip(request)}"
    cache.add(key, 0, timeout=60)
    try:
        return bool(cache.incr(key) > CHECKS_PER_MINUTE)
    except ValueError:
        return False  # the minute ended between the two calls
