"""From bytes to raw sheets: workbooks through the walled-off reader, CSV by detection."""

from __future__ import annotations

import codecs
import csv
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from bansos.lib.errors import BadInput
from bansos.lib.sheets import extraction
from bansos.lib.sheets.cells import (
    Cell,
    date_cell,
    number_cell,
    text_cell,
    time_cell,
    truth_cell,
)
from bansos.lib.sheets.guard import FileKind, broken_file, locked_file, swollen_file
from bansos.lib.sheets.hidden import hidden_columns

# What one workbook may cost: a list of 50,000 x 30 needs about a tenth of each.
MEMORY_BYTES = 1536 * 1024 * 1024
CPU_SECONDS = 20
WALL_SECONDS = 45
MAX_SHEETS = 60
PREVIEW_ROWS = 150
# Our own templates carry their version on a sheet nobody sees.
MARKER_SHEET = "_bansos"

DELIMITERS = ";,\t|"
SAMPLE_LINES = 60
# An address has a line break or two; more of them is a quote that was never closed.
MAX_LINES_IN_FIELD = 3
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class RawRow(NamedTuple):
    """A row that holds anything: its number in the file from 1, cells by column from 0."""

    number: int
    cells: dict[int, Cell]


@dataclass(frozen=True, slots=True)
class RawSheet:
    name: str
    rows: list[RawRow]
    merges: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    hidden: frozenset[int] = frozenset()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class RawBook:
    sheets: list[RawSheet]
    version: str = ""


def open_book(data: bytes, kind: FileKind, *, max_rows: int, sheet: str | None = None) -> RawBook:
    """The sheets of an inspected upload.

    A book of several sheets comes with the first rows of each (`complete` is False); ask again
    with `sheet` for all rows of one. Raises BadInput for locked, broken and exhausting files.
    """
    if kind is FileKind.CSV:
        return RawBook([_csv_sheet(data, max_rows)])
    answer = _extract(data, max_rows, sheet)
    sheets = [
        RawSheet(
            name=raw["name"],
            rows=_raw_rows(raw["rows"]),
            merges=[(tuple(start), tuple(end)) for start, end in raw["merges"]],
            hidden=hidden_columns(data, kind, raw["name"]),
            complete=raw["complete"],
        )
        for raw in answer["sheets"]
    ]
    return RawBook(sheets, answer["version"])


def _extract(data: bytes, max_rows: int, sheet: str | None) -> dict[str, Any]:
    settings = {
        "memory_bytes": MEMORY_BYTES,
        "cpu_seconds": CPU_SECONDS,
        "max_sheets": MAX_SHEETS,
        "max_rows": max_rows,
        "preview_rows": PREVIEW_ROWS,
        "marker_sheet": MARKER_SHEET,
        "sheet": sheet,
    }
    reader = Path(extraction.__file__)
    command = [sys.executable, "-I", "-B", str(reader), json.dumps(settings)]
    try:
        # The child gets no environment: it needs none, and ours holds the keys of the house.
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=WALL_SECONDS, env={}, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise swollen_file() from error
    if done.returncode == 0:
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer
    raise _failure(done.returncode, sheet)


def _failure(code: int, sheet: str | None) -> BadInput:
    if code == extraction.EXIT_LOCKED:
        return locked_file()
    if code == extraction.EXIT_NO_SHEET:
        name = sheet or _("yang terlihat")
        return BadInput(
            "lembar_tidak_ada",
            _(
                "Lembar %(name)s tidak ada di berkas ini. Tidak ada data yang berubah. "
                "Pilih lembar lain, atau tampilkan lembarnya di Excel lalu simpan."
            )
            % {"name": name},
        )
    if code < 0 or code == extraction.EXIT_TOO_BIG:
        return swollen_file()
    return broken_file()


def _raw_rows(rows: Sequence[Sequence[Any]]) -> list[RawRow]:
    made = (
        RawRow(number + 1, {column: _cell(value) for column, value in cells})
        for number, cells in rows
    )
    return [row for row in map(_without_blanks, made) if row.cells]


def _without_blanks(row: RawRow) -> RawRow:
    """Cells that hold only spaces and invisible signs are empty."""
    if all(cell.text for cell in row.cells.values()):
        return row
    return RawRow(row.number, {column: cell for column, cell in row.cells.items() if cell.text})


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return text_cell(value)
    kind, content = value
    if kind == "number":
        return number_cell(content)
    if kind == "date":
        moment = datetime.fromisoformat(content)
        return date_cell(moment if "T" in content else date.fromisoformat(content))
    if kind == "time":
        return time_cell(time.fromisoformat(content))
    return truth_cell(bool(content))


def _csv_sheet(data: bytes, max_rows: int) -> RawSheet:
    rows = list(islice(csv_rows(data), max_rows + 1))
    return RawSheet("", rows[:max_rows], complete=len(rows) <= max_rows)


def csv_rows(data: bytes) -> Iterator[RawRow]:
    """The rows of a CSV that hold anything, one at a time."""
    text = decode(data)
    first = text[: text.find("\n") + 1] or text[:80]  # not the rest, which is long
    declared = first.strip().strip('"').lower()
    skipped = 0
    if declared.startswith("sep=") and len(declared) == 5:
        delimiter, text, skipped = declared[4], text[len(first) :], 1
    else:
        delimiter = _delimiter(text)
    for number, record in enumerate(_records(text, delimiter), start=1 + skipped):
        cells = {
            column: cell
            for column, value in enumerate(record)
            if value and (cell := text_cell(value)).text
        }
        if cells:
            yield RawRow(number, cells)


def decode(data: bytes) -> str:
    """Text by its mark, else UTF-8, else what Windows in western offices writes."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace").replace("\x00", "")
    try:
        return data.decode("utf-8-sig").rstrip("\x1a")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace").rstrip("\x1a")


def _delimiter(text: str) -> str:
    """The sign that cuts the first lines into the most columns of equal number."""
    lines = "\n".join("".join(islice(_lines(text), SAMPLE_LINES)).splitlines()[:SAMPLE_LINES])

    def weight(delimiter: str) -> int:
        widths = Counter(len(record) - 1 for record in _records(lines, delimiter))
        return max((width * count for width, count in widths.items()), default=0)

    return max(DELIMITERS, key=weight)


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """Records with quotes honoured, unless a quote that never closes would swallow rows.

    Where quotes stand it is gone through twice and kept by nobody: a long file must not stand in
    memory as lists.
    """
    try:
        if '"' not in text or not _loses_rows(text, delimiter):
            yield from csv.reader(_lines(text), delimiter=delimiter)
        else:
            yield from csv.reader(text.splitlines(), delimiter=delimiter, quoting=csv.QUOTE_NONE)
    except csv.Error as error:
        raise broken_file() from error


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends; io.StringIO would keep a second copy, four times as wide."""
    return (line[0] for line in _LINE.finditer(text))


def _loses_rows(text: str, delimiter: str) -> bool:
    try:
        records = csv.reader(_lines(text), delimiter=delimiter)
        return any(field.count("\n") > MAX_LINES_IN_FIELD for row in records for field in row)
    except csv.Error:
        return True
