"""Every deadline that runs now: due day, days left, what to do. Read only, never acting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from bansos.lib.calendar import add_bank_days, bank_days_between
from bansos.lib.dates import day_of
from bansos.lib.parts import Word
from bansos.regions.queries import days_off, names_of
from disbursements.choices import LineState, ListKind, ListState, ReturnState
from disbursements.models import (
    AccountOpening,
    AccountUse,
    DeadlineRule,
    PayList,
    PaymentLine,
    ReturnCase,
)
from disbursements.queries.people import stage_words
from disbursements.rules import deadlines as rules
from disbursements.rules.deadlines import Days
from disbursements.rules.moves import AT_BANK
from programs.choices import Rail
from programs.queries.exits import open_appeals

WITH_BANK = (ListState.SP2D, ListState.SENT, ListState.PARTLY_SETTLED)
APPEAL = "appeal"
IDLE_PAGE = "rekening-diam"
SOON_TO_REPORT = 5
IDLE_STATES = (ListState.SENT, ListState.PARTLY_SETTLED, ListState.SETTLED)
WITH_DEADLINES = (ListState.APPROVED, ListState.SP2D, *IDLE_STATES, ListState.CLOSED)


@dataclass(frozen=True)
class Deadline:
    """One running deadline. `left` counts working days when `working`, else calendar days."""

    key: str
    title: str
    what: str
    subject: str
    area_code: str
    due: date
    left: int
    working: bool
    href: str
    count: int | None = None
    amount: Decimal | None = None
    area: str = ""

    @property
    def word(self) -> Word:
        """Days left as a badge."""
        return Word(rules.tone_of(self.left), rules.left_words(self.left, working=self.working))


class Clock:
    """Working days of each province's calendar, read once per province."""

    def __init__(self, today: date) -> None:
        self.today = today
        self._closed: dict[str, frozenset[date]] = {}

    def closed(self, area_code: str) -> frozenset[date]:
        """Days off around today in a province."""
        code = area_code[:2]
        if code not in self._closed:
            self._closed[code] = days_off(code, self.today)
        return self._closed[code]

    def working(self, area_code: str, start: date, days: int) -> tuple[date, int]:
        """(due day, working days left) of a deadline counted in working days."""
        closed = self.closed(area_code)
        due = add_bank_days(start, days, closed)
        return due, bank_days_between(self.today, due, closed)

    def plain(self, start: date, days: int) -> tuple[date, int]:
        """(due day, days left) of a deadline counted in calendar days."""
        due = start + timedelta(days=days)
        return due, (due - self.today).days


def deadlines_for(user: Any, today: date, *, pay_list: PayList | None = None) -> list[Deadline]:
    """The running deadlines in the user's area, or of one list; the most pressing first.

    At most eight queries, whatever the number of lists.
    """
    if pay_list is not None and pay_list.state not in WITH_DEADLINES:
        return []
    clock = Clock(today)
    lists = PayList.objects.visible_to(user)
    if pay_list is not None:
        lists = lists.filter(pk=pay_list.pk)
    rows = _running(lists)
    known = _rules(lists)
    found = [
        *_sp2d(rows, known, clock),
        *_overbooking(rows, known, clock),
        *_clarification(rows, known, clock),
        *_idle(lists, rows, known, clock),
    ]
    if pay_list is None:
        found += _year_end(user, clock)
        found += _appeals(user, clock)
        found += _openings(user, clock)
    if not found:
        return []
    names = names_of(row.area_code for row in found)
    named = [_named(row, names) for row in found]
    return sorted(named, key=lambda row: (row.due, row.key, row.subject))


def _appeals(user: Any, clock: Clock) -> list[Deadline]:
    """Appeals nobody has decided, by the working days of their programme; one query."""
    found = []
    for row in open_appeals(user):
        due, left = clock.working(row.area_code, row.filed_on, row.working_days)
        found.append(
            Deadline(
                key=APPEAL,
                title=_("Putuskan sanggahan"),
                what=_("Kepala Dinas memulihkan atau mempertahankan putusan."),
                subject=str(row.enrolment.version),
                area_code=row.area_code,
                due=due,
                left=left,
                working=True,
                href=reverse("programs:appeal", args=[row.pk]),
            )
        )
    return found


def _openings(user: Any, clock: Clock) -> list[Deadline]:
    """Letters for collectively opened accounts: the bank begins, then reports; one query."""
    rows = AccountOpening.objects.visible_to(user).filter(reported_on=None)
    found = []
    for row in rows.select_related("version__programme"):
        begun = row.acted_on is not None
        due, left = clock.working(
            row.area_code,
            row.acted_on or row.asked_on,
            row.report_days if begun else row.opening_days,
        )
        found.append(
            Deadline(
                key="opening",
                title=_("Laporan pembukaan rekening")
                if begun
                else _("Pembukaan rekening kolektif"),
                what=_("Minta laporan bank: berapa berhasil, berapa gagal dan sebabnya.")
                if begun
                else _("Tanyakan ke bank apakah rekening sudah dibuka."),
                subject=f"{row.version}, {row.letter_number}",
                area_code=row.area_code,
                due=due,
                left=left,
                working=True,
                href=reverse("disbursements:opening", args=[row.pk]),
                count=row.count,
            )
        )
    return found


