"""The form of one receipt of an institution."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.lib.fields import IndonesianDateField, RupiahField


class ReceiptForm(forms.Form):
    """What stands on it, with its picture."""

    number = forms.CharField(label=_("Nomor kuitansi"), max_length=60)
    seller = forms.CharField(label=_("Penjual"), max_length=120)
    issued_on = IndonesianDateField(label=_("Tanggal kuitansi"))
    amount = RupiahField(
        label=_("Jumlah"),
        min_value=Decimal("0.01"),
        widget=forms.TextInput(attrs={"data-echo": "rupiah"}),
    )
    file = forms.FileField(
        label=_("Foto atau PDF kuitansi"),
        help_text=_("JPEG, PNG, atau PDF, paling besar 10 MB."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
    )

    def values(self, size: int) -> dict[str, Any]:
        """What the service takes, the picture read up to `size` bytes and one more."""
        data = dict(self.cleaned_data)
        content = data.pop("file").read(size + 1)
        return {**data, "content": content}
