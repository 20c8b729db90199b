"""Pages of proposals: the list, one proposal, the form with its draft."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.documents.queries import size_words
from bansos.lib.dates import day_of, short_date
from bansos.lib.errors import Refused
from bansos.lib.lists import Action, ListView
from bansos.lib.nik import clean_digits
from bansos.lib.parts import Check, FileRow, Pair, Tab, Task, Word
from bansos.regions.queries import full_name
from beneficiaries.models import BankAccount, Draft, Person
from beneficiaries.services.drafts import delete_draft, load_draft, save_draft
from beneficiaries.services.people import (
    PersonValues,
    find_by_number,
    save_person,
    set_account,
)
from programs.choices import (
    ANSWER_TONES,
    DECREED,
    ENDED,
    PAYEES,
    Answer,
    Channel,
    EnrolmentState,
)
from programs.forms.proposals import NoteForm, PaperForm, ProposalForm, StartForm
from programs.models import Enrolment, ProgrammeVersion
from programs.queries.assessing import is_held, missing_papers, paper_labels, proposal_tasks
from programs.queries.enrolments import (
    latest_answers,
    previous_enrolments,
    reason_labels,
    state_counts,
)
from programs.queries.exclusivity import conflicts_for
from programs.queries.life import life_of
from programs.queries.people import state_word
from programs.queries.verification import TO_JUDGE
from programs.queries.visits import visit_rows, visit_url
from programs.rules import moves_from
from programs.rules.assessing import SourceWords, form_channel
from programs.rules.life import LIVE, REPORTERS
from programs.services import proposals as services
from programs.services.assessing import record_source
from programs.services.payees import may_choose_payee
from programs.tables import ProposalList
from programs.views.answers import answer, crumbs, put_on_form, say
from programs.views.catalogue import find_version

DRAFT = "programs.proposal"


class ProposalListView(ListView):
    """Proposals of the user's area, with tabs by state."""

    access = (P.PROGRAM_VIEW,)
    spec = ProposalList
    template_name = "programs/proposals.html"

    def primary_action(self) -> Action | None:
        """A single proposal, for who may propose."""
        if not self.request.user.can(P.PROPOSAL_SUBMIT):
            return None
        return Action(_("Usulan baru"), reverse("programs:proposal_new"), "plus")

    def extra_context(self) -> dict[str, Any]:
        """Tabs with counts over the user's area (and the programme in the address)."""
        rows: QuerySet[Enrolment] = Enrolment.objects.visible_to(self.request.user)
        version = self.request.GET.get("version", "")
        if version.isdecimal():
            rows = rows.filter(version_id=int(version))
        return {"tabs": state_tabs(self.request, state_counts(rows))}


def state_tabs(request: HttpRequest, counts: dict[str, int]) -> list[Tab]:
    """One tab per state that has rows, and one for all."""
    chosen = request.GET.getlist("state")
    kept = {k: v for k, v in request.GET.items() if k in {"version", "area"}}
    tabs = [
        Tab(
            label=_("Semua"),
            href=f"?{urlencode(kept)}",
            active=not chosen,
            count=sum(counts.values()),
        )
    ]
    for state in EnrolmentState:
        if counts.get(state):
            tabs.append(
                Tab(
                    label=str(state.label),
                    href=f"?{urlencode({**kept, 'state': state.value})}",
                    active=chosen == [state.value],
                    count=counts[state],
                )
            )
    return tabs


def find_enrolment(request: HttpRequest, pk: int) -> Enrolment:
    """A proposal of the user's area, or 404."""
    rows = Enrolment.objects.select_related(
        "person__family",
        "person__village__parent",
        "version__programme",
        "account",
        "proposed_by",
        "decided_by",
        "record",
    )
    found: Enrolment = find(rows, request.user, pk=pk)
    return found


def check_of(answer: str, label: str, reason: str, source: str) -> Check:
    """One answer as a line with its badge, reason and source."""
    tone, icon = ANSWER_TONES[Answer(answer)]
    return Check(
        label=label,
        word=Word(tone, str(Answer(answer).label), icon),
        hint=_("%(reason)s Sumber: %(source)s.") % {"reason": reason, "source": source},
    )


