"""What a list of premiums is about, and which waiting lines of a month are decided together."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bansos.accounts.models import User
from bansos.regions.choices import Level
from bansos.regions.models import Region
from bansos.regions.queries import names_of
from programs.choices import Insurance, PayerKind, PremiumChange, PremiumRoundState
from programs.forms.premiums import month_field, months_around
from programs.forms.proposals import RegionChoice
from programs.models import PremiumRound
from programs.services.premiums.deciding import Choice
from programs.services.premiums.lists import month_title


class RoundChoice(forms.ModelChoiceField):
    """A month of a premium by its programme."""

    def label_from_instance(self, obj: Any) -> str:
        return month_title(obj)


class _OfRegency(forms.Form):
    """A list is of one regency, the officer's own where they have one."""

    area = RegionChoice(
        queryset=None,
        label=_("Kabupaten/Kota"),
        empty_label=_("Pilih"),
        to_field_name="code",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["area"]
        areas = Region.objects.filter(level=Level.REGENCY, code__startswith=user.area_code[:5])
        field.queryset = areas.order_by("code")
        if len(user.area_code) >= len("35.19"):
            field.initial = user.area_code[:5]
            field.empty_label = None


class CandidateListForm(_OfRegency):
    """Which month a list names candidates for, and of which regency."""

    round = RoundChoice(queryset=None, label=_("Daftar premi"), empty_label=_("Pilih"))
    field_order = ("round", "area")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        field: Any = self.fields["round"]
        field.queryset = (
            PremiumRound.objects.visible_to(user)
            .filter(state=PremiumRoundState.OPEN)
            .select_related("plan__version__programme")
            .order_by("-month", "pk")
        )

    def context(self) -> dict[str, Any]:
        """What the import keeps: ids and codes only."""
        return {
            "round": self.cleaned_data["round"].pk,
            "area_code": self.cleaned_data["area"].code,
        }


class PayerListForm(_OfRegency):
    """Who pays for the people of a list, which insurance, since when."""

    insurance = forms.ChoiceField(label=_("Jaminan"), choices=Insurance.choices)
    payer = forms.ChoiceField(
        label=_("Penanggung"),
        choices=[row for row in PayerKind.choices if row[0] != PayerKind.PROVINCE],
    )
    payer_name = forms.CharField(
        label=_("Nama penanggung"),
        max_length=120,
        help_text=_("Untuk baris yang kolom NAMA PENANGGUNG-nya kosong."),
    )
    from_month = month_field(_("Sejak bulan"))
    field_order = ("insurance", "payer", "payer_name", "from_month", "area")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        field: Any = self.fields["from_month"]
        field.choices = months_around(timezone.localdate())

    def context(self) -> dict[str, Any]:
        """What the import keeps; the name is an office's or a company's."""
        data = self.cleaned_data
        return {
            "insurance": data["insurance"],
            "payer": data["payer"],
            "payer_name": " ".join(data["payer_name"].split()),
            "from_month": data["from_month"].isoformat(),
            "area_code": data["area"].code,
        }


class ChoiceForm(forms.Form):
    """Which waiting lines a verifier decides together."""

    perubahan = forms.ChoiceField(
        label=_("Yang menunggu"),
        choices=[(PremiumChange.ADD, _("Calon baru")), (PremiumChange.DROP, _("Usul keluar"))],
    )
    temuan = forms.ChoiceField(
        label=_("Temuan"),
        choices=[("semua", _("Semua")), ("tanpa", _("Tanpa temuan")), ("ada", _("Ada temuan"))],
    )
    kecamatan = forms.ChoiceField(label=_("Kecamatan"))

    def __init__(self, *args: Any, districts: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = names_of(districts)
        field: Any = self.fields["kecamatan"]
        field.choices = [
            ("semua", _("Semua")),
            *((code, names.get(code, code)) for code in districts),
        ]

    def chosen(self) -> dict[str, str]:
        """What is chosen, for the address; what nobody can choose is left out."""
        self.full_clean()
        said = self.cleaned_data if self.is_bound else {}
        return {key: value for key, value in said.items() if value}

    def choice(self) -> Choice:
        """The lines this means."""
        said = self.chosen()
        findings = {"tanpa": False, "ada": True}.get(said.get("temuan", ""))
        return Choice(
            change=said.get("perubahan", PremiumChange.ADD.value),
            with_findings=findings,
            district=said.get("kecamatan", "semua").removeprefix("semua"),
        )


class ManyForm(forms.Form):
    """The reason for all."""

    note = forms.CharField(
        label=_("Alasan"),
        max_length=200,
        required=False,
        help_text=_("Wajib bila menolak, atau bila menyetujui meskipun ada temuan."),
    )
