"""Points of a fault run: asleep by default, the same at every replay, each really in the code."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from bansos.lib import faults
from bansos.lib.faults import POINTS, VARIABLE, Plan

ROOT = Path(faults.__file__).resolve().parents[2]


def plan(folder: Path, *, crash: float = 0.0, delay: float = 0.0) -> Plan:
    return Plan(seed=7, folder=folder, crash=crash, delay=delay, longest=0.05)


def pass_points(folder: Path, made: Plan | None, *names: str) -> int:
    """Exit code of a process that passes these points."""
    env = {key: value for key, value in os.environ.items() if key != VARIABLE}
    if made is not None:
        made.write(folder / "plan.json")
        env[VARIABLE] = str(folder / "plan.json")
    code = f"from bansos.lib.faults import point; [point(name) for name in {names!r}]"
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, check=False).returncode


def test_without_a_plan_nothing_happens(tmp_path: Path) -> None:
    assert pass_points(tmp_path, None, "job.taken") == 0
    assert list(tmp_path.iterdir()) == []


def test_a_crash_is_a_kill_and_is_told_first(tmp_path: Path) -> None:
    assert pass_points(tmp_path, plan(tmp_path, crash=1.0), "job.taken") == -signal.SIGKILL
    assert (tmp_path / "acts.log").read_text() == "crash job.taken 0.000\n"


def test_calm_stops_everything(tmp_path: Path) -> None:
    (tmp_path / "calm").touch()
    assert pass_points(tmp_path, plan(tmp_path, crash=1.0), "job.taken") == 0


def test_a_seed_replays_what_happens(tmp_path: Path) -> None:
    wild = plan(tmp_path, crash=0.2, delay=0.4)
    first = [wild.decide("job.taken", count) for count in range(200)]
    assert first == [wild.decide("job.taken", count) for count in range(200)]
    acts = [act for act, _seconds in first]
    assert {"crash", "delay", ""} == set(acts)
    assert 20 <= acts.count("crash") <= 60
    other = Plan(seed=8, folder=tmp_path, crash=0.2, delay=0.4, longest=0.05)
    assert first != [other.decide("job.taken", count) for count in range(200)]


def test_each_point_stands_in_the_code_and_each_in_the_code_is_known() -> None:
    found: set[str] = set()
    for folder in ("bansos", "beneficiaries", "programs", "disbursements", "monitoring"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(re.findall(r'\bpoint\("([a-z.]+)"\)', path.read_text(encoding="utf-8")))
    assert found == POINTS
    assert len(POINTS) >= 15


def test_production_refuses_a_plan(tmp_path: Path) -> None:
    env = {**os.environ, VARIABLE: str(tmp_path / "plan.json")}
    done = subprocess.run(
        [sys.executable, "-c", "import bansos.settings.prod"],
        cwd=ROOT,
        env=env,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "FAULT_PLAN" in done.stderr
