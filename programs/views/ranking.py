"""Pages about places: the rule of order, the order with its waiting list, shifts of places."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.lib.dates import day_of
from bansos.lib.errors import Refused
from bansos.lib.lists import ListView
from bansos.lib.parts import Stat, Word
from bansos.lib.scopes import covers
from bansos.regions.queries import full_name, name_of, names_of
from programs.choices import (
    SHIFT_TONES,
    STANDING_TONES,
    DecreeState,
    OfferAnswer,
    ShiftState,
    Standing,
)
from programs.forms.ranking import OfferAnswerForm, RankingForm, ReasonForm, ShiftForm
from programs.models import Enrolment, PlaceOffer, Precedence, ProgrammeVersion, QuotaShift
from programs.queries.catalogue import quota_lines
from programs.queries.ranking import (
    Ranking,
    next_to_offer,
    pool_of,
    ranking_of,
    waiting_rows,
)
from programs.rules.ranking import RANK_KEYS, Place, ranking_sentence
from programs.services import quotas as services
from programs.services.catalogue import change_version
from programs.tables import RankingList, RankLineList
from programs.views.answers import answer, crumbs, put_on_form, say
from programs.views.catalogue import find_version, frozen_words, version_crumbs

PAGE_SIZE = 50
REGENCY = 5


class RankingListView(ListView):
    """The order of a regency as a list: searched, sorted, and taken along as a file."""

    access = (P.PROGRAM_VIEW,)
    spec = RankingList

    def crumbs(self) -> list[Any]:
        """Back to the programme when one is asked for."""
        number = self.request.GET.get("version", "")
        known = ProgrammeVersion.objects.visible_to(self.request.user)
        version = known.filter(pk=number).first() if number.isdecimal() else None
        if version is None:
            return crumbs((_("Program"), reverse("programs:catalogue")), (_("Urutan"), ""))
        return version_crumbs(version, _("Urutan"))


class RankLineListView(ListView):
    """Who stood where when a decree was drafted, and by which values."""

    access = (P.PROGRAM_VIEW,)
    spec = RankLineList

    def crumbs(self) -> list[Any]:
        """Back to the decrees."""
        return crumbs((_("SK"), reverse("programs:decrees")), (_("Urutan"), ""))


@requires(P.PROGRAM_EDIT)
@require_http_methods(["GET", "POST"])
def ranking_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Who comes first when more qualify than there are places, as four choices."""
    version = find_version(request, pk)
    form = RankingForm(request.POST or None, version=version)
    if request.method == "POST" and form.is_valid():
        try:
            change_version(
                version=version, by=request.user, at=timezone.now(), ranking=form.ranking()
            )
            messages.info(request, _("Urutan prioritas disimpan."))
            return redirect("programs:version", pk=version.pk)
        except Refused as refused:
            put_on_form(form, refused)
    title = _("Urutan prioritas")
    context = {
        "title": title,
        "frozen": frozen_words(version),
        "button": _("Simpan urutan"),
        "back": reverse("programs:version", args=[version.pk]),
        "crumbs": version_crumbs(version, title),
    }
    return answer(request, "programs/act.html", context, form)


def order_address(version: ProgrammeVersion, area_code: str) -> str:
    """Where the order of a regency is shown."""
    return reverse("programs:ranking", args=[version.pk]) + f"?area={area_code[:REGENCY]}"


def asked_area(request: HttpRequest, version: ProgrammeVersion) -> str:
    """The regency asked for, as far as the user may look; else the user's own, else the first."""
    wanted = request.GET.get("area", "")[:REGENCY]
    if wanted and covers(request.user.area_code, wanted) and wanted.startswith(version.area_code):
        return wanted
    own: str = request.user.area_code[:REGENCY]
    if len(own) == REGENCY:
        return own
    lines = quota_lines(version, area_code=version.area_code)
    busy = next((line for line in lines if line.eligible), lines[0] if lines else None)
    return busy.area_code if busy else version.area_code


