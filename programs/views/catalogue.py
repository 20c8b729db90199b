"""Pages of the catalogue: programmes, the rules of a year, its editor."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.audit.queries import timeline_of
from bansos.lib.errors import Refused
from bansos.lib.money import number
from bansos.lib.parts import Pair, Stat, Tab, Word
from programs.choices import BenefitKind, Rail, VersionState
from programs.forms.catalogue import CopyForm, ProgrammeForm, VersionForm
from programs.models import Programme, ProgrammeVersion
from programs.queries.catalogue import catalogue_of, quota_lines, version_in_use
from programs.queries.life import life_words
from programs.queries.targets import quota_target
from programs.rules import criteria_warnings, sentence, sentences_of
from programs.rules.exclusivity import bars_of
from programs.rules.proxies import rule_sentences
from programs.rules.ranking import ranking_sentence
from programs.services import catalogue as services
from programs.services.units import COUNTERS
from programs.views.answers import answer, catalogue_crumb, crumbs, put_on_form, say

VERSION_TONES = {
    VersionState.DRAFT: ("netral", "pencil"),
    VersionState.ACTIVE: ("baik", "circle-check"),
    VersionState.CLOSED: ("netral", "archive"),
}


def version_word(version: ProgrammeVersion) -> Word:
    """The badge of a version."""
    tone, icon = VERSION_TONES[VersionState(version.state)]
    return Word(tone, str(VersionState(version.state).label), icon)


def find_version(request: HttpRequest, pk: int) -> ProgrammeVersion:
    """A version of the user's province, or 404."""
    rows = ProgrammeVersion.objects.select_related("programme__agency")
    found: ProgrammeVersion = find(rows, request.user, pk=pk)
    return found


def frozen_words(version: ProgrammeVersion) -> str:
    """Why the rules of a version may not change any more, as its editors say; "" when they may."""
    if version.state == VersionState.CLOSED:
        return _("Versi ini sudah ditutup.")
    return _("Sudah dipakai sebuah SK.") if version_in_use(version) else ""


def version_crumbs(version: ProgrammeVersion, last: str = "") -> list[Any]:
    """Catalogue > programme > version > (this page)."""
    programme = version.programme
    steps = [
        catalogue_crumb(),
        (programme.name, reverse("programs:programme", args=[programme.pk])),
        (version.year, reverse("programs:version", args=[version.pk]) if last else ""),
    ]
    return crumbs(*steps, *([(last, "")] if last else []))


@requires(P.PROGRAM_VIEW)
@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """All programmes of the province with their years."""
    rows = [
        {
            "programme": programme,
            "versions": [_year(version) for version in programme.versions.all()],
        }
        for programme in catalogue_of(request.user)
    ]
    context = {"rows": rows, "may_edit": request.user.can(P.PROGRAM_EDIT)}
    return render(request, "programs/catalogue.html", context)


@requires(P.PROGRAM_VIEW)
@require_GET
def programme(request: HttpRequest, pk: int) -> HttpResponse:
    """One programme: what it is for, and its years."""
    row = find(Programme.objects.select_related("agency"), request.user, pk=pk)
    versions = row.versions.order_by("-year", "-version")
    context = {
        "programme": row,
        "versions": [_year(version) for version in versions],
        "events": timeline_of(row, limit=30),
        "may_edit": request.user.can(P.PROGRAM_EDIT),
        "crumbs": crumbs(catalogue_crumb(), (row.name, "")),
    }
    return render(request, "programs/programme.html", context)


