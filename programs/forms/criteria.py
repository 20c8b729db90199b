"""Forms of criteria: which kind to add, the settings of one condition, in the field's own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.lib.fields import IndonesianDateField
from programs.rules import CRITERIA, Param, condition_problems

GROUP_CHOICES = (
    ("any", _("Salah satu terpenuhi")),
    ("all", _("Semua terpenuhi")),
    ("not", _("Tidak satu pun terpenuhi")),
    ("each", _("Setiap anggota kelompok memenuhi semuanya")),
)


class CriterionKindForm(forms.Form):
    """Which kind of criterion to add."""

    code = forms.ChoiceField(
        label=_("Jenis kriteria"), choices=[(item.code, item.label) for item in CRITERIA.values()]
    )


class CriterionForm(forms.Form):
    """The settings of one criterion: its fields follow from its kind."""

    label = forms.CharField(
        label=_("Kalimat sendiri"),
        max_length=200,
        required=False,
        help_text=_("Kosongkan untuk memakai kalimat yang dibuat sistem."),
    )
    waivable = forms.BooleanField(
        label=_("Verifikator boleh menyatakan layak dengan catatan walau tidak memenuhi"),
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        code: str,
        row: Mapping[str, Any] | None = None,
        inside: bool = False,
        **kwargs: Any,
    ):
        self.code = code
        params = (row or {}).get("params") or {}
        if row:
            kwargs.setdefault(
                "initial",
                {
                    "label": row.get("label", ""),
                    "waivable": row.get("waivable", False),
                    **{
                        f"p_{param.name}": _shown(param, params.get(param.name))
                        for param in CRITERIA[code].params
                    },
                },
            )
        super().__init__(*args, **kwargs)
        own = {f"p_{param.name}": _field(param) for param in CRITERIA[code].params}
        self.fields = {**own, **self.fields}
        if inside:  # within a group only the group as a whole may be waived
            del self.fields["waivable"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            for problem in condition_problems(self.row()):
                self.add_error(None, problem)
        return data

    def row(self) -> dict[str, Any]:
        """The criterion as a version keeps it."""
        params = {
            param.name: _typed(param, self.cleaned_data.get(f"p_{param.name}"))
            for param in CRITERIA[self.code].params
        }
        return {
            "code": self.code,
            "params": params,
            "label": self.cleaned_data["label"].strip(),
            "waivable": self.cleaned_data.get("waivable", False),
        }


def _numbers(param: Param) -> forms.Field:
    if param.choices:
        return _ticks(param)
    return forms.RegexField(
        r"^\s*\d+(\s*,\s*\d+)*\s*$",
        label=param.label,
        help_text=_("Angka dipisah koma, misalnya 1, 2, 3, 4."),
    )


def _ticks(param: Param) -> forms.Field:
    return forms.MultipleChoiceField(
        label=param.label,
        choices=param.choices,
        required=not param.optional,
        widget=forms.CheckboxSelectMultiple,
    )


FIELDS: dict[str, Callable[[Param], forms.Field]] = {
    "int": lambda param: forms.IntegerField(
        label=param.label, min_value=0, required=not param.optional
    ),
    "ints": _numbers,
    "choices": _ticks,
    "choice": lambda param: forms.ChoiceField(label=param.label, choices=param.choices),
    "codes": lambda param: forms.CharField(
        label=param.label, required=False, help_text=_("Kode dipisah koma.")
    ),
    "areas": lambda param: forms.CharField(
        label=param.label,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Kode Kemendagri dipisah koma atau baris, misalnya 35.19 atau 35.19.01.2001."),
    ),
    "date": lambda param: IndonesianDateField(label=param.label, required=not param.optional),
    "decimal": lambda param: forms.DecimalField(
        label=param.label, min_value=0, required=not param.optional, localize=False
    ),
    "text": lambda param: forms.CharField(
        label=param.label, max_length=150, required=not param.optional
    ),
}


def _field(param: Param) -> forms.Field:
    return FIELDS[param.kind](param)


def _shown(param: Param, value: Any) -> Any:
    if param.kind == "date" and value:
        return date.fromisoformat(str(value))
    if isinstance(value, list):
        if param.choices:
            return [str(item) for item in value]
        return ("\n" if param.kind == "areas" else ", ").join(str(item) for item in value)
    return value


def _codes(value: Any) -> list[str]:
    return [item.strip() for item in str(value or "").replace("\n", ",").split(",") if item.strip()]


def _typed(param: Param, value: Any) -> Any:
    if value in (None, "", []):
        return param.empty
    if param.kind == "ints":
        return [int(item) for item in (value if param.choices else _codes(value))]
    if param.kind in {"codes", "areas"}:
        return [item.upper() for item in _codes(value)]
    if param.kind == "date":
        return value.isoformat()
    return f"{Decimal(value):f}" if param.kind == "decimal" else value
