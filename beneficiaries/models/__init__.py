"""People, families, accounts, registry snapshots, imports and drafts."""

from __future__ import annotations

from beneficiaries.models.intake import Draft, ImportBatch, ImportRow, Layout
from beneficiaries.models.people import BankAccount, Family, Person
from beneficiaries.models.registry import Snapshot, SnapshotEntry, SnapshotQuerySet

__all__ = [
    "BankAccount",
    "Draft",
    "Family",
    "ImportBatch",
    "ImportRow",
    "Layout",
    "Person",
    "Snapshot",
    "SnapshotEntry",
    "SnapshotQuerySet",
]
