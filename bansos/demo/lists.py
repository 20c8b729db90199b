"""The regency's spreadsheet as the guide lays it out, and the list of replacements."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from bansos.demo.places import villages_of
from bansos.demo.population import Population, Row, Soul, plant
from bansos.lib.dates import age_on, long_date

SHARE_OF_DEFECTS = 33  # one row in 33 is spoilt, as audits find (about 3 %)
FIRST_STAGE = date(2026, 3, 1)
HEADERS = (
    *("NO", "NO DTKS", "NO PKH", "NAMA PENGURUS", "NAMA LANSIA", "NIK LANSIA", "NO KK"),
    *("NAMA IBU KANDUNG", "TEMPAT LAHIR", "TANGGAL LAHIR", "UMUR", "JENIS KELAMIN", "ALAMAT"),
    *("KELURAHAN", "KECAMATAN", "KABUPATEN", "NO REK BANK JATIM", "NAMA PENDAMPING"),
)
WIDTHS = (5, 18, 18, 20, 24, 19, 19, 20, 14, 14, 7, 9, 34, 18, 16, 18, 19, 20)
TITLE_ROWS = 5
MADE_ON = datetime(2026, 2, 2, 8, 0)  # noqa: DTZ001  xlsxwriter wants the stamp without a zone


@dataclass(frozen=True)
class RegencyList:
    """The list of a regency as it arrives, and the people it sends instead of those refused."""

    regency_code: str
    regency: str
    rows: tuple[Row, ...]
    replacements: tuple[Soul, ...]

    def row_at(self, row_number: int) -> Row:
        """The row that stands in this line of the sheet (counted from 1)."""
        return self.rows[row_number - TITLE_ROWS - 3]

    @property
    def souls(self) -> list[Soul]:
        """Everybody in both lists, once, as they truly are."""
        people = [row.remedy or row.soul for row in self.rows if row.defect != "duplicate_in_file"]
        return [*people, *self.replacements]


def make_list(population: Population, regency_code: str, *, size: int) -> RegencyList:
    """`size` elders of a regency, about 3 % of the rows spoilt (at least one of each kind).

    There are as many replacements as rows that have to go, so that `size` people remain.
    """
    villages = villages_of(regency_code)
    spoilt = max(10, size // SHARE_OF_DEFECTS)
    good = population.elders(size - spoilt, villages, on=FIRST_STAGE)
    bad = plant(population, good, spoilt, on=FIRST_STAGE)
    gone = sum(row.remedy is None for row in bad)
    rows = sorted([*map(Row, good), *bad], key=_order)
    return RegencyList(
        regency_code=regency_code,
        regency=villages[0].regency,
        rows=tuple(rows),
        replacements=tuple(
            sorted(population.elders(gone, villages, on=FIRST_STAGE), key=_home_and_name)
        ),
    )


def _home_and_name(soul: Soul) -> tuple[str, str, str]:
    return (soul.village.code, soul.name, soul.nik)


def _order(row: Row) -> tuple[bool, str, str, str]:
    # What leans on another row stands behind it: the earlier row is the good one.
    return (row.defect in {"duplicate_in_file", "second_elder"}, *_home_and_name(row.soul))


def workbook(regency: str, rows: Sequence[Row], *, heading: str, province: str) -> bytes:
    """The sheet in the guide's layout: titles, Lampiran 1, column numbers, rows, signatures."""
    target = io.BytesIO()
    book = Workbook(target, {"strings_to_numbers": False, "strings_to_formulas": False})
    book.set_properties({"created": MADE_ON, "title": heading})
    sheet = book.add_worksheet("Lampiran 1")
    styles = {
        "title": book.add_format({"bold": True, "align": "center"}),
        "head": book.add_format(
            {"bold": True, "border": 1, "text_wrap": True, "align": "center", "valign": "vcenter"}
        ),
        "cell": book.add_format({"border": 1, "num_format": "@"}),
        "date": book.add_format({"border": 1, "num_format": "dd-mm-yyyy"}),
        "number": book.add_format({"border": 1, "num_format": "0"}),
    }
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width)
    _titles(sheet, regency, heading, province, styles)
    for place, header in enumerate(HEADERS):
        sheet.write_string(TITLE_ROWS, place, header, styles["head"])
        sheet.write_number(TITLE_ROWS + 1, place, place + 1, styles["head"])
    for number, row in enumerate(rows, start=1):
        _row(sheet, TITLE_ROWS + 1 + number, number, row, styles)
    _signatures(sheet, TITLE_ROWS + len(rows) + 4, regency)
    sheet.freeze_panes(TITLE_ROWS + 2, 0)
    book.close()
    return target.getvalue()


def _titles(
    sheet: Worksheet, regency: str, heading: str, province: str, styles: dict[str, Any]
) -> None:
    lines = (
        "LAMPIRAN 1",
        heading.upper(),
        f"{regency.upper()}, {province.upper()}",
        "TAHUN ANGGARAN 2026",
    )
    for number, line in enumerate(lines):
        sheet.merge_range(number, 0, number, len(HEADERS) - 1, line, styles["title"])


def _row(sheet: Worksheet, line: int, number: int, row: Row, styles: dict[str, Any]) -> None:
    soul = row.soul
    cell, whole = styles["cell"], styles["number"]
    sheet.write_number(line, 0, number, whole)
    texts = {
        1: f"3519{soul.kk[6:]}{number % 100:02d}",
        2: f"{soul.kk[:6]}{number:08d}",
        3: soul.head_name,
        4: soul.name,
        6: soul.kk,
        7: soul.mother_name,
        8: soul.birth_place,
        11: soul.sex,
        12: soul.address,
        13: soul.village.name,
        14: soul.village.district,
        15: soul.village.regency,
        16: soul.account,
        17: soul.companion,
    }
    for place, text in texts.items():
        sheet.write_string(line, place, text, cell)
    if row.nik_as_number:
        sheet.write_number(line, 5, int(soul.nik), whole)
    else:
        sheet.write_string(line, 5, soul.nik, cell)
    if number % 10 == 0:
        # Some companions type the date in words.
        sheet.write_string(line, 9, long_date(soul.birth_date), cell)
    else:
        sheet.write_datetime(line, 9, soul.birth_date, styles["date"])
    sheet.write_number(line, 10, age_on(soul.birth_date, FIRST_STAGE), whole)


def _signatures(sheet: Worksheet, line: int, regency: str) -> None:
    sheet.write_string(line, 12, f"{regency.split(' ', 1)[1]}, 2 Februari 2026")
    sheet.write_string(line + 1, 2, "Mengetahui,")
    sheet.write_string(line + 1, 12, "Koordinator PKH Plus")
    sheet.write_string(line + 2, 2, f"Kepala Dinas Sosial {regency}")
    sheet.write_string(line + 6, 2, "(........................................)")
    sheet.write_string(line + 6, 12, "(........................................)")
