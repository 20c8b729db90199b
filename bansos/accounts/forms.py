"""Shape of input of account pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.accounts.models import User
from bansos.lib.fields import IndonesianDateField
from bansos.regions.choices import Certainty, HolidayKind
from bansos.regions.models import Region
from bansos.regions.queries import regencies_of
from bansos.regions.services.calendar import FIRST_YEAR, LAST_YEAR, DayOff


class UserForm(forms.ModelForm):
    """One account: name, role, area."""

    password = forms.CharField(
        label=_("Kata sandi awal"),
        widget=forms.PasswordInput(render_value=False),
        required=False,
        min_length=12,
        help_text=_("Sedikitnya 12 tanda. Kosongkan bila tidak diganti."),
    )

    class Meta:
        model = User
        fields = (
            "username",
            "full_name",
            "email",
            "employee_number",
            "position",
            "role",
            "area_code",
            "is_active",
        )
        labels = {
            "username": _("Nama masuk"),
            "full_name": _("Nama lengkap"),
            "email": _("Surel"),
            "employee_number": _("NIP"),
            "position": _("Jabatan"),
            "role": _("Peran"),
            "area_code": _("Kode wilayah"),
            "is_active": _("Akun aktif"),
        }
        help_texts = {
            "area_code": _("Kode Kemendagri: provinsi 35, kabupaten 35.19, kecamatan 35.19.01.")
        }

    def clean_area_code(self) -> str:
        """The area must be a known region."""
        code = self.cleaned_data["area_code"].strip()
        if not Region.objects.filter(code=code).exists():
            raise forms.ValidationError(_("Kode wilayah ini tidak dikenal. Periksa di Wilayah."))
        return str(code)


class TokenForm(forms.Form):
    """A machine's key."""

    name = forms.CharField(label=_("Nama sambungan"), max_length=80)
    area_code = forms.CharField(label=_("Kode wilayah"), max_length=13)
    days = forms.IntegerField(label=_("Masa berlaku (hari)"), min_value=1, max_value=366)
    permissions = forms.MultipleChoiceField(
        label=_("Hak"), widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(self, *args: object, choices: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["permissions"].choices = choices  # type: ignore[attr-defined]


class HolidayForm(forms.Form):
    """One day of the calendar: of the whole province, or of one regency."""

    day = IndonesianDateField(label=_("Tanggal"))
    name = forms.CharField(label=_("Nama hari libur"), max_length=120)
    kind = forms.ChoiceField(label=_("Jenis"), choices=HolidayKind.choices)
    area_code = forms.ChoiceField(label=_("Berlaku di"))
    certainty = forms.ChoiceField(label=_("Kepastian"), choices=Certainty.choices)
    source = forms.CharField(
        label=_("Sumber"),
        max_length=150,
        help_text=_("Nomor SKB tiga menteri, atau surat edaran gubernur/bupati."),
    )

    def __init__(self, *args: Any, area_code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].widget.attrs["data-echo"] = "tanggal"
        field: Any = self.fields["area_code"]
        field.choices = [
            (area_code[:2], _("Seluruh provinsi")),
            *((region.code, region.name) for region in regencies_of(area_code[:2])),
        ]

    def found(self) -> DayOff:
        """The day as the service takes it."""
        data = self.cleaned_data
        return DayOff(
            day=data["day"],
            name=data["name"],
            kind=HolidayKind(data["kind"]),
            certainty=Certainty(data["certainty"]),
            source=data["source"],
        )


class YearForm(forms.Form):
    """A year of the calendar."""

    year = forms.IntegerField(label=_("Tahun"), min_value=FIRST_YEAR, max_value=LAST_YEAR)


class ConfirmYearForm(YearForm):
    """Declares the estimates of a year official."""

    source = forms.CharField(
        label=_("Dasar (nomor dan tanggal SKB)"),
        max_length=150,
        help_text=_(
            "Cocokkan dahulu setiap hari dengan SKB. Baris yang salah diubah atau dihapus."
        ),
    )


class ReasonForm(forms.Form):
    """Why a day leaves the calendar."""

    reason = forms.CharField(label=_("Alasan"), max_length=200)


class CalendarFileForm(forms.Form):
    """A list of holidays."""

    file = forms.FileField(
        label=_("Daftar hari libur (XLSX atau CSV)"),
        help_text=_("Kolom: Tanggal, Nama, Jenis; boleh ditambah Sumber dan Kepastian."),
    )
