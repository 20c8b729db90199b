"""Acts on a list too long to wait for: a worker does them whole, tells how far it is, can stop."""

from __future__ import annotations

from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bansos.accounts.models import User
from bansos.audit.models import Event
from bansos.jobs import queries
from bansos.jobs import services as jobs
from bansos.jobs.choices import JobState
from bansos.jobs.models import CancelRequest, Job
from bansos.lib import pulse
from bansos.lib.dates import day_of
from bansos.lib.errors import NotAllowed, Refused, Stale
from beneficiaries.models import Person
from disbursements.choices import LineState, ListState
from disbursements.models import LineSum, PayList
from disbursements.queries.audit import audit_books
from disbursements.queries.comparing import difference_of
from disbursements.services import (
    acting,
    bank,
    drawing,
    lists,
    moves,
    preflight,
)
from disbursements.views import approvals
from tests.cast import Cast
from tests.factories.disbursements import World, fresh, make_world, quick_letters, run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def short_patience(settings: Any) -> None:
    """Four lines are a long list here."""
    settings.LONG_LIST_LINES = 2


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast, people=4)


def ask(world: World, name: str, pay_list: PayList, by: Any, **given: str) -> Job:
    job = acting.act(name=name, pay_list=pay_list, by=by, at=world.tick(), **given)
    assert job is not None
    return job


def test_the_whole_life_of_a_long_list_is_done_by_jobs(world: World) -> None:
    cast, row = world.cast, world.drawn()
    job = ask(world, "lock", row, cast.budi)
    assert fresh(row).state == ListState.DRAFT, "nothing happens before the worker comes"
    assert run(job).state == JobState.DONE
    row = lists.submit_for_approval(pay_list=fresh(row), by=cast.budi, at=world.tick())
    for name, by in (("check", cast.ratna), ("approve", cast.hadi)):
        job = ask(world, name, fresh(row), by, seen_hash=row.content_hash)
        assert run(job).state == JobState.DONE, job.message
    row = fresh(row)
    assert row.state == ListState.APPROVED
    assert row.approved_at is not None
    assert (row.locked_by, row.checked_by, row.approved_by) == (cast.budi, cast.ratna, cast.hadi)
    row = lists.record_sp2d(
        pay_list=row,
        spm_number="SPM-1",
        sp2d_number="SP2D-1",
        sp2d_date=day_of(row.approved_at, row.budget.agency.zone),
        amount=row.total,
        by=cast.tono,
        at=timezone.now(),
    )
    with quick_letters():
        run(bank.make_files(pay_list=row, by=cast.budi, at=world.tick()))
    assert run(ask(world, "send", fresh(row), cast.budi)).state == JobState.DONE
    assert fresh(row).state == ListState.SENT
    assert set(row.lines.values_list("state", flat=True)) == {LineState.SUBMITTED}


def test_a_long_list_is_cancelled_by_a_job(world: World) -> None:
    row = world.locked()
    asked = ask(world, "cancel", row, world.cast.budi, reason="Salah tahap")
    assert "Salah" not in str(asked.params), "a job holds ids only"
    job = run(asked)
    row = fresh(row)
    assert (job.state, row.state, row.cancel_reason) == ("done", ListState.CANCELLED, "Salah tahap")
    assert set(row.lines.values_list("state", flat=True)) == {LineState.CANCELLED}
    row.budget.refresh_from_db()
    assert row.budget.reserved == 0


def test_blocking_hits_stay_and_the_job_says_so(world: World) -> None:
    row = world.drawn()
    person = world.enrolments[0].person
    person.died_on = world.clock.date()
    person.save(update_fields=["died_on"])
    job = run(ask(world, "lock", row, world.cast.budi))
    assert job.state == JobState.DONE_WITH_NOTES
    assert "1 penerima belum lolos" in job.message
    assert fresh(row).state == ListState.DRAFT
    assert row.hits.filter(code="died").count() == 1


def test_what_can_be_told_at_once_is_told_at_once(world: World) -> None:
    row, before = world.awaiting(), Job.objects.count()
    with pytest.raises(Stale):
        ask(world, "check", row, world.cast.ratna, seen_hash="0" * 64)
    with pytest.raises(NotAllowed):
        ask(world, "check", row, world.cast.budi, seen_hash=row.content_hash)
    with pytest.raises(Refused):
        ask(world, "send", row, world.cast.budi)
    assert Job.objects.count() == before


