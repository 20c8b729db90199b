"""Compiles the translations (.po to .mo) without the gettext programs."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bansos.launcher.console import Stopped, step
from bansos.launcher.places import Places

COMPILE = "import sys, polib; polib.pofile(sys.argv[1]).save_as_mofile(sys.argv[2])"


def compile_stale(places: Places) -> None:
    """Writes each locale/*/LC_MESSAGES/*.mo that is missing or older than its .po."""
    for source in stale(places.root):
        with step(f"Terjemahan {source.relative_to(places.root)}"):
            part = source.with_suffix(".part")
            command = [str(places.python), "-c", COMPILE, str(source), str(part)]
            if subprocess.run(command, check=False).returncode:
                raise Stopped(f"{source} tidak dapat dibaca.")
            part.replace(source.with_suffix(".mo"))


def stale(root: Path) -> list[Path]:
    """The .po files whose .mo is not up to date."""
    return [
        source
        for source in sorted(root.glob("locale/*/LC_MESSAGES/*.po"))
        if not source.with_suffix(".mo").exists()
        or source.with_suffix(".mo").stat().st_mtime < source.stat().st_mtime
    ]
