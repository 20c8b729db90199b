"""Goods in a real browser: lot, stock, hand-over with its two pictures, replacement, return."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from bansos.demo.clock import on_day
from bansos.jobs.models import Job
from disbursements.models import GoodsLot, Handover, Stock
from programs.models import Enrolment, ProgrammeVersion
from tests.access_benefits import PNG, goods_version, recipient
from tests.cast import Cast, make_cast
from tests.factories.disbursements import run
from tests.journeys.test_bank_channel import looks_well
from tests.looks import sign_in

PICTURE = {"name": "gambar.png", "mimeType": "image/png", "buffer": PNG}


@pytest.fixture
def today() -> Iterator[None]:
    """A day after the decree, whatever day it is."""
    with on_day(date(2026, 6, 2)):
        yield


@pytest.fixture
def cast(transactional_db: None, today: None) -> Cast:
    return make_cast()


def choose(page: Page, name: str, label: str) -> None:
    page.locator(f"[name='{name}']").select_option(label=label)


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def fill(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        page.locator(f"[name='{name}']").fill(text)


def said(page: Page, words: str) -> None:
    """The page that came says this, once it is there."""
    expect(page.get_by_role("main").get_by_text(words).first).to_be_visible()


def stock_up(page: Page, version: ProgrammeVersion) -> None:
    """The province opens a warehouse and takes in a lot of each thing of the package."""
    page.goto(reverse("disbursements:goods"))
    page.get_by_role("link", name="Catat gudang").click()
    expect(page.get_by_role("heading", name="Catat gudang")).to_be_visible()
    fill(page, name="Gudang Madiun")
    choose(page, "area_code", "Kabupaten Madiun")
    press(page, "Catat gudang")
    said(page, "Gudang dicatat.")
    for item, units, price in (("Kursi roda", "2", "2.400.000"), ("Bantal", "10", "90.000")):
        page.goto(reverse("disbursements:goods_lot", args=[version.pk]))
        choose(page, "item", item)
        choose(page, "warehouse", "Gudang Madiun")
        fill(page, vendor="CV Sehat", contract_number=f"K/{item}", received_on="01-06-2026")
        fill(page, quantity=units, unit_price=price)
        press(page, "Terima lot barang")
        said(page, "Lot diterima di gudang.")


def open_form(page: Page, row: Enrolment) -> None:
    """The phone page of a hand-over, filled in."""
    page.goto(reverse("disbursements:hand_over", args=[row.pk]))
    expect(page.get_by_role("heading", name="Serah terima barang")).to_be_visible()
    choose(page, "warehouse", "Gudang Madiun")
    for name in ("photo", "signature"):
        page.locator(f"[name='{name}']").set_input_files(files=[PICTURE])


def left() -> list[int]:
    """Units of chairs and cushions in the warehouse."""
    return list(Stock.objects.order_by("lot__item").values_list("quantity", flat=True))


def test_a_package_from_the_lot_to_its_return(
    cast: Cast, page: Page, live_server: LiveServer
) -> None:
    version = goods_version(cast)
    row = recipient(cast, version)
    programme = reverse("disbursements:goods_programme", args=[version.pk])
    sign_in(page, live_server, cast.budi)
    stock_up(page, version)
    said(page, "Menunggu serah terima (1)")
    looks_well(page)
    assert (GoodsLot.objects.count(), left()) == (2, [2, 10])

    sign_in(page, live_server, cast.sari)
    open_form(page, row)
    # Somebody else has the same page open.
    other = page.context.new_page()
    open_form(other, row)
    looks_well(page)
    press(page, "Simpan serah terima")
    said(page, "Serah terima disimpan. BAST sedang dibuat.")
    made = Handover.objects.get()
    assert left() == [1, 8]
    run(Job.objects.get())
    page.goto(reverse("disbursements:handover", args=[made.pk]))
    expect(page.get_by_role("heading", name=made.number)).to_be_visible()
    expect(page.get_by_role("link", name="Lihat foto")).to_be_visible()
    expect(page.get_by_text("BAST sedang dibuat.")).to_have_count(0)
    looks_well(page)

    press(other, "Simpan serah terima")
    said(other, "Barang penerima ini sudah diserahkan.")
    assert (Handover.objects.count(), left()) == (1, [1, 8])
    other.close()
    page.goto(reverse("disbursements:hand_over", args=[row.pk]))
    said(page, "Barang penerima ini sudah diserahkan. Ini serah terimanya.")

    bring_back(page, live_server, cast, made)
    page.goto(programme)
    said(page, "Menunggu serah terima (1)")
    expect(page.get_by_text(row.person.name)).to_be_visible()


def bring_back(page: Page, live_server: LiveServer, cast: Cast, made: Handover) -> None:
    """The province replaces the broken chair; then everything but it comes back."""
    sign_in(page, live_server, cast.budi)
    page.goto(reverse("disbursements:handover", args=[made.pk]))
    page.get_by_label("Alasan diganti").first.fill("Roda patah")
    page.get_by_role("button", name="Ganti", exact=True).first.click()
    said(page, "pengganti: Roda patah")
    assert left() == [0, 8]
    page.get_by_label("Alasan barang kembali").fill("Pindah ke luar provinsi")
    press(page, "Barang kembali")
    said(page, "Kembali: Pindah ke luar provinsi")
    looks_well(page)
    made.refresh_from_db()
    # The broken chair is written off; its replacement and the cushions are there again.
    assert (made.state, left()) == ("returned", [1, 10])
