"""Renders a bank list many times in a process of its own; prints the hashes it saw.

`python -m tests.disbursements.rendering TIMES` reads a pickled BankList from standard input.
"""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import django


def hashes(bank_list: Any, times: int) -> dict[str, list[str]]:
    """Format -> the different hashes of its renderings, in turning language and time zone."""
    from django.utils import timezone, translation

    from disbursements.documents import bank_files

    renders: dict[str, Callable[[Any], bytes]] = {
        "csv": bank_files.render_csv,
        "xlsx": bank_files.render_xlsx,
        "pain001": bank_files.render_pain001,
        "pain001_03": bank_files.render_pain001_03,
    }
    found: dict[str, set[str]] = {name: set() for name in renders}
    for turn in range(times):
        zone = ("Asia/Jakarta", "Asia/Makassar", "UTC", "America/Santiago")[turn % 4]
        with translation.override(("id", "en")[turn % 2]), timezone.override(zone):
            for name, render in renders.items():
                same = replace(bank_list)  # a fresh object: nothing kept from the last turn
                found[name].add(bank_files.fingerprint(render(same)))
    return {name: sorted(rows) for name, rows in found.items()}


if __name__ == "__main__":
    django.setup()
    given = pickle.load(sys.stdin.buffer)
    sys.stdout.write(json.dumps(hashes(given, int(sys.argv[1]))))
