"""The API of the catalogue and of Berita Acara: from a new programme to the record."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from programs.choices import EnrolmentState, VersionState
from programs.models import Programme, ProgrammeVersion, VerificationRecord
from programs.services.proposals import propose
from programs.services.verification import decide
from tests.cast import Cast
from tests.factories.programs import (
    DecreeFactory,
    ProgrammeFactory,
    ProgrammeVersionFactory,
    QuotaFactory,
    VerificationRecordFactory,
)
from tests.programs.stage import AT, elder, pkh_plus

RULES: dict[str, Any] = {
    "year": 2027,
    "payee_kind": "person",
    "benefit_kind": "per_stage",
    "annual_amount": "1000000.00",
    "quota_total": 100,
    "criteria": [
        {"code": "min_age_on_stage", "params": {"age": 60}},
        {"code": "one_per_family", "label": "Satu dari satu KK", "waivable": True},
        {"code": "not_excluded"},
    ],
    "required_documents": [{"code": "ktp", "label": "Foto KTP", "required": True}],
    "legal_basis": ["Pergub Jatim 9/2026"],
    "stop_reasons": [{"code": "died", "label": "Meninggal"}],
    "reject_reasons": [{"code": "age", "label": "Usia"}],
    "exclusive_with": ["PKHPLUS"],
    "bank_code": "114",
}
STAGES = [
    {"name": "Tahap 1", "stage_date": "2027-03-15", "amount": "400000.00"},
    {"name": "Tahap 2", "stage_date": "2027-09-15", "amount": "600000.00"},
]


def api(user: Any) -> APIClient:
    client = APIClient(default_format="json")
    client.force_authenticate(user)
    return client


def post(user: Any, path: str, data: Any = None) -> Any:
    return api(user).post(f"/api/{path}/", data, format="json")


def patch(user: Any, path: str, data: Any) -> Any:
    return api(user).patch(f"/api/{path}/", data, format="json")


def test_a_whole_new_programme_comes_into_force(cast: Cast) -> None:
    made = post(cast.budi, "programmes", {"code": "LANSIA", "name": "Lansia Sejahtera"})
    draft = post(cast.budi, "programme-versions", {**RULES, "programme": made.data["id"]})
    address = f"programme-versions/{draft.data['id']}"
    early = post(cast.budi, f"{address}/activate")
    staged = post(cast.budi, f"{address}/stages", {"stages": STAGES})
    quotas = post(cast.budi, f"{address}/quotas", {"quotas": {"35.19": 60, "35.20": 40}})
    active = post(cast.budi, f"{address}/activate")
    again = post(cast.budi, f"{address}/activate")

    assert (made.status_code, made.data["area_code"], made.data["is_active"]) == (201, "35", True)
    assert (draft.status_code, draft.data["state"], draft.data["version"]) == (201, "draft", 1)
    assert draft.data["criteria"] == [
        {"code": "min_age_on_stage", "params": {"age": 60}, "label": "", "waivable": False},
        {"code": "one_per_family", "params": {}, "label": "Satu dari satu KK", "waivable": True},
        {"code": "not_excluded", "params": {"codes": []}, "label": "", "waivable": False},
    ]
    assert draft.data["required_documents"] == RULES["required_documents"]
    assert (early.status_code, early.json()["code"]) == (409, "PROG-INCOMPLETE")
    assert "Tahap penyaluran belum diisi." in early.json()["detail"]
    assert [row["number"] for row in staged.data["stages"]] == [1, 2]
    assert {row["area_code"]: row["left"] for row in quotas.data} == {"35.19": 60, "35.20": 40}
    assert (active.status_code, active.data["state"]) == (200, "active")
    assert (again.status_code, again.json()["code"]) == (409, "PROG-STATE")
    row = ProgrammeVersion.objects.get(pk=draft.data["id"])
    assert (row.annual_amount, row.activated_by) == (Decimal(1_000_000), cast.budi)
    assert row.one_per_family


def test_a_change_leaves_alone_what_it_does_not_name(cast: Cast) -> None:
    version = ProgrammeVersionFactory(draft=True, programme__agency=cast.agency, quota_total=50)
    programme = version.programme
    Programme.objects.filter(pk=programme.pk).update(purpose="Lansia", is_active=False)

    renamed = patch(cast.budi, f"programmes/{programme.pk}", {"name": "PKH Plus Baru"})
    changed = patch(
        cast.budi, f"programme-versions/{version.pk}", {"legal_basis": ["Pergub 1/2027"]}
    )

    programme.refresh_from_db()
    assert renamed.status_code == 200
    assert (programme.name, programme.code) == ("PKH Plus Baru", "PKHPLUS")
    assert (programme.purpose, programme.is_active) == ("Lansia", False)
    assert changed.data["legal_basis"] == ["Pergub 1/2027"]
    assert changed.data["criteria"] == version.criteria
    assert (changed.data["quota_total"], changed.data["year"]) == (50, 2026)
    form = api(cast.budi).patch(
        f"/api/programmes/{programme.pk}/", {"name": "Lain"}, format="multipart"
    )
    assert form.status_code == 415


def test_a_used_or_closed_version_is_not_changed_but_copied(cast: Cast) -> None:
    used = pkh_plus(cast)
    DecreeFactory(version=used)
    closed = ProgrammeVersionFactory(
        programme=used.programme, version=2, state=VersionState.CLOSED, stages=False
    )

    for version, code in ((used, "PROG-USED"), (closed, "PROG-CLOSED")):
        address = f"programme-versions/{version.pk}"
        rules = patch(cast.budi, address, {"legal_basis": []})
        stages = post(cast.budi, f"{address}/stages", {"stages": STAGES})
        assert (rules.status_code, rules.json()["code"]) == (409, code)
        assert (stages.status_code, stages.json()["code"]) == (409, code)
    copy = post(cast.budi, f"programme-versions/{used.pk}/copy", {})
    later = post(cast.budi, f"programme-versions/{used.pk}/copy", {"year": 2029})

    used.refresh_from_db()
    assert used.legal_basis == ["Pergub Jatim 7/2024"]
    assert (copy.status_code, copy.data["year"], copy.data["state"]) == (201, 2027, "draft")
    assert copy.data["stages"][0]["stage_date"] == "2027-03-15"
    assert later.data["year"] == 2029


def test_stages_are_saved_together_or_not_at_all(cast: Cast) -> None:
    version = ProgrammeVersionFactory(draft=True, year=2027, programme__agency=cast.agency)
    address = f"programme-versions/{version.pk}/stages"
    bad = [STAGES[0], {**STAGES[1], "amount": "0"}]

    refused = post(cast.budi, address, {"stages": bad})
    assert (refused.status_code, refused.json()["code"]) == (422, "PROG-STAGE")
    assert set(version.stages.values_list("amount", flat=True)) == {Decimal(500_000)}

    fewer = post(cast.budi, address, {"stages": STAGES[:1]})
    many = post(cast.budi, address, {"stages": STAGES * 4})
    assert [row["amount"] for row in fewer.data["stages"]] == ["400000.00"]
    assert (many.status_code, version.stages.count()) == (422, 1)


def test_quotas_are_set_together_within_the_programme(cast: Cast) -> None:
    version = pkh_plus(cast, quota_total=10)
    QuotaFactory(version=version, area_code="35.20", places=4)
    address = f"programme-versions/{version.pk}/quotas"

    beyond = post(cast.budi, address, {"quotas": {"35.19": 5, "35.20": 9}})
    assert (beyond.status_code, beyond.json()["code"]) == (422, "PROG-QUOTA")
    for wrong in ({"64.72": 1}, {"35.99": 1}, {"35.19": -1}, {"35.19.01": 1}, {}):
        assert post(cast.budi, address, {"quotas": wrong}).status_code == 422
    assert dict(version.quotas.values_list("area_code", "places")) == {"35.20": 4}

    post(cast.budi, address, {"quotas": {"35.19": 5, "35.20": None}})
    seen = api(cast.sari).get(f"/api/{address}/")
    assert dict(version.quotas.values_list("area_code", "places")) == {"35.19": 5}
    assert [(row["area_code"], row["places"]) for row in seen.data] == [("35.19", 5)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("criteria", [{"code": "min_age_on_stage", "params": {"age": "tua"}}]),
        ("criteria", [{"code": "min_age_on_stage", "params": {"age": [60]}}]),
        ("criteria", [{"code": "desil_in", "params": {"values": 4}}]),
        ("criteria", [{"code": "sex_is", "params": {"sex": ["L"]}}]),
        ("criteria", [{"code": "never_received", "params": {"programmes": "PKHPLUS"}}]),
        ("criteria", [{"code": "min_age_on_stage"}]),
        ("criteria", [{"code": "kaya"}]),
        ("criteria", [{"code": "alive"}, {"code": "alive"}]),
        ("criteria", {"code": "alive"}),
        ("required_documents", [{"label": "KTP"}]),
        ("reject_reasons", [{"code": "age", "label": "A"}, {"code": "age", "label": "B"}]),
        ("quota_total", 3_000_000_000),
        ("annual_amount", "-1"),
        ("bank_code", "BJT"),
        ("payee_kind", "siapa saja"),
    ],
)
def test_rules_of_the_wrong_shape_are_not_kept(cast: Cast, field: str, value: Any) -> None:
    version = ProgrammeVersionFactory(draft=True, year=2027, programme__agency=cast.agency)
    before = getattr(version, field)

    changed = patch(cast.budi, f"programme-versions/{version.pk}", {field: value})
    made = post(
        cast.budi,
        "programme-versions",
        {**RULES, "programme": version.programme_id, field: value},
    )

    version.refresh_from_db()
    assert (changed.status_code, made.status_code) == (422, 422)
    assert getattr(version, field) == before
    assert ProgrammeVersion.objects.count() == 1


def test_the_code_of_a_programme_is_short_and_its_own(cast: Cast) -> None:
    ProgrammeFactory(agency=cast.agency)

    taken = post(cast.budi, "programmes", {"code": "PKHPLUS", "name": "Lain"})
    shape = post(cast.budi, "programmes", {"code": "pkh plus", "name": "Lain"})

    assert (taken.status_code, taken.json()["code"]) == (422, "PROG-CODE")
    assert (shape.status_code, list(shape.json()["errors"])) == (422, ["code"])


def test_the_catalogue_is_edited_by_its_own_province_only(cast: Cast) -> None:
    version = ProgrammeVersionFactory(draft=True, year=2027, programme__agency=cast.agency)
    address = f"programme-versions/{version.pk}"
    acts = [
        (f"{address}/stages", {"stages": STAGES}),
        (f"{address}/quotas", {"quotas": {"35.19": 1}}),
        (f"{address}/activate", None),
        (f"{address}/copy", {}),
        ("programme-versions", {**RULES, "programme": version.programme_id}),
    ]

    for path, data in acts:
        assert post(cast.kalt, path, data).status_code == 404
        assert post(cast.sari, path, data).status_code == 403
    for path in (address, f"programmes/{version.programme_id}"):
        assert patch(cast.kalt, path, {}).status_code == 404
        assert patch(cast.hadi, path, {}).status_code == 403
    # A machine that may only act for one regency does not write for the province.
    narrow = cast.budi
    narrow.area_code = "35.19"
    answer = patch(narrow, address, {"legal_basis": []})
    assert (answer.status_code, answer.json()["code"]) == (403, "PROG-AREA")
    assert post(narrow, "programmes", {"code": "X1", "name": "X"}).status_code == 403
    assert ProgrammeVersion.objects.count() == 1


def test_a_record_is_made_and_read_in_its_area(cast: Cast) -> None:
    version = pkh_plus(cast)
    data = {"version": version.pk, "area_code": "35.19.01"}
    row = propose(version=version, person=elder(cast), account=None, by=cast.sari, at=AT)
    waiting = post(cast.vera, "verification-records", data)
    decide(enrolment=row, decision=EnrolmentState.ELIGIBLE, by=cast.vera, at=AT)
    far = post(cast.vera, "verification-records", {**data, "area_code": "35.20.01"})
    wide = post(cast.vera, "verification-records", {**data, "area_code": "35.19"})
    forbidden = post(cast.sari, "verification-records", data)

    made = post(cast.vera, "verification-records", data)
    again = post(cast.vera, "verification-records", data)

    assert (waiting.status_code, waiting.json()["code"]) == (409, "RECORD-OPEN")
    assert (far.status_code, forbidden.status_code) == (404, 403)
    assert (wide.status_code, wide.json()["code"]) == (422, "RECORD-AREA")
    assert made.status_code == 201
    assert made.data["counts"] == {"eligible": 1, "not_eligible": 0}
    assert again.json()["code"] == "RECORD-EMPTY"
    row.refresh_from_db()
    assert row.record_id == VerificationRecord.objects.get().pk == made.data["id"]
    VerificationRecordFactory(version=version, area_code="35.20.01")
    seen = api(cast.vera).get("/api/verification-records/").json()["results"]
    assert [item["area_code"] for item in seen] == ["35.19.01"]
    one = f"/api/verification-records/{made.data['id']}/"
    assert (api(cast.aud).get(one).status_code, api(cast.lain).get(one).status_code) == (200, 404)


def test_what_officers_follow_is_set_by_the_api_too(cast: Cast) -> None:
    version = pkh_plus(cast, draft=True)
    path = f"programme-versions/{version.pk}"
    given = {
        "calendar": ["Januari: usulan"],
        "verification_steps": ["Kunjungi rumahnya"],
        "monitoring_form": ["Usahanya masih berjalan?"],
        "document_templates": ["Pakta integritas 2027"],
        "success_measure": "Pendapatan naik",
        "funding_source": "APBD",
        "ranking": {"keys": [{"key": "desil", "direction": "asc"}], "replacement": "no"},
    }
    answer = patch(cast.budi, path, given)
    assert answer.status_code == 200, answer.data
    assert {name: answer.data[name] for name in given} == given
    version.refresh_from_db()
    assert version.ranking == given["ranking"]
    for wrong in (5, {"keys": 5}, {"keys": [[]]}, {"keys": [{"key": "x", "direction": "asc"}]}):
        assert patch(cast.budi, path, {"ranking": wrong}).status_code == 422
    version.refresh_from_db()
    assert version.ranking == given["ranking"]
