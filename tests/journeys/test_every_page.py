"""Every page a role may open, in a real Chromium: accessible, no sideways scroll, no script error.

Light at 1280 px and dark at 360 px: the two ends of what officers use.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from bansos.accounts.access import PUBLIC, declared
from bansos.accounts.models import User
from tests.access_world import Reach, World, make_world
from tests.looks import sign_in, too_wide, violations
from tests.test_access import ALL, Route, target

# Not pages: files, fragments, machine answers, and places that send on to another page.
NOT_PAGES = {
    "favicon",
    "healthz",
    "readyz",
    "components",
    "jobs:drawer",
    "jobs:progress",
    "documents:file",
    "disbursements:bank_file",
    "disbursements:layout_take",
    "disbursements:layout_test",
    "programs:paper",
    "programs:version_file",
    "programs:letter",
    "programs:visit_answers_file",
    "programs:receipt",
    "disbursements:handover_photo",
    "disbursements:receipt_proof",
    "disbursements:register_pages",
}


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


def visitor(route: Route, world: World) -> User | None:
    """Somebody of the cast who may read the route."""
    people = world.cast.users()
    return next((user for user in people if route.allowed(user.role, "GET")), None)


def readable(world: World) -> Iterator[tuple[str, str, User | None]]:
    """(name, path, visitor) of each page that answers 200 to its visitor."""
    for name, route in sorted(ALL.items()):
        if route.is_api or name in NOT_PAGES:
            continue
        path, reach = target(route, world)
        user = None if declared(route.view) == PUBLIC else visitor(route, world)
        if reach == Reach.NOBODY or (user is None and declared(route.view) != PUBLIC):
            continue
        client = Client()
        if user:
            client.force_login(user)
        if client.get(path).status_code == 200:
            yield name, path, user


@pytest.mark.parametrize(("theme", "width"), [("terang", 1280), ("gelap", 360)])
def test_every_page_is_accessible_and_fits(
    world: World, page: Page, live_server: LiveServer, theme: str, width: int
) -> None:
    User.objects.update(theme=theme)
    page.set_viewport_size({"width": width, "height": 800})
    pages = sorted(readable(world), key=lambda row: row[2].pk if row[2] else 0)
    assert len(pages) > 50
    faults, last = [], object()
    for name, path, user in pages:
        if user != last:
            sign_in(page, live_server, user)
            last = user
        answer = page.goto(path)
        if answer is None or answer.status != 200:
            faults.append(f"{name}: {answer and answer.status}")
            continue
        if not page.title().strip(" ·"):
            faults.append(f"{name}: no title")
        if too_wide(page):
            faults.append(f"{name}: wider than {width} px")
        faults += [f"{name}: {rule} {element[:120]}" for rule, element in violations(page)]
    assert faults == []
