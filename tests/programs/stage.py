"""The ground of these tests: PKH Plus 2026, registry snapshots, people that fit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from beneficiaries.choices import KeyKind, SnapshotKind
from beneficiaries.models import Person, Snapshot
from programs.models import ProgrammeVersion
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory, SnapshotEntryFactory, SnapshotFactory
from tests.factories.programs import ProgrammeVersionFactory

AT = datetime(2026, 2, 2, 3, 0, tzinfo=UTC)


def pkh_plus(cast: Cast, **fields: Any) -> ProgrammeVersion:
    """The active version of 2026 with complete snapshots of DTSEN, PKH and deaths.

    Its paper is asked for but not required, so that a decision needs no note.
    """
    papers = [{"code": "ktp", "label": "Foto KTP", "required": False}]
    fields = {"required_documents": papers, **fields}
    version = ProgrammeVersionFactory(programme__agency=cast.agency, **fields)
    for kind, label in (
        (SnapshotKind.DTSEN, "DTSEN v1"),
        (SnapshotKind.PKH, "PKH 2026-1"),
        (SnapshotKind.DEATH, "Kematian 2026-01"),
    ):
        SnapshotFactory(kind=kind, label=label, as_of=date(2026, 1, 10), loaded_by=cast.budi)
    return version


def elder(cast: Cast, *, desil: int = 2, pkh: bool = True, **fields: Any) -> Person:
    """Somebody of 75 in a PKH family of desil 2; `desil=0` is not in DTSEN."""
    person = PersonFactory(created_by=cast.sari, **fields)
    if person.family is None:
        return person
    key = person.family.kk_index
    if desil:
        dtsen = Snapshot.objects.get(kind=SnapshotKind.DTSEN)
        SnapshotEntryFactory(snapshot=dtsen, key_kind=KeyKind.KK, key_index=key, desil=desil)
    if pkh:
        families = Snapshot.objects.get(kind=SnapshotKind.PKH)
        SnapshotEntryFactory(snapshot=families, key_kind=KeyKind.KK, key_index=key)
    return person
