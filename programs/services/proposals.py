"""Writes of proposals: one by form, many from a list, sent again after a correction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused
from beneficiaries.models import BankAccount, ImportBatch, Payee, Person
from programs.choices import (
    DECREED,
    PAYEES,
    BenefitKind,
    Channel,
    EnrolmentState,
    VersionState,
)
from programs.models import (
    Enrolment,
    EnrolmentMove,
    ProgrammeVersion,
)
from programs.queries.enrolments import other_programmes
from programs.queries.exclusivity import conflicts_for
from programs.services.answers import ask_and_keep
from programs.services.assessing import check_channel, check_free
from programs.services.enrolments import check_move, check_reach, move, stop, translate_conflict


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One person to propose, with the account the money would go to."""

    person: Person
    account: BankAccount | None = None
    # Who is paid where that is no person; the person then answers for it.
    payee: Payee | None = None
    companion_name: str = ""
    note: str = ""
    warnings: Sequence[Any] = ()


def check_open(version: ProgrammeVersion) -> None:
    """Refuse a version that takes no proposals."""
    if version.state != VersionState.ACTIVE:
        raise Refused(
            "PROP-CLOSED",
            _(
                "%(name)s belum berlaku atau sudah ditutup, jadi belum menerima usulan."
                " Tidak ada yang disimpan. Minta staf program provinsi memberlakukannya."
            )
            % {"name": version},
        )


def is_for_people(version: ProgrammeVersion) -> bool:
    """Whether people are proposed for it one by one: who is paid is a person or a family.

    A service without counted places hands out nothing to be proposed for.
    """
    served = version.benefit_kind != BenefitKind.SERVICE or version.quota_total is not None
    return version.payee_kind not in PAYEES and served


def _check_payees(
    version: ProgrammeVersion, candidates: Sequence[Candidate], *, channel: str, by: User
) -> None:
    """Each candidate is what the programme pays: a person, or a payee of its kind.

    People of a list may get their payee later; nobody is found eligible without one.
    """
    kind = version.get_payee_kind_display().lower()
    for candidate in candidates:
        payee = candidate.payee
        if payee is None and channel == Channel.FORM and not is_for_people(version):
            raise Refused(
                "PROP-PAYEE",
                _(
                    "%(name)s tidak diusulkan untuk orang satu per satu. Tidak ada yang disimpan."
                    " Buka Usulan lembaga, lalu pilih penerimanya."
                )
                % {"name": version},
            )
        if payee is None:
            continue
        if payee.kind != version.payee_kind:
            sentence = _("Program ini membayar %(kind)s. Tidak ada yang disimpan.") % {"kind": kind}
            raise BadInput("PAYEE-KIND", sentence, fields={"payee": sentence})
        check_reach(by=by, area_code=payee.area_code)
        if payee.closed_on is not None:
            raise Refused("PAYEE-CLOSED", _("Penerima ini sudah ditutup. Pilih yang lain."))


def _check_people(version: ProgrammeVersion, persons: Sequence[Person], *, by: User) -> None:
    for person in persons:
        check_reach(by=by, area_code=person.area_code)
        if not person.area_code.startswith(version.area_code):
            raise BadInput(
                "PROP-PROVINCE",
                _("Tempat tinggal di luar provinsi program ini. Tidak ada yang disimpan."),
            )
        if person.died_on is not None:
            raise Refused(
                "PROP-DIED",
                _(
                    "Orang ini tercatat meninggal, jadi tidak dapat diusulkan."
                    " Tidak ada yang disimpan. Bila keliru, ajukan perbaikan data penerima."
                ),
            )


def _check_exclusive(
    version: ProgrammeVersion, asked: Sequence[tuple[int, int | None]], *, at: datetime
) -> None:
    """Refuse who is shut out by other help; asked are (person id, payee id)."""
    today = day_of(at, version.programme.agency.zone)
    rows = [(key, *row) for key, row in enumerate(asked)]
    found = conflicts_for(rows, version=version, today=today)
    if found:
        words = sorted({row.words for rows in found.values() for row in rows})
        raise Refused(
            "PROP-EXCLUSIVE",
            _(
                "%(words)s Program itu tidak boleh bersama program ini. Tidak ada yang disimpan."
                " Tarik usulan yang satu, atau usulkan orang lain."
            )
            % {"words": " ".join(words[:3])},
        )


