"""Strictness and the ground of all tests: servers, worker, browser, no outside network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import django
import hypothesis
import pytest
from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connection
from django.db.models.signals import post_migrate
from playwright.sync_api import ConsoleMessage, Page, expect

from bansos.celery import app
from bansos.launcher import translations
from bansos.launcher.places import places
from bansos.launcher.valkey import Valkey
from tests.ground import network
from tests.ground.servers import Ground, own_valkey
from tests.ground.worker import Worker

GROUND = Ground()
# A busy machine draws examples slowly; that is no fault of what is tested.
hypothesis.settings.register_profile(
    "bansos", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("bansos")
# As long as Playwright waits for a click; its five seconds are short for two busy cores.
expect.set_options(timeout=30_000)
PLUGINS = ["tests.cast"]
# Fixtures whose tests commit for real, so that all tables are emptied after them.
REAL_COMMITS = frozenset({"transactional_db", "live_server"})


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Starts Postgres before Django reads its settings (pytest-django configures last)."""
    if not hasattr(config, "workerinput"):
        if settings.configured:
            raise pytest.UsageError("Unset DJANGO_SETTINGS_MODULE: the tests have their own.")
        translations.compile_stale(places())
        GROUND.start()
        os.environ["DJANGO_SETTINGS_MODULE"] = "bansos.settings.test"
    # Playwright's synchronous API runs an event loop in the thread of the test.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    (settings.STATE_DIR / "files").mkdir(parents=True, exist_ok=True)
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.ground.reads.ReadingChangesNothing"]
    django.setup()
    app.loader.import_default_modules()  # as a worker does at its start: all kinds of job
    post_migrate.connect(write_known_again)
    for plugin in PLUGINS:  # they hold models, so they come after Django's start
        config.pluginmanager.import_plugin(plugin)
    network.close()


def write_known_again(sender: AppConfig, **_kwargs: Any) -> None:
    """The limits and banks a migration wrote, after a test with real commits emptied all tables."""
    if sender.label == "disbursements":
        written = import_module("disbursements.migrations.0007_payees_and_rails")
        if not apps.get_model("disbursements", "RailLimit").objects.exists():
            written.write_known(apps, None)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with real commits come last, whatever the order in which the plugins were found.

    pytest-django sorts so and pytest-randomly shuffles; which of them comes first depends on the
    order of a folder. A browser before the test database would also keep it open at the end.
    """
    items.sort(key=_commits)


def _commits(item: pytest.Item) -> bool:
    marks = [mark.kwargs.get("transaction", False) for mark in item.iter_markers("django_db")]
    return any(marks) or not REAL_COMMITS.isdisjoint(getattr(item, "fixturenames", ()))


def pytest_unconfigure() -> None:
    """Stops the servers and removes their folder."""
    GROUND.stop()


@pytest.fixture(scope="session", autouse=True)
def nobody_left(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database can be dropped at the end: threads of servers may still hold sessions."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as db:
        db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """A real Valkey at REDIS_URL, started when the first test asks for it."""
    server = own_valkey(settings.STATE_DIR)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def worker_process(valkey: Valkey, django_db_setup: None) -> Iterator[Worker]:
    """The Celery worker of this session; tests use `worker`."""
    worker = Worker(connection.settings_dict["NAME"])
    worker.start()
    yield worker
    worker.stop()


@pytest.fixture
def worker(worker_process: Worker, transactional_db: None) -> Iterator[Worker]:
    """A running Celery worker that sees what this test commits; its queue is emptied after."""
    if worker_process.process is None:
        worker_process.start()
    yield worker_process
    app.control.purge()


@pytest.fixture(autouse=True)
def no_bell(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a test that asks for the worker wakes it; the others do the steps themselves."""
    if "worker" not in request.fixturenames:
        monkeypatch.setattr("bansos.jobs.services.ring", lambda _job_id: True)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's own Chromium; a machine without it fails, it does not skip."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        pytest.fail("Chromium is missing. Install it: apt-get install chromium", pytrace=False)
    return {
        **browser_type_launch_args,
        "executable_path": chromium,
        "args": ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], live_server: Any) -> dict[str, Any]:
    """Pages of the live server by path (`page.goto("/")`), as an office in Java sees them."""
    return {
        **browser_context_args,
        "base_url": live_server.url,
        "locale": "id-ID",
        "timezone_id": "Asia/Jakarta",
        "viewport": {"width": 1280, "height": 800},
        "reduced_motion": "reduce",
    }


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A browser page; a script error or a breach of the Content-Security-Policy fails the test."""
    faults: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    assert not faults, "\n".join(faults)
