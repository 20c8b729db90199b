"""The walled-off reader: a child process of its own, given bytes, answering one JSON document.

Run as a file (`python -I -B extraction.py JSON-settings`), never imported by the application: a
workbook that exhausts or breaks the parser ends this process and nothing else. Only the standard
library and python-calamine are at hand here.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import resource
import sys
from typing import Any

import python_calamine

EXIT_LOCKED = 3
EXIT_BROKEN = 4
EXIT_NO_SHEET = 5
EXIT_TOO_BIG = 6


def main() -> int:
    settings = json.loads(sys.argv[1])
    memory, seconds = settings["memory_bytes"], settings["cpu_seconds"]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        answer = read_book(sys.stdin.buffer.read(), settings)
    except python_calamine.PasswordError:
        return EXIT_LOCKED
    except (python_calamine.CalamineError, ValueError, OSError):
        return EXIT_BROKEN
    except MemoryError:
        return EXIT_TOO_BIG
    if not answer["sheets"]:
        return EXIT_NO_SHEET
    json.dump(answer, sys.stdout, ensure_ascii=True, separators=(",", ":"))
    return 0


def read_book(data: bytes, settings: dict[str, Any]) -> dict[str, Any]:
    """Every visible sheet with its first rows, or the one asked for with all of them."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    wanted, marker = settings["sheet"], settings["marker_sheet"]
    visible = [
        meta.name
        for meta in book.sheets_metadata
        if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        and meta.visible == python_calamine.SheetVisibleEnum.Visible
    ]
    names = [name for name in visible if wanted in (None, name)][: settings["max_sheets"]]
    limit = settings["max_rows"] if len(names) == 1 else settings["preview_rows"]
    sheets = [read_sheet(book.get_sheet_by_name(name), limit) for name in names]
    version = ""
    if marker in book.sheet_names:
        cells = read_sheet(book.get_sheet_by_name(marker), 1)["rows"]
        version = str(cells[0][1][-1][1]) if cells and len(cells[0][1]) > 1 else ""
    return {"sheets": sheets, "version": version}


def read_sheet(sheet: python_calamine.CalamineSheet, limit: int) -> dict[str, Any]:
    """Rows that hold anything, as [row number, [[column, value], ...]]; both from 0."""
    left = sheet.start[1] if sheet.start else 0
    rows: list[Any] = []
    complete = True
    for number, row in enumerate(sheet.iter_rows()):
        cells = [[left + i, plain(value)] for i, value in enumerate(row) if value != ""]
        if not cells:
            continue
        if len(rows) >= limit:
            complete = False
            break
        rows.append([number, cells])
    return {
        "name": sheet.name,
        "rows": rows,
        "merges": sheet.merged_cell_ranges or [],
        "complete": complete,
    }


def plain(value: Any) -> Any:
    """Text stays text; everything else carries the kind it had in the file."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return ["truth", value]
    if isinstance(value, int | float):
        return ["number", repr(value)]
    if isinstance(value, dt.datetime | dt.date):
        return ["date", value.isoformat()]
    if isinstance(value, dt.time):
        return ["time", value.isoformat()]
    return str(value)


if __name__ == "__main__":
    sys.exit(main())
