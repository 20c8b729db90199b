"""The pages of programmes: who sees them, what they say, how many queries they cost."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from beneficiaries.models import Draft, Person
from programs.choices import DecreeState, EnrolmentState, VersionState
from programs.models import Decree, Enrolment, Programme, ProgrammeVersion
from programs.rules import digest_of
from programs.services import decrees
from programs.tables.lists import AreaNames
from tests.cast import Cast
from tests.factories.accounts import PASSWORD
from tests.factories.beneficiaries import PersonFactory
from tests.factories.programs import DecreeFactory, EnrolmentFactory, ProgrammeVersionFactory
from tests.programs.stage import AT, elder, pkh_plus

E = EnrolmentState
MOST_QUERIES = 30


def enter(client: Client, user: object) -> Client:
    client.force_login(user)  # type: ignore[arg-type]
    return client


def ready_decree(cast: Cast, count: int = 2) -> Decree:
    version = pkh_plus(cast)
    for _n in range(count):
        EnrolmentFactory(version=version, eligible=True, person=elder(cast))
    return decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)


def test_every_page_opens_for_who_may(client: Client, cast: Cast) -> None:
    decree = ready_decree(cast)
    enrolment = EnrolmentFactory(version=decree.version, person=elder(cast))
    version, programme = decree.version, decree.version.programme
    draft = ProgrammeVersionFactory(programme=programme, version=2, draft=True)
    pages = [
        (cast.budi, "programs:catalogue", []),
        (cast.budi, "programs:programme_new", []),
        (cast.budi, "programs:programme", [programme.pk]),
        (cast.budi, "programs:programme_edit", [programme.pk]),
        (cast.budi, "programs:version_new", [programme.pk]),
        (cast.budi, "programs:version", [version.pk]),
        (cast.budi, "programs:version", [draft.pk]),
        (cast.budi, "programs:version_edit", [draft.pk]),
        (cast.budi, "programs:criteria", [draft.pk]),
        (cast.budi, "programs:criterion_new", [draft.pk]),
        (cast.budi, "programs:criterion", [draft.pk, 0]),
        (cast.budi, "programs:stages", [draft.pk]),
        (cast.budi, "programs:quotas", [draft.pk]),
        (cast.sari, "programs:proposals", []),
        (cast.sari, "programs:proposal_new", []),
        (cast.sari, "programs:proposal_form", [version.pk]),
        (cast.aud, "programs:proposal", [enrolment.pk]),
        (cast.sari, "programs:proposal_withdraw", [enrolment.pk]),
        (cast.vera, "programs:judge", [enrolment.pk]),
        (cast.vera, "programs:records", []),
        (cast.budi, "programs:decrees", []),
        (cast.budi, "programs:decree_new", []),
        (cast.hadi, "programs:decree", [decree.pk]),
        (cast.budi, "programs:decree_drop", [decree.pk, decree.lines.first().enrolment_id]),
    ]
    for user, name, args in pages:
        response = enter(client, user).get(reverse(name, args=args))
        assert response.status_code == 200, (name, response.status_code)
        assert "style=" not in response.content.decode().split("<main")[1], name
    for tab in ("tahap", "kuota", "riwayat"):
        address = reverse("programs:version", args=[version.pk])
        assert enter(client, cast.budi).get(address, {"tab": tab}).status_code == 200
    decrees.submit_decree(decree=decree, by=cast.budi, at=AT)
    address = reverse("programs:decree_approve", args=[decree.pk])
    assert enter(client, cast.hadi).get(address).status_code == 200


@pytest.mark.parametrize("who", ["lain", "kalt"])
def test_another_area_does_not_exist(client: Client, cast: Cast, who: str) -> None:
    enrolment = EnrolmentFactory(version=pkh_plus(cast), person=elder(cast))
    decree = DecreeFactory(version=enrolment.version)
    enter(client, getattr(cast, who))

    for name, row in (("proposal", enrolment), ("decree", decree)):
        response = client.get(reverse(f"programs:{name}", args=[row.pk]))
        assert response.status_code == 404
    body = client.get(reverse("programs:proposals")).content.decode()
    assert enrolment.person.name not in body


@pytest.mark.parametrize(
    ("who", "name"),
    [("sari", "queue"), ("vera", "proposal_new"), ("aud", "decree_new"), ("sari", "programme_new")],
)
def test_without_the_right_it_is_forbidden(client: Client, cast: Cast, who: str, name: str) -> None:
    assert enter(client, getattr(cast, who)).get(reverse(f"programs:{name}")).status_code == 403


@pytest.mark.parametrize("count", [1, 12])
def test_lists_cost_the_same_for_any_number_of_rows(
    client: Client,
    cast: Cast,
    count: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    decree = ready_decree(cast, count)
    EnrolmentFactory.create_batch(count, version=decree.version)
    pages = [
        (cast.budi, reverse("programs:proposals"), 20),
        (cast.budi, reverse("programs:decree", args=[decree.pk]), 26),
        (cast.budi, reverse("programs:decrees"), 16),
        (cast.vera, reverse("programs:records"), 20),
        (cast.budi, reverse("programs:version", args=[decree.version_id]) + "?tab=kuota", 18),
    ]
    for user, address, most in pages:
        enter(client, user)
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200


def test_the_list_is_searched_by_name_and_by_whole_nik(client: Client, cast: Cast) -> None:
    version = pkh_plus(cast)
    one = EnrolmentFactory(version=version, person__name="Tukinem")
    EnrolmentFactory(version=version, person__name="Painem")
    enter(client, cast.sari)

    for text in ("tukin", one.person.nik):
        response = client.post(reverse("programs:proposals"), {"q": text}, follow=True)
        body = response.content.decode()
        assert "Tukinem" in body
        assert "Painem" not in body
        assert str(one.person.nik) not in response.redirect_chain[-1][0]


def test_a_single_proposal_from_nik_to_sent(client: Client, cast: Cast) -> None:
    version = pkh_plus(cast)
    enter(client, cast.sari)
    start = reverse("programs:proposal_new")
    nik = "3519014108500099"
    response = client.post(start, {"version": version.pk, "nik": nik})
    assert response.status_code == 302
    assert nik not in response["Location"]
    assert Draft.objects.get(owner=cast.sari).values["nik"] == nik
    form = reverse("programs:proposal_form", args=[version.pk])
    data = {
        "nik": nik,
        "name": "Ngatini",
        "birth_date": "1-8-1950",
        "sex": "P",
        "village": "35.19.01.2001",
        "address": "Jalan Melati 4",
        "kk": "3519010101150099",
        "account": "0071234567",
    }

    wrong = client.post(form, {**data, "kk": "", "name": ""})
    checked = client.post(form, data)
    sent = client.post(form, {**data, "kirim": "1"})

    assert wrong.status_code == 422
    assert "Periksa jawaban" in checked.content.decode()
    assert not Person.objects.filter(name="Ngatini").exists() or sent.status_code == 302
    enrolment = Enrolment.objects.get()
    assert sent["Location"] == reverse("programs:proposal", args=[enrolment.pk])
    assert enrolment.account is not None
    assert enrolment.account.number == "0071234567"
    assert not Draft.objects.exists()
    body = client.get(sent["Location"]).content.decode()
    assert "Berusia 75 tahun pada" in body or "Berusia 76 tahun pada" in body
    assert nik not in body


def test_a_refusal_for_lack_of_budget_leads_to_the_budget(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = pkh_plus(cast)
    EnrolmentFactory(version=version, eligible=True, person=elder(cast))
    decree = decrees.draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)
    monkeypatch.setattr(decrees, "BUDGET_CHECKS", [lambda _decree: "Kurang <Rp1.000>."])
    enter(client, cast.budi)
    answer = client.post(reverse("programs:decree_submit", args=[decree.pk]), follow=True)
    body = answer.content.decode()
    assert "Kurang &lt;Rp1.000&gt;." in body
    assert '<a href="/penyaluran/pagu/baru/">Catat pagu</a>' in body


def test_a_half_filled_draft_is_kept_and_not_lost_to_the_next(client: Client, cast: Cast) -> None:
    version = pkh_plus(cast)
    enter(client, cast.sari)
    start, niks = reverse("programs:proposal_new"), ("3519014108500099", "3519014108500088")
    client.post(start, {"version": version.pk, "nik": niks[0]})
    form = reverse("programs:proposal_form", args=[version.pk])
    assert client.get(form).content.decode().count("formnovalidate") == 1
    typed = {"nik": "351901 410850 0099", "name": "Ngatini", "simpan": "1"}
    assert client.post(form, typed)["Location"] == form
    again = client.post(start, {"version": version.pk, "nik": niks[0]})
    assert again["Location"] == form
    assert 'value="Ngatini"' in client.get(form).content.decode()
    other = client.post(start, {"version": version.pk, "nik": niks[1]}).content.decode()
    assert "Masih ada draf yang belum diajukan" in other
    assert niks[0] not in other
    assert Draft.objects.get().values["name"] == "Ngatini"
    client.post(start, {"version": version.pk, "nik": niks[1], "buang": "1"})
    assert Draft.objects.get().values["nik"] == niks[1]


def test_who_is_known_is_not_typed_again(client: Client, cast: Cast) -> None:
    version = pkh_plus(cast)
    person = PersonFactory(name="Sukarti", village_id="35.19.01.2001")
    enter(client, cast.sari)

    client.post(reverse("programs:proposal_new"), {"version": version.pk, "nik": person.nik})
    body = client.get(reverse("programs:proposal_form", args=[version.pk])).content.decode()

    assert 'value="Sukarti"' in body
    EnrolmentFactory(version=version, person=person)
    response = client.post(
        reverse("programs:proposal_new"), {"version": version.pk, "nik": person.nik}
    )
    assert "/usulan/" in response["Location"]


def test_the_queue_goes_on_to_the_next_and_says_when_it_is_empty(
    client: Client, cast: Cast
) -> None:
    version = pkh_plus(cast)
    first = EnrolmentFactory(version=version, person=elder(cast), proposed_by=cast.sari)
    second = EnrolmentFactory(version=version, person=elder(cast), proposed_by=cast.sari)
    enter(client, cast.vera)

    page = client.get(reverse("programs:queue"), follow=True)
    assert "1 dari 2" in page.content.decode()
    judge = reverse("programs:judge", args=[first.pk])
    refused = client.post(judge, {"decision": "not_eligible", "seen": "proposed"})
    client.post(judge, {"decision": "eligible", "seen": "proposed"})
    again = client.post(judge, {"decision": "eligible", "seen": "proposed"})
    client.post(
        reverse("programs:judge", args=[second.pk]),
        {"decision": "not_eligible", "reason_code": "age", "seen": "proposed"},
    )
    empty = client.get(reverse("programs:queue"), follow=True)

    first.refresh_from_db()
    second.refresh_from_db()
    assert refused.status_code == 422
    assert "Alasan belum dipilih" in refused.content.decode() or "Pilih alasan" in (
        refused.content.decode()
    )
    assert again.status_code == 422
    assert "sudah diputus oleh Vera Lestari" in again.content.decode()
    assert (first.state, second.state) == (E.ELIGIBLE, E.NOT_ELIGIBLE)
    assert "Antrean kosong." in empty.content.decode()
    assert "2 usulan Anda putus hari ini" in empty.content.decode()


def test_a_paper_is_added_seen_and_never_named_after_the_person(client: Client, cast: Cast) -> None:
    enrolment = EnrolmentFactory(version=pkh_plus(cast), person=elder(cast))
    enter(client, cast.sari)
    photo = b"\x89PNG\r\n\x1a\n" + b"0" * 50

    client.post(
        reverse("programs:paper_add", args=[enrolment.pk]),
        {"code": "ktp", "file": SimpleUploadedFile("ktp sumarni.png", photo)},
    )
    paper = enrolment.papers.get()
    response = client.get(reverse("programs:paper", args=[paper.pk]))

    assert response.content == photo
    assert response["Content-Type"] == "image/png"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "sumarni" not in response["Content-Disposition"]
    other = enter(Client(), cast.lain)
    assert other.get(reverse("programs:paper", args=[paper.pk])).status_code == 404


def test_a_decree_from_draft_to_approval_in_the_browser(client: Client, cast: Cast) -> None:
    version = pkh_plus(cast)
    EnrolmentFactory(version=version, eligible=True, person=elder(cast))
    enter(client, cast.budi)
    client.post(reverse("programs:decree_new"), {"version": version.pk, "area": "35.19"})
    decree = Decree.objects.get()
    client.post(reverse("programs:decree_submit", args=[decree.pk]))
    enter(client, cast.hadi)
    address = reverse("programs:decree_approve", args=[decree.pk])
    decree.refresh_from_db()
    data = {
        "number": "188/1/2026",
        "decree_date": "10-2-2026",
        "seen_hash": decree.content_hash,
        "password": "bukan",
    }

    wrong = client.post(address, data)
    page = client.get(address).content.decode()
    right = client.post(address, {**data, "password": PASSWORD})

    decree.refresh_from_db()
    assert wrong.status_code == 422
    assert "Kata sandi tidak cocok" in wrong.content.decode()
    assert "Setujui SK untuk 1 penerima" in page
    assert "dua juta rupiah" in page
    assert right.status_code == 302
    assert (decree.state, decree.number) == (DecreeState.APPROVED, "188/1/2026")
    assert Enrolment.objects.get().state == E.ACTIVE


def test_a_programme_is_added_from_the_screen(client: Client, cast: Cast) -> None:
    enter(client, cast.budi)
    client.post(
        reverse("programs:programme_new"),
        {"code": "lansia", "name": "Santunan Lansia", "is_active": "on"},
    )
    programme = Programme.objects.get(code="LANSIA")
    client.post(
        reverse("programs:version_new", args=[programme.pk]),
        {
            "year": 2026,
            "payee_kind": "person",
            "benefit_kind": "per_stage",
            "annual_amount": "1.200.000",
            "legal_basis": "Pergub 1/2026",
            "documents": "* Foto KTP\nFoto rumah",
            "reject_reasons": "Usia kurang",
            "stop_reasons": "Meninggal",
        },
    )
    version = ProgrammeVersion.objects.get(programme=programme)
    new = reverse("programs:criterion_new", args=[version.pk])
    seen = {"seen": digest_of([])}
    preview = client.post(new + "?jenis=min_age_on_stage", {"p_age": "80", "lihat": "1", **seen})
    client.post(new + "?jenis=min_age_on_stage", {"p_age": "80", **seen})
    version.refresh_from_db()
    seen = {"seen": digest_of(version.criteria)}
    client.post(new + "?jenis=desil_in", {"p_values": "1, 2", **seen})
    stage = {"form-TOTAL_FORMS": "6", "form-INITIAL_FORMS": "0"}
    stage |= {"form-0-name": "Tahap 1", "form-0-stage_date": "1-6-2026"}
    client.post(
        reverse("programs:stages", args=[version.pk]), {**stage, "form-0-amount": "1.200.000"}
    )
    client.post(reverse("programs:quotas", args=[version.pk]), {"kuota_35.19": "25"})
    client.post(reverse("programs:version_activate", args=[version.pk]))

    version.refresh_from_db()
    assert "Berusia paling sedikit 80 tahun pada tanggal tahap" in preview.content.decode()
    assert version.criteria[1]["params"] == {"values": [1, 2]}
    assert version.required_documents == [
        {"code": "foto_ktp", "label": "Foto KTP", "required": True},
        {"code": "foto_rumah", "label": "Foto rumah", "required": False},
    ]
    assert version.quotas.get().places == 25
    assert version.state == VersionState.ACTIVE
    page = client.get(reverse("programs:version", args=[version.pk])).content.decode()
    assert "Keluarga di desil 1-2 DTSEN" in page
    version.refresh_from_db()
    client.post(
        reverse("programs:criterion_act", args=[version.pk, "1"]),
        {"do": "drop", "seen": digest_of(version.criteria)},
    )
    version.refresh_from_db()
    assert len(version.criteria) == 1


def test_the_person_page_shows_the_programmes_of_the_person(client: Client, cast: Cast) -> None:
    enrolment = EnrolmentFactory(version=pkh_plus(cast), person=elder(cast), active=True)
    enter(client, cast.sari)

    body = client.get(
        reverse("beneficiaries:person", args=[enrolment.person_id]), follow=True
    ).content.decode()

    assert reverse("programs:proposal", args=[enrolment.pk]) in body
    assert "PKH Plus" in body


def test_a_wrong_paper_is_taken_away_by_who_added_it(client: Client, cast: Cast) -> None:
    enrolment = EnrolmentFactory(version=pkh_plus(cast), person=elder(cast))
    enter(client, cast.sari)
    client.post(
        reverse("programs:paper_add", args=[enrolment.pk]),
        {"code": "ktp", "file": SimpleUploadedFile("ktp.jpg", b"\xff\xd8\xff" + b"0" * 50)},
    )
    paper = enrolment.papers.get()
    page = client.get(reverse("programs:proposal", args=[enrolment.pk])).content.decode()

    client.post(reverse("programs:paper_remove", args=[paper.pk]))

    assert reverse("programs:paper_remove", args=[paper.pk]) in page
    assert not enrolment.papers.exists()


def test_a_member_is_stopped_from_the_screen(client: Client, cast: Cast) -> None:
    enrolment = EnrolmentFactory(version=pkh_plus(cast), person=elder(cast), active=True)
    enter(client, cast.budi)
    address = reverse("programs:member", args=[enrolment.pk])

    refused = client.post(address, {"act": "stop"})
    client.post(address, {"act": "stop", "reason_code": "moved", "note": "ke Ngawi"})

    enrolment.refresh_from_db()
    assert refused.status_code == 422
    assert (enrolment.state, enrolment.end_reason) == (E.STOPPED, "moved")


def test_quotas_are_saved_all_or_none(cast: Cast, client: Client) -> None:
    version = ProgrammeVersionFactory(programme__agency=cast.agency, quota_total=100)
    client.force_login(cast.budi)
    address = reverse("programs:quotas", args=[version.pk])
    answer = client.post(address, {"kuota_35.19": "60", "kuota_35.20": "60"})
    assert answer.status_code == 422
    assert version.quotas.count() == 0
    assert client.post(address, {"kuota_35.19": "60", "kuota_35.20": "40"}).status_code == 302
    assert dict(version.quotas.values_list("area_code", "places")) == {"35.19": 60, "35.20": 40}


def test_a_number_of_places_beyond_all_measure_is_told(cast: Cast, client: Client) -> None:
    version = ProgrammeVersionFactory(programme__agency=cast.agency, quota_total=None)
    client.force_login(cast.budi)
    many = "9" * 20
    told = client.post(reverse("programs:quotas", args=[version.pk]), {"kuota_35.19": many})
    assert (told.status_code, version.quotas.count()) == (422, 0)
    assert "Kuota Kabupaten Madiun terlalu besar." in told.content.decode()
    page = reverse("programs:version_edit", args=[version.pk])
    sent = {"year": "2026", "payee_kind": "person", "benefit_kind": "per_stage"}
    for name in ("quota_total", "regency_target"):
        assert client.post(page, {**sent, name: many}).status_code == 422
    asked = {"from_area": "", "to_area": "35.19", "places": many, "reason": "Coba"}
    assert client.post(reverse("programs:shifts", args=[version.pk]), asked).status_code == 422


def test_a_list_names_the_kecamatan_of_every_row_in_one_query(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """A village's code is shown as its kecamatan; a place nobody knows is asked for once."""
    names = AreaNames()
    codes = ("35.19.01.2001", "35.19.01", "35.19.01.2002", "35.19")
    with django_assert_num_queries(1):
        shown = [names(SimpleNamespace(area_code=code)) for code in codes]
    assert shown[0] == shown[1] == shown[2] != shown[3]
    assert not any(char.isdigit() for name in shown for char in name)
    lost = AreaNames()
    with django_assert_num_queries(1):
        assert [lost(SimpleNamespace(area_code="35.19.98.2001")) for _ in "ab"] == ["35.19.98"] * 2


@pytest.mark.parametrize(
    ("field", "use"),
    [
        ("monitoring_form", "Dijawab saat kunjungan"),
        ("document_templates", "dicetak dari halaman usulan"),
    ],
)
def test_a_guide_says_what_its_lines_are_for(
    client: Client, cast: Cast, field: str, use: str
) -> None:
    version = pkh_plus(cast)
    address = reverse("programs:version", args=[version.pk])
    enter(client, cast.budi)
    assert use not in client.get(address).content.decode()
    setattr(version, field, ["Apakah usaha masih berjalan?"])
    version.save()
    assert use in client.get(address).content.decode()
