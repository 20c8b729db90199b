"""Reads of enrolments: who is active, who is also elsewhere, how one was judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Count, Max, QuerySet

from bansos.lib.parts import Event
from programs.choices import ENDED, ENROLMENT_TONES, EXITS, EnrolmentState, EventKind
from programs.models import CriterionAnswer, Enrolment, EnrolmentMove, ProgrammeVersion
from programs.queries.received import help_of


def active_enrolments(*, version: ProgrammeVersion, area_code: str) -> QuerySet[Enrolment]:
    """Active people of a version in an area (a code prefix): who a pay list may draw from."""
    rows: QuerySet[Enrolment] = Enrolment.objects.in_area(area_code)
    return rows.filter(version=version, state=EnrolmentState.ACTIVE)


def other_programmes(
    person_ids: Iterable[int], *, year: int, exclude_version: ProgrammeVersion | None
) -> dict[int, list[str]]:
    """Person id -> names of other programmes of the year they are proposed for or are helped by.

    Also as a member, a resident or one whose premium is paid. Drafts and ended enrolments do not
    count; the programme itself is left out. One query.
    """
    own = (exclude_version.programme.code, exclude_version.area_code) if exclude_version else None
    found: dict[int, list[str]] = {}
    for row in help_of(list(person_ids), away=[*ENDED, EnrolmentState.DRAFT]):
        if not row.live or row.year != year or (row.code, row.area_code) == own:
            continue
        names = found.setdefault(row.person_id, [])
        if row.name not in names:
            names.append(row.name)
    return found


def previous_enrolments(enrolment: Enrolment) -> list[Enrolment]:
    """The person's other enrolments, newest year first."""
    return list(
        Enrolment.objects.filter(person_id=enrolment.person_id)
        .exclude(pk=enrolment.pk)
        .select_related("version__programme")
        .order_by("-version__year", "-pk")[:20]
    )


def latest_answers(enrolment: Enrolment) -> list[CriterionAnswer]:
    """The answers of the newest round, in the order of the criteria."""
    newest = enrolment.answers.aggregate(newest=Max("round"))["newest"]
    return list(enrolment.answers.select_related("asked").filter(round=newest or 0).order_by("pk"))


def next_round(enrolment_ids: Sequence[int]) -> dict[int, int]:
    """Enrolment id -> the number of the round to be answered now."""
    rows = (
        CriterionAnswer.objects.filter(enrolment_id__in=enrolment_ids)
        .values("enrolment_id")
        .annotate(newest=Max("round"))
        .order_by("enrolment_id")
    )
    newest = {row["enrolment_id"]: row["newest"] for row in rows}
    return {pk: newest.get(pk, 0) + 1 for pk in enrolment_ids}


def moves_of(enrolment: Enrolment) -> list[Event]:
    """Every change of state as a timeline, newest first."""
    labels = reason_labels(enrolment.version)
    rows = EnrolmentMove.objects.filter(enrolment=enrolment).select_related("by").order_by("-pk")
    return [_event(row, labels) for row in rows]


def _event(row: EnrolmentMove, labels: dict[str, str]) -> Event:
    tone, icon = ENROLMENT_TONES[EnrolmentState(row.new)]
    words = [labels.get(row.reason_code, row.reason_code), row.note]
    return Event(
        at=row.at,
        title=str(EnrolmentState(row.new).label),
        by=row.by.full_name if row.by else "",
        text=". ".join(word.rstrip(".") for word in words if word),
        tone=tone,
        icon=icon,
    )


def reason_labels(version: ProgrammeVersion) -> dict[str, str]:
    """Reason code -> words, over all reasons of the version."""
    own = {
        str(row["code"]): str(row["label"])
        for row in (*version.reject_reasons, *version.stop_reasons)
    }
    return {str(kind): str(EventKind(kind).label) for kind in EXITS} | own


def state_counts(rows: QuerySet[Enrolment]) -> dict[str, int]:
    """State -> how many, in one query."""
    found = rows.order_by().values("state").annotate(count=Count("pk"))
    return {row["state"]: row["count"] for row in found}