def _new_enrolment(
    candidate: Candidate,
    version: ProgrammeVersion,
    *,
    channel: str,
    by: User,
    at: datetime,
    batch: ImportBatch | None,
    submit: bool,
) -> Enrolment:
    person = candidate.person
    return Enrolment(
        version=version,
        person=person,
        family_id=person.family_id,
        account=candidate.account,
        payee=candidate.payee,
        area_code=candidate.payee.area_code if candidate.payee else person.area_code,
        state=EnrolmentState.PROPOSED if submit else EnrolmentState.DRAFT,
        channel=channel,
        import_batch=batch,
        one_per_family=version.one_per_family,
        companion_name=candidate.companion_name,
        note=candidate.note,
        warnings=list(candidate.warnings),
        proposed_at=at if submit else None,
        proposed_by=by if submit else None,
        created_at=at,
        created_by=by,
    )


@transaction.atomic
def propose_many(
    *,
    version: ProgrammeVersion,
    candidates: Sequence[Candidate],
    channel: str,
    by: User,
    at: datetime,
    import_batch: ImportBatch | None = None,
    submit: bool = True,
) -> list[Enrolment]:
    """Propose people for a version, all or none, with their criteria answered and kept.

    A constant number of queries for any number of people. Raises Refused when the version takes
    no proposals, a person is dead, already proposed this year or in an exclusive programme.
    """
    check_open(version)
    check_move(old=EnrolmentState.DRAFT, new=EnrolmentState.PROPOSED, by=by)
    check_channel(version.proposal_channels, channel)
    _check_payees(version, candidates, channel=channel, by=by)
    persons = [candidate.person for candidate in candidates]
    _check_people(version, persons, by=by)
    asked = [(c.person.pk, c.payee.pk if c.payee else None) for c in candidates]
    _check_exclusive(version, asked, at=at)
    rows = [
        _new_enrolment(c, version, channel=channel, by=by, at=at, batch=import_batch, submit=submit)
        for c in candidates
    ]
    try:
        with transaction.atomic():
            Enrolment.objects.bulk_create(rows, batch_size=500)
    except IntegrityError as error:
        raise translate_conflict(error) from error
    EnrolmentMove.objects.bulk_create(
        [EnrolmentMove(enrolment=row, old="", new=row.state, at=at, by=by) for row in rows],
        batch_size=500,
    )
    if submit:
        ask_and_keep(rows, version=version, at=at)
    _record_proposals(rows, version, by=by, at=at, submit=submit, batch=import_batch)
    return rows


def _record_proposals(
    rows: Sequence[Enrolment],
    version: ProgrammeVersion,
    *,
    by: User,
    at: datetime,
    submit: bool,
    batch: ImportBatch | None,
) -> None:
    verb = "programs.propose" if submit else "programs.draft_proposal"
    if len(rows) == 1:
        audit.record(verb=verb, by=by, at=at, target=rows[0], version=version.pk)
        return
    audit.record(
        verb="programs.propose_list",
        by=by,
        at=at,
        target=version,
        area_code=by.area_code,
        enrolments=[row.pk for row in rows],
        batch=str(batch.pk) if batch else "",
    )


def propose(
    *,
    version: ProgrammeVersion,
    person: Person,
    account: BankAccount | None,
    payee: Payee | None = None,
    channel: str = Channel.FORM,
    by: User,
    at: datetime,
    note: str = "",
    companion_name: str = "",
    import_batch: ImportBatch | None = None,
    warnings: Sequence[Any] = (),
    submit: bool = True,
) -> Enrolment:
    """Propose one person; with submit=False it stays a draft of the proposer."""
    candidate = Candidate(
        person=person,
        account=account,
        payee=payee,
        companion_name=companion_name,
        note=note,
        warnings=[*warnings, *_neighbours(version, person)],
    )
    rows = propose_many(
        version=version,
        candidates=[candidate],
        channel=channel,
        by=by,
        at=at,
        import_batch=import_batch,
        submit=submit,
    )
    return rows[0]


