"""What readers choose: year, programme, area, the period of a report; and a reference figure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.lib.fields import IndonesianDateField
from monitoring.models import ReferenceFigure
from monitoring.queries import areas_for, versions_for, years_for
from monitoring.rules import figure_of
from monitoring.services import ReferenceValues
from programs.queries.coverage import usual_year


class ScopeForm(forms.Form):
    """The chips of the dashboard. Never invalid: an unknown choice counts as none."""

    use_required_attribute = False

    tahun = forms.ChoiceField(label=_("Tahun anggaran"))
    program = forms.ChoiceField(label=_("Program"))
    wilayah = forms.ChoiceField(label=_("Wilayah"))

    def __init__(self, params: Any, *, user: Any, today: date) -> None:
        self.user = user
        self.usual_year = usual_year(user, today=today)
        years = years_for(user) or [self.usual_year]
        self.year = self._number(params.get("tahun"), years) or self.usual_year
        versions = [(row.pk, str(row.programme)) for row in versions_for(user, self.year)]
        areas = areas_for(user)
        self.version_id = self._number(params.get("program"), [pk for pk, _name in versions])
        asked = params.get("wilayah")
        self.area_code = asked if asked in dict(areas) else user.area_code
        super().__init__(
            {"tahun": self.year, "program": self.version_id or 0, "wilayah": self.area_code}
        )
        self._choose("tahun", [(year, str(year)) for year in years])
        self._choose("program", [(0, _("Semua program")), *versions])
        self._choose("wilayah", areas)
        self.names = {"program": dict(versions), "wilayah": dict(areas)}

    def _choose(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  narrows the type
        field.choices = choices

    @staticmethod
    def _number(text: Any, allowed: list[int]) -> int | None:
        number = int(text) if str(text or "").isdecimal() else None
        return number if number in allowed else None


def whole_year(year: int) -> str:
    """The choice "all programmes" of a year."""
    return f"semua-{year}"


class ReportForm(forms.Form):
    """Programme, area and period of a report."""

    version = forms.ChoiceField(label=_("Program dan tahun"))
    area_code = forms.ChoiceField(label=_("Wilayah"))
    from_date = IndonesianDateField(label=_("Dari tanggal"))
    until_date = IndonesianDateField(
        label=_("Sampai tanggal"),
        help_text=_("SP2D, penyaluran, retur, dan setoran dihitung menurut tanggalnya."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version, area = self.fields["version"], self.fields["area_code"]
        assert isinstance(version, forms.ChoiceField)  # noqa: S101  narrows the type
        assert isinstance(area, forms.ChoiceField)  # noqa: S101  narrows the type
        self.versions = {str(row.pk): row for row in versions_for(user)}
        self.years = {whole_year(year): year for year in years_for(user)}
        version.choices = [
            ("", _("Pilih program")),
            *((key, _("Semua program %(year)s") % {"year": self.years[key]}) for key in self.years),
            *((key, f"{row.programme} {row.year}") for key, row in self.versions.items()),
        ]
        area.choices = areas_for(user)

    def asked(self) -> dict[str, Any]:
        """What the service takes: a programme, or the year of all of them."""
        key = self.cleaned_data["version"]
        return {"version": self.versions.get(key), "year": self.years.get(key)}


class ReferenceForm(forms.Form):
    """A reference figure as its source gives it."""

    indicator = forms.CharField(
        label=_("Indikator"),
        max_length=120,
        help_text=_("Nama yang sama untuk setiap tanggal menjadi satu deret."),
    )
    area_code = forms.ChoiceField(label=_("Wilayah"))
    period = forms.CharField(
        label=_("Periode"), max_length=60, help_text=_("Seperti disebut sumbernya: Maret 2023.")
    )
    as_of = IndonesianDateField(label=_("Per tanggal"))
    value = forms.CharField(
        label=_("Nilai"),
        max_length=25,
        help_text=_("Titik untuk ribuan, koma untuk desimal: 383.920 atau 0,82."),
    )
    unit = forms.CharField(
        label=_("Satuan"), max_length=30, help_text=_("Misalnya orang, keluarga, %, atau Rp.")
    )
    source = forms.CharField(label=_("Sumber"), max_length=200)
    note = forms.CharField(label=_("Catatan"), max_length=250, required=False)

    def __init__(
        self, *args: Any, user: Any, figure: ReferenceFigure | None = None, **kwargs: Any
    ) -> None:
        if figure is not None:
            names = ("indicator", "area_code", "period", "as_of", "unit", "source", "note")
            initial = {name: getattr(figure, name) for name in names}
            kwargs.setdefault("initial", {**initial, "value": _typed(figure.value)})
        super().__init__(*args, **kwargs)
        area = self.fields["area_code"]
        assert isinstance(area, forms.ChoiceField)  # noqa: S101  narrows the type
        area.choices = areas_for(user)

    def clean_value(self) -> Decimal:
        value = figure_of(self.cleaned_data["value"])
        if value is None:
            raise forms.ValidationError(_("Tulis angka seperti 383.920 atau 0,82."))
        return value

    def values(self) -> ReferenceValues:
        """What the service takes."""
        return ReferenceValues(**self.cleaned_data)


def _typed(value: Decimal) -> str:
    """The number as an officer would type it."""
    return f"{value:f}".rstrip("0").rstrip(".").replace(".", ",")
