"""Stops the servers when the launcher is gone without a word (kill -9, closed terminal).

Runs as a process of its own. The launcher writes "+ <group> <signal> <seconds>" when a server
starts and "- <group>" when it has ended; when the pipe closes, whatever is left is stopped in
reverse order of start. It also holds the launcher's lock, so nothing new starts before.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import IO

from bansos.launcher.places import ROOT
from bansos.launcher.processes import stop_group


class Watchman:
    """The launcher's end of the pipe."""

    def __init__(self, lock: IO[str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bansos.launcher.watchman"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            start_new_session=True,
            pass_fds=[lock.fileno()],
        )

    def watch(self, pgid: int, sig: int, patience: float) -> None:
        """This group has started."""
        self._write(f"+ {pgid} {int(sig)} {patience}\n")

    def forget(self, pgid: int) -> None:
        """This group has ended."""
        self._write(f"- {pgid}\n")

    def dismiss(self) -> None:
        """Closes the pipe; what it still watches is stopped now."""
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait()

    def _write(self, line: str) -> None:
        if self.process.stdin:
            self.process.stdin.write(line.encode())
            self.process.stdin.flush()


def main() -> None:
    """Reads until the pipe closes, then stops what is left."""
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, signal.SIG_IGN)
    watched: dict[int, tuple[int, float]] = {}
    for line in sys.stdin:
        kind, pgid, *rest = line.split()
        if kind == "+":
            watched[int(pgid)] = (int(rest[0]), float(rest[1]))
        else:
            watched.pop(int(pgid), None)
    for group, (stop_signal, patience) in reversed(watched.items()):
        stop_group(group, stop_signal, patience)
    os._exit(0)


if __name__ == "__main__":
    main()
