"""What an event does to an enrolment, and when a programme has succeeded: rules as data.

event_rules = [{"event": kind, "when": [test], "outcome": outcome, "reason": stop code,
    "days": working days or None, "article": text}], read from the top: the first that fits.
exit_rules = {"article": text, "need": "all" or "any", "next": [referral kind],
    "appeal_days": working days, "appeal_article": text, "term_months": months or None,
    "measures": [{"code", "kind", "label", "percent", "months"}]}

Source of the rules that come with the product: guides of Dinsos Jatim 2026, see
programs/data/catalogue. A programme without a rule for an event has it noted only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from bansos.accounts.permissions import Permission
from bansos.lib.money import rupiah
from programs.choices import (
    EXITS,
    HOLDING,
    STOPPING,
    Answer,
    EnrolmentState,
    EventKind,
    EventTest,
    MeasureKind,
    Outcome,
    ReferralKind,
)

Rules = Mapping[str, Any]
# An event may end what no list of moves does: who is eligible and not yet decreed.
EVENT_MOVES = {(EnrolmentState.ELIGIBLE, EnrolmentState.STOPPED): Permission.DECREE_PREPARE}
# What an appeal that is right takes back; nothing else leaves an end.
APPEAL_MOVES = {
    (old, new): Permission.DECREE_APPROVE
    for old in (EnrolmentState.STOPPED, EnrolmentState.GRADUATED)
    for new in (EnrolmentState.ACTIVE, EnrolmentState.ELIGIBLE)
} | {(EnrolmentState.NOT_ELIGIBLE, EnrolmentState.IN_REVIEW): Permission.DECREE_APPROVE}
# Where something may happen to somebody; before, a proposal is simply withdrawn or judged.
LIVE = HOLDING
MOST_WORKING_DAYS = 250
# Who may say that something happened; somebody else decides.
REPORTERS = (
    Permission.PROPOSAL_SUBMIT,
    Permission.PROPOSAL_VERIFY,
    Permission.DECREE_PREPARE,
)


@dataclass(frozen=True, kw_only=True)
class EventFacts:
    """What the rules of an event look at; None: not known."""

    kind: str
    decreed: bool
    on_list: bool
    passbook: bool | None = None


@dataclass(frozen=True)
class Verdict:
    """What the rules say of an event."""

    outcome: Outcome
    article: str
    reason: str = ""
    days: int | None = None


def _holds(test: str, facts: EventFacts) -> bool:
    answers = {
        EventTest.ON_LIST: facts.on_list,
        EventTest.OFF_LIST: not facts.on_list,
        EventTest.PASSBOOK: facts.passbook is True,
        EventTest.NO_PASSBOOK: facts.passbook is False,
        EventTest.BEFORE_DECREE: not facts.decreed,
        EventTest.AFTER_DECREE: facts.decreed,
    }
    return answers[EventTest(test)]


def asks_passbook(rules: Sequence[Rules], kind: str) -> bool:
    """Whether the answer depends on the passbook having been handed over."""
    tests = {test for row in rules if row["event"] == kind for test in row.get("when", [])}
    return bool(tests & {EventTest.PASSBOOK, EventTest.NO_PASSBOOK})


def verdict_of(rules: Sequence[Rules], facts: EventFacts, *, exits: Rules) -> Verdict:
    """The first rule of the event that fits; without one the event is noted and nothing more."""
    for row in rules:
        if row["event"] == facts.kind and all(_holds(t, facts) for t in row.get("when", [])):
            return Verdict(
                Outcome(row["outcome"]),
                str(row["article"]),
                str(row.get("reason", "")),
                row.get("days"),
            )
    if facts.kind in EXITS:
        outcome = Outcome.GRADUATE if facts.kind == EventKind.SUCCESS else Outcome.STOP
        return Verdict(outcome, str(exits.get("article", "")), str(facts.kind))
    return Verdict(Outcome.NOTE, _("Aturan program ini tidak mengatur peristiwa ini."))


def event_problems(
    rules: Sequence[Rules], *, stop_codes: Sequence[str], heir_rules: Rules
) -> list[str]:
    """What is wrong with the event rules themselves, in sentences."""
    found = []
    for place, row in enumerate(rules, start=1):
        wrong = _row_problem(row, stop_codes, heir_rules)
        if wrong:
            found.append(
                _("Aturan peristiwa %(place)s: %(wrong)s") % {"place": place, "wrong": wrong}
            )
    return found


def _row_problem(row: Rules, stop_codes: Sequence[str], heir_rules: Rules) -> str:
    if row.get("event") not in EventKind.values or row.get("event") in EXITS:
        return _("peristiwa tidak dikenal.")
    if row.get("outcome") not in Outcome.values:
        return _("akibat tidak dikenal.")
    if any(test not in EventTest.values for test in row.get("when", [])):
        return _("syarat tidak dikenal.")
    if not str(row.get("article", "")).strip():
        return _("pasal belum disebut.")
    stops = row["outcome"] in STOPPING
    if stops and row["event"] != EventKind.OTHER and row.get("reason") not in stop_codes:
        return _("alasan berhentinya tidak ada di daftar alasan program.")
    if row["outcome"] == Outcome.PAY_HEIR and not heir_rules.get("pays"):
        return _("ahli waris dibayar, padahal aturan ahli waris program ini tidak membayar.")
    days = row.get("days")
    if days is not None and not (isinstance(days, int) and 0 < days <= MOST_WORKING_DAYS):
        return _("hari kerja harus antara 1 dan 250.")
    return ""


def exit_problems(rules: Rules) -> list[str]:
    """What is wrong with the exit rules themselves, in sentences."""
    if not rules:
        return []
    found = []
    if not str(rules.get("article", "")).strip():
        found.append(_("Aturan keluar: pasal belum disebut."))
    if any(kind not in ReferralKind.values for kind in rules.get("next", [])):
        found.append(_("Aturan keluar: rujukan tidak dikenal."))
    days = rules.get("appeal_days")
    if days is not None and not (isinstance(days, int) and 0 < days <= MOST_WORKING_DAYS):
        found.append(_("Aturan keluar: tenggat sanggahan harus antara 1 dan 250 hari kerja."))
    for row in rules.get("measures", []):
        if row.get("kind") not in MeasureKind.values or not str(row.get("label", "")).strip():
            found.append(_("Aturan keluar: ukuran keberhasilan tidak dikenal atau tanpa nama."))
        elif row["kind"] == MeasureKind.INCOME and not row.get("percent"):
            found.append(_("Aturan keluar: kenaikan pendapatan belum diberi persen."))
    return found


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What was found: both incomes for a rise, else yes or no."""

    measured_on: date
    since: date
    before: Decimal | None = None
    after: Decimal | None = None
    holds: bool | None = None


