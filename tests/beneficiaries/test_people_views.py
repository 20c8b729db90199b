"""Pages and API of people: area, masks, search, opening a number, editing, lists in few queries."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bansos.accounts.services import issue_token
from bansos.audit.models import Event
from bansos.lib.dates import day_of
from beneficiaries.choices import Ppks
from beneficiaries.models import Draft, ImportBatch, Person
from beneficiaries.services.pillars import add_company, employ
from beneficiaries.services.traits import add_category
from tests.beneficiaries.lists import guide_workbook, person_row, work_off
from tests.cast import Cast
from tests.factories.beneficiaries import (
    NOW,
    BankAccountFactory,
    ImportBatchFactory,
    PersonFactory,
    SnapshotEntryFactory,
    SnapshotFactory,
)

pytestmark = pytest.mark.django_db
NIK = "3519014108500001"


@pytest.fixture
def siti(cast: Cast) -> Person:
    person: Person = PersonFactory(
        nik=NIK, name="Siti Aminah", village_id="35.19.01.2001", phone="081234567890"
    )
    return person


@pytest.fixture
def client(client: Client, cast: Cast) -> Client:
    client.force_login(cast.sari)
    return client


def text(answer: Any) -> str:
    return str(answer.content.decode())


TABS = ["", "keluarga/", "rekening/", "riwayat/"]


@pytest.mark.parametrize("tab", TABS)
def test_the_file_of_a_person_shows_masked_numbers_only(
    client: Client, siti: Person, tab: str
) -> None:
    account = BankAccountFactory(person=siti)
    answer = client.get(f"{siti.get_absolute_url()}{tab}")
    assert answer.status_code == 200
    page = text(answer)
    assert "351901••••••••01" in page
    assert siti.family is not None
    for secret in (NIK, siti.family.kk, account.number, "Tukiyem", "081234567890"):
        assert secret not in page
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("tab", TABS)
def test_another_regency_does_not_find_the_person(
    client: Client, cast: Cast, siti: Person, tab: str
) -> None:
    for stranger in (cast.lain, cast.kalt):
        client.force_login(stranger)
        assert client.get(f"{siti.get_absolute_url()}{tab}").status_code == 404
        assert client.get(f"/penerima/keluarga/{siti.family_id}/").status_code == 404
        assert client.get(f"/penerima/buka/nik/{siti.pk}/").status_code == 404


def test_an_administrator_sees_no_file(client: Client, cast: Cast, siti: Person) -> None:
    client.force_login(cast.adi)
    assert client.get(siti.get_absolute_url()).status_code == 403
    assert client.get("/penerima/").status_code == 403


def test_an_unknown_tab_is_not_there(client: Client, siti: Person) -> None:
    assert client.get(f"{siti.get_absolute_url()}entah/").status_code == 404


def test_a_number_goes_straight_to_its_person_and_never_into_an_address(
    client: Client, siti: Person
) -> None:
    answer = client.post("/penerima/", {"q": "3519 0141 0850 0001"})
    assert answer["Location"] == siti.get_absolute_url()
    assert Event.objects.filter(verb="beneficiaries.search_number").count() == 1
    answer = client.post("/penerima/", {"q": "3519014108509999"}, follow=True)
    assert "tidak ada di daftar penerima" in text(answer)
    assert "3519014108509999" not in answer.request["QUERY_STRING"]


def test_a_name_is_found_by_a_part_of_three_letters(client: Client, siti: Person) -> None:
    PersonFactory(name="Bambang")
    page = text(client.post("/penerima/", {"q": "amin"}, follow=True))
    assert "Siti Aminah" in page
    assert "Bambang" not in page
    page = text(client.post("/penerima/", {"q": "am"}, follow=True))
    assert "paling sedikit 3 huruf" in page
    assert "Siti Aminah" not in page


def test_lists_filter_by_area(client: Client, siti: Person) -> None:
    PersonFactory(name="Bambang", area_code="35.19.02.1001")
    page = text(client.get("/penerima/?area=35.19.01&sex=P&died=hidup"))
    assert "Siti Aminah" in page
    assert "Bambang" not in page


@pytest.mark.parametrize(
    "address", ["/penerima/", "/penerima/keluarga/", "/penerima/potret/", "/penerima/impor/"]
)
def test_a_list_costs_the_same_for_one_row_and_for_forty(
    client: Client, cast: Cast, address: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(40):
        PersonFactory(village_id="35.19.01.2001", created_by=cast.sari)
        SnapshotFactory(label=f"DTSEN {number}", area_code="35", loaded_by=cast.budi)
        ImportBatchFactory(created_by=cast.sari, counts={"rows": 1, "new": 1})
    with django_assert_max_num_queries(12):
        assert client.get(address).status_code == 200


def test_a_number_is_shown_after_its_purpose(client: Client, siti: Person) -> None:
    address = reverse("beneficiaries:reveal", args=["nik", siti.pk])
    assert NIK not in text(client.get(address))
    assert client.post(address, {"purpose": ""}).status_code == 422
    assert not Event.objects.filter(verb="beneficiaries.reveal").exists()
    page = text(client.post(address, {"purpose": "verify", "note": ""}))
    assert NIK in page
    assert 'data-unmasked="351901••••••••01"' in page
    assert Event.objects.filter(verb="beneficiaries.reveal").count() == 1


@pytest.mark.parametrize("field", ["kk", "mother_name", "phone", "rekening"])
def test_every_secret_field_has_its_door(client: Client, siti: Person, field: str) -> None:
    account = BankAccountFactory(person=siti)
    assert siti.family is not None
    pk = {"kk": siti.family_id, "rekening": account.pk}.get(field, siti.pk)
    secret = {
        "kk": siti.family.kk,
        "mother_name": "Tukiyem",
        "phone": "081234567890",
        "rekening": account.number,
    }[field]
    address = reverse("beneficiaries:reveal", args=[field, pk])
    assert secret in text(client.post(address, {"purpose": "correct"}))


def test_the_thirty_first_number_stays_closed(
    client: Client, siti: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beneficiaries.services.people.REVEALS_PER_HOUR", 1)
    address = reverse("beneficiaries:reveal", args=["nik", siti.pk])
    client.post(address, {"purpose": "verify"})
    answer = client.post(address, {"purpose": "verify"})
    assert answer.status_code == 429
    assert NIK not in text(answer)


def test_a_reader_opens_nothing_and_changes_nothing(
    client: Client, cast: Cast, siti: Person
) -> None:
    client.force_login(cast.aud)
    assert client.get(siti.get_absolute_url()).status_code == 200
    assert client.get(reverse("beneficiaries:reveal", args=["nik", siti.pk])).status_code == 403
    assert client.get(reverse("beneficiaries:person_edit", args=[siti.pk])).status_code == 403


def form_of(person: Person, **changes: Any) -> dict[str, Any]:
    return {
        "nik": "",
        "name": person.name,
        "kk": "",
        "birth_place": person.birth_place,
        "birth_date": "01-08-1950",
        "sex": person.sex,
        "mother_name": "",
        "address": person.address,
        "village": person.village_id,
        "phone": "",
        "note": "",
        "version": person.version,
        **changes,
    }


def test_an_edit_keeps_the_secrets_it_does_not_show(client: Client, siti: Person) -> None:
    address = reverse("beneficiaries:person_edit", args=[siti.pk])
    page = text(client.get(address))
    assert NIK not in page
    assert "Tukiyem" not in page
    answer = client.post(address, form_of(siti, address="Jalan Mawar 2"))
    assert answer["Location"] == siti.get_absolute_url()
    siti.refresh_from_db()
    assert (siti.nik, siti.mother_name, siti.address) == (NIK, "Tukiyem", "Jalan Mawar 2")
    assert siti.family_id is not None


def test_a_date_unlike_the_nik_asks_for_a_note(client: Client, siti: Person) -> None:
    address = reverse("beneficiaries:person_edit", args=[siti.pk])
    answer = client.post(address, form_of(siti, birth_date="1 Agustus 1951"))
    assert answer.status_code == 422
    assert "Tanggal lahir di NIK berbeda" in text(answer)
    answer = client.post(address, form_of(siti, birth_date="1 Agustus 1951", note="KTP dilihat"))
    assert answer.status_code == 302


def test_a_change_by_somebody_else_is_shown_not_overwritten(client: Client, siti: Person) -> None:
    address = reverse("beneficiaries:person_edit", args=[siti.pk])
    old = form_of(siti, address="Jalan Mawar 2")
    client.post(address, form_of(siti, address="Jalan Kenanga 3"))
    answer = client.post(address, old)
    assert answer.status_code == 409
    page = text(answer)
    assert "Jalan Kenanga 3" in page
    assert "Jalan Mawar 2" in page
    siti.refresh_from_db()
    assert siti.address == "Jalan Kenanga 3"


def test_an_edit_of_a_person_elsewhere_is_not_there(
    client: Client, cast: Cast, siti: Person
) -> None:
    client.force_login(cast.lain)
    address = reverse("beneficiaries:person_edit", args=[siti.pk])
    assert client.post(address, form_of(siti)).status_code == 404


def test_a_family_page_lists_its_members(client: Client, siti: Person) -> None:
    PersonFactory(name="Suparno", family=siti.family)
    PersonFactory(name="Wagimin Jauh", family=siti.family, area_code="35.20.01.2001")
    page = text(client.get(f"/penerima/keluarga/{siti.family_id}/"))
    assert "Suparno" in page
    assert "Wagimin Jauh" not in page
    assert "Belum dicatat" in page
    assert "1 anggota tercatat di wilayah lain" in page


def test_a_family_page_shows_each_desil_with_its_handover(
    client: Client, cast: Cast, siti: Person
) -> None:
    assert siti.family is not None
    for label, as_of, desil in (
        ("DTSEN v2", date(2026, 3, 1), 1),
        ("DTSEN v3", date(2026, 7, 10), 4),
    ):
        snapshot = SnapshotFactory(label=label, as_of=as_of, loaded_by=cast.budi)
        SnapshotEntryFactory(snapshot=snapshot, key_index=siti.family.kk_index, desil=desil)
    page = text(client.get(f"/penerima/keluarga/{siti.family_id}/"))
    assert "DTSEN v2, 01-03-2026: Desil 1" in page
    assert "DTSEN v3, 10-07-2026: Desil 4" in page
    assert "BAST/1/2026" in page
    assert "Program dan bantuan" in page


def test_the_state_of_a_person_hides_restricted_categories(
    client: Client, cast: Cast, siti: Person
) -> None:
    given = {"since": date(2026, 3, 1), "source": "Musdes", "by": cast.sari, "at": NOW}
    add_category(person=siti, code=Ppks.POOR, **given)
    add_category(person=siti, code=Ppks.HIV, **given)
    assert "HIV" in text(client.get(f"{siti.get_absolute_url()}keadaan/"))
    assert "HIV" not in text(client.get("/penerima/?ppks=24"))
    client.force_login(cast.vera)
    page = text(client.get(f"{siti.get_absolute_url()}keadaan/"))
    assert "HIV" not in page
    assert "Fakir miskin" in page
    assert "1 kategori dibatasi" in page
    assert siti.name in text(client.get("/penerima/?ppks=24"))
    assert siti.name not in text(client.get("/penerima/?ppks=08"))


def test_work_is_ended_from_the_list_of_workers_by_who_may(
    client: Client, cast: Cast, siti: Person
) -> None:
    company = add_company(name="Pabrik Rokok Jaya", area_code="35.19", by=cast.sari, at=NOW)
    work = employ(person=siti, company=company, by=cast.sari, at=NOW)
    tab = f"{siti.get_absolute_url()}keadaan/"
    end = reverse("beneficiaries:worker_end", args=[work.pk])
    assert f'href="{tab}"' in text(client.get(reverse("beneficiaries:workers")))
    client.force_login(cast.vera)
    seen = text(client.get(tab))
    assert "Pabrik Rokok Jaya" in seen
    assert end not in seen
    client.force_login(cast.sari)
    assert f'href="{end}"' in text(client.get(tab))
    answer = client.post(end, {"until_date": day_of(NOW).isoformat()})
    assert (answer.status_code, answer["Location"]) == (302, tab)
    assert end not in text(client.get(tab))


def test_a_form_saves_itself_as_a_draft(client: Client, cast: Cast) -> None:
    address = reverse("beneficiaries:draft", args=["programs.proposal", "7"])
    assert client.post(address, {"name": "Siti"}).status_code == 204
    draft = Draft.objects.get()
    assert (draft.owner, draft.key, draft.values) == (cast.sari, "7", {"name": "Siti"})
    client.force_login(cast.aud)
    assert client.post(address, {"name": "Siti"}).status_code == 403


def token_of(cast: Cast, *rights: str) -> dict[str, str]:
    _token, secret = issue_token(
        user=cast.sari,
        name="mesin",
        area_code="35.19",
        permissions=list(rights),
        days=5,
        by=cast.adi,
        at=timezone.now(),
    )
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}"}


def test_the_api_gives_masked_people_of_the_area(cast: Cast, siti: Person) -> None:
    PersonFactory(area_code="35.20.01.2001")
    machine, key = Client(), token_of(cast, "beneficiary.view")
    answer = machine.get("/api/people/", **key)
    assert [row["nik"] for row in answer.json()["results"]] == ["351901••••••••01"]
    assert NIK not in text(answer)
    assert machine.get(f"/api/people/{siti.pk}/", **key).json()["name"] == "Siti Aminah"
    for name in ("families", "snapshots"):
        assert machine.get(f"/api/{name}/", **key).status_code == 200
    assert machine.get("/api/imports/", **key).status_code == 403
    assert Client().get("/api/people/").status_code == 401


def test_the_api_adds_and_changes_by_the_same_service(cast: Cast) -> None:
    machine, key = Client(), token_of(cast, "beneficiary.view", "beneficiary.enter")
    body = {"nik": NIK, "name": "Siti", "village": "35.19.01.2001", "sex": "P"}
    answer = machine.post("/api/people/", json.dumps(body), "application/json", **key)
    assert answer.status_code == 201
    person = answer.json()
    assert person["area_code"] == "35.19.01.2001"
    address = f"/api/people/{person['id']}/"
    stale = {**body, "name": "Siti Aminah", "version": 9}
    answer = machine.put(address, json.dumps(stale), "application/json", **key)
    assert (answer.status_code, answer.json()["code"]) == (409, "PERSON-STALE")
    fresh = {**stale, "version": 1}
    answer = machine.put(address, json.dumps(fresh), "application/json", **key)
    assert (answer.status_code, answer.json()["name"]) == (200, "Siti Aminah")
    broken = {**body, "nik": "12"}
    answer = machine.post("/api/people/", json.dumps(broken), "application/json", **key)
    assert (answer.status_code, answer.json()["code"]) == (422, "PERSON-INPUT")
    elsewhere = {**body, "village": "35.20.01.2001"}
    answer = machine.post("/api/people/", json.dumps(elsewhere), "application/json", **key)
    assert answer.status_code == 403


def test_the_api_takes_a_list_the_whole_way(cast: Cast) -> None:
    machine, key = Client(), token_of(cast, "import.run")
    sent = {
        "purpose": "beneficiaries.people",
        "file": SimpleUploadedFile("daftar.xlsx", guide_workbook([person_row(1)])),
    }
    answer = machine.post("/api/imports/", sent, **key)
    assert answer.status_code == 201, answer.content
    address = f"/api/imports/{answer.json()['id']}/"
    assert machine.post(f"{address}periksa/", **key).status_code == 202
    batch = work_off(ImportBatch.objects.get())
    assert machine.get(address, **key).json()["counts"]["new"] == 1
    assert machine.post(f"{address}masukkan/", **key).status_code == 202
    work_off(batch)
    assert machine.get(address, **key).json()["state"] == "accepted"
    assert machine.post(f"{address}tolak/", **key).status_code == 409
    broken = {"purpose": "beneficiaries.people", "file": SimpleUploadedFile("a.xlsx", b"x")}
    assert machine.post("/api/imports/", broken, **key).status_code == 422


def test_the_api_throws_a_list_away(cast: Cast) -> None:
    machine, key = Client(), token_of(cast, "import.run")
    sent = {
        "purpose": "beneficiaries.people",
        "file": SimpleUploadedFile("daftar.xlsx", guide_workbook([person_row(1)])),
    }
    address = f"/api/imports/{machine.post('/api/imports/', sent, **key).json()['id']}/"
    assert machine.post(f"{address}tolak/", **key).status_code == 204
    assert machine.get(address, **key).status_code == 404


def test_another_account_is_recorded_and_the_older_closed(
    client: Client, cast: Cast, siti: Person
) -> None:
    old = BankAccountFactory(person=siti)
    address = reverse("beneficiaries:person_account", args=[siti.pk])
    assert 'value="114"' in text(client.get(address))
    wrong = {"bank_code": "1", "number": "12", "holder_name": "Siti"}
    answer = client.post(address, wrong)
    assert answer.status_code == 422
    assert "6 sampai 20 angka" in text(answer)
    assert "3 angka" in text(answer)
    right = {"bank_code": "114", "number": "0071-999999", "holder_name": "Siti"}
    assert client.post(address, right).status_code == 302
    old.refresh_from_db()
    assert old.closed_at is not None
    client.force_login(cast.lain)
    assert client.post(address, right).status_code == 404


def test_a_death_is_recorded_with_its_source(client: Client, siti: Person) -> None:
    address = reverse("beneficiaries:person_death", args=[siti.pk])
    early = {"died_on": "01-01-1900", "source": "Desa"}
    assert client.post(address, early).status_code == 422
    answer = client.post(address, {"died_on": "2 Mei 2026", "source": "Desa"}, follow=True)
    assert "Tercatat meninggal" in text(answer)
