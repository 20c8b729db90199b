"""Forms about places: the rule of order, a shift of places, a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.regions.queries import regencies_of
from programs.models import ProgrammeVersion
from programs.rules.ranking import RANK_KEYS
from programs.rules.versions import MOST_PLACES


def _rules() -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [("", _("Tidak dipakai"))]
    for key, (label, directions) in RANK_KEYS.items():
        found += [(f"{key}:{way}", f"{label}: {words}") for way, words in directions.items()]
    return found


class RankingForm(forms.Form):
    """Up to four keys, the first decides first, and whether a place that falls free is refilled."""

    first = forms.ChoiceField(label=_("Pertama menurut"), required=False, choices=_rules)
    second = forms.ChoiceField(label=_("Bila sama, menurut"), required=False, choices=_rules)
    third = forms.ChoiceField(label=_("Bila masih sama, menurut"), required=False, choices=_rules)
    fourth = forms.ChoiceField(label=_("Terakhir menurut"), required=False, choices=_rules)
    replacement = forms.ChoiceField(
        label=_("Tempat yang kosong sesudah SK"),
        choices=[("yes", _("Ditawarkan kepada daftar tunggu")), ("no", _("Tidak diganti"))],
    )
    PLACES = ("first", "second", "third", "fourth")

    def __init__(self, *args: Any, version: ProgrammeVersion, **kwargs: Any) -> None:
        rule = version.ranking
        keys = [f"{row['key']}:{row['direction']}" for row in rule.get("keys") or ()]
        first = dict(zip(self.PLACES, keys, strict=False))
        kwargs.setdefault("initial", {**first, "replacement": rule.get("replacement", "yes")})
        super().__init__(*args, **kwargs)

    def ranking(self) -> dict[str, Any]:
        """The rule as a version keeps it."""
        chosen = [self.cleaned_data[name] for name in self.PLACES if self.cleaned_data[name]]
        pairs = [text.split(":") for text in chosen]
        return {
            "keys": [{"key": key, "direction": direction} for key, direction in pairs],
            "replacement": self.cleaned_data["replacement"],
        }


class ShiftForm(forms.Form):
    """Places from one regency to another, and why."""

    from_area = forms.ChoiceField(label=_("Dari"), required=False)
    to_area = forms.ChoiceField(label=_("Ke"))
    places = forms.IntegerField(label=_("Jumlah tempat"), min_value=1, max_value=MOST_PLACES)
    reason = forms.CharField(
        label=_("Alasan"), max_length=250, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, version: ProgrammeVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regencies = [(row.code, row.name) for row in regencies_of(version.area_code)]
        self.fields["from_area"].choices = [  # type: ignore[attr-defined]
            ("", _("Sisa yang belum dibagi")),
            *regencies,
        ]
        self.fields["to_area"].choices = [("", _("Pilih")), *regencies]  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """A reason that is kept."""

    reason = forms.CharField(
        label=_("Alasan"), max_length=250, widget=forms.Textarea(attrs={"rows": 3})
    )


class OfferAnswerForm(forms.Form):
    """What the person said to the place."""

    answer = forms.ChoiceField(
        label=_("Jawaban"),
        choices=[("accepted", _("Menerima")), ("declined", _("Menolak"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Catatan"),
        max_length=250,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Wajib bila menolak."),
    )
