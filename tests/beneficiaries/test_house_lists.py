"""Lists of institutions and treasuries: new, changed, wrong; with their accounts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from beneficiaries.models import (
    Accreditation,
    BankAccount,
    GovernmentPayee,
    ImportBatch,
    Institution,
)
from beneficiaries.services.payees import close_payee
from tests.beneficiaries.lists import accepted, causes, checked
from tests.beneficiaries.test_group_lists import problems
from tests.cast import Cast
from tests.factories.beneficiaries import NOW
from tests.lib.sheets import files

pytestmark = pytest.mark.django_db
PLACE = ["TAMBAKMAS", "KEBONSARI", "KAB. MADIUN"]
HOUSE = [
    *("NAMA LEMBAGA", "JENIS LEMBAGA", "DESA/KELURAHAN", "KECAMATAN", "KABUPATEN"),
    *("DAYA TAMPUNG", "AKREDITASI", "NOMOR SERTIFIKAT", "TANGGAL SERTIFIKAT"),
    *("NO REKENING LEMBAGA", "KODE BANK"),
]
TREASURY = ["KODE WILAYAH", "NAMA PEMERINTAH", "NAMA BENDAHARA", "NO REKENING KAS"]


def house(name: str = "LKSA Kasih", **changes: Any) -> list[Any]:
    """A row of a house in Tambakmas."""
    row: dict[str, Any] = {
        "kind": "LKSA",
        "places": 30,
        "grade": "B",
        "certificate": "BALKS/1",
        "granted_on": date(2025, 3, 10),
        "account": "",
        "bank": "",
    }
    unknown = set(changes) - set(row)
    assert not unknown, unknown
    row |= changes
    return [name, row.pop("kind"), *PLACE, *row.values()]


def houses(cast: Cast, *rows: list[Any]) -> ImportBatch:
    data = files.xlsx([HOUSE, *rows])
    return checked(data, cast.sari, purpose="beneficiaries.institutions")


def treasuries(cast: Cast, *rows: list[Any]) -> ImportBatch:
    data = files.xlsx([TREASURY, *rows])
    return checked(data, cast.sari, purpose="beneficiaries.governments")


def test_a_house_of_the_list_is_corrected_and_gets_its_next_certificate(cast: Cast) -> None:
    accepted(houses(cast, house(account="0071012345")), cast.sari)
    assert houses(cast, house(account="0071012345")).counts["same"] == 1
    assert houses(cast, house(places="", grade="", certificate="", granted_on="")).counts["same"]
    accepted(houses(cast, house(places=35)), cast.sari)
    assert Accreditation.objects.count() == 1
    newer = {"places": 40, "grade": "A", "certificate": "BALKS/2", "granted_on": date(2026, 3, 10)}
    batch = houses(cast, house(account="0071054321", bank="2", **newer))
    assert batch.counts["changed"] == 1
    accepted(batch, cast.sari)
    row = Institution.objects.get()
    assert row.capacity == 40
    assert list(Accreditation.objects.order_by("pk").values_list("grade", flat=True)) == ["B", "A"]
    accounts = BankAccount.objects.order_by("pk").values_list("bank_code", "number", "holder_name")
    assert list(accounts) == [
        ("114", "0071012345", "LKSA Kasih"),
        ("002", "0071054321", "LKSA Kasih"),
    ]


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"places": 0}, "pilihan_tidak_dikenal"),
        ({"places": "banyak"}, "pilihan_tidak_dikenal"),
        ({"places": 100_001}, "pilihan_tidak_dikenal"),
        ({"kind": "Hotel"}, "pilihan_tidak_dikenal"),
        ({"grade": "D"}, "pilihan_tidak_dikenal"),
        ({"certificate": ""}, "belum_diisi"),
        ({"granted_on": ""}, "belum_diisi"),
        ({"granted_on": date(2099, 1, 1)}, "tanggal_masa_depan"),
        ({"granted_on": "31 Februari 2025"}, "tanggal_tidak_terbaca"),
        ({"account": "12"}, "rekening_tidak_sah"),
        ({"account": "0071012345", "bank": "BRI"}, "kode_bank"),
    ],
)
def test_a_wrong_house_is_named_at_its_row(cast: Cast, changes: dict[str, Any], cause: str) -> None:
    batch = houses(cast, house("LKSA Baik"), house(**changes))
    found = problems(batch)
    assert (list(found), cause in found[2]) == ([2], True)


def test_one_house_twice_and_one_account_for_two_houses(cast: Cast) -> None:
    rows = [
        house(account="0071012345"),
        house(" lksa  kasih "),
        house("LKSA Dua", account="0071012345"),
    ]
    assert problems(houses(cast, *rows)) == {
        2: ["ganda_dalam_berkas"],
        3: ["rekening_bersama"],
    }


def test_a_house_without_a_village_is_a_problem(cast: Cast) -> None:
    rows = [["NAMA LEMBAGA", "JENIS LEMBAGA"], ["LKSA Kasih", "LKSA"]]
    batch = checked(files.xlsx(rows), cast.sari, purpose="beneficiaries.institutions")
    assert causes(batch) == {"belum_diisi": 1}


def test_a_treasury_of_the_list_gets_its_treasurer_and_account(cast: Cast) -> None:
    row = ["3519012001", "Pemerintah Desa Tambakmas", "Suharto", "0071012345"]
    accepted(treasuries(cast, row), cast.sari)
    assert treasuries(cast, row).counts["same"] == 1
    batch = treasuries(cast, ["35.19.01.2001", row[1], "Wati", ""])
    assert batch.counts["changed"] == 1
    accepted(batch, cast.sari)
    treasury = GovernmentPayee.objects.select_related("payee").get()
    account = BankAccount.objects.get()
    assert (treasury.treasurer_name, account.number) == ("Wati", "0071012345")
    assert account.payee_id == treasury.pk
    batch = treasuries(cast, [*row[:2], "Wati", "0071054321"])
    assert batch.counts["changed"] == 1
    accepted(batch, cast.sari)
    assert treasury.payee.open_account().number == "0071054321"


def test_a_wrong_treasury_is_named_at_its_row(cast: Cast) -> None:
    rows = [
        ["3519012001", "Pemerintah Desa Tambakmas", "Suharto", ""],
        ["35.19.01.2001", "Pemerintah Desa Tambakmas", "Suharto", ""],
        ["35.20", "Pemerintah Kabupaten Magetan", "Wati", ""],
        ["35.19.01.9999", "Pemerintah Desa Antah", "Wati", ""],
        ["35.19.01", "Kecamatan Kebonsari", "Wati", ""],
        ["35.19", "Pemerintah Kabupaten Madiun", "Wati", "12"],
    ]
    assert problems(treasuries(cast, *rows)) == {
        2: ["ganda_dalam_berkas"],
        3: ["wilayah_lain_berkas"],
        4: ["kode_tidak_dikenal"],
        5: ["kode_tidak_dikenal"],
        6: ["rekening_tidak_sah"],
    }


def test_a_closed_treasury_is_not_changed_by_a_list(cast: Cast) -> None:
    row = ["3519012001", "Pemerintah Desa Tambakmas", "Suharto", ""]
    accepted(treasuries(cast, row), cast.sari)
    payee = GovernmentPayee.objects.get().payee
    close_payee(payee=payee, closed_on=date(2026, 6, 1), reason="Digabung", by=cast.sari, at=NOW)
    assert causes(treasuries(cast, [*row[:2], "Wati", ""])) == {"kas_ditutup": 1}
