"""Filters of the report archive and of the reference figures."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from monitoring.models import ReferenceFigure, Report
from programs.filters import AreaFilter


class ReportFilter(django_filters.FilterSet):
    """By programme year and area."""

    year = django_filters.NumberFilter(label=_("Tahun anggaran"), field_name="year")
    programme = django_filters.CharFilter(
        label=_("Kode program"), field_name="version__programme__code", lookup_expr="iexact"
    )
    area_code = AreaFilter()

    class Meta:
        model = Report
        fields = ("year", "programme", "area_code")


class ReferenceFilter(django_filters.FilterSet):
    """By indicator, year and area."""

    indicator = django_filters.CharFilter(label=_("Indikator"), lookup_expr="icontains")
    year = django_filters.NumberFilter(label=_("Tahun"), field_name="as_of__year")
    area = AreaFilter()

    class Meta:
        model = ReferenceFigure
        fields: tuple[str, ...] = ()
