"""The schedule of faults: drawn once from the seed, so that the seed replays it."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection

from bansos.jobs.models import Job
from bansos.jobs.services import ring
from bansos.launcher.console import Stopped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.faults.ground import Ground

# Kind -> weight; a crash of Postgres takes a second or two, the others less.
KINDS = {
    "kill worker": 5,
    "kill child": 6,
    "crash Postgres": 4,
    "lose broker": 5,
    "pause worker": 4,
    "pause child": 3,
    "pause broker": 2,
    "ring five times": 5,
    "cut connections": 6,
}


@dataclass(frozen=True)
class Fault:
    """After `gap` seconds, `kind` happens; `place` chooses which child, `length` how long."""

    gap: float
    kind: str
    place: int
    length: float


def schedule(seed: int, count: int) -> list[Fault]:
    """The same list for the same seed."""
    dice = random.Random(seed)  # noqa: S311
    kinds, weights = list(KINDS), list(KINDS.values())
    return [
        Fault(
            gap=dice.uniform(0.1, 1.1),
            kind=dice.choices(kinds, weights)[0],
            place=dice.randrange(8),
            length=dice.uniform(0.3, 2.0),
        )
        for _number in range(count)
    ]


class Chaos:
    """Does one stretch of the schedule to the ground.

    Runs in the main thread: a server that a thread starts would be ended with that thread.
    """

    def __init__(self, ground: Ground, faults: Sequence[Fault]) -> None:
        self.ground, self.faults = ground, faults
        self.done: Counter[str] = Counter()
        self.trouble: Exception | None = None

    def run(self) -> None:
        """Every fault in its turn."""
        try:
            for fault in self.faults:
                time.sleep(fault.gap)
                self._do(fault)
                self.done[fault.kind] += 1
                self.ground.up()
        except Exception as trouble:
            self.trouble = trouble
        finally:
            connection.close()

    def _do(self, fault: Fault) -> None:
        ground = self.ground
        acts = {
            "kill worker": ground.kill_worker,
            "kill child": lambda: ground.signal_child(fault.place, signal.SIGKILL),
            "crash Postgres": ground.crash_database,
            "lose broker": ground.lose_broker,
            "pause worker": lambda: ground.pause_worker(fault.length),
            "pause child": lambda: self._pause_child(fault),
            "pause broker": lambda: ground.pause_broker(fault.length),
            "ring five times": ring_five_times,
            "cut connections": self._cut,
        }
        acts[fault.kind]()

    def _pause_child(self, fault: Fault) -> None:
        # A zombie: it sleeps inside a step while its twin may take over the same job.
        self.ground.signal_child(fault.place, signal.SIGSTOP)
        time.sleep(fault.length)
        for place in range(8):
            self.ground.signal_child(place, signal.SIGCONT)

    def _cut(self) -> None:
        try:
            self.ground.cut_connections()
        except Stopped:  # the server is just coming back
            time.sleep(0.2)


def ring_five_times() -> None:
    """Duplicate delivery: every open job is rung five times over."""
    try:
        names = [str(key) for key in Job.objects.open().values_list("pk", flat=True)[:20]]
    except DatabaseError:
        connection.close()
        return
    for name in names * 5:
        ring(name)
