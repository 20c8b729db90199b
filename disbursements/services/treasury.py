"""Writes of what treasurers keep: cash plan, deadlines of a programme, reported use of accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import Agency, User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.crypto import blind_index
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused
from bansos.lib.money import rupiah, to_sen
from bansos.lib.nik import clean_digits
from bansos.lib.scopes import covers
from bansos.lib.sheets.cells import cell_date
from bansos.lib.sheets.mapping import ColumnKind, ExpectedColumn, guess_mapping
from bansos.lib.sheets.reading import read_table
from disbursements.choices import LineState
from disbursements.models import AccountUse, BudgetLine, CashPlan, DeadlineRule, PaymentLine
from disbursements.rules.deadlines import Days
from disbursements.services.moves import require_right
from disbursements.services.years import require_open
from programs.models import ProgrammeVersion

MONTHS = range(1, 13)
MOST_DAYS = 366
MOST_ROWS = 50_000
COLUMNS = (
    ExpectedColumn(
        "account",
        "Nomor rekening",
        ("no rekening", "rekening", "norek", "account number"),
        True,
        ColumnKind.DIGITS,
    ),
    ExpectedColumn(
        "used",
        "Transaksi terakhir",
        ("tanggal transaksi terakhir", "transaksi terakhir", "tgl transaksi", "last transaction"),
        True,
        ColumnKind.DATE,
    ),
)


@transaction.atomic
def save_cash_plan(
    *, budget: BudgetLine, amounts: Mapping[int, Decimal], by: User, at: datetime
) -> None:
    """Set the plan of each month; the year's sum may not exceed the ceiling."""
    require_right(by, Permission.CASH_PLAN_EDIT)
    if not covers(by.area_code, budget.area_code):
        raise NotAllowed("PLAN-AREA", _("Rencana kas diatur oleh petugas provinsi."))
    budget = BudgetLine.objects.select_for_update().get(pk=budget.pk)
    require_open(budget.agency_id, budget.year)
    plan = {month: to_sen(amounts.get(month, Decimal(0))) for month in MONTHS}
    if any(amount < 0 for amount in plan.values()):
        raise BadInput("PLAN-MINUS", _("Rencana kas tidak boleh minus."))
    over = sum(plan.values(), Decimal(0)) - budget.ceiling
    if over > 0:
        raise Refused(
            "PLAN-OVER",
            _(
                "Rencana kas setahun melebihi pagu sebesar %(over)s. Tidak ada yang berubah."
                " Kurangi salah satu bulan."
            )
            % {"over": rupiah(over)},
        )
    known = {row.month: row.amount for row in budget.cash_plan.all()}
    for month, amount in plan.items():
        CashPlan.objects.update_or_create(budget=budget, month=month, defaults={"amount": amount})
    changed = {
        month: [known.get(month), plan[month]]
        for month in MONTHS
        if known.get(month) != plan[month]
    }
    if changed:
        audit.record(
            verb="disbursements.save_cash_plan", by=by, at=at, target=budget, changed=changed
        )


@transaction.atomic
def save_deadlines(
    *, version: ProgrammeVersion, days: Days, source: str, by: User, at: datetime
) -> DeadlineRule:
    """Record the deadlines of a programme year with the guide they come from."""
    require_right(by, Permission.CASH_PLAN_EDIT)
    if not covers(by.area_code, version.area_code):
        raise NotAllowed("DEADLINE-AREA", _("Tenggat diatur oleh petugas provinsi."))
    lengths = (days.sp2d, days.overbooking, days.clarification, days.idle)
    if any(not 0 <= length <= MOST_DAYS for length in lengths):
        raise BadInput("DEADLINE-DAYS", _("Tenggat antara 0 dan 366 hari; 0 berarti tidak ada."))
    if not source.strip():
        raise BadInput("DEADLINE-SOURCE", _("Isi sumber tenggat, misalnya juknis dan tahunnya."))
    old = DeadlineRule.objects.filter(version=version).values().first() or {}
    row, _made = DeadlineRule.objects.update_or_create(
        version=version,
        defaults={
            "sp2d_days": days.sp2d,
            "overbooking_days": days.overbooking,
            "clarification_days": days.clarification,
            "idle_days": days.idle,
            "source": source.strip()[:150],
            "changed_at": at,
            "changed_by": by,
        },
    )
    audit.record(
        verb="disbursements.save_deadlines",
        by=by,
        at=at,
        target=row,
        area_code=version.area_code,
        old={name: old.get(name) for name in _NAMES},
        new={name: getattr(row, name) for name in _NAMES},
    )
    return row


