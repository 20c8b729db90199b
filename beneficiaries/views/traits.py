"""Forms about one person over time: disability, PPKS category, guardian, and their end."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from bansos.lib.parts import Crumb
from beneficiaries.choices import DisabilityKind, GuardianRelation, Ppks
from beneficiaries.forms.traits import (
    CategoryForm,
    DisabilityForm,
    EndTraitForm,
    GuardianForm,
)
from beneficiaries.models import Disability, Guardian, Person, PersonCategory
from beneficiaries.rules.categories import RESTRICTED
from beneficiaries.services import traits as services
from beneficiaries.services.people import person_of_nik
from beneficiaries.views.record_form import record_form

KINDS: dict[str, Any] = {
    "disabilitas": Disability,
    "ppks": PersonCategory,
    "wali": Guardian,
}


def _person(request: HttpRequest, pk: int) -> Person:
    row: Person = find(Person.objects, request.user, pk=pk)
    return row


def _form(request: HttpRequest, person: Person, form: Any, act: Any, **words: Any) -> HttpResponse:
    back = reverse("beneficiaries:person_tab", args=[person.pk, "keadaan"])

    def run() -> None:
        act()

    return record_form(
        request,
        form,
        back=back,
        crumbs=[Crumb(label=_("Berkas orang"), href=back)],
        act=run,
        hint=person.name,
        **words,
    )


@requires(P.BENEFICIARY_ENTER)
@require_http_methods(["GET", "POST"])
def disability(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a disability."""
    person, user = _person(request, pk), signed_in_user(request)
    form = DisabilityForm(request.POST or None)

    def act() -> None:
        data = form.cleaned_data
        services.record_disability(
            person=person,
            kind=DisabilityKind(data["kind"]),
            since=data["since"],
            source=data["source"],
            note=data["note"],
            activities=form.activities(),
            by=user,
            at=timezone.now(),
        )

    return _form(
        request,
        person,
        form,
        act,
        title=_("Catat disabilitas"),
        button=_("Simpan disabilitas"),
        said=_("Disabilitas dicatat."),
    )


@requires(P.BENEFICIARY_ENTER)
@require_http_methods(["GET", "POST"])
def category(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a PPKS category."""
    person, user = _person(request, pk), signed_in_user(request)
    form = CategoryForm(request.POST or None, user=user)

    def act() -> None:
        data = {**form.cleaned_data, "code": Ppks(form.cleaned_data["code"])}
        services.add_category(person=person, by=user, at=timezone.now(), **data)

    return _form(
        request,
        person,
        form,
        act,
        title=_("Catat kategori PPKS"),
        button=_("Simpan kategori"),
        said=_("Kategori PPKS dicatat."),
    )


@requires(P.BENEFICIARY_ENTER)
@require_http_methods(["GET", "POST"])
def guardian(request: HttpRequest, pk: int) -> HttpResponse:
    """Record who acts for the person."""
    ward, user = _person(request, pk), signed_in_user(request)
    form = GuardianForm(request.POST or None)

    def act() -> None:
        data, now = form.cleaned_data, timezone.now()
        services.set_guardian(
            ward=ward,
            person=person_of_nik(nik=data["nik"], by=user, at=now),
            relation=GuardianRelation(data["relation"]),
            letter_number=data["letter_number"],
            letter_date=data["letter_date"],
            from_date=data["from_date"],
            by=user,
            at=now,
        )

    return _form(
        request,
        ward,
        form,
        act,
        title=_("Catat wali"),
        button=_("Simpan wali"),
        said=_("Wali dicatat."),
    )


@requires(P.BENEFICIARY_ENTER)
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Something recorded is over; a restricted category only for who may see it."""
    if kind not in KINDS:
        raise Http404
    user = signed_in_user(request)
    trait: Any = find(KINDS[kind].objects.filter(until_date=None), user, pk=pk)
    if kind == "ppks" and trait.code in RESTRICTED and not user.can(P.SENSITIVE_VIEW):
        raise Http404
    person = trait.ward if kind == "wali" else trait.person
    form = EndTraitForm(request.POST or None)
    return _form(
        request,
        person,
        form,
        lambda: services.end_trait(
            trait=trait, until_date=form.cleaned_data["until_date"], by=user, at=timezone.now()
        ),
        title=_("Akhiri catatan"),
        button=_("Simpan tanggal berakhir"),
        said=_("Catatan diakhiri."),
    )