@requires(P.PROGRAM_VIEW)
@require_GET
def ranking(request: HttpRequest, pk: int) -> HttpResponse:
    """The order of a regency: who is inside, who waits, by which values; the next to be offered."""
    version = find_version(request, pk)
    area = asked_area(request, version)
    today = day_of(timezone.now(), version.programme.agency.zone)
    pool = pool_of(version, area)
    order = ranking_of(version, pool, waiting_rows(version, pool), today=today)
    page = Paginator(order.places, PAGE_SIZE).get_page(request.GET.get("hal"))
    keys = [RANK_KEYS[str(row["key"])][0] for row in version.ranking.get("keys") or ()]
    context: dict[str, Any] = {
        "version": version,
        "rule": ranking_sentence(version.ranking),
        "place_name": name_of(area),
        "shared": bool(pool.without) or pool.area_code != area,
        "area": area,
        "stats": pool_stats(order),
        "tied": len(order.of(Standing.TIED)),
        "freed": sorted(pool.freed.items()),
        "keys": keys,
        "page": page,
        "rows": ranked_rows(request, version, order, page.object_list),
        "regencies": [
            (line.area_code, line.name)
            for line in quota_lines(version, area_code=request.user.area_code)
        ],
        "list_url": f"{reverse('programs:ranking_list')}?version={version.pk}&area={area}",
        "crumbs": version_crumbs(version, _("Urutan")),
    }
    return render(request, "programs/ranking.html", context)


def pool_stats(order: Ranking) -> list[Stat]:
    """Places, held, free, inside and waiting in big numbers."""
    pool = order.pool
    unlimited = _("Tidak dibatasi")
    return [
        Stat(label=_("Kuota"), value=unlimited if pool.places is None else pool.places),
        Stat(label=_("Terisi"), value=pool.used),
        Stat(label=_("Kosong"), value=unlimited if pool.free is None else pool.free),
        Stat(label=_("Layak"), value=len(order.places)),
        Stat(label=_("Daftar tunggu"), value=len(order.of(Standing.WAITING))),
    ]


def ranked_rows(
    request: HttpRequest, version: ProgrammeVersion, order: Ranking, places: Any
) -> list[dict[str, Any]]:
    """The rows of one page: name and values for who may see them, the acts that are open."""
    ids = [place.pk for place in places]
    reasons = dict(
        Precedence.objects.filter(enrolment__in=ids, ended_at=None).values_list(
            "enrolment_id", "reason"
        )
    )
    offers = {row.enrolment_id: row for row in PlaceOffer.objects.filter(enrolment__in=ids)}
    prepares = request.user.can(P.DECREE_PREPARE)
    decided = version.decrees.filter(state=DecreeState.APPROVED).exists()
    first = next_to_offer(order) if prepares and decided else None
    names = names_of(order.rows[pk].area_code for pk in ids)
    found = []
    for place in places:
        row = order.rows[place.pk]
        if not covers(request.user.area_code, row.area_code):
            continue
        found.append(
            {
                "place": place,
                "row": row,
                "village": names.get(row.area_code, ""),
                "values": [words for _label, words in order.words(place.pk)],
                "word": standing_word(place, offers.get(place.pk)),
                "reason": reasons.get(place.pk, ""),
                "may_lead": prepares and place.standing == Standing.TIED,
                "may_end": prepares and place.pk in reasons,
                "offer": offers.get(place.pk),
                "may_answer": prepares
                and place.pk in offers
                and offers[place.pk].answer == OfferAnswer.OPEN,
                "may_offer": first is not None and first.pk == place.pk,
            }
        )
    return found


def standing_word(place: Place, offer: PlaceOffer | None) -> Word:
    """The badge of one in the order; an offer says more than the standing."""
    tone, icon = STANDING_TONES[Standing(place.standing)]
    if offer is not None:
        return Word("info", str(OfferAnswer(offer.answer).label), "send")
    return Word(tone, str(Standing(place.standing).label), icon)


def find_waiting(request: HttpRequest, pk: int) -> Enrolment:
    """An enrolment of the user's area, or 404."""
    rows = Enrolment.objects.select_related("version__programme__agency", "person")
    found: Enrolment = find(rows, request.user, pk=pk)
    return found