@requires(P.PROGRAM_EDIT)
@require_http_methods(["GET", "POST"])
def programme_edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a programme, or change its name."""
    row = find(Programme.objects, request.user, pk=pk) if pk else None
    form = ProgrammeForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save_programme(
                programme=Programme.objects.get(pk=row.pk) if row else None,
                agency=row.agency if row else request.user.agency,
                values=form.values(),
                by=request.user,
                at=timezone.now(),
            )
            return redirect("programs:programme", pk=saved.pk)
        except Refused as refused:
            put_on_form(form, refused)
    title = row.name if row else _("Program baru")
    context = {"title": title, "crumbs": crumbs(catalogue_crumb(), (title, ""))}
    return answer(request, "programs/programme_form.html", context, form)


@requires(P.PROGRAM_VIEW)
@require_GET
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """The rules of one year in words, its stages, its quota with what fills it."""
    row = find_version(request, pk)
    tab = request.GET.get("tab", "aturan")
    address = reverse("programs:version", args=[row.pk])
    names = (
        ("aturan", _("Aturan")),
        ("tahap", _("Tahap")),
        ("kuota", _("Kuota wilayah")),
        ("riwayat", _("Riwayat")),
    )
    may_edit = request.user.can(P.PROGRAM_EDIT) and row.state != VersionState.CLOSED
    in_use = version_in_use(row)
    problems = services.problems_of(row) if row.state == VersionState.DRAFT else []
    context: dict[str, Any] = {
        "version": row,
        "version_name": str(row),
        "word": version_word(row),
        "stats": version_stats(row),
        "about": version_pairs(row),
        "tab": tab,
        "tabs": [
            Tab(label=label, href=f"{address}?tab={key}", active=tab == key) for key, label in names
        ],
        "sentences": sentences_of(row.criteria),
        "guide": guide_parts(row),
        "ranking": ranking_sentence(row.ranking),
        "warnings": criteria_warnings(row.criteria),
        "payee_rules": rule_sentences(row.proxy_rules, row.heir_rules),
        "life": life_words(row),
        "stages": list(row.stages.select_related("version").order_by("number")),
        "may_edit": may_edit,
        "may_count": request.user.can_any(COUNTERS),
        "frozen": _("Sudah dipakai sebuah SK. Salin ke versi baru.") if in_use else "",
        "problems": problems,
        "problem_words": problems[0] if problems else "",
        "open_rate": row.is_rate_open,
        "copy_allowed": request.user.can(P.PROGRAM_EDIT),
        "copy_form": CopyForm(initial={"year": row.year + 1}),
        "crumbs": version_crumbs(row),
    }
    if tab == "kuota":
        context["quota_edit"] = _("Atur kuota") if may_edit else ""
        context["quota_url"] = reverse("programs:quotas", args=[row.pk]) if may_edit else ""
        context["lines"] = quota_lines(row, area_code=request.user.area_code)
        context["target_words"] = quota_target(row, context["lines"])
    if tab == "riwayat":
        context["events"] = timeline_of(row, limit=30)
    return render(request, "programs/version.html", context)


def _year(row: ProgrammeVersion) -> tuple[ProgrammeVersion, Word, Stat]:
    """A version in a list of years: its state, and what it hands out in the words of its kind."""
    money = _money_stat(row)
    if row.benefit_kind == BenefitKind.SERVICE:
        money = Stat(label=str(row.get_benefit_kind_display()), value=None)
    return row, version_word(row), money


def version_stats(row: ProgrammeVersion) -> list[Stat]:
    """The big numbers of a version; what nobody has set is said in words."""
    quota = row.quota_total if row.quota_total is not None else _("Tidak dibatasi")
    return [
        _money_stat(row),
        Stat(label=_("Kuota program"), value=quota),
        Stat(label=_("Penerima"), value=str(row.get_payee_kind_display())),
    ]


def _money_stat(row: ProgrammeVersion) -> Stat:
    kind = str(row.get_benefit_kind_display())
    unset = _("Belum diisi")
    if row.benefit_kind == BenefitKind.FORMULA:
        return Stat(label=_("Pagu yang dibagi"), value=row.formula_budget or unset, note=kind)
    if row.benefit_kind == BenefitKind.TARIFF:
        label = _("Tarif per %(unit)s") % {"unit": row.unit_label or _("satuan")}
        return Stat(label=label, value=row.tariff or unset, note=kind)
    if row.benefit_kind == BenefitKind.SERVICE:
        return Stat(label=_("Bentuk bantuan"), value=kind)
    if row.benefit_kind == BenefitKind.GOODS:
        label = _("Nilai barang per penerima")
        return Stat(label=label, value=row.annual_amount or unset, note=kind)
    unset = _("Belum ditetapkan")
    return Stat(label=_("Besaran setahun"), value=row.annual_amount or unset, note=kind)


def rail_words(row: ProgrammeVersion) -> str:
    """The rails a version may use; none named is inside the paying bank."""
    rails = row.rails or [Rail.OVERBOOKING]
    return ", ".join(str(Rail(rail).label) for rail in rails)


def version_pairs(row: ProgrammeVersion) -> list[Pair]:
    """Bank, account of the budget, exclusive programmes, where the facts come from."""
    return [
        Pair(label=_("Bank penyalur"), value=row.bank_code),
        Pair(label=_("Jalur penyaluran"), value=rail_words(row)),
        Pair(label=_("Kode rekening belanja"), value=row.account_code),
        Pair(
            label=_("Target tiap kabupaten/kota"),
            value="" if row.regency_target is None else number(row.regency_target),
        ),
        Pair(
            label=_("Tidak boleh bersama"),
            value="; ".join(bar.sentence for bar in bars_of(row.exclusive_with)),
        ),
        Pair(label=_("Sumber dana"), value=row.funding_source),
        Pair(label=_("Sumber"), value=row.source_note),
    ]


def guide_parts(row: ProgrammeVersion) -> list[tuple[str, str, list[str]]]:
    """(heading, what it is for, lines) of what officers follow; an empty part says so."""
    return [
        (_("Kalender kegiatan"), "", row.calendar),
        (_("Langkah verifikasi"), "", row.verification_steps),
        (
            _("Pertanyaan pemantauan"),
            _(
                "Dijawab saat kunjungan, dari halaman usulan penerima yang sudah ditetapkan. Tanpa"
                " jenis jawaban, dijawab dengan kata."
            ),
            row.monitoring_form,
        ),
        (_("Ukuran keberhasilan"), "", [row.success_measure] if row.success_measure else []),
        (
            _("Contoh dokumen"),
            _(
                "Formulir yang dipakai program menurut pedomannya. Yang punya naskah dicetak dari"
                " halaman usulan; yang lain dibuat di luar sistem ini."
            ),
            row.document_templates,
        ),
    ]


def _version_form(request: HttpRequest, **kwargs: Any) -> tuple[VersionForm, bool]:
    """The form, and whether it was sent to be saved.

    "lihat" only asks for the fields of another kind of benefit: what was typed is kept, nothing
    is judged yet.
    """
    if request.method == "POST" and "lihat" in request.POST:
        typed = {**request.POST.dict(), "rails": request.POST.getlist("rails")}
        return VersionForm(**{**kwargs, "initial": typed}), False
    return VersionForm(request.POST or None, **kwargs), request.method == "POST"


@requires(P.PROGRAM_EDIT)
@require_http_methods(["GET", "POST"])
def version_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor of a version: its plain rules here, criteria and stages beside."""
    row = find_version(request, pk)
    form, asked = _version_form(request, version=row)
    if asked and form.is_valid():
        try:
            services.save_version(
                version=row,
                programme=row.programme,
                values=form.values(),
                by=request.user,
                at=timezone.now(),
            )
            messages.info(request, _("Aturan disimpan."))
            return redirect("programs:version_edit", pk=row.pk)
        except Refused as refused:
            put_on_form(form, refused)
    context = {
        "version": row,
        "version_name": str(row),
        "sentence": sentence(row.criteria),
        "warnings": criteria_warnings(row.criteria),
        "stages": list(row.stages.order_by("number")),
        "ranking": ranking_sentence(row.ranking),
        "bars": [bar.sentence for bar in bars_of(row.exclusive_with)],
        "payee_rules": rule_sentences(row.proxy_rules, row.heir_rules),
        "frozen": frozen_words(row),
        "crumbs": version_crumbs(row, _("Ubah aturan")),
    }
    return answer(request, "programs/version_edit.html", context, form)


