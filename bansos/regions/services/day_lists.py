"""Reads a list of holidays from a workbook or CSV; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.lib.errors import BadInput
from bansos.lib.sheets.cells import cell_date
from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn, guess_mapping, normalise
from bansos.lib.sheets.reading import SheetRow, read_table
from bansos.regions.choices import Certainty, HolidayKind
from bansos.regions.services.calendar import FIRST_YEAR, LAST_YEAR, DayOff

MOST_ROWS = 400
SHOWN = 5
COLUMNS = (
    ExpectedColumn(
        "day", "Tanggal", ("tgl", "hari libur", "date", "tanggal libur"), True, ColumnKind.DATE
    ),
    ExpectedColumn("name", "Nama", ("nama hari libur", "keterangan", "hari raya", "libur"), True),
    ExpectedColumn("kind", "Jenis", ("jenis libur", "kategori", "kind"), True),
    ExpectedColumn("source", "Sumber", ("dasar", "skb", "source")),
    ExpectedColumn("certainty", "Kepastian", ("keadaan", "status")),
)
KINDS = {
    "libur nasional": HolidayKind.NATIONAL,
    "nasional": HolidayKind.NATIONAL,
    "cuti bersama": HolidayKind.SHARED_LEAVE,
    "libur daerah": HolidayKind.REGIONAL,
    "daerah": HolidayKind.REGIONAL,
    "lokal": HolidayKind.REGIONAL,
}
CERTAINTIES = {
    "": Certainty.ESTIMATED,
    "perkiraan": Certainty.ESTIMATED,
    "estimasi": Certainty.ESTIMATED,
    "resmi": Certainty.OFFICIAL,
    "pasti": Certainty.OFFICIAL,
}


def read_days(data: bytes, file_name: str) -> list[DayOff]:
    """The days of a list, by date. Raises BadInput naming the rows that cannot be read.

    A row without a source is sourced to the file's name.
    """
    table = read_table(data, file_name, expected=COLUMNS, max_rows=MOST_ROWS)
    mapping = guess_mapping(table.headers, COLUMNS)
    missing = [column.label for column in COLUMNS if column.required and column.key not in mapping]
    if missing:
        raise BadInput(
            "CALENDAR-COLUMNS",
            _("Kolom %(names)s tidak ditemukan. Kolom yang perlu ada: Tanggal, Nama, Jenis.")
            % {"names": ", ".join(missing)},
        )
    found: dict[date, DayOff] = {}
    wrong: list[str] = []
    for row in table.rows:
        try:
            item = _day(row, mapping, file_name)
            if item.day in found:
                raise BadInput("CALENDAR-DOUBLE", gettext_lazy("Tanggal ini ditulis dua kali."))
            found[item.day] = item
        except BadInput as error:
            wrong.append(
                _("Baris %(row)s: %(why)s") % {"row": row.row_number, "why": error.message}
            )
    if wrong:
        if len(wrong) > SHOWN:
            wrong[SHOWN:] = [_("Dan %(n)s baris lain.") % {"n": len(wrong) - SHOWN}]
        raise BadInput("CALENDAR-ROWS", " ".join(wrong))
    return [found[day] for day in sorted(found)]


def _day(row: SheetRow, mapping: Mapping[str, int], file_name: str) -> DayOff:
    def text(key: str) -> str:
        return row.cell(mapping.get(key)).text.strip()

    day = cell_date(row.cell(mapping["day"]))
    kind = KINDS.get(normalise(text("kind").replace("_", " ")))
    certainty = CERTAINTIES.get(normalise(text("certainty")))
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadInput(
            "CALENDAR-DAY", gettext_lazy("Tanggal kosong atau di luar tahun 2020 sampai 2100.")
        )
    if not text("name"):
        raise BadInput("CALENDAR-NAME", gettext_lazy("Nama hari libur belum diisi."))
    if kind is None:
        raise BadInput(
            "CALENDAR-KIND",
            gettext_lazy("Jenis harus Libur nasional, Cuti bersama, atau Libur daerah."),
        )
    if certainty is None:
        raise BadInput("CALENDAR-SURE", gettext_lazy("Kepastian harus Perkiraan atau Resmi."))
    return DayOff(day, text("name"), kind, certainty, text("source") or file_name[:150])
