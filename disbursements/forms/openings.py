"""Shape of input about collectively opened accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.accounts.models import User
from bansos.lib.fields import IndonesianDateField
from bansos.regions.queries import regencies_of
from disbursements.services.openings import MOST_DAYS, Letter
from programs.choices import VersionState
from programs.models import ProgrammeVersion


class OpeningForm(forms.Form):
    """The letter to the bank."""

    version = forms.ModelChoiceField(
        label=_("Program"), queryset=ProgrammeVersion.objects.none(), empty_label=_("Pilih")
    )
    area_code = forms.ChoiceField(label=_("Kabupaten/Kota"))
    number = forms.CharField(label=_("Nomor surat ke bank"), max_length=80)
    asked_on = IndonesianDateField(label=_("Tanggal surat"))
    count = forms.IntegerField(label=_("Jumlah rekening yang diminta"), min_value=1)
    opening_days = forms.IntegerField(
        label=_("Bank bertindak dalam (hari kerja)"), min_value=1, max_value=MOST_DAYS, initial=10
    )
    report_days = forms.IntegerField(
        label=_("Bank melapor dalam (hari kerja)"), min_value=1, max_value=MOST_DAYS, initial=7
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version: Any = self.fields["version"]
        rows = ProgrammeVersion.objects.visible_to(user).filter(state=VersionState.ACTIVE)
        version.queryset = rows.select_related("programme").order_by("-year", "programme__name")
        area: Any = self.fields["area_code"]
        found = [(row.code, row.name) for row in regencies_of(user.area_code[:2])]
        area.choices = [("", _("Pilih kabupaten/kota")), *found]

    def letter(self) -> Letter:
        """As the service takes it."""
        names = ("number", "asked_on", "count", "opening_days", "report_days")
        return Letter(**{name: self.cleaned_data[name] for name in names})


class ProgressForm(forms.Form):
    """What the bank did about a letter."""

    acted_on = IndonesianDateField(label=_("Bank mulai membuka rekening"))
    reported_on = IndonesianDateField(
        label=_("Laporan bank diterima"),
        required=False,
        help_text=_("Kosongkan selama bank belum melapor."),
    )
    failed = forms.IntegerField(label=_("Gagal dibuka"), min_value=0, initial=0)
    note = forms.CharField(
        label=_("Sebab kegagalan menurut bank"),
        required=False,
        max_length=250,
        help_text=_("Tanpa nama dan nomor orang."),
    )
