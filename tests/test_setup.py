"""The set-up: strict ground, locks, containers, and the launcher from start to kill -9."""

from __future__ import annotations

import ast
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
import yaml
from django.conf import settings
from django.db import connection

from bansos.launcher import floor, frontend, keys, locks, postgres, stack, system
from bansos.launcher.console import Stopped
from bansos.launcher.places import ROOT, Places, short_folder
from tests.ground.network import OutsideNetwork
from tests.ground.reads import GetWrote, refuse_writes
from tests.ground.worker import Worker

READY = re.compile(r"READY\s+(http://127\.0\.0\.1:\d+)")


@pytest.mark.django_db
def test_tests_run_on_a_real_postgres() -> None:
    assert connection.vendor == "postgresql"
    assert connection.pg_version >= 150000


def test_tests_do_not_reach_the_outside() -> None:
    with socket.socket() as wire, pytest.raises(OutsideNetwork):
        wire.connect(("192.0.2.1", 80))


@pytest.mark.django_db
def test_a_get_that_writes_is_refused() -> None:
    with connection.execute_wrapper(refuse_writes), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        with pytest.raises(GetWrote, match="jobs_job"):
            cursor.execute("UPDATE jobs_job SET id = id")


def test_a_real_worker_answers(worker: Worker) -> None:
    assert worker.process is not None
    assert worker.process.poll() is None


@pytest.mark.parametrize("path", locks.lock_files(ROOT), ids=lambda path: path.name)
def test_locks_name_no_host_and_no_path(path: Path) -> None:
    assert locks.machine_traces(path) == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://x/simple",
        "-f file:///a",
        "# via /home/a/pyproject.toml",
        '"url": "http://x"',
    ],
)
def test_a_lock_that_names_a_machine_is_seen(line: str, tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"django==5.2.19\n{line}\n")
    assert locks.machine_traces(lock) == [line]


def test_every_python_package_is_locked_by_hash() -> None:
    for path in ROOT.glob("requirements*.txt"):
        blocks = re.split(r"\n(?=\S)", path.read_text())
        pinned = [block for block in blocks if not block.startswith("#")]
        assert pinned
        assert [
            block for block in pinned if "==" not in block or "--hash=sha256:" not in block
        ] == []


