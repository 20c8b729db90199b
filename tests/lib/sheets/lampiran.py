"""The columns of the guide's "Lampiran 1" (PKH Plus proposal), and a small list in its layout."""

from __future__ import annotations

from datetime import date
from typing import Any

from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn

LAMPIRAN_1 = (
    ExpectedColumn("no", "NO", ("NO URUT",), kind=ColumnKind.ORDINAL),
    ExpectedColumn("dtks", "NO DTKS", ("ID DTKS", "NOMOR DTSEN"), kind=ColumnKind.DIGITS),
    ExpectedColumn("pkh", "NO PKH", ("NO PESERTA PKH",), kind=ColumnKind.DIGITS),
    ExpectedColumn("caretaker", "NAMA PENGURUS", ("PENGURUS",)),
    ExpectedColumn("name", "NAMA LANSIA", ("NAMA", "NAMA PENERIMA"), required=True),
    ExpectedColumn(
        "nik",
        "NIK LANSIA",
        ("NIK", "NO KTP", "NOMOR INDUK KEPENDUDUKAN"),
        required=True,
        kind=ColumnKind.DIGITS,
    ),
    ExpectedColumn("mother", "NAMA IBU KANDUNG", ("IBU KANDUNG",)),
    ExpectedColumn("birth_place", "TEMPAT LAHIR"),
    ExpectedColumn("birth_date", "TANGGAL LAHIR", ("TGL LAHIR",), kind=ColumnKind.DATE),
    ExpectedColumn("age", "UMUR", ("USIA",), kind=ColumnKind.NUMBER),
    ExpectedColumn("sex", "JENIS KELAMIN", ("JK", "L/P"), kind=ColumnKind.CHOICE),
    ExpectedColumn("address", "ALAMAT", ("ALAMAT LENGKAP",)),
    ExpectedColumn("village", "KELURAHAN", ("DESA/KELURAHAN", "DESA", "KEL/DESA")),
    ExpectedColumn("district", "KECAMATAN"),
    ExpectedColumn("regency", "KABUPATEN", ("KABUPATEN/KOTA",)),
    ExpectedColumn(
        "account", "NO REK BANK JATIM", ("NO REKENING", "REKENING"), kind=ColumnKind.DIGITS
    ),
    ExpectedColumn("companion", "NAMA PENDAMPING", ("PENDAMPING",)),
)

HEADERS = [column.label for column in LAMPIRAN_1]


def person(number: int, **changes: Any) -> list[Any]:
    """One row in the order of the guide; the values are made up and distinct by `number`."""
    row: dict[str, Any] = {
        "no": number,
        "dtks": f"3519{number:012d}",
        "pkh": f"351907{number:09d}",
        "caretaker": f"Suparno {number}",
        "name": f"Sumarni {number}",
        "nik": f"351907410850{number:04d}",
        "mother": f"Tukiyem {number}",
        "birth_place": "Madiun",
        "birth_date": date(1950, 8, 1),
        "age": 75,
        "sex": "P",
        "address": f"Jl. Melati {number}, RT 01/RW 02",
        "village": "Mejayan",
        "district": "Mejayan",
        "regency": "Madiun",
        "account": f"00{number:08d}",
        "companion": "Rini",
    }
    return list({**row, **changes}.values())


def people(count: int) -> list[list[Any]]:
    return [person(number) for number in range(1, count + 1)]
