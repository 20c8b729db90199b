"""Reads of monitoring visits: who was visited, who is still to be, what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.urls import reverse
from django.utils.translation import gettext as _

from bansos.accounts.permissions import Permission
from bansos.lib.dates import short_date
from bansos.lib.money import number, rupiah, to_sen
from bansos.lib.parts import Event, Word
from programs.choices import DECREED, VISITED, QuestionKind
from programs.models import Enrolment, MonitoringVisit, ProgrammeVersion, Stage, VisitAnswer
from programs.rules.life import REPORTERS
from programs.rules.visits import NO, YES, Question, question_of

FIGURES = (QuestionKind.NUMBER, QuestionKind.AMOUNT)
CLOSED = (QuestionKind.YES_NO, QuestionKind.CHOICE)


def questions_of(version: ProgrammeVersion) -> list[Question]:
    """What a visit of the programme asks, in its order."""
    return [question_of(line) for line in version.monitoring_form]


def stage_on(version: ProgrammeVersion, day: date) -> Stage | None:
    """The stage that had come last on a day; None before the first."""
    found: Stage | None = (
        version.stages.filter(stage_date__lte=day).order_by("-stage_date", "-number").first()
    )
    return found


def may_visit(enrolment: Enrolment) -> bool:
    """Whether a visit can be recorded: the programme asks something and the help has begun."""
    return bool(enrolment.version.monitoring_form) and enrolment.state in VISITED


def visit_url(enrolment: Enrolment, user: Any) -> str:
    """Where this user records a visit; "" who may not, or where there is nothing to ask."""
    may = may_visit(enrolment) and user.can_any(REPORTERS)
    return reverse("programs:visit_new", args=[enrolment.pk]) if may else ""


def reads_answers(user: Any) -> bool:
    """Who reads single answers, which may speak of health: who records them, or may see such."""
    return bool(user.can_any(REPORTERS) or user.can(Permission.SENSITIVE_VIEW))


def visit_word(row: MonitoringVisit) -> Word:
    """Whether a record holds, was corrected, or corrects another."""
    if hasattr(row, "correction"):
        return Word("netral", _("Diperbaiki"), "pencil")
    if row.corrects_id:
        return Word("baik", _("Perbaikan"), "check")
    return Word("baik", _("Berlaku"), "check")


def visit_rows(enrolment: Enrolment) -> list[tuple[MonitoringVisit, Word]]:
    """The visits of one enrolment with their state, newest first; corrected ones too."""
    rows = enrolment.visits.select_related("made_by", "correction", "stage").annotate(
        answered=Count("answers")
    )
    return [(row, visit_word(row)) for row in rows.order_by("-visited_on", "-pk")]


def visit_events(rows: Iterable[tuple[MonitoringVisit, Word]]) -> list[Event]:
    """The visits of one enrolment, as visit_rows() gives them, for its timeline."""
    return [
        Event(
            at=row.made_at,
            title=_("Kunjungan pemantauan diperbaiki")
            if row.corrects_id
            else _("Kunjungan pemantauan"),
            by=row.made_by.full_name,
            text=_("Dikunjungi %(day)s. %(count)s jawaban.")
            % {"day": short_date(row.visited_on), "count": getattr(row, "answered", 0)},
            tone="info",
            icon="clipboard-check",
            href=reverse("programs:visit", args=[row.pk]),
        )
        for row, _word in rows
    ]


def figure_words(kind: str, figure: Decimal) -> str:
    """An amount in rupiah; a number without the sen it has none of."""
    if kind == QuestionKind.AMOUNT:
        return rupiah(figure)
    whole = figure == figure.to_integral_value()
    return number(int(figure) if whole else figure)


def answer_words(kind: str, value: str, figure: Decimal | None) -> str:
    """An answer as it is read."""
    if figure is not None:
        return figure_words(kind, figure)
    if kind == QuestionKind.YES_NO:
        return {YES: _("Ya"), NO: _("Tidak")}.get(value, value)
    return value


def to_visit(user: Any, *, today: date) -> QuerySet[Enrolment]:
    """Whom a programme with questions helps now, with its stage of today and the last visit.

    Who graduated may still be visited, but is not due any more.
    Adds `stage_name` and `stage_began` (none before the first stage), `last_on`, `last_by`, and
    `is_visited`: since that stage began.
    """
    stages = Stage.objects.filter(version=OuterRef("version"), stage_date__lte=today)
    stages = stages.order_by("-stage_date", "-number")
    visits = MonitoringVisit.objects.filter(enrolment=OuterRef("pk"), correction=None)
    last = visits.order_by("-visited_on", "-pk")
    rows: QuerySet[Enrolment] = Enrolment.objects.visible_to(user)
    return (
        rows.filter(state__in=DECREED)
        .exclude(version__monitoring_form=[])
        .annotate(
            stage_name=Subquery(stages.values("name")[:1]),
            stage_began=Subquery(stages.values("stage_date")[:1]),
            last_on=Subquery(last.values("visited_on")[:1]),
            last_by=Subquery(last.values("visitor")[:1]),
        )
        .annotate(is_visited=Exists(visits.filter(visited_on__gte=OuterRef("stage_began"))))
    )


@dataclass
class Tally:
    """The answers to one question: how many of each word, or what the figures add up to."""

    question: str
    kind: QuestionKind
    answered: int = 0
    words: list[tuple[str, int]] = field(default_factory=list)
    total: Decimal = Decimal(0)
    lowest: Decimal | None = None
    highest: Decimal | None = None

    @property
    def figures(self) -> list[tuple[str, int | Decimal]]:
        """(what, how many or how much); answers in words are only counted."""
        if self.kind not in FIGURES or not self.answered:
            return list(self.words)
        return [
            (_("Rata-rata"), to_sen(self.total / self.answered)),
            (_("Terendah"), self.lowest or Decimal(0)),
            (_("Tertinggi"), self.highest or Decimal(0)),
            (_("Jumlah"), self.total),
        ]

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The same as the page shows it."""
        return [
            (label, number(figure) if isinstance(figure, int) else figure_words(self.kind, figure))
            for label, figure in self.figures
        ]


