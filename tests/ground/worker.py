"""A real Celery worker in its own process, on the test database."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from django.conf import settings

from bansos.celery import app
from bansos.launcher.places import ROOT
from bansos.launcher.processes import spawn, stop_group, wait_until
from tests.ground.servers import database_url


class Worker:
    """`celery worker` with two child processes; `log` holds what it said."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.log = Path(settings.STATE_DIR) / "worker.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits until it answers a ping over the broker."""
        command = [str(ROOT / ".venv" / "bin" / "python"), "-m", "celery", "-A", "bansos.celery"]
        command += ["worker", "--pool", "prefork", "-c", "2", "--without-gossip"]
        command += ["--without-mingle", "-l", "WARNING"]
        env = {**os.environ, "DATABASE_URL": database_url(self.database)}
        # Warnings that fail a test must not end a worker's start.
        env.pop("PYTHONWARNINGS", None)
        self.process = spawn(command, env=env, log=self.log, cwd=ROOT)
        if not wait_until(self._answers, 60):
            raise RuntimeError(f"The worker did not start:\n{self.log.read_text()[-4000:]}")

    def kill(self) -> None:
        """kill -9 of the worker and its children, as a power cut would."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """Lets running tasks finish (15 seconds), then ends."""
        if self.process is not None:
            stop_group(self.process.pid, signal.SIGTERM, 15)
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise RuntimeError(f"The worker ended:\n{self.log.read_text()[-4000:]}")
        return bool(app.control.ping(timeout=0.3))
