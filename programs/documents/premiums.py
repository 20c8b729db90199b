"""The list of a month for an insurer as CSV and XLSX: the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bansos.lib.sheets.writing import csv_bytes, table_workbook

GENERIC = "Format umum, bukan antarmuka resmi BPJS"
HEADERS = (
    *("NO", "NIK", "NAMA", "TANGGAL LAHIR", "JENIS KELAMIN", "KODE WILAYAH", "ALAMAT"),
    *("PERUBAHAN", "BULAN"),
)
NIK_COLUMN = 1


@dataclass(frozen=True)
class PremiumRow:
    """One person of the list."""

    nik: str
    name: str
    birth_date: date | None
    sex: str
    area_code: str
    address: str
    change: str


def _cells(rows: Sequence[PremiumRow], month: date) -> list[tuple[str | int | date | None, ...]]:
    return [
        (
            *(number, row.nik, row.name, row.birth_date, row.sex, row.area_code, row.address),
            *(row.change, f"{month:%m-%Y}"),
        )
        for number, row in enumerate(rows, start=1)
    ]


def premium_csv(rows: Sequence[PremiumRow], *, month: date) -> bytes:
    """UTF-8, semicolons; the first line says that the format is nobody's official one."""
    head = "\ufeff# " + GENERIC + "\r\n"
    return head.encode() + csv_bytes(HEADERS, _cells(rows, month), bom=False)


def premium_xlsx(rows: Sequence[PremiumRow], *, month: date, title: str) -> bytes:
    """The same as a workbook."""
    return table_workbook(
        HEADERS, _cells(rows, month), title=title, subtitle=GENERIC, text_columns=(NIK_COLUMN,)
    )
