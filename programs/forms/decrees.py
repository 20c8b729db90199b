"""Forms of verification and decrees: a decision, a new decree, its approval."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.accounts.models import User
from bansos.lib.fields import IndonesianDateField, RupiahField
from bansos.regions.choices import Level
from bansos.regions.models import Region
from programs.choices import EnrolmentState
from programs.forms.proposals import RegionChoice, VersionChoice, open_versions
from programs.models import Decree, ProgrammeVersion
from programs.rules import conditions

DECISIONS = (
    (EnrolmentState.ELIGIBLE, _("Layak")),
    (EnrolmentState.NEEDS_CORRECTION, _("Perlu perbaikan")),
    (EnrolmentState.NOT_ELIGIBLE, _("Tidak layak")),
)


def reason_choices(rows: Any) -> list[tuple[str, str]]:
    """Reasons of a version as choices with an empty one first."""
    return [("", str(_("Pilih alasan"))), *((str(r["code"]), str(r["label"])) for r in rows)]


class DecisionForm(forms.Form):
    """The decision bar of the verifier, with an answer for every field check."""

    decision = forms.ChoiceField(label=_("Putusan"), choices=DECISIONS, widget=forms.RadioSelect)
    reason_code = forms.ChoiceField(
        label=_("Alasan"),
        required=False,
        help_text=_("Wajib untuk Perlu perbaikan dan Tidak layak."),
    )
    note = forms.CharField(
        label=_("Catatan"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Wajib bila ada kriteria yang belum diketahui, bila dokumen wajib belum ada, atau bila"
            " perlu perbaikan."
        ),
    )

    seen = forms.ChoiceField(choices=EnrolmentState.choices, widget=forms.HiddenInput)

    def __init__(self, *args: Any, version: ProgrammeVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason_code"].choices = reason_choices(version.reject_reasons)  # type: ignore[attr-defined]
        questions = {
            str(row["params"]["key"]): str(row["params"]["question"])
            for row in conditions(version.criteria)
            if row["code"] == "field_check"
        }
        self.checks = [(f"lapangan_{key}", key) for key in questions]
        seen = {
            name: forms.ChoiceField(
                label=questions[key],
                required=False,
                choices=[("", _("Belum dilihat")), ("ya", _("Ya")), ("tidak", _("Tidak"))],
            )
            for name, key in self.checks
        }
        self.fields = {**seen, **self.fields}

    def observed(self) -> dict[str, bool]:
        """Key of a field check -> what the verifier saw; what was not looked at is left out."""
        found = {key: self.cleaned_data.get(name) for name, key in self.checks}
        return {key: value == "ya" for key, value in found.items() if value}


class NewDecreeForm(forms.Form):
    """Which programme and area a decree is for."""

    version = VersionChoice(queryset=None, label=_("Program dan tahun"), empty_label=_("Pilih"))
    area = RegionChoice(
        queryset=None,
        label=_("Wilayah"),
        empty_label=_("Pilih"),
        to_field_name="code",
        help_text=_("Satu kabupaten/kota, atau seluruh provinsi."),
    )
    subject = forms.CharField(
        label=_("Tentang"),
        max_length=250,
        required=False,
        help_text=_("Kosongkan untuk memakai judul yang dibuat sistem."),
    )
    formula_budget = RupiahField(
        label=_("Pagu yang dibagi"),
        required=False,
        help_text=_(
            "Hanya untuk program yang membagi pagu ke jumlah penerima. Kosongkan bila SK untuk"
            " seluruh provinsi: pagu program yang dibagi."
        ),
        widget=forms.TextInput(attrs={"data-echo": "rupiah"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = Region.objects.filter(
            level__in=[Level.PROVINCE, Level.REGENCY], code__startswith=user.area_code
        )
        self.fields["version"].queryset = open_versions(user)  # type: ignore[attr-defined]
        self.fields["area"].queryset = areas.order_by("code")  # type: ignore[attr-defined]


class DropForm(forms.Form):
    """Why somebody is left out of a draft."""

    reason_code = forms.ChoiceField(label=_("Alasan"))
    note = forms.CharField(
        label=_("Catatan"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, decree: Decree, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason_code"].choices = reason_choices(decree.version.stop_reasons)  # type: ignore[attr-defined]


class ApproveForm(forms.Form):
    """Number, date and the approver's own password."""

    number = forms.CharField(label=_("Nomor SK"), max_length=80)
    decree_date = IndonesianDateField(
        label=_("Tanggal SK"), widget=forms.TextInput(attrs={"data-echo": "tanggal"})
    )
    password = forms.CharField(
        label=_("Kata sandi Anda"),
        help_text=_("Ditanya lagi karena persetujuan ini tidak dapat dibatalkan."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    seen_hash = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if not self.user.check_password(password):
            raise forms.ValidationError(_("Kata sandi tidak cocok. SK belum disetujui."))
        return password
