"""The annex of a decree as a workbook: the rows of the PDF, a total, and the sums by district."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from xlsxwriter import Workbook

from bansos.lib.dates import long_date
from programs.documents.annex import AnnexData

# A fixed stamp: the same decree gives the same bytes.
MADE_ON = datetime(2000, 1, 1)  # noqa: DTZ001
MONEY = "#,##0.00"
HEADS = (
    ("No", 6),
    ("Nama", 32),
    ("NIK (tersamar)", 20),
    ("L/P", 6),
    ("Alamat", 44),
    ("Desa/Kelurahan", 22),
    ("Kecamatan", 20),
    ("Kabupaten/Kota", 22),
    ("Besaran setahun", 18),
)


def render_annex_xlsx(data: AnnexData) -> bytes:
    """The annex as XLSX bytes; texts are written as texts, so no name becomes a formula."""
    target = io.BytesIO()
    book = Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": MADE_ON, "title": f"Lampiran SK {data.number}"})
    formats = {
        "title": book.add_format({"bold": True, "font_size": 13}),
        "head": book.add_format({"bold": True, "bg_color": "#E6EAEE", "border": 1}),
        "money": book.add_format({"num_format": MONEY}),
        "total": book.add_format({"bold": True, "num_format": MONEY, "top": 1}),
        "bold": book.add_format({"bold": True, "top": 1}),
    }
    _people(book, data, formats)
    _districts(book, data, formats)
    book.close()
    return target.getvalue()


def _people(book: Workbook, data: AnnexData, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet("Lampiran")
    sheet.write_string(0, 0, data.subject, formats["title"])
    sheet.write_string(1, 0, f"SK Nomor {data.number}, {long_date(data.decree_date)}")
    if data.training:
        sheet.write_string(2, 0, "MODE LATIHAN. Data rekaan.")
    head = 3
    for place, (label, width) in enumerate(HEADS):
        sheet.set_column(place, place, width)
        sheet.write_string(head, place, label, formats["head"])
    sheet.freeze_panes(head + 1, 2)
    for row, line in enumerate(data.lines, start=head + 1):
        sheet.write_number(row, 0, line.position)
        texts = (line.name, line.nik, line.sex, line.address)
        areas = (line.village, line.district, line.regency)
        for place, text in enumerate((*texts, *areas), start=1):
            sheet.write_string(row, place, text)
        sheet.write_number(row, 8, line.amount, formats["money"])
    last = head + 1 + len(data.lines)
    sheet.write_string(last, 1, f"Jumlah {len(data.lines)} {data.unit}", formats["bold"])
    sheet.write_number(last, 8, data.total, formats["total"])
    for place, note in enumerate(data.notes, start=1):
        sheet.write_string(last + place, 1, note)
    sheet.autofilter(head, 0, last - 1, len(HEADS) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(head)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&CHalaman &P dari &N")


def _districts(book: Workbook, data: AnnexData, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet("Rekapitulasi")
    heads = ((data.part, 30), (data.unit.capitalize(), 12), ("Jumlah", 20))
    for place, (label, width) in enumerate(heads):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, label, formats["head"])
    for row, (name, people, amount) in enumerate(data.districts, start=1):
        sheet.write_string(row, 0, name)
        sheet.write_number(row, 1, people)
        sheet.write_number(row, 2, amount, formats["money"])
    last = len(data.districts) + 1
    sheet.write_string(last, 0, "Jumlah", formats["bold"])
    sheet.write_number(last, 1, len(data.lines), formats["bold"])
    sheet.write_number(last, 2, data.total, formats["total"])
