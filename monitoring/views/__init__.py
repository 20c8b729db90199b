"""Pages of monitoring: what waits for me, the year in figures, reports, reference figures."""

from __future__ import annotations

from monitoring.views.references import ReferenceListView, reference, reference_new
from monitoring.views.reports import ReportListView, report, report_new
from monitoring.views.start import home
from monitoring.views.treasury import (
    account_use,
    budget_card,
    cash_plan,
    deadline_edit,
    deadlines,
    fiscal_year,
    treasury_index,
    treasury_list,
    treasury_pdf,
)
from monitoring.views.year import dashboard

__all__ = [
    "account_use",
    "budget_card",
    "cash_plan",
    "deadline_edit",
    "deadlines",
    "treasury_index",
    "treasury_list",
    "treasury_pdf",
    "fiscal_year",
    "ReferenceListView",
    "ReportListView",
    "dashboard",
    "home",
    "reference",
    "reference_new",
    "report",
    "report_new",
]
