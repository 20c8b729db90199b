"""Long lists of premiums: opened, sent and answered by a worker, whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bansos.jobs import services as jobs
from bansos.jobs.choices import JobState
from bansos.jobs.models import Job
from bansos.jobs.services import run_step
from bansos.lib import pulse
from programs.models import PremiumCover, PremiumLine, PremiumRound, PremiumUpload
from programs.services.premiums import acting, rounds
from programs.services.premiums.covers import close_plan
from tests.beneficiaries.kube import refuses
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory
from tests.programs.test_pages import enter
from tests.programs.test_premiums import APRIL, AT, MARCH, Premiums, premiums

pytestmark = pytest.mark.django_db
__all__ = ["premiums"]


@pytest.fixture(autouse=True)
def _two_are_many(settings: Any) -> None:
    settings.LONG_PREMIUM_LINES = 2


def run(job: Job | None) -> Job:
    assert job is not None
    while run_step(job_id=str(job.pk), at=AT):
        pass
    job.refresh_from_db()
    return job


def answer_of(*people: Any, word: str = "Diterima") -> bytes:
    rows = "".join(f"{person.nik};{word};\r\n" for person in people)
    return ("NIK;STATUS;KETERANGAN\r\n" + rows).encode()


def test_a_long_month_is_opened_sent_and_answered_by_a_worker(
    cast: Cast, premiums: Premiums
) -> None:
    people, who = [PersonFactory() for _ in range(3)], {"by": cast.budi, "at": AT}
    first = premiums.open()
    for person in people:
        premiums.decide(premiums.add(first, person))

    sending = acting.send_round(round_=first, **who)
    with refuses("PREMIUM-BUSY"):
        acting.send_round(round_=first, **who)
    with refuses("PREMIUM-BUSY"):
        premiums.add(first, PersonFactory())
    assert run(sending).state == JobState.DONE
    first.refresh_from_db()
    assert (first.state, PremiumCover.objects.count()) == ("sent", 3)
    with refuses("PREMIUM-SENT"):
        acting.send_round(round_=first, **who)

    data = answer_of(*people)
    given = {"round_": first, "data": data, "file_name": "a.csv", **who}
    answering = acting.apply_answer(**given)
    assert data not in bytes(PremiumUpload.objects.get().sealed_file)
    assert run(answering).state == JobState.DONE
    assert PremiumUpload.objects.count() == 0
    assert acting.apply_answer(**given) is None
    first.refresh_from_db()
    assert (first.state, first.answers.get().counts["accepted"]) == ("answered", 3)

    opening = acting.open_round(plan=premiums.plan, month=APRIL, **who)
    assert PremiumRound.objects.count() == 1
    done = run(opening)
    second = PremiumRound.objects.get(month=APRIL)
    assert (done.state, done.done, done.result_url) == ("done", 3, second.get_absolute_url())
    assert set(second.lines.values_list("change", "state")) == {("keep", "verified")}
    with refuses("PREMIUM-OPEN"):
        acting.open_round(plan=premiums.plan, month=APRIL, **who)


def test_a_cancelled_act_leaves_nothing(
    cast: Cast, premiums: Premiums, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, who = [PersonFactory() for _ in range(3)], {"by": cast.budi, "at": AT}
    first = premiums.open()
    for person in people:
        premiums.decide(premiums.add(first, person))
    monkeypatch.setattr(jobs, "PULSE_SECONDS", -1)
    job = acting.send_round(round_=first, **who)
    assert job is not None
    # Somebody cancels while the files are being made: at the last beat of the work.
    beats: list[tuple[int, int]] = []

    def beat(done: int, total: int) -> None:
        beats.append((done, total))
        if len(beats) == 2:
            jobs.cancel(job=job, **who)
        pulse.beat(done, total)

    monkeypatch.setattr(rounds, "beat", beat)
    assert run(job).state == JobState.CANCELLED
    first.refresh_from_db()
    assert (first.state, PremiumCover.objects.count()) == ("open", 0)
    assert beats == [(0, 3), (3, 3)]
    # And it can be begun again.
    monkeypatch.setattr(rounds, "beat", pulse.beat)
    assert run(acting.send_round(round_=first, **who)).state == JobState.DONE

    upload = {"round_": first, "data": answer_of(*people), "file_name": "a.csv", **who}
    waiting = acting.apply_answer(**upload)
    assert waiting is not None
    jobs.cancel(job=waiting, **who)
    assert run(waiting).state == JobState.CANCELLED
    assert PremiumUpload.objects.count() == 0
    assert set(PremiumLine.objects.values_list("state", flat=True)) == {"sent"}


def test_what_a_worker_finds_goes_back_to_the_verifiers_and_stays(
    cast: Cast, premiums: Premiums
) -> None:
    people = [PersonFactory() for _ in range(3)]
    first = premiums.open(MARCH)
    for person in people:
        premiums.decide(premiums.add(first, person))
    type(people[0]).objects.filter(pk=people[0].pk).update(
        died_on=MARCH, death_source="Petugas desa"
    )
    job = run(acting.send_round(round_=first, by=cast.budi, at=AT))
    assert job.state == JobState.DONE_WITH_NOTES
    assert "1 orang mempunyai temuan baru" in job.message
    assert PremiumLine.objects.get(person=people[0]).state == "waiting"
    first.refresh_from_db()
    assert first.state == "open"


def test_a_file_that_is_none_fails_in_words(cast: Cast, premiums: Premiums) -> None:
    people = [PersonFactory() for _ in range(2)]
    first = premiums.month(*people)
    job = run(
        acting.apply_answer(
            round_=first, data=b"a;b\r\n1;2\r\n", file_name="a.csv", by=cast.budi, at=AT
        )
    )
    assert (job.state, job.attempts) == (JobState.FAILED, 1)
    assert job.message
    assert PremiumUpload.objects.count() == 0


def test_the_pages_lead_to_the_job(cast: Cast, premiums: Premiums, client: Client) -> None:
    people = [PersonFactory() for _ in range(2)]
    first = premiums.month(*people)
    enter(client, cast.budi)
    page = reverse("programs:premium_answer", args=[first.pk])
    told = client.post(page, {"file": SimpleUploadedFile("a.csv", answer_of(*people))})
    job = Job.objects.latest("created_at")
    assert told["Location"] == reverse("jobs:detail", args=[job.pk])
    body = client.get(first.get_absolute_url()).content.decode()
    assert reverse("jobs:progress", args=[job.pk]) in body
    assert "Terapkan jawaban" not in body
    run(job)
    assert (
        reverse("jobs:progress", args=[job.pk])
        not in client.get(first.get_absolute_url()).content.decode()
    )


def test_a_plan_is_not_ended_while_a_worker_has_its_list(cast: Cast, premiums: Premiums) -> None:
    people, who = [PersonFactory() for _ in range(3)], {"by": cast.budi, "at": AT}
    first = premiums.month(*people)
    premiums.answer(first, *((str(person.nik), "Diterima") for person in people))
    opening = acting.open_round(plan=premiums.plan, month=APRIL, **who)
    with refuses("PREMIUM-BUSY"):
        close_plan(plan=premiums.plan, note="Dihentikan", **who)
    assert PremiumCover.objects.filter(until_month=None).count() == 3
    assert run(opening).state == JobState.DONE
