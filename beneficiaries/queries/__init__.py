"""Reads of the register: facts for criteria, panels of the person page, lists on their way in."""

from __future__ import annotations

from beneficiaries.queries.facts import Facts, facts_about
from beneficiaries.queries.people import (
    PANELS,
    PAYEE_PANELS,
    Panel,
    panels_of,
    payee_panels_of,
    shared_accounts,
    warnings_about,
)

__all__ = [
    "PANELS",
    "PAYEE_PANELS",
    "Facts",
    "Panel",
    "facts_about",
    "panels_of",
    "payee_panels_of",
    "shared_accounts",
    "warnings_about",
]
