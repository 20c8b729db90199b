"""Numbers of pay lists and the bank references of their lines, unique for ever."""

from __future__ import annotations

import re

MOST_LISTS = 9_999
MOST_LINES = 9_999_999
MOST_SUBMISSIONS = 99
POSITION_DIGITS = 7
REFERENCE_LENGTH = 16
_REFERENCE = re.compile(r"D[0-9]{15}")


def list_number(province: str, year: int, sequence: int) -> str:
    """DB-35-2026-0012: province, budget year and the running number of that year.

    Raises ValueError above 9,999 lists in a year.
    """
    if not 1 <= sequence <= MOST_LISTS:
        raise ValueError("A province makes at most 9,999 pay lists in a year.")
    return f"DB-{province}-{year}-{sequence:04d}"


def line_reference(number: str, position: int) -> str:
    """D352600120000001: 16 characters, the list's number without its signs and the position.

    Sixteen is what the narrowest known transfer note carries. Raises ValueError beyond 9,999,999.
    """
    if not 1 <= position <= MOST_LINES:
        raise ValueError("A pay list has at most 9,999,999 lines.")
    _prefix, province, year, sequence = number.split("-")
    return f"D{province}{year[2:]}{sequence}{position:0{POSITION_DIGITS}d}"


def sts_words(number: str) -> str:
    """STS 12; a number that begins with the word already is left as it is."""
    return number if number.upper().startswith("STS") else f"STS {number}"


def clean_reference(text: str) -> str:
    """A reference as banks give it back: no spaces, upper case, quotes of Excel removed."""
    if text.isalnum():  # nothing to remove from nearly every one
        return text.upper()[:40]
    return re.sub(r"[\s'\"]+", "", text).upper()[:40]


def is_reference(text: str) -> bool:
    """Whether it has the shape of one of ours."""
    return bool(_REFERENCE.fullmatch(text))


def list_of(reference: str) -> str:
    """The number of the list a reference was made for; "" when it has another shape."""
    if not is_reference(reference):
        return ""
    return f"DB-{reference[1:3]}-20{reference[3:5]}-{reference[5:9]}"


def submission_reference(number: str, attempt: int) -> str:
    """S3526001201: the list's number without its signs and which submission of it this is.

    A new one exists only after the bank refused the one before. Raises ValueError beyond 99.
    """
    if not 1 <= attempt <= MOST_SUBMISSIONS:
        raise ValueError("A list is submitted at most 99 times.")
    _prefix, province, year, sequence = number.split("-")
    return f"S{province}{year[2:]}{sequence}{attempt:02d}"
