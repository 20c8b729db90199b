"""Ways to falsify goods, deposit slips, closed years and bank layouts, and what gives each away."""

from __future__ import annotations

from tests.disbursements.tampering import EVENTS, LISTS
from tests.disbursements.tampering import Tampering as T

STOCK, LOTS = "disbursements_stock", "disbursements_goodslot"
GIVEN, UNITS = "disbursements_handover", "disbursements_handoverline"
SHIFTS, SLIPS = "disbursements_stockmove", "disbursements_sts"
LAYOUTS, FILES = "disbursements_banklayout", "disbursements_layoutfile"
YEARS = "disbursements_fiscalyear"
KEPT = f"(SELECT id FROM {GIVEN} WHERE state = 'handed')"
SLIP = f"(SELECT min(id) FROM {SLIPS})"
OLD = f"(SELECT id FROM {LAYOUTS} WHERE version = 1)"
CLOSED_YEAR = f"""INSERT INTO {YEARS} (agency_id, area_code, year, asked_at, asked_by_id, closed_at,
    closed_by_id, figures) SELECT b.agency_id, b.area_code, b.year, %s, p.locked_by_id, %s,
    p.approved_by_id, '{{}}' FROM {LISTS} p JOIN disbursements_budgetline b ON b.id = p.budget_id
    WHERE p.state = 'closed' AND p.kind = 'main'"""

