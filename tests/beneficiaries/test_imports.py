"""Lists from the file to the register: worked cases of every check, the round trip, refusal."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import python_calamine
from django.apps import apps

from bansos.audit.models import Event, Seal
from bansos.jobs.choices import JobState
from bansos.jobs.services import cancel, run_step
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.regions.choices import CodeSystem
from beneficiaries.choices import ImportState, RowVerdict, SnapshotKind
from beneficiaries.documents import error_file
from beneficiaries.models import BankAccount, Family, ImportBatch, ImportRow, Layout, Person
from beneficiaries.services import imports
from tests.beneficiaries.lists import (
    HEADERS,
    accepted,
    causes,
    checked,
    guide_workbook,
    person_row,
    upload,
    work_off,
)
from tests.cast import Cast
from tests.factories.accounts import UserFactory
from tests.factories.beneficiaries import (
    NOW,
    BankAccountFactory,
    PersonFactory,
    SnapshotEntryFactory,
    SnapshotFactory,
)
from tests.lib.sheets import files

pytestmark = pytest.mark.django_db


def read_fix_sheet(data: bytes) -> list[list[Any]]:
    """The sheet "Perbaiki" as rows."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return book.get_sheet_by_name("Perbaiki").to_python()


def row_of(batch: ImportBatch, number: int = 6) -> ImportRow:
    """The row by its number in the file; the guide's first person stands in row 6."""
    return ImportRow.objects.get(batch=batch, row_number=number)


def codes(batch: ImportBatch, number: int = 6) -> set[str]:
    return {item["code"] for item in row_of(batch, number).problems}


def test_the_guides_layout_is_read_whole(cast: Cast) -> None:
    batch = checked(guide_workbook([person_row(n) for n in range(1, 31)]), cast.sari)
    assert batch.state == ImportState.CHECKED
    assert batch.counts["rows"] == 30
    assert batch.counts["new"] == 30
    assert batch.causes == []
    assert batch.job is not None
    assert batch.job.state == JobState.DONE


def test_accepted_rows_become_people_families_and_accounts(cast: Cast) -> None:
    batch = checked(guide_workbook([person_row(1), person_row(2)]), cast.sari)
    batch = accepted(batch, cast.sari)
    assert batch.state == ImportState.ACCEPTED
    assert batch.counts["accepted"] == 2
    person = Person.objects.select_related("family").get(name="SUMARNI BBB")
    assert person.nik == "3519014108500001"
    assert person.area_code == person.village_id == "35.19.01.2001"
    assert person.birth_date == date(1950, 8, 1)
    assert person.family.kk == "3519010101150001"
    account = BankAccount.objects.get(person=person)
    assert (account.bank_code, account.number) == ("114", "0071000001")
    assert batch.sealed_file is None
    assert not batch.rows.exists()


def test_the_same_list_again_changes_nothing(cast: Cast) -> None:
    data = guide_workbook([person_row(1), person_row(2)])
    accepted(checked(data, cast.sari), cast.sari)
    again = checked(data, cast.sari)
    assert (again.counts["same"], again.counts["new"], again.counts["changed"]) == (2, 0, 0)
    with pytest.raises(Refused) as refused:
        imports.accept(batch=again, by=cast.sari, at=NOW)
    assert refused.value.code == "IMPORT-NOTHING"


def test_a_differing_field_is_a_change(cast: Cast) -> None:
    accepted(checked(guide_workbook([person_row(1)]), cast.sari), cast.sari)
    batch = checked(guide_workbook([person_row(1, address="JL. MAWAR 9")]), cast.sari)
    assert batch.counts["changed"] == 1
    accepted(batch, cast.sari)
    assert Person.objects.get().address == "JL. MAWAR 9"
    assert Person.objects.get().version == 2


