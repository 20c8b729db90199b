"""Pages of the interbank rails: limits by date, a new one asked and answered by two people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bansos.accounts.access import requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.errors import Refused
from bansos.lib.lists import Action, ListView
from bansos.lib.parts import Crumb
from disbursements.forms.rails import LimitForm
from disbursements.models import RailProposal
from disbursements.services import rails
from disbursements.tables.rails import RailLimits
from disbursements.views.parts import refuse


@requires(P.CHANNEL_MANAGE, P.SUBMISSION_CONFIRM, P.PAYLIST_VIEW)
class RailLimitView(ListView):
    """Every limit, and what waits for the second person."""

    spec = RailLimits
    template_name = "disbursements/rail_limits.html"

    def primary_action(self) -> Action:
        may = self.request.user.can(P.CHANNEL_MANAGE)  # type: ignore[union-attr]
        why = "" if may else _("Batas jalur diajukan oleh administrator.")
        href = reverse("disbursements:rail_limit_new")
        return Action(_("Ajukan batas baru"), href, "plus", why)

    def extra_context(self) -> dict[str, Any]:
        waiting = RailProposal.objects.filter(confirmed_at=None, refused_at=None)
        rows = waiting.select_related("asked_by").order_by("valid_from", "rail")
        user: Any = self.request.user
        return {"waiting": [(row, rails.why_not_answer(row, user)) for row in rows]}


@requires(P.CHANNEL_MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a limit from a day on."""
    form = LimitForm(request.POST or None)
    back = reverse("disbursements:rail_limits")
    if request.method == "POST" and form.is_valid():
        try:
            rails.propose_limit(values=form.values(), by=request.user, at=timezone.now())  # type: ignore[arg-type]
            messages.success(request, _("Batas diajukan; berlaku sesudah disahkan orang kedua."))
            return redirect(back)
        except Refused as refused:
            refuse(form, refused)
    title = _("Ajukan batas jalur")
    crumbs = [Crumb(label=_("Batas jalur antarbank"), href=back), Crumb(label=title)]
    context = {"form": form, "title": title, "back": back, "crumbs": crumbs}
    status = 422 if form.is_bound else 200
    return render(request, "disbursements/goods_form.html", context, status=status)


@requires(P.SUBMISSION_CONFIRM)
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person agrees or refuses."""
    row = get_object_or_404(RailProposal, pk=pk)
    agreed = request.POST.get("jawaban") == "ya"
    try:
        rails.answer(proposal=row, agreed=agreed, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        words = _("Batas jalur berlaku.") if agreed else _("Pengajuan ditolak.")
        messages.success(request, words)
    except Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("disbursements:rail_limits")
