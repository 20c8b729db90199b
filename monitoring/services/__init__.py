"""Writes of monitoring."""

from __future__ import annotations

from monitoring.services.references import ReferenceValues, save_reference
from monitoring.services.reports import (
    KIND,
    STEPS,
    archive,
    figures_of,
    issue_pdf,
    issue_workbook,
    request_report,
    store_figures,
    store_pictures,
    subject_of,
    title_of,
)

__all__ = [
    "KIND",
    "STEPS",
    "ReferenceValues",
    "archive",
    "figures_of",
    "issue_pdf",
    "issue_workbook",
    "request_report",
    "save_reference",
    "store_figures",
    "store_pictures",
    "subject_of",
    "title_of",
]
