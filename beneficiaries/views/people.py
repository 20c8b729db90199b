"""Pages of people and families: lists, one person, editing, opening a masked number."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from bansos.audit.queries import timeline_of
from bansos.lib.errors import BadInput, Refused, Stale
from bansos.lib.lists import Action, ListView
from bansos.lib.nik import mask_account, mask_nik
from bansos.lib.parts import Change, Crumb, Tab
from bansos.regions.queries import full_name, names_of
from beneficiaries.forms import DeathForm, PersonAccountForm, PersonForm, RevealForm
from beneficiaries.forms.traits import ACTIVITY_LABELS
from beneficiaries.models import BankAccount, Family, Person
from beneficiaries.queries import facts_about, panels_of, warnings_about
from beneficiaries.queries.people import (
    account_word,
    flags_of,
    identity_pairs,
    registry_pairs,
)
from beneficiaries.queries.traits import answers_of, household_of, state_of
from beneficiaries.rules import SEARCH_LETTERS, is_number_search
from beneficiaries.services import people as services
from beneficiaries.tables import PersonList

TABS = {
    "ringkasan": "beneficiaries/person_ringkasan.html",
    "keluarga": "beneficiaries/person_keluarga.html",
    "keadaan": "beneficiaries/person_keadaan.html",
    "program": "beneficiaries/person_program.html",
    "rekening": "beneficiaries/person_rekening.html",
    "riwayat": "beneficiaries/person_riwayat.html",
}


class PersonListView(ListView):
    """People; a whole number goes straight to its person and into the trail."""

    spec = PersonList
    access = (P.BENEFICIARY_VIEW,)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = request.POST.get("q", "")
        if is_number_search(text):
            found = services.find_by_number(
                number=text, by=signed_in_user(request), at=timezone.now()
            )
            if len(found) == 1:
                return redirect(found[0])
            if not found:
                messages.info(request, _("Nomor itu tidak ada di daftar penerima wilayah Anda."))
        elif text.strip() and len(text.replace(" ", "")) < SEARCH_LETTERS:
            messages.info(request, _("Tulis paling sedikit 3 huruf dari namanya."))
        return super().post(request, *args, **kwargs)

    def primary_action(self) -> Action | None:
        """Lists are the usual way in."""
        if signed_in_user(self.request).can(P.IMPORT_RUN):
            return Action(_("Impor data"), reverse("beneficiaries:imports"), "file-import")
        return None


def _crumbs(person: Person, last: str = "") -> list[Crumb]:
    crumbs = [Crumb(label=_("Daftar penerima"), href=reverse("beneficiaries:people"))]
    if last:
        crumbs.append(Crumb(label=_("Berkas orang"), href=person.get_absolute_url()))
    return [*crumbs, Crumb(label=last or _("Berkas orang"))]


def _tabs(person: Person, current: str, *, programmes: bool) -> list[Tab]:
    words = {
        "ringkasan": _("Ringkasan"),
        "keluarga": _("Keluarga"),
        "keadaan": _("Keadaan"),
        "program": _("Program & bantuan"),
        "rekening": _("Rekening"),
        "riwayat": _("Riwayat"),
    }
    return [
        Tab(
            label=words[key],
            href=reverse("beneficiaries:person", args=[person.pk])
            if key == "ringkasan"
            else reverse("beneficiaries:person_tab", args=[person.pk, key]),
            active=key == current,
        )
        for key in TABS
        if key != "program" or programmes
    ]


@requires(P.BENEFICIARY_VIEW)
@require_GET
def person(request: HttpRequest, pk: int, tab: str = "ringkasan") -> HttpResponse:
    """One person: who it is, what the registries say, what the house did."""
    rows = Person.objects.select_related("family", "village")
    row = find(rows, request.user, pk=pk)
    if tab not in TABS:
        raise Http404
    today = timezone.localdate()
    facts = facts_about([row], on=today)[row.pk]
    names = names_of([row.area_code])
    panels = panels_of(row, signed_in_user(request))
    if tab == "program" and not panels:
        raise Http404
    context = {
        "person": row,
        "tab": tab,
        "tabs": _tabs(row, tab, programmes=bool(panels)),
        "crumbs": _crumbs(row),
        "area": full_name(row.area_code, names),
        "kk": row.family.kk_masked if row.family else "",
        "flags": flags_of(row, facts),
        "warnings": warnings_about(row, facts),
        "may_edit": signed_in_user(request).can(P.BENEFICIARY_ENTER),
        "may_reveal": signed_in_user(request).can(P.BENEFICIARY_UNMASK),
    }
    context |= _tab_context(
        row, tab, facts=facts, names=names, panels=panels, user=signed_in_user(request)
    )
    return render(request, TABS[tab], context)


def _tab_context(row: Person, tab: str, **known: Any) -> dict[str, Any]:
    if tab == "ringkasan":
        return {
            "identity": identity_pairs(row, on=timezone.localdate(), names=known["names"]),
            "registry": registry_pairs(known["facts"]),
            "panels": known["panels"],
            "numbers": _numbers(row),
        }
    if tab == "keluarga":
        house = household_of(row.family, known["user"]) if row.family else None
        return {"members": house.members if house else []}
    if tab == "keadaan":
        state = state_of(row, known["user"])
        answers = [(item, answers_of(item, ACTIVITY_LABELS)) for item in state.disabilities]
        may_end_work = known["user"].can(P.PAYEE_EDIT)
        return {"state": state, "answers": answers, "may_end_work": may_end_work}
    if tab == "program":
        return {"panels": known["panels"]}
    if tab == "rekening":
        accounts = row.accounts.order_by("-created_at", "-pk")
        return {"accounts": [(account, account_word(account)) for account in accounts]}
    return {"events": timeline_of(row)}


def _numbers(row: Person) -> list[tuple[str, str, str]]:
    """(label, masked, address that asks for a purpose) of the person's secret fields."""
    found = [(_("NIK"), row.nik_masked, reverse("beneficiaries:reveal", args=["nik", row.pk]))]
    if row.family:
        address = reverse("beneficiaries:reveal", args=["kk", row.family.pk])
        found.append((_("Nomor KK"), row.family.kk_masked, address))
    hidden = "••••••"
    for field, label, value in (
        ("mother_name", _("Nama ibu kandung"), row.mother_name),
        ("phone", _("Nomor HP"), row.phone),
    ):
        if value:
            address = reverse("beneficiaries:reveal", args=[field, row.pk])
            found.append((label, hidden, address))
    return found


