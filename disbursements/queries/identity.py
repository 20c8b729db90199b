"""The identity of a reconciliation: SP2D = delivered + paid again + paid back + open + unknown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from bansos.lib.money import number, rupiah
from bansos.regions.queries import names_of
from disbursements.choices import LineState, ListKind, ListState, ReturnState
from disbursements.models import CashReceipt, PayList, PaymentLine, ResultRow, ReturnCase
from disbursements.rules.moves import COUNTED

ZERO = Decimal("0.00")


@dataclass
class Sum2:
    """People and rupiah."""

    count: int = 0
    amount: Decimal = ZERO

    def add(self, count: int, amount: Decimal) -> None:
        self.count += count
        self.amount += amount


@dataclass
class IdentityRow:
    """One district, or the whole list."""

    code: str
    name: str
    sp2d: Sum2 = field(default_factory=Sum2)
    settled: Sum2 = field(default_factory=Sum2)
    repaid: Sum2 = field(default_factory=Sum2)
    treasury: Sum2 = field(default_factory=Sum2)
    returned: Sum2 = field(default_factory=Sum2)
    unknown: Sum2 = field(default_factory=Sum2)

    @property
    def open(self) -> Sum2:
        """SP2D not yet accounted for by delivery or return to kas daerah; 0 when reconciled."""
        parts = (self.settled, self.repaid, self.treasury)
        return Sum2(
            self.sp2d.count - sum(part.count for part in parts),
            self.sp2d.amount - sum((part.amount for part in parts), ZERO),
        )

    @property
    def gap(self) -> Sum2:
        """SP2D against everything that is known; never anything but 0."""
        parts = (self.returned, self.unknown)
        return Sum2(
            self.open.count - sum(part.count for part in parts),
            self.open.amount - sum((part.amount for part in parts), ZERO),
        )

    @property
    def is_even(self) -> bool:
        """True when nothing is open any more."""
        return self.open.count == 0 and self.open.amount == ZERO


@dataclass
class Identity:
    """By district and in total; `bank_settled` is the same sum from the bank's own rows."""

    pay_list: PayList
    districts: list[IdentityRow]
    total: IdentityRow
    bank_settled: Sum2
    open_returns: int
    quarantined: int

    @property
    def is_even(self) -> bool:
        """True when every district and the total come to 0 and the bank says the same."""
        delivered = self.total.settled.amount + self.total.repaid.amount
        return (
            self.total.is_even
            and self.bank_settled.amount == delivered
            and all(row.is_even for row in self.districts)
        )

    @property
    def obstacles(self) -> list[str]:
        """Why the list cannot be closed yet, each with figures; empty when it can."""
        found = []
        total = self.total
        if total.unknown.count:
            words = _("Belum diketahui: %(count)s KPM, %(amount)s. Minta jawaban bank.")
            if self.pay_list.stage.version.is_cash:
                words = _("Belum dibayar di loket: %(count)s KPM, %(amount)s. Tutup loketnya dulu.")
            found.append(
                words
                % {"count": number(total.unknown.count), "amount": rupiah(total.unknown.amount)}
            )
        if total.returned.count:
            words = _("Retur belum selesai: %(count)s KPM, %(amount)s.")
            found.append(
                words
                % {"count": number(total.returned.count), "amount": rupiah(total.returned.amount)}
            )
        if not total.is_even and not found:
            words = _("Selisih %(amount)s (%(count)s KPM).")
            found.append(
                words % {"count": number(total.open.count), "amount": rupiah(total.open.amount)}
            )
        elif total.is_even and not self.is_even:
            found.append(_("Jumlah tersalur menurut bank berbeda dari daftar. Hubungi petugas TI."))
        if self.quarantined:
            words = _("%(count)s baris bank masih di karantina. Selesaikan di meja rekonsiliasi.")
            found.append(words % {"count": number(self.quarantined)})
        running = self.pay_list.follow_ups.exclude(
            state__in=[ListState.SETTLED, ListState.CLOSED, ListState.CANCELLED]
        )
        for follow_up in running:
            words = _("Daftar susulan %(number)s belum selesai: %(state)s.")
            found.append(
                words % {"number": follow_up.number, "state": follow_up.get_state_display()}
            )
        return found


def family_lines(main: PayList) -> QuerySet[PaymentLine]:
    """Counted lines of a main list and its follow-ups."""
    rows: QuerySet[PaymentLine] = PaymentLine.objects.filter(state__in=COUNTED)
    return rows.filter(Q(pay_list=main) | Q(pay_list__parent=main))


