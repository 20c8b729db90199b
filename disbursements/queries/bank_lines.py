"""The lines of a list as a bank's file needs them, streamed with their account numbers opened."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db import connection

from bansos.lib import pulse
from bansos.lib.crypto import text_opener
from disbursements.models import PayList, PaymentLine

AT_ONCE = 5_000
LINES = """
SELECT position, payee_name, account_number, bank_code, amount, reference{more}
FROM disbursements_paymentline
WHERE pay_list_id = %s AND state NOT IN ('excluded', 'cancelled') ORDER BY position
"""


def transfers_of(pay_list: PayList) -> Iterator[tuple[int, str, str, str, Decimal, str]]:
    """Position, name, account, bank, amount and reference of each line of the list, in order.

    Read past the models: of a million lines their fields are most of the work. Raises CannotOpen
    for a number that was not sealed for this column. In a transaction the rows come as they are
    read; without one the database keeps them all first.
    """
    opened = _opener()
    with _streamed() as rows:
        rows.execute(LINES.format(more=""), [pay_list.pk])
        for position, name, sealed, bank, amount, reference in rows:
            account = "" if sealed is None else opened(bytes(sealed))
            yield position, name, account, bank, amount, reference
            if not position % AT_ONCE:
                pulse.beat(position, pay_list.count)


def placed_transfers_of(pay_list: PayList) -> Iterator[tuple[Any, str, str]]:
    """The same with address and area: (transfer, address, area code)."""
    opened = _opener()
    with _streamed() as rows:
        rows.execute(LINES.format(more=", address, area_code"), [pay_list.pk])
        for position, name, sealed, bank, amount, reference, address, area in rows:
            account = "" if sealed is None else opened(bytes(sealed))
            yield (position, name, account, bank, amount, reference), address, area
            if not position % AT_ONCE:
                pulse.beat(position, pay_list.count)


def _streamed() -> Any:
    cursor: Any = connection.chunked_cursor()
    cursor.itersize = AT_ONCE
    return cursor


def _opener() -> Any:
    return text_opener(context=PaymentLine._meta.get_field("account_number").context)