@requires(P.BENEFICIARY_ENTER)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a person's data; a change by somebody else meanwhile is shown, not overwritten."""
    row = find(Person.objects.select_related("family"), request.user, pk=pk)
    form = PersonForm(request.POST or None, person=row, user=signed_in_user(request))
    context = {"person": row, "form": form, "crumbs": _crumbs(row, _("Ubah data"))}
    if request.method != "POST":
        return render(request, "beneficiaries/person_form.html", context)
    if not form.is_valid():
        return render(request, "beneficiaries/person_form.html", context, status=422)
    try:
        services.save_person(
            person=row,
            values=form.values(),
            by=signed_in_user(request),
            at=timezone.now(),
            expected_version=form.cleaned_data["version"],
        )
    except Stale as stale:
        context |= {"refused": stale, "changes": _changes(row, form)}
        return render(request, "beneficiaries/person_form.html", context, status=409)
    except Refused as refused:
        for field in refused.fields or {"": ""}:
            form.add_error(field if field in form.fields else None, str(refused.message))
        return render(request, "beneficiaries/person_form.html", context, status=refused.status)
    messages.info(request, _("Perubahan disimpan."))
    return redirect(row)


def _changes(row: Person, form: PersonForm) -> list[Change]:
    """What stands now against what was typed; secret fields are left out."""
    now, typed = PersonForm.initial_of(row), form.cleaned_data
    return [
        Change(label=str(form.fields[name].label), before=now[name] or "", after=typed[name] or "")
        for name in ("name", "birth_place", "birth_date", "sex", "address", "home_outside")
    ]


