"""Where things are on this machine: the checkout, the venv, the state folder."""

from __future__ import annotations

import hashlib
import os
import pwd
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

SOCKET_FOLDER_LIMIT = 85
# Where the database of root lives when its account cannot enter the checkout.
OUTSIDE = Path("/var/lib")


@dataclass(frozen=True)
class Places:
    """Folders of one checkout; `state` holds the database, the queue, files and secrets."""

    root: Path
    state: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"


def places() -> Places:
    """The folders of this checkout; STATE_DIR moves the state folder."""
    given = os.environ.get("STATE_DIR")
    return Places(ROOT, Path(given).resolve() if given else ROOT / ".state")


def tag(path: Path) -> str:
    """Eight characters that name a folder: one checkout, one set of private folders."""
    return hashlib.sha256(str(path).encode()).hexdigest()[:8]


def short_folder(home: Path) -> Path:
    """`home`, or a private folder under /tmp when a socket's path in it would be too long.

    A socket's path holds 108 bytes and Postgres adds ".s.PGSQL.5432".
    """
    if len(str(home)) <= SOCKET_FOLDER_LIMIT:
        return home
    return Path(tempfile.gettempdir()) / f"bansos-{os.geteuid()}-{tag(home)}"


def service_account() -> pwd.struct_passwd | None:
    """Whom the servers run as when we are root (Postgres refuses root); None: as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise KeyError("postgres, nobody")


def site_packages(venv: Path) -> Path:
    """The venv's package folder."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return venv / "lib" / version / "site-packages"
