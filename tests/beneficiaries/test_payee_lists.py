"""Lists of groups, institutions, residents, treasuries, pillars, workers and traits."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from beneficiaries.models import (
    FamilyMember,
    GovernmentPayee,
    Group,
    ImportBatch,
    Institution,
    Person,
    Pillar,
    Residency,
    Worker,
)
from beneficiaries.queries.payees import accreditation_on
from beneficiaries.services.groups import add_member
from beneficiaries.services.residents import admit
from tests.beneficiaries.kube import FORMED, forming
from tests.beneficiaries.lists import HEADERS, accepted, causes, checked, person_row
from tests.cast import Cast
from tests.factories.beneficiaries import NOW, PersonFactory
from tests.lib.sheets import files

pytestmark = pytest.mark.django_db
PEOPLE = HEADERS[:-1]


def people(rows: list[tuple[int, dict[str, Any], list[Any]]], *headers: str) -> bytes:
    """Rows of (number, changes of the person, further cells) under the people's headers."""
    table = [person_row(number, **changes)[:-1] + more for number, changes, more in rows]
    return files.xlsx([[*PEOPLE, *headers], *table])


def taken(cast: Cast, purpose: str, data: bytes) -> ImportBatch:
    return checked(data, cast.sari, purpose=f"beneficiaries.{purpose}")


def test_a_list_of_members_forms_its_groups(cast: Cast) -> None:
    roles = ["Ketua", "Sekretaris", "Bendahara kelompok", "", ""]
    melati = [(n, {}, ["KUBE Melati", "Ternak ayam", roles[n - 1]]) for n in range(1, 6)]
    rows = [
        *melati,
        (6, {}, ["kube  melati", "Menjahit", ""]),
        (7, {"village": "REJOSARI"}, ["KUBE Melati", "Ternak ayam", ""]),
        (8, {}, ["KUBE Melati", "Ternak ayam", "Raja"]),
        (9, {}, ["KUBE Mawar", "Kue basah", ""]),
    ]
    batch = taken(cast, "groups", people(rows, "NAMA KELOMPOK", "JENIS USAHA", "JABATAN"))
    assert causes(batch) == {"usaha_beda": 1, "desa_beda": 1, "pilihan_tidak_dikenal": 1}
    accepted(batch, cast.sari)
    group = Group.objects.get(payee__name="KUBE Melati")
    assert (group.members.count(), group.state) == (5, "forming")
    assert set(group.members.values_list("role", flat=True)) == {
        "chair",
        "secretary",
        "treasurer",
        "member",
    }
    assert Group.objects.get(payee__name="KUBE Mawar").members.count() == 1
    again = taken(cast, "groups", people(melati, "NAMA KELOMPOK", "JENIS USAHA", "JABATAN"))
    assert again.counts["same"] == 5
    other = [(1, {}, ["KUBE Lain", "Ternak ayam", ""])]
    batch = taken(cast, "groups", people(other, "NAMA KELOMPOK", "JENIS USAHA", "JABATAN"))
    assert causes(batch) == {"kelompok_lain": 1}


def test_a_row_that_a_rule_refuses_stays_behind_alone(cast: Cast) -> None:
    rows = [(n, {}, ["KUBE Melati", "Ternak ayam", ""]) for n in (9001, 9002, 9003)]
    second = PersonFactory(
        nik=person_row(9002)[1], name=person_row(9002)[2], birth_date=date(1950, 8, 1), sex="P"
    )
    batch = taken(cast, "groups", people(rows, "NAMA KELOMPOK", "JENIS USAHA", "JABATAN"))
    assert batch.counts["new"] == 3
    other = forming(cast, "KUBE Lain")
    add_member(group=other, person=second, joined_on=FORMED, by=cast.sari, at=NOW)
    accepted(batch, cast.sari)
    assert Group.objects.get(payee__name="KUBE Melati").members.count() == 2
    assert batch.rows.get().problems[0]["code"] == "ditolak_aturan"
    batch.refresh_from_db()
    assert (batch.counts["accepted"], batch.counts["problem"]) == (2, 1)


def test_houses_and_their_residents_come_from_lists(cast: Cast) -> None:
    headers = [
        *("NAMA LEMBAGA", "JENIS LEMBAGA", "DESA/KELURAHAN", "KECAMATAN", "KABUPATEN"),
        *("DAYA TAMPUNG", "AKREDITASI", "NOMOR SERTIFIKAT", "TANGGAL SERTIFIKAT"),
    ]
    place = ["TAMBAKMAS", "KEBONSARI", "KAB. MADIUN"]
    houses = [
        ["LKS-LU Sejahtera", "LKS-LU", *place, 30, "B", "BALKS/1", date(2025, 3, 10)],
        ["UPT PSTW", "UPT", *place, "", "", "", ""],
        ["LKSA Kasih", "LKSA", *place, "", "A", "", ""],
    ]
    batch = taken(cast, "institutions", files.xlsx([headers, *houses]))
    assert causes(batch) == {"belum_diisi": 1}
    accepted(batch, cast.sari)
    house = Institution.objects.get(payee__name="LKS-LU Sejahtera")
    certificate = accreditation_on(house, date(2028, 3, 9))
    assert certificate is not None
    assert (house.capacity, certificate.grade) == (30, "B")

    rows = [
        (1, {}, ["LKS-LU SEJAHTERA", date(2026, 5, 1), ""]),
        (2, {}, ["UPT PSTW", date(2026, 5, 1), date(2026, 6, 1)]),
        (3, {}, ["Panti Tidak Ada", date(2026, 5, 1), ""]),
    ]
    columns = ("NAMA LEMBAGA", "TANGGAL MASUK", "TANGGAL KELUAR")
    batch = taken(cast, "residents", people(rows, *columns))
    assert causes(batch) == {"lembaga_tidak_dikenal": 1}
    accepted(batch, cast.sari)
    assert Residency.objects.count() == 2
    moved = [(1, {}, ["UPT PSTW", date(2026, 7, 1), ""])]
    assert causes(taken(cast, "residents", people(moved, *columns))) == {"sudah_tercatat": 1}