def _running(lists: Any) -> list[Any]:
    """Lists between approval and closing with what of each is silent or open; one query."""
    silent = Q(lines__state__in=[LineState.WAITING, *AT_BANK])
    returned = Q(lines__return_case__state=ReturnState.OPEN)
    rows = (
        lists.filter(state__in=[ListState.APPROVED, ListState.SP2D, *IDLE_STATES])
        .annotate(
            silent=Count("lines", filter=silent),
            silent_amount=Sum("lines__amount", filter=silent),
            open=Count("lines__return_case", filter=returned),
            open_amount=Sum("lines__return_case__amount", filter=returned),
            first=Min("lines__return_case__returned_on", filter=returned),
            reported=Exists(AccountUse.objects.filter(line__pay_list=OuterRef("pk"))),
        )
        .select_related("stage__version__programme", "budget__agency", "counter")
        .order_by("pk")
    )
    return list(rows)


def _named(row: Deadline, names: dict[str, str]) -> Deadline:
    values = {name: getattr(row, name) for name in row.__dataclass_fields__}
    return Deadline(**values | {"area": names.get(row.area_code, row.area_code)})


def _rules(lists: Any) -> dict[int, Days]:
    rows = DeadlineRule.objects.filter(version__in=lists.values("version"))
    return {
        row.version_id: Days(
            row.sp2d_days, row.overbooking_days, row.clarification_days, row.idle_days
        )
        for row in rows
    }


def days_of(version: Any, known: dict[int, Days]) -> Days:
    """The lengths of a programme year: recorded, or the default of its programme."""
    return known.get(version.pk) or rules.defaults_for(version.programme.code)


def _line(
    row: PayList,
    key: str,
    title: str,
    what: str,
    due: tuple[date, int],
    *,
    working: bool,
    **more: Any,
) -> Deadline:
    return Deadline(
        key=key,
        title=title,
        what=what,
        subject=f"{stage_words(row.stage)}, {row.number}",
        area_code=row.area_code,
        due=due[0],
        left=due[1],
        working=working,
        **({"href": reverse("disbursements:list", args=[row.pk])} | more),
    )


def _sp2d(rows: list[Any], known: dict[int, Days], clock: Clock) -> list[Deadline]:
    found = []
    for row in rows:
        days = days_of(row.stage.version, known).sp2d
        waits = row.state == ListState.APPROVED and row.kind == ListKind.MAIN
        if waits and days and row.approved_at:
            start = day_of(row.approved_at, row.budget.agency.zone)
            due = clock.working(row.area_code, start, days)
            found.append(
                _line(
                    row,
                    "sp2d",
                    _("SP2D belum terbit"),
                    _("Ajukan SPM ke BPKAD, lalu catat SP2D."),
                    due,
                    working=True,
                    count=row.count,
                    amount=row.total,
                )
            )
    return found


def _overbooking(rows: list[Any], known: dict[int, Days], clock: Clock) -> list[Deadline]:
    found = []
    for row in rows:
        if row.state not in WITH_BANK or not row.silent:
            continue
        if hasattr(row, "counter"):
            found.append(_counter(row, clock))
            continue
        days = days_of(row.stage.version, known).overbooking
        start = row.execution_on or row.sp2d_date
        if start is None and row.approved_at:
            start = day_of(row.approved_at, row.budget.agency.zone)
        if days and start:
            due = clock.working(row.area_code, start, days)
            cash = row.stage.version.is_cash
            found.append(
                _line(
                    row,
                    "overbooking",
                    _("Loket belum dibuka") if cash else _("Pemindahbukuan belum selesai"),
                    _("Buka loket dari halaman daftarnya.")
                    if cash
                    else _("Minta jawaban bank dan unggah hasilnya."),
                    due,
                    working=True,
                    count=row.silent,
                    amount=row.silent_amount,
                )
            )
    return found


def _counter(row: Any, clock: Clock) -> Deadline:
    """Cash: the day its counter is to close."""
    return _line(
        row,
        "counter",
        _("Pembayaran tunai belum selesai"),
        _("Bayar yang masih menunggu, lalu tutup loketnya."),
        clock.plain(row.counter.closes_on, 0),
        working=False,
        count=row.silent,
        amount=row.silent_amount,
        href=reverse("disbursements:counter", args=[row.counter.pk]),
    )


