"""Shape of a new rail limit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.lib.fields import IndonesianDateField, RupiahField
from disbursements.services.rails import LimitValues
from programs.choices import INTERBANK


class LimitForm(forms.Form):
    """What a rail carries from a day on."""

    rail = forms.ChoiceField(label=_("Jalur"))
    valid_from = IndonesianDateField(
        label=_("Berlaku sejak"),
        help_text=_("Batas lama tetap berlaku sampai hari sebelumnya; tidak ada yang ditimpa."),
    )
    min_amount = RupiahField(label=_("Paling sedikit"), min_value=Decimal(0))
    max_amount = RupiahField(
        label=_("Paling banyak"), required=False, help_text=_("Kosongkan bila tidak dibatasi.")
    )
    fee = RupiahField(
        label=_("Biaya bank"), required=False, help_text=_("Kosongkan bila belum diketahui.")
    )
    is_open = forms.BooleanField(label=_("Jalur dibuka"), required=False, initial=True)
    source = forms.CharField(
        label=_("Sumber"), max_length=200, help_text=_("Peraturan, surat bank, atau laman resmi.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rail: Any = self.fields["rail"]
        rail.choices = [(item.value, item.label) for item in INTERBANK]

    def values(self) -> LimitValues:
        """As the service takes them."""
        return LimitValues(**self.cleaned_data)
