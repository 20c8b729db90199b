"""A programme that asks for a plan (RAB) pays nobody whose plan does not equal the grant."""

from __future__ import annotations

from disbursements.choices import LineState, ListKind
from disbursements.models import Hit, PayList
from disbursements.rules.preflight import CHECKS
from programs.queries.assessing import plan_gaps

CODE = "plan"


def hit_plans(pay_list: PayList, *, after: int, upto: int) -> None:
    """Hold back lines in (after, upto] whose required plan is missing or differs from the grant.

    Four queries for the whole part; none where the programme asks for no plan. A follow-up list
    pays what a main list was let through for.
    """
    version = pay_list.stage.version
    if pay_list.kind != ListKind.MAIN or not version.plan_rules.get("required"):
        return
    lines = pay_list.lines.filter(
        state=LineState.WAITING, position__gt=after, position__lte=upto
    ).select_related("enrolment")
    of_enrolment = {line.enrolment_id: line for line in lines}
    gaps = plan_gaps(version, [line.enrolment for line in of_enrolment.values()])
    Hit.objects.bulk_create(
        Hit(
            pay_list=pay_list,
            line=of_enrolment[pk],
            code=CODE,
            severity=CHECKS[CODE].severity,
            message=sentence[:300],
        )
        for pk, sentence in gaps.items()
    )
