"""Lists under strain: two clicks at once, a step that fails, a change since the check, old age."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from bansos.audit.models import Event
from bansos.jobs.models import Job
from bansos.jobs.services import cancel, run_step, submit
from bansos.lib.errors import BadInput, Refused, Stale
from bansos.regions.choices import CodeSystem, Level
from bansos.regions.models import Region
from beneficiaries.choices import ImportState
from beneficiaries.models import BankAccount, ImportBatch, Person
from beneficiaries.services import imports
from beneficiaries.services.imports import accepting
from beneficiaries.services.imports.regions import Place, RegionFinder, code_system_of
from tests.beneficiaries.lists import (
    accepted,
    causes,
    checked,
    guide_workbook,
    person_row,
    work_off,
)
from tests.cast import Cast, make_cast
from tests.factories.beneficiaries import NOW, BankAccountFactory

PATIENCE = 10


@pytest.fixture
def slow_submit(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, Any]]:
    """The first acceptance has written its job and not committed until it is let go."""
    reached, go = threading.Event(), threading.Event()
    real = accepting.submit

    def slow(**values: Any) -> Job:
        job = real(**values)
        reached.set()
        go.wait(PATIENCE)
        return job

    monkeypatch.setattr(accepting, "submit", slow)
    yield reached, go
    go.set()


def in_thread(act: Callable[[], object], answers: list[str]) -> threading.Thread:
    """Runs `act` on its own connection; its end is written down as a word."""

    def run() -> None:
        try:
            act()
            answers.append("done")
        except Stale:
            answers.append("stale")
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def wait_for_a_lock() -> None:
    """Returns when some statement waits for a row that another transaction holds."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    for _turn in range(PATIENCE * 20):
        with connection.cursor() as cursor:
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
        threading.Event().wait(0.05)
    raise AssertionError("nobody waits")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", ["accept", "refuse"])
def test_who_comes_second_sees_what_the_first_decided(
    slow_submit: tuple[threading.Event, Any], second: str
) -> None:
    cast = make_cast()
    batch = checked(guide_workbook([person_row(1)]), cast.sari)
    reached, go = slow_submit
    one: list[str] = []
    two: list[str] = []
    first = in_thread(lambda: imports.accept(batch=batch, by=cast.sari, at=NOW), one)
    assert reached.wait(PATIENCE)
    act = getattr(imports, second)
    other = in_thread(lambda: act(batch=batch, by=cast.sari, at=NOW), two)
    wait_for_a_lock()
    go.set()
    first.join()
    other.join()
    assert (one, two) == (["done"], ["stale"])
    assert Job.objects.filter(kind=accepting.ACCEPT_JOB).count() == 1
    assert ImportBatch.objects.get().state == ImportState.ACCEPTING


@pytest.mark.django_db(transaction=True)
def test_steps_of_two_lists_that_take_people_in_wait_for_each_other() -> None:
    cast = make_cast()
    batch = checked(guide_workbook([person_row(1)]), cast.sari)
    job = str(imports.accept(batch=batch, by=cast.sari, at=NOW).job_id)
    answers: list[str] = []
    with transaction.atomic():
        accepting._one_at_a_time()
        step = in_thread(lambda: run_step(job_id=job, at=NOW), answers)
        wait_for_a_lock()
        assert answers == []
    step.join()
    assert (answers, Person.objects.count()) == (["done"], 1)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["check", "accept"])
def test_the_step_of_a_job_the_list_does_not_wait_for_does_nothing(cast: Cast, kind: str) -> None:
    batch = checked(guide_workbook([person_row(1)]), cast.sari)
    imports.accept(batch=batch, by=cast.sari, at=NOW)
    stray = submit(
        kind=f"beneficiaries.{kind}_import",
        title="x",
        by=cast.sari,
        at=NOW,
        params={"id": str(batch.pk)},
    )
    assert run_step(job_id=str(stray.pk), at=NOW) is False
    stray.refresh_from_db()
    assert stray.state == "done"
    batch.refresh_from_db()
    assert (batch.state, batch.counts["accepted"]) == (ImportState.ACCEPTING, 0)
    assert not Person.objects.exists()
    assert work_off(batch).counts["accepted"] == 1


def half_in(batch: ImportBatch, by: Any, monkeypatch: pytest.MonkeyPatch) -> ImportBatch:
    """Accept by single rows; the second step is refused and the job ends as failed."""
    monkeypatch.setattr(accepting, "ACCEPT_ROWS", 1)
    real = imports.PURPOSES[batch.purpose]
    calls: list[int] = []

    def fails(_batch: ImportBatch, rows: list[Any], _by: Any, _at: Any) -> None:
        calls.append(len(rows))
        if len(calls) == 2:
            raise Refused("X", "berhenti")

    broken = dataclasses.replace(real, accept=fails)
    with monkeypatch.context() as patch:
        patch.setitem(imports.PURPOSES, batch.purpose, broken)
        return accepted(batch, by)


