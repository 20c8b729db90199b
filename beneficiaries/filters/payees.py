"""Filters of groups, institutions, residents, governments, pillars and workers."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any

import django_filters as df
from django.db.models import DateField, Exists, F, OuterRef, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bansos.lib.dates import MONTHS
from bansos.regions.choices import Level
from beneficiaries.choices import AccountState, GroupState, InstitutionKind, PillarKind
from beneficiaries.filters.people import AreaFilterSet
from beneficiaries.models import (
    BankAccount,
    GovernmentPayee,
    Group,
    Institution,
    Payee,
    Pillar,
    Residency,
    Worker,
)
from beneficiaries.rules.groups import FEWEST

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
    """Groups by area, state, number of members, and whether an account is recorded."""

    area = area_filter("payee__area_code")
    state = df.ChoiceFilter(label=_("Keadaan"), choices=GroupState.choices, empty_label=_("Semua"))

    size = df.ChoiceFilter(
        label=_("Anggota"),
        method="by_size",
        choices=[("kurang", _("Kurang dari 5")), ("cukup", _("5 sampai 20"))],
        empty_label=_("Semua"),
    )
    account = df.ChoiceFilter(
        label=_("Rekening"),
        method="by_account",
        choices=[("ada", _("Sudah dicatat")), ("tidak", _("Belum dicatat"))],
        empty_label=_("Semua"),
    )

    class Meta:
        model = Group
        fields: tuple[str, ...] = ()

    def by_size(self, rows: Any, name: str, value: str) -> Any:
        """The list annotates the number of members."""
        few = Q(member_count__lt=FEWEST)
        return rows.filter(few) if value == "kurang" else rows.exclude(few)

    def by_account(self, rows: Any, name: str, value: str) -> Any:
        """Groups with or without an open account."""
        held = BankAccount.objects.filter(payee=OuterRef("pk")).exclude(state=AccountState.CLOSED)
        return rows.filter(Exists(held) if value == "ada" else ~Exists(held))


def closed_filter() -> df.ChoiceFilter:
    """Payees that go on, or that are closed."""
    return df.ChoiceFilter(
        label=_("Keadaan"),
        method="by_end",
        choices=[("ya", _("Berjalan")), ("tidak", _("Ditutup"))],
        empty_label=_("Semua"),
    )


class InstitutionFilter(AreaFilterSet):
    """Institutions by area, kind, whether an accreditation holds today, and whether closed."""

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

    now = closed_filter()

    class Meta:
        model = Institution
        fields: tuple[str, ...] = ()

    def by_end(self, rows: Any, name: str, value: str) -> Any:
        """Houses that go on, or that are closed."""
        return rows.filter(payee__closed_on__isnull=value == "ya")

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
    """Treasuries by area, level, whether an account is recorded, and whether closed."""

    area = area_filter("payee__area_code")
    level = df.ChoiceFilter(
        label=_("Jenis"),
        field_name="region__level",
        choices=[(Level.REGENCY.value, _("Kabupaten/Kota")), (Level.VILLAGE.value, _("Desa"))],
        empty_label=_("Semua"),
    )
    account = df.ChoiceFilter(
        label=_("Rekening"),
        method="by_account",
        choices=[("ada", _("Sudah dicatat")), ("tidak", _("Belum dicatat"))],
        empty_label=_("Semua"),
    )
    now = closed_filter()

    class Meta:
        model = GovernmentPayee
        fields: tuple[str, ...] = ()

    def by_account(self, rows: Any, name: str, value: str) -> Any:
        """The list annotates the number of open accounts."""
        return rows.filter(account_count__gt=0) if value == "ada" else rows.filter(account_count=0)

    def by_end(self, rows: Any, name: str, value: str) -> Any:
        """Treasuries that go on, or that are closed."""
        return rows.filter(payee__closed_on__isnull=value == "ya")


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
