"""The page where a version says who may collect for a recipient, and who inherits."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.errors import Refused
from programs.forms.payee_rules import PayeeRules
from programs.rules.proxies import rule_problems, rule_sentences
from programs.services.catalogue import change_version
from programs.views.catalogue import find_version, frozen_words, version_crumbs


@requires(P.PROGRAM_EDIT)
@require_http_methods(["GET", "POST"])
def payee_rules(request: HttpRequest, pk: int) -> HttpResponse:
    """Ways to collect, who may not, heirs; "lihat" shows the sentences and keeps nothing."""
    version = find_version(request, pk)
    forms = PayeeRules(version, request.POST or None)
    proxy_rules, heir_rules = version.proxy_rules, version.heir_rules
    wrong, valid = "", True
    if request.method == "POST":
        valid = forms.is_valid()
        if valid:
            proxy_rules, heir_rules = forms.proxy_rules(), forms.heir_rules()
            wrong = " ".join(rule_problems(proxy_rules, heir_rules))
        if valid and "lihat" not in request.POST:
            try:
                change_version(
                    version=version,
                    by=request.user,
                    at=timezone.now(),
                    proxy_rules=proxy_rules,
                    heir_rules=heir_rules,
                )
                messages.info(request, _("Aturan disimpan."))
                return redirect("programs:version", pk=version.pk)
            except Refused as refused:
                wrong = str(refused.message)
    context = {
        "version": version,
        "version_name": str(version),
        "forms": forms,
        "wrong": wrong,
        "sentences": [] if wrong or not valid else rule_sentences(proxy_rules, heir_rules),
        "frozen": frozen_words(version),
        "crumbs": version_crumbs(version, _("Kuasa dan ahli waris")),
    }
    bad = bool(wrong) or not valid
    return render(request, "programs/payee_rules.html", context, status=422 if bad else 200)
