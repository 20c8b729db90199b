"""Which lines of a draft list need a look before it is locked: one query for thousands of lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bansos.lib.bulk import bulk_cursor
from disbursements.models import PayList
from disbursements.queries.comparing import paying_bank
from programs.choices import PAYEES, DecreeState
from programs.queries.certain import Condition, certain

# Every check of services.preflight, turned round: true when the line certainly passes it. That
# nobody is paid by another list is no part of it: beside a waiting line no other live one of its
# person, or of its family where it is paid once, can stand (one_live_payment_per_person, _family).
# The line pays the name, bank, number and holder of today, and the number is nobody else's. Two
# lines of a list with one number are found so too: both would have to be their owners' of today.
FINE = """
l.payee_id IS NULL AND l.rail = 'overbooking'
AND p.nik_index IS NOT NULL AND p.died_on IS NULL AND e.state = 'active'
AND p.name = l.payee_name AND l.bank_code = %s
AND (SELECT bool_and(b.person_id IS NOT DISTINCT FROM l.person_id AND b.bank_code = l.bank_code
        AND b.holder_name = l.account_holder)
    FROM beneficiaries_bankaccount b
    WHERE b.number_index = l.account_index AND b.state <> 'closed')
AND EXISTS (SELECT 1 FROM programs_decreeline d
    WHERE d.decree_id = %s AND d.enrolment_id = l.enrolment_id)
AND NOT EXISTS (SELECT 1 FROM programs_programmeevent v
    WHERE v.enrolment_id = l.enrolment_id AND v.decided_at IS NULL)
"""

PART = """
SELECT MAX(position), COUNT(*) FROM (
    SELECT position FROM disbursements_paymentline
    WHERE pay_list_id = %s AND state = 'waiting' AND position > %s
    ORDER BY position LIMIT %s
) part
"""

SUSPECTS = """
WITH looked AS MATERIALIZED (
    SELECT l.id, l.payee_name, l.account_holder,
        upper(l.payee_name) = upper(l.account_holder) AS same_name,
        COALESCE({fine}, FALSE) AS fine
    FROM disbursements_paymentline l
    JOIN programs_enrolment e ON e.id = l.enrolment_id
    JOIN beneficiaries_person p ON p.id = l.person_id
    LEFT JOIN beneficiaries_family f ON f.id = p.family_id
    WHERE l.pay_list_id = %s AND l.state = 'waiting' AND l.position > %s AND l.position <= %s
)
SELECT id, payee_name, account_holder, fine FROM looked
WHERE NOT fine OR NOT same_name
"""

MOVED = """
SELECT COUNT(*) FROM disbursements_paymentline l
LEFT JOIN beneficiaries_bankaccount a
    ON a.person_id = l.person_id AND a.bank_code = %s AND a.state <> 'closed'
WHERE l.pay_list_id = %s AND l.state NOT IN ('excluded', 'cancelled')
    AND (a.id IS NULL OR a.number_index IS DISTINCT FROM l.account_index)
    AND l.payee_id IS NULL AND l.rail = 'overbooking'
"""
# Payees and rails beyond the paying bank: any open account of the owner with that number stands.
MOVED_OTHERS = """
SELECT COUNT(*) FROM disbursements_paymentline l
WHERE l.pay_list_id = %s AND l.state NOT IN ('excluded', 'cancelled')
    AND (l.payee_id IS NOT NULL OR l.rail <> 'overbooking') AND l.rail <> 'cash'
    AND NOT EXISTS (SELECT 1 FROM beneficiaries_bankaccount a
        WHERE a.number_index = l.account_index AND a.bank_code = l.bank_code
            AND a.state <> 'closed'
            AND (l.payee_id IS NULL AND a.person_id = l.person_id OR a.payee_id = l.payee_id))
"""


@dataclass(frozen=True)
class Suspects:
    """Lines to be judged one by one, and lines where only the holder's name is written otherwise.

    `names` are (line, payee, holder); `unknown` holds for every line that is not in `lines`.
    """

    lines: list[int]
    names: list[tuple[int, str, str]]
    unknown: list[str]


def next_part(pay_list: PayList, *, after: int, limit: int) -> tuple[int, int]:
    """(last position, how many) of the next waiting lines behind one; (after, 0) at the end."""
    with bulk_cursor() as db:
        db.execute(PART, [pay_list.pk, after, limit])
        last, count = db.fetchone()
    return (after if last is None else int(last)), int(count)


def suspects(pay_list: PayList, *, after: int, upto: int, today: date) -> Suspects:
    """The lines of a main list in (after, upto] that do not certainly pass every check.

    A line whose name or account is not that of today is one of them.
    """
    condition = certain(
        pay_list.stage.version,
        area_code=pay_list.area_code,
        stage_date=pay_list.stage.stage_date,
        today=today,
    )
    in_force = pay_list.decree.state == DecreeState.APPROVED
    if not in_force or pay_list.stage.version.payee_kind in PAYEES:
        condition = Condition("FALSE", [])
    sql = SUSPECTS.format(fine=f"({FINE}) AND {condition.sql}")
    bank = paying_bank(pay_list.stage.version)
    params = [bank, pay_list.decree_id, *condition.params, pay_list.pk, after, upto]
    lines, names = [], []
    with bulk_cursor() as db:
        db.execute(sql, params)
        for pk, payee, holder, fine in db.fetchall():
            if fine:
                names.append((pk, payee, holder))
            else:
                lines.append(pk)
    return Suspects(lines, names, condition.unknown)


def moved_accounts(pay_list: PayList) -> int:
    """How many lines of a main list are not paid into their owner's open account any more."""
    with bulk_cursor() as db:
        db.execute(MOVED, [paying_bank(pay_list.stage.version), pay_list.pk])
        moved = int(db.fetchone()[0])
        db.execute(MOVED_OTHERS, [pay_list.pk])
        return moved + int(db.fetchone()[0])
