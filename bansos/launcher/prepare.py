"""Brings the database and the files of an installation up to date, in one Django process.

Runs in the venv, after the servers have started. A training installation (TRAINING_MODE) that is
empty gets the demo data and its logins; any other gets tables and regions.
"""

from __future__ import annotations

import hashlib
import io

import django
from django.conf import settings
from django.core.management import call_command

from bansos.demo.simulator.process import prepare as prepare_bank
from bansos.launcher.console import say, step
from bansos.launcher.places import Places, places

# What a new installation gets, in this order. Each is quick when there is nothing to do.
FIRST_STEPS: list[tuple[str, str, dict[str, object]]] = [
    ("Tabel basis data", "migrate", {"interactive": False, "verbosity": 0}),
    ("Wilayah", "load_regions", {"if_empty": True}),
]
# Folders of packages whose pages we do not show: another API reader, the browsable API.
UNUSED_STATIC = ["redoc", "rest_framework"]


def main() -> None:
    """Tables, regions, demo data, static files."""
    here = places()
    django.setup()
    for title, command, options in FIRST_STEPS:
        with step(title):
            call_command(command, **options)
    if settings.TRAINING_MODE:
        training_data(here)
    collect_static(here)


def training_data(here: Places) -> None:
    """Demo data into an empty installation, and its logins for the READY block."""
    prepare_bank(here.state / "bank")
    with step("Data latihan"):
        call_command("seed", if_empty=True)
    answer = io.StringIO()
    call_command("seed", logins=True, stdout=answer)
    rows = [line.split("\t") for line in answer.getvalue().splitlines() if line]
    if not rows:
        return
    password = rows[0][2]
    if {row[2] for row in rows} == {password}:
        rows = [[role, name, duty] for role, name, _password, duty in rows]
        rows.insert(0, ["Peran", "Nama masuk", f"Tugas (kata sandi semua: {password})"])
    else:
        rows.insert(0, ["Peran", "Nama masuk", "Kata sandi", "Tugas"])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    path = here.state / "logins.txt"
    path.touch(mode=0o600)
    path.write_text("\n".join(line.rstrip() for line in lines) + "\n")


def collect_static(here: Places) -> None:
    """collectstatic (hashed names, brotli), only when a file changed since the last time."""
    stamp, digest = here.state / "static.stamp", _static_digest(here)
    if stamp.exists() and stamp.read_text() == digest:
        return
    with step("Berkas statis"):
        call_command(
            "collectstatic",
            interactive=False,
            verbosity=0,
            clear=True,
            ignore_patterns=UNUSED_STATIC,
        )
    stamp.write_text(digest)
    say(f"  {sum(1 for _ in (here.state / 'static').rglob('*'))} berkas")


def _static_digest(here: Places) -> str:
    digest = hashlib.sha256((here.root / "requirements.txt").read_bytes())
    for path in sorted((here.root / "static").rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(here.root)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
