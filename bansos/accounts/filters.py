"""Filters of account lists."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from bansos.accounts.models import User
from bansos.accounts.permissions import ROLE_CHOICES
from bansos.audit.models import Event
from bansos.regions.choices import Certainty, HolidayKind
from bansos.regions.models import Holiday


class UserFilter(django_filters.FilterSet):
    """By role and state."""

    role = django_filters.ChoiceFilter(label=_("Peran"), choices=ROLE_CHOICES)
    is_active = django_filters.BooleanFilter(label=_("Akun aktif"))

    class Meta:
        model = User
        fields = ("role", "is_active")


class EventFilter(django_filters.FilterSet):
    """By act, actor, day and area."""

    verb = django_filters.CharFilter(
        label=_("Kejadian (awalan)"), field_name="verb", lookup_expr="startswith"
    )
    area_code = django_filters.CharFilter(
        label=_("Kode wilayah"), field_name="area_code", lookup_expr="startswith"
    )
    target_id = django_filters.CharFilter(label=_("Nomor berkas"), field_name="target_id")

    class Meta:
        model = Event
        fields = ("verb", "area_code", "target_id")


class HolidayFilter(django_filters.FilterSet):
    """By year, kind and certainty."""

    tahun = django_filters.NumberFilter(label=_("Tahun"), field_name="day", lookup_expr="year")
    kind = django_filters.ChoiceFilter(label=_("Jenis"), choices=HolidayKind.choices)
    certainty = django_filters.ChoiceFilter(label=_("Kepastian"), choices=Certainty.choices)

    class Meta:
        model = Holiday
        fields = ("tahun", "kind", "certainty")
