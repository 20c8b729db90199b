"""Corrects the error workbook as the officer of a regency would: mend, keep, or strike rows."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

from xlsxwriter import Workbook

from bansos.demo.lists import RegencyList
from bansos.demo.population import Soul
from bansos.lib.sheets.reading import (
    ADVICE_HEADER,
    SOURCE_ROW_HEADER,
    SheetRow,
    Table,
    read_table,
)
from programs.models import ProgrammeVersion
from programs.services.list_columns import columns_of

NIK, VILLAGE, ACCOUNT = "NIK LANSIA", "KELURAHAN", "NO REK BANK JATIM"


def mend(errors: bytes, madiun: RegencyList, version: ProgrammeVersion) -> tuple[bytes, int]:
    """The workbook to send again and how many rows it holds.

    Mended are broken NIK, villages and accounts; kept as they are the rows that only suffered
    from another one; struck those that no correction saves.
    """
    table = read_table(errors, "perbaikan.xlsx", expected=columns_of(version))
    rows = [(row, remedy) for row in table.rows if (remedy := _remedy(row, madiun)) is not None]
    return _workbook(table, rows), len(rows)


def _remedy(row: SheetRow, madiun: RegencyList) -> Soul | None:
    planted = madiun.row_at(row.source_row or row.row_number)
    return planted.remedy if planted.defect else planted.soul


def _workbook(table: Table, rows: list[tuple[SheetRow, Soul]]) -> bytes:
    target = io.BytesIO()
    book = Workbook(target, {"strings_to_numbers": False, "strings_to_formulas": False})
    sheet = book.add_worksheet("Perbaiki")
    text = book.add_format({"num_format": "@"})
    dated = book.add_format({"num_format": "dd/mm/yyyy"})
    for place, name in enumerate((SOURCE_ROW_HEADER, *table.headers, ADVICE_HEADER)):
        sheet.write_string(0, place, name)
    for line, (row, soul) in enumerate(rows, start=1):
        sheet.write_number(line, 0, row.source_row or row.row_number)
        mended = {NIK: soul.nik, VILLAGE: soul.village.name, ACCOUNT: soul.account}
        for place, name in enumerate(table.headers):
            cell = row.cell(place)
            if name in mended:
                sheet.write_string(line, place + 1, mended[name], text)
            elif isinstance(cell.value, date):
                sheet.write_datetime(line, place + 1, cell.value, dated)
            elif isinstance(cell.value, Decimal):
                sheet.write_number(line, place + 1, cell.value)
            else:
                sheet.write_string(line, place + 1, cell.text, text)
    book.close()
    return target.getvalue()
