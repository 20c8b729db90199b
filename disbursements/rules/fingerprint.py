"""The fingerprint of a pay list: SHA-256 over canonical rows, the same on every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bansos.lib.money import to_sen


@dataclass(frozen=True, slots=True)
class HashedLine:
    """What the fingerprint covers of a line; the account by its blind index."""

    position: int
    reference: str
    enrolment_id: int
    person_id: int
    payee_name: str
    bank_code: str
    account_index: str
    account_holder: str
    amount: Decimal
    payee_id: int | None = None
    rail: str = "overbooking"
    # Number, letter, its day, first and last day, and holder, of an account in a proxy's name.
    letter: tuple[int, str, str, str, str, str] | None = None


@dataclass(frozen=True)
class Sealed:
    """Fingerprint, number of lines and their sum, taken in one pass."""

    hash: str
    count: int
    total: Decimal


class Digest:
    """A fingerprint in the making: the head, then canonical rows as bytes, then the totals.

    Has write(), so that a database can copy its rows into it.
    """

    def __init__(self, head: dict[str, Any]) -> None:
        self._digest = hashlib.sha256(_canonical(head))
        self._count = 0

    def write(self, rows: bytes) -> int:
        """Whole rows, each ended by its newline; no other newline stands in one."""
        self._digest.update(rows)
        self._count += rows.count(b"\n")
        return len(rows)

    def close(self, total: Decimal) -> Sealed:
        """The fingerprint over all that was written, with count and sum."""
        self._digest.update(_canonical([self._count, str(to_sen(total))]))
        return Sealed(self._digest.hexdigest(), self._count, total)


def seal_list(head: dict[str, Any], lines: Iterable[HashedLine]) -> Sealed:
    """Fingerprint of the head (number, stage, decree) and the lines in the order given.

    Each row is one line of canonical JSON, amounts as text with two decimals.
    """
    digest, total = Digest(head), Decimal("0.00")
    for line in lines:
        total += line.amount
        # A person paid inside the bank is written as ever; what differs from that is added.
        plain = line.payee_id is None and line.rail == "overbooking"
        digest.write(
            _canonical(
                [
                    line.position,
                    line.reference,
                    line.enrolment_id,
                    line.person_id,
                    line.payee_name,
                    line.bank_code,
                    line.account_index,
                    line.account_holder,
                    str(to_sen(line.amount)),
                    *([] if plain else [line.payee_id or 0, line.rail]),
                    *([line.letter] if line.letter else []),
                ]
            )
        )
    return digest.close(total)


def _canonical(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{text}\n".encode()
