"""Ways to falsify the books, each with the kind of breach that must give it away."""

from __future__ import annotations

from dataclasses import dataclass

LINES, LISTS = "disbursements_paymentline", "disbursements_paylist"
BUDGETS, SHARES = "disbursements_budgetline", "disbursements_allocation"
EVENTS, LEGS = "disbursements_ledgerevent", "disbursements_ledgerentry"
ROWS, RESULTS = "disbursements_resultrow", "disbursements_resultfile"
CASES, MOVES = "disbursements_returncase", "disbursements_listmove"
SIGNS, FILES = "disbursements_approval", "disbursements_bankfile"
ZEROS = "0" * 64

MAIN = f"(SELECT id FROM {LISTS} WHERE state = 'partly')"
CLOSED = f"(SELECT id FROM {LISTS} WHERE state = 'closed' AND kind = 'main')"
AGAIN = f"(SELECT id FROM {LISTS} WHERE kind = 'follow_up')"
LOCKED = f"(SELECT id FROM {LISTS} WHERE state = 'locked')"
DRAFT = f"(SELECT id FROM {LISTS} WHERE state = 'draft')"
FIRST_BUDGET = f"(SELECT min(id) FROM {BUDGETS})"
FIRST = f"(SELECT min(id) FROM {LINES} WHERE pay_list_id = {MAIN})"


GRANTS, PROXIED = "programs_proxygrant", "disbursements_proxyaccount"
RECEIPTS = "disbursements_cashreceipt"
PAID = f"(SELECT min(id) FROM {RECEIPTS})"
UNPAID = (
    f"id = (SELECT l.id FROM {LINES} l JOIN disbursements_cashcounter c"
    " ON c.pay_list_id = l.pay_list_id WHERE l.state = 'paid_back')"
)


@dataclass(frozen=True)
class Tampering:
    """What was done, by which statement, the kind of breach, constraints taken away first."""

    name: str
    sql: str
    check: str
    without: tuple[tuple[str, str], ...] = ()


def line(change: str, where: str = f"id = {FIRST}") -> str:
    return f"UPDATE {LINES} SET {change} WHERE {where}"


def paylist(change: str, which: str = MAIN) -> str:
    return f"UPDATE {LISTS} SET {change} WHERE id = {which}"


