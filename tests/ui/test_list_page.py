"""A real list in a real browser: order, filter, search and back, with and without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from tests.cast import make_cast
from tests.factories.accounts import UserFactory
from tests.looks import too_wide, violations

LIST = "#daftar-users"


@pytest.fixture
def session(live_server: Any) -> dict[str, Any]:
    """The cookie of adi, the administrator of the province, with 60 officers to look at."""
    adi = make_cast().adi
    for place in range(60):
        UserFactory(full_name=f"Petugas {place:02d}")
    client = Client()
    client.force_login(adi)
    cookie = client.cookies["sessionid"].value
    return {"name": "sessionid", "value": cookie, "url": live_server.url}


@pytest.fixture
def users(page: Page, session: dict[str, Any]) -> Page:
    page.context.add_cookies([session])  # type: ignore[list-item]
    page.goto("/kelola/pengguna/")
    return page


def first(page: Page) -> Any:
    return page.locator(f"{LIST} tbody th").first


def test_one_walks_to_the_next_page_and_back(users: Page) -> None:
    start = first(users).inner_text()
    users.get_by_role("link", name="Berikutnya").click()
    expect(users).to_have_url(re.compile(r"\?setelah=\d+$"))
    expect(first(users)).not_to_have_text(start)
    users.get_by_role("link", name="Sebelumnya").click()
    expect(first(users)).to_have_text(start)
    users.go_back()
    expect(first(users)).not_to_have_text(start)


def test_a_head_turns_the_order_and_keeps_the_focus(users: Page) -> None:
    users.get_by_role("link", name="Nama", exact=True).click()
    expect(users.locator("th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    expect(first(users)).to_have_text("Vera Lestari")
    expect(users.locator("#daftar-users-urut-full_name")).to_be_focused()


def test_a_search_leaves_no_name_in_the_address(users: Page) -> None:
    users.keyboard.press("/")
    users.keyboard.type("Petugas 07")
    users.keyboard.press("Enter")
    expect(first(users)).to_have_text("Petugas 07")
    expect(users).to_have_url(re.compile(r"\?cari=[\w-]+$"))
    assert "Petugas" not in users.url
    users.get_by_role("link", name=re.compile("^Cari: Petugas 07")).click()
    expect(users.locator(f"{LIST} tbody tr")).to_have_count(50)


def test_a_search_without_a_match_says_so(users: Page) -> None:
    users.locator("[data-list-search]").fill("tidak ada orang ini")
    users.keyboard.press("Enter")
    expect(users.get_by_text("Tidak ada yang cocok.")).to_be_visible()


@pytest.mark.parametrize("width", [1366, 360])
def test_the_list_is_accessible_and_fits(users: Page, width: int) -> None:
    users.set_viewport_size({"width": width, "height": 800})
    assert violations(users) == []
    assert not too_wide(users)


def test_everything_works_without_javascript(
    browser: Browser, session: dict[str, Any], live_server: Any
) -> None:
    plain = browser.new_page(java_script_enabled=False, base_url=live_server.url, locale="id-ID")
    plain.context.add_cookies([session])  # type: ignore[list-item]
    plain.goto("/kelola/pengguna/")
    plain.get_by_role("link", name="Berikutnya").click()
    expect(plain).to_have_url(re.compile(r"\?setelah=\d+$"))
    plain.locator("[data-list-search]").fill("Vera")
    plain.get_by_role("button", name="Cari", exact=True).click()
    expect(first(plain)).to_have_text("Vera Lestari")
    plain.locator("summary", has_text="Saringan").click()
    expect(plain.get_by_role("button", name="Terapkan saringan")).to_be_visible()
    plain.context.close()


def test_an_idle_session_warns_before_it_ends(page: Page, session: dict[str, Any]) -> None:
    page.context.add_cookies([session])  # type: ignore[list-item]
    page.clock.install()
    page.goto("/kelola/pengguna/")
    warning = page.locator("[data-session-soon]")
    expect(warning).to_be_hidden()
    page.clock.run_for(41 * 60 * 1000)
    expect(warning).to_be_visible()
    page.get_by_role("link", name="Tetap masuk").click()
    expect(warning).to_be_hidden()
