"""Filters of the lists."""

from __future__ import annotations

from beneficiaries.filters.people import (
    AreaFilterSet,
    FamilyFilter,
    ImportFilter,
    PersonFilter,
    SnapshotFilter,
)

__all__ = ["AreaFilterSet", "FamilyFilter", "ImportFilter", "PersonFilter", "SnapshotFilter"]