T = Tampering
MONEY = (
    T("a ceiling without a paper", f"UPDATE {BUDGETS} SET ceiling = ceiling + 1", "ceiling"),
    T(
        "a ceiling raised in the ledger too, without the act",
        f"""WITH e AS (INSERT INTO {EVENTS} (key, kind, budget_id, area_code, subject_type,
            subject_id, note, at, by_id) SELECT 'budget:x', 'budget_change', id, area_code,
            'disbursements.budgetline', id::text, '', now(), created_by_id FROM {BUDGETS}
            WHERE id = {FIRST_BUDGET} RETURNING id), l AS (INSERT INTO {LEGS}
            (event_id, account, amount)
            SELECT id, a, s FROM e, (VALUES ('source', -5), ('available', 5)) v(a, s) RETURNING 1)
            UPDATE {BUDGETS} SET ceiling = ceiling + 5""",
        "ledger_told",
    ),
    T(
        "paid beyond the ceiling",
        f"UPDATE {BUDGETS} SET paid = ceiling + 1",
        "overspent",
        ((BUDGETS, "budget_never_overspent"),),
    ),
    T(
        "a share smaller than what it paid",
        f"UPDATE {SHARES} SET amount = paid - 1",
        "share_overspent",
        ((SHARES, "allocation_never_overspent"),),
    ),
    T("shares that do not add up", f"UPDATE {BUDGETS} SET allocated = allocated - 1", "shares"),
    T(
        "allocations over the pagu",
        f"UPDATE {BUDGETS} SET allocated = ceiling + 1",
        "overspent",
        ((BUDGETS, "budget_never_overallocated"),),
    ),
    T(
        "a share raised together with its sum",
        f"WITH a AS (UPDATE {SHARES} SET amount = amount + 7 RETURNING 1)"
        f" UPDATE {BUDGETS} SET allocated = allocated + 7",
        "share_told",
    ),
    T("more reserved than posted", f"UPDATE {BUDGETS} SET reserved = reserved + 1", "figures"),
    T(
        "more delivered than posted",
        f"UPDATE {BUDGETS} SET delivered = delivered + 1 WHERE id = {FIRST_BUDGET}",
        "figures",
    ),
    T(
        "a share with more reserved",
        f"UPDATE {SHARES} SET reserved = reserved + 1",
        "share_figures",
    ),
    T(
        "a leg edited",
        f"UPDATE {LEGS} SET amount = amount + 1 WHERE id = (SELECT min(id) FROM {LEGS})",
        "legs",
    ),
    T(
        "both legs of an SP2D edited",
        f"UPDATE {LEGS} SET amount = amount * 2 WHERE event_id ="
        f" (SELECT min(id) FROM {EVENTS} WHERE kind = 'sp2d')",
        "in_ledger",
    ),
    T("a leg deleted", f"DELETE FROM {LEGS} WHERE id = (SELECT max(id) FROM {LEGS})", "legs"),
    T(
        "legs turned round",
        f"UPDATE {LEGS} SET amount = -amount WHERE event_id ="
        f" (SELECT min(id) FROM {EVENTS} WHERE kind = 'settle')",
        "legs",
    ),
    T(
        "an event deleted under its legs",
        f"DELETE FROM {EVENTS} WHERE id = (SELECT max(id) FROM {EVENTS})",
        "lost_legs",
    ),
    T(
        "an event deleted with its legs",
        f"WITH e AS (DELETE FROM {EVENTS} WHERE id = (SELECT min(id) FROM {EVENTS} WHERE"
        f" kind = 'settle') RETURNING id) DELETE FROM {LEGS} WHERE event_id IN (SELECT id FROM e)",
        "settled",
    ),
    T(
        "an event posted twice under one key",
        f"INSERT INTO {EVENTS} (key, kind, budget_id, allocation_id, area_code, subject_type,"
        f" subject_id, note, at, by_id) SELECT key, kind, budget_id, allocation_id, area_code,"
        f" subject_type, subject_id, note, at, by_id FROM {EVENTS} WHERE kind = 'reserve' LIMIT 1",
        "keys",
        ((EVENTS, "disbursements_ledgerevent_key_key"),),
    ),
    T(
        "an event of another kind",
        f"UPDATE {EVENTS} SET kind = 'sp2d' WHERE kind = 'settle'",
        "legs",
    ),
    T(
        "an event that belongs to nothing",
        f"UPDATE {EVENTS} SET subject_id = '0' WHERE kind = 'pay_back'",
        "explained",
    ),
    T(
        "a reservation of another list",
        f"UPDATE {EVENTS} SET subject_id = {DRAFT}::text WHERE"
        f" kind = 'reserve' AND subject_id = {LOCKED}::text",
        "in_ledger",
    ),
    T(
        "a reservation and a release nobody made",
        f"""WITH e AS (INSERT INTO {EVENTS} (key, kind, budget_id, allocation_id, area_code,
          subject_type, subject_id, note, at, by_id) SELECT 'x:' || k, k, budget_id, allocation_id,
          area_code, subject_type, subject_id, '', at, by_id FROM {EVENTS}, (VALUES ('reserve'),
          ('release')) v(k)
          WHERE subject_type = 'disbursements.paylist' AND subject_id = {LOCKED}::text
          RETURNING id, kind)
          INSERT INTO {LEGS} (event_id, account, amount) SELECT e.id, v.a, v.s FROM e,
          (VALUES ('reserve', 'available', -9), ('reserve', 'reserved', 9),
          ('release', 'reserved', -9), ('release', 'available', 9)) v(k, a, s)
          WHERE v.k = e.kind""",
        "ledger_times",
    ),
)
LISTED = (
    T(
        "a person paid twice",
        line(
            f"person_id = (SELECT person_id FROM {LINES} WHERE id = {FIRST})", f"id = {FIRST} + 5"
        ),
        "persons",
        ((LINES, "one_live_payment_per_person"),),
    ),
    T(
        "a payee paid twice",
        line("payee_id = 7", f"id IN ({FIRST}, {FIRST} + 5)"),
        "payees",
        ((LINES, "one_live_payment_per_payee"),),
    ),
    T(
        "a family paid twice",
        line(
            f"family_id = (SELECT family_id FROM {LINES} WHERE id = {FIRST})", f"id = {FIRST} + 5"
        ),
        "families",
        ((LINES, "one_live_payment_per_family"),),
    ),
    T(
        "a payee exchanged",
        line("person_id = (SELECT max(id) FROM beneficiaries_person)"),
        "enrolled",
        ((LINES, "one_live_payment_per_person"),),
    ),
    T("an amount raised", line("amount = amount + 1"), "lines"),
    T(
        "an amount moved from one line to another",
        line(
            f"amount = amount + CASE WHEN id = {FIRST} THEN 5 ELSE -5 END",
            f"id IN ({FIRST}, {FIRST} + 1)",
        ),
        "rate",
    ),
    T(
        "an amount moved within a list",
        line(
            f"amount = amount + CASE WHEN id = {FIRST} THEN 5 ELSE -5 END",
            f"id IN ({FIRST}, {FIRST} + 1)",
        ),
        "hash",
    ),
    T("a name changed after the lock", line("payee_name = 'Orang Lain'"), "hash"),
    T(
        "an account index exchanged",
        line(f"account_index = (SELECT account_index FROM {LINES} WHERE id = {FIRST} + 1)"),
        "hash",
    ),
    T(
        "an account exchanged under its index",
        line(f"account_number = (SELECT account_number FROM {LINES} WHERE id = {FIRST} + 1)"),
        "account",
    ),
    T("an account number replaced by rubbish", line("account_number = '\\x00'::bytea"), "account"),
    T("a bank code changed", line("bank_code = '008'"), "hash"),
    T(
        "a line deleted",
        f"DELETE FROM {LINES} WHERE id = (SELECT max(id) FROM {LINES}"
        f" WHERE pay_list_id = {LOCKED})",
        "lines",
    ),
    T(
        "a line taken out after the lock",
        line("state = 'cancelled'", f"pay_list_id = {LOCKED} AND position = 1"),
        "with_list",
    ),
    T(
        "a line moved to another list",
        line(f"pay_list_id = {DRAFT}, position = 99", f"pay_list_id = {LOCKED} AND position = 1"),
        "stages",
    ),
    T(
        "a line inserted",
        f"""INSERT INTO {LINES} (pay_list_id, position, enrolment_id, stage_id,
      person_id, family_id, one_per_family, payee_name, address, area_code, bank_code,
      account_number, account_index, account_holder, amount, reference, state, exclude_reason)
      SELECT pay_list_id, 99, enrolment_id, stage_id, person_id, family_id, one_per_family,
      payee_name, address, area_code, bank_code, account_number, account_index, account_holder,
      amount, 'D352600990000099', 'cancelled', '' FROM {LINES} WHERE id = {FIRST}""",
        "reference_shape",
    ),
    T(
        "a line inserted with a fitting reference",
        f"""INSERT INTO {LINES} (pay_list_id, position, enrolment_id, stage_id,
      person_id, family_id, one_per_family, payee_name, address, area_code, bank_code,
      account_number, account_index, account_holder, amount, reference, state, exclude_reason)
      SELECT pay_list_id, 99, enrolment_id, stage_id, person_id, family_id, one_per_family,
      payee_name, address, area_code, bank_code, account_number, account_index, account_holder,
      amount, left(reference, 9) || '0000099', 'waiting', '' FROM {LINES}
      WHERE id = {FIRST}""",
        "lines",
        ((LINES, "one_live_payment_per_person"), (LINES, "one_live_payment_per_family")),
    ),
    T(
        "two lines exchange their places",
        line(
            f"position = position + CASE WHEN id = {FIRST} THEN 101 ELSE 99 END",
            f"id IN ({FIRST}, {FIRST} + 1)",
        ),
        "reference_shape",
    ),
    T("a reference changed", line("reference = 'D352699990000001'"), "reference_shape"),
    T(
        "a reference used twice",
        line(
            f"reference = (SELECT reference FROM {LINES} WHERE id = {FIRST})", f"id = {FIRST} + 1"
        ),
        "references",
        ((LINES, "disbursements_paymentline_reference_key"),),
    ),
    T(
        "a total that is not the sum",
        paylist("total = total + 1"),
        "lines",
        ((LISTS, "list_sp2d_equals_total"),),
    ),
    T("a count that is not the number", paylist("count = count + 1"), "lines"),
    T(
        "a year's figure made larger by district",
        "UPDATE disbursements_linesum SET amount = amount + 1 WHERE state = 'settled'",
        "kept_sums",
    ),
    T(
        "a year's figure made larger by regency",
        "UPDATE disbursements_regencysum SET amount = amount + 1 WHERE state = 'settled'",
        "kept_sums",
    ),
    T(
        "a year's figure lost",
        "DELETE FROM disbursements_regencysum WHERE state = 'settled'",
        "kept_sums",
    ),
    T(
        "a guardian's letter ended before the list was locked",
        f"UPDATE {GRANTS} SET ended_at = made_at WHERE id IN (SELECT grant_id FROM {PROXIED})",
        "letters",
        ((GRANTS, "proxy_ended_pair"),),
    ),
    T(
        "a guardian's letter altered after the payment",
        f"UPDATE {GRANTS} SET letter_number = 'PW/8' WHERE id IN (SELECT grant_id FROM {PROXIED})",
        "hash",
    ),
    T("a guardian's letter taken from its line", f"DELETE FROM {PROXIED}", "hash"),
    T("a fingerprint edited", paylist(f"content_hash = '{ZEROS}'"), "hash"),
    T(
        "a fingerprint edited against the trail",
        paylist(f"content_hash = '{ZEROS}'", LOCKED),
        "locked_as",
    ),
    T(
        "an SP2D that differs",
        paylist("sp2d_amount = total - 1"),
        "sp2d",
        ((LISTS, "list_sp2d_equals_total"),),
    ),
    T("a follow-up with an SP2D of its own", paylist("sp2d_number = 'LAIN'", AGAIN), "sp2d"),
    T(
        "one SP2D for two lists",
        paylist(f"sp2d_number = (SELECT sp2d_number FROM {LISTS} WHERE id = {CLOSED})"),
        "sp2d_once",
        ((LISTS, "sp2d_number_once"),),
    ),
    T("a day of payment dated anew", paylist("execution_on = execution_on - 30"), "file_sums"),
    T("a list of another area", paylist("area_code = '35.20'"), "belongs"),
    T(
        "a list under another stage",
        paylist("stage_id = (SELECT max(id) FROM programs_stage)"),
        "stages",
        ((LISTS, "one_main_list_per_stage_and_area"),),
    ),
    T("a file with another total", f"UPDATE {FILES} SET total = total + 1", "file_totals"),
    T("a file with another count", f"UPDATE {FILES} SET count = count + 1", "file_totals"),
    T("another hash in the register", f"UPDATE {FILES} SET sha256 = '{ZEROS}'", "register"),
    T(
        "another hash in the documents",
        f"UPDATE documents_document SET sha256 = '{ZEROS}' WHERE kind = 'disbursements.csv'",
        "issued",
    ),
    T("a bank file deleted", f"DELETE FROM {FILES} WHERE format = 'instruction'", "complete"),
)
TOLD = (
    T(
        "delivered without the bank",
        line("state = 'settled', settled_on = '2026-11-22'", "state = 'unknown'"),
        "evidence",
    ),
    T("an answered line that waits", line("state = 'submitted'", "state = 'settled'"), "evidence"),
    T(
        "a returned line called delivered",
        line(
            "state = 'settled', settled_on = '2026-11-22'",
            f"state = 'returned' AND pay_list_id = {MAIN}",
        ),
        "evidence",
    ),
    T("a line that was never sent", line("state = 'waiting'", "state = 'unknown'"), "with_list"),
    T(
        "submitted before its list",
        line("state = 'submitted'", f"pay_list_id = {LOCKED}"),
        "with_list",
    ),
    T("a list called delivered too early", paylist("state = 'settled'"), "list_state"),
    T("a return without its case", f"DELETE FROM {CASES}", "cases"),
    T(
        "a refund larger than its line",
        f"UPDATE {CASES} SET amount = amount + 1 WHERE state = 'open'",
        "cases",
    ),
    T(
        "delivered on another day",
        line("settled_on = settled_on - 40", "state = 'settled'"),
        "days",
    ),
    T(
        "a row applied to another amount",
        f"UPDATE {ROWS} SET amount = amount - 1 WHERE state = 'applied'",
        "fits",
    ),
    T(
        "a row applied to another account",
        f"UPDATE {ROWS} SET account_index = 'x' WHERE state = 'applied'",
        "fits",
    ),
    T(
        "a row linked by nobody",
        f"""INSERT INTO {ROWS} (result_id, row_number, reference, amount, account_index, name,
      outcome, reason, bank_text, bank_reference, currency, reason_code, round, state,
      quarantine_code, quarantine_reason, line_id, origin_id) SELECT result_id, row_number,
      reference, 500000, account_index, name, 'settled', '', bank_text, bank_reference, currency,
      reason_code, 0, 'applied', '', '', {FIRST} + 4, id FROM {ROWS}
      WHERE state = 'quarantine' AND amount = 1""",
        "linked",
    ),
    T(
        "an answer applied twice",
        f"UPDATE {ROWS} SET state = 'applied' WHERE state = 'same'",
        "once",
        ((ROWS, "outcome_applied_once"),),
    ),
    T(
        "a returned line delivered after all",
        f"""UPDATE {ROWS} SET state = 'applied',
      outcome = 'settled', line_id = {FIRST} + 2
      WHERE id = (SELECT min(id) FROM {ROWS} WHERE state = 'quarantine')""",
        "order",
    ),
    T(
        "an answer hidden as already known",
        f"UPDATE {ROWS} SET state = 'same' WHERE id ="
        f" (SELECT min(id) FROM {ROWS} WHERE state = 'applied')",
        "same_as",
    ),
    T(
        "a fitting row held back",
        f"""UPDATE {ROWS} r SET amount = l.amount FROM {LINES} l
      WHERE l.reference = r.reference AND l.state = 'unknown' AND r.state = 'quarantine'""",
        "held_back",
    ),
    T("a row lost", f"DELETE FROM {ROWS} WHERE id = (SELECT max(id) FROM {ROWS})", "rows"),
    T(
        "an outcome rewritten",
        f"UPDATE {ROWS} SET outcome = 'returned' WHERE id = (SELECT min(id)"
        f" FROM {ROWS} WHERE state = 'applied' AND outcome = 'settled')",
        "result_rows",
    ),
    T(
        "a quarantined row rewritten",
        f"UPDATE {ROWS} SET amount = 2 WHERE amount = 1",
        "result_rows",
    ),
    T(
        "the same answer twice",
        f"UPDATE {RESULTS} f SET sha256 = (SELECT g.sha256 FROM {RESULTS} g"
        " WHERE g.pay_list_id = f.pay_list_id ORDER BY g.id LIMIT 1)"
        " WHERE pay_list_id IS NOT NULL",
        "same_file",
        ((RESULTS, "result_file_once"),),
    ),
    T(
        "a job lost while a list is drawn",
        paylist("drawn_at = NULL, job_id = NULL", DRAFT),
        "lost_jobs",
    ),
)
SIGNED = (
    T(
        "a maker who approved",
        paylist("approved_by_id = made_by_id"),
        "three",
        ((LISTS, "list_maker_is_not_approver"),),
    ),
    T("a signature under other contents", f"UPDATE {SIGNS} SET seen_hash = '{ZEROS}'", "signed"),
    T(
        "a signature under another total",
        f"UPDATE {SIGNS} SET seen_total = seen_total + 1",
        "signed",
    ),
    T("a signature removed", f"DELETE FROM {SIGNS}", "signed"),
    T(
        "a signature of somebody else",
        f"UPDATE {SIGNS} SET by_id = (SELECT max(id) FROM accounts_user)",
        "signed",
    ),
    T(
        "an approval forged ahead",
        f"""INSERT INTO {SIGNS} (pay_list_id, round, step, agreed, note,
      seen_hash, seen_count, seen_total, at, by_id) SELECT {LOCKED}, 1, 'approve', true, '',
      seen_hash, seen_count, seen_total, at, by_id FROM {SIGNS} LIMIT 1""",
        "unasked",
    ),
    T(
        "approved by one who had locked it",
        f"UPDATE {MOVES} SET by_id = (SELECT approved_by_id FROM"
        f" {LISTS} WHERE id = {MAIN}) WHERE new = 'awaiting' AND pay_list_id = {MAIN}",
        "makers",
    ),
    T(
        "a bank file before the approval",
        f"UPDATE {FILES} SET made_at = made_at - interval '1 year'",
        "unsigned_files",
    ),
    T(
        "a decree of one person",
        "UPDATE programs_decree SET approved_by_id = made_by_id",
        "decrees",
        (("programs_decree", "decree_maker_is_not_approver"),),
    ),
    T(
        "a decree nobody approved",
        "UPDATE programs_decree SET approved_by_id = NULL, approved_at ="
        " NULL, state = 'draft', number = '', decree_date = NULL",
        "unsigned_decrees",
        (("programs_decree", "decree_approved_pair"),),
    ),
    T(
        "a return confirmed by its decider",
        f"UPDATE {CASES} SET confirmed_by_id = decided_by_id",
        "confirmed",
        ((CASES, "return_decider_is_not_confirmer"),),
    ),
)
CHAINED = (
    T(
        "paid more than entitled",
        line("amount = amount * 2", f"pay_list_id = {LOCKED}"),
        "entitled",
    ),
    T(
        "a retransfer over the entitlement",
        line("amount = amount + 1", f"pay_list_id = {AGAIN}"),
        "again",
    ),
    T(
        "a retransfer without its origin",
        line("retransfer_of_id = NULL", f"pay_list_id = {AGAIN}"),
        "no_origin",
    ),
    T(
        "a return paid twice",
        line(
            f"retransfer_of_id = (SELECT min(retransfer_of_id) FROM {LINES})",
            f"pay_list_id = {AGAIN}",
        ),
        "again_once",
        ((LINES, "one_live_retransfer"),),
    ),
    T("a repaid line opened again", line("state = 'returned'", "state = 'repaid'"), "ends"),
    T(
        "a return called done",
        f"UPDATE {CASES} SET state = 'done', done_at = now() WHERE state = 'open'",
        "case_state",
    ),
    T(
        "an STS smaller than the return",
        f"UPDATE {CASES} SET sts_amount = sts_amount - 1 WHERE sts_amount > 0",
        "treasury",
        ((CASES, "return_sts_never_more"),),
    ),
    T(
        "an STS before the return",
        f"UPDATE {CASES} SET sts_date = returned_on - 1 WHERE sts_amount > 0",
        "treasury",
    ),
    T(
        "an STS that the ledger does not know",
        f"UPDATE {LEGS} SET amount = amount * 2 WHERE"
        f" event_id = (SELECT min(id) FROM {EVENTS} WHERE kind = 'pay_back')",
        "paid_back",
    ),
    T(
        "closing figures changed",
        "UPDATE disbursements_reconciliation SET"
        " settled_amount = settled_amount + 1, repaid_amount = repaid_amount - 1",
        "closed",
    ),
    T("a reconciliation deleted", "DELETE FROM disbursements_reconciliation", "closed_without"),
)
TRACED = (
    T("a state without its move", paylist("state = 'sent'"), "state"),
    T("a move deleted", f"DELETE FROM {MOVES} WHERE new = 'awaiting'", "steps"),
    T(
        "a step that was left out",
        f"UPDATE {MOVES} SET old = 'draft' WHERE new = 'approved'",
        "steps",
    ),
    T(
        "a move that is not allowed",
        f"UPDATE {MOVES} SET old = 'approved', new = 'settled' WHERE"
        f" new = 'partly' AND pay_list_id = {MAIN}",
        "steps",
    ),
    T("an approval dated back", paylist("approved_at = approved_at - interval '5 days'"), "dates"),
    T("a sender exchanged", paylist("sent_by_id = made_by_id + 1"), "dates"),
    T(
        "an event of a move deleted",
        "DELETE FROM audit_event WHERE verb = 'disbursements.send_list'",
        "moves_told",
    ),
    T(
        "moves deleted, events kept",
        f"DELETE FROM {MOVES} WHERE pay_list_id = {LOCKED}",
        "moves_missing",
    ),
    T(
        "a whole list deleted",
        f"WITH l AS (DELETE FROM {LINES} WHERE pay_list_id = {DRAFT}"
        f" RETURNING 1), m AS (DELETE FROM {MOVES} WHERE pay_list_id = {DRAFT} RETURNING 1)"
        f" DELETE FROM {LISTS} WHERE id = {DRAFT}",
        "records_missing",
    ),
    T(
        "the event of a signature deleted",
        "DELETE FROM audit_event WHERE verb = 'disbursements.check_list'",
        "signatures_told",
    ),
    T(
        "the event of a reservation deleted",
        "DELETE FROM audit_event WHERE verb = 'disbursements.lock_list'",
        "ledger_told",
    ),
    T(
        "a decision rewritten",
        f"UPDATE {CASES} SET decision = 'treasury', state = 'decided' WHERE decision = 'heir'",
        "decisions_told",
    ),
    T(
        "an STS number rewritten",
        f"UPDATE {CASES} SET sts_number = 'LAIN' WHERE sts_amount > 0",
        "decisions_told",
    ),
    T(
        "the event of an answer deleted",
        "DELETE FROM audit_event WHERE verb = 'disbursements.upload_result'",
        "results_told",
    ),
    T(
        "an event put in afterwards",
        "INSERT INTO audit_event (at, actor_name, actor_role, verb,"
        " target_type, target_id, area_code, reason, data) VALUES ('2026-01-01', 'x', '', 'x', 'x',"
        " '1', '35', '', '{}')",
        "unsealed",
    ),
)
CASHED = (
    T(
        "a second receipt for one payment",
        f"""INSERT INTO {RECEIPTS} (line_id, counter_id, area_code, amount, paid_on, taker,
            receiver_name, mark, photo, photo_mime, photo_sha256, signature_mime, signature_sha256,
            recorded_at, recorded_by_id, undo_reason)
            SELECT line_id, counter_id, area_code, amount, paid_on, taker, receiver_name, mark,
            photo, photo_mime, photo_sha256, '', '', recorded_at, recorded_by_id, ''
            FROM {RECEIPTS} WHERE id = {PAID}""",
        "cash_twice",
        ((RECEIPTS, "one_live_cash_receipt"),),
    ),
    T(
        "a receipt over less than the line",
        f"UPDATE {RECEIPTS} SET amount = amount - 50000 WHERE id = {PAID}",
        "cash_fits",
    ),
    T(
        "a receipt dated before the counter",
        f"UPDATE {RECEIPTS} SET paid_on = paid_on - 3 WHERE id = {PAID}",
        "cash_fits",
    ),
    T(
        "a receipt deleted",
        f"DELETE FROM {RECEIPTS} WHERE id = {PAID}",
        "evidence",
    ),
    T(
        "a return of the counter called paid",
        line("state = 'settled', settled_on = '2026-11-22'", UNPAID),
        "evidence",
    ),
    T("a counter nobody opened", "DELETE FROM disbursements_cashcounter", "cash_counters"),
    T(
        "the photo taken away",
        f"UPDATE {RECEIPTS} SET photo = NULL, photo_sha256 = '' WHERE id = {PAID}",
        "cash_proof",
        ((RECEIPTS, "cash_has_proof"),),
    ),
    T(
        "the signed pages taken away",
        "UPDATE disbursements_cashregister SET sealed_pages = ''",
        "cash_proof",
    ),
    T(
        "a receipt taken back without the money",
        f"UPDATE {RECEIPTS} SET undone_at = recorded_at, undone_by_id = recorded_by_id + 1,"
        f" undo_reason = 'x' WHERE id = {PAID}",
        "cash_ledger",
    ),
    T(
        "the maker of the list at the counter",
        f"UPDATE {RECEIPTS} SET recorded_by_id = (SELECT made_by_id FROM {LISTS} LIMIT 1)"
        f" WHERE id = {PAID}",
        "cash_hands",
    ),
    T(
        "the event of a payment deleted",
        "DELETE FROM audit_event WHERE verb = 'disbursements.pay_cash'",
        "cash_told",
    ),
)
TAMPERINGS = (*MONEY, *LISTED, *TOLD, *SIGNED, *CHAINED, *TRACED, *CASHED)
