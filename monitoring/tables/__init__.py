"""Lists of monitoring: reports, reference figures, what treasurers ask for."""

from __future__ import annotations

from monitoring.tables.reports import ReferenceList, ReportList, period_words, report_word

__all__ = ["ReferenceList", "ReportList", "period_words", "report_word"]
