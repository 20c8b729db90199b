"""A stage whose day has come and that has no pay list waits for the programme staff."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from disbursements.choices import ListState
from disbursements.models import PayList
from monitoring.queries.waiting import stages_due
from programs.models import Decree, ProgrammeVersion, Stage
from tests.cast import Cast
from tests.factories.monitoring import Year, make_year

pytestmark = pytest.mark.django_db


def ten_people(cast: Cast) -> Year:
    year = make_year(cast)
    Decree.objects.filter(pk=year.first.decree_id).update(count=10)
    return year


def test_a_due_stage_without_a_list_waits(cast: Cast) -> None:
    year = ten_people(cast)
    assert stages_due(cast.budi) == (0, [])
    today = timezone.localdate()
    due = Stage.objects.create(
        version=year.version, number=8, name="Tahap 8", stage_date=today, amount=Decimal(500_000)
    )
    Stage.objects.create(
        version=year.version,
        number=9,
        name="Tahap 9",
        stage_date=today + timedelta(days=1),
        amount=Decimal(500_000),
    )
    count, (piece,) = stages_due(cast.budi)
    assert count == 1
    assert piece.title.endswith("Tahap 8")
    assert f"stage={due.pk}" in piece.href
    assert (piece.people, piece.amount) == (10, Decimal(5_000_000))
    assert stages_due(cast.kalt) == (0, [])


def test_a_stage_paid_by_units_says_how_many_and_no_sum(cast: Cast) -> None:
    year = ten_people(cast)
    ProgrammeVersion.objects.filter(pk=year.version.pk).update(
        benefit_kind="tariff", annual_amount=None
    )
    Stage.objects.create(
        version=year.version, number=8, name="Tahap 8", stage_date=timezone.localdate()
    )
    _count, (piece,) = stages_due(cast.budi)
    assert (piece.people, piece.amount) == (10, None)


def test_a_cancelled_list_is_no_list_and_goods_need_none(cast: Cast) -> None:
    year = ten_people(cast)
    PayList.objects.filter(pk=year.second.pk).update(
        state=ListState.CANCELLED, cancelled_at=timezone.now(), cancelled_by=cast.budi
    )
    assert stages_due(cast.budi)[0] == 1
    ProgrammeVersion.objects.filter(pk=year.version.pk).update(benefit_kind="goods")
    assert stages_due(cast.budi) == (0, [])
