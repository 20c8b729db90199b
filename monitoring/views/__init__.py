"""Pages of monitoring: what waits for me, the year in figures, the reports."""

from __future__ import annotations

from monitoring.views.reports import ReportListView, report, report_new
from monitoring.views.start import home
from monitoring.views.year import dashboard

__all__ = ["ReportListView", "dashboard", "home", "report", "report_new"]