@dataclass(frozen=True)
class Result:
    """The answer to one measure with its reason in one sentence."""

    answer: Answer
    reason: str


def months_between(start: date, end: date) -> int:
    """Whole months from one day to another; 0 when the end is earlier."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return max(months - (end.day < start.day), 0)


def term_problem(rules: Rules, *, since: date, year: int, on: date) -> str:
    """Why the term of the help is not over on a day; "" when it is.

    It ends after its months, and at the latest with the last budget year those months need: a
    term of 12 months is one budget year (Juknis PKH Plus 2026: satu tahun anggaran).
    """
    months = int(rules.get("term_months") or 0)
    if not months:
        return _("Aturan program ini tidak menyebut masa bantuan. Pilih peristiwa lain.")
    last = date(year + (months - 1) // 12, 12, 31)
    if on >= last or months_between(since, on) >= months:
        return ""
    return _("Masa bantuan %(months)s bulan belum habis pada tanggal itu.") % {"months": months}


def judge_measure(measure: Rules, found: Measured) -> Result:
    """Whether one measure is reached: income +30 % in 6 months, business alive after a year.

    A value that is missing is unknown, and so is a business that is alive but not yet long enough.
    """
    months = int(measure.get("months") or 0)
    gone = months_between(found.since, found.measured_on)
    if measure["kind"] == MeasureKind.INCOME:
        return _judge_income(measure, found, gone, months)
    if found.holds is None:
        return Result(Answer.UNKNOWN, _("Belum dicatat."))
    if not found.holds:
        return Result(Answer.NO, _("Tidak tercapai pada bulan ke-%(gone)s.") % {"gone": gone})
    if gone < months:
        return Result(
            Answer.UNKNOWN,
            _("Baru %(gone)s bulan; diukur sesudah %(months)s bulan.")
            % {"gone": gone, "months": months},
        )
    return Result(Answer.YES, _("Tercapai pada bulan ke-%(gone)s.") % {"gone": gone})


def _judge_income(measure: Rules, found: Measured, gone: int, months: int) -> Result:
    before, after = found.before, found.after
    if before is None or after is None:
        return Result(Answer.UNKNOWN, _("Pendapatan sebelum atau sesudah belum dicatat."))
    percent = int(measure["percent"])
    words = {
        "before": rupiah(before),
        "after": rupiah(after),
        "percent": percent,
        "gone": gone,
        "months": months,
    }
    if after * 100 < before * (100 + percent) or (before == 0 and after == 0):
        return Result(
            Answer.NO,
            _("Dari %(before)s menjadi %(after)s, kurang dari naik %(percent)s%%.") % words,
        )
    if months and gone > months:
        return Result(
            Answer.NO,
            _("Naik %(percent)s%%, tetapi baru pada bulan ke-%(gone)s dari %(months)s.") % words,
        )
    return Result(
        Answer.YES,
        _("Dari %(before)s menjadi %(after)s, naik paling sedikit %(percent)s%%.") % words,
    )


def success_problems(rules: Rules, answers: Mapping[str, tuple[str, str]]) -> list[str]:
    """Why somebody has not graduated yet; answers: measure code -> (answer, reason), the newest."""
    measures = rules.get("measures", [])
    if not measures:
        return [_("Program ini belum punya ukuran keberhasilan.")]
    open_ones = [
        f"{row['label']}: {answers.get(row['code'], ('', _('Belum dicatat.')))[1]}"
        for row in measures
        if answers.get(row["code"], ("", ""))[0] != Answer.YES
    ]
    if rules.get("need") == "any" and len(open_ones) < len(measures):
        return []
    return open_ones


def rule_words(row: Rules) -> str:
    """One event rule as a sentence for the page of a version."""
    tests = ", ".join(str(EventTest(test).label) for test in row.get("when", []))
    parts = [str(EventKind(row["event"]).label)]
    parts += [f"({tests})"] if tests else []
    outcome = str(Outcome(row["outcome"]).label)
    if row.get("days"):
        outcome += _(", %(days)s hari kerja") % {"days": row["days"]}
    return f"{' '.join(parts)}: {outcome}."
