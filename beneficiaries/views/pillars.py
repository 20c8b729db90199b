"""Pages of social pillars and of workers."""

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
from bansos.lib.lists import Action, ListView
from bansos.lib.parts import Crumb, Pair
from bansos.regions.queries import full_name
from beneficiaries.forms.payees import DischargeForm
from beneficiaries.forms.pillars import PillarDetailsForm, PillarForm, WorkerForm
from beneficiaries.models import Pillar, Worker
from beneficiaries.services import pillars as services
from beneficiaries.services.people import person_of_nik
from beneficiaries.tables import PillarList, WorkerList
from beneficiaries.tables.payees import pillar_name, pillar_word
from beneficiaries.views.record_form import record_form


class PillarListView(ListView):
    """Pillars."""

    spec = PillarList
    access = (P.BENEFICIARY_VIEW,)

    def primary_action(self) -> Action | None:
        """A new pillar."""
        if not signed_in_user(self.request).can(P.PAYEE_EDIT):
            return None
        return Action(_("Catat pilar"), reverse("beneficiaries:pillar_new"), "plus")


class WorkerListView(ListView):
    """Workers."""

    spec = WorkerList
    access = (P.BENEFICIARY_VIEW,)

    def primary_action(self) -> Action | None:
        """A new worker."""
        if not signed_in_user(self.request).can(P.PAYEE_EDIT):
            return None
        return Action(_("Catat pekerja"), reverse("beneficiaries:worker_new"), "plus")


def _crumbs(row: Pillar | None = None) -> list[Crumb]:
    crumbs = [Crumb(label=_("Pilar sosial"), href=reverse("beneficiaries:pillars"))]
    if row is not None:
        crumbs.append(Crumb(label=_("Berkas pilar"), href=row.get_absolute_url()))
    return crumbs


def _pillar(request: HttpRequest, pk: int) -> Pillar:
    row: Pillar = find(Pillar.objects.select_related("person"), request.user, pk=pk)
    return row


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Record a pillar."""
    user = signed_in_user(request)
    form = PillarForm(request.POST or None, initial={"area_code": user.area_code})

    def act() -> Pillar:
        data, now = form.cleaned_data, timezone.now()
        person = person_of_nik(nik=data["nik"], by=user, at=now) if data["nik"] else None
        return services.appoint(
            values=form.values_for(data["kind"], data["area_code"]),
            person=person,
            body_name=data["body_name"],
            by=user,
            at=now,
        )

    return record_form(
        request,
        form,
        title=_("Catat pilar"),
        button=_("Simpan pilar"),
        back=reverse("beneficiaries:pillars"),
        crumbs=_crumbs(),
        act=act,
        said=_("Pilar dicatat."),
    )


@requires(P.BENEFICIARY_VIEW)
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One pillar."""
    row, user = _pillar(request, pk), signed_in_user(request)
    pairs = [
        Pair(
            label=_("Orang"),
            value=row.person.name if row.person else "",
            href=row.person.get_absolute_url() if row.person else "",
        ),
        Pair(label=_("Wilayah tugas"), value=full_name(row.area_code)),
        Pair(label=_("Nomor sertifikat"), value=row.certificate_number),
        Pair(label=_("Tanggal sertifikat"), value=row.certificate_date),
        Pair(label=_("Jumlah dampingan"), value=row.load),
        Pair(
            label=_("Tali asih sebulan"),
            value=_("Belum ditetapkan") if row.honorarium is None else row.honorarium,
        ),
        Pair(label=_("Bertugas sejak"), value=row.active_from),
        Pair(label=_("Hari terakhir"), value=row.active_until, hint=row.end_note),
    ]
    context = {
        "pillar": row,
        "name": pillar_name(row),
        "word": pillar_word(row),
        "pairs": pairs if row.person else pairs[1:],
        "events": timeline_of(row),
        "crumbs": [*_crumbs(), Crumb(label=_("Berkas pilar"))],
        "may_edit": user.can(P.PAYEE_EDIT) and row.active_until is None,
    }
    return render(request, "beneficiaries/pillar.html", context)


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Certificate, load, honorarium, first day."""
    row, user = _pillar(request, pk), signed_in_user(request)
    form = PillarDetailsForm(request.POST or None, initial=PillarDetailsForm.initial_of(row))
    return record_form(
        request,
        form,
        title=_("Ubah data pilar"),
        button=_("Simpan perubahan"),
        back=row.get_absolute_url(),
        crumbs=_crumbs(row),
        act=lambda: services.change_pillar(
            pillar=row,
            values=form.values_for(row.kind, row.area_code),
            by=user,
            at=timezone.now(),
        ),
        said=_("Perubahan disimpan."),
        hint=pillar_name(row),
    )


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """The last day of service."""
    row, user = _pillar(request, pk), signed_in_user(request)
    form = DischargeForm(request.POST or None)

    def act() -> Pillar:
        data = form.cleaned_data
        return services.release(
            pillar=row,
            active_until=data["until_date"],
            note=data["note"],
            by=user,
            at=timezone.now(),
        )

    return record_form(
        request,
        form,
        title=_("Akhiri tugas"),
        button=_("Simpan hari terakhir"),
        back=row.get_absolute_url(),
        crumbs=_crumbs(row),
        act=act,
        said=_("Masa tugas diakhiri."),
        hint=pillar_name(row),
    )


def _worker_crumbs() -> list[Crumb]:
    return [Crumb(label=_("Pekerja"), href=reverse("beneficiaries:workers"))]


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def worker_new(request: HttpRequest) -> HttpResponse:
    """Record where somebody works."""
    user = signed_in_user(request)
    form = WorkerForm(request.POST or None, user=user)

    def act() -> Any:
        data, now = form.cleaned_data, timezone.now()
        company = services.add_company(
            name=data["company"], area_code=data["work_area"], by=user, at=now
        )
        return services.employ(
            person=person_of_nik(nik=data["nik"], by=user, at=now),
            company=company,
            occupation=data["occupation"],
            from_date=data["from_date"],
            source=data["source"],
            by=user,
            at=now,
        )

    return record_form(
        request,
        form,
        title=_("Catat pekerja"),
        button=_("Simpan pekerja"),
        back=reverse("beneficiaries:workers"),
        crumbs=_worker_crumbs(),
        act=act,
        said=_("Pekerja dicatat."),
        hint=_("Wilayah kerja boleh berbeda dengan KTP; BLT lintas wilayah dihitung dari situ."),
    )


@requires(P.PAYEE_EDIT)
@require_http_methods(["GET", "POST"])
def worker_end(request: HttpRequest, pk: int) -> HttpResponse:
    """The last day at the company."""
    rows = Worker.objects.select_related("person", "company").filter(until_date=None)
    row: Worker = find(rows, request.user, pk=pk)
    user = signed_in_user(request)
    form = DischargeForm(request.POST or None)
    del form.fields["note"]
    return record_form(
        request,
        form,
        title=_("Akhiri masa kerja"),
        button=_("Simpan hari terakhir"),
        back=reverse("beneficiaries:person_tab", args=[row.person_id, "keadaan"]),
        crumbs=_worker_crumbs(),
        act=lambda: services.end_work(
            worker=row, until_date=form.cleaned_data["until_date"], by=user, at=timezone.now()
        ),
        said=_("Masa kerja diakhiri."),
        hint=row.person.name,
    )
