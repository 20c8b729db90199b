"""The form of a simulation: its name, the list it is held against, the budget, a threshold."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.lib.fields import RupiahField
from programs.models import ProgrammeVersion, Simulation
from programs.queries.premiums import ceiling_of
from programs.queries.simulations import baselines_for
from programs.rules.thresholds import thresholds
from programs.services.simulations import SimulationValues


class SimulationForm(forms.Form):
    """What somebody says about a simulation."""

    name = forms.CharField(
        label=_("Nama simulasi"),
        max_length=120,
        help_text=_("Misalnya: usia turun ke 65 tahun. Jangan menulis nama orang."),
    )
    baseline = forms.ModelChoiceField(
        label=_("Dibandingkan dengan daftar"),
        queryset=ProgrammeVersion.objects.none(),
        required=False,
        empty_label=_("Tidak dibandingkan"),
    )
    budget = RupiahField(
        label=_("Pagu"),
        required=False,
        help_text=_("Biaya dibandingkan dengan pagu ini. Kosongkan bila belum ada."),
        widget=forms.TextInput(attrs={"data-echo": "rupiah"}),
    )
    threshold = forms.ChoiceField(
        label=_("Ambang yang dicoba"),
        required=False,
        help_text=_("Satu ambang digeser beberapa langkah; hasilnya menjadi gambar."),
    )

    def __init__(
        self,
        *args: Any,
        version: ProgrammeVersion,
        simulation: Simulation | None = None,
        **kwargs: Any,
    ) -> None:
        lists = baselines_for(version)
        kwargs.setdefault("initial", _initial(version, simulation, lists.first()))
        super().__init__(*args, **kwargs)
        self.fields["baseline"].queryset = lists  # type: ignore[attr-defined]
        known = thresholds(simulation.criteria if simulation else version.criteria)
        self.fields["threshold"].choices = [  # type: ignore[attr-defined]
            ("", _("Tidak ada")),
            *((item.key, item.label) for item in known),
        ]

    def values(self) -> SimulationValues:
        """What the service takes."""
        data = self.cleaned_data
        return SimulationValues(
            name=data["name"],
            baseline=data["baseline"],
            budget=data["budget"],
            threshold=data["threshold"],
        )


def _initial(
    version: ProgrammeVersion, simulation: Simulation | None, newest: ProgrammeVersion | None
) -> dict[str, Any]:
    if simulation is None:
        return {"baseline": newest, "budget": ceiling_of(version)}
    names = ("name", "baseline", "budget", "threshold")
    return {name: getattr(simulation, name) for name in names}
