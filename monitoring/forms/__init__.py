"""What readers choose, reference figures, and the treasurers' forms."""

from __future__ import annotations

from monitoring.forms.reports import ReferenceForm, ReportForm, ScopeForm, whole_year

__all__ = ["ReferenceForm", "ReportForm", "ScopeForm", "whole_year"]