@requires(P.DECREE_PREPARE)
@require_http_methods(["GET", "POST"])
def precedence(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one before others of the same order, with the reason."""
    row = find_waiting(request, pk)
    form = ReasonForm(request.POST or None)
    back = order_address(row.version, row.area_code)
    if request.method == "POST" and form.is_valid():
        try:
            services.give_precedence(
                enrolment=row,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
            )
            messages.info(request, _("Didahulukan, dengan alasannya."))
            return redirect(back)
        except Refused as refused:
            put_on_form(form, refused)
    title = _("Dahulukan dalam urutan")
    context = {
        "title": title,
        "person": row.person,
        "person_area": full_name(row.area_code),
        "button": _("Dahulukan"),
        "back": back,
        "crumbs": version_crumbs(row.version, title),
    }
    return answer(request, "programs/act.html", context, form)


@requires(P.DECREE_PREPARE)
@require_POST
def precedence_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a precedence back."""
    row = find_waiting(request, pk)
    try:
        services.end_precedence(enrolment=row, by=request.user, at=timezone.now())
    except Refused as refused:
        say(request, refused)
    return redirect(order_address(row.version, row.area_code))


@requires(P.DECREE_PREPARE)
@require_POST
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer a free place to the next of the waiting list."""
    row = find_waiting(request, pk)
    try:
        services.offer_place(enrolment=row, by=request.user, at=timezone.now())
        messages.info(request, _("Tempat ditawarkan. Catat jawabannya."))
    except Refused as refused:
        say(request, refused)
    return redirect(order_address(row.version, row.area_code))


@requires(P.DECREE_PREPARE)
@require_http_methods(["GET", "POST"])
def offer_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what the offered person said."""
    row = find_waiting(request, pk)
    given = get_object_or_404(PlaceOffer.objects.select_related("enrolment"), enrolment=row)
    form = OfferAnswerForm(request.POST or None)
    back = order_address(row.version, row.area_code)
    if request.method == "POST" and form.is_valid():
        try:
            services.answer_offer(
                offer=given,
                accepts=form.cleaned_data["answer"] == OfferAnswer.ACCEPTED,
                note=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
            )
            messages.info(request, _("Jawaban dicatat."))
            return redirect(back)
        except Refused as refused:
            put_on_form(form, refused)
    title = _("Jawaban atas tawaran tempat")
    context = {
        "title": title,
        "person": row.person,
        "person_area": full_name(row.area_code),
        "button": _("Simpan jawaban"),
        "back": back,
        "crumbs": version_crumbs(row.version, title),
    }
    return answer(request, "programs/act.html", context, form)


@requires(P.PROGRAM_VIEW)
@require_http_methods(["GET", "POST"])
def shifts(request: HttpRequest, pk: int) -> HttpResponse:
    """Shifts of places between regencies: ask for one, see all, decide those of others."""
    version = find_version(request, pk)
    may_ask = request.user.can(P.PROGRAM_EDIT)
    form = ShiftForm(request.POST or None, version=version)
    if request.method == "POST" and form.is_valid():
        try:
            services.propose_shift(
                version=version, by=request.user, at=timezone.now(), **form.cleaned_data
            )
            messages.info(request, _("Pemindahan diajukan. Orang lain yang menyetujuinya."))
            return redirect("programs:shifts", pk=version.pk)
        except Refused as refused:
            put_on_form(form, refused)
    rows = version.shifts.select_related("proposed_by", "decided_by").order_by("-pk")
    context = {
        "version": version,
        "may_ask": may_ask,
        "rows": [shift_row(request, row) for row in rows],
        "crumbs": version_crumbs(version, _("Pemindahan kuota")),
    }
    return answer(request, "programs/shifts.html", context, form)


def shift_row(request: HttpRequest, row: QuotaShift) -> dict[str, Any]:
    """One shift in words, and what this user may do about it."""
    tone, icon = SHIFT_TONES[ShiftState(row.state)]
    own = row.proposed_by_id == request.user.pk
    open_ = row.state == ShiftState.PROPOSED and request.user.can(P.DECREE_APPROVE)
    return {
        "shift": row,
        "start": name_of(row.from_area) if row.from_area else _("Sisa yang belum dibagi"),
        "end": name_of(row.to_area),
        "word": Word(tone, str(ShiftState(row.state).label), icon),
        "may_decide": open_,
        "off": _("Anda mengajukan pemindahan ini, jadi orang lain yang memutusnya.") if own else "",
    }


@requires(P.DECREE_APPROVE)
@require_POST
def shift_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or refuse a shift of somebody else."""
    row = find(QuotaShift.objects.select_related("version__programme"), request.user, pk=pk)
    approve = request.POST.get("putusan") == "setuju"
    try:
        services.decide_shift(shift=row, approve=approve, by=request.user, at=timezone.now())
        messages.info(request, _("Pemindahan disetujui.") if approve else _("Pemindahan ditolak."))
    except Refused as refused:
        say(request, refused)
    return redirect("programs:shifts", pk=row.version_id)
