"""Proposals for a group, an institution or a government: what for, who is paid, who answers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.errors import BadInput, Refused
from beneficiaries.choices import GroupRole
from beneficiaries.models import GroupMember, Payee, Person
from beneficiaries.services.people import person_of_nik
from programs.choices import PAYEES
from programs.forms.proposals import PayeeProposalForm, PayeeStartForm
from programs.models import Enrolment, ProgrammeVersion
from programs.services.proposals import propose as propose_one
from programs.views.answers import answer, crumbs, put_on_form
from programs.views.catalogue import find_version


def _steps(last: Any) -> Any:
    return crumbs((_("Usulan"), reverse("programs:proposals")), (last, ""))


@requires(P.PROPOSAL_SUBMIT)
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Which programme of those that pay no person."""
    form = PayeeStartForm(request.POST or None, user=request.user)  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid():
        return redirect("programs:payee_proposal", pk=form.cleaned_data["version"].pk)
    title = _("Usulan lembaga")
    context = {
        "title": title,
        "button": _("Lanjutkan"),
        "back": reverse("programs:proposals"),
        "crumbs": _steps(title),
    }
    return answer(request, "programs/act.html", context, form)


@requires(P.PROPOSAL_SUBMIT)
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose one payee of the programme's kind."""
    version = find_version(request, pk)
    if version.payee_kind not in PAYEES:
        raise Http404
    form = PayeeProposalForm(
        request.POST or None,
        user=request.user,  # type: ignore[arg-type]
        kind=version.payee_kind,
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = _propose(request, version, form.cleaned_data)
            messages.info(request, _("1 usulan diajukan ke verifikator."))
            return redirect("programs:proposal", pk=made.pk)
        except Refused as refused:
            put_on_form(form, refused)
    context = {
        "title": version,
        "button": _("Ajukan usulan"),
        "back": reverse("programs:payee_proposal_new"),
        "crumbs": _steps(version),
    }
    return answer(request, "programs/act.html", context, form)


def _propose(request: HttpRequest, version: ProgrammeVersion, data: dict[str, Any]) -> Enrolment:
    at = timezone.now()
    payee = data["payee"]
    person = (
        person_of_nik(nik=data["nik"], by=request.user, at=at)  # type: ignore[arg-type]
        if "nik" in data
        else chair_of(payee)
    )
    return propose_one(
        version=version,
        person=person,
        account=None,
        payee=payee,
        note=data["note"],
        by=request.user,  # type: ignore[arg-type]
        at=at,
    )


def chair_of(payee: Payee) -> Person:
    """Who leads a group now. Raises BadInput for a group without a chair."""
    rows = GroupMember.objects.filter(group=payee.pk, role=GroupRole.CHAIR, left_on=None)
    found = rows.select_related("person__family").first()
    if found is None:
        sentence = _("Kelompok ini belum punya ketua. Pilih ketuanya di halaman kelompok.")
        raise BadInput("PAYEE-CHAIR", sentence, fields={"payee": sentence})
    person: Person = found.person
    return person
