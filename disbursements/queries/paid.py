"""What people were paid so far, as a fact that criteria may ask for."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Sum

from disbursements.choices import LineState
from disbursements.models import PaymentLine
from programs.queries.scores import PaidSource


def paid_by_year(person_ids: Sequence[int]) -> dict[int, dict[int, Decimal]]:
    """Person id -> budget year -> rupiah that reached them; a payee's money is not its person's."""
    rows = (
        PaymentLine.objects.filter(person__in=list(person_ids), payee=None, state=LineState.SETTLED)
        .values_list("person_id", "stage__version__year")
        .annotate(total=Sum("amount"))
        .order_by("person_id")
    )
    found: dict[int, dict[int, Decimal]] = {}
    for person_id, year, total in rows:
        found.setdefault(person_id, {})[year] = total
    return found


# The same for a person named p in a larger query; {year} NULL: all years.
SQL = (
    "SELECT COALESCE(SUM(l.amount), 0) FROM disbursements_paymentline l"
    " JOIN programs_stage t ON t.id = l.stage_id"
    " JOIN programs_programmeversion w ON w.id = t.version_id"
    " WHERE l.person_id = p.id AND l.payee_id IS NULL AND l.state = 'settled'"
    " AND ({year} IS NULL OR w.year = {year})"
)
SOURCE = PaidSource(read=paid_by_year, sql=SQL)
