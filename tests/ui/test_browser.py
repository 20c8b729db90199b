"""The component page in a real Chromium: no violation, no sideways scroll, echoes, shortcuts."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.looks import too_wide, violations


@pytest.mark.parametrize("width", [1366, 360])
@pytest.mark.parametrize("theme", ["terang", "gelap"])
@pytest.mark.parametrize("path", ["/components/", "/akun/login/", "/tidak-ada/"])
def test_pages_are_accessible_and_fit(page: Page, path: str, theme: str, width: int) -> None:
    page.context.add_cookies([{"name": "tema", "value": theme, "domain": "localhost", "path": "/"}])
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path)
    assert violations(page) == []
    assert not too_wide(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_device_when_asked(page: Page, scheme: str) -> None:
    page.context.add_cookies(
        [{"name": "tema", "value": "ikuti", "domain": "localhost", "path": "/"}]
    )
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto("/components/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)


DATES = {
    "12081957": "Senin, 12 Agustus 1957",
    "12-8-1957": "Senin, 12 Agustus 1957",
    "12 agustus 1957": "Senin, 12 Agustus 1957",
    "1957-08-12": "Senin, 12 Agustus 1957",
    "29 Februari 2024": "Kamis, 29 Februari 2024",
}
AMOUNTS = {
    "1500000": "Rp1.500.000 (satu juta lima ratus ribu rupiah)",
    "1.500.000": "Rp1.500.000 (satu juta lima ratus ribu rupiah)",
    "1,5 jt": "Rp1.500.000 (satu juta lima ratus ribu rupiah)",
    "1.001.000": "Rp1.001.000 (satu juta seribu rupiah)",
    "Rp 2.000,50": "Rp2.000,50 (dua ribu rupiah lima puluh sen)",
    "1.5": "",
    "1,500,000": "",
}


def test_a_date_is_echoed_in_words(page: Page) -> None:
    page.goto("/components/")
    field, echo = page.locator("#id_birth").first, page.locator("#id_birth_gema").first
    for typed, words in DATES.items():
        field.fill(typed)
        expect(echo).to_contain_text(words)
    field.fill("11/13/2026")
    expect(echo).to_have_text("")


def test_an_amount_is_echoed_in_words(page: Page) -> None:
    page.goto("/components/")
    for typed, words in AMOUNTS.items():
        page.locator("#id_amount").first.fill(typed)
        expect(page.locator("#id_amount_gema").first).to_have_text(words)


def test_a_nik_is_grouped_and_counted(page: Page) -> None:
    page.goto("/components/")
    field, echo = page.locator("#id_nik").first, page.locator("#id_nik_gema").first
    field.fill("35191212085")
    expect(echo).to_have_text("351912 12085 (11 dari 16 angka)")
    field.fill("3519121208570001")
    expect(echo).to_have_text("351912 120857 0001")


def test_the_page_stands_without_javascript(browser: Browser, live_server: Any) -> None:
    plain = browser.new_page(java_script_enabled=False)
    plain.goto(f"{live_server.url}/components/")
    expect(plain.get_by_role("heading", level=1).first).to_be_visible()
    plain.locator("details.b-why > summary").first.click()
    expect(plain.locator("details.b-why > p").first).to_be_visible()
    plain.context.close()


def test_an_unmasked_number_goes_back_behind_its_mask(page: Page) -> None:
    page.clock.install()
    page.goto("/components/")
    whole = page.locator("[data-open-value]")
    expect(whole).to_have_text("3519120101600007")
    page.clock.run_for(61_000)
    expect(whole).to_have_text("351912********07")


def test_shortcuts_can_be_turned_off(page: Page) -> None:
    page.goto("/components/")
    page.keyboard.press("j")
    expect(page.locator("tr.is-here")).to_have_count(1)
    page.evaluate("localStorage.setItem('bansos-pintasan', 'mati')")
    page.reload()
    page.keyboard.press("j")
    expect(page.locator("tr.is-here")).to_have_count(0)


def test_a_second_press_sends_nothing(page: Page) -> None:
    page.goto("/akun/login/")
    page.evaluate(
        """() => {
          window.sent = 0;
          const form = document.querySelector("main form");
          form.addEventListener("submit", () => { window.sent += 1; });
          form.target = "_blank";
          form.noValidate = true;
        }"""
    )
    button = page.get_by_role("button", name="Masuk")
    button.click()
    expect(button).to_have_attribute("aria-disabled", "true")
    prevented = page.evaluate(
        """() => {
          const event = new Event("submit", { cancelable: true, bubbles: true });
          document.querySelector("main form").dispatchEvent(event);
          return event.defaultPrevented;
        }"""
    )
    assert prevented
