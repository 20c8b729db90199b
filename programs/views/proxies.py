"""Pages of proxies: a letter for one enrolment, and its end."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.errors import Refused
from programs.forms.proxies import PayeeForm, ProxyForm
from programs.models import Enrolment, ProxyGrant
from programs.rules.proxies import proxy_sentences
from programs.services import proxies as services
from programs.services.payees import choose_payee
from programs.views.answers import answer, crumbs, put_on_form, say


@requires(P.PROPOSAL_SUBMIT)
@require_http_methods(["GET", "POST"])
def proxy_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a letter; the rule of the programme stands above the form."""
    rows = Enrolment.objects.select_related("version__programme", "person")
    row = find(rows, request.user, pk=pk)
    form = ProxyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.grant_proxy(
                enrolment=row, values=form.values(), by=request.user, at=timezone.now()
            )
            messages.info(request, _("Kuasa dicatat."))
            return redirect("programs:proposal", pk=row.pk)
        except Refused as refused:
            put_on_form(form, refused)
    back = reverse("programs:proposal", args=[row.pk])
    context = {
        "title": _("Catat kuasa"),
        "button": _("Catat kuasa"),
        "back": back,
        "sentences": proxy_sentences(row.version.proxy_rules),
        "crumbs": crumbs(
            (_("Usulan"), reverse("programs:proposals")),
            (_("Usulan ini"), back),
            (_("Catat kuasa"), ""),
        ),
    }
    return answer(request, "programs/proxy_form.html", context, form)


@requires(P.PROPOSAL_SUBMIT)
@require_POST
def proxy_end(request: HttpRequest, pk: int) -> HttpResponse:
    """A letter holds no longer."""
    grant = find(ProxyGrant.objects.select_related("enrolment"), request.user, pk=pk)
    try:
        services.end_proxy(
            grant=grant, reason=request.POST.get("note", ""), by=request.user, at=timezone.now()
        )
        messages.info(request, _("Kuasa diakhiri."))
    except Refused as refused:
        say(request, refused)
    return redirect("programs:proposal", pk=grant.enrolment_id)


@requires(P.PROPOSAL_SUBMIT)
@require_http_methods(["GET", "POST"])
def payee(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the group, institution or government that is paid."""
    row = find(Enrolment.objects.select_related("version__programme"), request.user, pk=pk)
    form = PayeeForm(request.POST or None, user=request.user, kind=row.version.payee_kind)
    if request.method == "POST" and form.is_valid():
        try:
            choose_payee(
                enrolment=row,
                payee=form.cleaned_data["payee"],
                by=request.user,
                at=timezone.now(),
            )
            messages.info(request, _("Penerima usulan ini disimpan."))
            return redirect("programs:proposal", pk=row.pk)
        except Refused as refused:
            put_on_form(form, refused)
    back = reverse("programs:proposal", args=[row.pk])
    context = {
        "title": _("Pilih penerima"),
        "button": _("Simpan penerima"),
        "back": back,
        "crumbs": crumbs(
            (_("Usulan"), reverse("programs:proposals")),
            (_("Usulan ini"), back),
            (_("Pilih penerima"), ""),
        ),
    }
    return answer(request, "programs/act.html", context, form)
