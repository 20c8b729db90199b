"""The import pages as an officer meets them, without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bansos.audit.models import Event
from beneficiaries.choices import ImportState
from beneficiaries.models import ImportBatch, Person, Snapshot
from tests.beneficiaries.lists import (
    accepted,
    checked,
    guide_workbook,
    person_row,
    upload,
    work_off,
)
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory
from tests.lib.sheets import files

pytestmark = pytest.mark.django_db
START = "/penerima/impor/mulai/?tujuan=beneficiaries.people"


@pytest.fixture
def client(client: Client, cast: Cast) -> Client:
    client.force_login(cast.sari)
    return client


def sent(data: bytes, name: str = "daftar.xlsx") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, data), "aksi": "unggah"}


def test_the_whole_way_in_by_forms(client: Client, cast: Cast) -> None:
    assert client.get("/penerima/impor/").status_code == 200
    assert client.get(START).status_code == 200
    rows = [person_row(1), person_row(2), person_row(3, nik="12"), person_row(4, sex="L")]
    answer = client.post(START, sent(guide_workbook(rows)))
    batch = ImportBatch.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == batch.get_absolute_url()

    page = client.get(batch.get_absolute_url()).content.decode()
    assert "Cocokkan kolom" in page
    assert "351901••••••••01" in page
    assert "3519014108500001" not in page
    posted = {key: str(place) for key, place in batch.mapping.items()}
    answer = client.post(
        reverse("beneficiaries:import_mapping", args=[batch.pk]),
        {**posted, "code_system": "kemendagri"},
    )
    assert answer.status_code == 302
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "Antre" in page

    batch = work_off(batch)
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "Masukkan 3 baris" in page
    assert "NIK tidak sah" in page
    accept = reverse("beneficiaries:import_accept", args=[batch.pk])
    answer = client.post(accept, {"note": ""})
    assert answer.status_code == 422
    assert "Tulis catatan dahulu" in answer.content.decode()
    assert client.post(accept, {"note": "Sudah melihat KTP."}).status_code == 302
    batch = work_off(batch)
    assert batch.state == ImportState.ACCEPTED
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "3 baris masuk" in page
    assert "Unduh berkas perbaikan" in page
    assert Person.objects.count() == 3


def test_a_wrong_mapping_keeps_the_choices(client: Client, cast: Cast) -> None:
    batch = upload(guide_workbook([person_row(1)]), cast.sari)
    address = reverse("beneficiaries:import_mapping", args=[batch.pk])
    answer = client.post(address, {"nik": "1", "code_system": "kemendagri"})
    assert answer.status_code == 422
    assert "Pilih kolom untuk isian ini." in answer.content.decode()
    both = {"nik": "1", "name": "1", "code_system": "kemendagri"}
    answer = client.post(address, both)
    assert answer.status_code == 422
    assert "Satu kolom dipilih untuk dua isian" in answer.content.decode()


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (files.PNG, "daftar.xlsx", "gambar PNG"),
        (b"", "daftar.xlsx", "kosong"),
        (files.bomb(), "daftar.xlsx", "jauh lebih besar"),
        (files.locked(files.xlsx([["NIK"], ["1"]])), "daftar.xlsx", "kata sandi"),
        (b"%PDF-1.7", "daftar.pdf", "PDF"),
        (files.xlsx([["halo"]]), "daftar.xlsx", "Tidak ada data yang berubah"),
    ],
)
def test_a_hostile_file_gives_one_sentence(
    client: Client, data: bytes, name: str, words: str
) -> None:
    answer = client.post(START, sent(data, name))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ImportBatch.objects.exists()
    assert not Event.objects.filter(verb="beneficiaries.upload_list").exists()


def test_no_file_is_asked_for(client: Client) -> None:
    answer = client.post(START, {"aksi": "unggah"})
    assert answer.status_code == 422
    assert "Anda belum memilih berkas." in answer.content.decode()


def test_the_template_is_read_back_as_our_own(client: Client, cast: Cast) -> None:
    answer = client.post(START, {"aksi": "templat"})
    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith('.xlsx"')
    PersonFactory(area_code="35.19.01.2001", village_id="35.19.01.2001")
    answer = client.post(START, {"aksi": "templat_isi"})
    assert Event.objects.filter(verb="beneficiaries.download_template").count() == 1
    batch = checked(answer.content, cast.sari, name="templat.xlsx")
    assert batch.counts["same"] == 1, list(batch.rows.values_list("problems", flat=True))


def test_the_error_workbook_is_downloaded_and_recorded(client: Client, cast: Cast) -> None:
    batch = checked(guide_workbook([person_row(1, nik="12")]), cast.sari)
    answer = client.post(reverse("beneficiaries:import_errors", args=[batch.pk]))
    assert answer.content.startswith(b"PK")
    assert Event.objects.filter(verb="beneficiaries.download_errors").count() == 1


def test_the_original_can_be_taken_until_it_is_in(client: Client, cast: Cast) -> None:
    data = guide_workbook([person_row(1)])
    batch = checked(data, cast.sari)
    address = reverse("beneficiaries:import_original", args=[batch.pk])
    assert client.post(address).content == data
    accepted(batch, cast.sari)
    assert client.post(address).status_code == 409


def test_refusing_goes_back_to_the_lists(client: Client, cast: Cast) -> None:
    batch = checked(guide_workbook([person_row(1)]), cast.sari)
    answer = client.post(reverse("beneficiaries:import_refuse", args=[batch.pk]))
    assert answer["Location"] == reverse("beneficiaries:imports")
    assert client.get(batch.get_absolute_url()).status_code == 404


def test_another_regency_does_not_see_the_list(client: Client, cast: Cast) -> None:
    batch = checked(guide_workbook([person_row(1)]), cast.sari)
    client.force_login(cast.lain)
    assert client.get(batch.get_absolute_url()).status_code == 404
    for name in ("import_accept", "import_refuse", "import_errors", "import_original"):
        assert client.post(reverse(f"beneficiaries:{name}", args=[batch.pk])).status_code == 404
    assert ImportBatch.objects.filter(pk=batch.pk, state=ImportState.CHECKED).exists()


def test_who_may_not_import_is_turned_away(client: Client, cast: Cast) -> None:
    client.force_login(cast.aud)
    assert client.get("/penerima/impor/").status_code == 403
    assert client.get(START).status_code == 403
    client.force_login(cast.budi)
    assert client.get(START).status_code == 403
    assert client.get("/penerima/impor/mulai/?tujuan=tidak.ada").status_code == 404


SNAPSHOT = "/penerima/impor/mulai/?tujuan=beneficiaries.snapshot"


def test_a_registry_list_is_loaded_with_its_bast(client: Client, cast: Cast) -> None:
    client.force_login(cast.budi)
    person = PersonFactory(area_code="35.19.01.2001")
    assert person.family is not None
    rows = [["NO KK", "DESIL"], [person.family.kk, 2], ["3519010101150099", 11]]
    head = {
        "kind": "dtsen",
        "label": "DTSEN v3",
        "as_of": "10-07-2026",
        "source": "BPS",
        "bast_number": "",
        "bast_date": "",
    }
    answer = client.post(SNAPSHOT, {**head, **sent(files.xlsx(rows))})
    assert answer.status_code == 422
    assert "Nomor dan tanggal BAST wajib" in answer.content.decode()
    head |= {"bast_number": "BAST/1/2026", "bast_date": "12-07-2026"}
    client.post(SNAPSHOT, {**head, **sent(files.xlsx(rows))})
    batch = ImportBatch.objects.get()
    client.post(
        reverse("beneficiaries:import_mapping", args=[batch.pk]),
        {key: str(place) for key, place in batch.mapping.items()},
    )
    batch = work_off(batch)
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "1 orang di daftar penerima disebut" in page
    assert "Desil tidak sah" in page
    client.post(reverse("beneficiaries:import_accept", args=[batch.pk]), {"note": ""})
    batch = work_off(batch)
    snapshot = Snapshot.objects.get()
    assert (snapshot.row_count, snapshot.is_complete) == (1, True)
    assert client.get(snapshot.get_absolute_url()).status_code == 200
    page = client.get(person.get_absolute_url()).content.decode()
    assert "Desil 2" in page
