"""Which columns of a sheet are hidden: kept when reading, but the officer is told."""

from __future__ import annotations

import io
import re
import zipfile
from posixpath import join, normpath
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bansos.lib.sheets.guard import ZIP_FAULTS, FileKind

# Column settings stand before the rows; nothing beyond these bytes is looked at.
HEAD_BYTES = 2 * 1024 * 1024
MAX_COLUMN = 1_000

_XLSX_COLUMN = re.compile(r"<(?:\w+:)?col\s([^>]*)>")
_ODS_COLUMN = re.compile(r"<table:table-column([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w:-]+)="([^"]*)"')
_SHEET_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def hidden_columns(data: bytes, kind: FileKind, sheet: str) -> frozenset[int]:
    """Column numbers from 0 in XLSX and ODS; .xls says it in a way not worth reading."""
    if kind not in (FileKind.XLSX, FileKind.ODS):
        return frozenset()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if kind is FileKind.ODS:
            return _hidden_in_ods(_head(archive, "content.xml"), sheet)
        part = _sheet_part(archive, sheet)
        return _hidden_in_xlsx(_head(archive, part)) if part else frozenset()


def _head(archive: zipfile.ZipFile, name: str) -> str:
    if name not in archive.namelist():
        return ""
    try:
        with archive.open(name) as part:
            return part.read(HEAD_BYTES).decode("utf-8", errors="replace")
    except ZIP_FAULTS:
        return ""


def _sheet_part(archive: zipfile.ZipFile, sheet: str) -> str:
    """The part of the package that holds a sheet, by the workbook's own table of relations."""
    try:
        book = fromstring(_head(archive, "xl/workbook.xml").encode())
        relations = fromstring(_head(archive, "xl/_rels/workbook.xml.rels").encode())
    except (ParseError, DefusedXmlException):
        return ""
    targets = {item.get("Id"): item.get("Target", "") for item in relations}
    for item in book.iter():
        if item.tag.endswith("}sheet") and item.get("name") == sheet:
            target = targets.get(item.get(_SHEET_ID), "")
            return target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
    return ""


def _hidden_in_xlsx(head: str) -> frozenset[int]:
    found: set[int] = set()
    for match in _XLSX_COLUMN.finditer(re.split(r"<(?:\w+:)?sheetData", head, maxsplit=1)[0]):
        attributes = dict(_ATTRIBUTE.findall(match[1]))
        if attributes.get("hidden") in ("1", "true"):
            first, last = _number(attributes.get("min")), _number(attributes.get("max"))
            found.update(range(first - 1, min(last, MAX_COLUMN)))
    return frozenset(found)


def _hidden_in_ods(head: str, sheet: str) -> frozenset[int]:
    tables = head.split("<table:table ")[1:]
    found: set[int] = set()
    for table in tables:
        opening, _sign, body = table.partition(">")
        if dict(_ATTRIBUTE.findall(opening)).get("table:name") != sheet:
            continue
        column = 0
        for match in _ODS_COLUMN.finditer(body.split("<table:table-row", 1)[0]):
            attributes = dict(_ATTRIBUTE.findall(match[1]))
            count = _number(attributes.get("table:number-columns-repeated", "1"))
            if attributes.get("table:visibility") in ("collapse", "filter"):
                found.update(range(column, min(column + count, MAX_COLUMN)))
            column += count
    return frozenset(found)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 1
