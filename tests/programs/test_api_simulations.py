"""Simulations and premiums over the API: the same services, scopes and refusals as the pages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bansos.jobs.models import Job
from bansos.jobs.services import run_step
from programs.models import PremiumLine, Simulation
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory
from tests.factories.simulations import SimulationFactory
from tests.programs.test_api import api
from tests.programs.test_premiums import AT, Premiums, premiums
from tests.programs.test_simulations import AGE, SEEN, elder, version_with

pytestmark = pytest.mark.django_db
__all__ = ["premiums"]


def work(job: str) -> None:
    while run_step(job_id=job, at=AT):
        pass


def test_a_simulation_through_the_api(cast: Cast) -> None:
    version = version_with(cast, AGE)
    person = elder(1940)
    budi, aud = api(cast.budi), api(cast.aud)
    data = {"version": version.pk, "name": "Usia 60", "budget": "5000000.00"}

    made = budi.post("/api/simulations/", data, format="json")
    address = f"/api/simulations/{made.data['id']}/"
    sixty = {**AGE, "params": {"age": 60}}
    changed = budi.patch(address, {"criteria": [sixty], "threshold": "0:age"}, format="json")
    wrong = budi.patch(address, {"criteria": [{"code": "moon"}]}, format="json")
    early = budi.post(f"{address}export/", {"list": "people", "format": "csv"}, format="json")
    run = budi.post(f"{address}run/", format="json")
    work(str(run.data["job"]))
    late = budi.patch(address, {"name": "x"}, format="json")
    seen = aud.get(address)

    assert (made.status_code, made.data["state"], made.data["figures"]) == (201, "draft", None)
    assert (changed.status_code, changed.data["threshold"]) == (200, "0:age")
    assert changed.data["sentence"].startswith("Memenuhi syarat bila berusia paling sedikit 60")
    assert changed.data["budget"] == "5000000.00"
    assert (wrong.status_code, wrong.json()["code"]) == (422, "SIM-CRITERIA")
    assert (early.status_code, early.json()["code"]) == (409, "SIM-DRAFT")
    assert (run.status_code, run.data["state"]) == (202, "running")
    assert (late.status_code, late.json()["code"]) == (409, "SIM-RUN")
    assert (seen.data["state"], seen.data["figures"]["yes"]) == ("done", 1)
    assert seen.data["figures"]["cost"] == "2000000.00"
    [area] = aud.get(f"{address}areas/").data
    assert (area["area_code"], area["hoped"]) == ("35.19", 1)
    [row] = aud.get(f"{address}changes/?outcome=in").data["results"]
    assert (row["person"], row["payee"], row["outcome"]) == (person.pk, None, "in")
    assert aud.get(f"{address}changes/?outcome=out").data["results"] == []


def test_simulations_are_compared_exported_and_dropped_by_who_may(cast: Cast) -> None:
    first = SimulationFactory(counted=True, made_by=cast.budi)
    second = SimulationFactory(counted=True, made_by=cast.budi, version=first.version)
    second.areas.update(hoped=130, cost=Decimal(260_000_000))
    budi, address = api(cast.budi), f"/api/simulations/{first.pk}/"

    [pair] = budi.get(f"{address}compare/?other={second.pk}").data
    assert (pair["change"], pair["second_cost"]) == (30, "260000000.00")
    assert budi.get(f"{address}compare/").status_code == 422
    assert budi.get(f"{address}compare/?other=999999").status_code == 404

    file = budi.post(f"{address}export/", {"list": "areas", "format": "csv"}, format="json")
    job = Job.objects.get(pk=file.data["job"])
    assert (file.status_code, job.params["query"]) == (202, f"simulation={first.pk}")
    work(str(job.pk))
    job.refresh_from_db()
    assert job.state == "done", job.message

    assert api(cast.sari).get(address).status_code == 403
    assert api(cast.kalt).get(address).status_code == 404
    assert api(cast.aud).delete(address).status_code == 403
    assert budi.delete(address).status_code == 204
    assert list(Simulation.objects.all()) == [second]


def test_what_waits_for_proof_is_pending_in_the_figures(cast: Cast) -> None:
    version = version_with(cast, AGE, SEEN)
    elder(1940)
    made = api(cast.budi).post(
        "/api/simulations/", {"version": version.pk, "name": "x"}, format="json"
    )
    address = f"/api/simulations/{made.data['id']}/"
    work(str(api(cast.budi).post(f"{address}run/").data["job"]))
    figures = api(cast.aud).get(address).data["figures"]
    assert (figures["yes"], figures["pending"]) == (0, 1)


def test_a_month_of_premiums_through_the_api(cast: Cast, premiums: Premiums) -> None:
    person = PersonFactory()
    budi, sari, vera = api(cast.budi), api(cast.sari), api(cast.vera)
    plan = f"/api/premium-plans/{premiums.plan.pk}/"

    made = budi.post(f"{plan}rounds/", {"month": "2026-03-01"}, format="json")
    again = budi.post(f"{plan}rounds/", {"month": "2026-03-01"}, format="json")
    round_ = f"/api/premium-rounds/{made.data['id']}/"
    added = sari.post(f"{round_}candidates/", {"person": person.pk}, format="json")
    line = f"/api/premium-lines/{added.data['id']}/"
    early = budi.post(f"{round_}send/")
    agreed = vera.post(f"{line}decide/", {"agree": True}, format="json")
    twice = vera.post(f"{line}decide/", {"agree": True}, format="json")
    sent = budi.post(f"{round_}send/")
    uncounted = budi.post(f"{round_}count/")
    text = f"NIK;STATUS;KETERANGAN\r\n{person.nik};Diterima;\r\n3519010101010001;Diterima;\r\n"

    def answer() -> int:
        file = SimpleUploadedFile("jawaban.csv", text.encode())
        return budi.post(f"{round_}answer/", {"file": file}, format="multipart").status_code

    assert (made.status_code, made.data["state"]) == (201, "open")
    assert (again.status_code, again.json()["code"]) == (409, "PREMIUM-OPEN")
    assert (added.status_code, added.data["nik"]) == (201, person.nik_masked)
    assert (early.status_code, early.json()["code"]) == (409, "PREMIUM-WAITING")
    assert (agreed.data["state"], twice.json()["code"]) == ("verified", "PREMIUM-LINE")
    assert (sent.status_code, sent.data["state"]) == (200, "sent")
    assert (uncounted.status_code, uncounted.json()["code"]) == (409, "PREMIUM-UNANSWERED")
    assert [answer(), answer()] == [200, 200]
    assert PremiumLine.objects.get().state == "accepted"
    figures = api(cast.aud).get(f"{round_}figures/").data
    assert (figures["paid"], figures["cost"]) == (1, "42000.00")
    [stray] = budi.get(f"{round_}strays/").data["results"]
    assert stray["row_number"] == 3
    assert "3519010101010001" not in str(stray)
    assert api(cast.aud).get(plan).data["spent"] == "42000.00"
    assert [api(who).get(plan).status_code for who in (cast.kalt, cast.sari)] == [404, 200]
    assert api(cast.lain).get(line).status_code == 404


def test_payers_outside_through_the_api(cast: Cast, premiums: Premiums) -> None:
    person, sari = PersonFactory(), api(cast.sari)
    data = {
        "person": person.pk, "insurance": "health", "payer": "regency",
        "payer_name": "Pemkab Madiun", "from_month": "2026-01-01",
    }  # fmt: skip
    made = sari.post("/api/premium-covers/", data, format="json")
    twice = sari.post("/api/premium-covers/", data, format="json")
    far = api(cast.lain).post("/api/premium-covers/", data, format="json")
    address = f"/api/premium-covers/{made.data['id']}/"
    ended = sari.post(f"{address}end/", {"until_month": "2026-05-01"}, format="json")

    assert (made.status_code, made.data["nik"]) == (201, person.nik_masked)
    assert (twice.status_code, far.status_code) == (409, 404)
    assert ended.data["until_month"] == "2026-05-01"
    assert api(cast.aud).get("/api/premium-covers/?payer=regency").data["results"]
