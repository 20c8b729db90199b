"""Lists of groups: every rule of the single form, over all rows of a group, named at its row."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from beneficiaries.choices import GroupState
from beneficiaries.documents import error_file
from beneficiaries.models import BankAccount, Group, GroupMember, ImportBatch, Person
from beneficiaries.services.imports import checking
from beneficiaries.services.imports.purposes import purpose_of
from tests.beneficiaries.kube import active, forming, refuses
from tests.beneficiaries.lists import HEADERS, accepted, causes, checked, person_row
from tests.beneficiaries.test_imports import read_fix_sheet
from tests.cast import Cast
from tests.factories.beneficiaries import NOW, PersonFactory
from tests.lib.sheets import files

pytestmark = pytest.mark.django_db
COLUMNS = [*HEADERS[:-1], "NAMA KELOMPOK", "JENIS USAHA", "JABATAN"]
ACCOUNT = [*COLUMNS, "NO REKENING KELOMPOK", "PENANDA TANGAN REKENING"]
ROLES = {1: "Ketua", 2: "SEKRETARIS", 3: "Bendahara"}
BORN = date(1990, 8, 1)


def row(number: int, group: str = "KUBE Melati", *more: Any, **changes: Any) -> list[Any]:
    """A family head of 36 years of Tambakmas; the first three are the officers."""
    business, role = changes.pop("business", "Ternak ayam"), changes.pop("role", None)
    # Other numbers than the factories make: whoever is registered by them is somebody else.
    own = {"nik": f"351901410890{number:04d}", "kk": f"351901020216{number:04d}"}
    person = person_row(number, **{**own, "birth_date": BORN, **changes})[:-1]
    return [*person, group, business, ROLES.get(number, "") if role is None else role, *more]


def taken(cast: Cast, rows: list[list[Any]], headers: list[str] = COLUMNS) -> ImportBatch:
    return checked(files.xlsx([headers, *rows]), cast.sari, purpose="beneficiaries.groups")


def problems(batch: ImportBatch) -> dict[int, list[str]]:
    """Row of the list, counted from 1 -> the causes that stop it."""
    return {
        place: [item["code"] for item in one.problems]
        for place, one in enumerate(batch.rows.order_by("row_number"), start=1)
        if one.problems
    }


def hints(batch: ImportBatch) -> dict[str, int]:
    return {item["code"]: item["count"] for item in batch.causes if not item["stops"]}


def test_the_twenty_first_member_is_named_at_its_row(cast: Cast) -> None:
    batch = taken(cast, [row(n) for n in range(1, 23)])
    assert problems(batch) == {21: ["kelompok_penuh"], 22: ["kelompok_penuh"]}
    accepted(batch, cast.sari)
    assert Group.objects.get().members.count() == 20


def test_members_of_the_register_count_in_a_list(cast: Cast) -> None:
    forming(cast, count=19)
    batch = taken(cast, [row(n, role="") for n in (1, 2)])
    assert problems(batch) == {2: ["kelompok_penuh"]}
    assert problems(taken(cast, [row(1)])) == {1: ["jabatan_ganda"]}


def test_one_office_one_member_and_one_family_one_member(cast: Cast) -> None:
    kk = "3519010202160099"
    rows = [row(1), row(4, role="Ketua"), row(5, kk=kk), row(6, kk=kk)]
    assert problems(taken(cast, rows)) == {2: ["jabatan_ganda"], 4: ["keluarga_ganda"]}


def test_who_is_refused_keeps_no_seat_office_or_family(cast: Cast) -> None:
    kk = "3519010202160099"
    rows = [row(1), row(2, business="Menjahit", kk=kk), row(3, role="Sekretaris", kk=kk)]
    assert problems(taken(cast, rows)) == {2: ["usaha_beda"]}


def test_rows_of_one_group_are_judged_together_wherever_they_stand(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "STEP_ROWS", 2)
    others = [row(n, "KUBE Mawar", role="") for n in (11, 12, 13)]
    rows = [row(1), *others, row(2, role="Ketua"), row(3, village="REJOSARI"), row(4)]
    assert problems(taken(cast, rows)) == {5: ["jabatan_ganda"], 6: ["desa_beda"]}


def test_the_business_and_village_of_a_registered_group_hold(cast: Cast) -> None:
    forming(cast)
    rows = [row(4, business="Menjahit"), row(5, village="REJOSARI"), row(6)]
    assert problems(taken(cast, rows)) == {1: ["usaha_beda"], 2: ["desa_beda"]}


def test_a_group_needs_a_village(cast: Cast) -> None:
    place = COLUMNS.index("KELURAHAN")
    without = [one[:place] + one[place + 3 :] for one in [COLUMNS, row(1), row(2)]]
    assert problems(taken(cast, without[1:], without[0])) == {
        1: ["belum_diisi"],
        2: ["belum_diisi"],
    }


def test_what_the_second_person_will_ask_is_said_before(cast: Cast) -> None:
    headers = [*COLUMNS, "HUBUNGAN KELUARGA"]
    rows = [row(1, "KUBE Melati", "ISTRI"), row(2, "KUBE Melati", "", birth_date=date(1950, 8, 1))]
    rows[1][1] = person_row(2)[1]
    batch = taken(cast, rows, headers)
    assert hints(batch) == {
        "bukan_kepala": 1,
        "kelompok_kurang": 1,
        "pengurus_kurang": 1,
        "usia_kelompok": 1,
    }
    accepted(batch, cast.sari)
    assert Group.objects.get().members.count() == 2


def test_the_effect_is_told_before_the_list_is_taken(cast: Cast) -> None:
    active(cast)
    batch = taken(cast, [row(7), row(8, "KUBE Mawar"), row(9, "KUBE Mawar")])
    effects = purpose_of(batch.purpose).effects
    assert effects is not None
    assert effects(batch) == [
        "1 kelompok baru dibentuk, 1 kelompok bertambah anggota.",
        "3 orang menjadi anggota.",
        (
            "1 kelompok yang sudah diperiksa atau aktif kembali disusun dan tidak dibayar sampai"
            " diperiksa lagi: KUBE Melati."
        ),
    ]
    accepted(batch, cast.sari)
    assert Group.objects.get(payee__name="KUBE Melati").state == GroupState.FORMING


def test_the_account_comes_with_its_two_signatories(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The two stand in different steps of the check and of the acceptance.
    monkeypatch.setattr(checking, "STEP_ROWS", 2)
    monkeypatch.setattr("beneficiaries.services.imports.accepting.ACCEPT_ROWS", 2)
    rows = [
        row(n, "KUBE Melati", "0071012345" if n == 1 else "", "YA" if n in (1, 3) else "")
        for n in range(1, 6)
    ]
    batch = taken(cast, rows, ACCOUNT)
    assert problems(batch) == {}
    accepted(batch, cast.sari)
    account = BankAccount.objects.get(payee__isnull=False)
    group = Group.objects.get()
    assert (account.number, account.bank_code, account.holder_name) == (
        "0071012345",
        "114",
        "KUBE Melati",
    )
    signing = {account.first_signatory_id, account.second_signatory_id}
    officers = group.members.filter(role__in=("chair", "treasurer"))
    assert signing == set(officers.values_list("person_id", flat=True))
    assert taken(cast, rows, ACCOUNT).counts["same"] == 5


def test_another_account_of_a_known_group_is_a_change(cast: Cast) -> None:
    old = [row(n, "KUBE Melati", "0071012345", "YA" if n < 3 else "") for n in range(1, 6)]
    accepted(taken(cast, old, ACCOUNT), cast.sari)
    new = [row(n, "KUBE Melati", "0071054321", "YA" if n > 3 else "") for n in range(1, 6)]
    batch = taken(cast, new, ACCOUNT)
    assert (batch.counts["changed"], batch.counts["same"]) == (2, 3)
    accepted(batch, cast.sari)
    states = dict(BankAccount.objects.values_list("number", "state"))
    assert states == {"0071012345": "closed", "0071054321": "unverified"}
    assert GroupMember.objects.count() == 5


@pytest.mark.parametrize(
    ("numbers", "signing", "cause"),
    [
        (["0071012345", "0071012345"], [1], "penanda_tangan"),
        (["0071012345", ""], [1, 2, 3], "penanda_tangan"),
        (["11", ""], [1, 2], "rekening_tidak_sah"),
        (["0071099999", ""], [1, 2], "rekening_bersama"),
        (["7,10E+13", ""], [1, 2], "rusak_excel"),
        (["0071012345", "0071054321"], [1, 2], "rekening_beda"),
    ],
)
def test_a_doubtful_account_stops_its_rows(
    cast: Cast, numbers: list[str], signing: list[int], cause: str
) -> None:
    person = PersonFactory()
    BankAccount.objects.create(
        person=person,
        bank_code="114",
        number="0071099999",
        holder_name="X",
        area_code=person.area_code,
        created_at=NOW,
        created_by=cast.sari,
    )
    rows = [
        row(n, "KUBE Melati", numbers[n - 1] if n < 3 else "", "YA" if n in signing else "")
        for n in range(1, 6)
    ]
    assert set(causes(taken(cast, rows, ACCOUNT))) == {cause}


def test_a_known_member_with_another_address_is_corrected_and_stays(cast: Cast) -> None:
    accepted(taken(cast, [row(n) for n in range(1, 6)]), cast.sari)
    batch = taken(cast, [row(4, address="JL. BARU 9", role="Ketua")])
    assert (batch.counts["changed"], hints(batch)) == (1, {"jabatan_beda": 1})
    accepted(batch, cast.sari)
    batch.refresh_from_db()
    assert (batch.counts["accepted"], batch.counts["problem"]) == (1, 0)
    assert Person.objects.filter(address="JL. BARU 9").exists()
    assert Group.objects.get().members.filter(left_on=None).count() == 5


def test_the_day_a_group_was_formed_is_taken_from_the_list(cast: Cast) -> None:
    headers = [*COLUMNS, "TANGGAL PEMBENTUKAN"]
    rows = [row(1, "KUBE Melati", date(2026, 3, 2)), row(2, "KUBE Mawar", date(2099, 1, 1))]
    batch = taken(cast, rows, headers)
    assert problems(batch) == {2: ["tanggal_masa_depan"]}
    accepted(batch, cast.sari)
    group = Group.objects.get()
    assert group.formed_on == group.members.get().joined_on == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"nik": "12"}, "nik_tidak_sah"),
        ({"nik": 3519014108901234}, "rusak_excel"),
        ({"nik": "=3519014108900004+0"}, "nik_tidak_sah"),
        ({"nik": ""}, "belum_diisi"),
        ({"kk": "9"}, "kk_tidak_sah"),
        ({"name": "123"}, "nama_tidak_sah"),
        ({"birth_date": "kemarin"}, "tanggal_tidak_terbaca"),
        ({"sex": "X"}, "jenis_kelamin_tidak_terbaca"),
        ({"village": "ANTAH"}, "desa_tidak_dikenal"),
        ({"regency": "KAB. MAGETAN"}, "wilayah_lain_berkas"),
        ({"business": ""}, "belum_diisi"),
    ],
)
def test_a_broken_row_is_named_and_the_others_go_in(
    cast: Cast, changes: dict[str, Any], cause: str
) -> None:
    batch = taken(cast, [*(row(n) for n in (1, 2, 3)), row(4, **changes), row(5)])
    found = problems(batch)
    assert (list(found), cause in found[4]) == ([4], True)
    accepted(batch, cast.sari)
    assert Group.objects.get().members.count() == 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_text_file_of_any_encoding_is_read(cast: Cast, encoding: str) -> None:
    lines = [COLUMNS, *(row(n, "KUBE Café Né") for n in range(1, 6))]
    text = "\n".join(";".join(str(cell) for cell in line) for line in lines)
    batch = checked(
        text.encode(encoding), cast.sari, name="kube.csv", purpose="beneficiaries.groups"
    )
    accepted(batch, cast.sari)
    assert Group.objects.get().payee.name == "KUBE Café Né"


def test_a_list_of_another_regency_or_role_is_turned_away(cast: Cast) -> None:
    data = files.xlsx([COLUMNS, row(1)])
    for user, code in ((cast.lain, "IMPORT-AREA"), (cast.vera, "IMPORT-RIGHT")):
        with refuses(code):
            checked(data, user, area="35.19", purpose="beneficiaries.groups")
    assert not ImportBatch.objects.exists()


def test_a_correction_file_completes_its_group(cast: Cast) -> None:
    rows = [row(n) for n in range(1, 6)]
    batch = accepted(taken(cast, [*rows[:4], row(5, nik="12")]), cast.sari)
    table = read_fix_sheet(error_file(batch))
    table[1][table[0].index("NIK")] = rows[4][1]
    data = files.xlsx(table)
    again = checked(data, cast.sari, purpose="beneficiaries.groups")
    assert (problems(again), again.counts["new"]) == ({}, 1)
    accepted(again, cast.sari)
    assert Group.objects.get().members.count() == 5
