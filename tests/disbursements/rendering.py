"""Renders a bank list many times in a process of its own; prints the hashes it saw.

`python -m tests.disbursements.rendering TIMES` reads a pickled (BankList, layouts) from standard
input; `layouts` maps names to disbursements.documents.layout_files.LayoutSpec.
"""

from __future__ import annotations

import json
import locale
import pickle
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import django


def hashes(
    bank_list: Any, times: int, layouts: Mapping[str, Any] | None = None
) -> dict[str, list[str]]:
    """Format or layout -> the different hashes, in turning language and time zone."""
    from django.utils import timezone, translation

    from disbursements.documents import bank_files
    from disbursements.documents.layout_files import render_layout

    renders: dict[str, Callable[[Any], bytes]] = {
        "csv": bank_files.render_csv,
        "xlsx": bank_files.render_xlsx,
        "pain001": bank_files.render_pain001,
        "pain001_03": bank_files.render_pain001_03,
    }
    for name, spec in (layouts or {}).items():
        renders[name] = lambda whole, spec=spec: render_layout(spec, whole)
    found: dict[str, set[str]] = {name: set() for name in renders}
    for turn in range(times):
        zone = ("Asia/Jakarta", "Asia/Makassar", "UTC", "America/Santiago")[turn % 4]
        with translation.override(("id", "en")[turn % 2]), timezone.override(zone):
            for name, render in renders.items():
                same = replace(bank_list)  # a fresh object: nothing kept from the last turn
                found[name].add(bank_files.fingerprint(render(same)))
    return {name: sorted(rows) for name, rows in found.items()}


def locale_words() -> str:
    """The locale that is in force, by what it does: its decimal sign, a month, an upper case."""
    number = locale.localeconv()["decimal_point"]
    return f"{number} {locale.nl_langinfo(locale.MON_8)} {locale.setlocale(locale.LC_ALL)}"


if __name__ == "__main__":
    # The process takes the locale of its environment, as a worker started by a shell may.
    locale.setlocale(locale.LC_ALL, "")
    django.setup()
    given, specs = pickle.load(sys.stdin.buffer)
    seen = hashes(given, int(sys.argv[1]), specs)
    sys.stdout.write(json.dumps({"hashes": seen, "locale": locale_words()}))
