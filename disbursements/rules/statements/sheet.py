"""Account statements as tables: which column says what is data, per bank and version.

Read as a layout says, never guessed: a row that does not read that way keeps its line number and
goes to quarantine, a file whose balances do not follow from its rows is refused whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from bansos.lib.dates import MONTH_NUMBERS
from bansos.lib.errors import BadInput
from bansos.lib.money import to_sen
from bansos.lib.sheets.cells import EMPTY, Cell
from bansos.lib.sheets.guard import inspect_upload
from bansos.lib.sheets.mapping import normalise
from bansos.lib.sheets.sources import RawRow, RawSheet, open_book
from disbursements.choices import DateOrder, NumberSigns, Outcome
from disbursements.rules.bank_words import outcome_of
from disbursements.rules.references import clean_reference, is_reference
from disbursements.rules.statements.entries import (
    Entries,
    Entry,
    Told,
    clean,
    damaged,
    long_number,
    too_long,
    without_reference,
)

FIELDS = (
    *("date", "reference", "description", "debit", "credit", "amount", "mark"),
    *("account", "name", "balance", "currency", "bank_reference"),
)
# Titles, account and period stand above the headings.
SEARCHED_ROWS = 60
# What one file may hold; what stands above and below comes on top.
MOST_ROWS = 50_000
_INSIDE = re.compile(r"(?<![0-9A-Z])D[0-9]{15}(?![0-9A-Z])")
_DAY = re.compile(
    r"([0-9]{1,4})[-/. ]([0-9]{1,2}|[A-Za-z]{3,9})[-/. ]([0-9]{1,4})(?:[ T,]+[0-9].*)?"
)
_COMPACT = re.compile(r"[0-9]{8}")
_NUMBERS = {
    NumberSigns.COMMA: re.compile(r"([0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,([0-9]{1,2}))?"),
    NumberSigns.DOT: re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]{1,2}))?"),
}
_MONEY = re.compile(
    r"(?:RP\.?|IDR)?\s*(?P<open>\()?(?P<minus>[-+])?\s*(?P<number>[0-9.,]+)(?P<close>\))?"
    r"(?P<after>-)?\s*(?P<mark>[A-Z]{1,6})?"
)
DEBITS = frozenset({"D", "DB", "DR", "DEBIT", "DEBET"})
CREDITS = frozenset({"K", "C", "CR", "KR", "KREDIT", "CREDIT"})
NOTHING = frozenset({"", "-", "0"})


class BadColumns(ValueError):
    """A layout that says too little or contradicts itself; the sentence names what."""


@dataclass(frozen=True)
class SheetLayout:
    """Field -> heading, and how days and amounts are written; see models.StatementLayout."""

    columns: Mapping[str, str]
    date_order: str = DateOrder.DMY
    number_signs: str = NumberSigns.COMMA
    currency: str = "IDR"

    def as_data(self) -> dict[str, Any]:
        """What a stored file keeps of the layout it was read with."""
        return {
            "columns": dict(self.columns),
            "date_order": str(self.date_order),
            "number_signs": str(self.number_signs),
            "currency": self.currency,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> SheetLayout:
        """The layout that as_data() gave."""
        names = ("columns", "date_order", "number_signs", "currency")
        return cls(**{name: kept[name] for name in names})


def check_sheet_columns(columns: Mapping[str, str]) -> dict[str, str]:
    """The named headings in the order of FIELDS, as they are kept.

    Raises BadColumns without a day, an amount or a reference, and for one heading named twice.
    """
    found = {name: clean(columns.get(name, ""))[:60] for name in FIELDS}
    found = {name: heading for name, heading in found.items() if heading}
    if "date" not in found:
        raise BadColumns(_("Isi judul kolom tanggal."))
    if "reference" not in found and "description" not in found:
        raise BadColumns(_("Isi judul kolom referensi, atau kolom keterangan yang memuatnya."))
    both = {"debit", "credit"} & found.keys()
    if "amount" in found if both else "amount" not in found:
        raise BadColumns(_("Isi kolom debit dan kredit, atau satu kolom jumlah; jangan keduanya."))
    if len(both) == 1 or ("mark" in found and both):
        raise BadColumns(
            _("Kolom debit dan kredit diisi keduanya; kolom tanda D/K hanya dengan kolom jumlah.")
        )
    names = [normalise(heading) for heading in found.values()]
    if "" in names or len(set(names)) != len(names):
        raise BadColumns(_("Satu judul kolom hanya untuk satu isian."))
    return found


def places_of(sheet: RawSheet, layout: SheetLayout) -> tuple[int, dict[str, int]] | None:
    """Position of the heading row and the column of each field; None for another layout.

    All headings must stand in one row, each once.
    """
    wanted = {normalise(heading): name for name, heading in layout.columns.items()}
    for position, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
        names = [(normalise(cell.text), column) for column, cell in row.cells.items()]
        found = {wanted[name]: column for name, column in names if name in wanted}
        doubled = sum(name in wanted for name, _column in names) != len(found)
        if len(found) == len(wanted) and not doubled:
            return position, found
    return None


class Money(NamedTuple):
    """What the amount cells of a row say: signed (money out is negative), or not readable."""

    amount: Decimal | None
    broken: bool = False


@dataclass
class _Books:
    """What the rows came to so far, to be held against balances and totals."""

    steps: list[tuple[Decimal | None, Decimal | None]] = field(default_factory=list)
    out: Decimal = Decimal(0)
    back: Decimal = Decimal(0)

    def add(self, money: Money, balance: Decimal | None) -> None:
        self.steps.append((None if money.broken else money.amount or Decimal(0), balance))
        moved = money.amount or Decimal(0)
        self.out -= min(moved, Decimal(0))
        self.back += max(moved, Decimal(0))

    def check(self) -> None:
        """Raises BadInput unless each balance follows from the one before, or from the one after
        where the newest row stands first."""
        steps = self.steps
        if not all(_follows(one, two, two[0]) for one, two in zip(steps, steps[1:], strict=False)):
            pairs = zip(steps, steps[1:], strict=False)
            if not all(_follows(two, one, one[0]) for one, two in pairs):
                raise damaged()


Step = tuple[Decimal | None, Decimal | None]


def _follows(before: Step, after: Step, moved: Decimal | None) -> bool:
    if before[1] is None or after[1] is None or moved is None:
        return True
    return before[1] + moved == after[1]


def read_sheet(sheet: RawSheet, layout: SheetLayout) -> Iterator[Entry]:
    """The movements of a table under its headings; their row numbers are those of the file.

    A row without amount, reference and account (an opening balance, a remark) moves nothing and
    is no movement, nor is the line of totals when it adds up. Raises BadInput for a table of
    another layout and when the balances do not follow from the rows.
    """
    place = places_of(sheet, layout)
    if place is None:
        raise damaged()
    position, columns = place
    books, reader = _Books(), _Reader(layout, columns)
    for row in sheet.rows[position + 1 :]:
        money = reader.money(row)
        if any("�" in cell.text for cell in row.cells.values()):
            raise damaged()
        if reader.is_total(row, books):
            continue
        books.add(money, reader.balance(row))
        if money.amount is None and not money.broken and not reader.names_somebody(row):
            continue
        yield reader.entry(row, money)
    books.check()


@dataclass(frozen=True)
class _Reader:
    """Reads the rows of one file."""

    layout: SheetLayout
    columns: Mapping[str, int]

    def cell(self, row: RawRow, name: str) -> Cell:
        place = self.columns.get(name)
        return EMPTY if place is None else row.cells.get(place, EMPTY)

    def text(self, row: RawRow, name: str) -> str:
        return clean(self.cell(row, name).text)

    def names_somebody(self, row: RawRow) -> bool:
        return bool(self.reference(row) or self.text(row, "account"))

    def reference(self, row: RawRow) -> str:
        """Our own reference: the cell itself, else the only one inside the words."""
        own = clean_reference(self.text(row, "reference"))
        if is_reference(own):
            return own
        words = f"{self.text(row, 'reference')} {self.text(row, 'description')}".upper()
        found = set(_INSIDE.findall(words))
        return found.pop() if len(found) == 1 else ""

    def money(self, row: RawRow) -> Money:
        """What the row moved; both or neither column of debit and credit read as they stand."""
        if "amount" in self.columns:
            return self._one_column(row)
        out, out_broken = self._positive(row, "debit")
        back, back_broken = self._positive(row, "credit")
        if out_broken or back_broken or (out and back):
            return Money(None, broken=True)
        return Money(-out if out else back)

    def _positive(self, row: RawRow, name: str) -> tuple[Decimal | None, bool]:
        """The amount of a debit or credit cell; zero counts as empty."""
        cell = self.cell(row, name)
        if clean(cell.text) in NOTHING:
            return None, False
        found = amount_in(cell, self.layout.number_signs)
        if found is None or found[1] or found[0] < 0:
            return None, True
        return found[0] or None, False

    def _one_column(self, row: RawRow) -> Money:
        cell = self.cell(row, "amount")
        if clean(cell.text) in NOTHING:
            return Money(None)
        found = amount_in(cell, self.layout.number_signs)
        if found is None or not found[0]:
            return Money(None, broken=True)
        amount, inside = found
        word = self.text(row, "mark").upper().rstrip(".") if "mark" in self.columns else inside
        if word in DEBITS | CREDITS:
            return Money(None, True) if amount < 0 else Money(-amount if word in DEBITS else amount)
        # Without a mark the sign says it; a column of marks must say it itself.
        return Money(None, broken=True) if word or "mark" in self.columns else Money(amount)

    def balance(self, row: RawRow) -> Decimal | None:
        found = amount_in(self.cell(row, "balance"), self.layout.number_signs)
        if found is None:
            return None
        return -found[0] if found[1] in DEBITS else found[0]

    def is_total(self, row: RawRow, books: _Books) -> bool:
        """The line of totals at the foot: nobody, no day, and the sums of the rows above."""
        if "amount" in self.columns or self.text(row, "date") or self.names_somebody(row):
            return False
        out, back = self._positive(row, "debit")[0], self._positive(row, "credit")[0]
        sums = (out or Decimal(0), back or Decimal(0))
        return bool(out or back) and sums == (books.out, books.back)

    def entry(self, row: RawRow, money: Money) -> Entry:
        reference, words = self.reference(row), self.text(row, "description")
        day = day_in(self.cell(row, "date"), self.layout.date_order)
        broken = money.broken or not money.amount or day is None
        told = self.text(row, "reference")
        return Entry(
            row_number=row.number,
            raw_line=row.number,
            our_reference=reference,
            bank_reference=(
                self.text(row, "bank_reference")
                or (told if clean_reference(told) != reference else "")
            )[:60],
            amount=abs(money.amount) if money.amount else None,
            currency=self.text(row, "currency").upper() or self.layout.currency,
            account="",
            counter_account=self.text(row, "account") or long_number(words),
            name=self.text(row, "name")[:150],
            booked_on=day,
            outcome=Told.UNREADABLE if broken else _told(money.amount, reference, words),
            reason_words=words[:150],
        )


def _told(moved: Decimal | None, reference: str, words: str) -> Told:
    if not reference:
        return without_reference(words)
    back = outcome_of(words) == Outcome.RETURNED
    if moved is not None and moved < 0:
        return Told.UNKNOWN if back else Told.SETTLED
    return Told.RETURNED if back else Told.UNKNOWN


def amount_in(cell: Cell, signs: str) -> tuple[Decimal, str] | None:
    """A signed amount with the D/K mark behind it; None when it is no amount in whole sen."""
    if isinstance(cell.value, Decimal):
        sen = to_sen(cell.value)
        return (sen, "") if cell.value == sen else None
    whole = _MONEY.fullmatch(clean(cell.text).upper())
    number = _NUMBERS[NumberSigns(signs)].fullmatch(whole["number"]) if whole else None
    if whole is None or number is None or bool(whole["open"]) != bool(whole["close"]):
        return None
    digits = re.sub(r"[.,]", "", number[1])
    if len(digits) > 16:
        return None
    amount = Decimal(f"{digits}.{(number[2] or '0').ljust(2, '0')}")
    minus = [whole["open"], whole["minus"] == "-", whole["after"]]
    if sum(map(bool, minus)) > 1:
        return None
    return (-amount if any(minus) else amount, whole["mark"] or "")


def day_in(cell: Cell, order: str) -> date | None:
    """The day a cell says in this order of day, month and year; None when it says none."""
    if isinstance(cell.value, datetime):
        return cell.value.date()
    if isinstance(cell.value, date):
        return cell.value
    text = clean(cell.text)
    if _COMPACT.fullmatch(text):
        cut = (4, 6) if order == DateOrder.YMD else (2, 4)
        parts = (text[: cut[0]], text[cut[0] : cut[1]], text[cut[1] :])
    else:
        found = _DAY.fullmatch(text)
        if found is None:
            return None
        parts = (found[1], found[2], found[3])
    named = dict(zip(str(order), parts, strict=True))
    month = named["m"] if named["m"].isdigit() else MONTH_NUMBERS.get(named["m"].lower(), 0)
    year, day = named["y"], named["d"]
    if len(year) not in (2, 4) or not day.isdigit():
        return None
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def sheets_of(data: bytes, name: str, *, only: str | None = None) -> Sequence[RawSheet]:
    """The sheets of an upload, or one in full. Raises what guard.inspect_upload() raises."""
    kind = inspect_upload(data, name)
    return open_book(data, kind, max_rows=MOST_ROWS + SEARCHED_ROWS, sheet=only).sheets


def read_book(data: bytes, name: str, layout: SheetLayout) -> Entries:
    """The movements of a table in this layout. Raises BadInput as read_sheet() does."""
    found = sheet_for(sheets_of(data, name), {0: layout})
    if found is None:
        raise damaged()
    sheet = found[1]
    if not sheet.complete and sheet.name:
        # A book of several sheets comes with the first rows of each.
        sheet = sheets_of(data, name, only=sheet.name)[0]
    if not sheet.complete:
        raise too_long(MOST_ROWS)
    return read_sheet(sheet, layout)


def sheet_for(
    sheets: Sequence[RawSheet], layouts: Mapping[int, SheetLayout]
) -> tuple[int, RawSheet] | None:
    """Which layout a workbook is written in, and its sheet; None when it is in none.

    The layout that names the most columns is the one. Raises BadInput when two name as many, or
    two sheets hold such a table: which one counts is not guessed.
    """
    found = [
        (len(layout.columns), key, sheet)
        for sheet in sheets
        for key, layout in layouts.items()
        if places_of(sheet, layout) is not None
    ]
    if not found:
        return None
    most = max(count for count, _key, _sheet in found)
    best = [(key, sheet) for count, key, sheet in found if count == most]
    if len(best) > 1:
        raise BadInput(
            "STATEMENT-TWO-LAYOUTS",
            _(
                "Berkas ini cocok dengan lebih dari satu susunan atau memuat lebih dari satu"
                " lembar mutasi, jadi tidak dibaca. Simpan satu lembar saja, atau minta"
                " administrator mematikan susunan yang tidak dipakai."
            ),
        )
    return best[0]
