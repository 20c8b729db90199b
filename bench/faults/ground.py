"""The servers of a fault run: Postgres with fsync, Valkey, worker, scheduler, each to be killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bansos.demo.simulator.process import Simulator
from bansos.demo.simulator.process import start as start_bank
from bansos.launcher import places, postgres, valkey
from bansos.launcher.processes import spawn, stop_group, wait_until
from bansos.lib.faults import VARIABLE, Plan

CELERY = ("-m", "celery", "-A", "bansos.celery")
WORKER = ("worker", "--pool", "prefork", "-c", "2", "--without-gossip", "--without-mingle")
# Of five files one is taken and not answered for, one is cut off before it was taken.
SCENARIO = "troubled+some_timeouts+some_cuts"
BEAT = ("beat", "-l", "WARNING", "--pidfile=")


class Ground:
    """One folder with everything in it; `environment` points a program at its servers."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._bank: Simulator | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="bansos-fault-"))
        self.folder.chmod(0o755)
        self.state = self.folder / "state"
        self.points = self.folder / "points"
        for folder in (self.state, self.points):
            folder.mkdir()
        # fsync on: what was committed must be there after the power cut.
        self.database = postgres.cluster(root=places.ROOT, home=self.folder / "pg")
        self.broker = valkey.valkey(root=places.ROOT, home=self.folder / "valkey", throw_away=True)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.plan = self.folder / "plan.json"
        Plan(seed=seed, folder=self.points, crash=0.03, delay=0.1, longest=0.6).write(self.plan)

    def start(self) -> None:
        """Postgres, tables and Valkey; the environment of this process is set, too."""
        self.database.start()
        self.broker.start()
        self._bank = start_bank(self.folder / "bank", scenario=SCENARIO, seed=self.seed)
        os.environ.update(self.environment())
        self.manage("migrate", "-v0")

    @property
    def bank(self) -> Simulator:
        """The simulated bank; it is never broken: it is somebody else's."""
        if self._bank is None:
            raise RuntimeError("The ground is not started.")
        return self._bank

    def environment(self) -> dict[str, str]:
        """What a program needs to find the servers."""
        return {
            "DATABASE_URL": self.database.url(),
            "REDIS_URL": self.broker.url,
            "STATE_DIR": str(self.state),
            "TRAINING_MODE": "1",
            "DJANGO_SETTINGS_MODULE": "bansos.settings.dev",
            "DEBUG": "0",
            "BANK_SECRET_JATIM_FILE_TOKEN": self.bank.key,
        }

    def manage(self, *arguments: str) -> None:
        """A management command in its own process; raises when it fails."""
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=places.ROOT, env={**os.environ}, check=True)

    def up(self, *names: str) -> None:
        """Start worker and scheduler (or the named ones) again if they are not running."""
        for name in names or ("worker", "scheduler"):
            process = self.processes.get(name)
            if process is None or process.poll() is not None:
                self.processes[name] = self._spawn(name)

    def _spawn(self, name: str) -> subprocess.Popen[bytes]:
        rest = (*WORKER, "-l", "CRITICAL") if name == "worker" else BEAT
        env = {**os.environ, **self.environment()}
        if name == "worker":
            env[VARIABLE] = str(self.plan)
        command = [sys.executable, *CELERY, *rest]
        return spawn(command, env=env, log=self.folder / f"{name}.log", cwd=places.ROOT)

    def calm(self, *, on: bool) -> None:
        """No point in the code does anything while it is calm."""
        mark = self.points / "calm"
        if on:
            mark.touch()
        else:
            mark.unlink(missing_ok=True)

    # --- what may happen to a server

    def kill_worker(self) -> None:
        """kill -9 of the worker and all its children; it comes back by itself."""
        process = self.processes.get("worker")
        if process is not None and process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.up("worker")

    def children(self) -> list[int]:
        """Process ids of the worker's pool."""
        process = self.processes.get("worker")
        if process is None or process.poll() is not None:
            return []
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[1]) == process.pid:
                    found.append(int(stat.parent.name))
        return sorted(found)

    def signal_child(self, place: int, number: int) -> None:
        """One child of the pool gets a signal."""
        children = self.children()
        if children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(children[place % len(children)], number)

    def pause_worker(self, seconds: float) -> None:
        """The whole worker stands still, then goes on with what it holds to be true."""
        process = self.processes.get("worker")
        if process is None or process.poll() is not None:
            return
        for number in (signal.SIGSTOP, signal.SIGCONT):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            if number == signal.SIGSTOP:
                time.sleep(seconds)

    def crash_database(self) -> None:
        """Immediate stop, as a power cut: no checkpoint, recovery from the log at the start."""
        process = self.database.process
        if process is not None:
            stop_group(process.pid, signal.SIGQUIT, 10)
            process.wait()
        self.database.start()

    def lose_broker(self) -> None:
        """kill -9 of Valkey; its queue is gone."""
        process = self.broker.process
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.broker.socket.unlink(missing_ok=True)
        self.broker.start()

    def pause_broker(self, seconds: float) -> None:
        """Valkey does not answer for a while."""
        process = self.broker.process
        if process is None:
            return
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGCONT)

    def cut_connections(self) -> None:
        """Every session of the application ends in the middle of what it does."""
        self.database.psql(
            "postgres",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = 'bansos' AND pid <> pg_backend_pid()",
        )

    def stop(self, *, keep: bool) -> None:
        """End everything; the folder stays when something was wrong."""
        for process in self.processes.values():
            if process.poll() is None:
                stop_group(process.pid, signal.SIGKILL, 5)
                process.wait()
        if self._bank is not None:
            self._bank.stop()
        self.broker.stop()
        self.database.stop()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def wait_worker(self) -> None:
        """Until the pool has children."""
        if not wait_until(lambda: bool(self.children()), 60):
            log = (self.folder / "worker.log").read_text(errors="replace")[-3000:]
            raise RuntimeError(f"The worker did not start:\n{log}")
