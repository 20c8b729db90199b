"""Filters of the treasurers' lists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from disbursements.choices import LineState, ListState, ReturnReason
from disbursements.filters import seen_budgets, seen_lists
from disbursements.models import BankPart, CashPlan, PayList, PaymentLine, ReturnCase
from programs.choices import Rail
from programs.filters import VersionFilter
from programs.models import Enrolment

CREDITED = ("credited", _("Tersalur"))
NOT_CREDITED = ("not", _("Tidak tersalur"))
UNANSWERED = ("unanswered", _("Belum dijawab bank"))
OUTCOMES: dict[str, tuple[LineState, ...]] = {
    "credited": (LineState.SETTLED,),
    "not": (LineState.RETURNED, LineState.REPAID, LineState.PAID_BACK),
    "unanswered": (LineState.SUBMITTED, LineState.UNKNOWN),
}
# (key, words, from days, to days)
AGES = (
    ("10", _("0 sampai 10 hari"), 0, 10),
    ("30", _("11 sampai 30 hari"), 11, 30),
    ("60", _("31 sampai 60 hari"), 31, 60),
    ("lama", _("Lebih dari 60 hari"), 61, 40_000),
)
MONTHS = tuple((str(number), str(number)) for number in range(1, 13))


def _area() -> django_filters.CharFilter:
    return django_filters.CharFilter(label=_("Kode wilayah"), lookup_expr="startswith")


class FundsFilter(django_filters.FilterSet):
    """By state, programme and area."""

    state = django_filters.MultipleChoiceFilter(
        label=_("Keadaan"),
        choices=[
            (state.value, state.label)
            for state in (ListState.LOCKED, ListState.AWAITING, ListState.APPROVED)
        ],
    )
    version = VersionFilter()
    area_code = _area()

    class Meta:
        model = PayList
        fields = ("state", "version", "area_code")


class CreditFilter(django_filters.FilterSet):
    """By outcome, cause, programme, stage and area."""

    hasil = django_filters.ChoiceFilter(
        label=_("Hasil"), choices=(CREDITED, NOT_CREDITED, UNANSWERED), method="with_outcome"
    )
    reason = django_filters.MultipleChoiceFilter(
        label=_("Sebab"), field_name="return_case__reason", choices=ReturnReason.choices
    )
    daftar = django_filters.ModelChoiceFilter(
        label=_("Daftar bayar"),
        field_name="pay_list",
        queryset=seen_lists,
        empty_label=_("Semua"),
    )
    version = VersionFilter(field_name="pay_list__version")
    stage = django_filters.NumberFilter(label=_("Nomor tahap"), field_name="stage__number")
    area_code = _area()

    class Meta:
        model = PaymentLine
        fields = ("hasil", "reason", "daftar", "version", "stage", "area_code")

    def with_outcome(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Lines that ended so."""
        return rows.filter(state__in=OUTCOMES[value])


class MissedFilter(django_filters.FilterSet):
    """By programme and area."""

    version = VersionFilter()
    area_code = _area()

    class Meta:
        model = Enrolment
        fields = ("version", "area_code")


class IdleFilter(django_filters.FilterSet):
    """By what the bank reported, list, programme and area."""

    laporan = django_filters.ChoiceFilter(
        label=_("Laporan bank"),
        choices=(("ada", _("Tanpa transaksi menurut bank")), ("belum", _("Belum dilaporkan"))),
        method="with_report",
    )
    daftar = django_filters.ModelChoiceFilter(
        label=_("Daftar bayar"),
        field_name="pay_list",
        queryset=seen_lists,
        empty_label=_("Semua"),
    )
    version = VersionFilter(field_name="pay_list__version")
    area_code = _area()

    class Meta:
        model = PaymentLine
        fields = ("laporan", "daftar", "version", "area_code")

    def with_report(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Lines the bank has, or has not, reported on."""
        return rows.filter(account_use__isnull=value == "belum")


class AgeFilter(django_filters.FilterSet):
    """By age, cause, programme and area."""

    umur = django_filters.ChoiceFilter(
        label=_("Umur retur"),
        choices=[(key, words) for key, words, _first, _last in AGES],
        method="of_age",
    )
    reason = django_filters.MultipleChoiceFilter(label=_("Sebab"), choices=ReturnReason.choices)
    version = VersionFilter(field_name="line__pay_list__version")
    area_code = _area()

    class Meta:
        model = ReturnCase
        fields = ("umur", "reason", "version", "area_code")

    def of_age(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Returns whose age lies in the class."""
        today = timezone.localdate()
        _key, _words, first, last = next(item for item in AGES if item[0] == value)
        return rows.filter(
            returned_on__lte=today - timedelta(days=first),
            returned_on__gte=today - timedelta(days=last),
        )


class BankFilter(django_filters.FilterSet):
    """By rail, bank, year, programme and area."""

    rail = django_filters.MultipleChoiceFilter(label=_("Saluran"), choices=Rail.choices)
    bank = django_filters.CharFilter(label=_("Kode bank"), field_name="bank_code")
    year = django_filters.NumberFilter(
        label=_("Tahun anggaran"), field_name="pay_list__version__year"
    )
    version = VersionFilter(field_name="pay_list__version")
    area_code = _area()

    class Meta:
        model = BankPart
        fields = ("rail", "bank", "year", "version", "area_code")


class CashPlanFilter(django_filters.FilterSet):
    """By budget line, year and month."""

    budget = django_filters.ModelChoiceFilter(
        label=_("DPA"), queryset=seen_budgets, empty_label=_("Semua")
    )
    year = django_filters.NumberFilter(label=_("Tahun anggaran"), field_name="budget__year")
    month = django_filters.ChoiceFilter(label=_("Bulan"), choices=MONTHS)

    class Meta:
        model = CashPlan
        fields = ("budget", "year", "month")
