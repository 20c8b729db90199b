"""Reads of exits: measures reached or not, appeals and their clock, what is offered next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bansos.lib.calendar import add_bank_days, bank_days_between
from bansos.lib.parts import Check, Event, Word
from bansos.regions.queries import days_off
from programs.choices import ANSWER_TONES, Answer, AppealOutcome
from programs.models import Appeal, Enrolment, Measurement
from programs.rules.life import success_problems


def newest_measures(enrolment: Enrolment) -> dict[str, Measurement]:
    """Measure code -> its newest measurement."""
    rows = enrolment.measurements.order_by("measured_on", "pk")
    return {row.code: row for row in rows}


def success_gaps(enrolment: Enrolment) -> list[str]:
    """Why somebody has not graduated yet, in sentences; empty when they may."""
    found = newest_measures(enrolment)
    answers = {code: (str(row.answer), row.reason) for code, row in found.items()}
    return success_problems(enrolment.version.exit_rules, answers)


def measure_checks(enrolment: Enrolment) -> list[Check]:
    """Every measure of the version with its newest answer."""
    found = newest_measures(enrolment)
    checks = []
    for row in enrolment.version.exit_rules.get("measures", []):
        known = found.get(str(row["code"]))
        tone, icon = ANSWER_TONES[Answer(known.answer) if known else Answer.UNKNOWN]
        label = Answer(known.answer).label if known else _("Belum diukur")
        hint = f"{known.reason} {known.evidence}." if known else ""
        checks.append(Check(label=str(row["label"]), word=Word(tone, str(label), icon), hint=hint))
    return checks


@dataclass(frozen=True)
class AppealClock:
    """When an appeal is due, and how many working days are left (negative: late)."""

    due: date
    left: int


def appeal_clock(row: Appeal, *, today: date) -> AppealClock:
    """The due day in working days of the province's calendar."""
    closed = days_off(row.area_code[:2], row.filed_on)
    due = add_bank_days(row.filed_on, row.working_days, closed)
    return AppealClock(due, bank_days_between(today, due, closed))


def open_appeals(user: Any) -> list[Appeal]:
    """Appeals of the user's area that nobody has decided."""
    rows = Appeal.objects.visible_to(user).filter(decided_at=None)
    return list(
        rows.select_related("enrolment__version__programme", "enrolment__person").order_by(
            "filed_on", "pk"
        )
    )


def appeal_events(enrolment: Enrolment) -> list[Event]:
    """Appeals of one enrolment for its timeline."""
    found = []
    rows = enrolment.appeals.select_related("filed_by", "decided_by").order_by("pk")
    for row in rows:
        found.append(
            Event(
                at=row.filed_at,
                title=_("Sanggahan diajukan"),
                by=row.filed_by.full_name,
                text=row.grounds,
                tone="menunggu",
                icon="gavel",
            )
        )
        if row.decided_at is not None and row.decided_by is not None:
            restored = row.outcome == AppealOutcome.RESTORED
            found.append(
                Event(
                    at=row.decided_at,
                    title=_("Sanggahan diputus: %(outcome)s")
                    % {"outcome": row.get_outcome_display().lower()},
                    by=row.decided_by.full_name,
                    text=row.decision_note,
                    tone="baik" if restored else "netral",
                    icon="gavel",
                )
            )
    return found


def appeal_word(row: Appeal) -> Word:
    """Whether an appeal waits, restored or kept."""
    if row.decided_at is None:
        return Word("menunggu", _("Menunggu putusan"), "clock")
    restored = row.outcome == AppealOutcome.RESTORED
    tone, icon = ("baik", "check") if restored else ("netral", "x")
    return Word(tone, row.get_outcome_display(), icon)
