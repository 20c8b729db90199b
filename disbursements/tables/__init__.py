"""The lists about money, and about the boundary to a bank."""

from __future__ import annotations

from disbursements.tables.boundary import (
    Channels,
    Layouts,
    NameChecks,
    Submissions,
    channel_word,
    layout_word,
    name_word,
    submission_word,
)
from disbursements.tables.desk import Deposits, DeskRows, sts_word
from disbursements.tables.money import (
    AuditRuns,
    Breaches,
    Ledger,
    Lines,
    PayLists,
    ResultRows,
    Results,
    Returns,
    budget_page,
    list_word,
    result_word,
    return_word,
    row_word,
    run_word,
)

__all__ = [
    "AuditRuns",
    "Breaches",
    "Channels",
    "Deposits",
    "DeskRows",
    "Layouts",
    "Ledger",
    "Lines",
    "NameChecks",
    "PayLists",
    "ResultRows",
    "Results",
    "Returns",
    "Submissions",
    "budget_page",
    "channel_word",
    "layout_word",
    "list_word",
    "name_word",
    "result_word",
    "return_word",
    "row_word",
    "run_word",
    "sts_word",
    "submission_word",
]
