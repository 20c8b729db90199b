"""The rows behind the treasurers' lists; each starts from what the user may see."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf

from bansos.lib.money import MoneyField
from disbursements.choices import LineState, ListKind, ListState, ReturnState
from disbursements.models import BankPart, CashPlan, PayList, PaymentLine, ReturnCase
from disbursements.queries.treasury.deadlines import idle_lines
from disbursements.rules.moves import COUNTED
from programs.choices import FIXED_KINDS, Rail
from programs.models import Enrolment

ZERO = Decimal(0)
MISSES = 3
LONG_AGO = date(1900, 1, 1)
AT_OR_AFTER_BANK = (
    LineState.SUBMITTED,
    LineState.UNKNOWN,
    LineState.SETTLED,
    LineState.RETURNED,
    LineState.REPAID,
    LineState.PAID_BACK,
)
MISSED = (LineState.RETURNED, LineState.PAID_BACK)
BEFORE_SP2D = (ListState.LOCKED, ListState.AWAITING, ListState.APPROVED)
RELEASED = (
    ListState.SP2D,
    ListState.SENT,
    ListState.PARTLY_SETTLED,
    ListState.SETTLED,
    ListState.CLOSED,
)


def funds_requests(user: Any) -> QuerySet[PayList]:
    """Main lists whose money is set aside and whose SP2D is still to come.

    With `least` and `most`, between which each payee's amount lies.
    """
    rows: QuerySet[PayList] = PayList.objects.visible_to(user)
    return rows.filter(kind=ListKind.MAIN, state__in=BEFORE_SP2D).annotate(
        least=_of_each(Min), most=_of_each(Max)
    )


def _of_each(end: type[Min | Max]) -> Case:
    """The amount of the stage where it is all there is; else the lines are looked through."""
    lines = PaymentLine.objects.filter(pay_list=OuterRef("pk"), state__in=COUNTED).order_by()
    found = lines.values("pay_list").annotate(found=end("amount")).values("found")
    fixed = When(version__benefit_kind__in=FIXED_KINDS, then=F("stage__amount"))
    return Case(fixed, default=Subquery(found), output_field=MoneyField())


def credited_lines(user: Any) -> QuerySet[PaymentLine]:
    """Lines the bank has, or has had, in hand."""
    rows: QuerySet[PaymentLine] = PaymentLine.objects.visible_to(user)
    return rows.filter(state__in=AT_OR_AFTER_BANK)


def three_missed(user: Any) -> QuerySet[Enrolment]:
    """People whose last three or more payments of a programme all failed to reach them.

    Missed = the main transfer came back and no later one arrived; counted since the last payment
    of the programme that arrived, over the years. One row per person and programme: the newest
    enrolment that was paid.
    """
    lines = PaymentLine.objects.filter(
        person=OuterRef("person"), stage__version__programme=OuterRef("version__programme")
    ).order_by()
    arrived = (
        lines.filter(state=LineState.SETTLED)
        .values("person")
        .annotate(last=Max("stage__stage_date"))
        .values("last")
    )
    missed = (
        lines.filter(
            pay_list__kind=ListKind.MAIN,
            state__in=MISSED,
            stage__stage_date__gt=OuterRef("last_arrived"),
        )
        .values("person")
        .annotate(n=Count("pk"))
        .values("n")
    )
    later = PaymentLine.objects.filter(
        person=OuterRef("person"),
        stage__version__programme=OuterRef("version__programme"),
        enrolment__gt=OuterRef("pk"),
        state__in=AT_OR_AFTER_BANK,
    )
    own = PaymentLine.objects.filter(enrolment=OuterRef("pk"), state__in=MISSED)
    rows: QuerySet[Enrolment] = Enrolment.objects.visible_to(user)
    return (
        rows.filter(Exists(own))
        .filter(~Exists(later))
        .annotate(last_arrived=Coalesce(Subquery(arrived), Value(LONG_AGO)))
        .annotate(missed=Coalesce(Subquery(missed, output_field=IntegerField()), Value(0)))
        .filter(missed__gte=MISSES)
        .annotate(last_paid=NullIf("last_arrived", Value(LONG_AGO)))
    )


def idle_accounts(user: Any, today: date) -> QuerySet[PaymentLine]:
    """Paid lines whose account was not seen used within the programme's limit."""
    rows: QuerySet[PaymentLine] = PaymentLine.objects.visible_to(user)
    found: QuerySet[PaymentLine] = idle_lines(rows, today)
    return found


def open_returns(user: Any) -> QuerySet[ReturnCase]:
    """Returns that are not finished."""
    rows: QuerySet[ReturnCase] = ReturnCase.objects.visible_to(user)
    return rows.exclude(state=ReturnState.DONE)


def payments_by_bank(user: Any) -> QuerySet[BankPart]:
    """Released lists, each as often as it has a rail and bank: delivered, come back, unknown."""
    rows: QuerySet[BankPart] = BankPart.objects.visible_to(user)
    follow_up = Q(pay_list__kind=ListKind.FOLLOW_UP, pay_list__state=ListState.APPROVED)
    return rows.filter(Q(pay_list__state__in=RELEASED) | follow_up)


def bank_sums(parts: QuerySet[BankPart]) -> list[dict[str, Any]]:
    """Per rail and bank of these parts: lines, amount, delivered, come back, unknown."""
    names = ("lines", "total", "delivered", "came_back", "silent")
    rails = dict(Rail.choices)
    found: Any = (
        parts.order_by()
        .values("rail", "bank_code")
        .annotate(**{f"all_{name}": Sum(name) for name in names})
        .order_by("rail", "bank_code")
    )
    return [
        {"bank_code": row["bank_code"], "rail_words": str(rails.get(row["rail"], "-"))}
        | {name: row[f"all_{name}"] for name in names}
        for row in found
    ]


def cash_plan(user: Any) -> QuerySet[CashPlan]:
    """Each month of each budget line with what SP2D released in it."""
    released = (
        PayList.objects.filter(
            budget=OuterRef("budget"),
            kind=ListKind.MAIN,
            sp2d_date__month=OuterRef("month"),
            sp2d_date__year=OuterRef("budget__year"),
        )
        .order_by()
        .values("budget")
        .annotate(found=Sum("sp2d_amount"))
        .values("found")
    )
    rows: QuerySet[CashPlan] = CashPlan.objects.visible_to(user)
    return rows.annotate(
        released=Coalesce(Subquery(released), Value(ZERO), output_field=MoneyField())
    ).annotate(difference=F("released") - F("amount"))