def test_another_account_closes_the_older_one(cast: Cast) -> None:
    accepted(checked(guide_workbook([person_row(1)]), cast.sari), cast.sari)
    batch = checked(guide_workbook([person_row(1, account="0099887766")]), cast.sari)
    assert batch.counts["changed"] == 1
    accepted(batch, cast.sari)
    assert BankAccount.objects.filter(closed_at=None).get().number == "0099887766"
    assert BankAccount.objects.exclude(closed_at=None).count() == 1


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"nik": ""}, "belum_diisi"),
        ({"nik": "35190141085"}, "nik_tidak_sah"),
        ({"nik": "3519014108500000"}, "nik_tidak_sah"),
        ({"nik": "3519014113500001"}, "nik_tidak_sah"),
        ({"nik": Decimal("3519014108500000")}, "rusak_excel"),
        ({"nik": "3,51901E+15"}, "rusak_excel"),
        ({"kk": "12345"}, "kk_tidak_sah"),
        ({"kk": Decimal("3519010101150000")}, "rusak_excel"),
        ({"name": ""}, "belum_diisi"),
        ({"name": "12345"}, "nama_tidak_sah"),
        ({"birth_date": "31 Februari 1950"}, "tanggal_tidak_terbaca"),
        ({"birth_date": date(2030, 1, 1)}, "tanggal_tidak_mungkin"),
        ({"birth_date": date(1900, 3, 1)}, "tanggal_tidak_mungkin"),
        ({"sex": "X"}, "jenis_kelamin_tidak_terbaca"),
        ({"village": "TAMBAKMASS"}, "desa_tidak_dikenal"),
        ({"village": ""}, "belum_diisi"),
        ({"district": "DOLOPO"}, "desa_tidak_dikenal"),
        ({"regency": "KAB. MAGETAN"}, "wilayah_lain_berkas"),
        ({"regency": "KOTA MADIUN"}, "wilayah_lain_berkas"),
        ({"account": "12"}, "rekening_tidak_sah"),
        ({"account": "0000000000"}, "rekening_tidak_sah"),
    ],
)
def test_a_row_wrong_in_itself_is_a_problem(
    cast: Cast, changes: dict[str, Any], cause: str
) -> None:
    batch = checked(guide_workbook([person_row(1, **changes), person_row(2)]), cast.sari)
    assert cause in codes(batch)
    assert batch.counts["problem"] == 1
    assert batch.counts["new"] == 1
    assert causes(batch)[cause] == 1


def test_an_unknown_village_comes_with_a_guess(cast: Cast) -> None:
    batch = checked(guide_workbook([person_row(1, village="TAMBAKMASS")]), cast.sari)
    assert "Tambakmas, Kec. Kebonsari" in row_of(batch).problems[0]["message"]


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"birth_date": date(1951, 8, 1)}, "nik_beda_tanggal_lahir"),
        ({"sex": "Laki-laki"}, "nik_beda_jenis_kelamin"),
        ({"account": Decimal("1234567890")}, "rekening_bilangan"),
    ],
)
def test_a_doubt_passes_with_a_note_only(cast: Cast, changes: dict[str, Any], hint: str) -> None:
    batch = checked(guide_workbook([person_row(1, **changes)]), cast.sari)
    assert {item["code"] for item in row_of(batch).warnings} == {hint}
    assert (batch.counts["new"], batch.counts["noted"]) == (1, 1)
    with pytest.raises(BadInput) as refused:
        imports.accept(batch=batch, by=cast.sari, at=NOW)
    assert refused.value.code == "IMPORT-NOTE"
    accepted(batch, cast.sari, note="KTP sudah dilihat.")
    assert Person.objects.count() == 1
    assert Event.objects.get(verb="beneficiaries.accept_list").reason == "KTP sudah dilihat."


def test_what_the_list_leaves_out_is_taken_from_the_nik(cast: Cast) -> None:
    batch = checked(guide_workbook([person_row(1, birth_date=None, sex="")]), cast.sari)
    assert batch.counts["noted"] == 0
    accepted(batch, cast.sari)
    person = Person.objects.get()
    assert (person.birth_date, person.sex) == (date(1950, 8, 1), "P")


