"""Shape of input of document pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CheckForm(forms.Form):
    """A check code typed from paper."""

    code = forms.CharField(
        label=_("Kode periksa"),
        max_length=24,
        help_text=_("16 huruf dan angka di kaki dokumen, misalnya ABCD-EFGH-2345-6789."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
