"""Pages of institutions with their residents, and of government treasuries."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bansos.accounts.access import find, requires
from bansos.accounts.permissions import Permission as P
from bansos.accounts.queries import signed_in_user
from bansos.audit.queries import timeline_of
from bansos.lib.lists import Action, ListView
from bansos.lib.parts import Crumb, Pair
from bansos.regions.queries import full_name
from beneficiaries.choices import Grade
from beneficiaries.filters.payees import month_choices
from beneficiaries.forms.payees import (
    AccreditForm,
    AdmitForm,
    DischargeForm,
    GovernmentForm,
    InstitutionForm,
    TreasurerForm,
)
from beneficiaries.models import GovernmentPayee, Institution, Residency
from beneficiaries.queries.payees import (
    certificate_word,
    obstacles,
    resident_days,
    residents_on,
)
from beneficiaries.queries.people import payee_panels_of
from beneficiaries.services import payees as services
from beneficiaries.services import residents
from beneficiaries.services.people import person_of_nik
from beneficiaries.tables import GovernmentList, InstitutionList, ResidentList
from beneficiaries.views.accounts import account_cards
from beneficiaries.views.record_form import record_form


class InstitutionListView(ListView):
    """Institutions."""

    spec = InstitutionList
    access = (P.BENEFICIARY_VIEW,)

    def primary_action(self) -> Action | None:
        """A new institution."""
        if not signed_in_user(self.request).can(P.PAYEE_EDIT):
            return None
        return Action(_("Catat lembaga"), reverse("beneficiaries:institution_new"), "plus")


class ResidentListView(ListView):
    """Residents of all institutions; one house or one month by filter."""

    spec = ResidentList
    access = (P.BENEFICIARY_VIEW,)


class GovernmentListView(ListView):
    """Treasuries."""

    spec = GovernmentList
    access = (P.BENEFICIARY_VIEW,)

    def primary_action(self) -> Action | None:
        """A new treasury."""
        if not signed_in_user(self.request).can(P.PAYEE_EDIT):
            return None
        return Action(_("Catat kas"), reverse("beneficiaries:government_new"), "plus")


def _crumbs(row: Institution | None = None) -> list[Crumb]:
    crumbs = [Crumb(label=_("Lembaga"), href=reverse("beneficiaries:institutions"))]
    if row is not None:
        crumbs.append(Crumb(label=row.payee.name, href=row.get_absolute_url()))
    return crumbs


def _institution(request: HttpRequest, pk: int) -> Institution:
    row: Institution = find(
        Institution.objects.select_related("payee__village"), request.user, pk=pk
    )
    return row


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Record an institution."""
    user = signed_in_user(request)
    form = InstitutionForm(request.POST or None, user=user)
    return record_form(
        request,
        form,
        title=_("Catat lembaga"),
        button=_("Simpan lembaga"),
        back=reverse("beneficiaries:institutions"),
        crumbs=_crumbs(),
        act=lambda: services.register_institution(values=form.values(), by=user, at=timezone.now()),
        said=_("Lembaga dicatat."),
    )


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct an institution."""
    row, user = _institution(request, pk), signed_in_user(request)
    form = InstitutionForm(request.POST or None, user=user, institution=row)
    return record_form(
        request,
        form,
        title=_("Ubah data lembaga"),
        button=_("Simpan perubahan"),
        back=row.get_absolute_url(),
        crumbs=_crumbs(row),
        act=lambda: services.change_institution(
            institution=row, values=form.values(), by=user, at=timezone.now()
        ),
        said=_("Perubahan disimpan."),
    )


@requires(P.BENEFICIARY_VIEW)
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One institution: certificates, account, residents and the person-days of a month."""
    row, user = _institution(request, pk), signed_in_user(request)
    today = timezone.localdate()
    months = month_choices(today)
    chosen = request.GET.get("bulan", months[0][0])
    if chosen not in dict(months):
        raise Http404
    days = resident_days(row, date(int(chosen[:4]), int(chosen[5:]), 1), until=today)
    stays = row.residencies.filter(until_date=None).select_related("person")
    context = {
        "institution": row,
        "pairs": _pairs(row, today),
        "certificates": [
            (item, certificate_word(item.grade, item.valid_until, today))
            for item in row.accreditations.order_by("-valid_from", "-pk")
        ],
        "revoked": Grade.REVOKED,
        "obstacles": obstacles([row.payee], on=today)[row.pk],
        "crowded": row.capacity is not None and residents_on(row, today) > row.capacity,
        "stays": list(stays.order_by("person__name", "pk")),
        "months": months,
        "chosen": chosen,
        "days": days,
        "total": sum(count for _person, count in days),
        "list_url": f"{reverse('beneficiaries:residents')}?lembaga={row.pk}&bulan={chosen}",
        "accounts": account_cards(row.payee),
        "panels": payee_panels_of(row.payee, user),
        "events": timeline_of(row.payee),
        "crumbs": _crumbs(row)[:1] + [Crumb(label=row.payee.name)],
        "may_edit": user.can(P.PAYEE_EDIT) and row.payee.closed_on is None,
        "may_reveal": user.can(P.BENEFICIARY_UNMASK),
    }
    return render(request, "beneficiaries/institution.html", context)


