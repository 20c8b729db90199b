"""Tools of the catalogue: a version against last year, as a file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.errors import Refused
from programs.forms.catalogue import VersionFileForm
from programs.queries.differences import earlier_version, version_changes
from programs.rules.version_file import MOST_BYTES
from programs.services.version_files import export_version, import_version
from programs.views.answers import answer, catalogue_crumb, crumbs, put_on_form
from programs.views.catalogue import find_version, version_crumbs


@requires(P.PROGRAM_VIEW)
@require_GET
def version_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The version as one YAML file."""
    version = find_version(request, pk)
    name = f"{version.programme.code}-{version.year}-v{version.version}.yaml".lower()
    response = HttpResponse(export_version(version), content_type="application/yaml")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@requires(P.PROGRAM_EDIT)
@require_http_methods(["GET", "POST"])
def version_import(request: HttpRequest) -> HttpResponse:
    """A draft from a YAML file; what is wrong is told, then nothing is stored."""
    form = VersionFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data["file"].read(MOST_BYTES + 1)
        try:
            made = import_version(
                data=data, agency=request.user.agency, by=request.user, at=timezone.now()
            )
            messages.info(request, _("Draf dibuat dari berkas. Periksa bedanya sebelum berlaku."))
            return redirect("programs:version_changes", pk=made.pk)
        except Refused as refused:
            put_on_form(form, refused)
    title = _("Impor program dari berkas YAML")
    context = {
        "title": title,
        "button": _("Buat draf"),
        "with_file": True,
        "back": reverse("programs:catalogue"),
        "crumbs": crumbs(catalogue_crumb(), (title, "")),
    }
    return answer(request, "programs/act.html", context, form)


@requires(P.PROGRAM_VIEW)
@require_GET
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """A version against the one before, field by field in words."""
    version = find_version(request, pk)
    before = earlier_version(version)
    context: dict[str, Any] = {
        "version": version,
        "version_name": str(version),
        "before": before,
        "before_name": str(before) if before else "",
        "changes": version_changes(before, version) if before else [],
        "crumbs": version_crumbs(version, _("Beda dengan sebelumnya")),
    }
    return render(request, "programs/version_changes.html", context)