def test_the_second_row_of_a_nik_is_a_double(cast: Cast) -> None:
    rows = [person_row(1), person_row(2), person_row(1, account="0099887766")]
    batch = checked(guide_workbook(rows), cast.sari)
    assert codes(batch, 6) == set()
    assert codes(batch, 8) == {"ganda_dalam_berkas"}
    assert "baris 6" in row_of(batch, 8).problems[0]["message"]


def test_one_account_for_two_people_stops_both(cast: Cast) -> None:
    rows = [person_row(1), person_row(2, account="0071000001")]
    batch = checked(guide_workbook(rows), cast.sari)
    assert codes(batch, 6) == codes(batch, 7) == {"rekening_bersama"}


def test_an_account_of_somebody_registered_stops_the_row(cast: Cast) -> None:
    BankAccountFactory(number="0071000001", person__nik="3519015203450007")
    batch = checked(guide_workbook([person_row(1)]), cast.sari)
    assert codes(batch) == {"rekening_bersama"}


def test_a_closed_account_is_free_again(cast: Cast) -> None:
    BankAccountFactory(number="0071000001", person__nik="3519015203450007", closed=True)
    batch = checked(guide_workbook([person_row(1)]), cast.sari)
    assert codes(batch) == set()


def test_a_dead_person_is_a_problem(cast: Cast) -> None:
    PersonFactory(nik="3519014108500001", dead=True)
    batch = checked(guide_workbook([person_row(1)]), cast.sari)
    assert "meninggal" in codes(batch)


def test_a_stranger_in_the_list_of_deaths_is_a_problem(cast: Cast) -> None:
    known = PersonFactory(nik="3519014108500001")
    index = known.nik_index
    known.delete()
    death = SnapshotFactory(kind=SnapshotKind.DEATH, label="Kematian Juli")
    SnapshotEntryFactory(snapshot=death, key_kind="nik", key_index=index)
    batch = checked(guide_workbook([person_row(1)]), cast.sari)
    assert codes(batch) == {"meninggal"}
    assert "Kematian Juli" in row_of(batch).problems[0]["message"]


def test_a_person_of_another_area_is_a_problem_that_tells_nothing(cast: Cast) -> None:
    PersonFactory(nik="3519014108500001", area_code="35.20.01.2001", name="SUMARNI BBB")
    batch = checked(guide_workbook([person_row(1)]), cast.sari)
    assert codes(batch) == {"terdaftar_di_wilayah_lain"}
    assert row_of(batch).person_id is None


def test_who_registers_elsewhere_between_check_and_acceptance_stays_out(cast: Cast) -> None:
    batch = checked(guide_workbook([person_row(1), person_row(2)]), cast.sari)
    PersonFactory(nik="3519014108500001", area_code="35.20.01.2001")
    batch = accepted(batch, cast.sari)
    assert batch.counts["accepted"] == 1
    assert batch.counts["problem"] == 1
    assert Person.objects.filter(area_code__startswith="35.19").count() == 1


def test_another_name_under_the_same_nik_asks_for_a_note(cast: Cast) -> None:
    PersonFactory(nik="3519014108500001", name="BAMBANG WIJAYANTO")
    batch = checked(guide_workbook([person_row(1)]), cast.sari)
    assert "nama_beda_register" in {item["code"] for item in row_of(batch).warnings}
    assert batch.counts["noted"] == 1