def test_who_may_not_is_told_at_the_click(world: World) -> None:
    row = world.with_sp2d()
    with quick_letters():
        run(bank.make_files(pay_list=row, by=world.cast.budi, at=world.tick()))
    other = world.locked(world.drawn(stage=world.stages[1]))
    # A token is less than its user, and the worker knows the user only.
    world.cast.budi.permission_limit = frozenset()
    before = Job.objects.count()
    for name, pay_list, given in (("send", row, {}), ("cancel", other, {"reason": "Salah"})):
        for by in (world.cast.aud, world.cast.budi):
            with pytest.raises(NotAllowed):
                ask(world, name, fresh(pay_list), by, **given)
    assert Job.objects.count() == before


def test_the_area_counts_when_the_work_is_done(world: World) -> None:
    row = world.drawn()
    job = ask(world, "lock", row, world.cast.budi)
    User.objects.filter(pk=world.cast.budi.pk).update(area_code="35.78")
    jobs.run_step(job_id=str(job.pk), at=world.tick())
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "LIST-AREA")
    assert fresh(row).state == ListState.DRAFT


def test_what_only_the_lines_tell_ends_the_job_with_the_same_sentence(world: World) -> None:
    row = world.awaiting()
    person = world.enrolments[0].person
    person.died_on = world.clock.date()
    person.save(update_fields=["died_on"])
    job = ask(world, "check", row, world.cast.ratna, seen_hash=row.content_hash)
    jobs.run_step(job_id=str(job.pk), at=world.tick())
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "LIST-CHANGED")
    assert "1 penerima kini tercatat meninggal" in job.message
    assert fresh(row).checked_at is None


def test_it_tells_how_far_it_is_and_stops_without_a_trace(world: World) -> None:
    row = world.locked()
    sums = list(LineSum.objects.order_by("pk").values_list("state", "lines", "amount"))
    job = ask(world, "cancel", row, world.cast.budi, reason="Salah tahap")
    seen: list[tuple[int, int, str]] = []
    keep = pulse.keep

    def told(work: str, done: int, total: int) -> None:
        keep(work, done, total)
        card = queries.card(Job.objects.get(pk=job.pk))
        seen.append((card.done, card.total, str(card.word.label)))
        if done == 2:
            CancelRequest.objects.create(job=job, by=job.owner, at=timezone.now())

    with (
        patch.object(jobs, "PULSE_SECONDS", 0),
        patch.object(moves, "AT_ONCE", 1),
        patch.object(pulse, "keep", told),
    ):
        jobs.run_step(job_id=str(job.pk), at=world.tick())
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert seen == [(1, 4, "Berjalan"), (2, 4, "Berjalan")]
    assert fresh(row).state == ListState.LOCKED
    assert set(row.lines.values_list("state", flat=True)) == {LineState.WAITING}
    assert list(LineSum.objects.order_by("pk").values_list("state", "lines", "amount")) == sums
    assert cache.get(f"pulse:job:{job.pk}") is None


def test_while_it_is_worked_on_the_page_says_so_and_nothing_else_begins(
    world: World, client: Client
) -> None:
    row = world.drawn()
    ask(world, "lock", row, world.cast.budi)
    with pytest.raises(Refused, match="sedang dikerjakan di latar"):
        acting.act(name="cancel", pay_list=row, by=world.cast.budi, at=world.tick(), reason="Salah")
    who: dict[str, Any] = {"pay_list": row, "by": world.cast.budi, "at": world.tick()}
    for begin in (
        partial(lists.exclude, niks_or_positions=["1"], reason="Salah"),
        partial(lists.include_again, line_ids=[1]),
        lists.run_preflight,
        lists.unlock,
        lists.submit_for_approval,
        partial(lists.send_back, note="Salah"),
        bank.make_files,
    ):
        with pytest.raises(Refused, match="sedang dikerjakan di latar"):
            begin(**who)
    client.force_login(world.cast.budi)
    page = client.get(reverse("disbursements:list", args=[row.pk]))
    words = page.content.decode()
    assert "Mengunci daftar bayar" in words
    assert "Daftar sedang dikerjakan di latar." in words


def test_the_page_asks_a_worker(world: World, client: Client) -> None:
    row = world.drawn()
    client.force_login(world.cast.budi)
    page = client.post(reverse("disbursements:act", args=[row.pk, "kunci"]), follow=True)
    assert "dikerjakan di latar" in page.content.decode()
    job = fresh(row).job
    assert job is not None
    assert (job.kind, job.params) == (acting.KIND, {"list": row.pk, "act": "lock", "given": {}})