def tips(main: PayList) -> QuerySet[PaymentLine]:
    """The last line of every payment: not paid again by a live line. One per line of the list."""
    again = PaymentLine.objects.filter(retransfer_of=OuterRef("pk"), state__in=COUNTED)
    return family_lines(main).filter(~Exists(again))


def identity_of(pay_list: PayList) -> Identity:
    """The identity of a main list (or of the main list of a follow-up); six queries."""
    main = pay_list.parent or pay_list
    rows: dict[str, IdentityRow] = {}
    total = IdentityRow("", _("Jumlah"))
    own = main.lines.filter(state__in=COUNTED)
    for code, count, amount in _by_district(own):
        _row(rows, code).sp2d.add(count, amount)
        total.sp2d.add(count, amount)
    if main.sp2d_amount is not None:
        total.sp2d.amount = main.sp2d_amount
    for code, kind, state, count, amount in _tip_sums(main):
        part = _part(kind, state)
        getattr(_row(rows, code), part).add(count, amount)
        getattr(total, part).add(count, amount)
    _name(rows.values())
    cases = ReturnCase.objects.filter(Q(line__pay_list=main) | Q(line__pay_list__parent=main))
    quarantined = open_rows(main)
    return Identity(
        pay_list=main,
        districts=[rows[code] for code in sorted(rows)],
        total=total,
        bank_settled=_bank_settled(main),
        open_returns=cases.exclude(state=ReturnState.DONE).count(),
        quarantined=quarantined.count(),
    )


def open_rows(main: PayList) -> QuerySet[ResultRow]:
    """Rows in quarantine of a main list and its follow-ups that nobody has answered."""
    rows = ResultRow.objects.filter(
        Q(result__pay_list=main)
        | Q(result__pay_list__parent=main)
        | Q(line__pay_list=main)
        | Q(line__pay_list__parent=main)
    )
    return rows.open()


def _row(rows: dict[str, IdentityRow], code: str) -> IdentityRow:
    if code not in rows:
        rows[code] = IdentityRow(code, code)
    return rows[code]


def _by_district(lines: QuerySet[PaymentLine]) -> Iterable[tuple[str, int, Decimal]]:
    grouped = (
        lines.annotate(district=Substr("area_code", 1, 8))
        .values("district")
        .annotate(n=Count("pk"), total=Sum("amount"))
        .order_by("district")
    )
    return [(row["district"], row["n"], row["total"]) for row in grouped]


def _tip_sums(main: PayList) -> Iterable[tuple[str, str, str, int, Decimal]]:
    grouped = (
        tips(main)
        .annotate(district=Substr("area_code", 1, 8))
        .values("district", "pay_list__kind", "state")
        .annotate(n=Count("pk"), total=Sum("amount"))
        .order_by("district")
    )
    return [
        (row["district"], row["pay_list__kind"], row["state"], row["n"], row["total"])
        for row in grouped
    ]


def _part(kind: str, state: str) -> str:
    if state == LineState.SETTLED:
        return "settled" if kind == ListKind.MAIN else "repaid"
    if state == LineState.PAID_BACK:
        return "treasury"
    # A follow-up line on its way is a return that is not finished, not a lost transfer.
    if state == LineState.RETURNED or kind == ListKind.FOLLOW_UP:
        return "returned"
    return "unknown"


def _name(rows: Iterable[IdentityRow]) -> None:
    found = list(rows)
    names = names_of(row.code for row in found)
    for row in found:
        row.name = names.get(row.code, row.code)


def _bank_settled(main: PayList) -> Sum2:
    """What the bank's rows say was delivered and did not come back; linked rows by their line."""
    own = Q(result__pay_list=main) | Q(result__pay_list__parent=main)
    linked = Q(line__pay_list=main) | Q(line__pay_list__parent=main)
    total = Sum2()
    for rows in (
        ResultRow.objects.filter(own, origin=None),
        ResultRow.objects.filter(linked, origin__isnull=False),
    ):
        back = ResultRow.objects.standing().filter(outcome="returned").values("line")
        kept = rows.standing().filter(outcome="settled").exclude(line__in=back)
        found = kept.aggregate(n=Count("pk"), total=Sum("amount"))
        total.add(found["n"], found["total"] or ZERO)
    # Over the counter the receipts are what the bank's rows are elsewhere.
    receipts = CashReceipt.objects.filter(
        Q(line__pay_list=main) | Q(line__pay_list__parent=main), undone_at=None
    )
    cash = receipts.aggregate(n=Count("pk"), total=Sum("amount"))
    total.add(cash["n"], cash["total"] or ZERO)
    return total
