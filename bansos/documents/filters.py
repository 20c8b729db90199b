"""Filters of the document archive."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from bansos.documents.choices import DocumentState
from bansos.documents.models import Document


class DocumentFilter(django_filters.FilterSet):
    """By state and year."""

    state = django_filters.ChoiceFilter(label=_("Keadaan"), choices=DocumentState.choices)
    year = django_filters.NumberFilter(
        label=_("Tahun terbit"), field_name="issued_at", lookup_expr="year"
    )

    class Meta:
        model = Document
        fields = ("state", "year")