GOODS = (
    T("a unit gone from the stock", f"UPDATE {STOCK} SET quantity = quantity - 1", "goods_stock"),
    T(
        "stock below nothing, with a movement",
        f"""WITH m AS (INSERT INTO {SHIFTS} (key, stock_id, kind, quantity, note, at, by_id)
            SELECT 'x', min(id), 'out', -99, '', now(), (SELECT made_by_id FROM {LOTS} LIMIT 1)
            FROM {STOCK} RETURNING stock_id)
            UPDATE {STOCK} s SET quantity = quantity - 99 FROM m WHERE m.stock_id = s.id""",
        "goods_stock",
        ((STOCK, "stock_never_negative"),),
    ),
    T("more bought than came in", f"UPDATE {LOTS} SET quantity = quantity + 5", "goods_lots"),
    T(
        "units that left for no warehouse",
        f"""WITH m AS (INSERT INTO {SHIFTS} (key, stock_id, kind, quantity, note, at, by_id)
            SELECT 'x', min(id), 'out', -2, '', now(), (SELECT made_by_id FROM {LOTS} LIMIT 1)
            FROM {STOCK} RETURNING stock_id)
            UPDATE {STOCK} s SET quantity = quantity - 2 FROM m WHERE m.stock_id = s.id""",
        "goods_lots",
    ),
    T(
        "goods handed over twice to one recipient",
        f"UPDATE {GIVEN} SET state = 'handed', returned_at = NULL, returned_by_id = NULL,"
        f" return_reason = '', enrolment_id = (SELECT enrolment_id FROM {GIVEN}"
        " WHERE state = 'handed') WHERE state = 'returned'",
        "goods_twice",
        ((GIVEN, "goods_handed_over_once"),),
    ),
    T(
        "a BAST without a lot",
        f"DELETE FROM {UNITS} WHERE handover_id = {KEPT}",
        "goods_without_lot",
    ),
    T(
        "a BAST worth more than its lots",
        f"UPDATE {GIVEN} SET value = value + 100000",
        "goods_without_lot",
    ),
    T(
        "a dearer unit than its lot",
        f"UPDATE {UNITS} SET unit_price = unit_price + 1",
        "goods_without_lot",
    ),
    T(
        "more units on the BAST than left the stock",
        f"UPDATE {UNITS} SET quantity = quantity + 1 WHERE replaces_id IS NOT NULL",
        "goods_moved",
    ),
    T(
        "goods out of the house without a BAST",
        f"UPDATE {SHIFTS} SET handover_id = NULL WHERE kind = 'hand_over'",
        "goods_moved",
    ),
    T(
        "goods that came back, in no stock",
        f"DELETE FROM {SHIFTS} WHERE kind = 'back'",
        "goods_moved",
    ),
    T("a photo wiped out", f"UPDATE {GIVEN} SET photo = ''", "goods_proof"),
    T(
        "another hand at the hand-over",
        f"UPDATE {GIVEN} SET handed_by_id = (SELECT made_by_id FROM {LOTS} LIMIT 1)",
        "goods_told",
    ),
    T(
        "a lot received later",
        f"UPDATE {LOTS} SET made_at = made_at + interval '1 day'",
        "goods_told",
    ),
)
SLIPPED = (
    T("a slip over more than its returns", f"UPDATE {SLIPS} SET amount = amount + 1", "sts_sums"),
    T(
        "another number on the slip",
        f"UPDATE {SLIPS} SET number = 'LAIN' WHERE id = {SLIP}",
        "sts_named",
    ),
    T(
        "a return deposited by no slip",
        "UPDATE disbursements_returncase SET sts_number = 'STS-X', sts_date = returned_on,"
        " sts_amount = amount WHERE sts_number = '' AND state <> 'done'",
        "sts_named",
        (
            ("disbursements_returncase", "return_sts_only_when_confirmed"),
            ("disbursements_returncase", "return_done_has_date"),
        ),
    ),
    T(
        "a slip called taken back, with the money still paid back",
        f"UPDATE {SLIPS} SET reversed_at = recorded_at, reversed_by_id = recorded_by_id"
        f" WHERE id = {SLIP}",
        "sts_booked",
    ),
    T(
        "a slip nobody recorded",
        f"DELETE FROM audit_event WHERE verb = 'disbursements.record_deposit'"
        f" AND target_id = {SLIP}::text",
        "sts_told",
    ),
    T(
        "money moved in a closed year",
        CLOSED_YEAR.replace("%s", "'2026-11-01'"),
        "year_closed",
    ),
    T(
        "a movement dated into the closed year",
        CLOSED_YEAR.replace("%s", f"(SELECT max(at) - interval '1 second' FROM {EVENTS})"),
        "year_closed",
    ),
    T(
        "a year closed by who asked for it",
        CLOSED_YEAR.replace("%s", "'2027-01-01'").replace("p.approved_by_id", "p.locked_by_id"),
        "year_hands",
        ((YEARS, "fiscal_year_two_people"),),
    ),
)
LAID_OUT = (
    T("a file in the version before", f"UPDATE {FILES} SET layout_id = {OLD}", "layout_force"),
    T(
        "a layout that holds from next year only",
        f"UPDATE {LAYOUTS} SET valid_from = '2027-01-01'",
        "layout_force",
    ),
    T(
        "a layout of another bank",
        f"UPDATE {LAYOUTS} SET bank_code = '008'",
        "layout_force",
    ),
    T("a file over less than the list", f"UPDATE {FILES} SET count = count - 1", "layout_sums"),
    T("a file with another hash", f"UPDATE {FILES} SET sha256 = repeat('0', 64)", "layout_sums"),
    T(
        "a column moved after the file was made",
        f"UPDATE {LAYOUTS} SET columns = columns - 0 || (columns -> 0)",
        "layout_told",
    ),
    T(
        "a column made wider after the file was made",
        f"""UPDATE {LAYOUTS} SET columns = jsonb_set(columns, '{{0,width}}', '99')""",
        "layout_told",
    ),
    T(
        "another separator after the file was made",
        f"UPDATE {LAYOUTS} SET separator = '~'",
        "layout_told",
    ),
    T("a version that never made its file", f"UPDATE {LAYOUTS} SET used_at = NULL", "layout_told"),
)
CORRECTED = (
    T(
        "a receipt of a closed counter taken back without a third person",
        "UPDATE disbursements_cashreceipt r SET undone_at = c.closed_at + interval '1 second',"
        " undone_by_id = c.opened_by_id, undo_reason = 'x' FROM disbursements_cashcounter c"
        " WHERE c.id = r.counter_id",
        "cash_late",
    ),
)
PLANTED = (*GOODS, *SLIPPED, *LAID_OUT, *CORRECTED)
