"""To whom, how much, on which account and by which rail an enrolment is paid, as parts of SQL.

Drawing and refreshing say the same thing with the same words. The plain case (a person, the same
amount for all, the account at the paying bank) stays one join; a million lines are drawn so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from disbursements.queries.comparing import paying_bank
from disbursements.queries.rails import limits_on
from programs.choices import FIXED_KINDS, PayeeKind, Rail
from programs.models import Stage

PLAIN_ACCOUNT = """
LEFT JOIN beneficiaries_bankaccount a
    ON a.person_id = {row}.person_id AND a.bank_code = %(bank)s AND a.state <> 'closed'
"""
# The account at the paying bank first; another bank's only where a rail reaches it.
ANY_ACCOUNT = """
LEFT JOIN beneficiaries_payee y ON y.id = {row}.payee_id
LEFT JOIN LATERAL (
    SELECT b.bank_code, b.number, b.number_index, b.holder_name FROM (
        SELECT * FROM beneficiaries_bankaccount
        WHERE {row}.payee_id IS NULL AND person_id = {row}.person_id
        UNION ALL
        SELECT * FROM beneficiaries_bankaccount WHERE payee_id = {row}.payee_id
    ) b
    WHERE b.state <> 'closed' AND NOT %(cash)s AND (b.bank_code = %(bank)s OR %(reaches)s)
    ORDER BY b.bank_code = %(bank)s DESC, b.created_at DESC, b.id DESC LIMIT 1
) a ON TRUE
"""
# Inside the bank if the programme may; else the cheapest rail whose limits hold the amount.
ANY_RAIL = """
CASE WHEN %(cash)s THEN 'cash' WHEN a.bank_code IS NULL THEN ''
    WHEN a.bank_code = %(bank)s AND %(inside)s THEN 'overbooking'
    ELSE COALESCE((
        SELECT r.rail FROM unnest(
            %(rails)s::text[], %(least)s::numeric[], %(most)s::numeric[], %(rail_places)s::int[]
        ) AS r(rail, least, most, place)
        WHERE a.bank_code <> %(bank)s AND {amount} >= r.least
            AND (r.most IS NULL OR {amount} <= r.most)
        ORDER BY r.place LIMIT 1
    ), '')
END
"""


@dataclass(frozen=True)
class PayTo:
    """Parts of a statement over rows with person_id and payee_id, and their parameters.

    `rail` and `account` want the alias of those rows; the account is joined as `a`, a payee as
    `y` where there may be one (`has_payee`).
    """

    has_payee: bool
    entitled: bool
    params: dict[str, Any] = field(default_factory=dict)

    def account(self, row: str) -> str:
        """The join of the open account."""
        return (ANY_ACCOUNT if self.has_payee else PLAIN_ACCOUNT).format(row=row)

    def rail(self, amount: str) -> str:
        """The rail of a row with that amount; '' where none fits."""
        return ANY_RAIL.format(amount=amount) if self.has_payee else "'overbooking'"

    @property
    def name(self) -> str:
        """The payee's name, else the person's."""
        return "COALESCE(y.name, p.name)" if self.has_payee else "p.name"

    @property
    def address(self) -> str:
        """The payee's address, else the person's."""
        return "COALESCE(y.address, p.address)" if self.has_payee else "p.address"


def pay_to(stage: Stage, *, on: date) -> PayTo:
    """How the enrolments of a stage are paid on a day, by the rules of its version."""
    version = stage.version
    rails = list(version.rails) or [Rail.OVERBOOKING]
    limits = [row for row in limits_on(on) if row.rail in rails]
    plain = version.payee_kind in {PayeeKind.PERSON, PayeeKind.FAMILY} and rails == ["overbooking"]
    params = {
        "bank": paying_bank(version),
        "cash": rails == [Rail.CASH],
        "inside": Rail.OVERBOOKING in rails,
        "reaches": bool(limits),
        "rails": [row.rail for row in limits],
        "least": [row.min_amount for row in limits],
        "most": [row.max_amount for row in limits],
        "rail_places": list(range(len(limits))),
    }
    return PayTo(not plain, version.benefit_kind not in FIXED_KINDS, params)
