"""Forms of the register: people and lists on their way in; payees in a file of their own."""

from __future__ import annotations

from beneficiaries.forms.people import (
    AcceptForm,
    DeathForm,
    MappingForm,
    PersonAccountForm,
    PersonForm,
    RevealForm,
    SnapshotContextForm,
    UploadForm,
    village_choices,
)

__all__ = [
    "AcceptForm",
    "PersonAccountForm",
    "DeathForm",
    "MappingForm",
    "PersonForm",
    "RevealForm",
    "SnapshotContextForm",
    "UploadForm",
    "village_choices",
]