@requires(P.PROGRAM_EDIT)
@require_http_methods(["GET", "POST"])
def version_new(request: HttpRequest, pk: int) -> HttpResponse:
    """The first draft of a year for a programme."""
    row = find(Programme.objects.select_related("agency"), request.user, pk=pk)
    first = {"year": timezone.localdate().year, "bank_code": row.agency.bank_code}
    form, asked = _version_form(request, initial=first)
    if asked and form.is_valid():
        try:
            made = services.save_version(
                version=None,
                programme=row,
                values=form.values(),
                by=request.user,
                at=timezone.now(),
            )
            return redirect("programs:version_edit", pk=made.pk)
        except Refused as refused:
            put_on_form(form, refused)
    title = _("Aturan baru")
    steps = (catalogue_crumb(), (row.name, reverse("programs:programme", args=[row.pk])))
    context = {
        "title": title,
        "programme": row,
        "by_kind": True,
        "crumbs": crumbs(*steps, (title, "")),
    }
    return answer(request, "programs/programme_form.html", context, form)


@requires(P.PROGRAM_EDIT)
@require_POST
def version_activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a draft take proposals."""
    row = find_version(request, pk)
    try:
        services.activate_version(version=row, by=request.user, at=timezone.now())
        messages.info(request, _("Versi diberlakukan. Usulan dapat diterima."))
    except Refused as refused:
        say(request, refused)
    return redirect("programs:version", pk=row.pk)


@requires(P.PROGRAM_EDIT)
@require_POST
def version_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft for another year with the same rules."""
    row = find_version(request, pk)
    form = CopyForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Tahun belum benar. Tidak ada yang disalin."))
        return redirect("programs:version", pk=row.pk)
    made = services.copy_version(
        version=row, year=form.cleaned_data["year"], by=request.user, at=timezone.now()
    )
    return redirect("programs:version_edit", pk=made.pk)
