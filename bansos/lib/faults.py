"""Named points where a fault run stops or delays the program; asleep everywhere else."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path

# Set by a fault run for the processes it starts; production refuses to start with it.
VARIABLE = "FAULT_PLAN"
POINTS = frozenset(
    {
        "job.taken",
        "job.worked",
        "job.committed",
        "job.rung",
        "audit.recorded",
        "audit.sealed",
        "document.written",
        "document.recorded",
        "ledger.posted",
        "list.moved",
        "list.drawn",
        "list.checked",
        "file.rendered",
        "file.stored",
        "answer.judged",
        "answer.settled",
        "answer.returned",
        "answer.finished",
        "cash.closed",
        "cash.receipts",
        "close.papers",
        "submission.intended",
        "submission.calling",
        "submission.called",
        "submission.heard",
    }
)


@dataclass(frozen=True)
class Plan:
    """What a fault run asks for.

    seed: with the name of a point and how often it was passed, it decides what happens there;
    folder: the counts, the log, and a file `calm` while nothing may happen;
    crash, delay: shares of the passes (0..1); longest: seconds of the longest delay.
    """

    seed: int
    folder: Path
    crash: float
    delay: float
    longest: float

    @classmethod
    def read(cls, path: str) -> Plan:
        """The plan in a JSON file."""
        told = json.loads(Path(path).read_text(encoding="utf-8"))
        return cls(
            seed=int(told["seed"]),
            folder=Path(told["folder"]),
            crash=float(told["crash"]),
            delay=float(told["delay"]),
            longest=float(told["longest"]),
        )

    def write(self, path: Path) -> None:
        """Keep it where `read` finds it."""
        told = {**self.__dict__, "folder": str(self.folder)}
        path.write_text(json.dumps(told), encoding="utf-8")

    def decide(self, name: str, count: int) -> tuple[str, float]:
        """What happens at the count-th pass: ("crash" | "delay" | "", seconds)."""
        dice = random.Random(f"{self.seed}:{name}:{count}")  # noqa: S311
        number, seconds = dice.random(), dice.uniform(0.02, self.longest)
        if number < self.crash:
            return "crash", 0.0
        if number < self.crash + self.delay:
            return "delay", seconds
        return "", 0.0


_plan = Plan.read(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None


def point(name: str) -> None:
    """A place where a power cut or a slow machine would hurt most; nothing without a plan."""
    if _plan is None or (_plan.folder / "calm").exists():
        return
    act, seconds = _plan.decide(name, _passed(_plan.folder / name))
    if not act:
        return
    with (_plan.folder / "acts.log").open("a", encoding="utf-8") as log:
        log.write(f"{act} {name} {seconds:.3f}\n")
    if act == "crash":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(seconds)


def _passed(counter: Path) -> int:
    # One byte a pass: appending is atomic between processes, and the size is the count.
    with counter.open("ab") as handle:
        handle.write(b".")
        handle.flush()
        return os.fstat(handle.fileno()).st_size
