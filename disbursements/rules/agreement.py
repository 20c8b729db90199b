"""Which keys of a bank row agree with a line: every match and refusal is explained by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from disbursements.rules.matching import RUPIAH


class Row(Protocol):
    """What is compared of a bank row."""

    reference: str
    amount: Any
    currency: str
    account_index: str


class Line(Protocol):
    """What is compared of a payment line."""

    reference: str
    amount: Any
    account_index: str | None


KEYS: dict[str, Any] = {
    "reference": _("Referensi"),
    "amount": _("Jumlah"),
    "currency": _("Mata uang"),
    "account": _("Nomor rekening"),
}


@dataclass(frozen=True)
class Agreement:
    """The keys that are the same and those that are not, by their codes."""

    same: tuple[str, ...]
    different: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Everything agrees: what the matching does by itself."""
        return not self.different


def agreement(row: Row, line: Line) -> Agreement:
    """Compare a row with a line key by key; an empty account agrees with nothing."""
    found = {
        "reference": bool(row.reference) and row.reference == line.reference,
        "amount": row.amount is not None and row.amount == line.amount,
        "currency": row.currency == RUPIAH,
        "account": bool(row.account_index) and row.account_index == line.account_index,
    }
    same = tuple(key for key, agrees in found.items() if agrees)
    return Agreement(same, tuple(key for key in found if key not in same))
