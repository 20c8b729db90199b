"""Chromium 109, the oldest browser of the offices, lays the main pages out as today's does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, Playwright
from pytest_django.live_server_helper import LiveServer

from bansos.accounts.models import User
from bansos.launcher import floor
from tests.access_world import World, make_world
from tests.looks import too_wide

WIDTHS = (1280, 360)
FEWEST = 6  # parts of a page that is not empty
NEAR = 2  # px: the two draw the same letters a little differently
# The stable ground of a page: landmarks, headings, heads of tables, what one can press or fill in.
PARTS = (
    "header, nav, main, aside, footer, h1, h2, h3, table, th, button, a.btn, input, select,"
    " textarea, .card, [class^='b-grid'] > *, [class^='b-split'] > *, figure svg, dl, .badge"
)
BOXES = """(parts) => [...document.querySelectorAll(parts)]
  .map((part) => [part, part.getBoundingClientRect()])
  .filter(([part, box]) => box.width && box.height && part.checkVisibility())
  .map(([part, box]) => [
    part.tagName.toLowerCase() + ' ' + (part.id || part.textContent.trim().slice(0, 40)),
    [box.x, box.y + scrollY, box.width, box.height],
  ])"""
# The policy of the pages lets no inline style in; a constructed sheet is none.
ADD_STYLE = """(rule) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rule);
  document.adoptedStyleSheets = [sheet];
}"""
# A rule that 109 does not know: nesting came with 112.
TOO_NEW = "body { & h1 { margin-top: 40px !important } }"


@pytest.fixture
def browsers(
    playwright: Playwright, browser_type_launch_args: dict[str, Any]
) -> Iterator[tuple[Browser, Browser]]:
    """Today's Chromium and 109; fails where the package of 109 is missing.

    New ones per test: 109 is built for servers, as one process, and ends with its first context.
    """
    # Both measure letters as the font has them, not as the grid of the screen rounds them.
    args = [*browser_type_launch_args["args"], "--font-render-hinting=none"]
    old = playwright.chromium.launch(
        executable_path=floor.unpack(floor.ROOT),
        args=[*args, "--no-zygote", "--single-process"],
        env={**os.environ, "LD_LIBRARY_PATH": str(floor.libraries(floor.ROOT))},
    )
    new = playwright.chromium.launch(**{**browser_type_launch_args, "args": args})
    yield new, old
    new.close()
    old.close()


@dataclass
class Window:
    """One page of one browser, and what went wrong in it."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "console",
            lambda told: self.faults.append(told.text) if told.type == "error" else None,
        )

    def boxes(self, width: int) -> list[tuple[str, list[float]]]:
        """Name and box of every visible part at this width."""
        self.page.set_viewport_size({"width": width, "height": 800})
        if too_wide(self.page):
            self.faults.append(f"wider than {width}")
        found: list[tuple[str, list[float]]] = self.page.evaluate(BOXES, PARTS)
        return found


@pytest.fixture
def windows(
    browsers: tuple[Browser, Browser], browser_context_args: dict[str, Any]
) -> tuple[Window, Window]:
    """The same page in today's Chromium and in 109."""
    contexts = [each.new_context(**browser_context_args) for each in browsers]
    return Window(contexts[0].new_page()), Window(contexts[1].new_page())


def main_pages(world: World) -> Iterator[tuple[User | None, str]]:
    """Who opens which page."""
    cast, year = world.cast, world.year
    for user in (cast.sari, cast.vera, cast.budi, cast.ratna, cast.hadi, cast.tono, cast.aud):
        yield user, reverse("home")
    for name, user, row in (
        ("beneficiaries:people", cast.sari, None),
        ("beneficiaries:import", cast.sari, world.imported),
        ("programs:queue", cast.vera, None),
        ("programs:judge", cast.vera, world.proposal),
        ("programs:decree", cast.budi, world.decree),
        ("disbursements:list", cast.budi, year.first),
        ("disbursements:approve", cast.ratna, year.second),
        ("disbursements:reconcile", cast.tono, year.first),
        ("monitoring:dashboard", cast.hadi, None),
        ("components", None, None),
    ):
        yield user, reverse(name, args=[row.pk] if row else [])


def visit(window: Window, user: User | None, url: str, path: str) -> int:
    """Opens the page as the user; its status."""
    if user:
        client = Client()
        client.force_login(user)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}
        window.page.context.add_cookies([cookie])  # type: ignore[list-item]
    answer = window.page.goto(url + path)
    window.page.evaluate("document.fonts.ready.then(() => true)")
    return answer.status if answer else 0


def differences(new: Window, old: Window, width: int) -> Iterator[str]:
    """What does not stand where it stands today, and what is there in one of the two only."""
    today, then = new.boxes(width), old.boxes(width)
    assert len(today) > FEWEST
    if [name for name, _box in today] != [name for name, _box in then]:
        yield f"{len(today)} parts today, {len(then)} in 109"
        return
    for (name, box), (_name, other) in zip(today, then, strict=True):
        if any(abs(here - there) > NEAR for here, there in zip(box, other, strict=True)):
            yield f"{name}: {[round(one) for one in box]} {[round(one) for one in other]}"


def test_the_main_pages_look_the_same_in_chromium_109(
    transactional_db: None, windows: tuple[Window, Window], live_server: LiveServer
) -> None:
    new, old = windows
    assert old.page.context.browser
    assert old.page.context.browser.version.startswith("109.")
    world = make_world()
    # The old one is told once a week that its computer is unsafe; the pages below stand without.
    told = [visit(window, world.cast.sari, live_server.url, "/") for window in windows]
    assert told == [200, 200]
    assert [window.page.is_visible("[data-old-browser]") for window in windows] == [False, True]
    faults = []
    for user, path in main_pages(world):
        statuses = [visit(window, user, live_server.url, path) for window in windows]
        assert statuses == [200, 200], path
        for width in WIDTHS:
            found = list(differences(new, old, width))
            faults += [f"{path} {width}: {fault}" for fault in found[:4]]
        for window in windows:
            faults += [f"{path}: {fault}" for fault in window.faults]
            window.faults.clear()
    assert not faults, "\n".join(faults)


def test_a_rule_that_109_does_not_know_is_seen(windows: tuple[Window, Window]) -> None:
    for window in windows:
        window.page.goto("/akun/login/")
    assert list(differences(*windows, 1280)) == []
    for window in windows:
        window.page.evaluate(ADD_STYLE, TOO_NEW)
    assert any(fault.startswith("h1 ") for fault in differences(*windows, 1280))
