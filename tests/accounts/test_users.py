"""Administrators add and close accounts inside their own area, never their own."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from bansos.accounts import services
from bansos.accounts.models import User
from bansos.audit.models import Event
from bansos.lib.errors import NotAllowed, Refused
from tests.cast import Cast
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.django_db
FORM = {
    "username": "dewi",
    "full_name": "Dewi Anggraini",
    "role": "petugas_kab",
    "area_code": "35.20",
    "is_active": "on",
    "password": "sandi-awal-yang-panjang",
}


def sign_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def test_an_account_is_added_and_recorded(cast: Cast, client: Client) -> None:
    response = sign_in(client, cast.adi).post("/kelola/pengguna/tambah/", FORM)
    assert response.status_code == 302
    added = User.objects.get(username="dewi")
    assert added.check_password(FORM["password"])
    event = Event.objects.get(verb="accounts.save_user")
    assert event.data["new"] == {"role": "petugas_kab", "area_code": "35.20", "is_active": True}
    assert FORM["password"] not in str(event.data)


def test_an_unknown_area_is_refused_in_words(cast: Cast, client: Client) -> None:
    response = sign_in(client, cast.adi).post(
        "/kelola/pengguna/tambah/", {**FORM, "area_code": "35.99"}
    )
    assert response.status_code == 422
    assert "Kode wilayah ini tidak dikenal" in response.content.decode()
    assert not User.objects.filter(username="dewi").exists()


def test_another_province_is_out_of_reach(cast: Cast) -> None:
    new = User(username="x", full_name="X", role="petugas_kab", area_code="64.72")
    with pytest.raises(NotAllowed):
        services.save_user(user=new, password="x" * 14, by=cast.adi, at=timezone.now())


def test_nobody_changes_their_own_account(cast: Cast) -> None:
    cast.adi.role = "kepala_dinas"
    with pytest.raises(Refused):
        services.save_user(user=cast.adi, password="", by=cast.adi, at=timezone.now())
    assert User.objects.get(pk=cast.adi.pk).role == "admin"


def test_closing_an_account_ends_its_sessions(cast: Cast, client: Client) -> None:
    sign_in(client, cast.sari)
    assert client.get("/pekerjaan/").status_code == 200
    cast.sari.is_active = False
    services.save_user(user=cast.sari, password="", by=cast.adi, at=timezone.now())
    assert client.get("/pekerjaan/").status_code == 302


def test_signing_in_by_name_and_password(cast: Cast, client: Client) -> None:
    page = client.get("/akun/login/")
    assert page.status_code == 200
    response = client.post("/akun/login/", {"login": "sari", "password": PASSWORD})
    assert response.status_code == 302
    assert client.get("/pekerjaan/").status_code == 200


def test_nobody_signs_up(client: Client, db: None) -> None:
    assert "password1" not in client.get("/akun/signup/").content.decode()


def test_appearance_is_kept_for_user_and_device(cast: Cast, client: Client) -> None:
    sign_in(client, cast.sari).post(
        "/kelola/tampilan/", {"theme": "gelap", "density": "rapat", "next": "//evil.example/"}
    )
    kept = User.objects.get(pk=cast.sari.pk)
    assert (kept.theme, kept.density) == ("gelap", "rapat")
    assert client.cookies["tema"].value == "gelap"


def test_who_came_in_and_who_was_turned_away_is_in_the_trail(cast: Cast, client: Client) -> None:
    wrong = {"login": cast.sari.username, "password": "kata-sandi-lain"}
    assert client.post("/akun/login/", wrong).status_code == 200
    assert client.post("/akun/login/", {**wrong, "login": "tidak-ada"}).status_code == 200
    assert client.post("/akun/login/", {**wrong, "password": PASSWORD}).status_code == 302
    events = Event.objects.filter(target_id=str(cast.sari.pk)).order_by("pk")
    assert [(event.verb, event.actor_id) for event in events] == [
        ("accounts.sign_in_failed", None),
        ("accounts.sign_in", cast.sari.pk),
    ]
    assert "kata-sandi-lain" not in str([event.fingerprint() for event in Event.objects.all()])


def test_a_session_ends_with_the_working_day(cast: Cast, client: Client) -> None:
    client.post("/akun/login/", {"login": cast.adi.username, "password": PASSWORD})
    assert client.get("/kelola/pengguna/").status_code == 200
    session = client.session
    session["began"] = timezone.now().timestamp() - settings.SESSION_LONGEST - 1
    session.save()
    assert client.get("/kelola/pengguna/").status_code == 302
    assert "_auth_user_id" not in client.session
