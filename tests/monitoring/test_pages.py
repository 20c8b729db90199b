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


def test_dashboard_marks_open_the_rows_behind_them(cast: Cast, client: Client) -> None:
    year = make_year(cast)
    stage = year.version.stages.first()
    text = page(client, cast.budi, "/laporan/dasbor/")
    assert f'href="/penyaluran/daftar/?stage={stage.pk}"' in text
    behind = page(client, cast.budi, f"/penyaluran/daftar/?stage={stage.pk}")
    assert f"/penyaluran/daftar/{year.first.pk}/" in behind
    assert f"/penyaluran/daftar/{year.second.pk}/" not in behind
    districts = page(client, cast.budi, f"/penyaluran/daftar/{year.first.pk}/baris/")
    assert '<option value="35.19.01">' in districts
    assert '<option value="35.20">' not in districts
    assert "reason=died" in text
    assert "state=proposed" in text
    assert "area_code=35.19" in text
    deeper = page(client, cast.sari, "/laporan/dasbor/")
    assert "wilayah=35.19.01" in deeper
    assert "/penyaluran/daftar/" not in deeper


def test_chips_name_what_is_chosen(cast: Cast, client: Client) -> None:
    year = make_year(cast)
    path = f"/laporan/dasbor/?program={year.version.pk}&wilayah=35.19.02"
    text = page(client, cast.budi, path)
    assert "PKH Plus" in text
    assert "Hapus saringan" in text
    plain = page(client, cast.budi, "/laporan/dasbor/?program=999&wilayah=64&tahun=abc")
    assert "Hapus saringan" not in plain
    assert "Provinsi Jawa Timur" in plain


def test_dashboard_of_another_area_shows_the_own_one(cast: Cast, client: Client) -> None:
    make_year(cast)
    text = page(client, cast.lain, "/laporan/dasbor/?wilayah=35.19")
    assert "Kabupaten Magetan" in text
    assert "Kabupaten Madiun" not in text


def test_queries_of_the_dashboard(
    cast: Cast, client: Client, django_assert_max_num_queries: Any
) -> None:
    make_year(cast)
    client.force_login(cast.budi)
    with django_assert_max_num_queries(30):
        client.get("/laporan/dasbor/")


def test_every_figure_can_be_read_as_a_table(cast: Cast, client: Client) -> None:
    make_year(cast)
    text = page(client, cast.budi, "/laporan/dasbor/")
    assert text.count("Lihat sebagai tabel") == text.count('class="b-chart"') == 7