@requires(P.BENEFICIARY_ENTER)
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """Record another account; the older one at that bank is closed, never overwritten."""
    row = find(Person.objects, request.user, pk=pk)
    user = signed_in_user(request)
    bank = user.agency.bank_code if user.agency else ""
    form = PersonAccountForm(
        request.POST or None, initial={"bank_code": bank, "holder_name": row.name}
    )
    if request.method == "POST" and form.is_valid():
        services.set_account(person=row, by=user, at=timezone.now(), **form.cleaned_data)
        messages.info(request, _("Rekening dicatat."))
        return redirect("beneficiaries:person_tab", pk=row.pk, tab="rekening")
    return _side_form(request, row, form, title=_("Catat rekening"), button=_("Simpan rekening"))


@requires(P.BENEFICIARY_ENTER)
@require_http_methods(["GET", "POST"])
def death(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that a person died; from then on nothing is paid to them."""
    row = find(Person.objects, request.user, pk=pk)
    form = DeathForm(
        request.POST or None, initial={"died_on": row.died_on, "source": row.death_source}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.record_death(
                person=row, by=signed_in_user(request), at=timezone.now(), **form.cleaned_data
            )
        except BadInput as wrong:
            form.add_error("died_on", str(wrong.message))
        else:
            messages.info(request, _("Kematian dicatat."))
            return redirect(row)
    return _side_form(
        request, row, form, title=_("Catat kematian"), button=_("Simpan tanggal meninggal")
    )


def _side_form(
    request: HttpRequest, row: Person, form: Any, *, title: str, button: str
) -> HttpResponse:
    context = {
        "person": row,
        "form": form,
        "title": title,
        "button": button,
        "crumbs": _crumbs(row, title),
    }
    status = 422 if form.errors else 200
    return render(request, "beneficiaries/person_side_form.html", context, status=status)


REVEAL_WORDS = {
    "nik": (Person, "nik", mask_nik),
    "mother_name": (Person, "mother_name", lambda text: "••••••"),
    "phone": (Person, "phone", mask_account),
    "kk": (Family, "kk", mask_nik),
    "rekening": (BankAccount, "number", mask_account),
}
REVEAL_LABELS = {
    "nik": gettext_lazy("NIK"),
    "mother_name": gettext_lazy("Nama ibu kandung"),
    "phone": gettext_lazy("Nomor HP"),
    "kk": gettext_lazy("Nomor KK"),
    "rekening": gettext_lazy("Nomor rekening"),
}


@requires(P.BENEFICIARY_UNMASK)
@require_http_methods(["GET", "POST"])
def reveal(request: HttpRequest, field: str, pk: int) -> HttpResponse:
    """Ask for a purpose, then show one whole number for a minute."""
    if field not in REVEAL_WORDS:
        raise Http404
    model, name, mask = REVEAL_WORDS[field]
    target: Any = find(model.objects, request.user, pk=pk)  # type: ignore[attr-defined]
    owner = target.owner if isinstance(target, BankAccount) else target
    form = RevealForm(request.POST or None)
    context = {
        "form": form,
        "owner": owner,
        "label": str(REVEAL_LABELS[field]),
        "back": owner.get_absolute_url(),
        "value": "",
        "masked": "",
    }
    if request.method != "POST":
        return render(request, "beneficiaries/reveal.html", context)
    if not form.is_valid():
        return render(request, "beneficiaries/reveal.html", context, status=422)
    try:
        value = services.reveal(
            target=target,
            field=name,
            purpose=form.cleaned_data["purpose"],
            note=form.cleaned_data["note"],
            by=signed_in_user(request),
            at=timezone.now(),
        )
    except (BadInput, Refused) as refused:
        form.add_error(None, str(refused.message))
        return render(request, "beneficiaries/reveal.html", context, status=refused.status)
    context |= {"value": value, "masked": mask(value)}
    return render(request, "beneficiaries/reveal.html", context)