def visits_in(
    user: Any, version: ProgrammeVersion, *, area_code: str = "", stage: Stage | None = None
) -> QuerySet[MonitoringVisit]:
    """The visits that hold, of one version, in an area and of a stage when they are given."""
    rows: QuerySet[MonitoringVisit] = MonitoringVisit.objects.visible_to(user).in_area(area_code)
    rows = rows.filter(enrolment__version=version, correction=None)
    return rows if stage is None else rows.filter(stage=stage)


def visited_people(visits: QuerySet[MonitoringVisit]) -> int:
    """How many recipients these visits were paid to."""
    return visits.order_by().values("enrolment").distinct().count()


def tallies(version: ProgrammeVersion, visits: QuerySet[MonitoringVisit]) -> list[Tally]:
    """What was answered in these visits, question by question in the order of the version."""
    asked = questions_of(version)
    found = {
        (row.label, str(row.kind)): Tally(row.label, row.kind, words=_closed(row)) for row in asked
    }
    for row in _grouped(visits):
        key = (row["question"], row["kind"])
        tally = found.setdefault(key, Tally(row["question"], QuestionKind(row["kind"])))
        tally.answered += row["count"]
        if tally.kind in FIGURES:
            tally.total += row["total"]
            tally.lowest, tally.highest = row["lowest"], row["highest"]
        elif tally.kind in CLOSED:
            word = answer_words(row["kind"], row["word"], None)
            known = dict(tally.words)
            tally.words = list({**known, word: known.get(word, 0) + row["count"]}.items())
    return list(found.values())


def _closed(question: Question) -> list[tuple[str, int]]:
    words = question.choices
    if question.kind == QuestionKind.YES_NO:
        words = (_("Ya"), _("Tidak"))
    return [(word, 0) for word in words]


def _grouped(visits: QuerySet[MonitoringVisit]) -> Iterable[Mapping[str, Any]]:
    word = Case(When(kind__in=CLOSED, then=F("value")), default=Value(""), output_field=CharField())
    return (
        VisitAnswer.objects.filter(visit__in=visits.order_by().values("pk"))
        .annotate(word=word)
        .order_by("question", "kind", "word")
        .values("question", "kind", "word")
        .annotate(
            count=Count("pk"), total=Sum("number"), lowest=Min("number"), highest=Max("number")
        )
    )
