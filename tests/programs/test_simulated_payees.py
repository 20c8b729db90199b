"""Simulations of programmes that pay groups or institutions: the same criteria, asked of payees."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.choices import GroupRole
from beneficiaries.models import GroupMember, Payee, Person
from programs.choices import Answer, PayeeKind
from programs.models import Enrolment, Quota
from programs.queries import scores, traits
from programs.queries.compiled import compile_criteria
from programs.queries.facts import facts_for
from programs.rules import Facts, evaluate, verdict
from tests.beneficiaries.kube import forming
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory
from tests.factories.programs import EnrolmentFactory, ProgrammeVersionFactory
from tests.programs.test_criteria_sql import (
    ANSWERS,
    LEAVES,
    PAID,
    SCORES,
    STAGE,
    TODAY,
    Village,
    examples,
    few_examples,
    tops,
)
from tests.programs.test_pages import enter
from tests.programs.test_simulations import simulated

pytestmark = pytest.mark.django_db


@pytest.fixture
def village(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Village:
    """Two groups and four institutions; some with a chair, some in a proposal, some alone."""
    version = ProgrammeVersionFactory(
        stages=False, one_per_family=False, activated_by=cast.budi, year=2026
    )
    monkeypatch.setattr(scores, "SOURCES", [SCORES])
    monkeypatch.setattr("programs.queries.sql_kinds.SOURCES", [SCORES])
    monkeypatch.setattr(scores, "PAID", [PAID])
    monkeypatch.setattr("programs.queries.sql_kinds.PAID", [PAID])
    found = Village(cast, version)
    members = GroupMember.objects.filter(person=found.people[0])
    members.update(role=GroupRole.CHAIR)
    groups = list(Payee.objects.filter(kind="group").order_by("pk"))
    homes = list(Payee.objects.filter(kind="institution").order_by("pk"))
    for payee, person in zip([*homes[:3], groups[1]], found.people[30:], strict=False):
        EnrolmentFactory(
            version=version, person=person, payee=payee, active=True, account=None,
            decided_by=cast.vera, proposed_by=cast.sari, created_by=cast.sari,
        )  # fmt: skip
    return found


def answering(village: Village, payee: Payee) -> Person | None:
    chair = GroupMember.objects.filter(group_id=payee.pk, left_on=None, role="chair").first()
    if chair is not None:
        return chair.person
    rows = Enrolment.objects.filter(payee=payee)
    newest = max(rows, key=lambda x: (x.version_id == village.version.pk, x.pk), default=None)
    return newest.person if newest else None


def one_by_one(village: Village, criteria: list[dict[str, Any]], kind: str) -> dict[int, Answer]:
    """What the judge of a single proposal says of each payee."""
    version = village.version
    version.criteria = criteria
    found = {}
    for payee in Payee.objects.filter(kind=kind, area_code__startswith="35"):
        person = answering(village, payee)
        if person is not None:
            facts = facts_for(
                [person], version=version, today=TODAY, stage_date=STAGE,
                payees={person.pk: payee.pk},
            )[person.pk]  # fmt: skip
        else:
            facts = Facts(
                stage_date=STAGE, asked_on=TODAY, year=2026,
                group_size=traits.group_sizes([0], {0: payee.pk}).get(0),
                accreditation=traits.grades([0], {0: payee.pk}, STAGE).get(0),
            )  # fmt: skip
        found[payee.pk] = verdict(evaluate(criteria, facts))
    return found


def in_one_query(village: Village, criteria: list[dict[str, Any]], kind: str) -> dict[int, Answer]:
    village.version.payee_kind = kind
    compiled = compile_criteria(
        criteria, version=village.version, area_code="35", stage_date=STAGE, today=TODAY
    )
    asked = (
        f"SELECT y.id, {compiled.verdict} FROM {compiled.source} WHERE {compiled.everybody}",
        f"SELECT y.id, {compiled.outcome} FROM {compiled.source} WHERE {compiled.sieve}",
    )
    with connection.cursor() as db:
        db.execute(asked[0], compiled.params)
        found = dict(db.fetchall())
        db.execute(asked[1], compiled.params)
        many = dict(db.fetchall())
    assert all(found[pk] is False for pk in found if pk not in many)
    words = {True: {"yes"}, False: {"no"}, None: {"pending", "unknown"}}
    assert all(outcome in words[found[pk]] for pk, outcome in many.items())
    return {pk: ANSWERS[answer] for pk, answer in found.items()}


def test_generated_criteria_mean_the_same_for_payees(village: Village) -> None:
    @examples(30)
    @given(st.lists(tops, min_size=1, max_size=3), st.sampled_from(["group", "institution"]))
    def compare(criteria: list[dict[str, Any]], kind: str) -> None:
        with transaction.atomic():
            assert in_one_query(village, criteria, kind) == one_by_one(village, criteria, kind)

    compare()


def test_every_kind_means_the_same_for_payees(village: Village) -> None:
    seen: set[Answer] = set()

    def compare(node: dict[str, Any]) -> None:
        for kind in ("group", "institution"):
            told = one_by_one(village, [node], kind)
            assert in_one_query(village, [node], kind) == told
            seen.update(told.values())

    for strategy in LEAVES.values():
        few_examples(given(strategy)(compare))()
    assert seen == set(Answer)


FIVE = {"code": "group_size", "params": {"least": 5, "most": 20}}
HERE = {"code": "domicile_in_province", "params": {"province": "35"}}


def test_groups_are_counted_with_quota_cost_and_changes(cast: Cast, client: Client) -> None:
    version = ProgrammeVersionFactory(
        criteria=[FIVE, HERE], payee_kind=PayeeKind.GROUP, one_per_family=False, stages=False,
        annual_amount=Decimal(20_000_000), activated_by=cast.budi,
    )  # fmt: skip
    Quota.objects.create(version=version, area_code="35.19", places=1)
    stays, comes, small = (
        forming(cast, name, count)
        for name, count in (("KUBE Melati", 5), ("KUBE Mawar", 6), ("KUBE Kenanga", 3))
    )
    for group, state in ((stays, "active"), (small, "active"), (comes, "stopped")):
        EnrolmentFactory(
            version=version, person=PersonFactory(area_code="35.19.01.2001"), payee=group.payee,
            account=None, **({"active": True} if state == "active" else {"state": state}),
        )  # fmt: skip
    closed = forming(cast, "KUBE Lama", 5).payee
    Payee.objects.filter(pk=closed.pk).update(closed_on=date(2026, 1, 5), close_reason="bubar")

    row = simulated(cast, version, budget=Decimal(30_000_000))

    assert set(row.rows.values_list("outcome", "payee__name", "person")) == {
        ("in", "KUBE Mawar", None),
        ("stay", "KUBE Melati", None),
        ("out", "KUBE Kenanga", None),
    }
    [area] = row.areas.all()
    assert (area.area_code, area.yes, area.hoped, area.quota) == ("35.19", 2, 2, 1)
    assert (area.cost, area.cost_in_quota) == (Decimal(40_000_000), Decimal(20_000_000))
    assert [(n["yes"], n["no"], n["unknown"]) for n in row.results["nodes"]] == [
        (2, 1, 0),
        (3, 0, 0),
    ]
    enter(client, cast.budi)
    body = client.get(row.get_absolute_url()).content.decode()
    assert "Semuanya memenuhi, jadi tidak menyaring" in body
    rows = reverse("programs:simulation_people") + f"?simulation={row.pk}"
    listed = client.get(f"{rows}&outcome=in&q=mawar").content.decode()
    assert comes.payee.name in listed
    assert stays.payee.name not in listed
    assert reverse("beneficiaries:group", args=[comes.pk]) in listed
