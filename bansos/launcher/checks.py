"""`make test`: sets up what it needs, then every check; nothing is skipped."""

from __future__ import annotations

import os
import subprocess
import time

from bansos.launcher import commands, packages, system
from bansos.launcher.console import Stopped, say, step
from bansos.launcher.places import Places

# Values that let the production settings load; they open nothing.
PROD = {
    "DJANGO_SETTINGS_MODULE": "bansos.settings.prod",
    "SECRET_KEY": "check-only-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "FIELD_KEYS": "1:" + "0" * 64,
    "INDEX_KEY": "0" * 64,
    "ALLOWED_HOSTS": "bansos.example.go.id",
    "DATABASE_URL": "postgresql://check@localhost/check",
    "REDIS_URL": "redis://localhost:6379/0",
}
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def test(places: Places, arguments: list[str]) -> int:
    """Cheap checks first, all of them; then the tests. Exit code 0 only when all is well.

    arguments: handed to pytest (paths, -k ...) instead of the whole suite.
    """
    began = time.monotonic()
    system.ensure_system(system.FOR_TESTS, without=None)
    commands.set_up(places, packages.TEST)
    failed = [
        title for title, command, env in cheap(places) if not _passes(places, title, command, env)
    ]
    if failed:
        raise Stopped(f"Gagal sebelum pengujian: {', '.join(failed)}")
    say("→ Pengujian (pytest) ...")
    # A hand that is done takes over from the one whose long tests hold up the rest.
    spread = ["-n", "2", "--dist", "worksteal"]
    command = [str(places.python), "-m", "pytest", *spread, "-q", *arguments]
    code = subprocess.run(command, cwd=places.root, env=_env(), check=False).returncode
    say(
        f"{'Semua pemeriksaan lulus' if code == 0 else 'Pengujian gagal'}: "
        f"{time.monotonic() - began:.0f} dtk"
    )
    return code


def cheap(places: Places) -> list[tuple[str, list[str], dict[str, str]]]:
    """Title, command and extra environment of each check that needs no server."""
    python = str(places.python)
    templates = [str(path) for path in sorted((places.root / "templates").rglob("*.html"))]
    return [
        ("Lint (ruff)", [python, "-m", "ruff", "check", "."], {}),
        ("Bentuk (ruff format)", [python, "-m", "ruff", "format", "--check", "."], {}),
        ("Arah impor (import-linter)", [python, "-c", LINT_IMPORTS], {}),
        ("Tipe (mypy)", [python, "-m", "mypy", "."], {}),
        ("Templat (djade)", [_binary(places, "djade"), "--check", *templates], {}),
        ("Templat (djlint)", [python, "-m", "djlint", "--lint", "--quiet", "templates"], {}),
        (
            "Pengaturan produksi (check --deploy)",
            [python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
            PROD,
        ),
    ]


def _passes(places: Places, title: str, command: list[str], env: dict[str, str]) -> bool:
    with step(title):
        done = subprocess.run(
            command,
            cwd=places.root,
            env={**_env(), **env},
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if done.returncode:
            say(done.stdout.rstrip())
            say(f"  GAGAL: {title}")
    return done.returncode == 0


def _binary(places: Places, name: str) -> str:
    return str(places.venv / "bin" / name)


def _env() -> dict[str, str]:
    """The tests bring their own settings; those of the caller's shell would mislead them."""
    unwanted = {"DJANGO_SETTINGS_MODULE", "STATE_DIR", "REDIS_URL", "VIRTUAL_ENV"}
    return {key: value for key, value in os.environ.items() if key not in unwanted}
