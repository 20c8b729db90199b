"""Filters of the lists: area, sex, state."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django.utils.translation import gettext_lazy as _

from bansos.regions.queries import districts_of, regencies_of
from beneficiaries.choices import ImportState, Sex, SnapshotKind
from beneficiaries.models import Family, ImportBatch, Person, Snapshot

PROVINCE = len("35")


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

    class Meta:
        model = Person
        fields: tuple[str, ...] = ()

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
