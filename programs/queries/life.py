"""Reads of events: what an outcome would touch, what the rules say, what still waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from bansos.lib.dates import short_date
from bansos.lib.parts import Event, Pair, Word
from programs.choices import (
    DECREED,
    TAKES_OUT,
    Channel,
    DecreeState,
    EventKind,
    Outcome,
    ReferralKind,
)
from programs.models import Decree, Enrolment, MonitoringVisit, ProgrammeEvent, ProgrammeVersion
from programs.queries.enrolments import moves_of
from programs.queries.exits import appeal_events
from programs.queries.visits import visit_events
from programs.rules.assessing import allowed_channels
from programs.rules.life import EventFacts, Verdict, rule_words, verdict_of


@dataclass(frozen=True)
class Effect:
    """One thing an event touches: a sentence, its page, and whether it stands in the way."""

    text: str
    href: str = ""
    blocks: bool = False


# Apps above say what of theirs a change of an enrolment touches.
EFFECTS: list[Callable[[Enrolment], list[Effect]]] = []
# And whether somebody stands in a list whose lines are frozen.
ON_LIST: list[Callable[[Enrolment], bool]] = []

EVENT_WORDS = {
    None: ("menunggu", "clock"),
    True: ("baik", "check"),
    False: ("netral", "x"),
}


def event_facts(enrolment: Enrolment, *, kind: str, passbook: bool | None) -> EventFacts:
    """What the rules look at, as it is now."""
    return EventFacts(
        kind=kind,
        decreed=enrolment.state in DECREED,
        on_list=any(ask(enrolment) for ask in ON_LIST),
        passbook=passbook,
    )


def verdict_for(enrolment: Enrolment, facts: EventFacts) -> Verdict:
    """What the version of the enrolment says of an event."""
    version = enrolment.version
    return verdict_of(version.event_rules, facts, exits=version.exit_rules)


def effects_of(enrolment: Enrolment) -> list[Effect]:
    """Open decrees and, from the apps above, open pay lists and returns that name the person."""
    found = []
    rows = Decree.objects.filter(
        lines__enrolment=enrolment,
        state__in=[DecreeState.DRAFT, DecreeState.SUBMITTED, DecreeState.APPROVED],
    ).order_by("pk")
    for decree in rows:
        href = reverse("programs:decree", args=[decree.pk])
        if decree.state == DecreeState.APPROVED:
            words = {"number": decree.number or decree.revision}
            text = _("SK %(number)s memuat nama ini; perubahannya masuk SK perubahan.") % words
            found.append(Effect(text, href))
        else:
            text = _("Draf SK memuat nama ini. Keluarkan dulu dari draf itu.")
            found.append(Effect(text, href, blocks=True))
    return [*found, *(effect for ask in EFFECTS for effect in ask(enrolment))]


def event_word(row: ProgrammeEvent) -> Word:
    """Whether an event waits, was applied or refused."""
    tone, icon = EVENT_WORDS[row.applied]
    words = {None: _("Menunggu putusan"), True: _("Diterapkan"), False: _("Ditolak")}
    return Word(tone, words[row.applied], icon)


def event_pairs(row: ProgrammeEvent) -> list[Pair]:
    """What was reported, as pairs."""
    return [
        Pair(label=_("Peristiwa"), value=row.get_kind_display()),
        Pair(label=_("Tanggal kejadian"), value=short_date(row.happened_on)),
        Pair(label=_("Akibat menurut aturan"), value=row.get_outcome_display()),
        Pair(label=_("Pasal"), value=row.article),
        Pair(label=_("Catatan"), value=row.note),
        Pair(label=_("Dicatat oleh"), value=row.reported_by.full_name),
    ]


def events_of(enrolment: Enrolment) -> list[Event]:
    """The events of one enrolment for its timeline."""
    rows = enrolment.events.select_related("reported_by", "decided_by").order_by("pk")
    found = []
    for row in rows:
        happened = {"kind": row.get_kind_display(), "outcome": Outcome(row.outcome).label}
        found.append(
            Event(
                at=row.reported_at,
                title=_("Peristiwa dicatat: %(kind)s") % happened,
                by=row.reported_by.full_name,
                text=f"{row.get_outcome_display()}. {row.article}",
                tone="menunggu",
                icon="flag",
            )
        )
        if row.decided_at is not None and row.decided_by is not None:
            word = event_word(row)
            found.append(
                Event(
                    at=row.decided_at,
                    title=_("Peristiwa %(kind)s: %(word)s")
                    % {**happened, "word": word.label.lower()},
                    by=row.decided_by.full_name,
                    text=" ".join([*row.results, row.decision_note]).strip(),
                    tone=word.tone,
                    icon=word.icon,
                )
            )
    return found


def life_of(enrolment: Enrolment, visits: Iterable[tuple[MonitoringVisit, Word]]) -> list[Event]:
    """Moves, events, appeals and visits (visit_rows()) of one enrolment, newest first."""
    everything = [
        *(*moves_of(enrolment), *events_of(enrolment)),
        *(*appeal_events(enrolment), *visit_events(visits)),
    ]
    return sorted(everything, key=lambda event: event.at, reverse=True)


def life_words(version: ProgrammeVersion) -> dict[str, Any]:
    """Events, exit, ways in, assessments and plan of a version in words."""
    exits, plan = version.exit_rules, version.plan_rules
    days = exits.get("appeal_days")
    limits = [str(row["label"]) for row in plan.get("kinds", [])]
    return {
        "events": [(rule_words(row), row["article"]) for row in version.event_rules],
        "exit": [
            Pair(
                label=_("Ukuran keberhasilan"),
                value="; ".join(str(row["label"]) for row in exits.get("measures", [])),
            ),
            Pair(
                label=_("Sanggahan"),
                value=_("%(days)s hari kerja") % {"days": days} if days else "",
            ),
            Pair(
                label=_("Sesudahnya"),
                value=", ".join(str(ReferralKind(kind).label) for kind in exits.get("next", [])),
            ),
            Pair(label=_("Pasal"), value=exits.get("article", "")),
        ],
        "ways": [
            Pair(
                label=_("Jalur usulan"),
                value=", ".join(
                    str(Channel(way).label) for way in allowed_channels(version.proposal_channels)
                ),
            ),
            Pair(
                label=_("Penilaian"),
                value=", ".join(str(row["label"]) for row in version.assessment_forms),
            ),
            Pair(label=_("RAB"), value=_("Wajib") if plan.get("required") else ""),
            Pair(label=_("Jenis usaha"), value=", ".join(limits)),
        ],
    }


def open_event(enrolment: Enrolment) -> Any:
    """The event of the enrolment that waits for a decision, or None."""
    return enrolment.events.filter(decided_at=None).first()


def waiting_ends(enrolments: Iterable[int] | QuerySet[Any]) -> QuerySet[ProgrammeEvent]:
    """Undecided events of these enrolments after which nothing is paid, or that tell of a death.

    Until somebody decides, neither a decree nor a pay list may go on with the person.
    """
    ends = Q(outcome__in=TAKES_OUT) | Q(kind=EventKind.DEATH)
    rows: QuerySet[ProgrammeEvent] = ProgrammeEvent.objects.filter(
        ends, enrolment__in=enrolments, decided_at=None
    )
    return rows.order_by("pk")


def waiting_words(row: ProgrammeEvent) -> str:
    """What a waiting event says of somebody on a list."""
    return _("Peristiwa menunggu putusan: %(kind)s.") % {"kind": row.get_kind_display()}
