"""Filters of the lists."""

from __future__ import annotations

from beneficiaries.filters.people import (
    AreaFilterSet,
    EffectFilter,
    FamilyFilter,
    ImportFilter,
    PersonFilter,
    SnapshotFilter,
)

__all__ = [
    "AreaFilterSet",
    "EffectFilter",
    "FamilyFilter",
    "ImportFilter",
    "PersonFilter",
    "SnapshotFilter",
]
