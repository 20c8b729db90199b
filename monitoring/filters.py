"""Filters of the report archive."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from monitoring.models import Report


class ReportFilter(django_filters.FilterSet):
    """By programme year and area."""

    year = django_filters.NumberFilter(label=_("Tahun anggaran"), field_name="version__year")
    programme = django_filters.CharFilter(
        label=_("Kode program"), field_name="version__programme__code", lookup_expr="iexact"
    )
    area_code = django_filters.CharFilter(
        label=_("Kode wilayah"), field_name="area_code", lookup_expr="startswith"
    )

    class Meta:
        model = Report
        fields = ("year", "programme", "area_code")