def test_every_dependency_is_in_the_lock() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    named = json.loads((ROOT / "package.json").read_text())
    wanted = named["dependencies"] | named["devDependencies"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_running_needs_no_packages_of_the_tests(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    for name in ("package-lock.json", ".npmrc"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    for tests in (False, True):
        frontend.install(tmp_path, ["true"], {}, tests=tests)
        assert frontend.is_current(tmp_path, tests=False)
        assert frontend.is_current(tmp_path, tests=True) is tests
    (tmp_path / "package-lock.json").write_text("{}")
    assert not frontend.is_current(tmp_path, tests=False)


def test_an_old_browser_without_its_package_is_missed(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    with pytest.raises(FileNotFoundError):
        floor.unpack(tmp_path)
    assert list((tmp_path / "node_modules").iterdir()) == []


def test_vendor_files_are_complete() -> None:
    vendor = ROOT / "static" / "vendor"
    assert [name for name in frontend.FILES.values() if not (vendor / name).stat().st_size] == []
    sprite = (vendor / "icons.svg").read_text()
    missing = [name for name in frontend.icon_names(ROOT) if f'id="{name}"' not in sprite]
    assert missing == []


def test_a_file_no_page_uses_any_more_goes(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    for name in ("package-lock.json", "static/icons.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    assert frontend.copy_vendor(tmp_path)
    vendor = tmp_path / "static" / "vendor"
    (vendor / "old.min.js").write_text("")
    assert not frontend.copy_vendor(tmp_path)
    (vendor / ".stamp").unlink()
    assert frontend.copy_vendor(tmp_path)
    kept = {str(path.relative_to(vendor)) for path in vendor.rglob("*") if path.is_file()}
    assert kept == {*frontend.FILES.values(), "icons.svg", ".stamp"}


def test_an_unknown_icon_is_refused(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "icons.txt").write_text("no-such-icon\n")
    with pytest.raises(Stopped, match="no-such-icon"):
        frontend.sprite(tmp_path)


def test_a_missing_system_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(Stopped, match="sudo apt-get install .* no-such-package"):
        system.ensure_system({"no-such-package": lambda: False}, without=None)


def test_a_long_path_moves_only_the_socket() -> None:
    short, long = Path("/srv/bansos/postgres"), Path("/srv") / ("x" * 90) / "postgres"
    assert short_folder(short) == short
    assert len(str(short_folder(long) / ".s.PGSQL.5432.lock")) < 108


# --- containers ---------------------------------------------------------------------------


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


def settings_names() -> tuple[set[str], set[str]]:
    """Names the settings read, and those of them that have no default in production."""
    every, required = set(), set()
    for path in (ROOT / "bansos" / "settings").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("env."):
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant):
                    every.add(first.value)
                    if path.name == "prod.py" and len(node.args) == 1:
                        required.add(first.value)
    return every, required


@pytest.mark.parametrize("service", ["migrate", "web", "worker", "scheduler"])
def test_containers_use_the_names_the_settings_read(service: str) -> None:
    every, required = settings_names()
    given = compose()["services"][service]["environment"]
    names = {name.removesuffix("_FILE") for name in given}
    assert names - every - {"DJANGO_SETTINGS_MODULE", "XDG_CACHE_HOME"} == set()
    assert required - names == set()
    assert given["DJANGO_SETTINGS_MODULE"] == "bansos.settings.prod"


def test_compose_has_every_part_and_every_secret() -> None:
    found = compose()
    parts = {"postgres", "redis", "web", "worker", "scheduler", "proxy"}
    assert parts <= set(found["services"])
    for service in found["services"].values():
        assert set(service.get("secrets", [])) <= set(found["secrets"])
        for name, value in service.get("environment", {}).items():
            if name.endswith("_FILE"):
                assert value.rpartition("/")[2] in service["secrets"]


def test_compose_runs_the_same_postgres_as_the_embedded_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PG_BIN", raising=False)
    binaries = postgres.cluster(root=ROOT, home=Path("/nowhere")).binaries
    image = compose()["services"]["postgres"]["image"]
    assert image.startswith(f"postgres:{postgres.major_version(binaries)}")


@pytest.mark.django_db
def test_a_backup_is_restored_in_the_drill(tmp_path: Path) -> None:
    binaries = postgres.cluster(root=ROOT, home=Path("/nowhere")).binaries
    database = connection.settings_dict
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "decree.pdf").write_bytes(b"%PDF")
    env = {
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "PGHOST": database["HOST"],
        "PGUSER": database["USER"],
        "PGPASSWORD": database["PASSWORD"],
        "PGDATABASE": database["NAME"],
        "SCRATCH": f"{database['NAME']}_drill",
        "BACKUPS": str(tmp_path / "backups"),
        "FILES": str(tmp_path / "files"),
    }

    def backup(action: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", "deploy/backup.sh", action]
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)

    made = backup("once")
    assert made.returncode == 0, made.stderr
    drilled = backup("drill")
    assert drilled.returncode == 0, drilled.stderr
    found = re.search(r"(\d+) tabel, (\d+) baris", drilled.stdout)
    assert found
    assert int(found[1]) > 20
    (next((tmp_path / "backups").glob("*Z")) / "files.tar").write_bytes(b"broken")
    assert backup("drill").returncode != 0


def test_production_refuses_to_start_without_a_secret() -> None:
    _every, required = settings_names()
    env = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "bansos.settings.prod"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "SECRET_KEY is missing" in done.stderr
    assert {"SECRET_KEY", "FIELD_KEYS", "INDEX_KEY", "DATABASE_URL", "REDIS_URL"} <= required


# --- the launcher --------------------------------------------------------------------------


class Run:
    """`make run` on a state folder of its own and a free port."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.process: subprocess.Popen[str] | None = None
        self.output: list[str] = []

    def command(self, *arguments: str) -> tuple[list[str], dict[str, str]]:
        unwanted = {"DATABASE_URL", "REDIS_URL", "TEST_FOLDER", "DJANGO_SETTINGS_MODULE"}
        env = {key: value for key, value in os.environ.items() if key not in unwanted}
        env |= {"STATE_DIR": str(self.state), "PORT": "0", "TRAINING_MODE": "0"}
        return [sys.executable, "-m", "bansos.launcher", *arguments], env

    def once(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command, env = self.command(*arguments)
        return subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=90
        )

    def start(self) -> str:
        """Starts and returns the URL of the READY block."""
        command, env = self.command("run")
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout
        for line in self.process.stdout:
            self.output.append(line)
            if found := READY.search(line):
                return found[1]
        raise AssertionError("".join(self.output))

    def family(self) -> list[psutil.Process]:
        """The launcher and everything below it."""
        assert self.process
        launcher = psutil.Process(self.process.pid)
        return [launcher, *launcher.children(recursive=True)]

    def sql(self, statement: str) -> list[Any]:
        url = json.loads((self.state / "running.json").read_text())["DATABASE_URL"]
        wire = psycopg2.connect(url)
        try:
            with wire, wire.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            wire.close()


@pytest.fixture
def run() -> Iterator[Run]:
    # Under the tests' own folder: the account of the database server must reach it.
    state = settings.STATE_DIR / "launched"
    run = Run(state)
    yield run
    if run.process and run.process.poll() is None:
        run.process.terminate()
        run.process.communicate(timeout=60)


def gone(family: list[psutil.Process], seconds: float = 30) -> bool:
    _dead, alive = psutil.wait_procs(family, timeout=seconds)
    return [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []


def test_the_launcher_from_start_to_kill_and_back(run: Run) -> None:
    url = run.start()
    with urllib.request.urlopen(f"{url}/readyz") as answer:
        assert answer.status == 200
    run.sql("CREATE TABLE marker AS SELECT 42 AS answer")

    second = run.once("run")
    assert second.returncode == 1
    assert f"sudah berjalan di {url}" in second.stderr
    beside = run.once("manage", "check")
    assert beside.returncode == 0, beside.stderr

    family = run.family()
    names = " ".join(" ".join(one.cmdline()) for one in family)
    assert [
        part for part in ("postgres", "valkey", "celery", "beat", "gunicorn") if part in names
    ] == [
        "postgres",
        "valkey",
        "celery",
        "beat",
        "gunicorn",
    ]
    assert run.process
    run.process.kill()
    run.process.communicate()
    assert gone(family[1:])

    began = time.monotonic()
    run.start()
    assert time.monotonic() - began < 30
    assert run.sql("SELECT answer FROM marker") == [(42,)]

    family = run.family()
    run.process.send_signal(signal.SIGINT)
    rest, _ = run.process.communicate(timeout=60)
    assert run.process.returncode == 0
    order = [rest.index(f"{name} berhenti") for name in ("web", "worker", "Valkey", "Postgres")]
    assert order == sorted(order)
    assert gone(family[1:], 5)
    assert not (run.state / "running.json").exists()


def test_a_new_checkout_at_an_old_place_has_a_database_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack, "OUTSIDE", tmp_path)
    monkeypatch.setattr(stack, "service_account", lambda: pwd.getpwuid(os.getuid()))
    monkeypatch.setattr(stack, "_reaches", lambda _user, _folder: False)
    state = tmp_path / "checkout" / ".state"

    homes = []
    for _clone in range(2):
        state.mkdir(parents=True)
        home = stack.database_home(Places(ROOT, state))
        assert home == stack.database_home(Places(ROOT, state))
        homes.append(home)
        shutil.rmtree(state)

    assert homes[0] != homes[1]


def test_secrets_are_for_their_owner_only(tmp_path: Path) -> None:

    first = keys.ensure(Places(ROOT, tmp_path))
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert keys.ensure(Places(ROOT, tmp_path)) == first
    assert re.fullmatch(r"1:[0-9a-f]{64}", first["FIELD_KEYS"])


@pytest.mark.parametrize(
    ("memory", "pages", "cache"), [(256, 128, 192), (8 * 1024, 2048, 6144), (65536, 4096, 49152)]
)
def test_postgres_takes_its_share_of_the_memory(memory: int, pages: int, cache: int) -> None:
    settings = postgres.memory_settings(memory * postgres.MB)
    assert settings == [
        *("-c", f"shared_buffers={pages}MB"),
        *("-c", f"effective_cache_size={cache}MB"),
    ]


def test_compose_lets_the_server_say_its_share() -> None:
    command = compose()["services"]["postgres"]["command"]
    asked = {word.partition("=")[0]: word.partition("=")[2] for word in command if "=" in word}
    assert asked == {
        "shared_buffers": "${DB_PAGES:-1GB}",
        "effective_cache_size": "${DB_CACHE:-3GB}",
    }
    paper = (ROOT / "deploy" / "README.md").read_text()
    assert "DB_PAGES" in paper
    assert "DB_CACHE" in paper
