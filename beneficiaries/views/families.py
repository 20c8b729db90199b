"""Pages of one family: who is in it, who was, all help; relations, transfers, splits, moves."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from bansos.audit.queries import timeline_of
from bansos.lib.lists import ListView
from bansos.lib.parts import Crumb, Pair
from bansos.regions.queries import full_name
from beneficiaries.choices import FamilyChange, Relation
from beneficiaries.forms.traits import (
    FamilyMoveForm,
    RelationForm,
    SplitForm,
    TransferForm,
)
from beneficiaries.models import Family, Person
from beneficiaries.queries import facts_about, panels_of
from beneficiaries.queries.people import registry_pairs
from beneficiaries.queries.traits import Household, desil_history, household_of
from beneficiaries.services import families as services
from beneficiaries.tables import FamilyList
from beneficiaries.views.record_form import record_form


class FamilyListView(ListView):
    """Families."""

    spec = FamilyList
    access = (P.BENEFICIARY_VIEW,)


def _crumbs(row: Family | None = None) -> list[Crumb]:
    crumbs = [Crumb(label=_("Keluarga (KK)"), href=reverse("beneficiaries:families"))]
    if row is not None:
        crumbs.append(Crumb(label=_("Berkas keluarga"), href=row.get_absolute_url()))
    return crumbs


def _family(request: HttpRequest, pk: int) -> Family:
    row: Family = find(Family.objects.select_related("village", "split_from"), request.user, pk=pk)
    return row


@requires(P.BENEFICIARY_VIEW)
@require_GET
def family(request: HttpRequest, pk: int) -> HttpResponse:
    """One family: members with their relation, every help of each, and its history."""
    row, user = _family(request, pk), signed_in_user(request)
    house = household_of(row, user)
    origin = row.split_from
    if origin is not None and not Family.objects.visible_to(user).filter(pk=origin.pk).exists():
        origin = None
    context = {
        "family": row,
        "house": house,
        "help": [(person, panels_of(person, user)) for person, _relation in house.members],
        "origin": origin,
        "desils": desil_history(row),
        "registry": _registry(house),
        "area": full_name(row.area_code),
        "crumbs": [*_crumbs(), Crumb(label=_("Berkas keluarga"))],
        "events": timeline_of(row),
        "may_edit": user.can(P.BENEFICIARY_ENTER),
        "may_reveal": user.can(P.BENEFICIARY_UNMASK),
    }
    return render(request, "beneficiaries/family.html", context)


def _registry(house: Household) -> list[Pair]:
    """What the registries say of the family today, asked for its first member."""
    if not house.members:
        return []
    person = house.members[0][0]
    facts = facts_about([person], on=timezone.localdate())[person.pk]
    return registry_pairs(facts)[:2]


@requires(P.BENEFICIARY_ENTER)
@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, pk: int) -> HttpResponse:
    """Some members get a card of their own."""
    row, user = _family(request, pk), signed_in_user(request)
    members = [person for person, _relation in household_of(row, user).members]
    form = SplitForm(request.POST or None, members=members)

    def act() -> Any:
        data = form.cleaned_data
        return services.split_family(
            family=row,
            kk=data["kk"],
            members=form.placed(),
            on=data["on"],
            by=user,
            at=timezone.now(),
        )

    return record_form(
        request,
        form,
        title=_("Pecah KK"),
        button=_("Buat KK baru"),
        back=row.get_absolute_url(),
        crumbs=_crumbs(row),
        act=act,
        said=_("KK baru dibuat; riwayat di KK lama tetap ada."),
        hint=_("Pilih siapa yang pindah ke KK baru; tepat satu di antaranya kepala keluarga."),
    )


@requires(P.BENEFICIARY_ENTER)
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole family lives elsewhere."""
    row, user = _family(request, pk), signed_in_user(request)
    form = FamilyMoveForm(request.POST or None, user=user)

    def act() -> Family:
        services.move_family(family=row, by=user, at=timezone.now(), **form.cleaned_data)
        return row

    return record_form(
        request,
        form,
        title=_("Catat pindah alamat"),
        button=_("Simpan alamat baru"),
        back=row.get_absolute_url(),
        crumbs=_crumbs(row),
        act=act,
        said=_("Alamat baru disimpan untuk semua anggota yang hidup."),
    )


def _person(request: HttpRequest, pk: int) -> Person:
    row: Person = find(Person.objects.select_related("family"), request.user, pk=pk)
    return row


@requires(P.BENEFICIARY_ENTER)
@require_http_methods(["GET", "POST"])
def relation(request: HttpRequest, pk: int) -> HttpResponse:
    """The relation of a person to the head of the family."""
    person, user = _person(request, pk), signed_in_user(request)
    form = RelationForm(request.POST or None)
    back = reverse("beneficiaries:person_tab", args=[person.pk, "keluarga"])

    def act() -> None:
        data = form.cleaned_data
        services.set_relation(
            person=person,
            relation=Relation(data["relation"]),
            on=data["on"],
            by=user,
            at=timezone.now(),
        )

    return record_form(
        request,
        form,
        title=_("Catat hubungan keluarga"),
        button=_("Simpan hubungan"),
        back=back,
        crumbs=[Crumb(label=_("Berkas orang"), href=back)],
        act=act,
        said=_("Hubungan disimpan."),
        hint=person.name,
    )


@requires(P.BENEFICIARY_ENTER)
@require_http_methods(["GET", "POST"])
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """A person moves to another family card."""
    person, user = _person(request, pk), signed_in_user(request)
    form = TransferForm(request.POST or None)
    back = reverse("beneficiaries:person_tab", args=[person.pk, "keluarga"])

    def act() -> None:
        data = form.cleaned_data
        services.transfer(
            person=person,
            kk=data["kk"],
            relation=Relation(data["relation"]),
            change=FamilyChange(data["change"]),
            on=data["on"],
            by=user,
            at=timezone.now(),
        )

    return record_form(
        request,
        form,
        title=_("Pindah KK"),
        button=_("Simpan KK baru"),
        back=back,
        crumbs=[Crumb(label=_("Berkas orang"), href=back)],
        act=act,
        said=_("Pindah KK dicatat; riwayat di KK lama tetap ada."),
        hint=person.name,
    )
