"""Rupiah: the one money field, how amounts are read, written and spelled. Never a float."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from bansos.lib.errors import BadInput

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable

    _DecimalField = models.DecimalField[Decimal | int | str | Combinable | None, Decimal]
else:
    _DecimalField = models.DecimalField

SEN = Decimal("0.01")
LARGEST = Decimal("9999999999999999.99")

_MULTIPLIERS = {
    "rb": Decimal(1_000),
    "ribu": Decimal(1_000),
    "jt": Decimal(1_000_000),
    "juta": Decimal(1_000_000),
    "m": Decimal(1_000_000_000),
    "mlr": Decimal(1_000_000_000),
    "miliar": Decimal(1_000_000_000),
    "milyar": Decimal(1_000_000_000),
    "t": Decimal(1_000_000_000_000),
    "triliun": Decimal(1_000_000_000_000),
}
_AMOUNT = re.compile(
    r"(?P<minus>-\s*)?(?:rp\.?\s*)?(?P<digits>[0-9][0-9.,]*)\s*(?P<word>[a-z]+)?(?P<tail>\s*,-)?",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"[0-9]+(?:,[0-9]{1,2})?")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]{1,2})?")
_SHORT = re.compile(r"(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?")

_UNITS = (
    *("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"),
    *("sepuluh", "sebelas"),
)
_SCALES = (
    (10**15, "kuadriliun"),
    (10**12, "triliun"),
    (10**9, "miliar"),
    (10**6, "juta"),
    (10**3, "ribu"),
)


class MoneyField(_DecimalField):
    """Rupiah with sen, numeric(18,2): the only way an amount is stored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 18)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        """Refuse floats: they have lost the sen before they arrive."""
        if isinstance(value, float):
            raise TypeError("Money is never a float; pass a Decimal, an int or a string.")
        amount: Decimal | None = super().to_python(value)
        return amount

    def get_prep_value(self, value: Any) -> Any:
        """Same refusal on the way to the database and in lookups."""
        if isinstance(value, float):
            raise TypeError("Money is never a float; pass a Decimal, an int or a string.")
        return super().get_prep_value(value)


def _exact(amount: Decimal | int) -> Decimal:
    if not isinstance(amount, Decimal | int) or isinstance(amount, bool):
        raise TypeError("Amounts are Decimal or int, never float or text.")
    return Decimal(amount)


def to_sen(amount: Decimal | int) -> Decimal:
    """The amount with exactly two decimals, halves away from zero."""
    return _exact(amount).quantize(SEN, rounding=ROUND_HALF_UP)


def number(value: Decimal | int) -> str:
    """1568 -> "1.568"; decimals that are there stay, with a comma: 1.5 -> "1,5"."""
    exact = _exact(value)
    whole, _point, fraction = f"{abs(exact):f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", ".")
    sign = "-" if exact < 0 else ""
    return f"{sign}{grouped},{fraction}" if fraction else f"{sign}{grouped}"


def rupiah(amount: Decimal | int) -> str:
    """1500000 -> "Rp1.500.000"; sen only when there are any; no space after Rp (EYD)."""
    exact = to_sen(amount)
    text = number(abs(exact)).removesuffix(",00")
    return f"-Rp{text}" if exact < 0 else f"Rp{text}"


def rupiah_short(amount: Decimal | int) -> str:
    """As in "Rp1,5 miliar": one decimal, for marks in charts only, never in a list or a letter."""
    exact = _exact(amount)
    size = abs(exact)
    sign = "-" if exact < 0 else ""
    for scale, word in ((10**12, "triliun"), (10**9, "miliar"), (10**6, "juta"), (10**3, "ribu")):
        # 999,96 juta is written as 1 miliar, 950 juta stays 950 juta.
        if _one_decimal(size * 1000 / scale) >= 1000:
            short = _one_decimal(size / scale)
            return f"{sign}Rp{number(short).removesuffix(',0')} {word}"
    return rupiah(exact)


def _one_decimal(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def parse_rupiah(text: str) -> Decimal:
    """Read an amount as people type it; two decimals out.

    Accepts `1500000`, `1.500.000`, `Rp1.500.000,50`, `1,5 jt`, `2 miliar`. A dot is only ever a
    thousands mark and must stand before every three digits; a comma is only ever the decimal
    mark. Raises BadInput for anything that can be read in two ways (`1.5`, `1,500,000`).
    """
    match = _AMOUNT.fullmatch(text.strip().replace("\u00a0", " "))
    if match is None:
        raise _unreadable()
    digits = match["digits"]
    word = (match["word"] or "").lower()
    if word:
        amount = _with_word(digits, word, closing=bool(match["tail"]))
    elif _PLAIN.fullmatch(digits) or _GROUPED.fullmatch(digits):
        amount = Decimal(digits.replace(".", "").replace(",", "."))
    else:
        raise _unreadable()
    if amount > LARGEST:
        raise BadInput("jumlah_terlalu_besar", _("Jumlah terlalu besar. Periksa banyaknya angka."))
    signed = -amount if match["minus"] else amount
    return signed.quantize(SEN)


def _with_word(digits: str, word: str, *, closing: bool) -> Decimal:
    multiplier = _MULTIPLIERS.get(word)
    if multiplier is None or closing or not _SHORT.fullmatch(digits):
        raise _unreadable()
    amount = Decimal(digits.replace(".", "").replace(",", ".")) * multiplier
    if amount != amount.quantize(SEN):
        raise _unreadable()
    return amount


def _unreadable() -> BadInput:
    return BadInput(
        "jumlah_tidak_terbaca",
        _("Jumlah tidak dapat dibaca. Tulis seperti 1.500.000 atau 1,5 juta."),
    )


def terbilang(value: int) -> str:
    """A whole number in Indonesian words: 1001000 -> "satu juta seribu"."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("terbilang() spells whole numbers; use terbilang_rupiah() for money.")
    if value < 0:
        return f"minus {terbilang(-value)}"
    if value < 1000:
        return _below_thousand(value)
    if value >= 10**18:
        raise ValueError("terbilang() spells numbers below 10^18.")
    words: list[str] = []
    rest = value
    for scale, name in _SCALES:
        count, rest = divmod(rest, scale)
        if count:
            one_thousand = (count, scale) == (1, 1000)
            words.append("seribu" if one_thousand else f"{_below_thousand(count)} {name}")
    if rest:
        words.append(_below_thousand(rest))
    return " ".join(words)


def _below_thousand(value: int) -> str:
    if value < 12:
        return _UNITS[value]
    if value < 20:
        return f"{_UNITS[value - 10]} belas"
    if value < 100:
        tens, rest = divmod(value, 10)
        return f"{_UNITS[tens]} puluh" + (f" {_UNITS[rest]}" if rest else "")
    hundreds, rest = divmod(value, 100)
    head = "seratus" if hundreds == 1 else f"{_UNITS[hundreds]} ratus"
    return f"{head} {_below_thousand(rest)}" if rest else head


def terbilang_rupiah(amount: Decimal | int) -> str:
    """As in "satu juta tiga puluh satu ribu ... rupiah lima puluh sembilan sen", for letters."""
    exact = to_sen(amount)
    whole, sen = divmod(int(abs(exact) * 100), 100)
    words = f"{terbilang(whole)} rupiah"
    if sen:
        words = f"{words} {terbilang(sen)} sen"
    return f"minus {words}" if exact < 0 else words