def answer_checks(enrolment: Enrolment) -> list[Check]:
    """The criteria with their answers, reasons and sources."""
    return [
        check_of(row.answer, row.label, row.reason, row.source) for row in latest_answers(enrolment)
    ]


def person_pairs(enrolment: Enrolment) -> list[Pair]:
    """Who is proposed, as pairs; every number masked."""
    person, account = enrolment.person, enrolment.account
    return [
        Pair(label=_("Tempat, tanggal lahir"), value=birth_words(person)),
        Pair(label=_("Jenis kelamin"), value=person.get_sex_display()),
        Pair(label=_("Alamat"), value=person.address),
        Pair(label=_("Desa/Kelurahan"), value=full_name(enrolment.area_code)),
        Pair(label=_("Kepala keluarga"), value=person.family.head_name if person.family else ""),
        Pair(label=_("Rekening"), value=account.number_masked if account else _("Belum ada")),
        Pair(label=_("Pemilik rekening"), value=account.holder_name if account else ""),
        Pair(label=_("Pendamping"), value=enrolment.companion_name),
        Pair(label=_("Catatan"), value=enrolment.note),
    ]


def birth_words(person: Person) -> str:
    """ "Madiun, 12-08-1950"."""
    day = short_date(person.birth_date) if person.birth_date else ""
    return ", ".join(part for part in (person.birth_place, day) if part)


def paper_rows(enrolment: Enrolment) -> list[FileRow]:
    """The papers as a file list."""
    labels = paper_labels(enrolment.version)
    rows = enrolment.papers.defer("sealed_file").order_by("pk")
    return [
        FileRow(
            name=labels.get(row.code, row.code),
            href=reverse("programs:paper", args=[row.pk]),
            kind="PDF" if row.mime == "application/pdf" else _("Foto"),
            size=size_words(row.size),
        )
        for row in rows
    ]


def own_papers(enrolment: Enrolment, user: Any) -> list[Any]:
    """(label, id) of the papers this user added and may still take away."""
    if enrolment.decided_at is not None:
        return []
    labels = paper_labels(enrolment.version)
    rows = enrolment.papers.filter(added_by=user).order_by("pk").values_list("code", "pk")
    return [(labels.get(code, code), pk) for code, pk in rows]


def proposal_conflicts(row: Enrolment) -> list[tuple[str, str, str]]:
    """(explanation, name, address of the other enrolment) of what shuts the person out."""
    if row.state in ENDED:
        return []
    today = day_of(timezone.now(), row.version.programme.agency.zone)
    asked = [(row.pk, row.person_id, row.payee_id)]
    found = conflicts_for(asked, version=row.version, today=today)
    return [
        (
            conflict.words,
            conflict.name,
            reverse("programs:proposal", args=[conflict.enrolment_id])
            if conflict.enrolment_id
            else "",
        )
        for conflict in found.get(row.pk, [])
    ]


