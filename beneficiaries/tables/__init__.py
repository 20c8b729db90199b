"""The lists of the register: people and intake; payees, pillars and workers in their own file."""

from __future__ import annotations

from beneficiaries.tables.people import (
    FamilyList,
    ImportList,
    PersonList,
    SnapshotList,
    import_word,
    snapshot_word,
)

__all__ = [
    "FamilyList",
    "ImportList",
    "PersonList",
    "SnapshotList",
    "import_word",
    "snapshot_word",
]
