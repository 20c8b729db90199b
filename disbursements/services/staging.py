"""A bank's answer in a table of its own, matched and booked by statements over thousands of rows.

What rules.matching says row by row stands here as one statement; a test holds both together.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice

from django.db import connection

from bansos.lib import pulse
from bansos.lib.bulk import bulk_cursor, no_sweeps, whole_cursor
from disbursements.models import ResultFile, StagedRow
from disbursements.rules.matching import QUARANTINE, BankRow
from disbursements.services.reading import is_statement, rows_of

AT_ONCE = 5_000
COLUMNS = ("result_id", *BankRow._fields)
NEVER_NULL = [name for name in COLUMNS if name not in {"amount", "bank_date"}]
# Between and around texts of one line no sign stands that would have to be quoted, but for these.
CUT, QUOTE = "\x01", "\x02"
ROW = CUT.join(["%s"] * len(COLUMNS)) + "\n"
COPY = (
    f"COPY disbursements_stagedrow ({', '.join(COLUMNS)}) FROM STDIN WITH (FORMAT csv,"
    f" DELIMITER '{CUT}', QUOTE '{QUOTE}', FORCE_NOT_NULL ({', '.join(NEVER_NULL)}))"
)
# See study_doubles(): only references that stand more than once are looked at.
DOUBLES = """
WITH twice AS MATERIALIZED (
    SELECT reference FROM disbursements_stagedrow
    WHERE result_id = %(result)s AND reference <> '' GROUP BY reference HAVING COUNT(*) > 1
), many AS (
    SELECT reference, COUNT(DISTINCT concat_ws('|', COALESCE(amount::text, '-'), account_index,
            currency, CASE WHEN %(statement)s AND outcome <> '' THEN '#'
                ELSE outcome || '|' || exception END)) > 1 AS conflict,
        array_agg(DISTINCT outcome ORDER BY outcome) AS outcomes
    FROM disbursements_stagedrow
    WHERE result_id = %(result)s AND reference IN (SELECT reference FROM twice)
    GROUP BY reference
), told AS (
    SELECT s.row_number, m.conflict,
        row_number() OVER (PARTITION BY s.reference, s.outcome ORDER BY s.row_number) = 1
            AS is_first,
        %(statement)s AND NOT m.conflict AND m.outcomes = '{returned,settled}' AS back
    FROM disbursements_stagedrow s JOIN many m ON m.reference = s.reference
    WHERE s.result_id = %(result)s
)
UPDATE disbursements_stagedrow s
SET conflict = t.conflict, is_first = t.is_first, back = t.back
FROM told t WHERE s.result_id = %(result)s AND s.row_number = t.row_number
"""
_ODD = re.compile(f"[\r{QUOTE}]")
NEXT = """
SELECT MIN(row_number), MAX(row_number) FROM (
    SELECT row_number FROM disbursements_stagedrow
    WHERE result_id = %s AND row_number > %s ORDER BY row_number LIMIT %s
) part
"""
# An outcome of this line that was applied before: standing, or taken back by people.
_SAID = """EXISTS (SELECT 1 FROM disbursements_resultrow r
        WHERE r.line_id = l.id AND r.state = 'applied' AND r.outcome = s.outcome AND {undone}
            EXISTS (SELECT 1 FROM disbursements_deskdecision d
                WHERE d.row_id = r.id AND d.act = 'undo' AND d.done_at IS NOT NULL))"""
TOLD, UNDONE = _SAID.format(undone="NOT"), _SAID.format(undone="")
# See match_rows(): the same questions in the same order.
WRITE = (
    (
        """
INSERT INTO disbursements_resultrow (
    result_id, row_number, reference, amount, account_index, name, outcome, reason, bank_text,
    bank_date, bank_reference, currency, reason_code, round, state, quarantine_code,
    quarantine_reason, line_id
)
SELECT %(result)s, row_number, reference, amount, account_index, name, outcome, reason, bank_text,
    bank_date, bank_reference, currency, reason_code, 0,
    CASE WHEN word IN ('applied', 'same') THEN word ELSE 'quarantine' END,
    CASE WHEN word IN ('applied', 'same') THEN '' ELSE word END,
    CASE WHEN word IN ('applied', 'same') THEN ''
        ELSE COALESCE(%(reasons)s::jsonb ->> word, '') END,
    line_id
