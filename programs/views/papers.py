"""Papers of a proposal, and the acts on who is a member already."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.errors import NotFound, Refused
from programs.forms.decrees import reason_choices
from programs.forms.proposals import MemberForm, PaperForm
from programs.models import Enrolment, EnrolmentDocument
from programs.rules.life import REPORTERS
from programs.services import enrolments, papers
from programs.services.letters import print_letter
from programs.views.answers import answer, crumbs, put_on_form, say
from programs.views.proposals import find_enrolment


def find_paper(request: HttpRequest, pk: int) -> EnrolmentDocument:
    """A paper of a proposal in the user's area, or 404."""
    paper = (
        EnrolmentDocument.objects.select_related("enrolment__version")
        .filter(pk=pk, enrolment__in=Enrolment.objects.visible_to(request.user))
        .first()
    )
    if paper is None:
        raise NotFound("PAPER", _("Dokumen tidak ditemukan."))
    return paper


@requires(P.PROPOSAL_SUBMIT, P.PROPOSAL_VERIFY)
@require_POST
def paper_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Seal one paper of a proposal."""
    row = find_enrolment(request, pk)
    choices = [(str(r["code"]), str(r["label"])) for r in row.version.required_documents]
    form = PaperForm(request.POST, request.FILES, choices=choices)
    if not form.is_valid():
        messages.error(request, _("Pilih jenis dokumen dan berkasnya. Belum ada yang disimpan."))
        return redirect("programs:proposal", pk=row.pk)
    upload = form.cleaned_data["file"]
    try:
        papers.add_paper(
            enrolment=row,
            code=form.cleaned_data["code"],
            content=upload.read(papers.LARGEST + 1),
            file_name=upload.name,
            by=request.user,
            at=timezone.now(),
        )
        messages.info(request, _("1 dokumen disimpan."))
    except Refused as refused:
        say(request, refused)
    return redirect("programs:proposal", pk=row.pk)


@requires(P.PROGRAM_VIEW)
@require_GET
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper itself, as it was given; a browser may show it but run nothing in it."""
    row = find_paper(request, pk)
    content = papers.open_paper(paper=row, by=request.user, at=timezone.now())
    return inline(content, row.mime, f"dokumen-{row.pk}")


def inline(content: bytes, mime: str, name: str) -> HttpResponse:
    """Bytes somebody gave, to be looked at; a browser runs nothing in them."""
    response = HttpResponse(content, content_type=mime)
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; img-src 'self'"
    return response


@requires(*REPORTERS)
@require_GET
def letter(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """One paper of the programme, filled for this recipient, to be printed and signed."""
    row = find_enrolment(request, pk)
    content = print_letter(enrolment=row, code=code, by=request.user, at=timezone.now())
    # Drawn here, so it needs no sandbox, in which browsers do not show a PDF.
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{code}-{row.pk}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@requires(P.PROPOSAL_SUBMIT, P.PROPOSAL_VERIFY)
@require_POST
def paper_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a wrong paper away."""
    row = find_paper(request, pk)
    enrolment_id = row.enrolment_id
    try:
        papers.remove_paper(paper=row, by=request.user, at=timezone.now())
    except Refused as refused:
        say(request, refused)
    return redirect("programs:proposal", pk=enrolment_id)


@requires(P.DECREE_PREPARE)
@require_http_methods(["GET", "POST"])
def member(request: HttpRequest, pk: int) -> HttpResponse:
    """Suspend, resume or stop a member, with reason and note."""
    row = find_enrolment(request, pk)
    form = MemberForm(
        request.POST or None,
        state=row.state,
        reasons=reason_choices(row.version.stop_reasons),
    )
    if request.method == "POST" and form.is_valid():
        try:
            _act(request, row, form.cleaned_data)
            messages.info(request, _("1 status diubah."))
            return redirect("programs:proposal", pk=row.pk)
        except Refused as refused:
            put_on_form(form, refused)
    title = _("Ubah status penerima")
    context = {
        "title": title,
        "button": _("Simpan"),
        "back": reverse("programs:proposal", args=[row.pk]),
        "crumbs": crumbs((_("Usulan"), reverse("programs:proposals")), (title, "")),
    }
    return answer(request, "programs/act.html", context, form)


def _act(request: HttpRequest, row: Enrolment, data: dict[str, Any]) -> None:
    common = {"enrolment": row, "by": request.user, "at": timezone.now(), "note": data["note"]}
    if data["act"] == "resume":
        enrolments.resume(**common)
    elif data["act"] == "suspend":
        enrolments.suspend(reason_code=data["reason_code"], **common)
    else:
        enrolments.stop(reason_code=data["reason_code"], **common)
