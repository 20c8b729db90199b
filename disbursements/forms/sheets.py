"""Shape of an account statement as a table: its headings, and how days and amounts are written."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from disbursements.choices import DateOrder, NumberSigns

# Field of rules/statements/sheet.py -> label and hint, in the order of the page.
HEADINGS: dict[str, tuple[Any, Any]] = {
    "date": (_("Judul kolom tanggal"), ""),
    "reference": (_("Judul kolom referensi"), _("Nomor D… dari berkas kita.")),
    "description": (
        _("Judul kolom keterangan"),
        _("Biaya dan retur dibaca dari sini; referensi juga, bila kolomnya tidak ada."),
    ),
    "debit": (_("Judul kolom debit"), _("Uang keluar. Kosongkan bila hanya ada satu kolom.")),
    "credit": (_("Judul kolom kredit"), _("Uang masuk.")),
    "amount": (_("Judul kolom jumlah"), _("Bila debit dan kredit satu kolom; keluar bertanda −.")),
    "mark": (_("Judul kolom tanda D/K"), _("Bila kolom jumlah tanpa tanda.")),
    "account": (
        _("Judul kolom rekening lawan"),
        _("Tanpa nomor rekening, baris tidak dipasangkan sendiri."),
    ),
    "name": (_("Judul kolom nama lawan"), ""),
    "balance": (_("Judul kolom saldo"), _("Dipakai memeriksa bahwa tidak ada baris yang hilang.")),
    "currency": (_("Judul kolom mata uang"), ""),
    "bank_reference": (_("Judul kolom nomor jurnal bank"), ""),
}


class SheetLayoutForm(forms.Form):
    """A layout, and a file to try it on; the file is read for the preview and not kept."""

    name = forms.CharField(label=_("Nama susunan"), max_length=80)
    bank_code = forms.CharField(label=_("Kode bank"), max_length=3)
    date_order = forms.ChoiceField(label=_("Urutan tanggal"), choices=DateOrder.choices)
    number_signs = forms.ChoiceField(label=_("Tanda sebelum sen"), choices=NumberSigns.choices)
    currency = forms.CharField(label=_("Mata uang bila tidak disebut"), max_length=3, initial="IDR")
    active = forms.BooleanField(
        label=_("Dipakai untuk rekening koran berikutnya"), required=False, initial=True
    )
    sample = forms.FileField(
        label=_("Berkas contoh dari bank"),
        required=False,
        help_text=_("XLSX, XLS, ODS, atau CSV. Hanya dibaca untuk pratinjau, tidak disimpan."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sample = self.fields.pop("sample")
        for name, (label, hint) in HEADINGS.items():
            self.fields[f"col_{name}"] = forms.CharField(
                label=label, help_text=hint, max_length=60, required=name == "date"
            )
        self.fields["sample"] = sample

    def clean_sample(self) -> Any:
        file = self.cleaned_data["sample"]
        if file and file.size > settings.UPLOAD_LIMIT_BYTES:
            raise forms.ValidationError(_("Berkas lebih besar dari 25 MB."))
        return file

    def values(self) -> dict[str, Any]:
        """What services.sheets.save_sheet_layout() takes, of a valid form."""
        plain = ("name", "bank_code", "date_order", "number_signs", "currency", "active")
        columns = {name: self.cleaned_data[f"col_{name}"] for name in HEADINGS}
        return {**{name: self.cleaned_data[name] for name in plain}, "columns": columns}
