"""What the commands do: run, stop, something on the running or an own stack, clean."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

from bansos.launcher import floor, frontend, once, packages, system, translations
from bansos.launcher.console import Stopped, say, step
from bansos.launcher.places import OUTSIDE, Places, tag
from bansos.launcher.stack import Stack, application, environment_file


class Interrupted(Exception):
    """Someone asked us to stop: Ctrl-C, kill, closed terminal."""


def set_up(places: Places, lock: str = packages.RUN) -> None:
    """Packages and front-end files; seconds when nothing changed."""
    places.state.mkdir(mode=0o711, parents=True, exist_ok=True)
    packages.ensure(places, lock)
    tests = lock == packages.TEST
    if not frontend.is_current(places.root, tests=tests):
        npm, env = packages.npm(places)
        with step("Berkas antarmuka (npm ci)"):
            frontend.install(places.root, npm, env, tests=tests)
    if tests and not floor.program(places.root).exists():
        with step("Chromium 109 (peramban tertua yang didukung)"):
            _unpack_floor(places)
    if frontend.copy_vendor(places.root):
        frontend.say_files(places.root)
    translations.compile_stale(places)


def _unpack_floor(places: Places) -> None:
    command = [str(places.python), "-m", "bansos.launcher.floor"]
    if subprocess.run(command, cwd=places.root, check=False).returncode:
        raise Stopped("Chromium 109 tidak dapat dibuka dari paketnya. Hapus node_modules, ulangi.")


def run(places: Places) -> int:
    """Everything, until Ctrl-C."""
    began = time.monotonic()
    stack = Stack(places, _port(places))
    _hear_signals()
    try:
        stack.claim()
        system.ensure_system(system.FOR_PDF, without="dokumen PDF tidak dapat dibuat")
        set_up(places)
        stack.start_ground()
        _prepare(stack)
        stack.start(application(places, stack.port))
        stack.wait_ready()
        _say_ready(stack, time.monotonic() - began)
        stack.supervise()
    except Interrupted:
        say("\nMenghentikan Bansos ...")
    finally:
        _stop(stack)
    say("Berhenti. Data tetap tersimpan.")
    return 0


def on_stack(places: Places, arguments: list[str], *, worker: bool = False) -> int:
    """Runs Python with these arguments on the running stack, or on one started for it.

    worker: the command needs a Celery worker; a running stack has one.
    """
    if once.holder(places):
        return _beside(places, arguments)
    stack = Stack(places, _wanted_port(), serves=False)
    _hear_signals()
    try:
        stack.claim()
        system.ensure_system(system.FOR_PDF, without="dokumen PDF tidak dapat dibuat")
        set_up(places)
        stack.start_ground()
        _prepare(stack)
        if worker:
            services = application(places, stack.port)
            stack.start([service for service in services if service.name != "web"])
        return stack.python(*arguments)
    except Interrupted:
        return 130
    finally:
        _stop(stack)


def bank(places: Places, arguments: list[str]) -> int:
    """The simulated bank in this terminal; it needs no server, Ctrl-C ends it."""
    set_up(places)
    folder = str(places.state / "bank")
    command = [str(places.python), "-m", "bansos.demo.simulator", "--folder", folder, *arguments]
    os.execv(command[0], command)  # its own signals and its own exit code from here on


def alone(places: Places, arguments: list[str]) -> int:
    """Python arguments beside any running system, with what the tests need; their exit code."""
    set_up(places, packages.TEST)
    env = {**os.environ, "PYTHONPATH": str(places.root)}
    command = [str(places.python), *arguments]
    return subprocess.run(command, cwd=places.root, env=env, check=False).returncode


def stop(places: Places) -> int:
    """Ends the launcher that runs on this state folder, and waits for it."""
    pid = once.holder(places)
    if pid is None:
        say("Bansos tidak sedang berjalan.")
        return 0
    os.kill(pid, signal.SIGTERM)
    while once.holder(places):
        time.sleep(0.2)
    say("Berhenti.")
    return 0


def clean(places: Places) -> int:
    """Removes what the set-up made. Data only when HAPUS_DATA=ya is given."""
    if once.holder(places):
        raise Stopped("Bansos sedang berjalan. Hentikan dahulu: make stop")
    for name in (".venv", "node_modules", "static/vendor", "out", ".mypy_cache", ".ruff_cache"):
        shutil.rmtree(places.root / name, ignore_errors=True)
    shutil.rmtree(f"/var/lib/bansos-bin-{tag(places.root)}", ignore_errors=True)
    for cache in places.root.rglob("__pycache__"):
        shutil.rmtree(cache, ignore_errors=True)
    if os.environ.get("HAPUS_DATA") != "ya":
        say(f"Bersih. Data tetap ada di {places.state}; hapus dengan: make clean HAPUS_DATA=ya")
        return 0
    _remove_data(places)
    say("Bersih, termasuk semua data.")
    return 0


def _remove_data(places: Places) -> None:
    number = places.state / "number"
    if number.exists():
        shutil.rmtree(OUTSIDE / f"bansos-data-{number.read_text().strip()}", ignore_errors=True)
    shutil.rmtree(places.state, ignore_errors=True)


def _prepare(stack: Stack) -> None:
    if stack.python("-m", "bansos.launcher.prepare"):
        raise Stopped("Persiapan basis data gagal; pesan di atas menyebut sebabnya.")


def _beside(places: Places, arguments: list[str]) -> int:
    try:
        env = json.loads(environment_file(places).read_text())
    except FileNotFoundError:
        raise Stopped("Bansos sedang dimulai. Tunggu sampai siap, lalu ulangi.") from None
    command = [str(places.python), *arguments]
    return subprocess.run(
        command, cwd=places.root, env={**os.environ, **env}, check=False
    ).returncode


def _port(places: Places) -> int:
    """PORT (default 8000; 0 takes a free one), refused in words when somebody listens there."""
    wanted = _wanted_port()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            if once.holder(places):
                return wanted  # the lock has the better words
            raise Stopped(
                f"Port {wanted} sedang dipakai program lain. Pilih yang lain: make run PORT=8001"
            ) from None
        port: int = probe.getsockname()[1]
        return port


def _wanted_port() -> int:
    wanted = os.environ.get("PORT") or "8000"
    if not wanted.isdigit() or int(wanted) > 65535:
        raise Stopped(f"PORT={wanted} bukan nomor port. Contoh: make run PORT=8001")
    return int(wanted)


def _hear_signals() -> None:
    def hear(_number: int, _frame: FrameType | None) -> None:
        raise Interrupted

    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, hear)


def _stop(stack: Stack) -> None:
    """Stops in order; another Ctrl-C meanwhile changes nothing."""
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, signal.SIG_IGN)
    stack.stop()


def _say_ready(stack: Stack, seconds: float) -> None:
    logins = stack.places.state / "logins.txt"
    say("\n" + "=" * 72)
    say(f"READY  {stack.url}   ({seconds:.0f} dtk)")
    if logins.exists():
        say("\n" + logins.read_text().rstrip())
    say(f"\nCatatan: {stack.logs}")
    say("Berhenti: Ctrl-C (data tetap tersimpan)")
    say("=" * 72)
    sys.stdout.flush()
