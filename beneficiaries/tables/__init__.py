"""The lists of the register: people and intake; payees, pillars and workers in their own file."""

from __future__ import annotations

from beneficiaries.tables.payees import (
    GovernmentList,
    GroupList,
    InstitutionList,
    PillarList,
    ResidentList,
    WorkerList,
)
from beneficiaries.tables.people import (
    EffectList,
    FamilyList,
    ImportList,
    PersonList,
    SnapshotList,
    import_word,
    snapshot_word,
)

__all__ = [
    "EffectList",
    "FamilyList",
    "GovernmentList",
    "GroupList",
    "ImportList",
    "InstitutionList",
    "PersonList",
    "PillarList",
    "ResidentList",
    "SnapshotList",
    "WorkerList",
    "import_word",
    "snapshot_word",
]
