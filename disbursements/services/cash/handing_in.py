"""A signed register is handed in: a short one is recorded at once, a long one by a worker."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bansos.accounts.models import User
from bansos.jobs.models import Job
from bansos.lib.crypto import seal_bytes
from disbursements.models import CashCounter, CashRegister, WaitingRegister
from disbursements.services import acting
from disbursements.services.cash import registers
from disbursements.services.cash.counters import TAKE_REGISTER
from disbursements.services.cash.paying import may_pay

# Up to here somebody waits in front of the page: a second or so.
ROWS_AT_ONCE = 250


@transaction.atomic
def hand_in(
    *, counter: CashCounter, data: bytes, file_name: str, pages: bytes, by: User, at: datetime
) -> CashRegister | Job:
    """Record a register, or give a long one to a worker and give back the job.

    Raises what registers.take_register() raises; of a long one only what is told by its headers,
    its wrong rows are kept in words at the counter. The same bytes give the first register.
    """
    row = may_pay(counter, by, at)
    known = registers.recorded(row, data, pages)
    if known is not None:
        return known
    rows = len(registers.table_of(data, file_name).rows)
    WaitingRegister.objects.filter(counter=row).delete()
    if rows <= ROWS_AT_ONCE:
        return registers.take_register(
            counter=row, data=data, file_name=file_name, pages=pages, by=by, at=at
        )
    WaitingRegister.objects.create(
        counter=row,
        area_code=row.area_code,
        file_name=file_name[-150:],
        sealed_table=seal_bytes(data, context=registers.WAITING_TABLE),
        sealed_pages=seal_bytes(pages, context=registers.WAITING_PAGES),
        handed_in_at=at,
        handed_in_by=by,
    )
    return acting.ask(name=TAKE_REGISTER, pay_list=row.pay_list, by=by, at=at, total=rows)
