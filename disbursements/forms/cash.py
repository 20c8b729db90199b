"""Shape of input at the counter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.lib.fields import IndonesianDateField, RupiahField
from disbursements.choices import CashMark
from disbursements.models import PaymentLine
from disbursements.services.chains import lines_to_heirs


class CounterForm(forms.Form):
    """Where and from when until when."""

    place = forms.CharField(label=_("Tempat loket"), max_length=150)
    opens_on = IndonesianDateField(label=_("Dibuka tanggal"))
    closes_on = IndonesianDateField(
        label=_("Rencana tutup"),
        help_text=_("Hanya pengingat. Loket ditutup oleh orang, tidak dengan sendirinya."),
    )


class PayForm(forms.Form):
    """One payment: how much, when, to whom, with which proof."""

    amount = RupiahField(
        label=_("Jumlah dibayar"), help_text=_("Ketik dari kuitansi. Harus utuh tanpa potongan.")
    )
    paid_on = IndonesianDateField(label=_("Tanggal bayar"))
    by_proxy = forms.BooleanField(
        label=_("Diterima pemegang surat kuasa"),
        required=False,
        help_text=_("Hanya bila penerima tidak datang sendiri; aturan kuasa program berlaku."),
    )
    mark = forms.ChoiceField(
        label=_("Tanda terima"),
        choices=CashMark.choices,
        initial=CashMark.SIGNATURE,
        widget=forms.RadioSelect,
    )
    photo = forms.FileField(
        label=_("Foto penerima dengan kuitansinya"),
        required=False,
        help_text=_("Foto atau pindaian kuitansi; salah satu wajib. JPEG atau PNG, 10 MB."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png", "capture": "environment"}),
    )
    signature = forms.FileField(
        label=_("Kuitansi yang ditandatangani"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
    )

    def __init__(self, *args: Any, line: PaymentLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if lines_to_heirs([line]):
            # An heir comes in person: one heir, one letter.
            del self.fields["by_proxy"]


class RegisterForm(forms.Form):
    """The register as it came back from the counter."""

    table = forms.FileField(
        label=_("Daftar pembayaran tunai yang sudah diisi"),
        help_text=_("XLSX dari Berkas, dengan jumlah, tanggal, penerima, dan tanda terimanya."),
    )
    pages = forms.FileField(
        label=_("Pindaian daftar yang ditandatangani"),
        help_text=_("PDF, JPEG, atau PNG; paling besar 10 MB."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
    )


class UndoForm(forms.Form):
    """Why a receipt is taken back."""

    reason = forms.CharField(label=_("Alasan pembatalan"), max_length=250)
