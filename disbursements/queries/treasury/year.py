"""A budget year of an agency: its sums, what is still open before it may close, its row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from bansos.accounts.models import Agency
from disbursements.choices import LineState, ListKind, ListState, ReturnState
from disbursements.models import BudgetLine, FiscalYear, PayList, PaymentLine, ReturnCase
from disbursements.rules.moves import AT_BANK

ENDED = (ListState.CLOSED, ListState.CANCELLED)
# How many years, this one included, the page of the closing offers.
REACH = 4
FIGURES = ("ceiling", "reserved", "paid", "delivered", "returned")


@dataclass(frozen=True)
class Open:
    """One kind of thing that keeps a year open, with the page that lists it."""

    words: str
    count: int
    amount: Decimal
    href: str


def year_row(agency: Agency, year: int) -> FiscalYear | None:
    """The row of a year; None when nobody has opened or asked to close it."""
    return FiscalYear.objects.filter(agency=agency, year=year).first()


def is_closed(agency_id: int, year: int) -> bool:
    """True when no money may move for the year."""
    rows = FiscalYear.objects.filter(agency=agency_id, year=year, closed_at__isnull=False)
    return bool(rows.exists())


def year_to_close(agency: Agency, *, today: date) -> int:
    """The oldest year with a budget that is not closed yet, within REACH; else this year.

    In January that is the year before until two people have closed it.
    """
    closed = FiscalYear.objects.filter(
        agency=agency, year=OuterRef("year"), closed_at__isnull=False
    )
    budgets = BudgetLine.objects.filter(
        agency=agency, year__gt=today.year - REACH, year__lte=today.year
    )
    found = budgets.filter(~Exists(closed)).aggregate(oldest=Min("year"))["oldest"]
    return int(found) if found else today.year


def open_things(agency: Agency, year: int) -> list[Open]:
    """What must end before the year may close; empty when nothing is open."""
    lists = PayList.objects.filter(budget__agency=agency, budget__year=year)
    cases = ReturnCase.objects.filter(
        line__pay_list__budget__agency=agency, line__pay_list__budget__year=year
    ).exclude(state=ReturnState.DONE)
    running = lists.exclude(state__in=ENDED)
    silent = PaymentLine.objects.filter(pay_list__in=lists, state__in=AT_BANK)
    unclosed = running.filter(kind=ListKind.MAIN, sp2d_date__isnull=False)
    held = (
        BudgetLine.objects.filter(agency=agency, year=year)
        .annotate(open=F("paid") - F("delivered") - F("returned"))
        .exclude(open=0)
    )
    listed = reverse("disbursements:lists")
    found = [
        _open(_("Retur belum selesai"), cases, "amount", reverse("disbursements:returns")),
        _open(_("Pembayaran belum diketahui hasilnya"), silent, "amount", f"{listed}?year={year}"),
        _open(
            _("Daftar ber-SP2D belum direkonsiliasi"), unclosed, "total", f"{listed}?year={year}"
        ),
        _open(
            _("Daftar bayar belum selesai atau dibatalkan"),
            running.filter(sp2d_date=None),
            "total",
            f"{listed}?year={year}",
        ),
        _open(
            _("Dana masih di rekening bendahara"),
            held,
            "open",
            f"{reverse('disbursements:budgets')}?tahun={year}",
        ),
    ]
    return [item for item in found if item.count]


def _open(words: str, rows: Any, field: str, href: str) -> Open:
    sums = rows.aggregate(n=Count("pk"), total=Sum(field))
    return Open(words, sums["n"], sums["total"] or Decimal(0), href)


def year_figures(agency: Agency, year: int) -> list[dict[str, Any]]:
    """The sums of each budget line of the year, by programme."""
    rows = BudgetLine.objects.filter(agency=agency, year=year).select_related("version__programme")
    return [
        {
            "programme": row.version.programme.name,
            "dpa": row.dpa_number,
            **{name: getattr(row, name) for name in FIGURES},
            "left": row.left,
        }
        for row in rows.order_by("version__programme__name")
    ]


def returned_by_sts(agency: Agency, year: int) -> tuple[int, Decimal]:
    """(KPM, rupiah) paid back to kas daerah in the year's lists."""
    sums = PaymentLine.objects.filter(
        pay_list__budget__agency=agency, pay_list__budget__year=year, state=LineState.PAID_BACK
    ).aggregate(n=Count("pk"), total=Sum("amount"))
    return sums["n"], sums["total"] or Decimal(0)
