"""A programme that asks for a plan (RAB) pays nobody whose plan does not equal the grant."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bansos.lib.errors import Refused
from disbursements.models import PayList
from disbursements.services import lists
from disbursements.services.preflight import check_now
from programs.models import BusinessPlan, Enrolment
from tests.cast import Cast
from tests.factories.disbursements import World, make_world

pytestmark = pytest.mark.django_db
GRANT = Decimal(2_000_000)


def give_plan(
    world: World, enrolment: Enrolment, total: Decimal = GRANT, *, number: int = 1
) -> None:
    BusinessPlan.objects.create(
        enrolment=enrolment,
        round=number,
        business_name="Warung",
        lowest=total,
        grant=total,
        total=total,
        made_at=world.tick(),
        made_by=world.cast.sari,
    )


def held(pay_list: PayList) -> list[tuple[int, str]]:
    rows = pay_list.hits.filter(code="plan").order_by("line__position")
    return list(rows.values_list("line__enrolment", "message"))


def test_a_line_without_an_equal_plan_is_held(cast: Cast) -> None:
    world = make_world(cast, people=3, plan_rules={"required": True})
    without, other, planned = world.enrolments
    give_plan(world, planned)
    give_plan(world, other, Decimal(1_900_000))
    draft = world.drawn()
    assert sorted(held(draft)) == [
        (without.pk, "RAB belum disimpan."),
        (other.pk, "RAB Rp1.900.000 tidak lagi sesuai besaran bantuan Rp2.000.000."),
    ]
    with pytest.raises(Refused):
        lists.lock(pay_list=draft, by=cast.budi, at=world.tick())
    give_plan(world, without)
    give_plan(world, other, number=2)
    assert check_now(pay_list=draft, at=world.tick()) == 0
    assert held(draft) == []
    assert lists.lock(pay_list=draft, by=cast.budi, at=world.tick()).count == 3


def test_where_no_plan_is_asked_none_is_missed(cast: Cast) -> None:
    world = make_world(cast, people=2, plan_rules={"required": False})
    assert held(world.drawn()) == []