FROM (
    SELECT s.*, CASE WHEN l.pay_list_id = f.pay_list_id THEN l.id END AS line_id,
        CASE
            WHEN s.exception <> '' THEN s.exception
            WHEN s.reference = '' OR s.amount IS NULL OR s.outcome = '' THEN 'unreadable'
            WHEN s.conflict THEN 'conflict'
            WHEN NOT s.is_first THEN 'doubled'
            WHEN l.id IS NULL THEN 'unknown_reference'
            WHEN l.pay_list_id <> f.pay_list_id THEN 'foreign'
            WHEN s.currency <> 'IDR' THEN 'wrong_currency'
            WHEN s.amount <> l.amount THEN 'wrong_amount'
            WHEN s.account_index = '' OR s.account_index IS DISTINCT FROM l.account_index
                THEN 'wrong_account'
            WHEN s.back AND s.outcome = 'settled' THEN 'same'
            -- The few lines of which a word was ever taken back are looked up once for all rows.
            WHEN l.id IN (SELECT r.line_id FROM disbursements_deskdecision d
                    JOIN disbursements_resultrow r ON r.id = d.row_id
                    WHERE d.act = 'undo' AND d.done_at IS NOT NULL)
                AND <undone> AND NOT <told> THEN 'undone'
            WHEN l.state IN ('submitted', 'unknown') THEN 'applied'
            WHEN l.state = 'settled' AND s.outcome = 'returned' THEN 'applied'
            WHEN (s.outcome = 'returned' OR l.state = 'settled') AND <told> THEN 'same'
            WHEN l.state IN ('waiting', 'excluded', 'cancelled') THEN 'not_sent'
            WHEN l.state = 'paid_back' THEN 'ended'
            ELSE 'already_returned'
        END AS word
    FROM disbursements_stagedrow s
    JOIN disbursements_resultfile f ON f.id = s.result_id
    LEFT JOIN disbursements_paymentline l ON l.reference = s.reference AND s.reference <> ''
    WHERE s.result_id = %(result)s AND s.row_number BETWEEN %(first)s AND %(last)s
    OFFSET 0 -- else the planner writes the word out where it is named, and judges thrice
) judged ORDER BY row_number
"""
    )
    .replace("<told>", TOLD)
    .replace("<undone>", UNDONE)
)
APPLIED = """FROM disbursements_resultrow r JOIN disbursements_paymentline l ON l.id = r.line_id
WHERE r.result_id = %(result)s AND r.row_number BETWEEN %(first)s AND %(last)s
    AND r.origin_id IS NULL AND r.state = 'applied'
"""
# Of the rows alone: their lines are not read for it.
SUMS = """
SELECT COUNT(*) FILTER (WHERE outcome = 'settled'),
    COALESCE(SUM(amount) FILTER (WHERE outcome = 'settled'), 0),
    COUNT(*) FILTER (WHERE outcome = 'returned')
FROM disbursements_resultrow
WHERE result_id = %(result)s AND row_number BETWEEN %(first)s AND %(last)s
    AND origin_id IS NULL AND state = 'applied'
"""
LATE = """
SELECT COALESCE(array_agg(l.id ORDER BY r.row_number), '{}'), COALESCE(SUM(r.amount), 0)
<applied> AND r.outcome = 'returned' AND l.state = 'settled'
""".replace("<applied>", APPLIED)
# The bank's day when it can be true: not before the sending, not in the future.
DAY = """CASE WHEN r.bank_date BETWEEN %(sent)s AND %(today)s THEN r.bank_date
    ELSE %(today)s END"""
SETTLE = """
UPDATE disbursements_paymentline l SET state = 'settled', settled_on = <day>
FROM disbursements_resultrow r
WHERE r.result_id = %(result)s AND r.row_number BETWEEN %(first)s AND %(last)s
    AND r.origin_id IS NULL AND r.state = 'applied' AND r.outcome = 'settled'
    AND l.id = r.line_id AND l.state IN ('submitted', 'unknown')
""".replace("<day>", DAY)
RETURN = """
UPDATE disbursements_paymentline l SET state = 'returned'
FROM disbursements_resultrow r
WHERE r.result_id = %(result)s AND r.row_number BETWEEN %(first)s AND %(last)s
    AND r.origin_id IS NULL AND r.state = 'applied' AND r.outcome = 'returned'
    AND l.id = r.line_id
    AND (l.state IN ('submitted', 'unknown') OR l.state = 'settled' AND l.id = ANY(%(late)s))
"""
CASES = """
INSERT INTO disbursements_returncase (
    line_id, area_code, reason, bank_text, returned_on, amount, state, decision, decision_note,
    sts_number
)
SELECT l.id, l.area_code, COALESCE(NULLIF(r.reason, ''), 'other'), r.bank_text, <day>, r.amount,
    'open', '', '', ''
