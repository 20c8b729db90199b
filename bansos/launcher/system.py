"""System packages that no wheel carries: installed when we are root, named when we are not."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable

from bansos.launcher.console import Stopped, say, step

Check = Callable[[], bool]


def _library(*names: str) -> Check:
    def loads() -> bool:
        try:
            for name in names:
                ctypes.CDLL(name)
        except OSError:
            return False
        return True

    return loads


def _program(*names: str) -> Check:
    return lambda: any(shutil.which(name) for name in names)


# Debian package -> how to see that it is there already.
FOR_PDF: dict[str, Check] = {
    "libpango-1.0-0": _library("libpango-1.0.so.0"),
    "libpangoft2-1.0-0": _library("libpangoft2-1.0.so.0"),
    "libharfbuzz-subset0": _library("libharfbuzz-subset.so.0"),
}
FOR_TESTS: dict[str, Check] = {
    **FOR_PDF,
    "chromium": lambda: bool(os.environ.get("CHROMIUM")) or _program("chromium")(),
    "libatomic1": _library("libatomic.so.1"),
    "poppler-utils": _program("pdftoppm"),
    "gettext": _program("xgettext"),
    "git": _program("git"),
}


def ensure_system(packages: dict[str, Check], *, without: str | None) -> None:
    """Installs the missing packages with apt when we are root; else prints the line to run.

    without: what does not work without them; None refuses (Stopped) to go on.
    """
    missing = [name for name, there in packages.items() if not there()]
    if not missing:
        return
    line = "apt-get install -y --no-install-recommends " + " ".join(missing)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with step(f"Paket sistem ({line})"):
            _apt(["update", "-qq"])
            _apt(["install", "-y", "-qq", "--no-install-recommends", *missing])
        missing = [name for name, there in packages.items() if not there()]
        if not missing:
            return
    if without is None:
        raise Stopped(f"Paket sistem belum ada: {' '.join(missing)}.\nPasang dengan: sudo {line}")
    say(f"! Paket sistem belum ada; tanpa itu {without}.\n  Pasang dengan: sudo {line}")


def _apt(arguments: list[str]) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        ["apt-get", "-o", "DPkg::Lock::Timeout=300", *arguments],
        env=env,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        say("\n".join(done.stdout.splitlines()[-12:]))
