"""Shape of input of account pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.accounts.models import User
from bansos.regions.models import Region


class UserForm(forms.ModelForm):
    """One account: name, role, area."""

    password = forms.CharField(
        label=_("Kata sandi awal"),
        widget=forms.PasswordInput(render_value=False),
        required=False,
        min_length=12,
        help_text=_("Sedikitnya 12 tanda. Kosongkan bila tidak diganti."),
    )

    class Meta:
        model = User
        fields = (
            "username",
            "full_name",
            "email",
            "employee_number",
            "position",
            "role",
            "area_code",
            "is_active",
        )
        labels = {
            "username": _("Nama masuk"),
            "full_name": _("Nama lengkap"),
            "email": _("Surel"),
            "employee_number": _("NIP"),
            "position": _("Jabatan"),
            "role": _("Peran"),
            "area_code": _("Kode wilayah"),
            "is_active": _("Akun aktif"),
        }
        help_texts = {
            "area_code": _("Kode Kemendagri: provinsi 35, kabupaten 35.19, kecamatan 35.19.01.")
        }

    def clean_area_code(self) -> str:
        """The area must be a known region."""
        code = self.cleaned_data["area_code"].strip()
        if not Region.objects.filter(code=code).exists():
            raise forms.ValidationError(_("Kode wilayah ini tidak dikenal. Periksa di Wilayah."))
        return str(code)


class TokenForm(forms.Form):
    """A machine's key."""

    name = forms.CharField(label=_("Nama sambungan"), max_length=80)
    area_code = forms.CharField(label=_("Kode wilayah"), max_length=13)
    days = forms.IntegerField(label=_("Masa berlaku (hari)"), min_value=1, max_value=366)
    permissions = forms.MultipleChoiceField(
        label=_("Hak"), widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(self, *args: object, choices: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["permissions"].choices = choices  # type: ignore[attr-defined]
