"""The fingerprint of a list as its lines stand in the table, streamed: memory does not grow."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bansos.lib import pulse
from bansos.lib.bulk import bulk_cursor
from disbursements.models import PayList
from disbursements.rules.fingerprint import Digest, Sealed

PART = 100_000
# Each row is the canonical JSON of rules.fingerprint, written by the database: to_json() escapes a
# text as json.dumps(ensure_ascii=False) does, and no control sign is left that CSV would quote.
LINES = """
COPY (
    SELECT concat(
        '[', position, ',', to_json(reference), ',', enrolment_id, ',', person_id, ',',
        to_json(payee_name), ',', to_json(bank_code), ',',
        to_json(COALESCE(account_index, '')), ',', to_json(account_holder), ',"', amount, '"',
        CASE WHEN payee_id IS NOT NULL OR rail <> 'overbooking'
            THEN concat(',', COALESCE(payee_id, 0), ',', to_json(rail)) END{letter}, ']'
    )
    FROM disbursements_paymentline
    WHERE pay_list_id = {list:d} AND state NOT IN ('excluded', 'cancelled')
        AND position > {after:d} AND position <= {upto:d} ORDER BY position
) TO STDOUT WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02', ENCODING 'UTF8')
"""
# The letter of a line that is paid into a proxy's account; asked for only where a list has one.
LETTER = """, (
    SELECT concat(',[', g.id, ',', to_json(g.letter_number), ',', to_json(g.letter_date), ',',
        to_json(g.valid_from), ',', to_json(g.valid_until), ',', to_json(g.name), ']')
    FROM disbursements_proxyaccount x JOIN programs_proxygrant g ON g.id = x.grant_id
    WHERE x.line_id = disbursements_paymentline.id)"""
LAST = "SELECT COALESCE(MAX(position), 0) FROM disbursements_paymentline WHERE pay_list_id = %s"
SUM = """
SELECT COALESCE(SUM(amount), 0) FROM disbursements_paymentline
WHERE pay_list_id = %s AND state NOT IN ('excluded', 'cancelled')
"""


def fingerprint(pay_list: PayList) -> Sealed:
    """SHA-256, count and sum over the lines as they stand in the table, in list order.

    Equal to rules.fingerprint.seal_list() of the same rows, byte for byte. Hold the list while
    it is taken when the three must belong together.
    """
    digest = Digest(head_of(pay_list))
    letter = LETTER if pay_list.proxy_accounts.exists() else ""
    with bulk_cursor() as db:
        db.execute(LAST, [pay_list.pk])
        last = int(db.fetchone()[0])
        for after in range(0, last, PART):
            part = {"list": pay_list.pk, "after": after, "upto": after + PART}
            db.copy_expert(LINES.format(**part, letter=letter), digest)
            pulse.beat(min(after + PART, last), last)
        db.execute(SUM, [pay_list.pk])
        return digest.close(Decimal(db.fetchone()[0]))


def head_of(pay_list: PayList) -> dict[str, Any]:
    """What the fingerprint covers besides the lines."""
    return {
        "number": pay_list.number,
        "kind": pay_list.kind,
        "stage": pay_list.stage_id,
        "area": pay_list.area_code,
        "decree": pay_list.decree_id,
        "allocation": pay_list.allocation_id,
    }