def _pairs(row: Institution, today: date) -> list[Pair]:
    pairs = [
        Pair(label=_("Jenis"), value=row.get_kind_display()),
        Pair(label=_("Desa/Kelurahan"), value=full_name(row.payee.area_code)),
        Pair(label=_("Alamat"), value=row.payee.address),
        Pair(label=_("Nomor tanda daftar"), value=row.registration_number),
        Pair(label=_("Kepala"), value=row.head_name),
        Pair(label=_("Daya tampung"), value=row.capacity),
        Pair(label=_("Penghuni hari ini"), value=residents_on(row, today)),
    ]
    if row.payee.closed_on:
        reason = row.payee.close_reason
        pairs.append(Pair(label=_("Ditutup"), value=row.payee.closed_on, hint=reason))
    return pairs


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def accredit(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a certificate; its term follows from the grade."""
    row, user = _institution(request, pk), signed_in_user(request)
    form = AccreditForm(request.POST or None)

    def act() -> Institution:
        data = {**form.cleaned_data, "grade": Grade(form.cleaned_data["grade"])}
        services.accredit(institution=row, by=user, at=timezone.now(), **data)
        return row

    return record_form(
        request,
        form,
        title=_("Catat akreditasi"),
        button=_("Simpan akreditasi"),
        back=row.get_absolute_url(),
        crumbs=_crumbs(row),
        act=act,
        said=_("Akreditasi dicatat."),
        hint=_("Permensos 17/2012: A berlaku 5 tahun, B 3 tahun, C 2 tahun."),
    )


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def admit(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody lives here from a day on."""
    row, user = _institution(request, pk), signed_in_user(request)
    form = AdmitForm(request.POST or None)

    def act() -> Institution:
        data, now = form.cleaned_data, timezone.now()
        residents.admit(
            institution=row,
            person=person_of_nik(nik=data["nik"], by=user, at=now),
            from_date=data["from_date"],
            until_date=data["until_date"],
            by=user,
            at=now,
        )
        return row

    return record_form(
        request,
        form,
        title=_("Catat penghuni"),
        button=_("Simpan penghuni"),
        back=row.get_absolute_url(),
        crumbs=_crumbs(row),
        act=act,
        said=_("Penghuni dicatat."),
        hint=row.payee.name,
    )


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def discharge(request: HttpRequest, pk: int) -> HttpResponse:
    """The last day of a stay."""
    rows = Residency.objects.select_related("institution__payee", "person").filter(until_date=None)
    stay: Residency = find(rows, request.user, pk=pk)
    user = signed_in_user(request)
    form = DischargeForm(request.POST or None)

    def act() -> Any:
        residents.discharge(residency=stay, by=user, at=timezone.now(), **form.cleaned_data)
        return stay.institution

    return record_form(
        request,
        form,
        title=_("Catat kepergian"),
        button=_("Simpan hari terakhir"),
        back=stay.institution.get_absolute_url(),
        crumbs=_crumbs(stay.institution),
        act=act,
        said=_("Kepergian dicatat."),
        hint=stay.person.name,
    )


def _treasury_crumbs() -> list[Crumb]:
    return [Crumb(label=_("Kas pemerintah"), href=reverse("beneficiaries:governments"))]


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def government_new(request: HttpRequest) -> HttpResponse:
    """Record the treasury of a village or regency."""
    user = signed_in_user(request)
    form = GovernmentForm(request.POST or None)
    return record_form(
        request,
        form,
        title=_("Catat kas pemerintah"),
        button=_("Simpan kas"),
        back=reverse("beneficiaries:governments"),
        crumbs=_treasury_crumbs(),
        act=lambda: services.register_government(by=user, at=timezone.now(), **form.cleaned_data),
        said=_("Kas pemerintah dicatat."),
    )


@requires(P.BENEFICIARY_VIEW)
@require_GET
def government(request: HttpRequest, pk: int) -> HttpResponse:
    """One treasury: who keeps it, its account, what stands in the way of paying it."""
    rows = GovernmentPayee.objects.select_related("payee", "region")
    row: GovernmentPayee = find(rows, request.user, pk=pk)
    user = signed_in_user(request)
    pairs = [
        Pair(label=_("Wilayah"), value=full_name(row.region_id)),
        Pair(label=_("Bendahara"), value=row.treasurer_name),
        Pair(label=_("Alamat kantor"), value=row.payee.address),
    ]
    if row.payee.closed_on:
        reason = row.payee.close_reason
        pairs.append(Pair(label=_("Ditutup"), value=row.payee.closed_on, hint=reason))
    context = {
        "government": row,
        "pairs": pairs,
        "obstacles": obstacles([row.payee], on=timezone.localdate())[row.pk],
        "accounts": account_cards(row.payee),
        "panels": payee_panels_of(row.payee, user),
        "events": timeline_of(row.payee),
        "crumbs": [*_treasury_crumbs(), Crumb(label=row.payee.name)],
        "may_edit": user.can(P.PAYEE_EDIT) and row.payee.closed_on is None,
        "may_reveal": user.can(P.BENEFICIARY_UNMASK),
    }
    return render(request, "beneficiaries/government.html", context)


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def treasurer(request: HttpRequest, pk: int) -> HttpResponse:
    """Another treasurer."""
    row: GovernmentPayee = find(
        GovernmentPayee.objects.select_related("payee"), request.user, pk=pk
    )
    user = signed_in_user(request)
    form = TreasurerForm(request.POST or None, government=row)
    return record_form(
        request,
        form,
        title=_("Ganti bendahara"),
        button=_("Simpan bendahara"),
        back=row.get_absolute_url(),
        crumbs=[*_treasury_crumbs(), Crumb(label=row.payee.name, href=row.get_absolute_url())],
        act=lambda: services.change_treasurer(
            government=row, by=user, at=timezone.now(), **form.cleaned_data
        ),
        said=_("Bendahara diganti."),
        hint=row.payee.name,
    )
