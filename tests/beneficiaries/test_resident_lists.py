"""Lists of residents: who comes, who goes, nobody in two houses on one day, places counted."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from beneficiaries.models import ImportBatch, Residency
from beneficiaries.services.imports import checking
from beneficiaries.services.imports.purposes import purpose_of
from tests.beneficiaries.lists import HEADERS, accepted, checked, person_row
from tests.beneficiaries.test_group_lists import hints, problems
from tests.beneficiaries.test_institutions import home
from tests.cast import Cast
from tests.lib.sheets import files

pytestmark = pytest.mark.django_db
COLUMNS = [*HEADERS[:-1], "NAMA LEMBAGA", "TANGGAL MASUK", "TANGGAL KELUAR"]
MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
SEJAHTERA, DAMAI = "LKS-LU Sejahtera", "LKS-LU Damai"


def stay(number: int, house: str, first: Any, last: Any = "", **changes: Any) -> list[Any]:
    return [*person_row(number, **changes)[:-1], house, first, last]


def taken(cast: Cast, *rows: list[Any]) -> ImportBatch:
    return checked(files.xlsx([COLUMNS, *rows]), cast.sari, purpose="beneficiaries.residents")


def test_a_list_says_who_comes_and_who_goes(cast: Cast) -> None:
    home(cast, SEJAHTERA)
    accepted(taken(cast, *(stay(n, SEJAHTERA, MAY) for n in (1, 2))), cast.sari)
    batch = taken(
        cast,
        stay(1, " lks-lu  sejahtera", MAY, JUNE),
        stay(2, SEJAHTERA, MAY),
        stay(3, SEJAHTERA, JUNE),
    )
    assert (batch.counts["changed"], batch.counts["same"], batch.counts["new"]) == (1, 1, 1)
    effects = purpose_of(batch.purpose).effects
    assert effects is not None
    assert effects(batch) == [
        "1 orang menjadi penghuni.",
        "1 penghuni dicatat pergi atau dibetulkan datanya.",
    ]
    accepted(batch, cast.sari)
    ends = Residency.objects.order_by("pk").values_list("until_date", flat=True)
    assert list(ends) == [JUNE, None, None]
    again = taken(cast, stay(1, SEJAHTERA, MAY, JUNE), stay(3, SEJAHTERA, JUNE))
    assert again.counts["same"] == 2


@pytest.mark.parametrize(
    ("house", "first", "last", "said"),
    [
        (DAMAI, date(2026, 5, 31), "", "lembaga lain pada hari yang sama"),
        (DAMAI, date(2026, 4, 1), MAY, "lembaga lain pada hari yang sama"),
        (SEJAHTERA, date(2026, 5, 2), "", "sampai 31 Mei 2026"),
        (SEJAHTERA, MAY, date(2026, 6, 30), "sampai 31 Mei 2026"),
    ],
)
def test_two_stays_on_one_day_are_named_at_the_row(
    cast: Cast, house: str, first: date, last: Any, said: str
) -> None:
    home(cast, SEJAHTERA)
    home(cast, DAMAI)
    accepted(taken(cast, stay(1, SEJAHTERA, MAY, date(2026, 5, 31))), cast.sari)
    batch = taken(cast, stay(1, house, first, last), stay(2, house, MAY))
    assert problems(batch) == {1: ["sudah_tercatat"]}
    assert said in batch.rows.order_by("row_number")[0].problems[0]["message"]


def test_the_day_after_a_stay_another_one_may_begin(cast: Cast) -> None:
    home(cast, SEJAHTERA)
    home(cast, DAMAI)
    accepted(taken(cast, stay(1, SEJAHTERA, MAY, date(2026, 5, 31))), cast.sari)
    accepted(taken(cast, stay(1, DAMAI, JUNE)), cast.sari)
    assert Residency.objects.count() == 2


def test_an_open_stay_with_another_first_day_is_not_doubled(cast: Cast) -> None:
    home(cast, SEJAHTERA)
    accepted(taken(cast, stay(1, SEJAHTERA, MAY)), cast.sari)
    batch = taken(cast, stay(1, SEJAHTERA, date(2026, 5, 2)))
    assert problems(batch) == {1: ["sudah_tercatat"]}
    assert "sejak 1 Mei 2026" in batch.rows.get().problems[0]["message"]


def test_wrong_days_and_houses_are_named_at_their_rows(cast: Cast) -> None:
    home(cast, SEJAHTERA)
    batch = taken(
        cast,
        stay(1, SEJAHTERA, ""),
        stay(2, SEJAHTERA, "kemarin"),
        stay(3, SEJAHTERA, date(2099, 1, 1)),
        stay(4, SEJAHTERA, JUNE, MAY),
        stay(5, "Panti Antah", MAY),
        stay(6, SEJAHTERA, MAY),
        stay(6, SEJAHTERA, JUNE),
    )
    assert problems(batch) == {
        1: ["belum_diisi"],
        2: ["tanggal_tidak_terbaca"],
        3: ["tanggal_masa_depan"],
        4: ["tanggal_terbalik"],
        5: ["lembaga_tidak_dikenal"],
        7: ["ganda_dalam_berkas"],
    }


def test_more_people_than_places_is_said_wherever_the_rows_stand(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "STEP_ROWS", 2)
    house = home(cast, SEJAHTERA)
    type(house).objects.filter(pk=house.pk).update(capacity=3)
    accepted(taken(cast, stay(1, SEJAHTERA, MAY)), cast.sari)
    batch = taken(
        cast,
        stay(2, SEJAHTERA, MAY, date(2026, 5, 20)),
        stay(3, SEJAHTERA, MAY),
        stay(4, SEJAHTERA, JUNE),
        stay(5, SEJAHTERA, JUNE),
    )
    assert (problems(batch), hints(batch)) == ({}, {"daya_tampung": 1})
    warned = batch.rows.exclude(warnings=[]).get()
    assert warned.row_number == batch.rows.order_by("-row_number")[0].row_number
    assert warned.warnings[0]["message"] == "Penghuni menjadi 4 orang; daya tampung 3."
