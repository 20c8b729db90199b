"""Pages of decrees: the list, one decree with its difference, its approval."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.audit.queries import timeline_of
from bansos.documents.queries import file_row
from bansos.jobs.models import Job
from bansos.lib.dates import day_of, long_date
from bansos.lib.errors import Refused
from bansos.lib.lists import Action, ListView, build_page, seal
from bansos.lib.money import number, rupiah
from bansos.lib.parts import Event, Head, Pair, Stat
from bansos.regions.queries import name_of
from programs.choices import DecreeState, EnrolmentState
from programs.filters import DecreeLineFilter
from programs.forms.decrees import ApproveForm, DropForm, NewDecreeForm
from programs.forms.proposals import NoteForm
from programs.models import Decree, Enrolment
from programs.queries.decrees import decree_difference, district_sums, money_words
from programs.queries.enrolments import reason_labels
from programs.queries.exclusivity import shut_out
from programs.queries.papers import Lacking, lacking_papers
from programs.queries.ranking import has_ranking
from programs.queries.targets import decree_target
from programs.services import decrees as services
from programs.tables import DecreeLineList, DecreeList, decree_word
from programs.views.answers import answer, crumbs, put_on_form, say
from programs.views.exclusivity import conflicts_address

STEPS = (lazy("Susun"), lazy("Ajukan"), lazy("Setujui"), lazy("Lampiran"))
DIFFERENCE_HEADS = (lazy("Nama"), lazy("Perubahan"), lazy("Keterangan"))


class DecreeListView(ListView):
    """Decrees of the user's area."""

    access = (P.PROGRAM_VIEW,)
    spec = DecreeList

    def primary_action(self) -> Action | None:
        """Draft one, for who prepares them."""
        if not self.request.user.can(P.DECREE_PREPARE):
            return None
        return Action(_("Susun SK"), reverse("programs:decree_new"), "gavel")


def find_decree(request: HttpRequest, pk: int) -> Decree:
    """A decree of the user's area, or 404."""
    rows = Decree.objects.select_related(
        "version__programme__agency",
        "supersedes",
        "made_by",
        "submitted_by",
        "approved_by",
        "annex_pdf",
        "annex_xlsx",
    )
    found: Decree = find(rows, request.user, pk=pk)
    return found


def decree_crumbs(decree: Decree, last: str = "") -> list[Any]:
    """Decrees > this one > (this page)."""
    title = decree.number or _("Draf SK")
    steps = [
        (_("Penetapan (SK)"), reverse("programs:decrees")),
        (title, reverse("programs:decree", args=[decree.pk]) if last else ""),
    ]
    return crumbs(*steps, *([(last, "")] if last else []))


@requires(P.DECREE_PREPARE)
@require_http_methods(["GET", "POST"])
def decree_new(request: HttpRequest) -> HttpResponse:
    """Draft a decree from the eligible of an area."""
    initial = {name: request.GET.get(name, "") for name in ("version", "area")}
    form = NewDecreeForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = services.draft_decree(
                version=data["version"],
                area_code=data["area"].code,
                subject=data["subject"],
                formula_budget=data["formula_budget"],
                by=request.user,
                at=timezone.now(),
            )
            return redirect("programs:decree", pk=made.pk)
        except Refused as refused:
            put_on_form(form, refused)
    title = _("Susun SK")
    context = {
        "title": title,
        "button": _("Susun draf SK"),
        "back": reverse("programs:decrees"),
        "crumbs": crumbs((_("Penetapan (SK)"), reverse("programs:decrees")), (title, "")),
    }
    return answer(request, "programs/act.html", context, form)