@pytest.mark.django_db
def test_a_failed_acceptance_remembers_what_is_in(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [person_row(1), person_row(2), person_row(3)]
    batch = half_in(checked(guide_workbook(rows), cast.sari), cast.sari, monkeypatch)
    assert batch.job is not None
    assert batch.job.state == "failed"
    assert (batch.counts["accepted"], batch.counts["new"]) == (1, 2)
    assert imports.acceptable(batch) == 2
    with pytest.raises(Refused) as refused:
        imports.refuse(batch=batch, by=cast.sari, at=NOW)
    assert refused.value.code == "IMPORT-PARTLY-IN"
    batch = accepted(batch, cast.sari)
    assert (batch.state, batch.counts["accepted"]) == (ImportState.ACCEPTED, 3)
    assert Person.objects.count() == 3


@pytest.mark.django_db
def test_the_page_of_a_half_accepted_list_says_so_and_offers_no_refusal(
    cast: Cast, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = half_in(
        checked(guide_workbook([person_row(1), person_row(2)]), cast.sari), cast.sari, monkeypatch
    )
    client.force_login(cast.sari)
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "1 baris daftar ini sudah masuk" in page
    assert "Masukkan 1 baris" in page
    assert "Tolak berkas" not in page


@pytest.mark.django_db
def test_a_list_stopped_before_its_last_step_can_be_ended(cast: Cast, client: Any) -> None:
    batch = checked(guide_workbook([person_row(1)]), cast.sari)
    imports.accept(batch=batch, by=cast.sari, at=NOW)
    batch.refresh_from_db()
    assert batch.job is not None
    run_step(job_id=str(batch.job.pk), at=NOW)
    cancel(job=batch.job, by=cast.sari, at=NOW)
    run_step(job_id=str(batch.job.pk), at=NOW)
    client.force_login(cast.sari)
    assert "Selesaikan daftar" in client.get(batch.get_absolute_url()).content.decode()
    batch = accepted(batch, cast.sari)
    assert (batch.state, batch.counts["accepted"]) == (ImportState.ACCEPTED, 1)


@pytest.mark.django_db
def test_an_account_taken_since_the_check_stops_its_row(cast: Cast) -> None:
    one = checked(guide_workbook([person_row(1, account="0071099999")]), cast.sari)
    rows = [person_row(2, account="0071099999"), person_row(3)]
    two = checked(guide_workbook(rows), cast.sari)
    assert two.counts["problem"] == 0
    accepted(one, cast.sari)
    two = accepted(two, cast.sari)
    assert (two.counts["accepted"], two.counts["problem"]) == (1, 1)
    assert causes(two) == {"rekening_bersama": 1}
    assert {person.nik[-2:] for person in Person.objects.all()} == {"01", "03"}
    assert BankAccount.objects.count() == 2


@pytest.mark.django_db
def test_one_busy_list_does_not_keep_the_others(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        checked(guide_workbook([person_row(number)]), cast.sari)
    real, calls = accepting.refuse, []

    def refuse(**values: Any) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise Stale("IMPORT-STATE", "sibuk")
        real(**values)

    monkeypatch.setattr(accepting, "refuse", refuse)
    assert imports.expire(at=NOW + timedelta(days=8)) == 1
    assert ImportBatch.objects.count() == 1


@pytest.mark.django_db
def test_the_end_of_a_half_accepted_list_is_in_the_trail(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [person_row(1), person_row(2), person_row(3)]
    batch = half_in(checked(guide_workbook(rows), cast.sari), cast.sari, monkeypatch)
    assert imports.expire(at=NOW + timedelta(days=8)) == 1
    batch.refresh_from_db()
    assert (batch.state, batch.sealed_file) == (ImportState.ACCEPTED, None)
    assert not batch.rows.exists()
    event = Event.objects.get(verb="beneficiaries.close_list")
    assert (event.actor_id, event.target_id) == (None, str(batch.pk))
    assert event.data == {"accepted": 1, "left": 2}


@pytest.mark.django_db
def test_a_village_code_outside_the_area_of_the_list_is_a_problem(cast: Cast) -> None:
    finder = RegionFinder("35.19.01", CodeSystem.KEMENDAGRI)
    place = Place(
        code="35.19.02.2003", village="Glonggong", district="Dolopo", regency="KAB. MADIUN"
    )
    found = finder.find(place)
    assert found.problem is not None
    assert found.problem[0] == "wilayah_lain_berkas"
    inside = dataclasses.replace(
        place, code="35.19.01.2001", village="Tambakmas", district="Kebonsari"
    )
    assert finder.find(inside).village_id == "35.19.01.2001"


@pytest.mark.django_db
def test_many_addresses_of_a_province_cost_few_queries(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for number in range(20, 60):
        Region.objects.create(
            code=f"35.{number + 1}", name=f"Kab {number}", level=Level.REGENCY, parent_id="35"
        )
    finder = RegionFinder("35", CodeSystem.KEMENDAGRI)
    villages = [("Tambakmas", "Kebonsari"), ("Rejosari", "Kebonsari"), ("Genilangit", "Poncol")]
    with django_assert_max_num_queries(12):
        found = [finder.find(Place(village=name, district=over)) for name, over in villages]
    assert [item.village_id for item in found] == [
        "35.19.01.2001",
        "35.19.01.2002",
        "35.20.01.2001",
    ]
    places = [Place(code="35.19.01.2001", district="Kec. Kebonsari")] * 50
    with django_assert_max_num_queries(0):
        assert code_system_of(finder, places) in (None, CodeSystem.KEMENDAGRI)


def filled(cast: Cast) -> list[Any]:
    return imports.prefilled_rows(
        purpose=imports.PURPOSES["beneficiaries.people"], context={}, by=cast.sari, at=NOW
    )


@pytest.mark.django_db
def test_a_filled_template_holds_no_secret(cast: Cast) -> None:
    account = BankAccountFactory(person__nik="3519014108500001", number="0071000001")
    row = filled(cast)[0]
    assert row["nik"] == f"351901••••••••01 #{account.person_id}"
    secrets = (account.person.nik, account.person.family.kk, account.number, "Tukiyem")
    assert not [secret for secret in secrets if secret in str(row)]
    assert Event.objects.get(verb="beneficiaries.download_template").data["rows"] == 1


@pytest.mark.django_db
def test_a_reference_is_read_as_its_person_and_changes_what_is_written(cast: Cast) -> None:
    account = BankAccountFactory(person__nik="3519014108500001", number="0071000001")
    person = account.person
    reference = f"351901••••••••01 #{person.pk}"
    row = person_row(1, nik=reference, kk="", mother="", account="", address="JL. BARU 7")
    batch = checked(guide_workbook([row]), cast.sari)
    assert batch.counts["changed"] == 1, list(batch.rows.values_list("problems", flat=True))
    assert batch.rows.get().values["cells"]["1"] == ["t", reference]
    accepted(batch, cast.sari, note="Sama orangnya.")
    person.refresh_from_db()
    assert (person.nik, person.address) == ("3519014108500001", "JL. BARU 7")
    assert BankAccount.objects.get() == account


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", ["mask", "area", "nobody"])
def test_a_reference_that_does_not_fit_is_no_nik(cast: Cast, wrong: str) -> None:
    area = "35.20.01.2001" if wrong == "area" else "35.19.01.2001"
    account = BankAccountFactory(
        person__nik="3519014108500001", person__area_code=area, number="0999000001"
    )
    person = account.person
    mask = "351901••••••••02" if wrong == "mask" else "351901••••••••01"
    reference = f"{mask} #{person.pk + (wrong == 'nobody')}"
    batch = checked(guide_workbook([person_row(1, nik=reference)]), cast.sari)
    assert causes(batch) == {"nik_tidak_sah": 1}
    with pytest.raises((Refused, BadInput)):
        imports.accept(batch=batch, by=cast.sari, at=NOW)


@pytest.mark.django_db
def test_the_api_shows_only_lists_of_kinds_one_may_import(cast: Cast) -> None:
    mine = checked(guide_workbook([person_row(1)]), cast.sari)
    registry = ImportBatch.objects.create(
        purpose="beneficiaries.snapshot",
        context={},
        area_code="35.19",
        file_name="dtsen.xlsx",
        sha256="0" * 64,
        created_at=NOW,
        created_by=cast.budi,
    )
    client = APIClient()
    client.force_authenticate(cast.sari)
    listed = client.get("/api/imports/").data["results"]
    assert [row["id"] for row in listed] == [str(mine.pk)]
    assert client.get(f"/api/imports/{registry.pk}/").status_code == 403
    client.force_authenticate(cast.budi)
    listed = client.get("/api/imports/").data["results"]
    assert [row["id"] for row in listed] == [str(registry.pk)]
    assert client.get(f"/api/imports/{registry.pk}/").status_code == 200
    assert client.post(f"/api/imports/{mine.pk}/tolak/").status_code == 403
    assert client.post(f"/api/imports/{registry.pk}/tolak/").status_code == 204