def test_the_corrected_error_workbook_comes_back_without_doubles(cast: Cast) -> None:
    rows = [person_row(n) for n in range(1, 6)]
    rows[2] = person_row(3, nik="351901410850003")
    rows[4] = person_row(5, village="ENTAH")
    batch = checked(guide_workbook(rows), cast.sari)
    assert (batch.counts["new"], batch.counts["problem"]) == (3, 2)
    workbook = error_file(batch)
    table = read_fix_sheet(workbook)
    assert [row[0] for row in table[1:]] == [8, 10]
    assert "NIK" in table[1][-1]
    batch = accepted(batch, cast.sari)
    assert Person.objects.count() == 3

    fixed = [table[0], *table[1:]]
    nik_column = fixed[0].index("NIK")
    fixed[1][nik_column] = "3519014108500003"
    fixed[2][fixed[0].index("KELURAHAN")] = "REJOSARI"
    again = checked(files.xlsx(fixed), cast.sari, name="perbaikan.xlsx")
    assert (again.counts["new"], again.counts["problem"]) == (2, 0)
    accepted(again, cast.sari)
    assert Person.objects.count() == 5
    assert Family.objects.count() == 5


def test_the_uncorrected_error_workbook_names_the_first_file_again(cast: Cast) -> None:
    batch = checked(guide_workbook([person_row(1, nik="123")]), cast.sari)
    again = checked(error_file(batch), cast.sari, name="perbaikan.xlsx")
    assert again.counts["problem"] == 1
    table = read_fix_sheet(error_file(again))
    assert table[1][0] == 6


def counts_of_all_tables() -> dict[str, int]:
    left_out = {Event, Seal}
    models = [model for model in apps.get_models() if model not in left_out]
    return {model._meta.label: model._default_manager.count() for model in models}


@pytest.mark.parametrize("stage", ["uploaded", "checked"])
def test_refusing_leaves_nothing_but_the_trail(cast: Cast, stage: str) -> None:
    before = counts_of_all_tables()
    data = guide_workbook([person_row(1), person_row(2, nik="12")])
    batch = upload(data, cast.sari) if stage == "uploaded" else checked(data, cast.sari)
    imports.refuse(batch=batch, by=cast.sari, at=NOW)
    assert counts_of_all_tables() == before
    assert Event.objects.filter(verb="beneficiaries.refuse_list").count() == 1
    trail = str(list(Event.objects.values_list("data", "reason")))
    assert "SUMARNI" not in trail
    assert "3519014108500001" not in trail


def test_nothing_of_a_list_is_readable_in_the_tables(cast: Cast) -> None:
    from django.db import connection

    batch = upload(guide_workbook([person_row(1)]), cast.sari)
    with connection.cursor() as cursor:
        cursor.execute("SELECT values FROM beneficiaries_importrow")
        cells = b"".join(bytes(row[0]) for row in cursor.fetchall())
    assert b"SUMARNI" not in cells
    assert batch.sealed_file is not None
    assert b"PK" not in bytes(batch.sealed_file)[:20]


def test_an_accepted_list_cannot_be_refused_or_accepted_twice(cast: Cast) -> None:
    batch = accepted(checked(guide_workbook([person_row(1)]), cast.sari), cast.sari)
    with pytest.raises(Stale):
        imports.refuse(batch=batch, by=cast.sari, at=NOW)
    with pytest.raises(Stale):
        imports.accept(batch=batch, by=cast.sari, at=NOW)


def test_a_list_being_checked_is_busy(cast: Cast) -> None:
    batch = upload(guide_workbook([person_row(1)]), cast.sari)
    imports.set_mapping(
        batch=batch, mapping=batch.mapping, code_system="kemendagri", by=cast.sari, at=NOW
    )
    for act in (imports.accept, imports.refuse):
        with pytest.raises(Stale):
            act(batch=batch, by=cast.sari, at=NOW)


def test_a_cancelled_check_can_be_started_again(cast: Cast) -> None:
    batch = upload(guide_workbook([person_row(1)]), cast.sari)
    imports.set_mapping(
        batch=batch, mapping=batch.mapping, code_system="kemendagri", by=cast.sari, at=NOW
    )
    batch.refresh_from_db()
    assert batch.job is not None
    run_step(job_id=str(batch.job.pk), at=NOW)
    cancel(job=batch.job, by=cast.sari, at=NOW)
    run_step(job_id=str(batch.job.pk), at=NOW)
    batch.refresh_from_db()
    assert batch.state == ImportState.UPLOADED
    assert row_of(batch).verdict == RowVerdict.WAITING
    imports.set_mapping(
        batch=batch, mapping=batch.mapping, code_system="kemendagri", by=cast.sari, at=NOW
    )
    assert work_off(batch).counts["new"] == 1


