"""The auditor at work: by the hour, on demand, before a lock; what it found is shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bansos.lib.errors import NotAllowed, Refused
from disbursements import tasks
from disbursements.models import AuditRun, BudgetLine
from disbursements.queries.audit import PARTS
from disbursements.services import auditing, lists
from tests.cast import Cast, make_cast
from tests.factories.books import rest
from tests.factories.disbursements import World, make_world, run, unchanged


@pytest.fixture
def world(cast: Cast) -> World:
    """Three payees."""
    return make_world(cast, people=3)


def tamper(sql: str) -> None:
    """A change that goes past every service and trigger."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = origin")


def red_run(at: Any) -> AuditRun:
    """A run that found one breach."""
    counts = {"I1": {"rows": 2, "broken": 1}}
    made = AuditRun.objects.create(started_at=at, finished_at=at, broken=1, counts=counts)
    made.breaches.create(
        promise="I1", kind="ceiling", area_code="35", place="DPA/A.1/2026", expected="1", found="2"
    )
    return made


def test_broken_books_lock_nothing(world: World) -> None:
    draft = world.drawn()
    tamper("UPDATE disbursements_budgetline SET ceiling = ceiling + 1")
    with unchanged(draft), pytest.raises(Refused, match="Buku pagu ini tidak utuh") as refused:
        lists.lock(pay_list=draft, by=world.cast.budi, at=world.tick())
    assert refused.value.code == "BOOKS-BROKEN"
    tamper("UPDATE disbursements_budgetline SET ceiling = ceiling - 1")
    assert lists.lock(pay_list=draft, by=world.cast.budi, at=world.tick()).state == "locked"


def test_broken_books_of_another_budget_do_not_stop_a_lock(world: World) -> None:
    draft = world.drawn()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM disbursements_budgetline")
        own = cursor.fetchone()[0]
    assert auditing.must_be_sound(budget_id=own + 1, at=world.clock) is None
    tamper("UPDATE disbursements_budgetline SET ceiling = ceiling + 1")
    assert auditing.must_be_sound(budget_id=own + 1, at=world.clock) is None
    with pytest.raises(Refused):
        auditing.must_be_sound(budget_id=draft.budget_id, at=world.clock)


def test_writing_goes_on_after_a_read_only_audit(world: World) -> None:
    auditing.must_be_sound(budget_id=world.budget.pk, at=world.clock)
    assert BudgetLine.objects.update(account_code="5.1") == 1


@pytest.mark.django_db(transaction=True)
def test_the_scheduler_and_a_person_audit_what_is_committed(transactional_db: None) -> None:
    world = make_world(make_cast(), people=3)
    world.clock = timezone.now()
    world.locked()
    rest(world)
    assert tasks.audit_hourly() == 0
    hourly = AuditRun.objects.get()
    assert hourly.asked_by is None
    assert hourly.counts["I3"] == {"rows": 1, "broken": 0}
    BudgetLine.objects.update(reserved=0)
    job = auditing.request_audit(by=world.cast.tono, at=world.tick())
    assert auditing.request_audit(by=world.cast.tono, at=world.tick()) == job
    assert job.total == len(PARTS)
    done = run(job)
    asked = AuditRun.objects.latest("pk")
    assert done.state == "notes"
    assert done.result_url == reverse("disbursements:audit", args=[asked.pk])
    assert asked.asked_by == world.cast.tono
    assert asked.broken == asked.breaches.count() > 0
    assert {row.promise for row in asked.breaches.all()} == {"I1", "I5"}
    assert asked.counts["I5"]["broken"] == asked.breaches.filter(promise="I5").count()


def test_who_may_not_audit_is_told_so(world: World) -> None:
    with pytest.raises(NotAllowed):
        auditing.request_audit(by=world.cast.budi, at=world.clock)


@pytest.mark.parametrize("name", ["tono", "hadi", "aud", "adi"])
def test_home_shows_that_the_books_are_broken(world: World, client: Client, name: str) -> None:
    user = getattr(world.cast, name)
    client.force_login(user)
    assert "Buku tidak utuh" not in client.get(reverse("home")).content.decode()
    broken = red_run(world.clock)
    page = client.get(reverse("home")).content.decode()
    assert "Buku tidak utuh: 1 pelanggaran" in page
    assert reverse("disbursements:audit", args=[broken.pk]) in page
    AuditRun.objects.create(
        started_at=world.clock, finished_at=world.clock, broken=0, counts=broken.counts
    )
    assert "Buku tidak utuh" not in client.get(reverse("home")).content.decode()


def test_home_of_the_maker_stays_as_it_is(world: World, client: Client) -> None:
    red_run(world.clock)
    client.force_login(world.cast.budi)
    assert "Buku tidak utuh" not in client.get(reverse("home")).content.decode()


def test_the_pages_say_which_promise_is_broken_and_where(world: World, client: Client) -> None:
    broken = red_run(world.clock)
    client.force_login(world.cast.aud)
    page = client.get(reverse("disbursements:audits")).content.decode()
    assert "Dilanggar" in page
    assert "I1 Pagu tidak terlampaui" in page
    behind = f"{reverse('disbursements:breaches')}?run={broken.pk}&promise=I1"
    assert behind.replace("&", "&amp;") in page
    rows = client.get(behind).content.decode()
    assert "Pagu tidak sama dengan DPA di kartu kendali" in rows
    assert "DPA/A.1/2026" in rows
    client.force_login(world.cast.kalt)
    assert client.get(behind).status_code == 403


def test_the_api_gives_runs_and_breaches(world: World, client: Client) -> None:
    broken = red_run(world.clock)
    client.force_login(world.cast.aud)
    row = client.get(reverse("book-audit-detail", args=[broken.pk])).json()
    assert row["broken"] == 1
    assert row["breaches"][0]["words"] == "Pagu tidak sama dengan DPA di kartu kendali"
    assert client.get(reverse("book-audit-list")).json()["results"][0]["id"] == broken.pk


def test_runs_are_never_changed(world: World) -> None:
    from django.db import IntegrityError, transaction

    red_run(world.clock)
    for table in ("disbursements_auditrun", "disbursements_auditbreach"):
        with (
            pytest.raises(IntegrityError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE {table} SET id = id")
