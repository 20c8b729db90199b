"""`make bench`: every measurement, one line each; a missed bar is said, not hidden."""

from __future__ import annotations

import os
import platform

import django


def main() -> None:
    """Print the table."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bansos.settings.dev")
    django.setup()
    from bench import files, reports

    print(f"{platform.machine()}, {os.cpu_count()} inti, Python {platform.python_version()}")
    print("| ukuran | kita | acuan | nisbah | batas | hasil | puncak memori |")
    print("|---|---:|---:|---:|---:|---|---:|")
    for row in (reports.annex(), files.read_workbook(), *files.bank_files()):
        print(row.line(), flush=True)


if __name__ == "__main__":
    main()