@requires(P.PROGRAM_VIEW)
@require_http_methods(["GET", "POST"])
def decree(request: HttpRequest, pk: int) -> HttpResponse:
    """One decree: where it stands, what it changes, every name, its annexes."""
    row = find_decree(request, pk)
    difference = decree_difference(row, reasons=reason_labels(row.version))
    if request.method == "POST":
        # A search in the list of names: the text goes into a sealed token, never into the address.
        token = seal(request.POST.get("q", ""))
        return redirect(f"{request.path}?cari={token}" if token else request.path)
    page = build_page(
        DecreeLineList(row, may_drop=may_drop(request, row)),
        user=request.user,
        params=request.GET,
        path=request.path,
        searchable=True,
    )
    context = {
        "decree": row,
        "number_words": number_words(row),
        "word": decree_word(row),
        "steps": [str(step) for step in STEPS],
        "current": step_of(row),
        "stats": stats_of(row),
        "money_words": money_words(row),
        "difference": difference,
        "difference_rows": difference_rows(difference),
        "difference_heads": [
            Head(label=_("Nama")),
            Head(label=_("Perubahan")),
            Head(label=_("Keterangan")),
        ],
        "page": page,
        "files": [file_row(item) for item in (row.annex_pdf, row.annex_xlsx) if item],
        "job": annex_job(row) if row.annex_pdf_id is None else None,
        "buttons": buttons_of(request, row),
        "unrecorded": unrecorded_count(row),
        **caught(row),
        "target_words": open_target(row),
        **lacking_of(row),
        "order_url": f"{reverse('programs:rank_lines')}?decree={row.pk}"
        if has_ranking(row.version)
        else "",
        "events": events_of(row),
        "crumbs": decree_crumbs(row),
    }
    return render(request, "programs/decree.html", context)


def events_of(row: Decree) -> list[Event]:
    """The trail of a decree, coded reasons in the words of its programme."""
    labels = reason_labels(row.version)
    events = timeline_of(row, limit=30)
    return [replace(event, text=labels.get(event.text, event.text)) for event in events]


def number_words(row: Decree) -> str:
    """ "Nomor 188/... tanggal 3 Februari 2026", or that there is none yet."""
    if not row.number or row.decree_date is None:
        return _("Belum bernomor")
    return _("Nomor %(number)s, %(day)s") % {
        "number": row.number,
        "day": long_date(row.decree_date),
    }


def may_drop(request: HttpRequest, row: Decree) -> bool:
    """True while this user may leave people out of the draft."""
    return request.user.can(P.DECREE_PREPARE) and row.state == DecreeState.DRAFT


def unrecorded_count(row: Decree) -> int:
    """People of a draft whom no Berita Acara names."""
    if row.state != DecreeState.DRAFT:
        return 0
    return row.lines.filter(enrolment__record=None).count()


def caught(row: Decree) -> dict[str, Any]:
    """How many people other help keeps out of an open decree, and where they are listed."""
    if row.state not in {DecreeState.DRAFT, DecreeState.SUBMITTED}:
        return {"caught": 0}
    today = day_of(timezone.now(), row.version.programme.agency.zone)
    waiting = [EnrolmentState.ELIGIBLE, EnrolmentState.DETERMINED]
    found = shut_out(row.version, area_code=row.area_code, today=today, states=waiting)
    return {"caught": len(found), "caught_url": conflicts_address(row.version, row.area_code)}


def open_target(row: Decree) -> str:
    """The regencies a decree that is still open would leave below their target."""
    return decree_target(row) if row.state in {DecreeState.DRAFT, DecreeState.SUBMITTED} else ""


def lacking_of(row: Decree) -> dict[str, Any]:
    """Who lacks a required paper while the decree is open, and the same page with only those."""
    is_open = row.state in {DecreeState.DRAFT, DecreeState.SUBMITTED}
    page = reverse("programs:decree", args=[row.pk])
    kinds = {"bare": DecreeLineFilter.BARE, "reasoned": DecreeLineFilter.REASONED}
    return {
        "lacking": lacking_papers(row) if is_open else Lacking(),
        "lacking_links": {name: f"{page}?papers={kind}#penerima" for name, kind in kinds.items()},
    }


def step_of(row: Decree) -> int:
    """The step of the stepper: what is to be done next."""
    if row.state == DecreeState.DRAFT:
        return 1
    if row.state == DecreeState.SUBMITTED:
        return 2
    return 4 if row.annex_pdf_id else 3


