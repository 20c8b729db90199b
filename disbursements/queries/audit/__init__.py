"""The auditor: derives I1-I12 once more from the tables, the stored files and the bank's words.

A code path of its own: its own SQL, its own readers, a read-only transaction. It shares no
function with the services that write (import-linter sees to it), so a mistake there is not
repeated here.
"""

from __future__ import annotations

from disbursements.queries.audit.books import (
    CHECKS,
    PARTS,
    Part,
    Report,
    audit_books,
    audit_budget,
    audit_part,
    reading_only,
)
from disbursements.queries.audit.checks import Breach, Check

__all__ = [
    "CHECKS",
    "PARTS",
    "Breach",
    "Check",
    "Part",
    "Report",
    "audit_books",
    "audit_budget",
    "audit_part",
    "reading_only",
]
