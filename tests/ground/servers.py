"""Starts the throw-away servers once per test run and points the settings at them."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from bansos.launcher import places, postgres, valkey

PREFIX = "bansos-test-"


class Ground:
    """Folder, Postgres and environment of one test run; workers of xdist share it."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.cluster: postgres.Cluster | None = None

    def start(self) -> None:
        """Sets DATABASE_URL and TEST_FOLDER; starts Postgres when no DATABASE_URL is given."""
        _sweep_left_overs()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        # The server's account must pass through; what is private lies one level deeper.
        self.folder.chmod(0o755)
        if not os.environ.get("DATABASE_URL"):
            self.cluster = postgres.cluster(
                root=places.ROOT, home=self.folder / "pg", throw_away=True
            )
            self.cluster.start()
            os.environ["DATABASE_URL"] = self.cluster.url()
        os.environ["TEST_FOLDER"] = str(self.folder)

    def stop(self) -> None:
        """Stops what was started and removes the folder."""
        if self.cluster is not None:
            self.cluster.stop()
            self.cluster = None
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None


def own_valkey(folder: Path) -> valkey.Valkey:
    """The (not yet started) Valkey of this process, where the test settings look for it."""
    return valkey.valkey(root=places.ROOT, home=folder / "valkey", throw_away=True)


def database_url(name: str) -> str:
    """DATABASE_URL with another database name: the one pytest-django made."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    if not parts.netloc:  # urlunsplit would drop the empty host of postgresql:///name
        return f"{parts.scheme}:///{name}?{parts.query}"
    return urlunsplit(parts._replace(path=f"/{name}"))


def _sweep_left_overs() -> None:
    """Removes folders of test runs that were killed (their process is gone)."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}[0-9]*-*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)
