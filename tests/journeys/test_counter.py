"""Cash over the counter in a real browser: open, pay with proof, refuse a second one, close."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from bansos.demo.clock import on_day
from disbursements.models import CashCounter, CashReceipt, PaymentLine, ReturnCase
from tests.cast import make_cast
from tests.factories.cash import cash_world
from tests.factories.disbursements import World, fresh, lines_of
from tests.journeys.test_bank_channel import looks_well
from tests.journeys.test_goods import PICTURE, fill, press, said
from tests.looks import sign_in


@pytest.fixture
def today() -> Iterator[None]:
    """Two days after the SP2D, whatever day it is."""
    with on_day(date(2026, 11, 24)):
        yield


@pytest.fixture
def world(transactional_db: None, today: None) -> World:
    return cash_world(make_cast(), people=3)


def open_line(page: Page, counter: CashCounter, line: PaymentLine) -> None:
    """The form to pay one payee, filled in."""
    page.goto(reverse("disbursements:counter_line", args=[counter.pk, line.pk]))
    expect(page.get_by_role("heading", name="Bayar tunai")).to_be_visible()
    fill(page, amount=f"{line.amount:.0f}")
    page.locator("[name='photo']").set_input_files(files=[PICTURE])


def test_a_counter_from_its_opening_to_its_returns(
    world: World, page: Page, live_server: LiveServer
) -> None:
    row = world.with_sp2d()
    sign_in(page, live_server, world.cast.budi)
    page.goto(reverse("disbursements:counter_open", args=[row.pk]))
    fill(page, place="Balai Desa Tambakmas")
    press(page, "Buka loket")
    said(page, "Loket dibuka. Daftar dan kuitansinya sedang dibuat.")
    counter = CashCounter.objects.get()
    looks_well(page)

    sign_in(page, live_server, world.cast.sari)
    first, *others = lines_of(fresh(row))
    open_line(page, counter, first)
    # The treasurer's table has the same person in front of it.
    other = page.context.new_page()
    open_line(other, counter, first)
    looks_well(page)
    press(page, "Catat pembayaran")
    said(page, "Pembayaran dicatat.")
    expect(page.get_by_role("link", name="Lihat foto")).to_be_visible()
    looks_well(page)
    press(other, "Catat pembayaran")
    said(other, "Tidak ada yang berubah.")
    other.close()
    assert CashReceipt.objects.get().line_id == first.pk

    sign_in(page, live_server, world.cast.tono)
    page.goto(reverse("disbursements:counter", args=[counter.pk]))
    expect(page.get_by_role("heading", name="Tutup loket")).to_be_visible()
    looks_well(page)
    press(page, "Tutup loket")
    said(page, "Loket ini sudah ditutup.")
    looks_well(page)
    assert {line.pk for line in others} == set(ReturnCase.objects.values_list("line", flat=True))
    assert {line.state for line in lines_of(fresh(row))} == {"settled", "returned"}
