"""Letters and files of programmes: bytes out of dataclasses, no writes."""

from __future__ import annotations

from programs.documents.annex import AnnexData, AnnexLine, render_annex_pdf
from programs.documents.annex_sheet import render_annex_xlsx
from programs.documents.record import RecordData, RecordLine, render_record

__all__ = [
    "AnnexData",
    "AnnexLine",
    "RecordData",
    "RecordLine",
    "render_annex_pdf",
    "render_annex_xlsx",
    "render_record",
]
