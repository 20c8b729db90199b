"""The page where a verifier decides many waiting lines of a month at once."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from bansos.lib.errors import Refused
from bansos.lib.money import number, rupiah
from programs.choices import PremiumChange, PremiumRoundState
from programs.forms.premium_lists import ChoiceForm, ManyForm
from programs.models import PremiumRound
from programs.services.premiums.deciding import Chosen, choose, decide_many, districts_of
from programs.services.premiums.lists import month_title
from programs.views.answers import answer, crumbs, put_on_form


@requires(P.PROPOSAL_VERIFY)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose waiting lines, see what a decision would do, decide."""
    rows = PremiumRound.objects.select_related("plan__version__programme__agency", "plan__job")
    row = find(rows, request.user, pk=pk)
    if row.state != PremiumRoundState.OPEN or row.plan.is_busy:
        messages.error(request, _("Daftar bulan ini tidak dapat diputus sekarang."))
        return redirect(row.get_absolute_url())
    user = signed_in_user(request)
    filters = ChoiceForm(request.GET or None, districts=districts_of(row, user))
    form = ManyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _decided(request, row, filters, form.cleaned_data["note"])
        except Refused as refused:
            put_on_form(form, refused)
    chosen = choose(row, user, filters.choice(), timezone.now())
    adds = filters.choice().change == PremiumChange.ADD
    context = {
        "round": row,
        "title": _("Putus bersama"),
        "hint": month_title(row),
        "filters": filters,
        "adds": adds,
        "chosen": chosen,
        "lines": _shown(chosen, adds),
        "summary": _summary(row, chosen, adds),
        "crumbs": crumbs(
            (_("Premi jaminan"), reverse("programs:premiums")),
            (month_title(row), row.get_absolute_url()),
            (_("Putus bersama"), ""),
        ),
    }
    return answer(request, "programs/premium_decide.html", context, form)


def _decided(
    request: HttpRequest, row: PremiumRound, filters: ChoiceForm, note: str
) -> HttpResponse:
    """Decide what was counted; on to the month, or back to the lines that were not decided."""
    done, left = decide_many(
        round_=row,
        choice=filters.choice(),
        mark=request.POST.get("mark", ""),
        agree="setuju" in request.POST,
        note=note,
        by=signed_in_user(request),
        at=timezone.now(),
    )
    messages.info(request, _said(done, left))
    here = reverse("programs:premium_decide", args=[row.pk])
    back = f"{here}?{urlencode(filters.chosen())}" if left else row.get_absolute_url()
    return redirect(back)


def _shown(chosen: Chosen, adds: bool) -> list[tuple[object, str]]:
    """Lines that can be decided to be paid after the ones that cannot, each with the reason."""
    stopped = chosen.not_agreed if adds else chosen.not_rejected
    found = [(line, stopped.get(line.pk, "")) for line in chosen.lines]
    return sorted(found, key=lambda pair: not pair[1])


def _summary(row: PremiumRound, chosen: Chosen, adds: bool) -> list[str]:
    """What each of the two buttons does, in numbers."""
    counts = {
        "total": number(chosen.total),
        "shown": number(len(chosen.lines)),
        "yes": number(chosen.agreeable),
        "no": number(chosen.rejectable),
    }
    told = []
    if chosen.total > len(chosen.lines):
        sentence = _("%(total)s orang menunggu; %(shown)s yang pertama diputus dahulu.")
        told.append(sentence % counts)
    if adds:
        told.append(_("Setujui: %(yes)s calon. Tolak: %(no)s calon.") % counts)
        tariff = row.plan.version.tariff
        if tariff is not None:
            sentence = _("Bila disetujui, biaya sebulan bertambah %(cost)s.")
            told.append(sentence % {"cost": rupiah(tariff * chosen.agreeable)})
    else:
        told.append(_("Keluarkan: %(yes)s peserta. Tetap: %(no)s peserta.") % counts)
    return told


def _said(done: int, left: int) -> str:
    if not left:
        return _("%(done)s baris diputus.") % {"done": number(done)}
    return _("%(done)s baris diputus. %(left)s baris tidak diputus dan tetap menunggu.") % {
        "done": number(done),
        "left": number(left),
    }