def annex_job(row: Decree) -> Job | None:
    """The job that makes the annexes, while they are not there."""
    jobs = Job.objects.filter(kind="programs.annex", params={"decree": row.pk})
    return jobs.order_by("-created_at").first()


def stats_of(row: Decree) -> list[Stat]:
    """The big numbers of a decree."""
    share = []
    if row.formula_amount is not None:
        rest = _("Sisa pembagian %(rest)s") % {"rest": rupiah(row.formula_remainder or 0)}
        share = [Stat(label=_("Besaran tiap orang"), value=row.formula_amount, note=rest)]
    return [
        Stat(label=_("Penerima"), value=row.count, note=name_of(row.area_code)),
        *share,
        Stat(label=_("Jumlah setahun"), value=row.total),
        Stat(
            label=_("Versi"), value=str(row.revision), note=_("Perubahan") if row.supersedes else ""
        ),
    ]


def difference_rows(difference: Any) -> list[tuple[str, str, str]]:
    """Everybody who joins, leaves or changes, as rows of one table."""
    return [
        *((row.name, _("Masuk"), "") for row in difference.joined),
        *((row.name, _("Keluar"), row.words) for row in difference.left),
        *((row.name, _("Berubah"), row.words) for row in difference.changed),
    ][:200]


def buttons_of(request: HttpRequest, row: Decree) -> dict[str, Any]:
    """Which acts the page offers, and for the ones that are off the reason in words."""
    user = request.user
    prepares, approves = user.can(P.DECREE_PREPARE), user.can(P.DECREE_APPROVE)
    own = user.pk in {row.made_by_id, row.submitted_by_id}
    return {
        "submit": prepares and row.state == DecreeState.DRAFT,
        "cancel": prepares and row.state == DecreeState.DRAFT,
        "approve": approves and row.state == DecreeState.SUBMITTED,
        "approve_off": _("Anda menyusun SK ini, jadi tidak dapat menyetujuinya.")
        if own and row.state == DecreeState.SUBMITTED
        else "",
        "amend": prepares and row.state == DecreeState.APPROVED,
    }


@requires(P.DECREE_PREPARE)
@require_POST
def decree_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a draft to the approver."""
    row = find_decree(request, pk)
    try:
        services.submit_decree(decree=row, by=request.user, at=timezone.now())
        messages.info(request, _("SK diajukan kepada penyetuju."))
    except Refused as refused:
        pages = services.BUDGET_PAGES if refused.code == "DECREE-BUDGET" else []
        say(request, refused, step=next((page(row) for page in pages), None))
    return redirect("programs:decree", pk=row.pk)


@requires(P.DECREE_PREPARE)
@require_POST
def decree_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a draft up."""
    row = find_decree(request, pk)
    try:
        services.cancel_decree(decree=row, by=request.user, at=timezone.now())
        messages.info(request, _("Draf SK dibatalkan. Penerimanya tetap layak."))
    except Refused as refused:
        say(request, refused)
    return redirect("programs:decree", pk=row.pk)


@requires(P.DECREE_PREPARE)
@require_POST
def decree_amend(request: HttpRequest, pk: int) -> HttpResponse:
    """Draft the next version of a decree in force."""
    row = find_decree(request, pk)
    try:
        made = services.draft_decree(
            version=row.version, area_code=row.area_code, by=request.user, at=timezone.now()
        )
        return redirect("programs:decree", pk=made.pk)
    except Refused as refused:
        say(request, refused)
    return redirect("programs:decree", pk=row.pk)


@requires(P.DECREE_PREPARE)
@require_http_methods(["GET", "POST"])
def decree_drop(request: HttpRequest, pk: int, enrolment: int) -> HttpResponse:
    """Leave one person out of a draft, with a reason."""
    row = find_decree(request, pk)
    person = find(Enrolment.objects, request.user, pk=enrolment)
    form = DropForm(request.POST or None, decree=row)
    if request.method == "POST" and form.is_valid():
        try:
            services.drop_line(
                decree=row,
                enrolment=person,
                reason_code=form.cleaned_data["reason_code"],
                note=form.cleaned_data["note"],
                by=request.user,
                at=timezone.now(),
            )
            messages.info(request, _("1 orang dikeluarkan dari draf SK."))
            return redirect("programs:decree", pk=row.pk)
        except Refused as refused:
            put_on_form(form, refused)
    title = _("Keluarkan dari draf SK")
    context = {
        "title": title,
        "button": title,
        "back": reverse("programs:decree", args=[row.pk]),
        "crumbs": decree_crumbs(row, title),
    }
    return answer(request, "programs/act.html", context, form)


