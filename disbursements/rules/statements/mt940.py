"""MT940, the older account statement; read by the mt-940 library, checked against its balances."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import mt940

from disbursements.choices import Outcome
from disbursements.rules.bank_words import outcome_of
from disbursements.rules.statements.codes import MT940_FEES, MT940_RETURNS
from disbursements.rules.statements.entries import (
    Entries,
    Entry,
    Told,
    amount_of,
    clean,
    damaged,
    long_number,
    our_reference,
    without_reference,
)

_START = re.compile(r"^:20:", re.MULTILINE)
_MOVE = re.compile(r"^:61:", re.MULTILINE)
_CLOSED = re.compile(r"^:62[FM]:", re.MULTILINE)
# Field 86 as banks here write it: /EREF/.../NAME/.../ACCT/.../RTRN/AC04/
_PART = re.compile(r"/(EREF|NAME|ACCT|CNTP|RTRN|REMI|ORDP|BENM)/")
_NUMBERED = re.compile(r"\?(\d\d)")
MARKS = {"EREF", "NAME", "ACCT", "RTRN", "REMI"}


def looks_like_mt940(data: bytes) -> bool:
    """Fields 20 and 60 at the start of lines, as no table has them."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf")
    return (
        re.search(rb"(^|\n|\})\s*:20:", head) is not None
        and re.search(rb"\n:6[01][FM]?:", data[:65536]) is not None
    )


def read_mt940(data: bytes) -> Entries:
    """The movements of all statements in the file.

    Raises BadInput for bytes that are no text, an unfinished statement, one whose lines the
    library cannot read, or whose movements do not lead from its opening to its closing balance.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise damaged(error) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    place, above = 0, text[: _first(text)].count("\n")
    for part in _statements(text):
        entries = _statement(part, place, above)
        above += part.count("\n")
        place += len(entries)
        yield from entries


def _first(text: str) -> int:
    found = _START.search(text)
    return found.start() if found else 0


def _statements(text: str) -> Iterator[str]:
    places = [found.start() for found in _START.finditer(text)]
    for start, end in zip(places, [*places[1:], len(text)], strict=True):
        yield text[start:end]


def _statement(part: str, place: int, above: int) -> list[Entry]:
    if not _CLOSED.search(part):
        raise damaged()
    # The library writes whole fields, names and accounts with them, to its log.
    logging.getLogger("mt940").setLevel(logging.CRITICAL)
    try:
        found = mt940.parse(part)
    except Exception as error:  # the library raises RuntimeError, ValueError, AssertionError ...
        raise damaged(error) from error
    moves = [row.data for row in found]
    starts = [match.start() for match in _MOVE.finditer(part)]
    if len(moves) != len(starts):
        raise damaged()
    _check_balances(found.data, moves)
    own = clean(str(found.data.get("account_identification", "")))
    return [
        _entry(data, place + number, above + part.count("\n", 0, start) + 1, own)
        for number, (data, start) in enumerate(zip(moves, starts, strict=True), start=1)
    ]


def _check_balances(facts: dict[str, Any], moves: list[dict[str, Any]]) -> None:
    ends = [
        facts.get(f"final_{name}_balance") or facts.get(f"intermediate_{name}_balance")
        for name in ("opening", "closing")
    ]
    if None in ends:
        raise damaged()
    moved = sum((row["amount"].amount for row in moves), Decimal(0))
    if ends[0].amount.amount + moved != ends[1].amount.amount:  # type: ignore[union-attr]
        raise damaged()


def _entry(data: dict[str, Any], place: int, line: int, own: str) -> Entry:
    details = str(data.get("transaction_details") or "")
    marks = _marks(details)
    reference = our_reference(marks.get("EREF", ""), str(data.get("customer_reference") or ""))
    words = clean(f"{data.get('extra_details') or ''} {marks.get('REMI', '')}")
    if not marks:
        words = clean(f"{words} {details}")
    code = marks.get("RTRN", "").upper()
    return Entry(
        row_number=place,
        raw_line=line,
        our_reference=reference,
        bank_reference=clean(str(data.get("bank_reference") or ""))[:60],
        amount=amount_of(str(abs(data["amount"].amount))),
        currency=str(data.get("currency") or ""),
        account=own,
        counter_account=marks.get("ACCT", ""),
        name=marks.get("NAME", "")[:150],
        booked_on=_day(data),
        outcome=_outcome(data, reference, code, words),
        reason_code=code[:35],
        reason_words=words[:150],
    )


def _day(data: dict[str, Any]) -> date | None:
    found = data.get("entry_date") or data.get("date")
    return date(found.year, found.month, found.day) if found is not None else None


def _marks(details: str) -> dict[str, str]:
    """The marked parts of field 86: /NAME/... or ?32...; empty when it is free text."""
    flat = details.replace("\n", "")
    pieces = _PART.split(flat)
    if len(pieces) > 1:
        found = dict(zip(pieces[1::2], pieces[2::2], strict=True))
        named = {"NAME": found.get("NAME") or found.get("BENM", "")}
        account = found.get("ACCT") or found.get("CNTP", "").split("/")[0]
        rest = {key: found[key] for key in ("EREF", "REMI", "RTRN") if key in found}
        return {
            key: clean(words).strip("/")
            for key, words in {**rest, **named, "ACCT": account}.items()
        }
    pieces = _NUMBERED.split(flat)
    if len(pieces) > 1:
        found = dict(zip(pieces[1::2], pieces[2::2], strict=True))
        return {
            "NAME": clean(found.get("32", "") + found.get("33", "")),
            "ACCT": clean(found.get("31", "")),
            "REMI": clean(" ".join(found[key] for key in sorted(found) if key.startswith("2"))),
        }
    # Free text: the only long number in it is the other account, or none is.
    number = long_number(details)
    return {"ACCT": number, "REMI": clean(details)} if number else {}


def _outcome(data: dict[str, Any], reference: str, code: str, words: str) -> Told:
    kind = str(data.get("id") or "")[-3:].upper()
    status = str(data["status"]).upper()
    if kind in MT940_FEES:
        return Told.FEE
    if not reference:
        return without_reference(f"{data.get('extra_details')} {data.get('transaction_details')}")
    if status == "D":
        return Told.UNKNOWN if kind in MT940_RETURNS or code else Told.SETTLED
    back = kind in MT940_RETURNS or bool(code) or outcome_of(words) == Outcome.RETURNED
    return Told.RETURNED if status == "RD" or (status == "C" and back) else Told.UNKNOWN
