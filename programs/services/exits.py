"""Writes after the money: measures of success, appeals with a clock, referrals to what is next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission as P
from bansos.audit import services as audit
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from programs.choices import (
    ENDED,
    STOPPING,
    AppealOutcome,
    DecreeState,
    EnrolmentState,
    Outcome,
    ReferralAnswer,
)
from programs.models import (
    Appeal,
    Decree,
    Enrolment,
    EnrolmentMove,
    Measurement,
    ProgrammeEvent,
    Referral,
)
from programs.rules.life import APPEAL_MOVES, REPORTERS, Measured, judge_measure
from programs.services.enrolments import check_reach, move


def _field_right(by: User, row: Enrolment) -> None:
    if not by.can_any(REPORTERS):
        raise NotAllowed("EXIT-RIGHT", _("Peran Anda tidak boleh melakukan ini."))
    check_reach(by=by, area_code=row.area_code)


def _zone(row: Enrolment) -> str:
    return str(row.version.programme.agency.zone)


@dataclass(frozen=True, kw_only=True)
class MeasureValues:
    """One measure as it was found; both incomes, or yes or no."""

    code: str
    measured_on: date
    evidence: str
    before: Decimal | None = None
    after: Decimal | None = None
    holds: bool | None = None


@transaction.atomic
def record_measure(
    *, enrolment: Enrolment, values: MeasureValues, by: User, at: datetime
) -> Measurement:
    """Keep one success measure with its evidence and the answer the programme gives to it.

    Raises BadInput for an unknown measure, a day before the help began or in the future, or
    without evidence. An earlier measurement stays; the newest counts.
    """
    _field_right(by, enrolment)
    measures = enrolment.version.exit_rules.get("measures", [])
    measure = next((row for row in measures if row["code"] == values.code), None)
    if measure is None:
        raise BadInput("MEASURE-CODE", _("Ukuran ini tidak ada di aturan program."))
    since = enrolment.active_from
    if since is None:
        raise Refused("MEASURE-ACTIVE", _("Ia belum ditetapkan, jadi belum ada yang diukur."))
    wrong: dict[str, str] = {}
    if not since <= values.measured_on <= day_of(at, _zone(enrolment)):
        wrong["measured_on"] = _("Tanggal ukur harus antara hari penetapan dan hari ini.")
    if not values.evidence.strip():
        wrong["evidence"] = _("Sebut buktinya.")
    if wrong:
        raise BadInput("MEASURE-INPUT", _("Ukuran belum dicatat. Periksa isiannya."), fields=wrong)
    result = judge_measure(
        measure,
        Measured(
            measured_on=values.measured_on,
            since=since,
            before=values.before,
            after=values.after,
            holds=values.holds,
        ),
    )
    row: Measurement = Measurement.objects.create(
        enrolment=enrolment,
        code=values.code,
        label=str(measure["label"])[:200],
        measured_on=values.measured_on,
        before=values.before,
        after=values.after,
        answer=result.answer,
        reason=result.reason[:300],
        evidence=values.evidence.strip()[:300],
        made_at=at,
        made_by=by,
    )
    audit.record(
        verb="programs.measure",
        by=by,
        at=at,
        target=enrolment,
        measure=values.code,
        answer=str(result.answer),
    )
    return row


def last_decision(enrolment: Enrolment) -> EnrolmentMove | None:
    """The move that ended an enrolment, with whoever made it."""
    found: EnrolmentMove | None = (
        EnrolmentMove.objects.filter(enrolment=enrolment, new=enrolment.state, by__isnull=False)
        .order_by("-pk")
        .first()
    )
    return found


def no_clock_words() -> str:
    """Why nothing can be contested where the rules name no term, and what can be done instead."""
    return _(
        "Aturan program ini belum menyebut tenggat sanggahan, jadi sanggahan belum disimpan dan"
        " putusannya tetap. Sampaikan keberatannya lewat SP4N-LAPOR, dan minta staf program"
        " mengisi tenggat pada aturan keluar; bila sebuah SK sudah memakainya, pada versi"
        " berikutnya."
    )


@transaction.atomic
def file_appeal(
    *,
    enrolment: Enrolment,
    appellant: str,
    grounds: str,
    filed_on: date,
    by: User,
    at: datetime,
) -> Appeal:
    """Record an appeal against the end of an enrolment; its clock runs in working days.

    Each decision is contested once. Raises Refused where nothing can be contested, this decision
    was contested already, an appeal waits, or the programme has no clock;
    BadInput without a name, grounds or a possible day.
    """
    _field_right(by, enrolment)
    row: Enrolment = Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment.pk)
    decision = last_decision(row) if row.state in ENDED else None
    if decision is None or decision.by is None:
        raise Refused(
            "APPEAL-NONE",
            _("Tidak ada putusan yang dapat disanggah: usulan ini belum berakhir."),
        )
    days = enrolment.version.exit_rules.get("appeal_days")
    if not days:
        raise Refused("APPEAL-CLOCK", no_clock_words())
    _check_appeal(decision, appellant, grounds, filed_on, today=day_of(at, _zone(enrolment)))
    try:
        with transaction.atomic():
            appeal = Appeal.objects.create(
                enrolment=row,
                area_code=row.area_code,
                move=decision,
                event=_event_behind(decision),
                against=row.state,
                contested_by=decision.by,
                appellant=appellant.strip()[:150],
                grounds=grounds.strip(),
                filed_on=filed_on,
                working_days=days,
                filed_at=at,
                filed_by=by,
            )
    except IntegrityError as error:
        if "one_open_appeal" not in str(error) and "move_id" not in str(error):
            raise
        raise Refused(
            "APPEAL-TWICE",
            _("Putusan ini sudah disanggah. Yang baru belum disimpan. Buka sanggahan yang ada."),
        ) from error
    audit.record(verb="programs.file_appeal", by=by, at=at, target=row, appeal=appeal.pk)
    return appeal


def _check_appeal(
    decision: EnrolmentMove, appellant: str, grounds: str, filed_on: date, *, today: date
) -> None:
    wrong: dict[str, str] = {}
    if not appellant.strip():
        wrong["appellant"] = _("Belum diisi.")
    if not grounds.strip():
        wrong["grounds"] = _("Belum diisi.")
    if not day_of(decision.at) <= filed_on <= today:
        wrong["filed_on"] = _("Tanggal sanggahan harus antara hari putusan dan hari ini.")
    if wrong:
        raise BadInput(
            "APPEAL-INPUT", _("Sanggahan belum disimpan. Periksa isiannya."), fields=wrong
        )


def _event_behind(decision: EnrolmentMove) -> ProgrammeEvent | None:
    """The event whose decision made this move; None when it was made in another way."""
    rows = ProgrammeEvent.objects.filter(
        enrolment=decision.enrolment_id,
        applied=True,
        decided_at=decision.at,
        decided_by=decision.by_id,
    )
    found: ProgrammeEvent | None = rows.filter(outcome__in=[*STOPPING, Outcome.GRADUATE]).first()
    return found


@transaction.atomic
def decide_appeal(*, appeal: Appeal, outcome: str, note: str, by: User, at: datetime) -> Appeal:
    """Restore what was ended, or keep it; never by who filed it nor by whose decision it is.

    Restored: back to active when the decree in force names the person, else to eligible for the
    next one; a proposal judged not eligible is judged again by a verifier.
    """
    if not by.can(P.DECREE_APPROVE):
        raise NotAllowed("APPEAL-DECIDE", _("Sanggahan diputus oleh Kepala Dinas."))
    row: Appeal = (
        Appeal.objects.select_for_update(of=("self",)).select_related("enrolment").get(pk=appeal.pk)
    )
    check_reach(by=by, area_code=row.area_code)
    if by.pk in {row.filed_by_id, row.contested_by_id}:
        raise NotAllowed(
            "APPEAL-OWN",
            _("Anda mencatat sanggahan ini atau memutus yang disanggah; orang lain memutusnya."),
        )
    if row.decided_at is not None:
        raise Stale("APPEAL-STALE", _("Sanggahan ini sudah diputus. Muat ulang halamannya."))
    wrong: dict[str, str] = {}
    if outcome not in AppealOutcome.values:
        wrong["outcome"] = _("Pilih putusan.")
    if not note.strip():
        wrong["note"] = _("Tulis alasan putusan; penyanggah berhak mengetahuinya.")
    if wrong:
        raise BadInput("APPEAL-DECISION", _("Putusan belum disimpan."), fields=wrong)
    Appeal.objects.filter(pk=row.pk, decided_at=None).update(
        outcome=outcome, decided_at=at, decided_by=by, decision_note=note.strip()
    )
    if outcome == AppealOutcome.RESTORED:
        _restore(row, by=by, at=at)
    audit.record(
        verb="programs.decide_appeal",
        by=by,
        at=at,
        target=row.enrolment,
        appeal=row.pk,
        outcome=outcome,
    )
    row.refresh_from_db()
    return row


def _restore(appeal: Appeal, *, by: User, at: datetime) -> None:
    row: Enrolment = appeal.enrolment
    if row.state != appeal.against:
        raise Stale(
            "APPEAL-MOVED", _("Status orang ini berubah sejak sanggahan dicatat. Muat ulang.")
        )
    if row.person.died_on is not None:
        raise Refused(
            "APPEAL-DIED",
            _(
                "Ia tercatat meninggal, jadi tidak dipulihkan. Putusan belum disimpan. Bila keliru,"
                " perbaiki dulu data penerimanya."
            ),
        )
    new, fields = _back_to(row)
    move(
        enrolment=row,
        to=new,
        by=by,
        at=at,
        note=_("Sanggahan dikabulkan."),
        verb="programs.restore",
        also=APPEAL_MOVES,
        ended_on=None,
        end_reason="",
        **fields,
    )


def _back_to(row: Enrolment) -> tuple[EnrolmentState, dict[str, Any]]:
    if row.state == EnrolmentState.NOT_ELIGIBLE:
        fresh = {"decided_at": None, "decided_by": None, "decision_reason": "", "record": None}
        return EnrolmentState.IN_REVIEW, {**fresh, "decision_note": ""}
    named = Decree.objects.filter(lines__enrolment=row, state=DecreeState.APPROVED).exists()
    if named and row.active_from is not None:
        return EnrolmentState.ACTIVE, {}
    return EnrolmentState.ELIGIBLE, {}


@transaction.atomic
def refer(
    *, enrolment: Enrolment, kind: str, office: str, note: str, by: User, at: datetime
) -> Referral:
    """Offer what comes next at an office. Raises Refused while the same offer is open."""
    _field_right(by, enrolment)
    allowed = enrolment.version.exit_rules.get("next", [])
    if kind not in allowed:
        sentence = _("Program ini tidak menawarkan rujukan itu.")
        raise BadInput("REFER-KIND", sentence, fields={"kind": sentence})
    if not office.strip():
        sentence = _("Sebut kantor tujuannya.")
        raise BadInput("REFER-OFFICE", sentence, fields={"office": sentence})
    try:
        with transaction.atomic():
            row = Referral.objects.create(
                enrolment=enrolment,
                area_code=enrolment.area_code,
                kind=kind,
                office=office.strip()[:150],
                note=note.strip()[:300],
                offered_at=at,
                offered_by=by,
            )
    except IntegrityError as error:
        if "one_open_referral_of_a_kind" not in str(error):
            raise
        raise Refused(
            "REFER-TWICE", _("Rujukan yang sama belum dijawab. Yang baru belum disimpan.")
        ) from error
    audit.record(verb="programs.refer", by=by, at=at, target=enrolment, referral=row.pk, kind=kind)
    return row


@transaction.atomic
def answer_referral(
    *, referral: Referral, answer: str, note: str, by: User, at: datetime
) -> Referral:
    """Whether the offer was taken. Raises Stale when it was answered already."""
    _field_right(by, referral.enrolment)
    if answer not in ReferralAnswer.values:
        sentence = _("Pilih jawabannya.")
        raise BadInput("REFER-ANSWER", sentence, fields={"answer": sentence})
    changed = Referral.objects.filter(pk=referral.pk, answered_at=None).update(
        answer=answer, answer_note=note.strip()[:300], answered_at=at, answered_by=by
    )
    if changed != 1:
        raise Stale("REFER-STALE", _("Rujukan ini sudah dijawab. Muat ulang halamannya."))
    audit.record(
        verb="programs.answer_referral",
        by=by,
        at=at,
        target=referral.enrolment,
        referral=referral.pk,
        answer=answer,
    )
    referral.refresh_from_db()
    return referral
