"""The lines of a list as a bank's file needs them, streamed with their account numbers opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection

from bansos.lib import pulse
from bansos.lib.bulk import no_sweeps
from bansos.lib.crypto import texts_opener
from disbursements.models import PayList, PaymentLine

AT_ONCE = 5_000
# So many are opened, and handed on, together.
PART = 500
LINES = """
SELECT position, {name}, account_number, bank_code, {asked}
FROM disbursements_paymentline
WHERE pay_list_id = %s AND state NOT IN ('excluded', 'cancelled') ORDER BY position
"""
# In a file for the bank a payment bears the name of the account's owner; a letter says whose it is.
OWNER = """CASE WHEN EXISTS (SELECT 1 FROM disbursements_proxyaccount x
    WHERE x.line_id = disbursements_paymentline.id) THEN account_holder ELSE payee_name END"""

Column = Sequence[Any]


def transfers_of(pay_list: PayList) -> Iterator[tuple[Column, ...]]:
    """Positions, names, accounts, banks, amounts and references of the lines, in their order.

    They come in parts of 500; the amounts are texts, with the two decimals they are stored with.
    Read past the models: of a million lines their fields are most of the work. Raises CannotOpen
    for a number that was not sealed for this column. In a transaction the rows come as they are
    read; without one the database keeps them all first.
    """
    return _opened(pay_list, "amount::text")


def placed_transfers_of(pay_list: PayList) -> Iterator[tuple[tuple[Any, ...], str, str]]:
    """Line by line, the amount as a number: (transfer, address, area code)."""
    for *columns, addresses, areas in _opened(pay_list, "amount", "address", "area_code"):
        yield from zip(zip(*columns, strict=True), addresses, areas, strict=True)


def _opened(pay_list: PayList, amount: str, *more: str) -> Iterator[tuple[Column, ...]]:
    """The columns of some lines, their account numbers opened."""
    opened = texts_opener(context=PaymentLine._meta.get_field("account_number").context)
    asked = ", ".join((amount, "reference", *more))
    cursor: Any = connection.chunked_cursor()
    cursor.itersize = AT_ONCE
    with no_sweeps(), cursor as db:
        name = OWNER if pay_list.proxy_accounts.exists() else "payee_name"
        db.execute(LINES.format(asked=asked, name=name), [pay_list.pk])
        rows = iter(db)
        while part := list(islice(rows, PART)):
            positions, names, sealed, *rest = zip(*part, strict=True)
            accounts = opened([bytes(number or b"") for number in sealed])
            yield (positions, names, accounts, *rest)
            pulse.beat(positions[-1], pay_list.count)
