"""The API of money: budgets, pay lists and their acts, bank answers, returns; the same services."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from disbursements.api.audits import AuditRunViewSet
from disbursements.api.budgets import BudgetViewSet
from disbursements.api.cash import CounterViewSet, ReceiptViewSet
from disbursements.api.desk import BankDayViewSet, BankRowViewSet
from disbursements.api.goods import HandoverViewSet, StockViewSet
from disbursements.api.lists import PayListViewSet
from disbursements.api.results import ResultViewSet
from disbursements.api.returns import ReturnViewSet
from disbursements.api.submissions import ChannelViewSet, NameViewSet, SubmissionViewSet


def register(router: SimpleRouter) -> None:
    """Add this app's resources."""
    router.register("budgets", BudgetViewSet, basename="budget")
    router.register("pay-lists", PayListViewSet, basename="pay-list")
    router.register("bank-results", ResultViewSet, basename="bank-result")
    router.register("bank-rows", BankRowViewSet, basename="bank-row")
    router.register("bank-days", BankDayViewSet, basename="bank-day")
    router.register("returns", ReturnViewSet, basename="return")
    router.register("book-audits", AuditRunViewSet, basename="book-audit")
    router.register("bank-channels", ChannelViewSet, basename="bank-channel")
    router.register("bank-submissions", SubmissionViewSet, basename="bank-submission")
    router.register("bank-names", NameViewSet, basename="bank-name")
    router.register("goods-stock", StockViewSet, basename="goods-stock")
    router.register("handovers", HandoverViewSet, basename="handover")
    router.register("cash-counters", CounterViewSet, basename="cash-counter")
    router.register("cash-receipts", ReceiptViewSet, basename="cash-receipt")
