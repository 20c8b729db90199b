"""The figures against a year that was worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from disbursements.choices import LineState
from disbursements.models import Allocation
from monitoring.queries import MoneyRow, Scope, from_json, gather, to_json
from programs.models import Stage
from tests.cast import Cast
from tests.factories.monitoring import (
    DOLOPO,
    KEBONSARI,
    Fate,
    Year,
    make_budget,
    make_list,
    make_version,
    make_year,
)

ON = date(2026, 12, 31)
HALF_MILLION = Decimal(500_000)


@pytest.fixture
def year(cast: Cast) -> Year:
    return make_year(cast)


def of(user: Any, area: str = "35", **more: Any) -> Any:
    return gather(Scope(user=user, year=2026, area_code=area, **more), on=ON)


def test_money_of_the_year(cast: Cast, year: Year) -> None:
    total = of(cast.budi).total
    assert total.ceiling == 20_000_000
    assert total.reserved == 8 * HALF_MILLION
    assert total.paid == 10 * HALF_MILLION
    assert total.delivered == 7 * HALF_MILLION
    assert total.returned == HALF_MILLION
    assert total.left == 11_000_000
    assert total.open == 2 * HALF_MILLION
    assert (total.paid_people, total.delivered_people, total.returned_people) == (10, 7, 1)


def test_regencies_carry_their_allocation_and_districts_do_not(cast: Cast, year: Year) -> None:
    found = of(cast.budi)
    rows = {row.key: row for row in found.regencies}
    assert list(rows) == ["35.19", "35.20"]
    assert rows["35.19"].ceiling == 12_000_000
    assert rows["35.19"].left == 3_000_000
    assert rows["35.20"].ceiling == 3_000_000
    assert rows["35.20"].paid == 0
    districts = {row.name: row for row in found.districts}
    assert set(districts) == {"Kebonsari", "Dolopo"}
    assert districts["Kebonsari"].paid == 7 * HALF_MILLION
    assert districts["Kebonsari"].delivered == 7 * HALF_MILLION
    assert districts["Dolopo"].paid == 3 * HALF_MILLION
    assert districts["Dolopo"].returned == HALF_MILLION
    assert districts["Dolopo"].open == 2 * HALF_MILLION
    assert districts["Dolopo"].ceiling is None
    assert districts["Dolopo"].left is None


def test_a_period_counts_what_happened_in_it(cast: Cast, year: Year) -> None:
    february = of(cast.budi, from_date=date(2026, 2, 1), until_date=date(2026, 2, 28)).total
    assert february.paid == 10 * HALF_MILLION
    assert february.delivered == 5 * HALF_MILLION
    assert february.returned == 0
    march = of(cast.budi, from_date=date(2026, 3, 1), until_date=date(2026, 3, 31)).total
    assert march.paid == 0
    assert march.delivered == 2 * HALF_MILLION
    assert march.returned == HALF_MILLION


def test_people_are_counted_once_by_age_and_sex(cast: Cast, year: Year) -> None:
    ages = {row.name: row for row in of(cast.budi).ages}
    assert set(ages) == {"70\u201379 tahun", "80\u201389 tahun"}
    assert (ages["70\u201379 tahun"].men, ages["70\u201379 tahun"].women) == (1, 3)
    assert (ages["80\u201389 tahun"].men, ages["80\u201389 tahun"].women) == (1, 2)


def test_timeliness_of_a_stage(cast: Cast, year: Year) -> None:
    first, second = of(cast.budi).times
    assert first.planned == date(2026, 2, 1)
    assert first.first_sp2d == first.last_sp2d == date(2026, 2, 3)
    assert first.sp2d_days == 2
    assert (first.median_days, first.longest_days) == (2, 45)
    assert (first.within_10, first.within_30, first.later) == (5, 0, 2)
    assert first.waiting == 2
    assert second.first_sp2d is None
    assert second.median_days is None


def test_returns_by_cause(cast: Cast, year: Year) -> None:
    rows = {row.key: row for row in of(cast.budi).returns}
    assert {key: row.count for key, row in rows.items()} == {"name": 1, "died": 1, "closed": 1}
    assert rows["died"].treasury == 1
    assert rows["name"].follow_up == 1
    assert rows["closed"].undecided == 1
    assert rows["closed"].amount == HALF_MILLION


def test_proposals_by_state(cast: Cast, year: Year) -> None:
    states = {row.key: row.count for row in of(cast.budi).states}
    assert states == {"proposed": 1, "active": 11}


def test_stages(cast: Cast, year: Year) -> None:
    first, second = of(cast.budi).stages
    assert (first.paid, first.delivered, first.paid_people) == (
        10 * HALF_MILLION,
        7 * HALF_MILLION,
        10,
    )
    assert second.paid == 0


def test_programmes_stand_apart_and_add_up(cast: Cast, year: Year) -> None:
    other = make_version(cast, code="ASPD", name="ASPD")
    make_budget(cast, other, ceiling=5_000_000, shares={"35.19": 5_000_000})
    found = of(cast.budi)
    assert [row.name for row in found.programmes] == ["ASPD", "PKH Plus"]
    assert found.total.ceiling == sum(row.ceiling or 0 for row in found.programmes) == 25_000_000
    alone = of(cast.budi, version_id=year.version.pk)
    assert alone.total.ceiling == 20_000_000
    assert [row.name for row in alone.programmes] == ["PKH Plus"]


def test_nobody_sees_beyond_the_own_area(cast: Cast, year: Year) -> None:
    own = of(cast.sari)
    assert own.total.key == "35.19"
    assert own.total.ceiling == 12_000_000
    assert own.total.paid == 10 * HALF_MILLION
    neighbour = of(cast.lain)
    assert neighbour.total.ceiling == 3_000_000
    assert neighbour.total.paid == 0
    assert neighbour.districts == []
    assert of(cast.lain, "35.19").is_empty
    assert of(cast.kalt).is_empty
    assert of(cast.kalt, "64").is_empty


def test_one_district(cast: Cast, year: Year) -> None:
    found = of(cast.budi, "35.19.02")
    assert found.total.name == "Dolopo"
    assert found.total.ceiling is None
    assert found.total.paid == 3 * HALF_MILLION


def test_figures_survive_their_column(cast: Cast, year: Year) -> None:
    found = of(cast.budi)
    assert from_json(to_json(found)) == found


@pytest.mark.parametrize("area", ["35", "35.19", "35.20", "35.19.02", "64"])
def test_a_page_shows_the_figures_of_the_report(cast: Cast, year: Year, area: str) -> None:
    """The same amounts; a province is read by regency, and who was paid is not counted."""
    scope = Scope(user=cast.budi, year=2026, area_code=area)
    page, report = gather(scope, on=ON, page=True), gather(scope, on=ON)
    for name in ("total", "programmes", "regencies"):
        assert amounts(getattr(page, name)) == amounts(getattr(report, name)), name
    for name in ("stages", "ages", "times", "returns", "states"):
        assert getattr(page, name) == getattr(report, name), name
    assert amounts(page.districts) == ([] if area == "35" else amounts(report.districts))
    assert {row.paid_people for row in page.districts} <= {None}
    assert from_json(to_json(page)) == page


def amounts(rows: Any) -> list[MoneyRow]:
    found = rows if isinstance(rows, list) else [rows]
    return [replace(row, paid_people=None, delivered_people=None) for row in found]


def test_a_province_of_one_regency_is_shown_by_its_districts(cast: Cast, year: Year) -> None:
    Allocation.objects.filter(area_code="35.20").delete()
    page = gather(Scope(user=cast.budi, year=2026, area_code="35"), on=ON, page=True)
    assert [row.key for row in page.regencies] == ["35.19"]
    assert {row.name: row.paid for row in page.districts} == {
        "Kebonsari": 7 * HALF_MILLION,
        "Dolopo": 3 * HALF_MILLION,
    }


@pytest.mark.parametrize(("area", "count"), [(DOLOPO, 1), (KEBONSARI, 2)])
def test_who_comes_back_twice_is_one_in_each_district(
    cast: Cast, year: Year, area: str, count: int
) -> None:
    """On the page as in the report, which counts people by district."""
    person = year.first.lines.get(state=LineState.PAID_BACK).person
    person.area_code = area
    stage = Stage.objects.create(
        version=year.version, number=3, name="Tahap 3", stage_date=ON, amount=HALF_MILLION
    )
    fate = Fate(person, LineState.PAID_BACK, date(2026, 12, 20), "died")
    make_list(cast, year.first.decree, stage, [fate], sp2d=date(2026, 12, 1))
    scope = Scope(user=cast.budi, year=2026, area_code="35")
    page, report = gather(scope, on=ON, page=True), gather(scope, on=ON)
    assert page.total.returned == report.total.returned == 2 * HALF_MILLION
    assert page.total.returned_people == report.total.returned_people == count
    assert page.regencies[0].returned_people == count


def test_query_count_does_not_grow_with_rows(
    cast: Cast, year: Year, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(16):
        of(cast.budi)
