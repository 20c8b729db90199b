"""The defects: fences of the database taken down, locks and checks left out, easy beliefs."""

from __future__ import annotations

from bench.mutants.defect import Defect

GUARDS = "tests/disbursements/test_guards.py"
RACES = "tests/disbursements/test_races.py"
RESULTS = "tests/disbursements/test_results.py"
LISTS = "tests/disbursements/test_lists.py"
BANK = "tests/disbursements/test_bank.py"
RETURNS = "tests/disbursements/test_returns.py"
MATCHING = "disbursements/services/staging.py"
STAGING = "tests/disbursements/test_staging.py"
LINE = "disbursements_paymentline"


def _without(table: str, constraint: str, words: str, *tests: str) -> Defect:
    return Defect(
        name=f"no-{constraint.replace('_', '-')}",
        words=words,
        tests=tests,
        sql=f"ALTER TABLE {table} DROP CONSTRAINT {constraint}",
    )


def _without_index(index: str, words: str, *tests: str) -> Defect:
    return Defect(
        name=f"no-{index.replace('_', '-')}", words=words, tests=tests, sql=f"DROP INDEX {index}"
    )


def _without_trigger(table: str, trigger: str, words: str, *tests: str) -> Defect:
    return Defect(
        name=f"no-{trigger.replace('_', '-')}",
        words=words,
        tests=tests,
        sql=f"DROP TRIGGER {trigger} ON {table}",
    )


