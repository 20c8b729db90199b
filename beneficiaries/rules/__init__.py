"""Plain rules of the register: how long things are kept, how words and accounts are read."""

from __future__ import annotations

from datetime import timedelta

from bansos.lib.nik import FEMALE, MALE, clean_digits

REVEALS_PER_HOUR = 30
REVEAL_SECONDS = 60
SEARCH_LETTERS = 3
# A list nobody decided on holds personal data without a reason; a half-filled form likewise.
IMPORT_DAYS = timedelta(days=7)
DRAFT_DAYS = timedelta(days=30)
OLDEST_YEARS = 125
ACCOUNT_SHORTEST, ACCOUNT_LONGEST = 6, 20

_SEXES = {
    **dict.fromkeys(("l", "lk", "lki", "laki", "lakilaki", "pria", "m", "male", "1"), MALE),
    **dict.fromkeys(("p", "pr", "prm", "perempuan", "wanita", "w", "f", "female", "2"), FEMALE),
}


def read_sex(text: str) -> str | None:
    """L or P as lists write it (Laki-laki, LK, Pria, P, Wanita, 1, 2); None when unreadable."""
    return _SEXES.get("".join(sign for sign in text.lower() if sign.isalnum()))


def account_is_sound(number: str) -> bool:
    """True for 6 to 20 digits that are not one digit repeated; separators do not count."""
    digits = clean_digits(number)
    fits = ACCOUNT_SHORTEST <= len(digits) <= ACCOUNT_LONGEST
    return fits and digits.isascii() and digits.isdigit() and len(set(digits)) > 1


def is_number_search(text: str) -> bool:
    """True when a search text is a NIK, KK or account number and not a name."""
    digits = clean_digits(text)
    return digits.isdigit() and len(digits) >= ACCOUNT_SHORTEST
