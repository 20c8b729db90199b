"""A KUBE from its forming to active, and residents of a house, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from beneficiaries.models import Group, Residency
from tests.beneficiaries.kube import heads
from tests.beneficiaries.test_institutions import home
from tests.cast import Cast, make_cast
from tests.factories.beneficiaries import PersonFactory
from tests.looks import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def test_a_group_becomes_active(cast: Cast, live_server: Any, page: Page) -> None:
    people = heads(cast)
    sign_in(page, live_server, cast.sari)
    page.goto("/penerima/kelompok/")
    page.get_by_role("link", name="Bentuk kelompok").first.click()
    page.get_by_label("Nama kelompok").fill("KUBE Melati")
    page.get_by_label("Jenis usaha").fill("Ternak ayam")
    page.get_by_label("Desa/Kelurahan").select_option("35.19.01.2001")
    page.get_by_label("Tanggal pembentukan").fill("02-03-2026")
    page.get_by_role("button", name="Simpan dan isi anggota").click()
    expect(page.get_by_text("Belum ada anggota.")).to_be_visible()
    roles = ["Ketua", "Sekretaris", "Bendahara kelompok", "Anggota", "Anggota"]
    for person, role in zip(people, roles, strict=True):
        page.get_by_role("link", name="Tambah anggota").click()
        page.get_by_label("NIK", exact=True).fill(person.nik)
        page.get_by_label("Tugas").select_option(label=role)
        page.get_by_role("button", name="Tambahkan ke kelompok").click()
        expect(page.get_by_role("link", name=person.name, exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Anggota (5)")).to_be_visible()
    group = Group.objects.get()

    sign_in(page, live_server, cast.vera)
    page.goto(group.get_absolute_url())
    page.get_by_role("link", name="Periksa anggota").click()
    page.get_by_role("button", name="Anggota sudah diperiksa").click()
    expect(page.get_by_text("Ada jawaban Tidak atau Belum diketahui").first).to_be_visible()
    page.get_by_label("Catatan").fill("KK dan KTP dilihat di balai desa")
    page.get_by_role("button", name="Anggota sudah diperiksa").click()
    expect(page.get_by_text("Anggota diperiksa").first).to_be_visible()

    sign_in(page, live_server, cast.sari)
    page.goto(group.get_absolute_url())
    expect(page.get_by_text("Rekening belum dicatat.")).to_be_visible()
    page.get_by_role("link", name="Catat rekening").click()
    page.get_by_label("Nomor rekening").fill("0099000123")
    page.get_by_label("Penanda tangan pertama").select_option(str(people[0].pk))
    page.get_by_label("Penanda tangan kedua").select_option(str(people[2].pk))
    page.get_by_role("button", name="Simpan rekening").click()
    page.get_by_role("button", name="Nyatakan aktif").click()
    expect(page.get_by_text("Kelompok aktif dan dapat menerima bantuan.")).to_be_visible()
    expect(page.get_by_text("Belum dapat dibayar hari ini")).not_to_be_visible()

    page.get_by_role("row", name=people[4].name).get_by_role("link", name="Keluar").click()
    page.get_by_label("Mengundurkan diri").check()
    page.get_by_label("Hari terakhir").fill("02-10-2026")
    page.get_by_role("button", name="Catat keluar").click()
    expect(page.get_by_text("Catat penggantinya").first).to_be_visible()


def test_a_resident_is_counted_in_one_house(cast: Cast, live_server: Any, page: Page) -> None:
    first, second, person = home(cast), home(cast, "LKS-LU Damai"), PersonFactory()
    sign_in(page, live_server, cast.sari)
    for house in (first, second):
        page.goto(house.get_absolute_url())
        page.get_by_role("link", name="Catat penghuni").click()
        page.get_by_label("NIK", exact=True).fill(person.nik)
        page.get_by_label("Masuk tanggal").fill("05-02-2026")
        page.get_by_role("button", name="Simpan penghuni").click()
    expect(page.get_by_text("sudah tercatat sebagai penghuni lembaga").first).to_be_visible()
    assert Residency.objects.get().institution == first
    page.goto(f"{first.get_absolute_url()}?bulan=2026-02")
    expect(page.get_by_role("cell", name="24", exact=True).first).to_be_visible()
    page.get_by_role("link", name="Buka sebagai daftar untuk diekspor").click()
    expect(page.get_by_role("cell", name="24", exact=True)).to_be_visible()