FENCES = (
    _without_index(
        "one_live_payment_per_person",
        "No unique index on (stage, person) of live payments",
        f"{GUARDS}::test_nobody_is_paid_twice_in_a_stage",
    ),
    _without_index(
        "one_live_payment_per_family",
        "No unique index on (stage, family) where one per KK is paid",
        f"{GUARDS}::test_nobody_is_paid_twice_in_a_stage",
        LISTS,
    ),
    _without_index(
        "one_main_list_per_stage_and_area",
        "Two main lists of one stage and area are possible",
        f"{RACES}::test_one_list_per_stage_and_area",
    ),
    _without_index(
        "sp2d_number_once",
        "One SP2D number may pay two lists",
        f"{GUARDS}::test_one_sp2d_number_is_on_one_main_list",
    ),
    _without(
        "disbursements_budgetline",
        "budget_never_overspent",
        "No CHECK that reserved and paid stay inside the budget line",
        f"{GUARDS}::test_a_budget_is_never_overspent",
    ),
    _without(
        "disbursements_allocation",
        "allocation_never_overspent",
        "No CHECK that reserved and paid stay inside the share of a regency",
        f"{GUARDS}::test_a_share_is_never_overspent",
    ),
    _without(
        "disbursements_ledgerevent",
        "disbursements_ledgerevent_key_key",
        "The key of a ledger event is not unique",
        f"{RACES}::test_one_event_key_moves_money_once",
    ),
    _without(
        "disbursements_paylist",
        "list_maker_is_not_checker",
        "The maker of a list may check it",
        f"{GUARDS}::test_the_maker_never_signs",
    ),
    _without(
        "disbursements_paylist",
        "list_maker_is_not_approver",
        "The maker or the checker of a list may approve it",
        f"{GUARDS}::test_the_maker_never_signs",
        f"{GUARDS}::test_one_person_never_gives_both_signatures",
    ),
    _without(
        "disbursements_paylist",
        "list_sp2d_equals_total",
        "An SP2D may differ from the total of its list",
        f"{GUARDS}::test_an_sp2d_is_the_whole_list_or_nothing",
    ),
    _without(
        "disbursements_returncase",
        "return_decider_is_not_confirmer",
        "One person may decide and confirm a return",
        f"{GUARDS}::test_a_return_is_decided_and_confirmed_by_two",
    ),
    _without_trigger(
        LINE,
        "line_frozen",
        "Amount, payee and account of a locked line may be changed",
        f"{GUARDS}::test_a_locked_line_is_frozen",
    ),
    _without_trigger(
        LINE,
        "line_frozen_insert",
        "A line may join a locked list",
        f"{GUARDS}::test_no_line_joins_or_leaves_a_locked_list",
    ),
    _without_trigger(
        LINE,
        "line_frozen_delete",
        "A line may leave a locked list",
        f"{GUARDS}::test_no_line_joins_or_leaves_a_locked_list",
    ),
    _without_trigger(
        "disbursements_paylist",
        "list_frozen",
        "Total and hash of a locked list may be changed",
        f"{GUARDS}::test_a_locked_list_is_frozen",
    ),
    _without_trigger(
        "disbursements_ledgerentry",
        "ledger_balanced",
        "The legs of a ledger event need not balance",
        f"{GUARDS}::test_an_event_of_the_ledger_balances",
    ),
    _without_trigger(
        "disbursements_ledgerentry",
        "disbursements_ledgerentry_append_only",
        "Rows of the ledger may be changed",
        f"{GUARDS}::test_the_books_are_only_ever_added_to",
    ),
    _without_trigger(
        "disbursements_resultrow",
        "disbursements_resultrow_append_only",
        "Applied answers of the bank may be changed",
        f"{GUARDS}::test_the_books_are_only_ever_added_to",
    ),
    _without_trigger(
        "disbursements_ledgerevent",
        "year_is_open",
        "Money may move in a closed year",
        "tests/disbursements/test_years.py",
    ),
    _without_trigger(
        "disbursements_banksubmission",
        "submission_frozen",
        "Reference and hash of what was sent to the bank may be changed",
        "tests/disbursements/test_submissions.py",
    ),
)
CODE = (
    Defect(
        name="no-lock-on-list",
        words="Acts on a list do not hold its row: no SELECT FOR UPDATE",
        path="disbursements/services/moves.py",
        old='.select_for_update().only("pk").get(pk=pay_list.pk)\n    found',
        new='.only("pk").get(pk=pay_list.pk)\n    found',
        tests=(RACES,),
    ),
    Defect(
        name="no-expected-state",
        words="The state of a list is changed whatever it is by now: read, decide, write",
        path="disbursements/services/moves.py",
        old="PayList.objects.filter(pk=pay_list.pk, state=old).update(",
        new="PayList.objects.filter(pk=pay_list.pk).update(",
        tests=(GUARDS, LISTS, RACES),
    ),
    Defect(
        name="any-amount",
        words="The amount in the bank's answer is not compared",
        path=MATCHING,
        old="            WHEN s.amount <> l.amount THEN 'wrong_amount'\n",
        new="",
        tests=(STAGING, RESULTS),
    ),
    Defect(
        name="any-account",
        words="The account in the bank's answer is not compared",
        path=MATCHING,
        old="WHEN s.account_index = '' OR s.account_index IS DISTINCT FROM l.account_index\n",
        new="WHEN FALSE\n",
        tests=(STAGING, RESULTS),
    ),
    Defect(
        name="any-list",
        words="An answer may settle a line of another list",
        path=MATCHING,
        old="            WHEN l.pay_list_id <> f.pay_list_id THEN 'foreign'\n",
        new="",
        tests=(STAGING, RESULTS),
    ),
    Defect(
        name="no-contradictions",
        words="Of two contradicting rows about one payment the first is believed",
        path=MATCHING,
        old="            WHEN s.conflict THEN 'conflict'\n",
        new="",
        tests=(STAGING, RESULTS),
    ),
    Defect(
        name="default-paid",
        words="What the bank's words do not say for sure counts as delivered",
        path="disbursements/rules/bank_words.py",
        old="    return Outcome.SETTLED if words in _SETTLED else None\n",
        new="    return Outcome.SETTLED\n",
        tests=("tests/disbursements/test_bank_words.py", RESULTS),
    ),
    Defect(
        name="files-unchecked",
        words="Stored bytes are handed out without comparing their hash",
        path="bansos/documents/services.py",
        old="    if found != document.sha256:\n",
        new="    if False:\n",
        tests=("tests/documents", f"{BANK}::test_a_damaged_file_is_not_sent"),
    ),
    Defect(
        name="total-of-the-file",
        words="The closing balance a statement gives is believed without adding its rows up",
        path="disbursements/rules/statements/camt.py",
        old="        if None not in (opening, closing) and opening + self.moved != closing:",
        new="        if False:",
        tests=(
            "tests/disbursements/test_statements.py::test_missing_entries_are_seen_by_the_balances",
        ),
    ),
    Defect(
        name="account-of-another",
        words="Before the lock nobody asks whether an account is also somebody else's",
        path="disbursements/queries/sieve.py",
        old="b.person_id IS NOT DISTINCT FROM l.person_id AND b",
        new="b",
        tests=("tests/disbursements/test_big_lists.py",),
    ),
    Defect(
        name="any-sts",
        words="An STS of another amount ends a return",
        path="disbursements/services/deposits.py",
        old="    if amount != case.amount:\n",
        new="    if False:\n",
        tests=(f"{RETURNS}::test_money_goes_back_to_the_treasury_once_and_exactly",),
    ),
    Defect(
        name="job-for-two",
        words="Two workers may hold the same job: no lock on its row",
        path="bansos/jobs/services.py",
        old='Job.objects.select_for_update(skip_locked=not wait, no_key=True, of=("self",))\n',
        new="Job.objects\n",
        tests=("tests/jobs", RACES),
    ),
    Defect(
        name="silent-move",
        words="A change of state leaves no audit event",
        path="bansos/audit/services.py",
        old="    row.save(force_insert=True)\n",
        new="",
        tests=(f"{LISTS}::test_every_step_leaves_an_event",),
    ),
    Defect(
        name="resend-on-timeout",
        words="After a timeout the file is sent again although the bank declares no deduplication",
        path="disbursements/services/submissions/sending.py",
        old="Heard.UNKNOWN and abilities_of(submission.channel).deduplicates\n",
        new="Heard.UNKNOWN\n",
        tests=("tests/disbursements/test_submissions.py",),
    ),
    Defect(
        name="sen-rounded-up",
        words="A budget shared among people is rounded to the nearest sen, not down",
        path="programs/rules/benefits.py",
        old="    amount = Decimal(int(budget / SEN) // people) * SEN",
        new='    amount = (budget / people).quantize(SEN, rounding="ROUND_HALF_UP")',
        tests=("tests/programs/test_formula.py", "tests/programs/test_benefits.py"),
    ),
    Defect(
        name="early-acknowledgement",
        words="A message is acknowledged before its work is done",
        path="bansos/settings/base.py",
        old="CELERY_TASK_ACKS_LATE = True\n",
        new="CELERY_TASK_ACKS_LATE = False\n",
        tests=(
            "tests/jobs/test_services.py::test_a_message_stays_with_the_broker_until_its_work_ends",
        ),
    ),
    Defect(
        name="bell-rings-once",
        words="A lost message is never rung again",
        path="bansos/jobs/services.py",
        old="        .filter(rung_at__lt=old)\n",
        new="        .none()\n",
        tests=("tests/jobs",),
    ),
    Defect(
        name="day-of-utc",
        words="The day of an act is the day in UTC: yesterday until 07.00 WIB",
        path="bansos/lib/dates.py",
        old="    return in_zone(moment, zone or timezone.get_current_timezone()).date()\n",
        new="    return moment.date()\n",
        tests=("tests/lib/test_dates.py",),
    ),
    Defect(
        name="quarantine-does-not-stop",
        words="A list closes although bank rows still lie in quarantine",
        path="disbursements/queries/identity.py",
        old="        if self.quarantined:\n",
        new="        if False:\n",
        tests=("tests/disbursements/test_desk.py",),
    ),
)
DEFECTS: tuple[Defect, ...] = (*FENCES, *CODE)
