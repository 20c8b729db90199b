"""What a list of premiums is about: the month of candidates, the payer of people paid elsewhere."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bansos.accounts.models import User
from bansos.regions.choices import Level
from bansos.regions.models import Region
from programs.choices import Insurance, PayerKind, PremiumRoundState
from programs.forms.premiums import month_field, months_around
from programs.forms.proposals import RegionChoice
from programs.models import PremiumRound
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