@requires(P.PROGRAM_VIEW)
@require_GET
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal: criteria with sources, papers, history, what may be done now."""
    row = find_enrolment(request, pk)
    return render(request, "programs/proposal.html", proposal_context(request, row))


def proposal_context(request: HttpRequest, row: Enrolment) -> dict[str, Any]:
    """Everything the page of a proposal shows."""
    may = {
        str(new): permission
        for new, permission in moves_from(row.state).items()
        if request.user.can(permission)
    }
    choices = [(str(r["code"]), str(r["label"])) for r in row.version.required_documents]
    may_add = request.user.can(P.PROPOSAL_SUBMIT) or request.user.can(P.PROPOSAL_VERIFY)
    own = row.proposed_by_id == request.user.pk
    to_judge = row.state in TO_JUDGE and request.user.can(P.PROPOSAL_VERIFY)
    is_member = row.state in DECREED
    missing, visits = missing_papers(row), visit_rows(row)
    may_change = is_member and request.user.can(P.DECREE_PREPARE)
    return {
        "enrolment": row,
        "version_name": str(row.version),
        "kk": row.person.family.kk_masked if row.person.family else "",
        "area": full_name(row.area_code),
        "flags": [Word("masalah", _("Meninggal"))] if row.person.died_on else [],
        "judge_url": reverse("programs:judge", args=[row.pk]) if to_judge else "",
        "judge_off": _("Anda mengajukan usulan ini, jadi tidak dapat memutusnya.") if own else "",
        "member_url": reverse("programs:member", args=[row.pk]) if may_change else "",
        "word": state_word(row.state),
        "checks": answer_checks(row),
        "pairs": person_pairs(row),
        "papers": paper_rows(row),
        "tasks": proposal_tasks(row, missing=missing),
        "is_held": is_held(row),
        "assets_url": reverse("programs:assets", args=[row.pk]) if row.payee_id else "",
        "missing": missing,
        "own_papers": own_papers(row, request.user),
        "paper_form": PaperForm(choices=choices) if may_add and choices and may else None,
        "letters": row.version.letters if request.user.can_any(REPORTERS) else [],
        "visits": visits,
        "visit_url": visit_url(row, request.user),
        "events": life_of(row, visits),
        "event_url": reverse("programs:event_new", args=[row.pk])
        if row.state in LIVE and request.user.can_any(REPORTERS)
        else "",
        "exit_url": reverse("programs:exit", args=[row.pk])
        if row.active_from or row.state in ENDED
        else "",
        "others": [
            (str(other.version), state_word(other.state), other.pk)
            for other in previous_enrolments(row)
        ],
        "conflicts": proposal_conflicts(row),
        "may": may,
        "payee": row.payee,
        "may_choose": row.version.payee_kind in PAYEES
        and may_choose_payee(row)
        and request.user.can(P.PROPOSAL_SUBMIT),
        "proxies": list(row.proxies.order_by("-pk")),
        "may_proxy": request.user.can(P.PROPOSAL_SUBMIT) and row.state not in ENDED,
        "reason": reason_labels(row.version).get(row.decision_reason, row.decision_reason),
        "own": own,
        "crumbs": crumbs(
            (_("Usulan"), reverse("programs:proposals")), (_("Usulan %(pk)s") % {"pk": row.pk}, "")
        ),
    }


@requires(P.PROPOSAL_SUBMIT)
@require_http_methods(["GET", "POST"])
def proposal_new(request: HttpRequest) -> HttpResponse:
    """The NIK first: who is known is shown, then the form is filled from the register."""
    form = StartForm(request.POST or None, user=request.user)
    waiting: Draft | None = None
    if request.method == "POST" and form.is_valid():
        version, nik = form.cleaned_data["version"], form.cleaned_data["nik"]
        found = find_by_number(number=nik, by=request.user, at=timezone.now())
        existing = _open_enrolment(version, found)
        if existing is not None:
            messages.info(request, _("Sudah ada usulan atau penetapan tahun ini."))
            return redirect("programs:proposal", pk=existing.pk)
        waiting = _unsent(request, version)
        if waiting is None:
            return _begin(request, version, nik, found)
        if clean_digits(waiting.values["nik"]) == nik:
            messages.info(request, _("Draf usulan ini dilanjutkan."))
            return redirect("programs:proposal_form", pk=version.pk)
    context = {
        "waiting": waiting,
        "waiting_url": reverse("programs:proposal_form", args=[waiting.key]) if waiting else "",
        "crumbs": crumbs((_("Usulan"), reverse("programs:proposals")), (_("Baru"), "")),
    }
    return answer(request, "programs/proposal_new.html", context, form)


def _begin(
    request: HttpRequest, version: ProgrammeVersion, nik: str, found: list[Person]
) -> HttpResponse:
    """A fresh draft, filled from the register when the person is known."""
    values = {"nik": nik, **(_known(found[0], version) if found else {})}
    save_draft(
        purpose=DRAFT, key=str(version.pk), values=values, by=request.user, at=timezone.now()
    )
    if found:
        messages.info(request, _("Sudah terdaftar. Isian diambil dari berkas penerima."))
    return redirect("programs:proposal_form", pk=version.pk)


def _unsent(request: HttpRequest, version: ProgrammeVersion) -> Draft | None:
    """A draft of the programme that somebody has typed in and the user does not give up."""
    draft = load_draft(purpose=DRAFT, key=str(version.pk), by=request.user)
    typed = draft is not None and draft.values.get("nik") and draft.values.get("name")
    return draft if typed and "buang" not in request.POST else None


def _open_enrolment(version: ProgrammeVersion, found: list[Person]) -> Enrolment | None:
    rows = Enrolment.objects.filter(version=version, person__in=found).exclude(
        state__in=[EnrolmentState.NOT_ELIGIBLE, EnrolmentState.STOPPED, EnrolmentState.GRADUATED]
    )
    return rows.order_by("pk").first()


def _known(person: Person, version: ProgrammeVersion) -> dict[str, str]:
    """What the register says, as the form takes it."""
    account = (
        BankAccount.objects.filter(
            person=person, bank_code=version.bank_code, closed_at__isnull=True
        )
        .order_by("-pk")
        .first()
    )
    return {
        "name": person.name,
        "birth_place": person.birth_place,
        "birth_date": f"{person.birth_date:%d-%m-%Y}" if person.birth_date else "",
        "sex": person.sex,
        "village": person.village_id or "",
        "address": person.address,
        "phone": person.phone or "",
        "kk": person.family.kk if person.family else "",
        "family_head": person.family.head_name if person.family else "",
        "mother_name": person.mother_name or "",
        "account": account.number if account else "",
        "holder_name": account.holder_name if account else "",
    }


@requires(P.PROPOSAL_SUBMIT)
@require_http_methods(["GET", "POST"])
def proposal_form(request: HttpRequest, pk: int) -> HttpResponse:
    """All sections of one proposal; the draft saves itself; sent or checked first."""
    version = find_version(request, pk)
    if not services.is_for_people(version):
        return redirect("programs:payee_proposal_new")
    draft = load_draft(purpose=DRAFT, key=str(version.pk), by=request.user)
    form = ProposalForm(
        request.POST or None,
        user=request.user,
        needs_family=version.one_per_family,
        channels=version.proposal_channels,
        initial=draft.values if draft else {},
    )
    review = False
    if request.method == "POST":
        save_draft(
            purpose=DRAFT,
            key=str(version.pk),
            values=dict(request.POST.items()),
            by=request.user,
            at=timezone.now(),
        )
        if "simpan" in request.POST:
            messages.success(request, _("Draf tersimpan. Usulan belum diajukan."))
            return redirect("programs:proposal_form", pk=pk)
        if form.is_valid():
            if "kirim" not in request.POST:
                review = "ubah" not in request.POST
            else:
                try:
                    made = _propose(request, version, form.cleaned_data)
                    say_sent(request, made)
                    return redirect("programs:proposal", pk=made.pk)
                except Refused as refused:
                    put_on_form(form, refused)
    sections = form.sections()
    context = {
        "version": version,
        "version_name": str(version),
        "answers": answers_of(form) if review else [],
        "sections": sections,
        "tasks": section_tasks(sections),
        "saved_at": draft.saved_at if draft else None,
        "crumbs": crumbs(
            (_("Usulan"), reverse("programs:proposals")),
            (_("Usulan baru"), reverse("programs:proposal_new")),
            (version, ""),
        ),
    }
    template = "programs/proposal_check.html" if review else "programs/proposal_form.html"
    return answer(request, template, context, form)


def say_sent(request: HttpRequest, row: Enrolment) -> None:
    """Whether the proposal went to the verifier or is held first."""
    if row.state == EnrolmentState.DRAFT:
        messages.info(request, _("Usulan sendiri disimpan dan ditahan sampai diperiksa."))
    else:
        messages.info(request, _("1 usulan diajukan ke verifikator."))


def answers_of(form: ProposalForm) -> list[dict[str, Any]]:
    """What was typed, section by section, as the check page repeats it."""
    parts = []
    for _key, label, names in form.SECTIONS:
        pairs = [
            Pair(label=str(form[name].label), value=form.cleaned_data.get(name)) for name in names
        ]
        parts.append({"label": label, "pairs": [shown(pair) for pair in pairs]})
    return parts


def shown(pair: Pair) -> Pair:
    """A typed value in words: a region by its name, the rest as it is."""
    value = pair.value
    return Pair(label=pair.label, value=value.name if hasattr(value, "name") else value)


def section_tasks(sections: list[dict[str, Any]]) -> list[Task]:
    """The task list beside the form."""
    tasks = []
    for part in sections:
        word = Word("netral", _("Belum diisi"))
        if part["wrong"]:
            word = Word("masalah", _("Perlu diperbaiki"))
        elif part["filled"]:
            word = Word("baik", _("Terisi"))
        elif part["optional"]:
            word = Word("netral", _("Tidak wajib"))
        tasks.append(Task(label=str(part["label"]), href=f"#{part['key']}", word=word))
    return tasks


@transaction.atomic
def _propose(request: HttpRequest, version: ProgrammeVersion, data: dict[str, Any]) -> Enrolment:
    """Person, account and proposal in one transaction: all of it or nothing."""
    at = timezone.now()
    person = save_person(person=None, values=person_values(data), by=request.user, at=at)
    account = None
    if data["account"]:
        account = set_account(
            person=person,
            bank_code=version.bank_code,
            number=data["account"],
            holder_name=data["holder_name"] or data["name"],
            by=request.user,
            at=at,
        )
    channel = data["channel"] or form_channel(version.proposal_channels)
    made = services.propose(
        version=version,
        person=person,
        account=account,
        channel=channel,
        companion_name=data["companion_name"],
        note=data["note"],
        by=request.user,
        at=at,
        submit=channel != Channel.SELF,
    )
    if channel == Channel.SELF:
        record_source(enrolment=made, channel=channel, words=SourceWords(), by=request.user, at=at)
    delete_draft(purpose=DRAFT, key=str(version.pk), by=request.user)
    return made


def person_values(data: dict[str, Any]) -> PersonValues:
    """The form's person as the register takes it."""
    plain = ("nik", "name", "birth_place", "birth_date", "sex", "address", "phone", "kk")
    village = data["village"].code
    return PersonValues(
        **{name: data[name] for name in plain},
        family_head=data["family_head"],
        mother_name=data["mother_name"],
        village_id=village,
        area_code=village,
    )


