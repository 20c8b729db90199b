"""Pages of the auditor: do the promises hold, what was found, run it now."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission
from bansos.accounts.queries import signed_in_user
from bansos.jobs.models import Job
from bansos.jobs.queries import card
from bansos.lib.lists import ListView, build_page
from bansos.lib.money import number
from bansos.lib.parts import Check, Crumb, Stat, Word
from disbursements.models import AuditBreach, AuditRun
from disbursements.rules.promises import PROMISES
from disbursements.services import auditing
from disbursements.tables import AuditRuns, Breaches, run_word


def crumbs(*more: Crumb) -> list[Crumb]:
    """Where these pages stand."""
    return [Crumb(label=_("Pemeriksaan buku"), href=reverse("disbursements:audits")), *more]


@requires(Permission.BOOKS_AUDIT)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The last audit, promise by promise, and the ones before it."""
    run = AuditRun.objects.order_by("-pk").first()
    user: Any = request.user
    running = Job.objects.open().filter(kind=auditing.KIND, owner=user).first()
    context = {
        **_about(run, user),
        "job": card(running) if running else None,
        "page": build_page(AuditRuns, user=user, params=request.GET, path=request.path),
    }
    return render(request, "disbursements/audits.html", context)


@requires(Permission.BOOKS_AUDIT)
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One audit, promise by promise."""
    run = get_object_or_404(AuditRun, pk=pk)
    trail = crumbs(Crumb(label=str(run)))
    context = {**_about(run, request.user), "crumbs": trail}
    return render(request, "disbursements/audit.html", context)


def _about(run: AuditRun | None, user: Any) -> dict[str, Any]:
    if run is None:
        return {"run": None}
    seconds = (run.finished_at - run.started_at).total_seconds()
    rows = sum(part["rows"] for part in run.counts.values())
    return {
        "run": run,
        "word": run_word(run),
        "checks": _checks(run, user),
        "stats": [
            Stat(label=_("Pelanggaran"), value=run.broken, tone="masalah" if run.broken else ""),
            Stat(label=_("Catatan dibaca"), value=rows),
            Stat(label=_("Lama"), value=_("%(count)s detik") % {"count": number(round(seconds))}),
        ],
    }


def _checks(run: AuditRun, user: Any) -> list[Check]:
    """Each promise green or red, what it means, and the breaches of the user's area behind it."""
    seen = AuditBreach.objects.visible_to(user).filter(run=run)
    mine = set(seen.values_list("promise", flat=True))
    found = []
    for code, promise in PROMISES.items():
        part = run.counts.get(code, {"rows": 0, "broken": 0})
        behind = urlencode({"run": run.pk, "promise": code})
        looked = _("%(count)s %(unit)s dibaca.") % {
            "count": number(part["rows"]),
            "unit": promise.unit,
        }
        found.append(
            Check(
                label=f"{code} {promise.title}",
                word=Word("masalah", _("Dilanggar")) if part["broken"] else Word("baik", _("Utuh")),
                count=part["broken"] or None,
                href=f"{reverse('disbursements:breaches')}?{behind}" if code in mine else "",
                hint=f"{promise.meaning} {looked}",
            )
        )
    return found


@requires(Permission.BOOKS_AUDIT)
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Audit now, in the background."""
    auditing.request_audit(by=signed_in_user(request), at=timezone.now())
    messages.info(request, _("Pemeriksaan buku dimulai. Hasilnya muncul di halaman ini."))
    return redirect("disbursements:audits")


@requires(Permission.BOOKS_AUDIT)
class BreachView(ListView):
    """What the auditor found wrong."""

    spec = Breaches

    def extra_context(self) -> dict[str, Any]:
        """Where it stands."""
        return {"crumbs": crumbs(Crumb(label=_("Pelanggaran buku")))}
