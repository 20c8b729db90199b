"""One list through a real browser and a real worker: upload, columns, check, accept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from beneficiaries.models import ImportBatch, Person
from tests.beneficiaries.lists import guide_workbook, person_row
from tests.cast import make_cast
from tests.ground.worker import Worker

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