def _clarification(rows: list[Any], known: dict[int, Days], clock: Clock) -> list[Deadline]:
    found = []
    for row in rows:
        days = days_of(row.stage.version, known).clarification
        if days and row.open:
            found.append(
                _line(
                    row,
                    "clarification",
                    _("Klarifikasi retur"),
                    _("Putuskan: bayar susulan, ahli waris, atau setor ke kas daerah."),
                    clock.plain(row.first, days),
                    working=False,
                    count=row.open,
                    amount=row.open_amount,
                    href=f"{reverse('disbursements:returns')}?daftar={row.pk}&state=open",
                )
            )
    return found


def idle_lines(rows: Any, today: date, *, lengths: dict[int, int] | None = None) -> Any:
    """Paid lines whose account was not seen used within the limit of their programme.

    What was paid into a hand has no account. `lengths`: the recorded days by version, when the
    caller has read them.
    """
    if lengths is None:
        lengths = dict(DeadlineRule.objects.values_list("version_id", "idle_days"))
    late = ~Q(pay_list__version__in=list(lengths)) & Q(
        settled_on__lte=today - timedelta(days=rules.DEFAULTS.idle)
    )
    for version, days in lengths.items():
        if days:
            late |= Q(pay_list__version=version, settled_on__lte=today - timedelta(days=days))
    return (
        rows.filter(late, state=LineState.SETTLED)
        .exclude(rail=Rail.CASH)
        .exclude(account_use__last_used_on__gte=F("settled_on"))
    )


def _idle(lists: Any, rows: list[Any], known: dict[int, Days], clock: Clock) -> list[Deadline]:
    """Accounts the bank reported unused past the limit, and lists it has not reported on yet."""
    lines = PaymentLine.objects.filter(pay_list__in=lists, account_use__isnull=False)
    grouped = (
        idle_lines(lines, clock.today, lengths={pk: days.idle for pk, days in known.items()})
        .order_by()
        .values("pay_list")
        .annotate(n=Count("pk"), total=Sum("amount"), first=Min("settled_on"))
    )
    sums = {row["pay_list"]: row for row in grouped}
    page = reverse("monitoring:treasury_list", args=[IDLE_PAGE])
    found = []
    for row in (
        lists.filter(pk__in=sums).select_related("stage__version__programme", "budget__agency")
        if sums
        else []
    ):
        days = days_of(row.stage.version, known).idle or rules.DEFAULTS.idle
        found.append(
            _line(
                row,
                "idle",
                _("Rekening tanpa transaksi"),
                _("Minta pendamping memeriksa; bank memblokir hanya atas surat dinas."),
                clock.plain(sums[row.pk]["first"], days),
                working=False,
                count=sums[row.pk]["n"],
                amount=sums[row.pk]["total"],
                href=f"{page}?daftar={row.pk}",
            )
        )
    return found + _unreported(rows, known, clock)


def _unreported(rows: list[Any], known: dict[int, Days], clock: Clock) -> list[Deadline]:
    found = []
    page = reverse("monitoring:treasury_list", args=[IDLE_PAGE])
    at_bank = [row for row in rows if row.state in IDLE_STATES and not hasattr(row, "counter")]
    for row in at_bank:
        days, start = days_of(row.stage.version, known).idle, row.execution_on or row.sp2d_date
        if row.reported or not days or start is None:
            continue
        due, left = clock.plain(start, days)
        if left <= SOON_TO_REPORT:
            found.append(
                _line(
                    row,
                    "idle",
                    _("Laporan transaksi rekening belum diterima"),
                    _("Minta laporan transaksi dari bank, lalu muat di Rekening tanpa transaksi."),
                    (due, left),
                    working=False,
                    href=f"{page}?daftar={row.pk}",
                )
            )
    return found


def _year_end(user: Any, clock: Clock) -> list[Deadline]:
    """From 60 days before 31 December: returns of the year that are not finished."""
    rows = (
        ReturnCase.objects.visible_to(user)
        .exclude(state=ReturnState.DONE)
        .values("line__pay_list__budget__year", "line__pay_list__budget__area_code")
        .annotate(n=Count("pk"), total=Sum("amount"))
        .order_by("line__pay_list__budget__year")
    )
    found = []
    for row in rows:
        year = row["line__pay_list__budget__year"]
        due = rules.year_end(year)
        left = (due - clock.today).days
        if left <= rules.YEAR_END_WARNING:
            found.append(
                Deadline(
                    key="year_end",
                    title=_("Akhir tahun: semua retur kembali"),
                    what=_("Selesaikan setiap retur dan setor STS sebelum 31 Desember."),
                    subject=_("Tahun anggaran %(year)s") % {"year": year},
                    area_code=row["line__pay_list__budget__area_code"],
                    due=due,
                    left=left,
                    working=False,
                    href=reverse("monitoring:treasury_list", args=["retur"]),
                    count=row["n"],
                    amount=row["total"],
                )
            )
    return found
