"""Simulations: counted against list, quota and budget; kept, compared, opened by who may."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bansos.jobs.choices import JobState
from bansos.jobs.models import Job
from bansos.jobs.services import run_step
from bansos.lib.errors import BadInput, NotAllowed
from beneficiaries.models import Person
from programs.models import ProgrammeVersion, Quota, Simulation, SimulationRow
from programs.queries.simulations import figures_of
from programs.rules import digest_of
from programs.rules.thresholds import points, thresholds, varied
from programs.services import simulations as services
from tests.cast import Cast
from tests.factories.accounts import UserFactory
from tests.factories.beneficiaries import FamilyFactory, PersonFactory
from tests.factories.programs import (
    EnrolmentFactory,
    ProgrammeFactory,
    ProgrammeVersionFactory,
)
from tests.factories.simulations import SimulationFactory
from tests.programs.test_pages import enter

pytestmark = pytest.mark.django_db

AT = datetime(2026, 2, 2, 3, tzinfo=UTC)
AGE = {"code": "min_age_on_stage", "params": {"age": 70}}
POOR = {"code": "desil_in", "params": {"values": [1, 2]}}
ONE = {"code": "one_per_family", "params": {}}
SEEN = {"code": "field_check", "params": {"key": "usaha", "question": "Punya usaha"}}


def elder(born: int, area: str = "35.19.01.2001", **more: Any) -> Person:
    row: Person = PersonFactory(birth_date=date(born, 6, 1), area_code=area, **more)
    return row


def version_with(cast: Cast, *criteria: dict[str, Any], **more: Any) -> ProgrammeVersion:
    row: ProgrammeVersion = ProgrammeVersionFactory(
        criteria=list(criteria), one_per_family=ONE in criteria, activated_by=cast.budi, **more
    )
    return row


def simulated(cast: Cast, version: ProgrammeVersion, **values: Any) -> Simulation:
    """Draft, run and work the job to its end, as the worker does."""
    given = services.SimulationValues(**{"name": "Coba", "baseline": version, **values})
    row = services.draft_simulation(version=version, values=given, by=cast.budi, at=AT)
    job = services.run_simulation(simulation=row, by=cast.budi, at=AT)
    while run_step(job_id=str(job.pk), at=AT):
        pass
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.message
    return Simulation.objects.get(pk=row.pk)


def test_counts_per_regency_with_places_quota_and_cost(cast: Cast) -> None:
    version = version_with(cast, AGE, ONE)
    Quota.objects.create(version=version, area_code="35.19", places=1)
    kk = FamilyFactory(area_code="35.19")
    elder(1940, family=kk)
    elder(1941, family=kk)
    elder(1945)
    elder(1950, area="35.20.01.2001")
    elder(1990)
    PersonFactory(birth_date=None)
    elder(1940, died_on=date(2026, 1, 1), death_source="Petugas desa")
    elder(1940, area="64.72.01.1001")

    row = simulated(cast, version, budget=Decimal(3_000_000))

    counted = [
        (a.area_code, a.yes, a.unknown, a.hoped, a.quota, a.cost, a.cost_in_quota)
        for a in row.areas.order_by("area_code")
    ]
    assert counted == [
        ("35.19", 3, 1, 2, 1, Decimal(4_000_000), Decimal(2_000_000)),
        ("35.20", 1, 0, 1, None, Decimal(2_000_000), Decimal(2_000_000)),
    ]
    assert row.results["totals"] == {
        "yes": 4, "pending": 0, "unknown": 1, "places": 3, "hoped": 3,
    }  # fmt: skip
    assert (row.facts_on, row.stage_date) == (date(2026, 2, 2), date(2026, 3, 15))


@pytest.mark.parametrize(
    ("total", "inside"),
    [
        (None, [1, 3, 1]),
        (5, [1, 3, 1]),
        (4, [1, 2, 1]),
        (2, [1, 1, 0]),
        (1, [1, 0, 0]),
    ],
)
def test_regencies_without_a_quota_share_what_the_total_leaves(
    cast: Cast, total: int | None, inside: list[int]
) -> None:
    version = version_with(cast, AGE, quota_total=total)
    Quota.objects.create(version=version, area_code="35.19", places=1)
    places = ("35.19", "35.19", "35.20", "35.20", "35.20", "35.21")
    for place in places:
        elder(1940, area=f"{place}.01.2001")

    row = simulated(cast, version, budget=Decimal(1_000_000))

    unit = Decimal(2_000_000)
    areas = row.areas.order_by("area_code")
    assert [area.cost_in_quota for area in areas] == [unit * count for count in inside]
    assert [area.hoped for area in areas] == [2, 3, 1]
    figures = figures_of(row)
    assert figures.cost == unit * len(places)
    assert figures.short == unit * sum(inside) - 1_000_000


def test_who_comes_in_stays_goes_out_and_cannot_be_told(cast: Cast) -> None:
    version = version_with(cast, AGE)
    people = {
        "in": elder(1950),
        "stay": elder(1940),
        "out": elder(1980),
        "doubt": PersonFactory(birth_date=None),
    }
    elder(1990)
    for name in ("stay", "out", "doubt"):
        EnrolmentFactory(version=version, person=people[name], active=True, account=None)
    stopped = elder(1941)
    EnrolmentFactory(version=version, person=stopped, state="stopped", account=None)
    agency = version.programme.agency
    other = ProgrammeVersionFactory(
        programme=ProgrammeFactory(agency=agency, code="ASPD", name="ASPD"), stages=False
    )
    EnrolmentFactory(version=other, person=people["in"], active=True, account=None)

    row = simulated(cast, version)

    found = set(row.rows.values_list("outcome", "person_id"))
    assert found == {(name, person.pk) for name, person in people.items()} | {("in", stopped.pk)}
    assert row.results["changes"] == {"in": 2, "pending": 0, "stay": 1, "doubt": 1, "out": 1}
    assert row.results["overlap"] == [{"code": "ASPD", "name": "ASPD", "people": 1}]


def test_what_waits_for_a_visit_is_told_from_what_nobody_knows(cast: Cast) -> None:
    version = version_with(cast, AGE, SEEN)
    elder(1940)
    PersonFactory(birth_date=None)
    row = simulated(cast, version)
    assert row.results["totals"]["pending"] == 1
    assert row.results["totals"]["unknown"] == 1
    assert row.rows.get().outcome == "pending"


def test_each_criterion_is_counted_and_the_idle_ones_are_named(cast: Cast, client: Client) -> None:
    version = version_with(cast, AGE, {"code": "sex_is", "params": {"sex": "L"}})
    elder(1940)
    elder(1950)
    row = simulated(cast, version)
    assert [(n["yes"], n["no"], n["unknown"]) for n in row.results["nodes"]] == [
        (2, 0, 0),
        (0, 2, 0),
    ]
    enter(client, cast.budi)
    body = client.get(row.get_absolute_url()).content.decode()
    assert "Tidak satu pun memenuhi: Laki-laki." in body
    assert "Semuanya memenuhi, jadi tidak menyaring: Berusia paling sedikit 70" in body


def test_a_threshold_is_moved_step_by_step(cast: Cast) -> None:
    version = version_with(cast, {"group": "any", "items": [AGE]})
    for born in (1950, 1954, 1957, 1960):
        elder(born)
    row = simulated(cast, version, threshold="0.0:age")
    assert [(p["value"], p["people"], p["own"]) for p in row.results["points"]] == [
        ("66", 3, False), ("67", 3, False), ("68", 3, False), ("69", 2, False), ("70", 2, True),
        ("71", 2, False), ("72", 1, False), ("73", 1, False), ("74", 1, False),
    ]  # fmt: skip


def test_thresholds_know_numbers_desils_and_money() -> None:
    paid = {"code": "amount_received", "params": {"least": None, "most": "500000", "when": "ever"}}
    desil, money = thresholds([POOR, paid])
    assert [value[-1] for value in points(desil)] == list(range(1, 11))
    assert points(money)[0] == "300000"
    assert varied([POOR, paid], money, "600000")[1]["params"]["most"] == "600000"
    assert paid["params"]["most"] == "500000"  # type: ignore[index]


def test_other_criteria_are_tried_without_touching_the_version(cast: Cast, client: Client) -> None:
    version = version_with(cast, AGE)
    elder(1960)
    enter(client, cast.budi)
    url = reverse("programs:simulation_new", args=[version.pk])
    client.post(url, {"name": "Usia 60", "budget": "5.000.000", "threshold": "0:age"})
    row = Simulation.objects.get()
    edit = reverse("programs:simulation_criterion", args=[row.pk, "0"])
    client.post(edit, {"p_age": "60", "seen": digest_of(row.criteria)})
    client.post(reverse("programs:simulation_run", args=[row.pk]))
    while run_step(job_id=str(Job.objects.get().pk), at=AT):
        pass
    row.refresh_from_db()
    version.refresh_from_db()
    assert (row.results["totals"]["yes"], version.criteria) == (1, [AGE])
    assert row.sentence.startswith("Memenuhi syarat bila berusia paling sedikit 60")

    refused = client.post(
        reverse("programs:simulation_criterion_act", args=[row.pk, "0"]),
        {"do": "drop", "seen": digest_of(row.criteria)}, follow=True,
    ).content.decode()  # fmt: skip
    assert "sudah atau sedang dihitung" in refused
    client.post(reverse("programs:simulation_copy", args=[row.pk]))
    copy = Simulation.objects.exclude(pk=row.pk).get()
    assert (copy.criteria, copy.is_done) == (row.criteria, False)
    client.post(reverse("programs:simulation_drop", args=[row.pk]))
    assert list(Simulation.objects.all()) == [copy]
    assert SimulationRow.objects.count() == 0


def test_two_simulations_stand_side_by_side(cast: Cast, client: Client) -> None:
    first = SimulationFactory(counted=True, made_by=cast.budi)
    second = SimulationFactory(counted=True, made_by=cast.budi, version=first.version)
    second.areas.update(hoped=130, cost=Decimal(260_000_000))
    enter(client, cast.budi)
    url = reverse("programs:simulation_compare", args=[first.pk])

    body = client.get(f"{url}?dengan={second.pk}").content.decode()

    assert body.count(second.name) >= 2
    assert ">30<" in body
    assert "Rp260.000.000" in body
    assert client.get(f"{url}?dengan=999999").status_code == 404


def test_lists_of_a_simulation_open_and_go_out_as_files(cast: Cast, client: Client) -> None:
    row = SimulationFactory(counted=True, made_by=cast.budi)
    person = elder(1940)
    SimulationRow.objects.create(
        simulation=row, person=person, area_code=person.area_code, outcome="in"
    )
    enter(client, cast.budi)
    people = reverse("programs:simulation_people") + f"?simulation={row.pk}"

    assert person.name in client.get(f"{people}&outcome=in").content.decode()
    assert person.name not in client.get(f"{people}&outcome=out").content.decode()
    areas = client.get(reverse("programs:simulation_areas") + f"?simulation={row.pk}")
    assert "Kabupaten Madiun" in areas.content.decode()


def test_what_cannot_be_simulated_is_refused(cast: Cast) -> None:
    values = services.SimulationValues(name="x")
    group = version_with(cast, AGE)
    with pytest.raises(BadInput) as wrong:
        services.draft_simulation(
            version=group, values=values, criteria=[{"code": "moon"}], by=cast.budi, at=AT
        )
    assert wrong.value.code == "SIM-CRITERIA"
    with pytest.raises(NotAllowed):
        services.draft_simulation(version=group, values=values, by=cast.sari, at=AT)
    assert Simulation.objects.count() == 0


def test_auditors_read_and_regencies_do_not(cast: Cast, client: Client) -> None:
    row = SimulationFactory(counted=True, made_by=cast.budi)
    auditor = UserFactory(role="auditor", area_code="35")
    enter(client, auditor)
    assert client.get(row.get_absolute_url()).status_code == 200
    assert client.post(reverse("programs:simulation_drop", args=[row.pk])).status_code == 403
    enter(client, cast.sari)
    assert client.get(row.get_absolute_url()).status_code in {403, 404}
    assert Simulation.objects.filter(pk=row.pk).exists()
