"""The training page: sample lists to upload, and what the simulated bank answers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.audit import services as audit
from bansos.demo import story
from bansos.demo.bank import simulated_answer
from bansos.demo.seeding import LIST_NAME, SPARE_NAME, current_list, list_files, seeded_with
from bansos.lib.parts import FileRow
from disbursements.models import PayList
from disbursements.rules.moves import AWAITS_RESULT

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SAMPLES = {"utama": LIST_NAME, "pengganti": SPARE_NAME}
SHOWN = 20


def _only_in_training() -> None:
    if not settings.TRAINING_MODE:
        raise Http404


@requires(P.IMPORT_RUN, P.BANK_RESULT)
@require_GET
def training(request: HttpRequest) -> HttpResponse:
    """What a new user needs to play the chain in the browser."""
    _only_in_training()
    context = {
        "year": story.YEAR,
        "samples": _sample_rows(),
        "lists": _sent_lists(request.user),
    }
    return render(request, "demo/latihan.html", context)


def _sample_rows() -> list[FileRow]:
    if seeded_with() is None:
        return []
    notes = {
        "utama": _("Daftar Kabupaten Madiun, sekitar 3% barisnya sengaja keliru"),
        "pengganti": _("Pengganti baris yang ditolak"),
    }
    return [
        FileRow(name=name, href=reverse("demo:sample", args=[key]), kind="XLSX", note=notes[key])
        for key, name in SAMPLES.items()
    ]


def _sent_lists(user: Any) -> list[PayList]:
    if not user.can(P.BANK_RESULT):
        return []
    rows = PayList.objects.visible_to(user).filter(state__in=AWAITS_RESULT)
    return list(rows.select_related("stage__version__programme").order_by("-sent_at")[:SHOWN])


@requires(P.IMPORT_RUN, P.BANK_RESULT)
@require_GET
def sample(request: HttpRequest, key: str) -> HttpResponse:
    """One of the two made-up lists of the regency."""
    _only_in_training()
    if key not in SAMPLES or seeded_with() is None:
        raise Http404
    name = SAMPLES[key]
    return _download(list_files(current_list())[name], name)


@requires(P.BANK_RESULT)
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The simulated bank's answer to a list that was sent; the taking is recorded."""
    _only_in_training()
    pay_list = find(PayList.objects, request.user, pk=pk)
    data = simulated_answer(pay_list)
    audit.record(verb="demo.simulated_answer", by=request.user, at=timezone.now(), target=pay_list)
    return _download(data, f"hasil-{pay_list.number}.xlsx")


def _download(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
