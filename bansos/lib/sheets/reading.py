"""Reads a list out of any workbook or CSV: finds the table, keeps what each cell was."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from django.utils.translation import gettext as _

from bansos.lib.errors import BadInput
from bansos.lib.sheets.cells import EMPTY, Cell, column_letter
from bansos.lib.sheets.guard import FileKind, inspect_upload
from bansos.lib.sheets.headings import Heading, find_heading
from bansos.lib.sheets.lines import IgnoredRow, sort_lines
from bansos.lib.sheets.mapping import (
    ColumnKind,
    ExpectedColumn,
    guess_mapping,
    normalise,
)
from bansos.lib.sheets.sources import RawRow, RawSheet, csv_rows, open_book

DEFAULT_MAX_ROWS = 50_000
# Rows of a long list that are held at once.
SLICE = 5000
# Titles, signatures and totals come on top of the rows that count.
ROWS_AROUND = 500

# The two columns our error workbook adds; they come back with the corrected file.
SOURCE_ROW_HEADER = "Baris asal"
ADVICE_HEADER = "Yang perlu diperbaiki"

_ROW_NUMBER = re.compile(r"[0-9]{1,7}")
_UNNAMED = re.compile(r"kolom [a-z]{1,3}")


class SheetRow(NamedTuple):
    """A data row: its number in the file (from 1), cells by position in `Table.headers`.

    `source_row` is the row of the first upload when this one is a corrected error workbook.
    """

    row_number: int
    cells: dict[int, Cell]
    source_row: int | None = None

    def cell(self, index: int | None) -> Cell:
        """The cell of a column; empty when the column is not there or holds nothing."""
        return self.cells.get(index, EMPTY) if index is not None else EMPTY


@dataclass(frozen=True, slots=True)
class Table:
    """A list as read. `signature` is equal for files of one layout: remember the mapping by it.

    `columns` are the sheet columns (from 0) of the headers, `hidden` the positions of headers
    whose column is hidden in the file, `ignored` the rows under the header that are no data,
    `other_sheets` further sheets with such a table that were not read.
    """

    headers: tuple[str, ...]
    rows: list[SheetRow]
    header_row: int
    sheet_name: str
    signature: str
    columns: tuple[int, ...] = ()
    hidden: frozenset[int] = frozenset()
    ignored: tuple[IgnoredRow, ...] = ()
    other_sheets: tuple[str, ...] = ()
    template_version: str = ""

    def cell_name(self, row: SheetRow, index: int) -> str:
        """The cell as Excel names it, "F12"."""
        return f"{column_letter(self.columns[index])}{row.row_number}"


def read_table(
    data: bytes,
    filename: str,
    *,
    expected: Sequence[ExpectedColumn],
    sheet: str | None = None,
    max_rows: int = DEFAULT_MAX_ROWS,
) -> Table:
    """The list in an uploaded file: its sheet, header and rows found, nothing stored.

    `expected` helps to find the header; match the columns with `mapping.study_headers`. Without
    `sheet` the sheet that names the most expected columns is read. Raises BadInput with one
    sentence for every file that cannot be read as a list (see `guard.inspect_upload`), for a
    list without header or rows, and for more than `max_rows` rows.
    """
    kind = inspect_upload(data, filename)
    limit = max_rows + ROWS_AROUND
    book = open_book(data, kind, max_rows=limit, sheet=sheet)
    found = [(raw, heading) for raw in book.sheets if (heading := find_heading(raw, expected))]
    if not found:
        raise _no_header(expected, empty=not any(raw.rows for raw in book.sheets))
    best, heading = max(found, key=lambda pair: (pair[1].known, len(pair[0].rows)))
    if not best.complete and len(book.sheets) > 1:
        book_again = open_book(data, kind, max_rows=limit, sheet=best.name)
        best = book_again.sheets[0]
    others = tuple(
        raw.name for raw, other in found if raw.name != best.name and _alike(other, heading)
    )
    table = _table(best, heading, expected, others, book.version)
    if not best.complete or len(table.rows) > max_rows:
        raise _too_many_rows(max_rows)
    if not table.rows:
        raise _no_rows(table.header_row)
    return table


def read_slices(
    data: bytes, filename: str, *, expected: Sequence[ExpectedColumn], max_rows: int
) -> Iterator[Table]:
    """The list in an uploaded file as tables of a few thousand rows that follow each other.

    What read_table() gives, in parts: only a CSV may be longer than DEFAULT_MAX_ROWS, a workbook
    is one part. Raises what read_table() raises; what was yielded by then is to be thrown away.
    """
    rows = csv_rows(data) if inspect_upload(data, filename) is FileKind.CSV else iter(())
    part, following = list(islice(rows, SLICE)), list(islice(rows, SLICE))
    if not following:
        yield read_table(
            data, filename, expected=expected, max_rows=min(max_rows, DEFAULT_MAX_ROWS)
        )
        return
    heading = find_heading(RawSheet("", part), expected)
    if heading is None:
        raise _no_header(expected, empty=False)
    head, count = part[: heading.last + 1], 0
    while part:
        if len(following) < SLICE:  # the end of the list is told by the rows before it
            part, following = [*part, *following], []
        table = _table(RawSheet("", part), heading, expected, (), "", more=bool(following))
        count += len(table.rows)
        if count > max_rows:
            raise _too_many_rows(max_rows)
        yield table
        part = [*head, *following] if following else []
        following = list(islice(rows, SLICE))
    if not count:
        raise _no_rows(head[-1].number)


def signature_of(headers: Sequence[str]) -> str:
    """A hash of the named headers in their order, blind to case, signs and abbreviations."""
    names = [name for name in map(normalise, headers) if name and not _UNNAMED.fullmatch(name)]
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()


def _alike(other: Heading, heading: Heading) -> bool:
    return other.known > 1 and other.known * 2 >= heading.known


def _table(
    sheet: RawSheet,
    heading: Heading,
    expected: Sequence[ExpectedColumn],
    others: tuple[str, ...],
    version: str,
    *,
    more: bool = False,
) -> Table:
    source, advice = _own_columns(heading)
    rows, ignored = sort_lines(sheet, heading, _kinds(heading, expected), more=more)
    columns = [column for column in sorted(heading.labels) if column not in (source, advice)]
    # Columns with content but no name come last, so that they never shift the named ones.
    columns += sorted(
        set().union(*(row.cells for row in rows)) - set(heading.labels) - {source, advice}
    )
    places = {column: position for position, column in enumerate(columns)}
    headers = tuple(_label(heading, column) for column in columns)
    return Table(
        headers=headers,
        rows=_sheet_rows(rows, places, source),
        header_row=sheet.rows[heading.last].number,
        sheet_name=sheet.name,
        signature=signature_of(headers),
        columns=tuple(columns),
        hidden=frozenset(places[column] for column in sheet.hidden if column in places),
        ignored=tuple(ignored),
        other_sheets=others,
        template_version=version,
    )


def _label(heading: Heading, column: int) -> str:
    # Not translated: the error workbook carries this name, and it must come back the same.
    return heading.labels.get(column) or f"Kolom {column_letter(column)}"


def _own_columns(heading: Heading) -> tuple[int | None, int | None]:
    """Where our error workbook put the original row number and the advice, if this is one."""
    names = {normalise(label): column for column, label in heading.labels.items()}
    source, advice = names.get(normalise(SOURCE_ROW_HEADER)), names.get(normalise(ADVICE_HEADER))
    return (source, advice) if source is not None and advice is not None else (None, None)


def _kinds(heading: Heading, expected: Sequence[ExpectedColumn]) -> dict[int, ColumnKind]:
    columns = sorted(heading.labels)
    labels = [heading.labels[column] for column in columns]
    fields = {column.key: column for column in expected}
    kinds = {
        columns[place]: fields[key].kind for key, place in guess_mapping(labels, expected).items()
    }
    for column, label in heading.labels.items():
        if normalise(label) in {"nomor", "nomor urut", "urut"}:
            kinds.setdefault(column, ColumnKind.ORDINAL)
    return kinds


def _sheet_rows(
    rows: Sequence[RawRow], places: dict[int, int], source: int | None
) -> list[SheetRow]:
    if source is None and all(column == place for column, place in places.items()):
        return [SheetRow(row.number, row.cells) for row in rows]  # every cell stays where it is
    return [_sheet_row(row, places, source) for row in rows]


def _sheet_row(row: RawRow, places: dict[int, int], source: int | None) -> SheetRow:
    cells = {places[column]: cell for column, cell in row.cells.items() if column in places}
    origin = row.cells[source].text if source is not None and source in row.cells else ""
    return SheetRow(row.number, cells, int(origin) if _ROW_NUMBER.fullmatch(origin) else None)


def _no_header(expected: Sequence[ExpectedColumn], *, empty: bool) -> BadInput:
    if empty:
        return BadInput(
            "berkas_kosong",
            _("Berkas ini tidak berisi data. Tidak ada data yang berubah. Pilih berkas lain."),
        )
    wanted = ", ".join(column.label for column in expected if column.required)
    return BadInput(
        "judul_kolom_tidak_ditemukan",
        _(
            "Baris judul kolom tidak ditemukan. Tidak ada data yang berubah. "
            "Beri satu baris judul di atas data%(wanted)s, lalu unggah lagi."
        )
        % {"wanted": f" ({wanted})" if wanted else ""},
    )


def _no_rows(header_row: int) -> BadInput:
    return BadInput(
        "baris_tidak_ada",
        _(
            "Tidak ada baris data di bawah judul kolom (baris %(row)d). "
            "Tidak ada data yang berubah. Isi daftarnya, lalu unggah lagi."
        )
        % {"row": header_row},
    )


def _too_many_rows(max_rows: int) -> BadInput:
    limit = f"{max_rows:,}".replace(",", ".")
    return BadInput(
        "baris_terlalu_banyak",
        _(
            "Berkas ini berisi lebih dari %(limit)s baris. Tidak ada data yang berubah. "
            "Pisahkan menjadi beberapa berkas, misalnya satu berkas per kecamatan."
        )
        % {"limit": limit},
    )