def test_a_stay_that_clashes_after_the_check_is_refused_when_taken(cast: Cast) -> None:
    from tests.beneficiaries.test_institutions import home

    first = home(cast)
    home(cast, "LKS-LU Damai")
    person = PersonFactory(
        nik=person_row(1)[1], name=person_row(1)[2], birth_date=date(1950, 8, 1), sex="P"
    )
    rows = [(1, {}, ["LKS-LU Damai", date(2026, 5, 31), date(2026, 6, 30)])]
    batch = taken(
        cast, "residents", people(rows, "NAMA LEMBAGA", "TANGGAL MASUK", "TANGGAL KELUAR")
    )
    assert causes(batch) == {}
    span = {"from_date": date(2026, 5, 1), "until_date": date(2026, 5, 31)}
    admit(institution=first, person=person, by=cast.sari, at=NOW, **span)
    accepted(batch, cast.sari)
    assert "hari yang sama" in batch.rows.get().problems[0]["message"]
    assert Residency.objects.count() == 1


def test_treasuries_pillars_and_workers_come_from_lists(cast: Cast) -> None:
    codes = [
        ["KODE WILAYAH", "NAMA PEMERINTAH", "NAMA BENDAHARA"],
        ["3519012001", "Pemerintah Desa Tambakmas", "Suharto"],
        ["35.20", "Pemerintah Kabupaten Magetan", "Wati"],
    ]
    batch = taken(cast, "governments", files.xlsx(codes))
    assert causes(batch) == {"wilayah_lain_berkas": 1}
    accepted(batch, cast.sari)
    assert GovernmentPayee.objects.get().region_id == "35.19.01.2001"

    pillars = [
        (1, {}, ["TKSK", "120", "", date(2024, 1, 1)]),
        (2, {}, ["Tagana", "", "250.000", date(2024, 1, 1)]),
        (3, {}, ["Karang taruna", "", "", date(2024, 1, 1)]),
    ]
    columns = ("JENIS PILAR", "JUMLAH DAMPINGAN", "TALI ASIH", "BERTUGAS SEJAK")
    batch = taken(cast, "pillars", people(pillars, *columns))
    assert causes(batch) == {"pilihan_tidak_dikenal": 1}
    accepted(batch, cast.sari)
    tksk, tagana = Pillar.objects.order_by("pk")
    assert (tksk.area_code, tksk.load, tksk.honorarium) == ("35.19.01", 120, None)
    assert (tagana.area_code, tagana.honorarium) == ("35.19.01.2001", 250_000)

    workers = [
        (4, {}, ["PR Cempaka", "KABUPATEN MAGETAN"]),
        (5, {}, ["PR Cempaka", "KABUPATEN ANTAH"]),
    ]
    columns = ("PERUSAHAAN", "KABUPATEN/KOTA TEMPAT KERJA")
    batch = taken(cast, "workers", people(workers, *columns))
    assert causes(batch) == {"kabupaten_tidak_jelas": 1}
    accepted(batch, cast.sari)
    assert Worker.objects.get().works_elsewhere


def test_categories_and_disabilities_of_known_people(cast: Cast) -> None:
    child, elder = PersonFactory(birth_date=date(2015, 1, 1)), PersonFactory()
    rows = [
        ["NIK", "KODE KATEGORI", "JENIS DISABILITAS", "SEJAK"],
        [child.nik, "5", "Fisik", date(2026, 3, 1)],
        [elder.nik, "08", "", date(2026, 3, 1)],
        ["3519010101700009", "24", "", ""],
        [elder.nik, "16", "", ""],
    ]
    batch = taken(cast, "traits", files.xlsx(rows))
    assert causes(batch) == {
        "nik_tidak_sah": 1,
        "pilihan_tidak_dikenal": 1,
        "ganda_dalam_berkas": 1,
    }
    accepted(batch, cast.sari)
    assert child.categories.get().code == "05"
    assert child.disabilities.get().kind == "physical"
    assert elder.categories.get().code == "08"


def test_the_people_list_says_relations(cast: Cast) -> None:
    kk = "3519010101150001"
    rows = [
        (1, {"kk": kk}, ["KEPALA KELUARGA"]),
        (2, {"kk": kk}, ["3. ISTRI"]),
        (3, {"kk": kk}, ["?"]),
    ]
    batch = taken(cast, "people", people(rows, "HUBUNGAN KELUARGA"))
    assert batch.counts["problem"] == 0
    accepted(batch, cast.sari)
    relations = FamilyMember.objects.order_by("person__nik_index").values_list("relation")
    assert {row[0] for row in relations} == {1, 3, None}
    assert Person.objects.count() == 3
    more = [(3, {"kk": kk}, ["ANAK"])]
    batch = taken(cast, "people", people(more, "HUBUNGAN KELUARGA"))
    assert batch.counts["changed"] == 1
    accepted(batch, cast.sari)
    assert FamilyMember.objects.filter(relation=4, until_date=None).exists()
