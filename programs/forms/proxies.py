"""The form of a letter that lets somebody collect for a recipient."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.accounts.models import User
from bansos.lib.fields import IndonesianDateField, NikField
from beneficiaries.models import Payee
from programs.choices import GuardianKin, ProxyRole, ProxyWho
from programs.services.proxies import ProxyValues

NONE = [("", _("Tidak ada"))]


def _day(label: Any) -> IndonesianDateField:
    return IndonesianDateField(label=label, widget=forms.TextInput(attrs={"data-echo": "tanggal"}))


class ProxyForm(forms.Form):
    """Identity, letter and witness; the programme's rule judges."""

    who = forms.ChoiceField(label=_("Sebagai"), choices=ProxyWho.choices)
    relation = forms.ChoiceField(
        label=_("Hubungan"), choices=[*NONE, *GuardianKin.choices], required=False
    )
    role = forms.ChoiceField(
        label=_("Peran lain"),
        choices=[*NONE, *ProxyRole.choices],
        required=False,
        help_text=_("Bila kuasa ini juga pendamping, pegawai bank, atau aparat."),
    )
    name = forms.CharField(label=_("Nama kuasa"), max_length=150)
    nik = NikField(label=_("NIK kuasa"))
    same_kk = forms.BooleanField(label=_("Dalam KK yang sama dengan penerima"), required=False)
    letter_number = forms.CharField(label=_("Nomor surat kuasa"), max_length=80)
    letter_date = _day(_("Tanggal surat"))
    valid_from = _day(_("Berlaku sejak"))
    valid_until = _day(_("Berlaku sampai"))
    witness_role = forms.ChoiceField(
        label=_("Saksi sebagai"), choices=[*NONE, *ProxyRole.choices], required=False
    )
    witness_name = forms.CharField(label=_("Nama saksi"), max_length=150, required=False)
    confirmed = forms.BooleanField(
        label=_("Sudah dikonfirmasi Dinas Sosial Provinsi"), required=False
    )
    reason = forms.CharField(
        label=_("Alasan memakai kuasa"), max_length=200, help_text=_("Misalnya sakit di rumah.")
    )

    def values(self) -> ProxyValues:
        """What the service takes."""
        return ProxyValues(**self.cleaned_data)


class PayeeForm(forms.Form):
    """The group, institution or government that a proposal is for."""

    payee = forms.ModelChoiceField(
        label=_("Penerima"), queryset=Payee.objects.none(), empty_label=_("Pilih")
    )

    def __init__(self, *args: Any, user: User, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["payee"]
        rows = Payee.objects.visible_to(user).filter(kind=kind, closed_on=None)
        field.queryset = rows.order_by("name")
