"""Home, dashboard and reports as pages: who sees what, how many queries, what stands when empty."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast
from tests.factories.monitoring import make_year


def page(client: Client, user: Any, path: str) -> str:
    client.force_login(user)
    response = client.get(path)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_home_of_everybody_without_anything(cast: Cast, client: Client) -> None:
    for user in cast.users():
        text = page(client, user, "/")
        assert "Tidak ada tugas untuk Anda saat ini. Terakhir diperbarui" in text, user


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("vera", ["Usulan menunggu verifikasi", "Kec. Kebonsari", "1 orang"]),
        ("ratna", ["Daftar bayar menunggu pemeriksaan", "Rp4.000.000", "8 orang"]),
        ("tono", ["Retur menunggu keputusan", "Rp500.000"]),
    ],
)
def test_home_names_what_waits(cast: Cast, client: Client, name: str, words: list[str]) -> None:
    make_year(cast)
    text = page(client, getattr(cast, name), "/")
    for word in words:
        assert word in text


def test_dashboard(cast: Cast, client: Client) -> None:
    make_year(cast)
    text = page(client, cast.budi, "/laporan/dasbor/")
    for word in ("Rp20.000.000", "Rp4.000.000", "Rp5.000.000", "Rp3.500.000", "Rp11.000.000"):
        assert word in text


def test_dashboard_without_anything(cast: Cast, client: Client) -> None:
    text = page(client, cast.budi, "/laporan/dasbor/")
    assert "Belum ada penyaluran pada" in text
