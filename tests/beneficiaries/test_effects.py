"""What a registry list would change is shown before it is accepted."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from bansos.lib.crypto import blind_index
from beneficiaries.choices import KeyKind, SnapshotKind
from beneficiaries.models import ImportBatch, ImportEffect, Person, SnapshotEntry
from beneficiaries.queries import facts_about
from beneficiaries.services.snapshots import SnapshotRow, load_snapshot
from programs.choices import EnrolmentState
from programs.models import ProgrammeVersion
from tests.beneficiaries.lists import accepted, checked
from tests.cast import Cast
from tests.factories.beneficiaries import NOW, PersonFactory, SnapshotEntryFactory, SnapshotFactory
from tests.factories.programs import EnrolmentFactory
from tests.lib.sheets import files

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


def context(kind: SnapshotKind, as_of: str = "2026-10-10") -> dict[str, Any]:
    return {
        "kind": kind.value,
        "label": f"{kind.value} {as_of}",
        "as_of": as_of,
        "source": "Lembaga sumber",
        "bast_number": "BAST/9/2026",
        "bast_date": as_of,
    }


def uploaded(cast: Cast, kind: SnapshotKind, rows: list[list[Any]], **more: Any) -> ImportBatch:
    return checked(
        files.xlsx(rows),
        cast.budi,
        purpose="beneficiaries.snapshot",
        context=context(kind, **more),
        area="35.19",
    )


def proposed(cast: Cast) -> Person:
    """Somebody with one open proposal."""
    person: Person = PersonFactory(created_by=cast.sari)
    known = ProgrammeVersion.objects.first()
    version = {"version": known} if known else {}
    EnrolmentFactory(person=person, proposed_by=cast.sari, created_by=cast.sari, **version)
    return person


def effects(batch: ImportBatch) -> dict[int, tuple[str, str]]:
    rows = ImportEffect.objects.filter(batch=batch)
    return {row.person_id: (row.before, row.after) for row in rows}


def test_a_list_of_deaths_shows_whose_proposals_it_touches(cast: Cast, client: Client) -> None:
    alive, dead, stranger = proposed(cast), proposed(cast), PersonFactory()
    header = ["NIK", "NAMA", "TANGGAL MENINGGAL"]
    rows = [[person.nik, "X", date(2026, 9, 1)] for person in (dead, stranger)]
    batch = uploaded(cast, SnapshotKind.DEATH, [header, *rows])
    assert effects(batch) == {dead.pk: ("Hidup", "Tercatat meninggal")}
    assert facts_about([dead], on=TODAY)[dead.pk].died_on is None
    client.force_login(cast.budi)
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "1 usulan terbuka dan 0 penerima terkena." in page
    listed = client.get(f"/penerima/impor/dampak/?daftar={batch.pk}").content.decode()
    assert dead.name in listed
    assert alive.name not in listed
    exported = client.post(
        "/dokumen/ekspor/import-effects/", {"format": "csv", "saringan": f"daftar={batch.pk}"}
    )
    assert exported.status_code in {200, 302}
    accepted(batch, cast.budi)
    assert facts_about([dead], on=TODAY)[dead.pk].died_on == date(2026, 9, 1)
    client.force_login(cast.sari)
    assert client.get("/penerima/impor/dampak/").status_code == 403


def test_dtsen_shows_who_rises_leaves_and_comes(cast: Cast) -> None:
    rises, leaves, comes, same = (proposed(cast) for _ in range(4))
    old = SnapshotFactory(area_code="35", as_of=date(2026, 7, 10), loaded_by=cast.budi)
    for person, desil in ((rises, 2), (leaves, 1), (same, 3)):
        SnapshotEntryFactory(snapshot=old, key_index=person.family.kk_index, desil=desil)
    header = ["NO KK", "NIK", "DESIL"]
    rows = [[person.family.kk, "", desil] for person, desil in ((rises, 6), (comes, 1), (same, 3))]
    batch = uploaded(cast, SnapshotKind.DTSEN, [header, *rows])
    assert effects(batch) == {
        rises.pk: ("Desil 2", "Desil 6"),
        leaves.pk: ("Desil 1", "Tidak terdaftar di DTSEN"),
        comes.pk: ("Tidak terdaftar di DTSEN", "Desil 1"),
    }


def test_a_list_older_than_the_one_in_use_touches_nobody(cast: Cast) -> None:
    person = proposed(cast)
    SnapshotFactory(area_code="35", as_of=date(2026, 7, 10), loaded_by=cast.budi)
    rows = [["NO KK", "NIK", "DESIL"], [person.family.kk, "", 9]]
    assert effects(uploaded(cast, SnapshotKind.DTSEN, rows, as_of="2026-01-10")) == {}


def test_a_place_held_counts_as_recipient(cast: Cast) -> None:
    person = proposed(cast)
    enrolment = person.enrolments.get()
    enrolment.state = EnrolmentState.ACTIVE
    enrolment.active_from, enrolment.decided_at, enrolment.decided_by = TODAY, NOW, cast.vera
    enrolment.save()
    batch = uploaded(cast, SnapshotKind.ASN, [["NIK", "NAMA"], [person.nik, "X"]])
    row = ImportEffect.objects.get(batch=batch)
    assert (row.proposals, row.recipients) == (0, 1)
    assert (row.before, row.after) == ("Belum diketahui", "Ada di daftar")
    assert row.programmes == enrolment.version.programme.name


def load(cast: Cast, kind: SnapshotKind, person: Person | None, code: str = "") -> None:
    rows = [SnapshotRow(key_kind=KeyKind.NIK, key=person.nik or "", code=code)] if person else []
    load_snapshot(
        kind=kind,
        label=kind.label[:80],
        as_of=date(2026, 7, 1),
        source="BKN",
        bast_number="",
        bast_date=None,
        area_code="35",
        rows=rows,
        by=cast.budi,
        at=NOW,
    )


def test_exclusion_lists_stand_beside_each_other(cast: Cast) -> None:
    servant, soldier = PersonFactory(), PersonFactory()
    load(cast, SnapshotKind.ASN, servant)
    load(cast, SnapshotKind.FORCES, soldier)
    load(cast, SnapshotKind.COMPANION, None)
    facts = facts_about([servant, soldier], on=TODAY)
    assert facts[servant.pk].exclusion_codes == ("ASN",)
    assert facts[soldier.pk].exclusion_codes == ("TNI/POLRI",)
    assert set(facts[servant.pk].exclusion_kinds) == {"asn", "forces", "companion"}
    assert facts[servant.pk].exclusion_hits == ("asn",)


def test_the_disability_register_is_unknown_until_it_is_loaded(cast: Cast) -> None:
    listed, other = PersonFactory(), PersonFactory()
    assert facts_about([listed], on=TODAY)[listed.pk].in_disability_register is None
    load(cast, SnapshotKind.DISABILITY, listed, "Fisik")
    facts = facts_about([listed, other], on=TODAY)
    assert facts[listed.pk].in_disability_register is True
    assert facts[other.pk].in_disability_register is False
    assert "E-Disabilitas" in facts[other.pk].disability_source


def test_not_in_dtsen_differs_from_unknown_and_a_desil_is_never_changed(cast: Cast) -> None:
    person = PersonFactory()
    assert facts_about([person], on=TODAY)[person.pk].in_dtsen is None
    entry = SnapshotEntryFactory(
        snapshot=SnapshotFactory(loaded_by=cast.budi), key_index=blind_index("1", "kk"), desil=1
    )
    facts = facts_about([person], on=TODAY)[person.pk]
    assert (facts.in_dtsen, facts.desil) == (False, None)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        SnapshotEntry.objects.filter(pk=entry.pk).update(desil=2)
