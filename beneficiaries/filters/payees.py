"""Filters of groups, institutions, residents, governments, pillars and workers."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any

import django_filters as df
from django.db.models import DateField, F, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bansos.lib.dates import MONTHS
from beneficiaries.choices import GroupState, InstitutionKind, PillarKind
from beneficiaries.filters.people import AreaFilterSet
from beneficiaries.models import (
    GovernmentPayee,
    Group,
    Institution,
    Payee,
    Pillar,
    Residency,
    Worker,
)

MONTHS_BACK = 24


def month_choices(today: date) -> list[tuple[str, str]]:
    """The last months, newest first: ("2026-06", "Juni 2026")."""
    found = []
    year, month = today.year, today.month
    for _step in range(MONTHS_BACK):
        found.append((f"{year}-{month:02d}", f"{MONTHS[month - 1]} {year}"))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found


def area_filter(path: str) -> df.ChoiceFilter:
    """The areas below the user's own, over this path; AreaFilterSet fills the choices."""
    return df.ChoiceFilter(
        label=_("Wilayah"), field_name=path, lookup_expr="startswith", empty_label=_("Semua")
    )


class GroupFilter(AreaFilterSet):
    """Groups by area and state."""

    area = area_filter("payee__area_code")
    state = df.ChoiceFilter(label=_("Keadaan"), choices=GroupState.choices, empty_label=_("Semua"))

    class Meta:
        model = Group
        fields: tuple[str, ...] = ()


class InstitutionFilter(AreaFilterSet):
    """Institutions by area, kind, and whether an accreditation holds today."""

    area = area_filter("payee__area_code")
    kind = df.ChoiceFilter(
        label=_("Jenis"), choices=InstitutionKind.choices, empty_label=_("Semua")
    )
    accredited = df.ChoiceFilter(
        label=_("Akreditasi"),
        method="by_accreditation",
        choices=[("berlaku", _("Berlaku hari ini")), ("tidak", _("Tidak ada atau berakhir"))],
        empty_label=_("Semua"),
    )

    class Meta:
        model = Institution
        fields: tuple[str, ...] = ()

    def by_accreditation(self, rows: Any, name: str, value: str) -> Any:
        """The list annotates the newest certificate of each institution."""
        holds = Q(newest_until__gte=timezone.localdate()) & ~Q(newest_grade="X")
        return rows.filter(holds) if value == "berlaku" else rows.exclude(holds)


class ResidentFilter(AreaFilterSet):
    """Stays by area, institution, month, and whether they go on."""

    area = area_filter("institution__payee__area_code")
    lembaga = df.ModelChoiceFilter(
        label=_("Lembaga"), field_name="institution__payee", queryset=None, empty_label=_("Semua")
    )
    bulan = df.ChoiceFilter(label=_("Bulan"), method="by_month", empty_label=_("Semua"))
    now = df.ChoiceFilter(
        label=_("Keadaan"),
        method="by_end",
        choices=[("ya", _("Masih tinggal")), ("tidak", _("Sudah pergi"))],
        empty_label=_("Semua"),
    )

    class Meta:
        model = Residency
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.request.user  # type: ignore[union-attr]
        houses = Payee.objects.visible_to(user).filter(kind="institution").order_by("name")
        self.filters["lembaga"].queryset = houses
        self.filters["bulan"].extra["choices"] = month_choices(timezone.localdate())

    def by_month(self, rows: Any, name: str, value: str) -> Any:
        """Stays with a day in that month; the list then counts their days in it."""
        year, month = (int(part) for part in value.split("-"))
        first = date(year, month, 1)
        # A month that is not over yet is counted to today.
        last = min(first.replace(day=monthrange(year, month)[1]), timezone.localdate())
        rows = rows.filter(Q(until_date=None) | Q(until_date__gte=first), from_date__lte=last)
        return rows.annotate(
            month_first=Value(first, output_field=DateField()),
            month_last=Value(last, output_field=DateField()),
        )

    def by_end(self, rows: Any, name: str, value: str) -> Any:
        """Stays that go on, or that are over."""
        return rows.filter(until_date__isnull=value == "ya")


class GovernmentFilter(AreaFilterSet):
    """Treasuries by area."""

    area = area_filter("payee__area_code")

    class Meta:
        model = GovernmentPayee
        fields: tuple[str, ...] = ()


class PillarFilter(AreaFilterSet):
    """Pillars by area, kind, and whether they serve."""

    kind = df.ChoiceFilter(label=_("Jenis"), choices=PillarKind.choices, empty_label=_("Semua"))
    serving = df.ChoiceFilter(
        label=_("Keadaan"),
        method="by_end",
        choices=[("ya", _("Bertugas")), ("tidak", _("Selesai"))],
        empty_label=_("Semua"),
    )

    class Meta:
        model = Pillar
        fields: tuple[str, ...] = ()

    def by_end(self, rows: Any, name: str, value: str) -> Any:
        """Pillars that serve, or whose time is over."""
        return rows.filter(active_until__isnull=value == "ya")


class WorkerFilter(AreaFilterSet):
    """Workers by home, and by whether they work in another regency."""

    area = area_filter("person__area_code")
    elsewhere = df.ChoiceFilter(
        label=_("Tempat kerja"),
        method="by_place",
        choices=[("lain", _("Di kabupaten/kota lain")), ("sama", _("Di wilayah KTP"))],
        empty_label=_("Semua"),
    )
    now = df.ChoiceFilter(
        label=_("Keadaan"),
        method="by_end",
        choices=[("ya", _("Bekerja")), ("tidak", _("Berhenti"))],
        empty_label=_("Semua"),
    )

    class Meta:
        model = Worker
        fields: tuple[str, ...] = ()

    def by_place(self, rows: Any, name: str, value: str) -> Any:
        """The list annotates the regencies of home and work."""
        same = Q(home_regency=F("work_regency"))
        return rows.filter(same) if value == "sama" else rows.exclude(same)

    def by_end(self, rows: Any, name: str, value: str) -> Any:
        """People at work, or who stopped."""
        return rows.filter(until_date__isnull=value == "ya")
