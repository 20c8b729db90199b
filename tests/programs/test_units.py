"""Units times a tariff: counted by month, added up per stage, frozen once paid."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from bansos.audit.models import Event
from bansos.lib.errors import BadInput, NotAllowed, NotFound, Refused
from programs.models import Stage, StageEntitlement, UnitCount
from programs.queries.entitlements import months_of, payable, with_amount
from programs.services import units
from programs.services.units import record_units
from tests.access_benefits import Benefits, make_benefits
from tests.cast import Cast
from tests.factories.programs import NOW

MARCH = date(2026, 3, 1)


@pytest.fixture
def ground(cast: Cast) -> Benefits:
    return make_benefits(cast)


def count(ground: Benefits, cast: Cast, number: int, month: date = MARCH, **more: object):  # type: ignore[no-untyped-def]
    given = {"source": "Daftar hadir", "by": cast.sari, "at": NOW, **more}
    return record_units(
        enrolment=ground.enrolment, stage=ground.stage, month=month, units=number, **given
    )


@pytest.mark.django_db
def test_months_add_up_and_a_correction_replaces(ground: Benefits, cast: Cast) -> None:
    count(ground, cast, 31 * 20)
    row = count(ground, cast, 28 * 20, date(2026, 2, 1))
    assert (row.units, row.amount) == (1180, Decimal(15_000) * 1180)
    row = count(ground, cast, 600)
    assert (row.units, row.amount) == (1160, Decimal(17_400_000))
    assert UnitCount.objects.count() == 2
    event = Event.objects.filter(verb="programs.record_units").order_by("pk").last()
    assert event is not None
    assert event.data["units"] == 600
    rows = type(ground.enrolment).objects.filter(pk=ground.enrolment.pk)
    assert with_amount(rows, ground.stage).get().due == Decimal(17_400_000)
    with pytest.raises(IntegrityError), transaction.atomic():
        StageEntitlement.objects.update(amount=1)


@pytest.mark.django_db
def test_nothing_counted_is_nothing_to_pay(ground: Benefits, cast: Cast) -> None:
    rows = type(ground.enrolment).objects.filter(pk=ground.enrolment.pk)
    assert not payable(rows, ground.stage).exists()
    count(ground, cast, 0)
    assert not payable(rows, ground.stage).exists()
    count(ground, cast, 1)
    assert payable(rows, ground.stage).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"month": date(2026, 3, 2)}, "UNITS-MONTH"),
        ({"month": date(2025, 3, 1)}, "UNITS-MONTH"),
        ({"month": date(2026, 4, 1)}, "UNITS-MONTH"),
        ({"source": "  "}, "UNITS-SOURCE"),
        ({"number": -1}, "UNITS-NUMBER"),
    ],
)
def test_wrong_input_is_refused(
    ground: Benefits, cast: Cast, more: dict[str, object], code: str
) -> None:
    number = more.pop("number", 5)
    with pytest.raises(BadInput) as refused:
        count(ground, cast, number, **more)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert not StageEntitlement.objects.exists()


@pytest.mark.django_db
def test_wrong_hands_and_wrong_moments(ground: Benefits, cast: Cast, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotAllowed):
        count(ground, cast, 5, by=cast.aud)
    with pytest.raises((NotAllowed, NotFound)):
        count(ground, cast, 5, by=cast.lain)
    monkeypatch.setattr(units, "USE_CHECKS", [lambda row: "Sudah ada dalam daftar bayar."])
    with pytest.raises(Refused) as used:
        count(ground, cast, 5)
    assert used.value.code == "UNITS-USED"
    monkeypatch.setattr(units, "USE_CHECKS", [])
    type(ground.enrolment).objects.update(state="suspended")
    with pytest.raises(Refused) as state:
        count(ground, cast, 5)
    assert state.value.code == "UNITS-STATE"


@pytest.mark.django_db
def test_a_stage_pays_for_the_months_since_the_one_before(ground: Benefits) -> None:
    assert [day.month for day in months_of(ground.stage)] == [1, 2, 3]


def later_stage(ground: Benefits, number: int, day: date) -> Stage:
    return Stage.objects.create(
        version=ground.stage.version, number=number, name=f"Tahap {number}", stage_date=day
    )


@pytest.mark.django_db
def test_no_month_belongs_to_two_stages(ground: Benefits, cast: Cast, client: Client) -> None:
    days = [date(2026, 3, 31), date(2026, 12, 31), date(2026, 12, 1), date(2026, 5, 2)]
    stages = [later_stage(ground, number, day) for number, day in enumerate(days, start=2)]
    found = [[day.month for day in months_of(stage)] for stage in (ground.stage, *stages)]
    assert found == [[1, 2, 3], [], [], [6, 7, 8, 9, 10, 11, 12], [4, 5]]
    client.force_login(cast.sari)
    page = client.get(reverse("programs:units", args=[stages[1].pk]))
    assert page.status_code == 200
    assert "Tahap ini tidak punya bulan sendiri." in page.content.decode()


@pytest.mark.django_db
def test_a_month_is_counted_in_one_stage(ground: Benefits, cast: Cast) -> None:
    given = {
        "enrolment": ground.enrolment,
        "stage": later_stage(ground, 2, date(2026, 6, 30)),
        "month": MARCH,
        **{"source": "Daftar hadir", "by": cast.sari, "at": NOW},
    }
    count(ground, cast, 5)
    with pytest.raises(BadInput) as twice:
        record_units(units=5, **given)  # type: ignore[arg-type]
    assert twice.value.code == "UNITS-MONTH"
    assert not StageEntitlement.objects.exclude(stage=ground.stage).exists()
    count(ground, cast, 0)
    assert record_units(units=5, **given).units == 5  # type: ignore[arg-type]


@pytest.mark.django_db
def test_the_page_and_the_api_count(ground: Benefits, cast: Cast, client: Client) -> None:
    client.force_login(cast.sari)
    address = reverse("programs:units", args=[ground.stage.pk])
    assert "orang-hari" in client.get(address).content.decode()
    name = f"satuan_{ground.enrolment.pk}"
    wrong = client.post(f"{address}?bulan=2026-03", {name: "banyak", "sumber": "Daftar hadir"})
    assert wrong.status_code == 422
    answer = client.post(f"{address}?bulan=2026-03", {name: "620", "sumber": "Daftar hadir"})
    assert answer.status_code == 302
    assert "9.300.000" in client.get(answer["Location"]).content.decode()
    assert UnitCount.objects.get().month == MARCH
    made = client.post(
        reverse("proposal-record-units", args=[ground.enrolment.pk]),
        {"stage": ground.stage.pk, "month": "2026-02-01", "units": 560, "source": "Daftar hadir"},
        content_type="application/json",
    )
    assert made.json()["amount"] == "17700000.00"
    shown = client.get(reverse("proposal-entitlements", args=[ground.enrolment.pk])).json()
    assert shown[0]["units"] == 1180
