"""Shape of input of the treasurers' pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from bansos.lib.fields import IndonesianDateField, RupiahField
from disbursements.rules.deadlines import Days

FIRST_YEAR, LAST_YEAR = 2020, 2100


class DeadlineForm(forms.Form):
    """The deadlines of a programme year; 0 = none."""

    sp2d = forms.IntegerField(label=_("SP2D terbit (hari kerja)"), min_value=0, max_value=366)
    overbooking = forms.IntegerField(
        label=_("Pemindahbukuan selesai (hari kerja)"), min_value=0, max_value=366
    )
    clarification = forms.IntegerField(
        label=_("Klarifikasi retur (hari kalender)"), min_value=0, max_value=366
    )
    idle = forms.IntegerField(
        label=_("Rekening tanpa transaksi (hari kalender)"), min_value=0, max_value=366
    )
    source = forms.CharField(
        label=_("Sumber"), max_length=150, help_text=_("Misalnya: Juknis PKH Plus 2026, BAB IV.")
    )

    def days(self) -> Days:
        """The lengths as the rules take them."""
        names = ("sp2d", "overbooking", "clarification", "idle")
        return Days(**{name: self.cleaned_data[name] for name in names})


class AccountUseForm(forms.Form):
    """A bank's report of transactions."""

    file = forms.FileField(
        label=_("Laporan transaksi dari bank (XLSX atau CSV)"),
        help_text=_("Kolom: Nomor rekening, Transaksi terakhir (kosong bila belum ada)."),
    )
    reported_on = IndonesianDateField(label=_("Tanggal laporan bank"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reported_on"].widget.attrs["data-echo"] = "tanggal"

    def clean_file(self) -> Any:
        """Within the size limit of every upload."""
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_LIMIT_BYTES:
            raise forms.ValidationError(_("Berkas lebih besar dari 25 MB."))
        return file


class CashPlanForm(forms.Form):
    """Twelve amounts; an empty month is zero."""

    def __init__(
        self, *args: Any, months: Sequence[str], known: Mapping[int, Decimal], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for number, name in enumerate(months, start=1):
            self.fields[f"bulan_{number}"] = RupiahField(
                label=name, required=False, initial=known.get(number)
            )

    def amounts(self) -> dict[int, Decimal]:
        """Month -> amount."""
        return {
            number: self.cleaned_data.get(f"bulan_{number}") or Decimal(0)
            for number in range(1, 13)
        }


class YearForm(forms.Form):
    """Which year; never invalid."""

    tahun = forms.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR)

    def year_or(self, usual: int) -> int:
        """The asked year, or the usual one."""
        return int(self.cleaned_data["tahun"]) if self.is_valid() else usual


class PasswordForm(forms.Form):
    """The password once more, for an act that cannot be undone."""

    password = forms.CharField(
        label=_("Kata sandi Anda"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
