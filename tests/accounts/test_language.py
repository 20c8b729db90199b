"""Indonesian until somebody chooses; a choice lasts."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
ENGLISH_WINDOWS = {"Accept-Language": "en-US,en;q=0.9"}


def test_the_browser_does_not_decide(client: Client) -> None:
    page = client.get("/akun/login/", headers=ENGLISH_WINDOWS)
    assert page.headers["Content-Language"] == "id"
    assert '<html lang="id"' in page.content.decode()


def test_a_choice_is_kept(client: Client) -> None:
    client.post("/bahasa/setlang/", {"language": "en", "next": "/akun/login/"})
    assert '<html lang="en"' in client.get("/akun/login/").content.decode()


def test_an_unknown_language_is_indonesian(client: Client) -> None:
    client.cookies["django_language"] = "xx"
    assert '<html lang="id"' in client.get("/akun/login/").content.decode()
