"""What the tests with a real browser share: signing in, the rules of axe, whether a page fits."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page

from bansos.accounts.models import User

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WHOLE = "document.readyState === 'complete' && document.documentElement !== null"


def sign_in(page: Page, live_server: Any, user: User | None) -> None:
    """The browser is this user's from now on; None signs out."""
    page.context.clear_cookies()
    if user is None:
        return
    client = Client()
    client.force_login(user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    page.context.add_cookies([{**cookie, "url": live_server.url}])


def too_wide(page: Page) -> bool:
    """Whether the page scrolls sideways. A page on its way has no root element: it is waited for.

    After a click that leads to another page wait for something of that page first.
    """
    page.wait_for_function(WHOLE)
    wider: int = page.evaluate(WIDER)
    return wider > 0


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe finds on the page as (rule, element)."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [(fault["id"], fault["nodes"][0]["html"]) for fault in found]
