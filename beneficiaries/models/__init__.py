"""People, families, payees, accounts, registry snapshots, imports and drafts.

A payment points to exactly one of two things: a `Person`, or a `Payee` when whoever is paid is no
person. A `Payee` (kind `group`, `institution` or `government`, name, area) is the anchor: point
to it with a foreign key, print its `name` and `area_code`, pay its `open_account(bank_code)`. What
its kind adds stands in a one-to-one row whose primary key is the payee's: `payee.group`,
`payee.institution`, `payee.government`, or `payee.detail` for any of them. Whether it may be paid
on a day (members, accreditation, account, signatories) is answered in one place for all kinds:
`beneficiaries.queries.payees.obstacles(payees, on=day)`, payee id -> findings.

A `BankAccount` belongs to a person or to a payee, never to both and never to none. Pillars
(companions, Tagana) and workers are people and are paid as such.
"""

from __future__ import annotations

from beneficiaries.models.groups import Group, GroupMember
from beneficiaries.models.institutions import Accreditation, Institution, Residency
from beneficiaries.models.intake import Draft, ImportBatch, ImportEffect, ImportRow, Layout
from beneficiaries.models.payees import GovernmentPayee, Payee
from beneficiaries.models.people import BankAccount, Family, Person
from beneficiaries.models.pillars import Company, Pillar, Worker
from beneficiaries.models.registry import Snapshot, SnapshotEntry, SnapshotQuerySet
from beneficiaries.models.traits import (
    Disability,
    FamilyMember,
    FamilyMove,
    Guardian,
    PersonCategory,
)

__all__ = [
    "Accreditation",
    "BankAccount",
    "Company",
    "Disability",
    "Draft",
    "Family",
    "FamilyMember",
    "FamilyMove",
    "GovernmentPayee",
    "Group",
    "GroupMember",
    "Guardian",
    "ImportBatch",
    "ImportEffect",
    "ImportRow",
    "Institution",
    "Layout",
    "Payee",
    "Person",
    "PersonCategory",
    "Pillar",
    "Residency",
    "Snapshot",
    "SnapshotEntry",
    "SnapshotQuerySet",
    "Worker",
]
