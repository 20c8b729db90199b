"""Forms of pillars and workers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.accounts.models import User
from bansos.lib.fields import NikField, RupiahField
from bansos.regions.choices import Level
from bansos.regions.queries import regencies_of
from beneficiaries.choices import PillarKind
from beneficiaries.forms.payees import CodeField, day_field, nik_field
from beneficiaries.models import Pillar
from beneficiaries.services.pillars import PillarValues

DETAILS = ("certificate_number", "certificate_date", "load", "honorarium", "active_from")


class PillarDetailsForm(forms.Form):
    """What may change about a pillar: certificate, load, honorarium, first day."""

    certificate_number = forms.CharField(label=_("Nomor sertifikat"), max_length=80, required=False)
    certificate_date = day_field(_("Tanggal sertifikat"), required=False)
    load = forms.IntegerField(
        label=_("Jumlah dampingan"),
        min_value=0,
        max_value=100_000,
        required=False,
        help_text=_("Kosongkan bila belum diketahui."),
    )
    honorarium = RupiahField(
        label=_("Tali asih sebulan"),
        required=False,
        widget=forms.TextInput(attrs={"data-echo": "rupiah"}),
        help_text=_("Kosongkan bila belum ditetapkan; kosong tidak sama dengan nol."),
    )
    active_from = day_field(_("Bertugas sejak"))

    @staticmethod
    def initial_of(row: Pillar) -> dict[str, Any]:
        """What stands now."""
        return {name: getattr(row, name) for name in DETAILS}

    def values_for(self, kind: str, area_code: str) -> PillarValues:
        """What the service takes."""
        details = {name: self.cleaned_data[name] for name in DETAILS}
        return PillarValues(kind=PillarKind(kind), area_code=area_code, **details)


class PillarForm(PillarDetailsForm):
    """A new pillar: a person by NIK, or a body by its name."""

    kind = forms.ChoiceField(label=_("Jenis"), choices=PillarKind.choices)
    nik = NikField(
        label=_("NIK"),
        required=False,
        widget=forms.TextInput(attrs={"data-echo": "nik"}),
        help_text=_("Untuk perorangan. Orangnya harus sudah ada di daftar penerima."),
    )
    body_name = forms.CharField(
        label=_("Nama badan"),
        max_length=150,
        required=False,
        help_text=_("Untuk LKS, karang taruna, LK3, WKSBM, dunia usaha, keluarga pionir."),
    )
    area_code = CodeField(
        label=_("Wilayah tugas"),
        levels=(Level.PROVINCE, Level.REGENCY, Level.DISTRICT, Level.VILLAGE),
        help_text=_("Kode Kemendagri: 35.19.01 untuk kecamatan, 35.19.01.2001 untuk desa."),
    )
    field_order = ("kind", "nik", "body_name", "area_code", *DETAILS)


class WorkerForm(forms.Form):
    """Who works at which company."""

    nik = nik_field()
    company = forms.CharField(label=_("Perusahaan"), max_length=150)
    work_area = forms.ChoiceField(label=_("Kabupaten/kota tempat kerja"))
    occupation = forms.CharField(label=_("Pekerjaan"), max_length=80, required=False)
    from_date = day_field(_("Bekerja sejak"), required=False)
    source = forms.CharField(
        label=_("Sumber"),
        max_length=150,
        required=False,
        help_text=_("Misalnya daftar perusahaan atau surat Disnaker."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places: Any = self.fields["work_area"]
        regencies = regencies_of(user.area_code[:2])
        places.choices = [("", _("Pilih kabupaten/kota"))]
        places.choices += [(region.code, region.name) for region in regencies]