def _neighbours(version: ProgrammeVersion, person: Person) -> list[dict[str, str]]:
    """Warnings that a verifier should see: other programmes, another elder of the same KK."""
    found = []
    names = other_programmes([person.pk], year=version.year, exclude_version=version)
    if person.pk in names:
        text = _("Juga di %(names)s tahun ini.") % {"names": ", ".join(names[person.pk])}
        found.append({"code": "other_programme", "message": text})
    if version.one_per_family and person.family_id and _family_proposed(version, person):
        text = _("Ada anggota KK yang sama yang juga diusulkan.")
        found.append({"code": "second_elder", "message": text})
    return found


def _family_proposed(version: ProgrammeVersion, person: Person) -> bool:
    return (
        Enrolment.objects.filter(version=version, family_id=person.family_id)
        .exclude(person=person)
        .exclude(state__in=[EnrolmentState.STOPPED, EnrolmentState.NOT_ELIGIBLE])
        .exists()
    )


@transaction.atomic
def submit_draft(*, enrolment: Enrolment, by: User, at: datetime) -> Enrolment:
    """Send a draft to the verifier: criteria are answered and kept."""
    check_open(enrolment.version)
    check_free(enrolment)
    _check_people(enrolment.version, [enrolment.person], by=by)
    _check_exclusive(enrolment.version, [(enrolment.person_id, enrolment.payee_id)], at=at)
    moved = move(
        enrolment=enrolment,
        to=EnrolmentState.PROPOSED,
        by=by,
        at=at,
        verb="programs.propose",
        proposed_at=at,
        proposed_by=by,
    )
    ask_and_keep([moved], version=moved.version, at=at)
    return moved


@transaction.atomic
def resubmit(
    *,
    enrolment: Enrolment,
    by: User,
    at: datetime,
    note: str = "",
    account: BankAccount | None = None,
) -> Enrolment:
    """Send a corrected proposal again; the earlier decision stays in its moves.

    Raises Refused like a first proposal, also when other help shuts the person out by now.
    """
    _check_exclusive(enrolment.version, [(enrolment.person_id, enrolment.payee_id)], at=at)
    moved = _sent_again(enrolment, account, by=by, at=at, note=note)
    ask_and_keep([moved], version=moved.version, at=at)
    return moved


@transaction.atomic
def resubmit_many(
    *,
    version: ProgrammeVersion,
    items: Sequence[tuple[Enrolment, BankAccount | None]],
    by: User,
    at: datetime,
) -> list[Enrolment]:
    """Send corrected proposals of one version again, all or none; their criteria are asked once."""
    asked = [(enrolment.person_id, enrolment.payee_id) for enrolment, _account in items]
    _check_exclusive(version, asked, at=at)
    moved = [_sent_again(enrolment, account, by=by, at=at) for enrolment, account in items]
    ask_and_keep(moved, version=version, at=at)
    return moved


def _sent_again(
    enrolment: Enrolment, account: BankAccount | None, *, by: User, at: datetime, note: str = ""
) -> Enrolment:
    if enrolment.decided_by_id == by.pk:
        raise NotAllowed(
            "PROP-OWN-DECISION",
            _("Anda memutus usulan ini, jadi tidak dapat mengajukannya kembali."),
        )
    check_open(enrolment.version)
    _check_people(enrolment.version, [enrolment.person], by=by)
    fields: dict[str, Any] = {"account": account} if account is not None else {}
    return move(
        enrolment=enrolment,
        to=EnrolmentState.PROPOSED,
        by=by,
        at=at,
        note=note,
        verb="programs.resubmit",
        proposed_at=at,
        proposed_by=by,
        decided_at=None,
        decided_by=None,
        decision_reason="",
        decision_note="",
        record=None,
        family_id=enrolment.person.family_id,
        # A group or an institution stays where it is, wherever its spokesperson lives.
        area_code=(enrolment.payee or enrolment.person).area_code,
        **fields,
    )


def withdraw(*, enrolment: Enrolment, note: str, by: User, at: datetime) -> Enrolment:
    """Take a proposal back before it is judged."""
    if enrolment.state in DECREED:
        raise Refused(
            "PROP-MEMBER",
            _("Orang ini sudah ditetapkan dalam SK. Penghentian lewat perubahan SK."),
        )
    return stop(enrolment=enrolment, reason_code="withdrawn", note=note, by=by, at=at)
