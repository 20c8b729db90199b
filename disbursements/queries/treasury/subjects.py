"""What an event of the ledger says: its words, its document, and the page for one reader."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    Exists,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from disbursements.choices import LedgerKind
from disbursements.models import (
    BudgetLine,
    CashReceipt,
    CashRegister,
    LedgerEvent,
    PayList,
    ResultFile,
    ResultRow,
    ReturnCase,
    Sts,
)

# Everything money was ever posted about, and the page that shows it.
PAGES: dict[type[Model], str] = {
    BudgetLine: "disbursements:budget",
    PayList: "disbursements:list",
    ResultFile: "disbursements:result",
    ResultRow: "disbursements:desk_row",
    ReturnCase: "disbursements:return",
    CashReceipt: "disbursements:receipt",
    CashRegister: "disbursements:register_pages",
}
ROUTES = {model._meta.label_lower: route for model, route in PAGES.items()}
SLIP = "disbursements:deposit"


def event_words(row: LedgerEvent) -> str:
    """What happened, in words; over a counter no match is undone but a receipt."""
    if row.kind == LedgerKind.UNDO_SETTLE and row.subject_type == CashReceipt._meta.label_lower:
        return _("Kuitansi tunai dibatalkan")
    return str(LedgerKind(row.kind).label)


def with_document(rows: QuerySet[LedgerEvent], user: Any) -> QuerySet[LedgerEvent]:
    """Events with what of their document lies in the user's area: `slip` and `is_reached`.

    A payment into kas daerah, and its taking back, stand on a deposit slip (STS); the slip covers
    the whole budget, so who sees a part of it only is led to the return. A document may be gone:
    the return of a match taken back is.
    """
    slips = Sts.objects.visible_to(user).filter(
        lines__event=Coalesce(OuterRef("reverses"), OuterRef("pk"))
    )
    own = Cast(OuterRef("subject_id"), BigIntegerField())
    reached = Case(
        *(
            When(
                subject_type=model._meta.label_lower,
                then=Exists(model._default_manager.visible_to(user).filter(pk=own)),  # type: ignore[attr-defined]
            )
            for model in PAGES
        ),
        default=Value(value=False),
        output_field=BooleanField(),
    )
    return rows.annotate(slip=Subquery(slips.values("pk")[:1]), is_reached=reached)


def subject_url(row: Any) -> str:
    """The page of the document of an event read with its document; "" when there is none."""
    if row.slip is not None:
        return reverse(SLIP, args=[row.slip])
    return reverse(ROUTES[row.subject_type], args=[row.subject_id]) if row.is_reached else ""


def subject_urls(events: Iterable[LedgerEvent], user: Any) -> dict[int, str]:
    """The same of some events, by their id; one query."""
    rows = LedgerEvent.objects.filter(pk__in=[event.pk for event in events])
    return {row.pk: subject_url(row) for row in with_document(rows, user)}
