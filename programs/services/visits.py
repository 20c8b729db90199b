"""Writes of monitoring visits: one is recorded, what is wrong is corrected by another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from programs.models import Enrolment, EnrolmentDocument, MonitoringVisit, VisitAnswer
from programs.queries.visits import may_visit, questions_of, stage_on
from programs.rules.life import REPORTERS
from programs.rules.visits import answer_problem
from programs.services.enrolments import check_reach
from programs.services.papers import seal_photo

LONGEST_NAME = 120
LONGEST_REASON = 300


@dataclass(frozen=True, kw_only=True)
class VisitValues:
    """What was found. answers: place of the question from zero -> its answer, those answered;
    a word, or a Decimal where a figure is asked. photo: (name of the file, its bytes)."""

    visited_on: date
    visitor: str
    answers: Mapping[int, str | Decimal] = field(default_factory=dict)
    note: str = ""
    photo: tuple[str, bytes] | None = None


@transaction.atomic
def record_visit(
    *, enrolment: Enrolment, values: VisitValues, by: User, at: datetime
) -> MonitoringVisit:
    """Record a visit of somebody whom the programme helps.

    Raises NotAllowed without a right or outside the area; Refused where the programme asks nothing
    or does not help this person, BadInput for a wrong day, an answer that is none, a visit that
    says nothing, and a second visit on the same day.
    """
    row = _locked(enrolment, by=by)
    if not may_visit(row):
        raise Refused(
            "VISIT-STATE",
            _(
                "Kunjungan dicatat bagi yang sudah ditetapkan, dalam program yang punya pertanyaan"
                " pemantauan. Tidak ada yang disimpan."
            ),
        )
    return _store(row, values, by=by, at=at)


@transaction.atomic
def correct_visit(
    *, visit: MonitoringVisit, values: VisitValues, reason: str, by: User, at: datetime
) -> MonitoringVisit:
    """Record what a visit should have said; the old record stays and is no longer counted.

    Without a new photo the old one is kept. Raises as record_visit(), BadInput without a reason,
    and Stale when it was corrected meanwhile.
    """
    row = _locked(visit.enrolment, by=by)
    if MonitoringVisit.objects.filter(corrects=visit).exists():
        raise Stale(
            "VISIT-STALE",
            _(
                "Kunjungan ini sudah diperbaiki orang lain. Tidak ada yang disimpan. Muat ulang"
                " halamannya, lalu perbaiki yang terbaru."
            ),
        )
    if not reason.strip():
        sentence = _("Tulis apa yang salah pada catatan lama.")
        raise BadInput("VISIT-REASON", sentence, fields={"reason": sentence})
    return _store(row, values, by=by, at=at, corrects=visit, reason=reason.strip()[:LONGEST_REASON])


def _locked(enrolment: Enrolment, *, by: User) -> Enrolment:
    if not by.can_any(REPORTERS):
        raise NotAllowed("VISIT-RIGHT", _("Peran Anda tidak mencatat kunjungan pemantauan."))
    row: Enrolment = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("version__programme__agency")
        .get(pk=enrolment.pk)
    )
    check_reach(by=by, area_code=row.area_code)
    return row


def _store(
    row: Enrolment,
    values: VisitValues,
    *,
    by: User,
    at: datetime,
    corrects: MonitoringVisit | None = None,
    reason: str = "",
) -> MonitoringVisit:
    _check(row, values, at=at, corrects=corrects)
    photo: EnrolmentDocument | None = corrects.photo if corrects else None
    if values.photo is not None:
        photo = _sealed(row, *values.photo, by=by, at=at)
    visit: MonitoringVisit = MonitoringVisit.objects.create(
        enrolment=row,
        # A correction belongs where the visit was, also when somebody has moved since.
        area_code=corrects.area_code if corrects else row.area_code,
        stage=stage_on(row.version, values.visited_on),
        visited_on=values.visited_on,
        visitor=values.visitor.strip()[:LONGEST_NAME],
        note=values.note.strip(),
        photo=photo,
        corrects=corrects,
        reason=reason,
        made_at=at,
        made_by=by,
    )
    asked = questions_of(row.version)
    VisitAnswer.objects.bulk_create(
        VisitAnswer(
            visit=visit,
            position=place + 1,
            question=asked[place].label,
            kind=asked[place].kind,
            value="" if isinstance(given, Decimal) else given,
            number=given if isinstance(given, Decimal) else None,
        )
        for place, given in sorted(values.answers.items())
    )
    verb = "programs.correct_visit" if corrects else "programs.record_visit"
    audit.record(verb=verb, by=by, at=at, target=row, visit=visit.pk, answers=len(values.answers))
    return visit


def _sealed(
    row: Enrolment, name: str, content: bytes, *, by: User, at: datetime
) -> EnrolmentDocument:
    try:
        return seal_photo(enrolment=row, content=content, file_name=name, by=by, at=at)
    except BadInput as wrong:
        # Said beside the photo: the form of a visit is long.
        raise BadInput(wrong.code, wrong.message, fields={"photo": wrong.message}) from wrong


def _check(
    row: Enrolment, values: VisitValues, *, at: datetime, corrects: MonitoringVisit | None
) -> None:
    wrong: dict[str, str] = {}
    if sentence := _day_problem(row, values.visited_on, at=at, corrects=corrects):
        wrong["visited_on"] = sentence
    if not values.visitor.strip():
        wrong["visitor"] = _("Tulis siapa yang berkunjung.")
    asked = questions_of(row.version)
    for place, given in values.answers.items():
        if not 0 <= place < len(asked):
            raise BadInput("VISIT-QUESTION", _("Pertanyaan ini tidak ada di aturan program."))
        if sentence := answer_problem(asked[place], given):
            wrong[f"q_{place}"] = sentence
    if wrong:
        raise BadInput(
            "VISIT-INPUT", _("Kunjungan belum disimpan. Periksa isiannya."), fields=wrong
        )
    if not values.answers and not values.note.strip():
        sentence = _("Jawab satu pertanyaan atau tulis catatan, misalnya rumah kosong.")
        raise BadInput("VISIT-EMPTY", sentence, fields={"note": sentence})


def _day_problem(
    row: Enrolment, day: date, *, at: datetime, corrects: MonitoringVisit | None
) -> str:
    if day > day_of(at, row.version.programme.agency.zone):
        return _("Tanggal kunjungan tidak boleh di masa depan.")
    if row.active_from is not None and day < row.active_from:
        return _("Tanggal kunjungan sebelum penetapan. Periksa tanggalnya.")
    others = MonitoringVisit.objects.filter(enrolment=row, visited_on=day, correction=None)
    if others.exclude(pk=corrects.pk if corrects else None).exists():
        return _("Kunjungan pada tanggal itu sudah dicatat. Perbaiki catatan itu bila salah.")
    return ""