_NAMES = ("sp2d_days", "overbooking_days", "clarification_days", "idle_days", "source")


@dataclass(frozen=True)
class UseReport:
    """What a bank's report of transactions did: rows, lines of ours, accounts we do not pay."""

    rows: int
    lines: int
    foreign: int


@transaction.atomic
def load_account_use(
    *, agency: Agency, data: bytes, file_name: str, reported_on: date, by: User, at: datetime
) -> UseReport:
    """Take over a bank's report: account number and last transaction (empty = none).

    Whole or not at all: raises BadInput on a file that cannot be read. Accounts we never paid
    are counted and left alone. An older report never overwrites a newer one.
    """
    require_right(by, Permission.BANK_RESULT)
    if not covers(by.area_code, agency.area_code):
        raise NotAllowed("USE-AREA", _("Laporan bank dimuat oleh petugas provinsi."))
    if reported_on > day_of(at, agency.zone):
        raise BadInput("USE-FUTURE", _("Tanggal laporan bank tidak boleh sesudah hari ini."))
    reported = _read_use(data, file_name)
    lines = PaymentLine.objects.filter(
        account_index__in=list(reported),
        area_code__startswith=agency.area_code,
        state=LineState.SETTLED,
    ).defer("account_number")
    found, ours = 0, set()
    for line in lines.iterator(chunk_size=500):
        ours.add(line.account_index)
        newer = AccountUse.objects.filter(line=line, reported_on__gt=reported_on)
        if newer.exists():
            continue
        AccountUse.objects.update_or_create(
            line=line,
            defaults={
                "last_used_on": reported[line.account_index or ""],
                "reported_on": reported_on,
                "reported_at": at,
                "reported_by": by,
            },
        )
        found += 1
    report = UseReport(len(reported), found, len(reported) - len(ours))
    audit.record(
        verb="disbursements.load_account_use",
        by=by,
        at=at,
        target=agency,
        reported_on=reported_on,
        rows=report.rows,
        lines=report.lines,
        foreign=report.foreign,
    )
    return report


def _read_use(data: bytes, file_name: str) -> dict[str, date | None]:
    """Blind index of the account -> last transaction; the newest of an account named twice."""
    table = read_table(data, file_name, expected=COLUMNS, max_rows=MOST_ROWS)
    mapping = guess_mapping(table.headers, COLUMNS)
    missing = [column.label for column in COLUMNS if column.key not in mapping]
    if missing:
        raise BadInput(
            "USE-COLUMNS",
            _("Kolom %(names)s tidak ditemukan. Tidak ada yang dimuat.")
            % {"names": ", ".join(missing)},
        )
    found: dict[str, date | None] = {}
    for row in table.rows:
        account = clean_digits(row.cell(mapping["account"]).text)
        if not account.isdecimal():
            raise BadInput(
                "USE-ACCOUNT",
                _("Baris %(row)s: nomor rekening tidak terbaca. Tidak ada yang dimuat.")
                % {"row": row.row_number},
            )
        used = cell_date(row.cell(mapping["used"]))
        index = blind_index(account, "account")
        known = found.get(index)
        found[index] = max(filter(None, (known, used)), default=None)
    return found
