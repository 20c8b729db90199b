"""Whoever signs sees, in a real Chromium, which money goes to a guardian and by which letter."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from disbursements.services import lists
from programs.services.proxies import end_proxy
from tests.cast import make_cast
from tests.factories.books import guardian_account
from tests.factories.disbursements import World, make_world
from tests.looks import sign_in, too_wide, violations

TITLE = "Rekening atas nama wali atau kuasa"
WHOSE = "Rekening atas nama Endang Sulastri, surat kuasa PW/7."


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world(make_cast(), people=3)


@pytest.mark.parametrize("width", [1366, 360])
def test_the_approver_sees_whose_account_it_is(
    world: World, page: Page, live_server: LiveServer, width: int
) -> None:
    grant = guardian_account(world, world.enrolments[1])
    row = world.awaiting()
    lists.check(pay_list=row, seen_hash=row.content_hash, by=world.cast.ratna, at=world.tick())
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, live_server, world.cast.hadi)
    address = live_server.url + reverse("disbursements:approve", args=[row.pk])
    page.goto(address)
    expect(page.get_by_role("button", name="Setujui Rp1.500.000 untuk 3 KPM")).to_be_visible()
    expect(page.get_by_text("Ada suratnya")).to_be_visible()
    assert violations(page) == []
    assert not too_wide(page)
    page.get_by_role("link", name=TITLE).click()
    page.wait_for_url("**account=proxy*")
    expect(page.get_by_text(WHOSE)).to_be_visible()
    expect(page.get_by_text(world.enrolments[1].person.name)).to_be_visible()
    expect(page.get_by_text(world.enrolments[0].person.name)).to_have_count(0)
    assert not too_wide(page)
    # The letter is ended meanwhile: there is nothing to sign any more.
    end_proxy(
        grant=grant,
        reason="Penerima sudah dewasa",
        by=world.cast.sari,
        at=world.clock + timedelta(minutes=1),
    )
    page.goto(address)
    expect(page.get_by_text("1 surat kuasa pemilik rekening tidak berlaku lagi.")).to_be_visible()
