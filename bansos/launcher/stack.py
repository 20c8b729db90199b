"""The whole system on one machine: start order, readiness, supervision, stop order."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import secrets
import signal
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bansos.launcher import keys, once, postgres, valkey
from bansos.launcher.console import Stopped, say, step
from bansos.launcher.places import OUTSIDE, Places, service_account
from bansos.launcher.postgres import Cluster
from bansos.launcher.processes import as_user, spawn, stop_group, wait_until
from bansos.launcher.valkey import Valkey
from bansos.launcher.watchman import Watchman

RESTARTS_PER_MINUTE = 3


@dataclass(frozen=True)
class Service:
    """One of our own processes: how to start it, how to stop it."""

    name: str
    command: tuple[str, ...]
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 15.0


@dataclass
class Stack:
    """Servers and services of one state folder; the watchman ends them when we cannot."""

    places: Places
    port: int
    serves: bool = True  # the web is part of it; else the URL is only written into documents
    lock: IO[str] | None = None
    watchman: Watchman | None = None
    cluster: Cluster | None = None
    broker: Valkey | None = None
    env: dict[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    starts: dict[str, list[float]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def logs(self) -> Path:
        return self.places.state / "log"

    def claim(self) -> None:
        """Takes the state folder for us alone; refuses (Stopped) when another launcher has it."""
        # Others may pass through (the database's account does), not look around.
        self.places.state.mkdir(mode=0o711, parents=True, exist_ok=True)
        self.logs.mkdir(mode=0o700, exist_ok=True)
        self.lock = once.take(self.places)
        once.write(self.lock, self.url if self.serves else "")
        self.watchman = Watchman(self.lock)

    def start_ground(self) -> None:
        """Postgres and Valkey (unless the environment names others), and the environment."""
        database, redis = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
        if not database:
            with step("Postgres"):
                self.cluster = postgres.cluster(
                    root=self.places.root, home=database_home(self.places)
                )
                self.cluster.start()
                self._watch(self.cluster.process, signal.SIGINT, 30)
            database = self.cluster.url()
        if not redis:
            with step("Valkey"):
                self.broker = valkey.valkey(
                    root=self.places.root, home=self.places.state / "valkey"
                )
                self.broker.start()
                self._watch(self.broker.process, signal.SIGTERM, 10)
            redis = self.broker.url
        self.env = self._environment(database, redis)
        note_environment(self.places, self.env)

    def start(self, services: list[Service]) -> None:
        """Starts our own processes in this order."""
        for service in services:
            self.services[service.name] = service
            self._start(service)

    def wait_ready(self, seconds: float = 60) -> None:
        """Waits until the web answers /readyz. Refuses (Stopped) when it does not."""
        log = self.logs / "web.log"
        with step("Menunggu sampai siap"):
            if wait_until(lambda: self._ready() or self._web_ended(), seconds) and self._ready():
                return
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise Stopped(f"{tail}\n\nWeb tidak siap di {self.url}. Lihat {log}.")

    def supervise(self) -> None:
        """Until told to stop: starts a service again that ended; ends when a server is gone."""
        while True:
            time.sleep(0.5)
            for server in (self.cluster, self.broker):
                if server and server.process and server.process.poll() is not None:
                    raise Stopped(
                        f"Berhenti sendiri: {server.home}. Lihat catatannya di folder itu."
                    )
            for name, process in list(self.running.items()):
                if process.poll() is not None:
                    self._again(name)

    def stop(self) -> None:
        """Web, worker, Valkey, Postgres: each ends before what it needs."""
        for name in reversed(list(self.running)):
            service, process = self.services[name], self.running.pop(name)
            say(f"  {name} berhenti ...")
            stop_group(process.pid, service.stop_signal, service.patience)
            self._forget(process)
        for server in (self.broker, self.cluster):
            if server and server.process:
                say(f"  {server.label} berhenti ...")
                process = server.process
                server.stop()
                self._forget(process)
        if self.lock:
            environment_file(self.places).unlink(missing_ok=True)
            self.lock.close()
            self.lock = None
        if self.watchman:
            self.watchman.dismiss()
            self.watchman = None

    def python(self, *arguments: str) -> int:
        """Runs the venv's Python with the environment of this stack; its exit code."""
        command = [str(self.places.python), *arguments]
        return subprocess.run(command, cwd=self.places.root, env=self.env, check=False).returncode

    def _start(self, service: Service) -> None:
        process = spawn(
            list(service.command),
            env=self.env,
            log=self.logs / f"{service.name}.log",
            cwd=self.places.root,
            on_parent_death=service.stop_signal,
        )
        self.running[service.name] = process
        self.starts.setdefault(service.name, []).append(time.monotonic())
        self._watch(process, service.stop_signal, service.patience)

    def _again(self, name: str) -> None:
        recent = [moment for moment in self.starts[name] if moment > time.monotonic() - 60]
        if len(recent) > RESTARTS_PER_MINUTE:
            raise Stopped(f"{name} berulang kali berhenti. Lihat {self.logs / (name + '.log')}.")
        say(f"! {name} berhenti sendiri; dijalankan lagi.")
        ended = self.running[name]
        stop_group(ended.pid, signal.SIGTERM, 5)  # children it left behind
        self._forget(ended)
        self._start(self.services[name])

    def _watch(self, process: subprocess.Popen[bytes] | None, sig: int, patience: float) -> None:
        if self.watchman and process:
            self.watchman.watch(process.pid, sig, patience)

    def _forget(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        if self.watchman:
            self.watchman.forget(process.pid)

    def _environment(self, database: str, redis: str) -> dict[str, str]:
        given = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        return {
            "PUBLIC_URL": self.url,
            **given,
            **keys.ensure(self.places),
            "DJANGO_SETTINGS_MODULE": "bansos.settings.dev",
            "DATABASE_URL": database,
            "REDIS_URL": redis,
            "STATE_DIR": str(self.places.state),
            "PORT": str(self.port),
        }

    def _web_ended(self) -> bool:
        return self.running["web"].poll() is not None

    def _ready(self) -> bool:
        with contextlib.suppress(urllib.error.URLError, OSError):
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        return False


def application(places: Places, port: int) -> list[Service]:
    """Worker, scheduler and web, in the order of their start."""
    python = str(places.python)
    celery = (python, "-m", "celery", "-A", "bansos.celery")
    beat = ("beat", "-l", "WARNING", "--pidfile=")
    work = ("worker", "--pool", "prefork", "-c", "2", "--without-gossip", "--without-mingle")
    web = (
        "-b",
        f"127.0.0.1:{port}",
        "-w",
        "2",
        "--threads",
        "4",
        "--preload",
        "--no-control-socket",
    )
    return [
        Service("worker", (*celery, *work, "-l", "WARNING")),
        Service("scheduler", (*celery, *beat), patience=5),
        Service("web", (python, "-m", "gunicorn", "bansos.wsgi:application", *web)),
    ]


def database_home(places: Places) -> Path:
    """Folder of the database: in the state folder, or outside when its account cannot go there.

    Root's home is closed to others and stays closed; the folder outside is found again by the
    number kept in the state folder, also after the checkout was moved. The number is drawn, not
    derived from the path: a new checkout at an old place has new keys and could not read the old
    place's data.
    """
    user = service_account()
    if user is None or _reaches(user, places.state):
        return places.state / "postgres"
    number = places.state / "number"
    if not number.exists():
        number.write_text(secrets.token_hex(4))
    outside = OUTSIDE / f"bansos-data-{number.read_text().strip()}"
    outside.mkdir(mode=0o755, exist_ok=True)
    return outside / "postgres"


def environment_file(places: Places) -> Path:
    """Where a running stack notes its environment for commands on the side."""
    return places.state / "running.json"


def note_environment(places: Places, env: dict[str, str]) -> None:
    """Keeps what a command needs to work on the running stack; readable by its owner only."""
    names = ["DATABASE_URL", "REDIS_URL", "STATE_DIR", "PORT", "PUBLIC_URL", "SECRET_KEY"]
    names += ["FIELD_KEYS", "INDEX_KEY", "DJANGO_SETTINGS_MODULE"]
    path = environment_file(places)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        json.dump({name: env[name] for name in names}, handle)


def _reaches(user: pwd.struct_passwd, folder: Path) -> bool:
    tried = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)],
        check=False,
        cwd="/",
        stderr=subprocess.DEVNULL,
        **as_user(user),  # type: ignore[call-overload]
    )
    return tried.returncode == 0
