"""`make mutants`: put each defect into a copy of the project and see its checks fail."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.mutants.defect import Defect
from bench.mutants.defects import DEFECTS

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "mutants.md"
# Not in git, needed by every copy.
SHARED = (".venv", "node_modules")
COPIED = ("static/vendor",)
LONGEST = 900
MISSED = "TIDAK"
_ROW = re.compile(r"^\| (?!defect)(\S.*?) \| (?:`(.+)`|TIDAK) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What became of one defect: who caught it, in how many seconds."""

    defect: Defect
    caught_by: str
    seconds: float


def main() -> int:
    """Run all (or the named) defects; exit code 0 when every one was caught."""
    parser = argparse.ArgumentParser(prog="bench.mutants")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--hands", type=int, default=2)
    asked = parser.parse_args()
    chosen = [row for row in DEFECTS if not asked.names or row.name in asked.names]
    copies = [_copy() for _hand in range(asked.hands)]
    try:
        healthy = _healthy(copies[0], chosen)
        if healthy:
            print(f"Tanpa cacat pun pengujian gagal:\n{healthy}")
            return 1
        outcomes = _all(copies, chosen)
    finally:
        for copy in copies:
            shutil.rmtree(copy, ignore_errors=True)
    missed = [row.defect.name for row in outcomes if not row.caught_by]
    text = _table({**_known(), **{row.defect.words: row.caught_by for row in outcomes}})
    print(text)
    TABLE.write_text(text, encoding="utf-8")
    if missed:
        print(f"TIDAK ditemukan: {', '.join(missed)}")
    return 1 if missed else 0


def _copy() -> Path:
    """The project as it lies here, in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="bansos-mutant-"))
    folder.chmod(0o755)
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    for name in names.decode().split("\0"):
        source = ROOT / name
        if name and source.is_file() and not source.is_symlink():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    for name in SHARED:
        (folder / name).symlink_to((ROOT / name).resolve())
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name)
    for path in ROOT.glob("locale/*/LC_MESSAGES/*.mo"):
        shutil.copy2(path, folder / path.relative_to(ROOT))
    return folder


def _healthy(copy: Path, chosen: list[Defect]) -> str:
    """Output of the checks without any defect; empty when they pass."""
    tests = sorted({test for defect in chosen for test in defect.tests})
    done = _pytest(copy, tests)
    return "" if done.returncode == 0 else done.stdout[-3000:]


def _all(copies: list[Path], chosen: list[Defect]) -> list[Outcome]:
    free = list(copies)
    lock = threading.Lock()

    def one(defect: Defect) -> Outcome:
        with lock:
            copy = free.pop()
        try:
            outcome = _try(copy, defect)
        finally:
            with lock:
                free.append(copy)
        print(f"{'ok  ' if outcome.caught_by else 'LOLOS'} {defect.name}", flush=True)
        return outcome

    with ThreadPoolExecutor(len(copies)) as pool:
        return list(pool.map(one, chosen))


def _try(copy: Path, defect: Defect) -> Outcome:
    """Put the defect in, run its checks, take it out again."""
    began = time.monotonic()
    changed = defect.put_into(copy)
    try:
        done = _pytest(copy, list(defect.tests))
        caught = _who(done.stdout) if done.returncode == 1 else ""
        if done.returncode not in {0, 1}:
            print(done.stdout[-2000:], done.stderr[-2000:])
    finally:
        for path, text in changed.items():
            path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    return Outcome(defect, caught, time.monotonic() - began)


def _pytest(copy: Path, tests: list[str]) -> subprocess.CompletedProcess[str]:
    command = [str(copy / ".venv/bin/python"), "-m", "pytest", "-x", "-q", "-p", "no:randomly"]
    command += ["-p", "no:cacheprovider", *tests]
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(copy)}
    env.pop("DATABASE_URL", None)
    return subprocess.run(
        command, cwd=copy, env=env, capture_output=True, text=True, check=False, timeout=LONGEST
    )


def _who(output: str) -> str:
    """The first failed test. An error is no catch: the defect may only have broken the set-up."""
    for line in output.splitlines():
        if line.startswith("FAILED "):
            return line.split(" ", 1)[1].split(" - ")[0].strip()
    print(output[-2000:])
    return ""


def _known() -> dict[str, str]:
    """Words of a defect -> who caught it, from the table as it lies here."""
    if not TABLE.exists():
        return {}
    return dict(_ROW.findall(TABLE.read_text(encoding="utf-8")))


def _table(caught_by: dict[str, str]) -> str:
    """The table in the order of the defects; one that was never tried is not in it."""
    tried = [row.words for row in DEFECTS if row.words in caught_by]
    rows = [f"| {words} | {_tick(caught_by[words])} |" for words in tried]
    caught = sum(bool(caught_by[words]) for words in tried)
    return "\n".join(
        [
            "# Mutants: deliberate defects and what caught them",
            "",
            f"Made by `make mutants`: {caught} of {len(DEFECTS)} caught.",
            "Each defect is put into a copy of the project alone; the check beside it failed.",
            "",
            "| defect | caught by |",
            "|---|---|",
            *rows,
            "",
        ]
    )


def _tick(caught_by: str) -> str:
    return f"`{caught_by}`" if caught_by else MISSED


if __name__ == "__main__":
    sys.exit(main())
