"""Many candidates of a month at once, as they come from a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.errors import NotAllowed
from beneficiaries.models import Person
from programs.choices import PremiumChange
from programs.models import PremiumCover, PremiumLine, PremiumRound
from programs.queries.premiums import covers_in
from programs.services.enrolments import check_reach
from programs.services.premiums.busy import not_while_busy
from programs.services.premiums.rounds import check_findings, locked_open, today_of


@transaction.atomic
def add_candidates(
    *, round_: PremiumRound, persons: Sequence[Person], by: User, at: datetime
) -> dict[int, str]:
    """Propose people for the month with what the check finds; person id -> why who stays out.

    Who is in the list already stays as they are. A constant number of queries for any number of
    people. Raises NotAllowed, Refused and Stale as add_candidate() does: then nobody is added.
    """
    if not by.can(Permission.PROPOSAL_SUBMIT):
        raise NotAllowed("PREMIUM-RIGHT", _("Calon diusulkan petugas kabupaten/kota."))
    not_while_busy(round_.plan)
    for area_code in {person.area_code for person in persons}:
        check_reach(by=by, area_code=area_code)
    row = locked_open(round_)
    ids = [person.pk for person in persons]
    listed = set(row.lines.filter(person__in=ids).values_list("person_id", flat=True))
    fresh = [person for person in persons if person.pk not in listed]
    paid = covers_in([person.pk for person in fresh], insurance=row.plan.insurance, month=row.month)
    come = [person for person in fresh if person.pk not in paid]
    found = check_findings(row.plan, come, today=today_of(row.plan, at))
    lines = PremiumLine.objects.bulk_create(
        PremiumLine(
            round=row,
            person=person,
            area_code=person.area_code,
            change=PremiumChange.ADD,
            findings=found[person.pk].sentences,
            added_at=at,
            added_by=by,
        )
        for person in come
    )
    audit.record_many(
        audit.event(verb="programs.add_premium", by=by, at=at, target=line, person=line.person_id)
        for line in lines
    )
    return {pk: paid_words(cover) for pk, cover in paid.items()}


def paid_words(cover: PremiumCover) -> str:
    """Who pays already, for a row of a list."""
    return _("Preminya sudah dibayar oleh %(name)s; satu orang satu penanggung.") % {
        "name": cover.payer_name
    }
