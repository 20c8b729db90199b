"""The API of groups, institutions, pillars and workers: the same services and areas."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.access_payees import make_payees
from tests.beneficiaries.kube import FORMED, VILLAGE, active, heads, plain_member
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def post(client: Client, path: str, **data: Any) -> Any:
    return client.post(path, data, content_type="application/json")


def test_a_group_is_formed_checked_and_read(client: Client, cast: Cast) -> None:
    client.force_login(cast.sari)
    made = post(
        client,
        "/api/groups/",
        name="KUBE Melati",
        village=VILLAGE,
        business_kind="Ternak ayam",
        formed_on=FORMED.isoformat(),
    )
    assert made.status_code == 201, made.content
    unknown = post(
        client,
        "/api/groups/",
        name="KUBE Mawar",
        village="35.19.99.9999",
        business_kind="Ternak ayam",
        formed_on=FORMED.isoformat(),
    )
    assert (unknown.status_code, "village" in unknown.json()["errors"]) == (422, True)
    path = f"/api/groups/{made.json()['id']}/"
    roles = ["chair", "secretary", "treasurer", "member", "member"]
    for person, role in zip(heads(cast), roles, strict=True):
        joined = post(
            client, f"{path}anggota/", person=person.pk, role=role, joined_on=FORMED.isoformat()
        )
        assert joined.status_code == 201, joined.content
    again = post(client, f"{path}anggota/", person=person.pk, joined_on=FORMED.isoformat())
    assert again.status_code == 409
    client.force_login(cast.vera)
    silent = post(client, f"{path}periksa/", note="")
    assert (silent.status_code, silent.json()["code"]) == (422, "GROUP-NOTE")
    assert post(client, f"{path}periksa/", note="KK dilihat").json()["state"] == "checked"
    client.force_login(cast.sari)
    refused = post(client, f"{path}aktifkan/")
    assert (refused.status_code, refused.json()["code"]) == (409, "GROUP-ACCOUNT")
    codes = [item["code"] for item in client.get(f"{path}halangan/").json()]
    assert codes == ["NO-ACCOUNT", "GROUP-STATE"]
    client.force_login(cast.lain)
    assert client.get(path).status_code == 404


def test_a_member_leaves_by_the_same_rule(client: Client, cast: Cast) -> None:
    group = active(cast)
    client.force_login(cast.sari)
    path = f"/api/groups/{group.pk}/keluar/"
    data = {"member": plain_member(group).pk, "left_on": "2026-11-20"}
    assert post(client, path, reason="resigned", **data).json()["code"] == "GROUP-FIFTH"
    assert post(client, path, reason="died", **data).json()["state"] == "forming"


def test_person_days_and_the_other_lists(client: Client, cast: Cast) -> None:
    payees = make_payees(cast)
    client.force_login(cast.sari)
    path = f"/api/institutions/{payees.institution.pk}/"
    days = client.get(f"{path}hari/?bulan=2026-02").json()
    assert days == [{"person": payees.stay.person_id, "days": 28}]
    assert client.get(f"{path}hari/?bulan=Februari").status_code in {400, 422}
    twice = post(client, f"{path}penghuni/", person=payees.stay.person_id, from_date="2026-03-01")
    assert twice.json()["code"] == "RESIDENT-TWICE"
    stays = client.get(f"{path}penghuni/").json()["results"]
    assert [row["id"] for row in stays] == [payees.stay.pk]
    house = client.get(path).json()
    assert (house["closed_on"], [row["grade"] for row in house["accreditations"]]) == (
        None,
        [row.grade for row in payees.institution.accreditations.order_by("-valid_from", "-pk")],
    )
    treasury = client.get("/api/governments/").json()["results"][0]
    codes = client.get(f"/api/governments/{treasury['id']}/halangan/").json()
    assert [row["code"] for row in codes] == ["NO-ACCOUNT"]
    client.force_login(cast.lain)
    assert client.get(f"{path}penghuni/").status_code == 404
    assert client.get(f"/api/governments/{treasury['id']}/halangan/").status_code == 404
    client.force_login(cast.sari)
    for name in ("groups", "institutions", "governments", "pillars", "workers"):
        answer = client.get(f"/api/{name}/")
        assert answer.status_code == 200, name
        assert len(answer.json()["results"]) == 1, name
    assert client.get("/api/workers/").json()["results"][0]["works_elsewhere"] is True
