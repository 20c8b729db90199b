"""The columns of people that every list may carry, with the headers offices really use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn

# Headers are words of files, not of the screen: they are not translated.
PEOPLE = {
    column.key: column
    for column in (
        ExpectedColumn("no", "NO", ("NO URUT", "NOMOR"), kind=ColumnKind.ORDINAL),
        ExpectedColumn(
            "nik",
            "NIK",
            ("NO KTP", "NOMOR KTP", "NO NIK", "NOMOR INDUK KEPENDUDUKAN", "NIK KTP"),
            required=True,
            kind=ColumnKind.DIGITS,
        ),
        ExpectedColumn(
            "name",
            "NAMA",
            ("NAMA LENGKAP", "NAMA PENERIMA", "NAMA LANSIA", "NAMA KPM", "NAMA LGKP"),
            required=True,
        ),
        ExpectedColumn(
            "kk",
            "NO KK",
            ("NOMOR KK", "KK", "NO KARTU KELUARGA", "NOMOR KARTU KELUARGA"),
            kind=ColumnKind.DIGITS,
        ),
        ExpectedColumn(
            "family_head", "NAMA KEPALA KELUARGA", ("KEPALA KELUARGA", "NAMA PENGURUS", "PENGURUS")
        ),
        ExpectedColumn(
            "relation",
            "HUBUNGAN KELUARGA",
            ("HUBUNGAN", "STAT HBKEL", "SHDK", "STATUS HUBUNGAN", "STATUS DALAM KELUARGA"),
        ),
        ExpectedColumn("mother_name", "NAMA IBU KANDUNG", ("IBU KANDUNG", "NAMA LGKP IBU")),
        ExpectedColumn("birth_place", "TEMPAT LAHIR", ("TMPT LHR",)),
        ExpectedColumn(
            "birth_date", "TANGGAL LAHIR", ("TGL LAHIR", "TGL LHR"), kind=ColumnKind.DATE
        ),
        ExpectedColumn(
            "sex",
            "JENIS KELAMIN",
            ("JK", "L/P", "KELAMIN", "JENIS KLMIN", "SEX"),
            kind=ColumnKind.CHOICE,
        ),
        ExpectedColumn("address", "ALAMAT", ("ALAMAT LENGKAP", "ALAMAT RUMAH")),
        ExpectedColumn(
            "village",
            "DESA/KELURAHAN",
            ("KELURAHAN", "DESA", "KELURAHAN/DESA", "KEL/DESA", "NAMA DESA", "NAMA KELURAHAN"),
        ),
        ExpectedColumn("district", "KECAMATAN", ("NAMA KECAMATAN",)),
        ExpectedColumn(
            "regency",
            "KABUPATEN/KOTA",
            ("KABUPATEN", "KAB/KOTA", "KOTA", "NAMA KABUPATEN"),
        ),
        ExpectedColumn(
            "region_code",
            "KODE WILAYAH",
            ("KODE DESA", "KODE KELURAHAN", "KODE DESA/KELURAHAN", "ID DESA"),
            kind=ColumnKind.DIGITS,
        ),
        ExpectedColumn(
            "phone", "NO HP", ("NOMOR HP", "TELEPON", "NO TELEPON", "HP"), kind=ColumnKind.DIGITS
        ),
        ExpectedColumn(
            "account",
            "NO REKENING",
            ("NOMOR REKENING", "REKENING", "NO REK BANK", "NO REK BANK JATIM", "NOREK"),
            kind=ColumnKind.DIGITS,
        ),
        ExpectedColumn("note", "KETERANGAN", ("CATATAN",)),
    )
}
# Keys whose cells hold a number that Excel may have damaged.
NUMBER_KEYS = ("nik", "kk", "account", "payee_account")


def people_columns(*keys: str, **changes: Mapping[str, Any]) -> tuple[ExpectedColumn, ...]:
    """Columns by key in this order; `changes` gives other attributes per key.

    people_columns("nik", "name", nik={"label": "NIK LANSIA", "synonyms": ("NIK",)})
    """
    columns = []
    for key in keys or PEOPLE:
        column, change = PEOPLE[key], dict(changes.get(key, {}))
        if "label" in change:
            names = (*change.get("synonyms", ()), column.label, *column.synonyms)
            change["synonyms"] = tuple(name for name in names if name != change["label"])
        columns.append(replace(column, **change))
    return tuple(columns)
