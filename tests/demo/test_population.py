"""The made-up people: the same number gives the same people, and every number is used once."""

from __future__ import annotations

from datetime import date

import pytest

from bansos.demo.lists import FIRST_STAGE
from bansos.demo.population import (
    DEFECTS,
    HOPELESS,
    MENDABLE,
    Population,
    Row,
    Village,
    plant,
)
from bansos.lib.dates import age_on
from bansos.lib.nik import check_kk, check_nik

VILLAGES = [
    Village("35.19.01.2001", "Tambakmas", "Kebonsari", "Kabupaten Madiun"),
    Village("35.19.02.1001", "Bangunsari", "Dolopo", "Kabupaten Madiun"),
]


def test_the_same_number_gives_the_same_people() -> None:
    first = Population(7).elders(30, VILLAGES, on=FIRST_STAGE)
    assert Population(7).elders(30, VILLAGES, on=FIRST_STAGE) == first
    assert Population(8).elders(30, VILLAGES, on=FIRST_STAGE) != first


def test_every_number_is_used_once_and_sound() -> None:
    people = Population(1).elders(400, VILLAGES, on=FIRST_STAGE)
    assert len({p.nik for p in people} | {p.kk for p in people}) == 800
    assert len({p.account for p in people}) == 400
    for person in people:
        found = check_nik(person.nik, birth_date=person.birth_date, sex=person.sex)
        assert (found.errors, found.warnings) == ((), ())
        assert check_kk(person.kk).errors == ()
        assert person.nik[-1] != "0"


@pytest.mark.parametrize(("youngest", "oldest"), [(70, 94), (1, 58), (20, 55)])
def test_ages_lie_between_the_two_ages(youngest: int, oldest: int) -> None:
    population, day = Population(3), date(2026, 2, 28)
    births = [population.birth(day, youngest, oldest) for _n in range(500)]
    ages = [age_on(birth, day) for birth in births]
    assert youngest <= min(ages)
    assert max(ages) <= oldest


def planted(count: int) -> tuple[list[Row], Population]:
    population = Population(5)
    good = population.elders(120, VILLAGES, on=FIRST_STAGE)
    return plant(population, good, count, on=FIRST_STAGE), population


def test_each_kind_of_defect_is_planted_in_turn() -> None:
    rows, _population = planted(len(DEFECTS))
    assert sorted(row.defect for row in rows) == sorted((*MENDABLE, *HOPELESS))
    for row in rows:
        assert (row.remedy is not None) == (row.defect in MENDABLE)


def test_a_defect_is_what_its_name_says() -> None:
    rows, _population = planted(len(DEFECTS))
    by_defect = {row.defect: row for row in rows}
    assert len(by_defect["invalid_nik"].soul.nik) == 15
    damaged = by_defect["damaged_nik"]
    assert damaged.nik_as_number
    assert damaged.soul.nik.endswith("0")
    assert damaged.remedy is not None
    assert damaged.remedy.nik[:15] == damaged.soul.nik[:15]
    assert age_on(by_defect["under_age"].soul.birth_date, date(2026, 11, 15)) < 70
    assert by_defect["dead"].soul.died_on is not None
    assert by_defect["desil_high"].soul.desil > 4
    names = {village.name for village in VILLAGES}
    assert by_defect["unknown_village"].soul.village.name not in names


def test_a_row_that_leans_on_another_leans_on_one_of_its_own() -> None:
    population = Population(5)
    good = population.elders(120, VILLAGES, on=FIRST_STAGE)
    rows = {row.defect: row for row in plant(population, good, len(DEFECTS), on=FIRST_STAGE)}
    by_kk = {soul.kk: soul for soul in good}
    by_nik = {soul.nik: soul for soul in good}
    by_account = {soul.account: soul for soul in good}
    victims = [
        by_kk[rows["second_elder"].soul.kk].nik,
        by_nik[rows["duplicate_in_file"].soul.nik].nik,
        by_account[rows["shared_account"].soul.account].nik,
    ]
    assert len(set(victims)) == 3
    assert rows["second_elder"].soul.nik not in by_nik
