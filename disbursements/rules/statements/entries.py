"""One movement as any bank format tells it, and the file it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _

from bansos.lib.errors import BadInput


class Format(StrEnum):
    """Which format the bytes are; TABLE is XLSX, XLS, ODS or CSV with its own columns.

    SHEET is such a table that a bank made as an account statement.
    """

    TABLE = "table"
    PAIN002 = "pain002"
    CAMT053 = "camt053"
    CAMT054 = "camt054"
    MT940 = "mt940"
    SHEET = "sheet"


class Told(StrEnum):
    """What a movement says. PENDING: not decided yet; UNKNOWN: says nothing sure; UNREADABLE: its
    day or amount cannot be read."""

    SETTLED = "settled"
    RETURNED = "returned"
    FEE = "fee"
    FOREIGN = "foreign"
    PENDING = "pending"
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement; what the file does not say is empty or None, never guessed.

    `row_number` counts the movements of the file from 1, `raw_line` is its line in the text.
    """

    row_number: int
    raw_line: int
    our_reference: str
    bank_reference: str
    amount: Decimal | None
    currency: str
    account: str
    counter_account: str
    name: str
    booked_on: date | None
    outcome: Told
    reason_code: str = ""
    reason_words: str = ""


_AMOUNT = re.compile(r"[0-9]{1,16}(\.[0-9]{1,5})?")
_CHARGE = re.compile(r"\b(biaya|adm|administrasi|charges?|fees?|provisi)\b")
_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9]{8,20}(?![0-9A-Za-z])")
# Banks write these where a reference should stand and there is none.
NO_REFERENCE = frozenset({"", "NONREF", "NOTPROVIDED", "NOREF"})


def clean(text: str | None) -> str:
    """Words on one line, single spaces."""
    return " ".join((text or "").split())


def amount_of(text: str | None) -> Decimal | None:
    """An ISO amount; None unless it is positive and has no more than whole sen."""
    words = clean(text)
    if not _AMOUNT.fullmatch(words):
        return None
    amount = Decimal(words)
    sen = amount.quantize(Decimal("0.01"))
    return sen if sen == amount and amount > 0 else None


def date_of(text: str | None) -> date | None:
    """The day of an ISO date or date-time; None when there is none."""
    try:
        return date.fromisoformat(clean(text)[:10])
    except ValueError:
        return None


def our_reference(*found: str) -> str:
    """The first that is a reference at all."""
    for text in found:
        words = clean(text).upper()
        if words not in NO_REFERENCE:
            return words[:40]
    return ""


def without_reference(words: str) -> Told:
    """A movement that names no payment: a charge when it says so, or a stranger's."""
    return Told.FEE if _CHARGE.search(words.lower()) else Told.FOREIGN


def long_number(words: str) -> str:
    """The only number in free words that is long enough to be an account; "" for none or two."""
    numbers = _LONG_NUMBER.findall(words)
    return numbers[0] if len(numbers) == 1 else ""


def too_long(most: int) -> BadInput:
    """The refusal of a file with more movements than are read at once."""
    return BadInput(
        "STATEMENT-LONG",
        _("Berkas ini memuat lebih dari %(most)s baris. Minta bank membaginya.") % {"most": most},
    )


def damaged(why: object = "") -> BadInput:
    """The refusal of a file that cannot be read to its end."""
    sentence = _(
        "Berkas ini rusak atau terpotong, jadi tidak ada barisnya yang dibaca. Minta bank"
        " mengirim ulang berkas yang utuh."
    )
    error = BadInput("STATEMENT-BROKEN", sentence)
    error.__cause__ = why if isinstance(why, BaseException) else None
    return error


Entries = Iterator[Entry]
