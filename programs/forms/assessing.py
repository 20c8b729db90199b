"""Forms of a proposal's way in, its assessments, its plan, and the assets of a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.lib.fields import RupiahField
from programs.choices import AssetCondition, Channel
from programs.forms.life import day
from programs.models import BusinessPlan, Enrolment
from programs.rules.assessing import SourceWords, allowed_channels
from programs.services.assessing import PlanItem

PLAN_ROWS = 12


class SourceForm(forms.Form):
    """Which way in, and the letter that way needs."""

    channel = forms.ChoiceField(label=_("Jalur usulan"), widget=forms.RadioSelect)
    office = forms.CharField(
        label=_("Nama UPT"), max_length=150, required=False, help_text=_("Untuk usulan UPT.")
    )
    letter_number = forms.CharField(label=_("Nomor surat"), max_length=80, required=False)
    letter_date = day(_("Tanggal surat"), required=False)
    village_head = forms.CharField(
        label=_("Kepala desa/lurah penanda tangan"),
        max_length=150,
        required=False,
        help_text=_("Untuk usulan desa."),
    )
    district_head = forms.CharField(
        label=_("Camat penanda tangan"),
        max_length=150,
        required=False,
        help_text=_("Untuk usulan desa."),
    )

    def __init__(self, *args: Any, enrolment: Enrolment, source: Any, **kwargs: Any) -> None:
        known = {"channel": enrolment.channel}
        if source is not None:
            names = ("office", "letter_number", "letter_date", "village_head", "district_head")
            known |= {name: getattr(source, name) for name in names}
        super().__init__(*args, initial=known, **kwargs)
        field: Any = self.fields["channel"]
        ways = allowed_channels(enrolment.version.proposal_channels)
        field.choices = [(way, Channel(way).label) for way in ways]

    def words(self) -> SourceWords:
        """What the service takes."""
        data = dict(self.cleaned_data)
        del data["channel"]
        return SourceWords(**data)


class AssessForm(forms.Form):
    """One assessment form of a version: a number per question."""

    assessed_on = day(_("Tanggal penilaian"))
    note = forms.CharField(
        label=_("Catatan"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, wanted: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [str(row["code"]) for row in wanted["questions"]]
        questions = {
            f"q_{row['code']}": forms.IntegerField(
                label=f"{row['label']} (0-{row['most']})",
                min_value=0,
                max_value=int(row["most"]),
                widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            )
            for row in wanted["questions"]
        }
        self.fields = {**questions, **self.fields}

    def answers(self) -> dict[str, int]:
        """Question code -> points."""
        return {code: self.cleaned_data[f"q_{code}"] for code in self.codes}


class PlanForm(forms.Form):
    """What business the plan is for."""

    business_kind = forms.ChoiceField(label=_("Jenis usaha"))
    business_name = forms.CharField(
        label=_("Usaha"), max_length=120, help_text=_("Misalnya warung kopi di rumah.")
    )

    def __init__(self, *args: Any, kinds: Sequence[Mapping[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kinds:
            field: Any = self.fields["business_kind"]
            field.choices = [(str(row["code"]), str(row["label"])) for row in kinds]
        else:
            del self.fields["business_kind"]


class PlanLineForm(forms.Form):
    """One item; an empty row is no item."""

    section = forms.ChoiceField(label=_("Bagian"), required=False)
    name = forms.CharField(label=_("Barang"), max_length=120, required=False)
    volume = forms.IntegerField(
        label=_("Banyaknya"),
        min_value=1,
        max_value=100_000,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    unit = forms.CharField(label=_("Satuan"), max_length=30, required=False)
    unit_price = RupiahField(label=_("Harga satuan"), required=False)

    def __init__(self, *args: Any, sections: Sequence[Mapping[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["section"]
        field.choices = [(str(row["code"]), str(row["label"])) for row in sections]
        if not sections:
            del self.fields["section"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        filled = [bool(data.get(name)) for name in ("name", "volume", "unit", "unit_price")]
        if any(filled) and not all(filled) and not self.errors:
            raise forms.ValidationError(_("Lengkapi semua isian baris ini."))
        return data

    def item(self) -> PlanItem | None:
        """The item of the row; None for an empty one."""
        data = self.cleaned_data
        if not data.get("name"):
            return None
        return PlanItem(
            section=data.get("section", ""),
            name=data["name"].strip(),
            volume=data["volume"],
            unit=data["unit"].strip(),
            unit_price=data["unit_price"],
        )


PlanFormSet = forms.formset_factory(PlanLineForm, extra=0, max_num=PLAN_ROWS, min_num=PLAN_ROWS)


def plan_initial(plan: BusinessPlan | None) -> list[dict[str, Any]]:
    """The rows of the plan that counts, to be changed into a new one."""
    if plan is None:
        return []
    names = ("section", "name", "volume", "unit", "unit_price")
    return [{name: getattr(line, name) for name in names} for line in plan.lines.all()]


class AssetForm(forms.Form):
    """One thing the group bought."""

    name = forms.CharField(label=_("Nama aset"), max_length=120)
    quantity = forms.IntegerField(
        label=_("Banyaknya"),
        min_value=1,
        max_value=100_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    value = RupiahField(label=_("Nilai seluruhnya"))
    bought_on = day(_("Tanggal dibeli"))


class AssetCheckForm(forms.Form):
    """In what condition it was found."""

    condition = forms.ChoiceField(
        label=_("Keadaan"), choices=AssetCondition.choices, widget=forms.RadioSelect
    )
    checked_on = day(_("Tanggal dilihat"))
    note = forms.CharField(
        label=_("Catatan"),
        max_length=300,
        required=False,
        help_text=_("Wajib bila tidak baik: apa yang terjadi dan siapa yang memegangnya."),
    )