@requires(P.PROPOSAL_SUBMIT)
@require_POST
def proposal_send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a draft, or a corrected proposal again."""
    row = find_enrolment(request, pk)
    note = request.POST.get("note", "")
    try:
        if row.state == EnrolmentState.DRAFT:
            services.submit_draft(enrolment=row, by=request.user, at=timezone.now())
        else:
            services.resubmit(enrolment=row, note=note, by=request.user, at=timezone.now())
        messages.info(request, _("1 usulan diajukan ke verifikator."))
    except Refused as refused:
        say(request, refused)
    return redirect("programs:proposal", pk=row.pk)


@requires(P.PROPOSAL_SUBMIT)
@require_http_methods(["GET", "POST"])
def proposal_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a proposal back, with the reason in words."""
    row = find_enrolment(request, pk)
    form = NoteForm(request.POST or None, label=_("Mengapa ditarik?"))
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw(
                enrolment=row, note=form.cleaned_data["note"], by=request.user, at=timezone.now()
            )
            messages.info(request, _("1 usulan ditarik."))
            return redirect("programs:proposal", pk=row.pk)
        except Refused as refused:
            put_on_form(form, refused)
    title = _("Tarik usulan")
    context = {
        "title": title,
        "button": title,
        "back": reverse("programs:proposal", args=[row.pk]),
        "crumbs": crumbs((_("Usulan"), reverse("programs:proposals")), (title, "")),
    }
    return answer(request, "programs/act.html", context, form)
