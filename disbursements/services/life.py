"""Taking somebody out of what is still a draft when an event ends or suspends their benefit."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from disbursements.choices import LineState, ListState
from disbursements.models import PayList
from disbursements.services import moves
from disbursements.services.exclusions import release_cases, set_lines
from disbursements.services.preflight import recount
from programs.models import Enrolment


@transaction.atomic
def take_out(enrolment: Enrolment, reason: str, by: User, at: datetime) -> list[str]:
    """Exclude the waiting lines of one enrolment from every draft list; sentences of what was done.

    A list from the lock on stays as it is: its lines are frozen. Raises Refused while a list is
    being drawn.
    """
    done = []
    lists = PayList.objects.filter(
        state=ListState.DRAFT, lines__enrolment=enrolment, lines__state=LineState.WAITING
    )
    for pay_list in lists.distinct().order_by("pk"):
        row = moves.lock_row(pay_list)
        moves.expect(row, ListState.DRAFT)
        moves.not_while_drawing(row)
        lines = list(row.lines.filter(enrolment=enrolment, state=LineState.WAITING))
        set_lines(lines, LineState.EXCLUDED, _("Peristiwa: %(reason)s") % {"reason": reason})
        release_cases(lines)
        recount(row)
        audit.record(
            verb="disbursements.exclude",
            by=by,
            at=at,
            target=row,
            reason=reason,
            positions=[line.position for line in lines],
            count=len(lines),
        )
        done.append(_("Dikeluarkan dari draf %(number)s.") % {"number": row.number})
    return done
