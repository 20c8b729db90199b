"""Filters of the report archive, the reference figures and the treasurers' lists."""

from __future__ import annotations

from monitoring.filters.reports import ReferenceFilter, ReportFilter

__all__ = ["ReferenceFilter", "ReportFilter"]
