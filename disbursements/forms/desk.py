"""The forms of the reconciliation desk, of deposit slips and of corrections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bansos.lib.fields import IndonesianDateField, RupiahField
from bansos.lib.money import rupiah
from disbursements.choices import AsideReason, Outcome, ReturnReason
from disbursements.models import ReturnCase

REASON = {"rows": 3}


class AsideForm(forms.Form):
    """Why a bank row is set aside; alone or with all rows like it in the file."""

    reason = forms.ChoiceField(label=_("Alasan"), choices=AsideReason.choices)
    note = forms.CharField(
        label=_("Catatan"), required=False, max_length=250, widget=forms.Textarea(attrs=REASON)
    )
    alike = forms.BooleanField(
        label=_("Sisihkan juga baris lain dengan sebab yang sama dalam berkas ini"), required=False
    )


class LinkForm(forms.Form):
    """Which payment line a bank row is about, and how that is known."""

    line = forms.ChoiceField(label=_("Baris bayar"), required=False, widget=forms.RadioSelect)
    reference = forms.CharField(
        label=_("Atau referensi baris bayar"),
        required=False,
        max_length=16,
        help_text=_("16 karakter, seperti pada daftar bayar."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    outcome = forms.ChoiceField(
        label=_("Yang terjadi"), choices=Outcome.choices, widget=forms.RadioSelect
    )
    return_reason = forms.ChoiceField(
        label=_("Sebab retur"), choices=[("", "-"), *ReturnReason.choices], required=False
    )
    note = forms.CharField(
        label=_("Dari mana Anda tahu"), max_length=250, widget=forms.Textarea(attrs=REASON)
    )

    def __init__(
        self, *args: Any, lines: Sequence[tuple[int, str]], outcome: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["line"]
        choice.choices = [(str(pk), words) for pk, words in lines]
        if not lines:
            del self.fields["line"]
            self.fields["reference"].label = _("Referensi baris bayar")
        if outcome:
            told: Any = self.fields["outcome"]
            told.choices = [(outcome, Outcome(outcome).label)]
            told.initial = outcome
        if outcome == Outcome.SETTLED:
            del self.fields["return_reason"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not data.get("line") and not data.get("reference"):
            self.add_error("reference", _("Pilih baris bayar, atau isi referensinya."))
        return data


class UndoForm(forms.Form):
    """Why a match or a setting aside is taken back."""

    note = forms.CharField(label=_("Alasan"), max_length=250, widget=forms.Textarea(attrs=REASON))


class AnswerForm(forms.Form):
    """The second person's word about what somebody proposed."""

    agreed = forms.ChoiceField(
        label=_("Usul ini"),
        choices=[("ya", _("Saya sahkan")), ("tidak", _("Saya tolak"))],
        widget=forms.RadioSelect,
    )


class DepositForm(forms.Form):
    """A deposit slip and the returns it covers."""

    sts_number = forms.CharField(label=_("Nomor STS"), max_length=80)
    sts_date = IndonesianDateField(label=_("Tanggal STS"), initial=lambda: timezone.localdate())
    amount = RupiahField(
        label=_("Jumlah pada STS"), help_text=_("Harus sama dengan jumlah retur yang dipilih.")
    )
    cases = forms.MultipleChoiceField(
        label=_("Retur yang disetor"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, cases: Sequence[ReturnCase], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["cases"]
        choice.choices = [
            (
                str(case.pk),
                f"{case.line.payee_name}, {case.line.pay_list.number}, {rupiah(case.amount)}",
            )
            for case in cases
        ]


class Sp2dCorrectionForm(forms.Form):
    """What the SP2D really says, or that it is taken back whole."""

    act = forms.ChoiceField(
        label=_("Koreksi"),
        choices=[
            ("nomor", _("Perbaiki nomor dan tanggal")),
            ("batal", _("Batalkan pencatatan SP2D")),
        ],
        widget=forms.RadioSelect,
        initial="nomor",
    )
    spm_number = forms.CharField(label=_("Nomor SPM"), max_length=80, required=False)
    sp2d_number = forms.CharField(label=_("Nomor SP2D"), max_length=80, required=False)
    sp2d_date = IndonesianDateField(label=_("Tanggal SP2D"), required=False)
    reason = forms.CharField(label=_("Alasan"), max_length=250, widget=forms.Textarea(attrs=REASON))

    def __init__(self, *args: Any, pay_list: Any, whole_off: str = "", **kwargs: Any) -> None:
        names = ("spm_number", "sp2d_number", "sp2d_date")
        initial = {name: getattr(pay_list, name) for name in names}
        super().__init__(*args, initial=initial, **kwargs)
        if whole_off:
            # Not offered, and told why; who asks all the same hears it from the service.
            act: Any = self.fields["act"]
            act.help_text, act.widget.choices = whole_off, act.choices[:1]
        # Taken back whole, nothing of the paper is asked for; corrected, all of it is.
        for name in names:
            self.fields[name].required = self.data.get("act") != "batal"

    def values(self) -> dict[str, Any]:
        """The arguments of the service; no numbers when it is taken back whole."""
        data = dict(self.cleaned_data)
        if data.pop("act") == "batal":
            return {"reason": data["reason"]}
        return data
