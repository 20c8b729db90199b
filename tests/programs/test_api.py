"""The API of programmes: the same services, the same scopes, masked numbers, one error shape."""

from __future__ import annotations

from typing import Any

from rest_framework.test import APIClient

from programs.choices import DecreeState, EnrolmentState
from programs.models import Decree, Enrolment
from tests.cast import Cast
from tests.factories.accounts import PASSWORD
from tests.factories.programs import EnrolmentFactory
from tests.programs.stage import elder, pkh_plus


def api(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_a_proposal_through_the_api(cast: Cast) -> None:
    version, person = pkh_plus(cast), None
    person = elder(cast)
    data = {"version": version.pk, "person": person.pk}

    made = api(cast.sari).post("/api/proposals/", data, format="json")
    twice = api(cast.sari).post("/api/proposals/", data, format="json")
    far = api(cast.lain).post("/api/proposals/", data, format="json")
    forbidden = api(cast.vera).post("/api/proposals/", data, format="json")

    assert (made.status_code, made.data["state"]) == (201, "proposed")
    assert made.data["nik"] == person.nik_masked
    assert (twice.status_code, twice.data["code"]) == (409, "ENROL-TWICE")
    assert (far.status_code, forbidden.status_code) == (404, 403)
    seen = api(cast.aud).get(f"/api/proposals/{made.data['id']}/")
    assert len(seen.data["answers"]) == 5
    assert "value" not in seen.data["answers"][0]


def test_a_decision_through_the_api(cast: Cast) -> None:
    row = EnrolmentFactory(version=pkh_plus(cast), person=elder(cast))
    address = f"/api/proposals/{row.pk}/decide/"
    data = {"decision": "eligible", "seen_state": "proposed"}

    done = api(cast.vera).post(address, data, format="json")
    late = api(cast.vera).post(address, data, format="json")

    assert (done.status_code, done.data["state"]) == (200, "eligible")
    assert (late.status_code, late.data["code"]) == (409, "ENROL-STALE")
    again = api(cast.sari).post(f"/api/proposals/{row.pk}/resubmit/", {}, format="json")
    assert (again.status_code, again.data["code"]) == (409, "ENROL-MOVE")


def test_a_decree_through_the_api(cast: Cast) -> None:
    version = pkh_plus(cast)
    EnrolmentFactory(version=version, eligible=True, person=elder(cast))
    budi, hadi = api(cast.budi), api(cast.hadi)

    made = budi.post("/api/decrees/", {"version": version.pk, "area_code": "35.19"}, format="json")
    address = f"/api/decrees/{made.data['id']}"
    sent = budi.post(f"{address}/submit/", format="json")
    back = hadi.post(f"{address}/return/", {"note": "Perbaiki judul"}, format="json")
    sent = budi.post(f"{address}/submit/", format="json")
    data = {
        "number": "188/1",
        "decree_date": "2026-02-10",
        "seen_hash": sent.data["content_hash"],
        "password": PASSWORD,
    }
    own = budi.post(f"{address}/approve/", data, format="json")
    wrong = hadi.post(f"{address}/approve/", {**data, "password": "salah"}, format="json")
    done = hadi.post(f"{address}/approve/", data, format="json")

    assert (made.status_code, made.data["count"]) == (201, 1)
    assert (back.data["state"], back.data["return_note"]) == ("draft", "Perbaiki judul")
    assert own.status_code == 403
    assert (wrong.status_code, wrong.json()["code"]) == (403, "PASSWORD")
    assert (done.status_code, done.data["state"]) == (200, "approved")
    assert Decree.objects.get().state == DecreeState.APPROVED
    assert Enrolment.objects.get().state == EnrolmentState.ACTIVE
    assert api(cast.kalt).get("/api/decrees/").data["results"] == []


def test_the_catalogue_is_read_inside_the_province(cast: Cast) -> None:
    version = pkh_plus(cast)

    seen = api(cast.sari).get(f"/api/programme-versions/{version.pk}/")

    assert [stage["number"] for stage in seen.data["stages"]] == [1, 2, 3, 4]
    assert api(cast.kalt).get(f"/api/programmes/{version.programme_id}/").status_code == 404
    assert api(cast.sari).get("/api/programmes/").data["results"][0]["code"] == "PKHPLUS"
