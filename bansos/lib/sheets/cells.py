"""One cell of a list: cleaned text, the raw kind it had in the file, dates and amounts read."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from bansos.lib.dates import parse_date
from bansos.lib.errors import BadInput
from bansos.lib.money import parse_rupiah, to_sen

Value = str | Decimal | bool | date | datetime | time | None

# Excel counts days from here; its invented 29 February 1900 lies before any date we accept.
EXCEL_EPOCH = date(1899, 12, 30)
# Plain numbers outside 1920..2100 are not taken for a date: 1950 is a year, not a day.
_FIRST_SERIAL = 7_306
_LAST_SERIAL = 73_415

_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
    + [0xFEFF]
)
_ESCAPED_RETURN = re.compile(r"_x000[dDaA9]_")
_TEXT_FORMULA = re.compile(r'="([^"]*)"')
_TEXT_MARK = re.compile(r"'(?=[0-9=+\-@])")
_SCIENTIFIC = re.compile(r"[+-]?[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{1,3}")


class Cell(NamedTuple):
    """`value` as stored, `text` as read by people; a NIK that `was_number` has lost digits."""

    value: Value
    text: str
    was_number: bool = False
    was_date: bool = False


EMPTY = Cell(None, "")


def text_cell(raw: str) -> Cell:
    """A text as typed; scientific notation is what is left of a number Excel rounded."""
    if raw.isascii() and (raw.isalnum() or _is_clean(raw)):
        # Past the defaults of Cell, which cost more than the cell; a long list has millions.
        return tuple.__new__(Cell, (raw, raw, False, False))
    text = clean_text(raw)
    return Cell(text, text, was_number=bool(_SCIENTIFIC.fullmatch(text))) if text else EMPTY


def _is_clean(raw: str) -> bool:
    """Nothing to clean in it, and no rounded number: so are most cells of a long list."""
    return (
        raw[:1].isalnum() and raw.isprintable() and "+" not in raw and " ".join(raw.split()) == raw
    )


def number_cell(digits: str) -> Cell:
    """A number of the file, given as its shortest decimal writing."""
    value = Decimal(digits)
    if not value.is_finite():
        return text_cell(digits)
    return Cell(value, plain_number(value), was_number=True)


def date_cell(moment: date | datetime) -> Cell:
    """A real date of the file; midnight is no time of day."""
    if isinstance(moment, datetime) and moment.time() == time():
        moment = moment.date()
    pattern = "%d/%m/%Y %H:%M" if isinstance(moment, datetime) else "%d/%m/%Y"
    return Cell(moment, moment.strftime(pattern), was_date=True)


def time_cell(clock: time) -> Cell:
    return Cell(clock, clock.strftime("%H:%M"))


def truth_cell(truth: bool) -> Cell:
    return Cell(truth, "Ya" if truth else "Tidak")


def clean_text(raw: str) -> str:
    """One line without invisible signs, odd spaces, and the marks Excel users put before text."""
    text = raw
    if not (raw.isascii() and raw.isprintable()):
        text = _ESCAPED_RETURN.sub(" ", text).translate(_INVISIBLE)
        text = "".join(_visible(sign) for sign in unicodedata.normalize("NFC", text))
    text = " ".join(text.split())
    if text.startswith('="') and (formula := _TEXT_FORMULA.fullmatch(text)):
        text = formula[1].strip()
    return _TEXT_MARK.sub("", text, count=1) if text.startswith("'") else text


def _visible(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in {"Cc", "Zs", "Zl", "Zp"}:
        return " "
    return "" if category in {"Cs", "Co", "Cn"} else sign


def plain_number(value: Decimal) -> str:
    """Digits without exponent and without a trailing ".0"."""
    if value == value.to_integral_value():
        return f"{value:.0f}"
    return f"{value:f}"


def cell_date(cell: Cell, *, today: date | None = None, birth: bool = False) -> date | None:
    """The day a cell names, or None for an empty one.

    Reads real dates, Excel's day counts that lost their format, and text by
    `bansos.lib.dates.parse_date` (whose BadInput passes through).
    """
    if isinstance(cell.value, datetime):
        return cell.value.date()
    if isinstance(cell.value, date):
        return cell.value
    if isinstance(cell.value, Decimal) and _FIRST_SERIAL <= cell.value <= _LAST_SERIAL:
        return EXCEL_EPOCH + timedelta(days=int(cell.value))
    return parse_date(cell.text, today=today, birth=birth) if cell.text else None


def cell_amount(cell: Cell) -> Decimal | None:
    """The rupiah of a cell with two decimals, or None for an empty one.

    Raises BadInput when the text is no amount (see `bansos.lib.money.parse_rupiah`).
    """
    if isinstance(cell.value, Decimal):
        return to_sen(cell.value)
    if cell.was_date:
        raise BadInput(
            "jumlah_berupa_tanggal",
            _("Sel ini berisi tanggal, bukan jumlah rupiah. Ubah format sel menjadi Angka."),
        )
    return parse_rupiah(cell.text) if cell.text else None


def column_letter(index: int) -> str:
    """0 -> "A", 26 -> "AA"."""
    letters = ""
    rest = index + 1
    while rest:
        rest, place = divmod(rest - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters
