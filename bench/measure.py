"""How a measurement is taken and printed: CPU seconds of ours and of the reference, their ratio."""

from __future__ import annotations

import os
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

REPEATS = 3


@dataclass(frozen=True)
class Row:
    """One line of the table: ratio = ours / reference; good when it is at most the bar."""

    name: str
    ours: float
    reference: float
    bar: float

    @property
    def ratio(self) -> float:
        return self.ours / self.reference if self.reference else float("inf")

    def line(self) -> str:
        """Name, both times, ratio, bar, verdict, peak memory of the process so far."""
        verdict = "ok" if self.ratio <= self.bar else "MISS"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        return (
            f"| {self.name} | {self.ours:.2f} s | {self.reference:.2f} s | {self.ratio:.2f} |"
            f" {self.bar:.2f} | {verdict} | {peak} MB |"
        )


def seconds(work: Callable[[], object], *, cpu: bool = True) -> float:
    """Median of three runs, in CPU seconds (children included) or on the clock."""
    taken = []
    for _turn in range(REPEATS):
        start = _now(cpu)
        work()
        taken.append(_now(cpu) - start)
    return statistics.median(taken)


def cpu_of(process: int) -> float:
    """CPU seconds of another process so far, in hundredths."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _now(cpu: bool) -> float:
    if not cpu:
        return time.perf_counter()
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
