"""Where the table begins: the header row (or rows) of a sheet, whatever stands above it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bansos.lib.sheets.cells import Cell
from bansos.lib.sheets.mapping import ExpectedColumn, forms, names_of, normalise, study_headers
from bansos.lib.sheets.sources import RawRow, RawSheet

SEARCHED_ROWS = 150
# Likeness is dear to compute, so it is asked only about the first rows.
SEARCHED_BY_LIKENESS = 40
MAX_DEPTH = 3
MIN_KNOWN = 2
MIN_UNKNOWN = 3

_NUMBERING = re.compile(r"\(?\s*([0-9]{1,3})\s*[.)]?\s*(?:=.*)?")


@dataclass(frozen=True, slots=True)
class Heading:
    """The header block as positions in `RawSheet.rows`, its labels by column, how many known."""

    first: int
    last: int
    labels: dict[int, str]
    known: int


def find_heading(sheet: RawSheet, expected: Sequence[ExpectedColumn]) -> Heading | None:
    """The block of one to three rows that names the most expected columns.

    Where nothing expected is found, the first row that looks like a row of names.
    """
    known = _known_names(tuple(expected))
    best = _best_block(sheet, known)
    if best is None or not _is_enough(best):
        best = _best_by_likeness(sheet, expected) or _looks_like_names(sheet)
    return _with_merged_rows(sheet, best, known) if best else None


@lru_cache(maxsize=64)
def _known_names(expected: tuple[ExpectedColumn, ...]) -> dict[str, str]:
    """Every name to the field it stands for."""
    names: dict[str, str] = {}
    for column in expected:
        for name in names_of(column):
            names.setdefault(name, column.key)
    return names


def _best_block(sheet: RawSheet, known: dict[str, str]) -> Heading | None:
    best: tuple[float, Heading] | None = None
    for first in range(min(len(sheet.rows), SEARCHED_ROWS)):
        for last in _lasts(sheet, first):
            heading = _heading(sheet, first, last, known)
            # A deeper block must name more: titles above a header add nothing.
            score = heading.known - 0.1 * (last - first)
            if heading.known and (best is None or score > best[0]):
                best = (score, heading)
    return best[1] if best else None


def _lasts(sheet: RawSheet, first: int) -> Iterable[int]:
    """Positions a header starting at `first` may end at: rows in sequence that hold only words."""
    rows = sheet.rows
    for last in range(first, min(first + MAX_DEPTH, len(rows))):
        row = rows[last]
        if row.number - rows[first].number != last - first or is_numbering(row):
            return
        if last > first and not _only_words(row):
            return
        yield last


def _only_words(row: RawRow) -> bool:
    return not any(
        cell.was_date or cell.was_number or cell.text.isdecimal() for cell in row.cells.values()
    )


def _heading(sheet: RawSheet, first: int, last: int, known: dict[str, str]) -> Heading:
    labels = _labels(sheet, first, last, known)
    fields = {known[form] for label in labels.values() for form in forms(label) if form in known}
    return Heading(first, last, labels, len(fields))


def _labels(sheet: RawSheet, first: int, last: int, known: dict[str, str]) -> dict[int, str]:
    if first == last:
        return {column: cell.text for column, cell in sorted(sheet.rows[first].cells.items())}
    parts = _parts(sheet, first, last)
    uses = Counter(normalise(word) for words in parts.values() for word in words)
    return {column: _joined(words, known, uses) for column, words in sorted(parts.items())}


def _parts(sheet: RawSheet, first: int, last: int) -> dict[int, list[str]]:
    """Column to its words from top to bottom; a merged group title counts for its columns."""
    block = sheet.rows[first : last + 1]
    columns = sorted({column for row in block for column in row.cells})
    parts: dict[int, list[str]] = {column: [] for column in columns}
    for position, row in enumerate(block):
        below = {column for lower in block[position + 1 :] for column in lower.cells}
        spread = _spread(sheet, row, below)
        for column in columns:
            text = spread.get(column, "")
            if text and text not in parts[column]:
                parts[column].append(text)
    return {column: words for column, words in parts.items() if words}


def _spread(sheet: RawSheet, row: RawRow, below: set[int]) -> dict[int, str]:
    """Texts of a header row; a merged one is repeated over the columns that have a row below."""
    texts = {column: cell.text for column, cell in row.cells.items()}
    if sheet.merges:
        for (top, left), (_bottom, right) in sheet.merges:
            if top == row.number - 1 and left in texts:
                for column in range(left + 1, right + 1):
                    if column in below:
                        texts.setdefault(column, texts[left])
        return texts
    # Without a list of merges (ODS, CSV) a gap over a lower word belongs to the title at its left.
    carried = ""
    for column in range(min(row.cells), max([*row.cells, *below]) + 1):
        carried = texts.get(column, carried)
        if column in below and column - 1 in below:
            texts.setdefault(column, carried)
    return texts


def _joined(words: list[str], known: dict[str, str], uses: Counter[str]) -> str:
    """The name of a column under a group title: the longest wording that is known, else all.

    A word that several columns carry ("NAMA" under two groups, "ALAMAT" over three columns)
    names none of them alone.
    """
    own = [word for word in (words[-1], words[0]) if uses[normalise(word)] == 1]
    tries = [" ".join(words), " ".join(reversed(words)), *own]
    return next((text for text in tries if any(f in known for f in forms(text))), tries[0])


def _is_enough(heading: Heading) -> bool:
    """Two known names, or one in a list of two columns; a word in a title is no header."""
    return heading.known >= MIN_KNOWN or 1 < len(heading.labels) <= 2 * heading.known


def _best_by_likeness(sheet: RawSheet, expected: Sequence[ExpectedColumn]) -> Heading | None:
    best: Heading | None = None
    for position, row in enumerate(sheet.rows[:SEARCHED_BY_LIKENESS]):
        labels = {column: cell.text for column, cell in sorted(row.cells.items())}
        known = len(study_headers(list(labels.values()), expected).mapping)
        if known >= MIN_KNOWN and (best is None or known > best.known):
            best = Heading(position, position, labels, known)
    return best


def _looks_like_names(sheet: RawSheet) -> Heading | None:
    """The first row of several different words over rows that are at least nearly as wide."""
    rows = sheet.rows[:SEARCHED_ROWS]
    for position, row in enumerate(rows[:-1]):
        names = {normalise(cell.text) for cell in row.cells.values()}
        wide = len(names) >= MIN_UNKNOWN and len(names) == len(row.cells)
        if wide and _only_words(row) and len(rows[position + 1].cells) * 2 >= len(row.cells):
            labels = {column: cell.text for column, cell in sorted(row.cells.items())}
            return Heading(position, position, labels, 0)
    return None


def _with_merged_rows(sheet: RawSheet, heading: Heading, known: dict[str, str]) -> Heading:
    """A header whose cells reach down over further rows ends where they end."""
    rows = sheet.rows
    top, bottom = rows[heading.first].number - 1, rows[heading.last].number - 1
    reach = max(
        (end[0] for start, end in sheet.merges if top <= start[0] <= bottom), default=bottom
    )
    last = heading.last
    while last + 1 < len(rows) and rows[last + 1].number - 1 <= min(reach, top + MAX_DEPTH - 1):
        last += 1
    if last == heading.last:
        return heading
    return _heading(sheet, heading.first, last, known)


def is_numbering(row: RawRow) -> bool:
    """The row 1, 2, 3, ... that Indonesian forms print under the names of the columns."""
    first = row.cells[min(row.cells)]
    if first.text[0].isalpha() or _figure(first) is None:  # told of nearly every row
        return False
    numbers = []
    for _column, cell in sorted(row.cells.items()):
        figure = _figure(cell)
        if figure is None:
            return False
        numbers.append(figure)
    return (
        len(numbers) >= MIN_UNKNOWN
        and numbers[0] <= 2
        and all(later - earlier == 1 for earlier, later in zip(numbers, numbers[1:], strict=False))
    )


def _figure(cell: Cell) -> int | None:
    match = _NUMBERING.fullmatch(cell.text)
    return int(match[1]) if match and not cell.was_date else None
