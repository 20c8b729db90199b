"""Every route x method x role x area: nothing opens without saying for whom.

A new route without a line in tests/access_world.py fails here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from bansos.accounts.access import PUBLIC, SIGNED_IN, declared, declared_to_write
from bansos.accounts.middleware import OPEN_MODULES
from bansos.accounts.models import User
from bansos.accounts.permissions import ROLES
from tests.access_world import NO_ARGUMENTS, ROUTES, Reach, World, make_world
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

# Where the user of a role sits: the world's objects are in Kabupaten Madiun (35.19).
PLACES = {
    "own": ("35.19", "35"),
    "other regency": ("35.20", "35.20"),
    "other province": ("64", "64"),
}
# A page answers GET and POST; the API may have further methods.
METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]
REGIONAL = {"petugas_kab", "verifikator_kab"}
# 503: the readiness page says so when no broker runs beside the test.
OPENED = {200, 201, 202, 204, 301, 302, 400, 405, 409, 415, 422, 429, 503}


@dataclass(frozen=True)
class Route:
    """One resolved route: its full name, view, and the names of its arguments."""

    name: str
    view: Any
    arguments: tuple[str, ...]

    @property
    def is_api(self) -> bool:
        return hasattr(self.view, "cls")

    def allowed(self, role: str, method: str) -> bool:
        """What the view declares for this role and method."""
        rights = ROLES[role].permissions
        if self.is_api:
            needed = self._api_permission(method)
            return bool(rights & set(needed if isinstance(needed, tuple) else (needed,)))
        access = declared(self.view)
        if access in (PUBLIC, SIGNED_IN):
            return True
        if method == "POST":
            access = declared_to_write(self.view) or access
        return any(permission in rights for permission in access or ())

    def _api_permission(self, method: str) -> Any:
        actions = getattr(self.view, "actions", None) or {}
        action = actions.get(method.lower())
        # A method the route does not have is judged by any of its permissions.
        fallback = next(iter(actions.values()), method.lower())
        permissions = getattr(self.view.cls, "permissions", {})
        return permissions.get(action or fallback)

    def has(self, method: str) -> bool:
        """API routes name their methods; pages answer GET and POST, or 405 themselves."""
        actions = getattr(self.view, "actions", None)
        return method in {"GET", "POST"} if actions is None else method.lower() in actions

    @property
    def is_library(self) -> bool:
        """The schema pages of the API library, open to whoever signed in."""
        return bool(self.view.__module__.startswith("drf_spectacular"))


def routes(patterns: Any = None, space: str = "") -> Iterator[Route]:
    """Every route of the project with a view of ours."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from routes(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            module = getattr(pattern.callback, "__module__", "")
            if not module.startswith(OPEN_MODULES):
                arguments = tuple(pattern.pattern.converters)
                yield Route(f"{space}{pattern.name}", pattern.callback, arguments)


ALL = {route.name: route for route in routes()}
CASES = [(name, method) for name in sorted(ALL) for method in METHODS if ALL[name].has(method)]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One case of everything in Kabupaten Madiun, undone at the end of the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def clients(world: World) -> dict[tuple[str, str], Client]:
    """A signed-in browser for each role in each place."""
    found = {}
    for role in ROLES:
        for place, (regional, provincial) in PLACES.items():
            area = regional if role in REGIONAL else provincial
            user = UserFactory(role=role, area_code=area)
            found[role, place] = Client(raise_request_exception=False)
            found[role, place].force_login(user)
    assert User.objects.count() >= len(found)
    return found


def ask(client: Client, route: Route, path: str, method: str) -> int:
    """The status of one request, its writes undone."""
    sid = transaction.savepoint()
    try:
        kind = "application/json" if method in {"PUT", "PATCH", "DELETE"} else MULTIPART_CONTENT
        return int(client.generic(method, path, content_type=kind).status_code)
    finally:
        transaction.savepoint_rollback(sid)


def target(route: Route, world: World) -> tuple[str, Reach]:
    """The path of the route for the world's object, and who is near enough to see it."""
    if not route.arguments:
        return reverse(route.name), NO_ARGUMENTS.get(route.name, Reach.EVERYBODY)
    make, reach = ROUTES[route.name]
    return reverse(route.name, kwargs=make(world)), reach


def test_every_route_says_for_whom() -> None:
    silent = [
        name for name, route in ALL.items() if not route.is_api and declared(route.view) is None
    ]
    assert silent == []


def test_every_api_action_says_for_whom() -> None:
    silent = []
    for name, route in ALL.items():
        if route.is_api and not route.view.__module__.startswith("drf_spectacular"):
            known = getattr(route.view.cls, "permissions", {})
            silent += [f"{name} {act}" for act in route.view.actions.values() if act not in known]
    assert silent == []


def test_every_route_with_arguments_has_its_object() -> None:
    assert sorted(name for name, route in ALL.items() if route.arguments) == sorted(ROUTES)


@pytest.mark.parametrize(("name", "method"), CASES)
def test_strangers_stay_outside(world: World, name: str, method: str) -> None:
    route = ALL[name]
    path, _reach = target(route, world)
    status = ask(Client(raise_request_exception=False), route, path, method)
    if not route.is_api and declared(route.view) == PUBLIC:
        assert status in OPENED | {404}
    elif route.is_api:
        assert status in {401, 403}
    else:
        assert status == 302


@pytest.mark.parametrize(
    ("name", "method"), [(name, method) for name, method in CASES if not ALL[name].is_library]
)
def test_roles_and_areas(
    world: World, clients: dict[tuple[str, str], Client], name: str, method: str
) -> None:
    route = ALL[name]
    path, reach = target(route, world)
    wrong = []
    for (role, place), client in clients.items():
        status = ask(client, route, path, method)
        if not route.allowed(role, method):
            expected = {403}
        elif reach.hides_from(place):
            # The API judges the shape of a body before it looks for the object: 422 tells nothing.
            expected = {404, 405} | ({422} if route.is_api else set())
        else:
            expected = OPENED | ({403} if reach.may_refuse else set())
        if status not in expected:
            wrong.append(f"{role} in {place}: {status}, expected {sorted(expected)}")
    assert wrong == []


def test_signing_in_is_the_only_open_library() -> None:
    assert settings.LOGIN_URL == "account_login"