def test_a_cancelled_acceptance_leaves_the_rest_to_be_accepted(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beneficiaries.services.imports.accepting.ACCEPT_ROWS", 2)
    batch = checked(guide_workbook([person_row(n) for n in range(1, 6)]), cast.sari)
    imports.accept(batch=batch, by=cast.sari, at=NOW)
    batch.refresh_from_db()
    assert batch.job is not None
    run_step(job_id=str(batch.job.pk), at=NOW)
    cancel(job=batch.job, by=cast.sari, at=NOW)
    run_step(job_id=str(batch.job.pk), at=NOW)
    batch.refresh_from_db()
    assert batch.state == ImportState.CHECKED
    assert (batch.counts["accepted"], batch.counts["new"]) == (2, 3)
    with pytest.raises(Refused):
        imports.refuse(batch=batch, by=cast.sari, at=NOW)
    batch = accepted(batch, cast.sari)
    assert batch.counts["accepted"] == 5
    assert Person.objects.count() == 5


def test_the_mapping_is_remembered_for_the_next_file_of_the_layout(cast: Cast) -> None:
    odd = ["A", "B", "C", "D"]
    rows = [["3519014108500001", "SUMARNI", "TAMBAKMAS", "KEBONSARI"]]
    batch = upload(files.xlsx([odd, *rows]), cast.sari)
    assert batch.mapping == {}
    with pytest.raises(BadInput) as refused:
        imports.set_mapping(batch=batch, mapping={}, code_system="kemendagri", by=cast.sari, at=NOW)
    assert refused.value.code == "kolom_tidak_ditemukan"
    chosen = {"nik": 0, "name": 1, "village": 2, "district": 3}
    imports.set_mapping(batch=batch, mapping=chosen, code_system="kemendagri", by=cast.sari, at=NOW)
    accepted(work_off(batch), cast.sari)
    assert Layout.objects.count() == 1
    assert upload(files.xlsx([odd, *rows]), cast.sari).mapping == chosen


def test_one_column_for_two_fields_is_refused(cast: Cast) -> None:
    batch = upload(guide_workbook([person_row(1)]), cast.sari)
    with pytest.raises(BadInput) as refused:
        imports.set_mapping(
            batch=batch,
            mapping={**batch.mapping, "address": batch.mapping["name"]},
            code_system="kemendagri",
            by=cast.sari,
            at=NOW,
        )
    assert refused.value.code == "IMPORT-COLUMN-TWICE"


def test_another_regency_cannot_upload_here_and_a_reader_nowhere(cast: Cast) -> None:
    data = guide_workbook([person_row(1)])
    with pytest.raises(NotAllowed):
        upload(data, cast.lain, area="35.19")
    with pytest.raises(NotAllowed):
        upload(data, cast.aud)
    assert ImportBatch.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (files.PNG, "daftar.xlsx", "berkas_gambar"),
        (b"", "daftar.xlsx", "berkas_kosong"),
        (b"%PDF-1.7 x", "daftar.pdf", "berkas_pdf"),
        (b"Rar!\x1a\x07\x00", "daftar.xlsx", "berkas_arsip"),
        (files.locked(files.xlsx([HEADERS, person_row(1)])), "daftar.xlsx", "berkas_bersandi"),
    ],
)
def test_hostile_files_store_nothing(cast: Cast, data: bytes, name: str, code: str) -> None:
    before = counts_of_all_tables()
    with pytest.raises(BadInput) as refused:
        upload(data, cast.sari, name=name)
    assert refused.value.code == code
    assert counts_of_all_tables() == before


