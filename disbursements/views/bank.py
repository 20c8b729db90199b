"""Files for the bank: make, take, mark as sent."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission
from bansos.lib.errors import Refused
from disbursements.choices import FileFormat
from disbursements.services import acting, bank
from disbursements.views.lists import find_list, show
from disbursements.views.parts import in_background


@requires(Permission.BANK_FILE)
@require_POST
def make(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a worker for the four files, the older pain.001 beside them, or the letter again."""
    pay_list = find_list(request, pk)
    alone = (FileFormat.PAIN001_03, FileFormat.INSTRUCTION)
    formats = [kind for kind in alone if request.POST.get("bentuk") == kind]
    try:
        bank.make_files(pay_list=pay_list, by=request.user, at=timezone.now(), formats=formats)
    except Refused as refused:
        return show(request, pay_list, refused)
    messages.info(request, _("Berkas bank sedang dibuat di latar."))
    return redirect("disbursements:list", pk=pk)


@requires(Permission.BANK_FILE)
@require_GET
def take(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The stored bytes of one file; the handing out is recorded."""
    pay_list = find_list(request, pk)
    file = get_object_or_404(pay_list.files.select_related("document", "pay_list"), format=kind)
    document, content = bank.hand_out(file=file, by=request.user, at=timezone.now())
    response = HttpResponse(content, content_type=document.mime)
    response.headers["Content-Disposition"] = f'attachment; filename="{document.file_name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@requires(Permission.BANK_FILE)
@require_POST
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """The files went to the bank."""
    pay_list = find_list(request, pk)
    try:
        job = acting.act(name="send", pay_list=pay_list, by=request.user, at=timezone.now())
    except Refused as refused:
        return show(request, pay_list, refused)
    if job is not None:
        in_background(request)
    else:
        messages.success(request, _("Tercatat dikirim. Menunggu hasil dari bank."))
    return redirect("disbursements:list", pk=pk)
