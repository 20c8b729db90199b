"""One launcher per state folder: a lock that the system frees by itself, whatever happens."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import IO

from bansos.launcher.console import Stopped, say
from bansos.launcher.places import Places

# After a kill -9 the watchman holds the lock until the last server has stopped.
PATIENCE = 45.0


def _path(places: Places) -> Path:
    return places.state / "launcher.lock"


def take(places: Places) -> IO[str]:
    """Takes the lock; it stays held while the returned file is open here or in the watchman.

    Refuses (Stopped) at once when another launcher is at work; waits for one that was killed.
    """
    handle = open(_path(places), "a+", encoding="utf-8")  # noqa: SIM115
    end = time.monotonic() + PATIENCE
    said = False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            pid, url = _holder(places)
            if _alive(pid) or time.monotonic() > end:
                handle.close()
                raise Stopped(_refusal(pid, url)) from None
            if not said:
                say("Sisa jalan sebelumnya sedang dihentikan; menunggu ...")
                said = True
            time.sleep(0.2)
    return handle


def write(handle: IO[str], url: str) -> None:
    """Notes who holds the lock, for the words of the next one who comes."""
    handle.seek(0)
    handle.truncate()
    handle.write(f"{os.getpid()} {url}\n")
    handle.flush()


def holder(places: Places) -> int | None:
    """Process id of the launcher at work on this state folder, or None."""
    try:
        handle = open(_path(places), encoding="utf-8")  # noqa: SIM115
    except FileNotFoundError:
        return None
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _holder(places)[0] or None
    return None


def _holder(places: Places) -> tuple[int, str]:
    pid, _, url = _path(places).read_text().strip().partition(" ")
    return (int(pid) if pid.isdigit() else 0), url


def _alive(pid: int) -> bool:
    return pid > 0 and Path(f"/proc/{pid}").exists() if Path("/proc").exists() else pid > 0


def _refusal(pid: int, url: str) -> str:
    where = f" di {url}" if url else ""
    return (
        f"Bansos sudah berjalan{where} (proses {pid}). Dua sekaligus pada data yang sama tidak "
        "boleh.\nPakai yang sudah berjalan, atau hentikan dengan Ctrl-C di terminalnya atau "
        "'make stop'."
    )
