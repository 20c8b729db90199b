"""Budgets and their ledger, pay lists and their lines, bank files, results and returns."""

from __future__ import annotations

from disbursements.models.audits import AuditBreach, AuditRun
from disbursements.models.bank import BankFile, ResultFile, ResultRow, StagedRow
from disbursements.models.budget import Allocation, BudgetLine, LedgerEntry, LedgerEvent
from disbursements.models.cash import (
    CashCorrection,
    CashCounter,
    CashReceipt,
    CashRegister,
    WaitingRegister,
)
from disbursements.models.channels import (
    BankAttempt,
    BankChannel,
    BankSubmission,
    BankTransfer,
    CallCounter,
    NameCheck,
    SubmissionDecision,
)
from disbursements.models.desk import BankDay, Correction, DeskDecision, Sts, StsLine
from disbursements.models.goods import (
    GoodsItem,
    GoodsLot,
    GoodsRequest,
    Handover,
    HandoverLine,
    Stock,
    StockMove,
    Warehouse,
)
from disbursements.models.layouts import BankLayout, LayoutFile, StatementLayout
from disbursements.models.lists import Approval, Hit, ListMove, PayList, PaymentLine
from disbursements.models.openings import AccountOpening
from disbursements.models.parts import BankPart
from disbursements.models.proxies import ProxyAccount
from disbursements.models.rails import Bank, RailLimit, RailProposal
from disbursements.models.returns import Reconciliation, ReturnCase
from disbursements.models.sums import LineSum, RegencySum
from disbursements.models.treasury import AccountUse, CashPlan, DeadlineRule, FiscalYear

__all__ = [
    "AccountOpening",
    "AccountUse",
    "Allocation",
    "Approval",
    "AuditBreach",
    "AuditRun",
    "Bank",
    "BankAttempt",
    "BankChannel",
    "BankDay",
    "BankFile",
    "BankLayout",
    "BankPart",
    "BankSubmission",
    "BankTransfer",
    "BudgetLine",
    "CallCounter",
    "CashCorrection",
    "CashCounter",
    "CashPlan",
    "CashReceipt",
    "CashRegister",
    "Correction",
    "DeadlineRule",
    "DeskDecision",
    "FiscalYear",
    "GoodsItem",
    "GoodsLot",
    "GoodsRequest",
    "Handover",
    "HandoverLine",
    "Hit",
    "LayoutFile",
    "LedgerEntry",
    "LedgerEvent",
    "LineSum",
    "ListMove",
    "NameCheck",
    "PayList",
    "PaymentLine",
    "ProxyAccount",
    "RailLimit",
    "RailProposal",
    "Reconciliation",
    "RegencySum",
    "ResultFile",
    "ResultRow",
    "ReturnCase",
    "StagedRow",
    "StatementLayout",
    "Stock",
    "StockMove",
    "Sts",
    "StsLine",
    "SubmissionDecision",
    "WaitingRegister",
    "Warehouse",
]