<applied> AND r.outcome = 'returned' ORDER BY r.row_number
""".replace("<applied>", APPLIED).replace("<day>", DAY)
SETTLED = "SELECT l.id <applied> AND r.outcome = 'settled'".replace("<applied>", APPLIED)


@dataclass(frozen=True)
class Part:
    """The staged rows with numbers from first to last."""

    first: int
    last: int


@dataclass(frozen=True)
class Applied:
    """What a part said that was applied; `late` are lines that were settled before."""

    settled: int
    settled_amount: Decimal
    returned: int
    late: list[int]
    late_amount: Decimal

    @property
    def count(self) -> int:
        return self.settled + self.returned


def stage(result: ResultFile, *, rows: Iterator[BankRow] | None = None) -> None:
    """Put the whole file into the staging table and see what it says twice.

    It is read anew where no `rows` are given. Raises BadInput when it cannot be read any more.
    """
    clear(result)
    rows = rows_of(result) if rows is None else rows
    done, total = 0, int(result.counts.get("rows", 0))
    with no_sweeps(), connection.cursor() as db:
        while part := list(islice(rows, AT_ONCE)):
            db.copy_expert(COPY, io.StringIO(_as_csv(result.pk, part)))
            done += len(part)
            pulse.beat(done, total)
        if done > AT_ONCE:
            db.execute("ANALYZE disbursements_stagedrow (result_id, row_number, reference)")
    with whole_cursor() as db:
        db.execute(DOUBLES, {"result": result.pk, "statement": is_statement(result.format)})


def clear(result: ResultFile) -> None:
    """Nothing of the file stays staged."""
    StagedRow.objects.filter(result=result).delete()


def _as_csv(result: int, rows: Sequence[BankRow]) -> str:
    """The rows for COPY; csv.writer looks at each sign of them, so it is asked only where it must.

    What could not be read is nothing between two cuts; so is an empty text of the others.
    """
    text = "".join(
        [
            ROW
            % (
                result,
                number,
                reference,
                "" if amount is None else amount,
                account,
                outcome or "",
                reason or "",
                name,
                words,
                day or "",
                *rest,
            )
            for number, reference, amount, account, outcome, reason, name, words, day, *rest in rows
        ]
    )
    cuts = len(rows) * (len(COLUMNS) - 1)
    if text.count("\n") == len(rows) and text.count(CUT) == cuts and not _ODD.search(text):
        return text
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=CUT, quotechar=QUOTE)
    writer.writerows((result, *row) for row in rows)
    return target.getvalue()


def next_part(result: ResultFile, *, after: int, limit: int) -> Part | None:
    """The next staged rows behind a number; None when there are none."""
    with bulk_cursor() as db:
        db.execute(NEXT, [result.pk, after, limit])
        first, last = db.fetchone()
    return None if first is None else Part(first, last)


def write_rows(result: ResultFile, part: Part) -> int:
    """Judge the staged rows of a part against the lines as they are; how many rows."""
    reasons = json.dumps({code: str(words) for code, words in QUARANTINE.items()})
    with bulk_cursor() as db:
        db.execute(WRITE, _given(result, part) | {"reasons": reasons})
        return int(db.rowcount)


def applied(result: ResultFile, part: Part) -> Applied:
    """What the written rows of a part say; call before the lines follow them."""
    with bulk_cursor() as db:
        db.execute(SUMS, _given(result, part))
        settled, settled_amount, returned = db.fetchone()
        late, late_amount = [], Decimal(0)
        if returned:
            db.execute(LATE, _given(result, part))
            late, late_amount = db.fetchone()
    return Applied(settled, settled_amount, returned, late, late_amount)


def settle_lines(result: ResultFile, part: Part, days: tuple[date, date]) -> int:
    """Lines at the bank that were delivered; how many moved."""
    with bulk_cursor() as db:
        db.execute(SETTLE, _given(result, part) | _days(days))
        return int(db.rowcount)


def return_lines(result: ResultFile, part: Part, *, late: Sequence[int]) -> int:
    """Lines that came back, those of `late` after they had been delivered; how many moved."""
    with bulk_cursor() as db:
        db.execute(RETURN, _given(result, part) | {"late": list(late)})
        return int(db.rowcount)


def open_cases(result: ResultFile, part: Part, days: tuple[date, date]) -> None:
    """A return to decide on for every line that came back."""
    with bulk_cursor() as db:
        db.execute(CASES, _given(result, part) | _days(days))


def settled_ids(result: ResultFile, part: Part) -> list[int]:
    """The lines a part said were delivered."""
    with bulk_cursor() as db:
        db.execute(SETTLED, _given(result, part))
        return [row[0] for row in db.fetchall()]


def _given(result: ResultFile, part: Part) -> dict[str, object]:
    return {"result": result.pk, "first": part.first, "last": part.last}


def _days(days: tuple[date, date]) -> dict[str, object]:
    return {"sent": days[0], "today": days[1]}
