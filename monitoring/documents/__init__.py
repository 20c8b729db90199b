"""What monitoring shows and prints: tables, pictures, sentences, the PDF and the workbook."""

from __future__ import annotations

from monitoring.documents.exhibits import Exhibit, Links, exhibits
from monitoring.documents.grids import Grid, grids
from monitoring.documents.letter import ReportPaper, render_report
from monitoring.documents.words import summary
from monitoring.documents.workbook import render_workbook

__all__ = [
    "Exhibit",
    "Grid",
    "Links",
    "ReportPaper",
    "exhibits",
    "grids",
    "render_report",
    "render_workbook",
    "summary",
]
