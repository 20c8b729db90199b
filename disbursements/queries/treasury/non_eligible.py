"""Who was in the decree and is not paid in a stage, with the reason: the other half of the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from disbursements.choices import LineState
from disbursements.models import PayList
from programs.choices import EnrolmentState
from programs.models import Enrolment

NOT_COMMITTED = "not_committed"
FOR_GOOD = (EnrolmentState.STOPPED, EnrolmentState.GRADUATED)
GONE = (EnrolmentState.STOPPED, EnrolmentState.SUSPENDED, EnrolmentState.GRADUATED)


@dataclass(frozen=True)
class NonEligible:
    """One person; `account_number` is open only for the letter to the bank.

    `has_ended`: out of the programme for good, so the account is to be closed. Somebody merely
    taken out of one list keeps it.
    """

    name: str
    nik_masked: str
    area_code: str
    account_number: str
    holder_name: str
    reason: str
    not_committed: bool
    has_ended: bool


def non_eligible(pay_list: PayList) -> list[NonEligible]:
    """By area and name: taken out of the list, or ended in the programme since the decree."""
    version = pay_list.stage.version
    labels = {
        item["code"]: item["label"] for item in [*version.reject_reasons, *version.stop_reasons]
    }
    out = list(
        pay_list.lines.filter(not_live=LineState.EXCLUDED)
        .select_related("person", "enrolment")
        .order_by("position")
    )
    found = [
        NonEligible(
            name=row.payee_name,
            nik_masked=row.person.nik_masked,
            area_code=row.area_code,
            account_number=row.account_number or "",
            holder_name=row.account_holder,
            reason=row.exclude_reason,
            not_committed="tidak komitmen" in row.exclude_reason.lower(),
            has_ended=row.enrolment.state in FOR_GOOD,
        )
        for row in out
    ]
    ended = (
        Enrolment.objects.filter(decree_lines__decree=pay_list.decree_id, state__in=GONE)
        .exclude(pk__in=pay_list.lines.exclude(state=LineState.CANCELLED).values("enrolment"))
        .select_related("person", "payee", "account")
    )
    found += [_ended(row, labels) for row in ended]
    return sorted(found, key=lambda row: (row.area_code, row.name))


def _ended(row: Enrolment, labels: dict[str, Any]) -> NonEligible:
    """Named for whom it is that was paid: `person` only answers for a group or an institution."""
    reason = labels.get(row.end_reason) or str(row.get_state_display())
    return NonEligible(
        name=row.payee.name if row.payee else row.person.name,
        nik_masked=row.person.nik_masked,
        area_code=row.area_code,
        account_number=(row.account.number if row.account else "") or "",
        holder_name=row.account.holder_name if row.account else "",
        reason=reason,
        not_committed=row.end_reason == NOT_COMMITTED,
        has_ended=row.state in FOR_GOOD,
    )
