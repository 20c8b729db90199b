"""NIK and KK numbers: shape, what they say about birth and sex, masking, Excel damage.

A NIK has no check digit: these rules catch slips of the hand, never a false identity. The first
six digits are the place of first registration, never the residence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.utils.functional import _StrPromise

    Sentence = str | _StrPromise
    Finding = tuple[str, Sentence]

LENGTH = 16
BULLET = "•"
MALE, FEMALE = "L", "P"
_SEPARATORS = re.compile(r"[\s.\-'\u2019\u200b\ufeff]")
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?\s*[eE]\s*\+?[0-9]+")
_DECIMAL_TAIL = re.compile(r"[0-9]{8,}[.,]0+")


@dataclass(frozen=True)
class NumberCheck:
    """Errors stop the entry; warnings ask for a note and let it pass."""

    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """No error; there may be warnings."""
        return not self.errors


@dataclass(frozen=True)
class NikCheck(NumberCheck):
    """The check of a NIK with the birth date and the sex ("L", "P") it carries."""

    birth_date: date | None = None
    sex: str | None = None


def clean_digits(text: str) -> str:
    """Without the spaces, dots, dashes and apostrophes people and Excel put between digits.

    Letters stay, so that a wrong entry is still seen as wrong.
    """
    return text if text.isalnum() else _SEPARATORS.sub("", text)


def _shape(digits: str, name: str) -> Finding | None:
    if not digits:
        return ("kosong", format_lazy(_("{name} belum diisi."), name=name))
    if not (digits.isascii() and digits.isdigit()):
        return ("bukan_angka", format_lazy(_("{name} hanya boleh berisi angka."), name=name))
    if len(digits) != LENGTH:
        sentence = format_lazy(
            _("{name} harus 16 angka. Yang diisi {count} angka."), name=name, count=len(digits)
        )
        return ("panjang", sentence)
    if len(set(digits)) == 1:
        return ("angka_sama", format_lazy(_("{name} tidak mungkin satu angka saja."), name=name))
    return None


def check_nik(
    text: str,
    *,
    birth_date: date | None = None,
    sex: str | None = None,
    known_prefixes: Collection[str] = frozenset(),
    today: date | None = None,
) -> NikCheck:
    """Check a NIK by itself and against the entered birth date and sex ("L" or "P").

    Real cards carry errors and area codes change with splits, so a differing birth date or sex
    and an unknown prefix (2, 4 or 6 digits, no check when empty) are warnings. The century is
    not coded: it follows the entered birth date, else the latest one not after `today`.
    """
    digits = clean_digits(text)
    broken = _shape(digits, "NIK")
    if broken is not None:
        return NikCheck(errors=(broken,))
    day, month, year = int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
    found_sex = FEMALE if day > 40 else MALE
    candidates = _birth_dates(day - 40 if day > 40 else day, month, year)
    errors = _part_errors(month, candidates, digits[12:])
    if errors:
        return NikCheck(errors=errors)
    found_birth = _pick(candidates, birth_date, today)
    warnings: list[Finding] = []
    if known_prefixes and not _prefix_known(digits, known_prefixes):
        warnings.append(("awalan", _("Kode wilayah di awal NIK tidak dikenal. Periksa KTP.")))
    if birth_date is not None and birth_date not in candidates:
        sentence = _("Tanggal lahir di NIK berbeda dengan yang diisi. Periksa KTP, beri catatan.")
        warnings.append(("tanggal_lahir", sentence))
    if sex in (MALE, FEMALE) and sex != found_sex:
        sentence = _("Jenis kelamin di NIK berbeda dengan yang diisi. Periksa KTP, beri catatan.")
        warnings.append(("jenis_kelamin", sentence))
    return NikCheck(warnings=tuple(warnings), birth_date=found_birth, sex=found_sex)


def _birth_dates(day: int, month: int, year: int) -> list[date]:
    """The real calendar days the six digits can mean, 19yy first."""
    found = []
    for century in (1900, 2000):
        try:
            found.append(date(century + year, month, day))
        except ValueError:
            continue
    return found


def _part_errors(month: int, candidates: list[date], serial: str) -> tuple[Finding, ...]:
    errors: list[Finding] = []
    if not 1 <= month <= 12:
        errors.append(("bulan", _("Bulan lahir di NIK (angka ke-9 dan 10) harus 01 sampai 12.")))
    elif not candidates:
        errors.append(("tanggal", _("Tanggal lahir di NIK (angka ke-7 sampai 12) tidak ada.")))
    if serial == "0000":
        sentence = _(
            "Empat angka terakhir NIK tidak boleh 0000. Biasanya ini NIK yang diubah oleh Excel."
        )
        errors.append(("seri", sentence))
    return tuple(errors)


def _pick(candidates: list[date], entered: date | None, today: date | None) -> date | None:
    if len(candidates) == 1:
        return candidates[0]
    if entered is not None:
        return min(candidates, key=lambda found: abs((found - entered).days))
    if today is not None:
        return max((found for found in candidates if found <= today), default=candidates[0])
    return None


def _prefix_known(digits: str, known: Collection[str]) -> bool:
    return any(digits[:length] in known for length in (6, 4, 2))


def check_kk(text: str) -> NumberCheck:
    """Check a KK number: 16 digits; an odd issue date or serial is only a warning."""
    digits = clean_digits(text)
    broken = _shape(digits, "Nomor KK")
    if broken is not None:
        return NumberCheck(errors=(broken,))
    day, month, year = int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
    warnings: list[Finding] = []
    if not _birth_dates(day, month, year):
        sentence = _("Tanggal terbit di nomor KK (angka ke-7 sampai 12) tidak ada. Periksa KK.")
        warnings.append(("tanggal", sentence))
    if digits.endswith("0000"):
        sentence = _("Nomor KK berakhir 0000. Biasanya ini nomor yang diubah oleh Excel.")
        warnings.append(("seri", sentence))
    return NumberCheck(warnings=tuple(warnings))


def mask_nik(text: str) -> str:
    """First six and last two digits of a NIK or KK; anything shorter is hidden whole."""
    if len(text) < LENGTH:
        return BULLET * len(text)
    return f"{text[:6]}{BULLET * (len(text) - 8)}{text[-2:]}"


def mask_account(text: str) -> str:
    """The last four characters of an account number; a short one is hidden whole."""
    if len(text) < 8:
        return BULLET * len(text)
    return f"{BULLET * (len(text) - 4)}{text[-4:]}"


def group_nik(text: str) -> str:
    """351901 410857 0001: area, birth, serial; other lengths are left as they are."""
    if len(text) != LENGTH:
        return text
    return f"{text[:6]} {text[6:12]} {text[12:]}"


def looks_excel_damaged(value: object) -> Finding | None:
    """Why a cell meant as NIK, KK or account can no longer be trusted, or None.

    Excel keeps 15 digits of a number: the 16th becomes 0 and leading zeros are gone. A text cell
    of digits is fine, whatever its last digit.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _number_damage(value)
    text = str(value).strip().lstrip("'")
    if _SCIENTIFIC.fullmatch(text):
        return ("notasi_ilmiah", _SCIENTIFIC_SENTENCE)
    if _DECIMAL_TAIL.fullmatch(text):
        return _number_damage(int(re.split("[.,]", text)[0]))
    return None


_SCIENTIFIC_SENTENCE = _(
    "Excel mengubah nomor ini menjadi bentuk 3,51E+15. Angkanya hilang; isi ulang sebagai teks."
)
_LAST_DIGIT_SENTENCE = _(
    "Sel berisi bilangan, bukan teks. Excel mengubah angka ke-16 menjadi 0; isi ulang sebagai teks."
)
_NUMBER_SENTENCE = _(
    "Sel berisi bilangan, bukan teks. Angka 0 di depan dapat hilang; isi ulang sebagai teks."
)


def _number_damage(value: float) -> Finding:
    if abs(value) >= 10 ** (LENGTH - 1):
        return ("angka_terakhir", _LAST_DIGIT_SENTENCE)
    return ("sel_bilangan", _NUMBER_SENTENCE)