@requires(P.DECREE_APPROVE)
@require_http_methods(["GET", "POST"])
def decree_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of its own for the approval: summary, difference, number, password."""
    row = find_decree(request, pk)
    if row.state != DecreeState.SUBMITTED:
        return redirect("programs:decree", pk=row.pk)
    form = ApproveForm(
        request.POST or None, user=request.user, initial={"seen_hash": row.content_hash}
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            job = services.approve_decree(
                decree=row,
                number=data["number"],
                decree_date=data["decree_date"],
                seen_hash=data["seen_hash"],
                by=request.user,
                at=timezone.now(),
            )
            messages.success(request, _("SK disetujui; penerimanya aktif. Lampiran sedang dibuat."))
            return redirect("jobs:detail", pk=job.pk)
        except Refused as refused:
            put_on_form(form, refused)
    difference = decree_difference(row)
    context = {
        "decree": row,
        "pairs": approval_pairs(row),
        **lacking_of(row),
        "effects": approval_effects(row, difference),
        "districts": district_sums(row),
        "district_heads": [
            Head(label=_("Kecamatan")),
            Head(label=_("Penerima"), kind="number"),
            Head(label=_("Jumlah"), kind="money"),
        ],
        "totals": (_("Jumlah"), row.count, row.total),
        "off": _("Anda menyusun SK ini, jadi tidak dapat menyetujuinya.")
        if request.user.pk in {row.made_by_id, row.submitted_by_id}
        else "",
        "label": _("Setujui SK untuk %(count)s penerima") % {"count": number(row.count)},
        "return_form": NoteForm(label=_("Yang harus diperbaiki")),
        "crumbs": decree_crumbs(row, _("Setujui")),
    }
    return answer(request, "programs/decree_approve.html", context, form)


def approval_pairs(row: Decree) -> list[Pair]:
    """What the approver is asked to sign."""
    return [
        Pair(label=_("Tentang"), value=row.subject),
        Pair(label=_("Program"), value=str(row.version)),
        Pair(label=_("Wilayah"), value=name_of(row.area_code)),
        Pair(label=_("Penerima"), value=row.count),
        *(Pair(label=_("Besaran"), value=sentence) for sentence in money_words(row)),
        Pair(label=_("Disusun oleh"), value=row.made_by.full_name),
        Pair(label=_("Diajukan"), value=row.submitted_at),
    ]


def approval_effects(row: Decree, difference: Any) -> list[str]:
    """What the approval will do, in sentences."""
    effects = [_("Penerima menjadi aktif dan dapat masuk daftar bayar.")]
    if difference.previous is not None:
        effects.append(
            _("SK %(number)s digantikan: %(joined)s masuk, %(left)s keluar, %(changed)s berubah.")
            % {
                "number": difference.previous.number,
                "joined": number(len(difference.joined)),
                "left": number(len(difference.left)),
                "changed": number(len(difference.changed)),
            }
        )
        if difference.left:
            effects.append(_("Yang keluar dihentikan sejak tanggal SK."))
    if below := open_target(row):
        effects.append(below)
    effects.append(_("Lampiran PDF dan XLSX dibuat oleh sistem."))
    return effects


@requires(P.DECREE_APPROVE)
@require_POST
def decree_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a submitted decree back with what to mend."""
    row = find_decree(request, pk)
    try:
        services.return_decree(
            decree=row, note=request.POST.get("note", ""), by=request.user, at=timezone.now()
        )
        messages.info(request, _("SK dikembalikan kepada penyusun."))
    except Refused as refused:
        say(request, refused)
        return redirect("programs:decree_approve", pk=row.pk)
    return redirect("programs:decree", pk=row.pk)
