"""Lists as they arrive: built by hand, in every shape the guard and the reader must face."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape

import msoffcrypto
import xlsxwriter
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile
from xlwt.CompoundDoc import XlsDoc

Rows = Sequence[Sequence[Any]]

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


def xlsx(rows: Rows, *, dress: Callable[[Any, Any], None] | None = None, **sheets: Rows) -> bytes:
    """A workbook with sheet "Data" and further sheets by name; `dress(book, sheet)` decorates."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for name, content in {"Data": rows, **sheets}.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(content):
            for column, value in enumerate(row):
                if isinstance(value, date | datetime):
                    sheet.write_datetime(number, column, value, day)
                elif isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write(number, column, value)
    if dress is not None:
        dress(book, book.get_worksheet_by_name("Data"))
    book.close()
    return target.getvalue()


def xls(rows: Rows) -> bytes:
    """The same in the format of 1997."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Data")
    day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, date):
                sheet.write(number, column, value, day)
            elif value is not None:
                sheet.write(number, column, value)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def locked_xls(rows: Rows) -> bytes:
    """An .xls whose stream says that the rest is encrypted (record FILEPASS after the start)."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Data")
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(number, column, str(value))
    stream = book.get_biff_data()
    start = 4 + struct.unpack_from("<H", stream, 2)[0]
    password = struct.pack("<HHHHH", 0x2F, 6, 0, 0x1234, 0x5678)
    target = io.BytesIO()
    XlsDoc().save(target, stream[:start] + password + stream[start:])
    return target.getvalue()


def ods(rows: Rows, *, columns: str = "", extra: dict[str, str] | None = None) -> bytes:
    """An OpenDocument sheet as bare XML; `columns` are its table-column elements."""
    lines = "".join(
        f"<table:table-row>{''.join(_ods_cell(value) for value in row)}</table:table-row>"
        for row in rows
    )
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
        '<office:body><office:spreadsheet><table:table table:name="Data">'
        f"{columns}{lines}"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": content,
        "META-INF/manifest.xml": (
            "<manifest:manifest"
            ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="/"'
            ' manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
            "</manifest:manifest>"
        ),
    }
    return zipped({**parts, **(extra or {})})


def _ods_cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, date):
        return (
            f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}">'
            f"<text:p>{value.isoformat()}</text:p></table:table-cell>"
        )
    if isinstance(value, int | float):
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )
    return (
        '<table:table-cell office:value-type="string">'
        f"<text:p>{escape(str(value))}</text:p></table:table-cell>"
    )


def csv_text(rows: Iterable[Sequence[str]], delimiter: str = ";") -> str:
    return "\r\n".join(delimiter.join(row) for row in rows) + "\r\n"


def zipped(parts: dict[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def parts_of(data: bytes) -> dict[str, str | bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_parts(data: bytes, **changes: str | bytes) -> bytes:
    """The same package with parts added or replaced ("/" written as "__")."""
    named = {name.replace("__", "/"): content for name, content in changes.items()}
    return zipped({**parts_of(data), **named})


def with_sheet_xml(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    parts = parts_of(data)
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert isinstance(sheet, bytes)
    return zipped({**parts, "xl/worksheets/sheet1.xml": change(sheet)})


def locked(data: bytes, password: str = "rahasia") -> bytes:
    target = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, target)
    assert msoffcrypto.OfficeFile(io.BytesIO(target.getvalue())).is_encrypted()
    return target.getvalue()


def million_rows(rows: Rows) -> bytes:
    """A list whose sheet was coloured to its last row: styled, empty rows to 1,048,576."""

    def colour(sheet: bytes) -> bytes:
        styled = b"".join(
            b'<row r="%d" s="0" customFormat="1"><c r="A%d" s="0"/></row>' % (row, row)
            for row in range(len(rows) + 1, 1_048_577)
        )
        return sheet.replace(b"</sheetData>", styled + b"</sheetData>").replace(
            b'<dimension ref="A1', b'<dimension ref="A1:XFD1048576" x="A1'
        )

    return with_sheet_xml(xlsx(rows), colour)


def bomb() -> bytes:
    """A sheet of 100 MB of nothing in a file of 100 KB."""

    def swell(sheet: bytes) -> bytes:
        return sheet.replace(b"</sheetData>", b" " * 100_000_000 + b"</sheetData>")

    return with_sheet_xml(xlsx([["NIK"], ["1"]]), swell)
