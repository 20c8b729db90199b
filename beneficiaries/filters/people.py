"""Filters of the lists: area, sex, state."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from bansos.regions.queries import districts_of, regencies_of
from beneficiaries.choices import DisabilityKind, ImportState, Ppks, Sex, SnapshotKind
from beneficiaries.models import (
    Disability,
    Family,
    ImportBatch,
    ImportEffect,
    Person,
    PersonCategory,
    Snapshot,
)
from beneficiaries.rules.categories import RESTRICTED

PROVINCE = len("35")
# Restricted categories never stand in a filter: the answer would be the secret.
OPEN_PPKS = [(code.value, code.label) for code in Ppks if code not in RESTRICTED]


def area_choices(area_code: str) -> list[tuple[str, str]]:
    """The next smaller areas: regencies of a province, districts of a regency."""
    regions = regencies_of(area_code) if len(area_code) <= PROVINCE else districts_of(area_code[:5])
    return [(region.code, region.name) for region in regions]


class AreaFilterSet(df.FilterSet):
    """A filter set with the areas below the user's own."""

    area = df.ChoiceFilter(
        label=_("Wilayah"), field_name="area_code", lookup_expr="startswith", empty_label=_("Semua")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.request.user  # type: ignore[union-attr]
        self.filters["area"].extra["choices"] = area_choices(user.area_code)


class PersonFilter(AreaFilterSet):
    """People by area, sex, and whether they live."""

    sex = df.ChoiceFilter(label=_("Jenis kelamin"), choices=Sex.choices, empty_label=_("Semua"))
    died = df.ChoiceFilter(
        label=_("Keadaan"),
        method="by_death",
        choices=[("hidup", _("Hidup")), ("meninggal", _("Tercatat meninggal"))],
        empty_label=_("Semua"),
    )

    ppks = df.ChoiceFilter(
        label=_("Kategori PPKS"), method="by_category", choices=OPEN_PPKS, empty_label=_("Semua")
    )
    disability = df.ChoiceFilter(
        label=_("Disabilitas"),
        method="by_disability",
        choices=DisabilityKind.choices,
        empty_label=_("Semua"),
    )

    class Meta:
        model = Person
        fields: tuple[str, ...] = ()

    def by_category(self, rows: Any, name: str, value: str) -> Any:
        """People who are of a category today; restricted ones cannot be asked for."""
        held = PersonCategory.objects.filter(person=OuterRef("pk"), code=value, until_date=None)
        return rows.filter(Exists(held))

    def by_disability(self, rows: Any, name: str, value: str) -> Any:
        """People with a kind of disability today."""
        held = Disability.objects.filter(person=OuterRef("pk"), kind=value, until_date=None)
        return rows.filter(Exists(held))

    def by_death(self, rows: Any, name: str, value: str) -> Any:
        """People with or without a day of death."""
        return rows.filter(died_on__isnull=value == "hidup")


class FamilyFilter(AreaFilterSet):
    """Families by area."""

    class Meta:
        model = Family
        fields: tuple[str, ...] = ()


class SnapshotFilter(df.FilterSet):
    """Snapshots by kind."""

    kind = df.ChoiceFilter(label=_("Jenis"), choices=SnapshotKind.choices, empty_label=_("Semua"))

    class Meta:
        model = Snapshot
        fields: tuple[str, ...] = ()


class ImportFilter(df.FilterSet):
    """Lists by state."""

    state = df.ChoiceFilter(label=_("Keadaan"), choices=ImportState.choices, empty_label=_("Semua"))

    class Meta:
        model = ImportBatch
        fields: tuple[str, ...] = ()


class EffectFilter(AreaFilterSet):
    """Effects by list, area, and whether a recipient or a proposal is touched."""

    daftar = df.ModelChoiceFilter(label=_("Daftar"), field_name="batch", empty_label=_("Semua"))
    area = df.ChoiceFilter(
        label=_("Wilayah"),
        field_name="person__area_code",
        lookup_expr="startswith",
        empty_label=_("Semua"),
    )
    touched = df.ChoiceFilter(
        label=_("Yang terkena"),
        method="by_case",
        choices=[("usulan", _("Usulan terbuka")), ("penerima", _("Penerima"))],
        empty_label=_("Semua"),
    )

    class Meta:
        model = ImportEffect
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.request.user  # type: ignore[union-attr]
        lists = ImportBatch.objects.visible_to(user).filter(effects__isnull=False).distinct()
        self.filters["daftar"].queryset = lists.defer("sealed_file").order_by("-created_at")
        self.filters["daftar"].field.label_from_instance = lambda batch: batch.file_name

    def by_case(self, rows: Any, name: str, value: str) -> Any:
        """People with an open proposal, or who hold a place."""
        return rows.filter(**{f"{'proposals' if value == 'usulan' else 'recipients'}__gt": 0})
