"""Writes of verification: the decision on one proposal, the Berita Acara of a district."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.documents.models import Document
from bansos.jobs import services as jobs
from bansos.jobs.models import Job
from bansos.lib.errors import BadInput, NotAllowed, Refused
from bansos.regions.queries import name_of
from programs.choices import MONEY_KINDS, PAYEES, Answer, EnrolmentState
from programs.models import Enrolment, ProgrammeVersion, VerificationRecord
from programs.queries.assessing import missing_papers, proposal_gaps
from programs.queries.verification import JUDGED, OPEN
from programs.rules import CriterionResult, failing
from programs.services.answers import answer_now, keep_answers
from programs.services.enrolments import check_reach, move, stale

DECISIONS = (
    EnrolmentState.ELIGIBLE,
    EnrolmentState.NEEDS_CORRECTION,
    EnrolmentState.NOT_ELIGIBLE,
)
DISTRICT_CODE_LENGTH = 8


def _check_decision(
    enrolment: Enrolment, decision: str, reason_code: str, note: str, *, by: User
) -> None:
    if decision not in DECISIONS:
        raise BadInput(
            "VERIFY-DECISION", _("Putusan belum dipilih."), fields={"decision": _("Pilih putusan.")}
        )
    if enrolment.proposed_by_id == by.pk:
        raise NotAllowed(
            "VERIFY-OWN",
            _("Anda mengajukan usulan ini, jadi tidak dapat memutusnya. Minta verifikator lain."),
        )
    if decision == EnrolmentState.ELIGIBLE:
        return
    known = {str(row["code"]) for row in enrolment.version.reject_reasons}
    if reason_code not in known:
        raise BadInput(
            "VERIFY-REASON",
            _("Alasan belum dipilih. Putusan belum disimpan."),
            fields={"reason_code": _("Pilih alasan.")},
        )
    if decision == EnrolmentState.NEEDS_CORRECTION and not note.strip():
        raise BadInput(
            "VERIFY-NOTE",
            _("Tulis apa yang harus diperbaiki pengusul. Putusan belum disimpan."),
            fields={"note": _("Tulis yang harus diperbaiki.")},
        )


def _check_payee(enrolment: Enrolment) -> None:
    """Money for a group, an institution or a government is not paid to who answers for it."""
    version = enrolment.version
    if version.benefit_kind not in MONEY_KINDS or version.payee_kind not in PAYEES:
        return
    if enrolment.payee_id is None:
        raise Refused(
            "VERIFY-PAYEE",
            _(
                "Kelompok, lembaga, atau pemerintah penerimanya belum dipilih. Putusan Layak tidak"
                " disimpan. Kembalikan usulan untuk diperbaiki agar pengusul memilihnya."
            ),
        )


def _check_shown(enrolment: Enrolment) -> None:
    """The way in, the group, the required assessments and the plan stand before a yes."""
    gaps = proposal_gaps(enrolment)
    if gaps:
        raise Refused(
            "VERIFY-GAPS",
            _("Belum lengkap: %(gaps)s Putusan Layak tidak disimpan.") % {"gaps": " ".join(gaps)},
        )


def _check_papers(enrolment: Enrolment, note: str) -> None:
    """Who says yes without a required paper says why; the note stays with the decision."""
    missing = missing_papers(enrolment)
    if missing and not note.strip():
        raise BadInput(
            "VERIFY-PAPERS",
            _(
                "Dokumen wajib belum ada: %(papers)s. Tulis di catatan mengapa usulan tetap"
                " layak, atau lampirkan dokumennya dulu. Putusan belum disimpan."
            )
            % {"papers": ", ".join(missing)},
            fields={"note": _("Tulis mengapa tetap layak tanpa dokumen itu.")},
        )


def _check_eligible(results: Sequence[CriterionResult], note: str) -> None:
    failed = failing(results)
    if failed:
        raise Refused(
            "VERIFY-CRITERIA",
            _("Belum memenuhi: %(reasons)s Putusan Layak tidak disimpan.")
            % {"reasons": " ".join(result.reason for result in failed)},
        )
    open_ones = [r for r in results if r.answer != Answer.YES]
    if open_ones and not note.strip():
        raise BadInput(
            "VERIFY-UNKNOWN",
            _(
                "%(count)s kriteria belum terjawab dari data. Tulis di catatan bagaimana Anda"
                " memastikannya. Putusan belum disimpan."
            )
            % {"count": len(open_ones)},
            fields={"note": _("Tulis bagaimana Anda memastikannya.")},
        )


@transaction.atomic
def decide(
    *,
    enrolment: Enrolment,
    decision: EnrolmentState,
    reason_code: str = "",
    note: str = "",
    by: User,
    at: datetime,
    observed: Mapping[str, bool] | None = None,
) -> Enrolment:
    """Judge one proposal: eligible, needs correction, not eligible; criteria answered anew.

    Raises NotAllowed for the proposer, Stale for the second hand, Refused when a criterion is
    answered no or nobody chose whom the programme pays, BadInput without a reason (or without a
    note where something is unknown or a required paper is not there).
    `observed`: key of a field check -> what the verifier saw.
    """
    check_reach(by=by, area_code=enrolment.area_code)
    judged = {*JUDGED, EnrolmentState.NEEDS_CORRECTION}
    if enrolment.state in judged - {EnrolmentState.ELIGIBLE}:
        raise stale(enrolment, at=at)
    if enrolment.record_id is not None:
        raise Refused(
            "VERIFY-RECORDED",
            _("Usulan ini sudah masuk Berita Acara, jadi putusannya tidak dapat diubah."),
        )
    _check_decision(enrolment, decision, reason_code, note, by=by)
    seen = {enrolment.person_id: dict(observed or {})}
    results = answer_now(
        [enrolment],
        version=enrolment.version,
        at=at,
        observed=seen,
        observed_source=f"Verifikasi lapangan oleh {by.full_name}",
    )
    if decision == EnrolmentState.ELIGIBLE:
        _check_payee(enrolment)
        _check_shown(enrolment)
        _check_eligible(results[enrolment.pk], note)
        _check_papers(enrolment, note)
    moved = move(
        enrolment=enrolment,
        to=EnrolmentState(decision),
        by=by,
        at=at,
        reason_code=reason_code,
        note=note,
        verb="programs.decide",
        decided_at=at,
        decided_by=by,
        decision_reason=reason_code,
        decision_note=note,
    )
    keep_answers([moved], results, version=enrolment.version, at=at, observed=seen)
    return moved


def _check_district(version: ProgrammeVersion, district_code: str, *, by: User) -> None:
    check_reach(by=by, area_code=district_code)
    if not by.can(Permission.PROPOSAL_VERIFY):
        raise NotAllowed("RECORD-RIGHT", _("Berita Acara dibuat oleh verifikator."))
    if len(district_code) != DISTRICT_CODE_LENGTH:
        raise BadInput("RECORD-AREA", _("Pilih satu kecamatan."))
    rows = Enrolment.objects.in_area(district_code).filter(version=version)
    waiting = rows.filter(state__in=OPEN).count()
    if waiting:
        raise Refused(
            "RECORD-OPEN",
            _(
                "Masih ada %(count)s usulan terbuka di kecamatan ini, jadi Berita Acara belum"
                " dibuat. Selesaikan atau tarik dulu usulannya."
            )
            % {"count": waiting},
        )


@transaction.atomic
def make_record(*, version: ProgrammeVersion, district_code: str, by: User, at: datetime) -> Job:
    """Close the verification of a district: a record row now, its PDF by a job.

    Names every judged proposal that no earlier record names. Raises Refused while one is open.
    """
    ProgrammeVersion.objects.select_for_update().get(pk=version.pk)
    _check_district(version, district_code, by=by)
    rows = Enrolment.objects.in_area(district_code).filter(
        version=version, state__in=JUDGED, record=None
    )
    counts = {
        "eligible": rows.filter(state=EnrolmentState.ELIGIBLE).count(),
        "not_eligible": rows.filter(state=EnrolmentState.NOT_ELIGIBLE).count(),
    }
    if not any(counts.values()):
        raise Refused(
            "RECORD-EMPTY",
            _("Belum ada putusan baru di kecamatan ini, jadi tidak ada yang dicatat."),
        )
    earlier = VerificationRecord.objects.filter(version=version, area_code=district_code).count()
    record = VerificationRecord.objects.create(
        version=version,
        area_code=district_code,
        round=earlier + 1,
        counts=counts,
        made_at=at,
        made_by=by,
    )
    rows.update(record=record)
    audit.record(verb="programs.make_record", by=by, at=at, target=record, counts=counts)
    return jobs.submit(
        kind="programs.record",
        title=_("Berita Acara verifikasi Kec. %(name)s") % {"name": name_of(district_code)},
        by=by,
        at=at,
        params={"record": record.pk},
    )


@transaction.atomic
def attach_record(
    *, record: VerificationRecord, document: Document, by: User, at: datetime
) -> None:
    """Tie the made PDF to its record."""
    VerificationRecord.objects.filter(pk=record.pk, document=None).update(document=document)
    audit.record(
        verb="programs.record_made", by=by, at=at, target=record, document=str(document.pk)
    )