def test_the_page_to_sign_on_passes_over_the_lines_once_and_signing_asks_anew(
    world: World, client: Client
) -> None:
    row = world.awaiting()
    client.force_login(world.cast.ratna)
    path = reverse("disbursements:approve", args=[row.pk])
    cache.clear()
    with (
        patch.object(approvals, "changes_since_lock", return_value=[]) as changes,
        patch.object(approvals, "difference_of", wraps=difference_of) as difference,
    ):
        pages = [client.get(path).status_code for _turn in range(3)]
    assert pages == [200, 200, 200]
    assert (changes.call_count, difference.call_count) == (1, 1)
    Person.objects.filter(pk=world.enrolments[0].person_id).update(died_on=day_of(world.clock))
    assert "kini tercatat meninggal" not in client.get(path).content.decode(), "kept a while"
    job = ask(world, "check", row, world.cast.ratna, seen_hash=row.content_hash)
    jobs.run_step(job_id=str(job.pk), at=world.tick())
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "LIST-CHANGED")
    assert "kini tercatat meninggal" in job.message


def begun(world: World) -> PayList:
    """A list whose lines are drawn and not checked yet."""
    made = lists.create_list(
        stage=world.stage, area_code="35.19", by=world.cast.budi, at=world.tick()
    )
    jobs.run_step(job_id=str(made.job_id), at=world.tick())
    return fresh(made)


def states(pay_list: PayList) -> list[str]:
    return list(pay_list.lines.order_by("position").values_list("state", flat=True))


def step(job: Job | None) -> Job:
    assert job is not None
    jobs.run_step(job_id=str(job.pk), at=timezone.now())
    job.refresh_from_db()
    return job


def test_a_long_drawing_ends_when_it_is_cancelled_and_its_lines_follow(world: World) -> None:
    row = begun(world)
    drawing_job = row.job
    assert drawing_job is not None
    jobs.cancel(job=drawing_job, by=world.cast.budi, at=world.tick())
    assert step(drawing_job).state == JobState.CANCELLED
    row = fresh(row)
    assert (row.state, row.drawn_at) == (ListState.DRAFT, None)
    assert set(states(row)) == {LineState.WAITING}, "no line was waited for"
    assert row.job is not None
    assert row.job.kind == moves.GIVE_UP_JOB
    with patch.object(drawing, "GIVEN_UP_AT_ONCE", 2):
        assert step(row.job).state == JobState.RUNNING
        assert states(row) == ["cancelled", "cancelled", "waiting", "waiting"]
        assert not breaches() & {"with_list", "lost_jobs"}, "a list half given up is no breach"
        refusals: tuple[tuple[Any, str], ...] = (
            (lambda: begun(world), "sudah ada"),
            (lambda: lists.lock(pay_list=row, by=world.cast.budi, at=world.tick()), "disusun"),
            (
                lambda: acting.act(
                    name="cancel", pay_list=row, by=world.cast.budi, at=world.tick(), reason="X"
                ),
                "sedang dikerjakan di latar",
            ),
        )
        for work, words in refusals:
            with pytest.raises(Refused, match=words):
                work()
        Job.objects.filter(pk=row.job.pk).update(state=JobState.FAILED, finished_at=world.clock)
        assert "lost_jobs" in breaches(), "but one that nobody goes on with is"
        Job.objects.filter(pk=row.job.pk).update(state=JobState.RUNNING, finished_at=None)
        # To stop it is no way back: the next job goes on.
        jobs.cancel(job=row.job, by=world.cast.budi, at=world.tick())
        assert step(row.job).state == JobState.CANCELLED
        again = fresh(row).job
        assert again is not None
        assert again.pk != row.job.pk
        run(again)
    row = fresh(row)
    assert (row.state, row.cancel_reason) == (ListState.CANCELLED, "Penyusunan dibatalkan.")
    assert set(states(row)) == {LineState.CANCELLED}
    assert audit_events(row) == 1
    drawn = world.drawn()
    assert states(drawn) == [LineState.WAITING] * 4, "everybody is free for the next list"


def breaches() -> set[str]:
    return {row.check for row in audit_books(at=timezone.now(), own=False).breaches}


def audit_events(pay_list: PayList) -> int:
    return Event.objects.filter(
        verb="disbursements.cancel_list", target_id=str(pay_list.pk)
    ).count()


def test_a_long_list_is_cancelled_while_it_is_checked_too(world: World) -> None:
    with patch.object(preflight, "CHUNK", 2):
        row = begun(world)
        assert row.job is not None
        step(row.job)
        assert fresh(row).drawn_at is not None
        jobs.cancel(job=row.job, by=world.cast.budi, at=world.tick())
        step(row.job)
    row = fresh(row)
    assert row.drawn_at is None, "what is given up is not locked meanwhile"
    PayList.objects.filter(pk=row.pk).update(drawn_at=world.clock)
    assert "with_list" not in breaches()
    row.lines.filter(position=1).update(state=LineState.CANCELLED)
    assert "with_list" in breaches(), "no line is taken out of a list that is drawn"
    PayList.objects.filter(pk=row.pk).update(drawn_at=None)
    run(row.job)
    assert fresh(row).state == ListState.CANCELLED
