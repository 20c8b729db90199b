"""Lists through a real browser and a real worker: upload, columns, check, accept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from beneficiaries.models import Group, ImportBatch, Person
from tests.beneficiaries.lists import guide_workbook, person_row
from tests.beneficiaries.test_group_lists import ACCOUNT
from tests.beneficiaries.test_group_lists import row as member
from tests.cast import make_cast
from tests.ground.worker import Worker
from tests.lib.sheets import files

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_list_goes_in_while_the_page_follows(
    live_server: Any, worker: Worker, page: Page, tmp_path: Path
) -> None:
    cast = make_cast()
    client = Client()
    client.force_login(cast.sari)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    page.context.add_cookies([{**cookie, "url": live_server.url}])
    rows = [person_row(number) for number in range(1, 41)]
    rows[2] = person_row(3, nik="12")
    file = tmp_path / "daftar.xlsx"
    file.write_bytes(guide_workbook(rows))

    page.goto("/penerima/impor/mulai/?tujuan=beneficiaries.people")
    page.set_input_files("input[type=file]", str(file))
    page.get_by_role("button", name="Unggah dan lanjut").click()
    page.get_by_role("button", name="Periksa daftar").click()
    accept = page.get_by_role("button", name="Masukkan 39 baris")
    expect(accept).to_be_visible(timeout=30_000)
    expect(page.get_by_text("NIK harus 16 angka. Yang diisi 2 angka.")).to_be_visible()
    accept.click()
    expect(page.get_by_text("39 baris masuk").first).to_be_visible(timeout=30_000)
    with page.expect_download() as download:
        page.get_by_role("button", name="Unduh berkas perbaikan").click()
    assert download.value.suggested_filename.startswith("perbaikan-")
    assert Person.objects.count() == 39
    assert ImportBatch.objects.get().counts["accepted"] == 39


def test_a_list_of_groups_forms_them_with_their_account(
    live_server: Any, worker: Worker, page: Page, tmp_path: Path
) -> None:
    cast = make_cast()
    client = Client()
    client.force_login(cast.sari)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    page.context.add_cookies([{**cookie, "url": live_server.url}])
    melati = [
        member(n, "KUBE Melati", "0071012345", "YA" if n in (1, 3) else "") for n in range(1, 7)
    ]
    melati[5] = member(6, "KUBE Melati", "", "", role="Ketua")
    mawar = [member(n, "KUBE Mawar", "", "", role="") for n in range(11, 13)]
    file = tmp_path / "kube.xlsx"
    file.write_bytes(files.xlsx([ACCOUNT, *melati, *mawar]))

    page.goto("/penerima/impor/mulai/?tujuan=beneficiaries.groups")
    page.set_input_files("input[type=file]", str(file))
    page.get_by_role("button", name="Unggah dan lanjut").click()
    page.get_by_role("button", name="Periksa daftar").click()
    accept = page.get_by_role("button", name="Masukkan 7 baris")
    expect(accept).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Ketua kelompok ini sudah ada.").first).to_be_visible()
    expect(page.get_by_text("2 kelompok baru dibentuk, 0 kelompok bertambah")).to_be_visible()
    expect(page.get_by_text("Kelompok dengan kurang dari 5 anggota").first).to_be_visible()
    accept.click()
    expect(page.get_by_text("7 baris masuk").first).to_be_visible(timeout=30_000)
    group = Group.objects.get(payee__name="KUBE Melati")
    page.goto(group.get_absolute_url())
    expect(page.get_by_role("heading", name="KUBE Melati")).to_be_visible()
    expect(page.get_by_text("Bendahara kelompok").first).to_be_visible()
    assert group.members.count() == 5
    assert group.payee.open_account().second_signatory is not None
