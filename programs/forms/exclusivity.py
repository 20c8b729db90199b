"""Forms of exclusivity: one row per programme or national list that a version shuts out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beneficiaries.choices import SnapshotKind
from programs.choices import BarDuring, BarPer
from programs.models import Programme, ProgrammeVersion
from programs.rules.exclusivity import REGISTRIES, Bar, bars_of

MOST_BARS = 8


class BarForm(forms.Form):
    """One programme or list, whose help counts and for how long; an empty row is none."""

    what = forms.ChoiceField(label=_("Program atau daftar"), required=False)
    per = forms.ChoiceField(label=_("Yang dihitung"), choices=BarPer.choices)
    during = forms.ChoiceField(label=_("Berlaku"), choices=BarDuring.choices)

    def __init__(self, *args: Any, choices: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = choices  # type: ignore[attr-defined]


BarFormSet = forms.formset_factory(BarForm, extra=0, max_num=MOST_BARS, min_num=MOST_BARS)


def _choices(version: ProgrammeVersion, bars: Sequence[Bar]) -> list[Any]:
    """Programmes of the province but this one, then the national lists; codes that are gone too."""
    rows = Programme.objects.filter(area_code=version.area_code).exclude(pk=version.programme_id)
    known = {code: f"{name} ({code})" for code, name in rows.values_list("code", "name")}
    known |= {bar.programme: bar.programme for bar in bars if bar.programme not in known}
    known.pop("", None)
    programmes = sorted(known.items(), key=lambda pair: pair[1])
    lists = [(f"list:{kind}", SnapshotKind(kind).label) for kind in REGISTRIES]
    return [
        ("", _("Tidak ada")),
        (_("Program provinsi"), [(f"code:{code}", label) for code, label in programmes]),
        (_("Bantuan nasional menurut daftar"), lists),
    ]


def bar_forms(version: ProgrammeVersion, data: Any = None) -> Any:
    """The formset of a version, filled with what it says now."""
    bars = bars_of(version.exclusive_with)
    initial = [
        {
            "what": f"code:{bar.programme}" if bar.programme else f"list:{bar.registry}",
            "per": bar.per,
            "during": bar.during,
        }
        for bar in bars
    ]
    choices = _choices(version, bars)
    return BarFormSet(data or None, initial=initial, form_kwargs={"choices": choices})


def chosen_bars(formset: Any) -> list[Any]:
    """The filled rows as a version keeps them."""
    found = []
    for form in formset:
        data = form.cleaned_data
        kind, _colon, name = str(data.get("what") or "").partition(":")
        if name:
            what = {"programme": name} if kind == "code" else {"registry": name}
            found.append(Bar(**what, per=data["per"], during=data["during"]).stored)
    return found
