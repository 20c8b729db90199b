"""People, families, accounts, snapshots and lists for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime

import factory

from beneficiaries.choices import AccountState, KeyKind, SnapshotKind
from beneficiaries.models import (
    BankAccount,
    Draft,
    Family,
    ImportBatch,
    ImportRow,
    Layout,
    Person,
    Snapshot,
    SnapshotEntry,
)
from tests.factories.accounts import UserFactory

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


# Numbers of one day; the next ones are of the next. Names are padded: lists are ordered by them.
MOST = 9_999


class FamilyFactory(factory.django.DjangoModelFactory):
    """A family in Tambakmas, Kebonsari."""

    class Meta:
        model = Family

    kk = factory.Sequence(lambda n: f"351901{1 + n // MOST:02d}0115{n % MOST + 1:04d}")
    head_name = factory.Sequence(lambda n: f"Suparno {n:05d}")
    area_code = "35.19.01.2001"
    created_at = NOW
    created_by = factory.SubFactory(UserFactory)


class PersonFactory(factory.django.DjangoModelFactory):
    """A woman born 1 August 1950 in Tambakmas; `family__...` and `dead=True` say otherwise."""

    class Meta:
        model = Person

    class Params:
        dead = factory.Trait(died_on=date(2026, 5, 2), death_source="Petugas desa")

    nik = factory.Sequence(lambda n: f"351901{41 + n // MOST:02d}0850{n % MOST + 1:04d}")
    name = factory.Sequence(lambda n: f"Sumarni {n:05d}")
    mother_name = "Tukiyem"
    birth_place = "Madiun"
    birth_date = date(1950, 8, 1)
    sex = "P"
    address = "Jalan Melati 1, RT 01 RW 02"
    family = factory.SubFactory(
        FamilyFactory,
        area_code=factory.SelfAttribute("..area_code"),
        created_by=factory.SelfAttribute("..created_by"),
    )
    area_code = "35.19.01.2001"
    created_at = NOW
    created_by = factory.SubFactory(UserFactory)
    updated_at = NOW


class BankAccountFactory(factory.django.DjangoModelFactory):
    """An open account at Bank Jatim; `closed=True` for an old one."""

    class Meta:
        model = BankAccount

    class Params:
        closed = factory.Trait(state=AccountState.CLOSED, closed_at=NOW)

    person = factory.SubFactory(PersonFactory)
    bank_code = "114"
    number = factory.Sequence(lambda n: f"0071{n + 1:06d}")
    holder_name = factory.SelfAttribute("person.name")
    area_code = factory.SelfAttribute("person.area_code")
    created_at = NOW
    created_by = factory.SelfAttribute("person.created_by")


class SnapshotFactory(factory.django.DjangoModelFactory):
    """DTSEN v3 of East Java, complete."""

    class Meta:
        model = Snapshot

    kind = SnapshotKind.DTSEN
    label = factory.Sequence(lambda n: f"DTSEN v{n}")
    as_of = date(2026, 7, 10)
    source = "BPS Provinsi Jawa Timur"
    bast_number = "BAST/1/2026"
    bast_date = date(2026, 7, 12)
    area_code = "35"
    is_complete = True
    loaded_at = NOW
    loaded_by = factory.SubFactory(UserFactory)


class SnapshotEntryFactory(factory.django.DjangoModelFactory):
    """One key of a snapshot; give `key_index`."""

    class Meta:
        model = SnapshotEntry

    snapshot = factory.SubFactory(SnapshotFactory)
    key_kind = KeyKind.KK
    key_index = factory.Sequence(lambda n: f"{n:064d}")


class LayoutFactory(factory.django.DjangoModelFactory):
    """A remembered mapping."""

    class Meta:
        model = Layout

    purpose = "beneficiaries.people"
    signature = factory.Sequence(lambda n: f"{n:064d}")
    area_code = "35.19"
    used_at = NOW


class ImportBatchFactory(factory.django.DjangoModelFactory):
    """An uploaded list of people of Kabupaten Madiun, without rows."""

    class Meta:
        model = ImportBatch

    purpose = "beneficiaries.people"
    area_code = "35.19"
    file_name = "daftar.xlsx"
    sha256 = "0" * 64
    headers = factory.LazyFunction(lambda: ["NIK", "NAMA"])
    counts = factory.LazyFunction(lambda: {"rows": 0, "ignored": 0})
    created_at = NOW
    created_by = factory.SubFactory(UserFactory)


class ImportRowFactory(factory.django.DjangoModelFactory):
    """A staged row."""

    class Meta:
        model = ImportRow

    batch = factory.SubFactory(ImportBatchFactory)
    row_number = factory.Sequence(lambda n: n + 2)
    values = factory.LazyFunction(lambda: {"cells": {}, "source": None})


class DraftFactory(factory.django.DjangoModelFactory):
    """A half-filled form."""

    class Meta:
        model = Draft

    owner = factory.SubFactory(UserFactory)
    purpose = "programs.proposal"
    values = factory.LazyFunction(dict)
    saved_at = NOW