def test_old_lists_are_cleared_away(cast: Cast) -> None:
    waiting = checked(guide_workbook([person_row(1)]), cast.sari)
    done = checked(guide_workbook([person_row(2), person_row(3, nik="1")]), cast.sari)
    done = accepted(done, cast.sari)
    assert imports.expire(at=NOW + timedelta(days=6)) == 0
    # What was accepted counts from the end of the worker's work, which is on the real clock.
    assert done.ended_at is not None
    assert imports.expire(at=max(NOW, done.ended_at) + timedelta(days=8)) == 1
    assert not ImportBatch.objects.filter(pk=waiting.pk).exists()
    assert ImportBatch.objects.filter(pk=done.pk).exists()
    assert done.ended_at is not None  # the worker goes by its own clock
    assert imports.expire(at=done.ended_at + timedelta(days=8)) == 0
    assert not ImportRow.objects.exists()


CODE_HEADERS = ["NIK", "NAMA", "KODE WILAYAH", "DESA", "KECAMATAN", "KABUPATEN"]


def test_codes_read_in_the_wrong_system_are_refused(cast: Cast) -> None:
    from bansos.regions.models import Region

    for code, bps, name in (
        ("64.02", "6403", "Kabupaten Kutai Kartanegara"),
        ("64.03", "6405", "Kabupaten Berau"),
        ("64.07", "6402", "Kabupaten Kutai Barat"),
    ):
        Region.objects.create(code=code, name=name, level=2, parent_id="64", bps_code=bps)
    Region.objects.create(code="64.02.01", name="Muara Muntai", level=3, parent_id="64.02")
    Region.objects.create(code="64.02.01.2001", name="Perian", level=4, parent_id="64.02.01")
    row = ["6402014108500001", "SITI", "6403010001", "PERIAN", "MUARA MUNTAI", "KUTAI KARTANEGARA"]
    officer = UserFactory(area_code="64")
    batch = upload(files.xlsx([CODE_HEADERS, row]), officer)
    with pytest.raises(BadInput) as refused:
        imports.set_mapping(
            batch=batch,
            mapping=batch.mapping,
            code_system=CodeSystem.KEMENDAGRI,
            by=officer,
            at=NOW,
        )
    assert refused.value.code == "kode_wilayah_bertentangan"
    assert imports.suggested_code_system(batch, batch.mapping) == CodeSystem.BPS
    imports.set_mapping(
        batch=batch, mapping=batch.mapping, code_system=CodeSystem.BPS, by=officer, at=NOW
    )
    batch = work_off(batch)
    assert batch.counts["new"] == 1, list(batch.rows.values_list("problems", flat=True))
    accepted(batch, officer)
    assert Person.objects.get().area_code == "64.02.01.2001"


def test_a_village_code_that_contradicts_its_name_is_a_problem(cast: Cast) -> None:
    row = ["3519014108500001", "SITI", "35.19.01.2002", "TAMBAKMAS", "KEBONSARI", "MADIUN"]
    batch = checked(files.xlsx([CODE_HEADERS, row]), cast.sari)
    assert codes(batch, 2) == {"kode_beda_nama"}


def test_a_province_list_tells_kabupaten_from_kota(cast: Cast) -> None:
    from bansos.regions.models import Region

    Region.objects.create(
        code="35.77", name="Kota Madiun", level=2, parent_id="35", bps_code="3577"
    )
    rows = [
        ["3519014108500001", "SITI A", "", "TAMBAKMAS", "KEBONSARI", "KOTA MADIUN"],
        ["3519014108500002", "SITI B", "", "TAMBAKMAS", "KEBONSARI", "KABUPATEN MADIUN"],
        ["3519014108500003", "SITI C", "", "TAMBAKMAS", "KEBONSARI", "MADIUN"],
    ]
    batch = checked(files.xlsx([CODE_HEADERS, *rows]), UserFactory(area_code="35"))
    assert codes(batch, 2) == {"desa_tidak_dikenal"}
    assert codes(batch, 3) == codes(batch, 4) == set()
