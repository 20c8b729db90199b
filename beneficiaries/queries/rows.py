"""Staged rows of a list: cells as JSON and back, with the kind each had in the file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bansos.lib.nik import looks_excel_damaged
from bansos.lib.sheets.cells import EMPTY, Cell, date_cell, number_cell, text_cell
from bansos.lib.sheets.reading import SheetRow
from beneficiaries.models import ImportRow

Packed = list[str]


def pack_cells(row: SheetRow) -> dict[str, Packed]:
    """Column position -> [kind, text]; kinds: t text, n number, d date."""
    return {str(place): _pack(cell) for place, cell in row.cells.items()}


def _pack(cell: Cell) -> Packed:
    if isinstance(cell.value, Decimal):
        return ["n", str(cell.value)]
    if isinstance(cell.value, date | datetime):
        return ["d", cell.value.isoformat()]
    return ["t", cell.text]


def unpack_cell(packed: Packed | None) -> Cell:
    """The cell as the reader gave it; an empty one for None."""
    if packed is None:
        return EMPTY
    kind, text = packed
    if kind == "n":
        return number_cell(text)
    if kind == "d":
        moment = datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
        return date_cell(moment)
    return text_cell(text)


def sheet_row(row: ImportRow) -> SheetRow:
    """A staged row as the reader gave it, for the error workbook."""
    cells = {int(place): unpack_cell(packed) for place, packed in row.values["cells"].items()}
    return SheetRow(row.row_number, cells, row.values.get("source"))


def cell_of(row: ImportRow, place: int | None) -> Cell:
    """One cell of a staged row; empty when the column is not there."""
    cells: Mapping[str, Packed] = row.values["cells"]
    return EMPTY if place is None else unpack_cell(cells.get(str(place)))


def damage_of(cell: Cell) -> tuple[str, Any] | None:
    """Why Excel can no longer be trusted with this number (code, sentence), or None."""
    if isinstance(cell.value, Decimal):
        return looks_excel_damaged(int(cell.value))
    return looks_excel_damaged(cell.text)


def data_of(row: ImportRow) -> dict[str, Any]:
    """The typed values of a checked row: as RowCheck.values, birth_date is a date or None."""
    data = dict(row.values.get("data", {}))
    born = data.get("birth_date")
    data["birth_date"] = date.fromisoformat(born) if isinstance(born, str) and born else None
    return data
