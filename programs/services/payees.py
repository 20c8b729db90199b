"""A proposal for a group, an institution or a government: who is paid instead of the person."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.errors import BadInput, NotAllowed, Refused
from beneficiaries.models import GroupMember, Payee
from programs.choices import EnrolmentState
from programs.models import Enrolment
from programs.services.answers import ask_and_keep
from programs.services.enrolments import check_reach, translate_conflict

# A verifier judges the payee too: from the check on it changes only by sending the proposal back.
STILL_OPEN = (
    EnrolmentState.DRAFT,
    EnrolmentState.PROPOSED,
    EnrolmentState.NEEDS_CORRECTION,
)
# As long as no decree has named the proposal, it speaks through the chair of its group.
BEFORE_DECREE = (*STILL_OPEN, EnrolmentState.IN_REVIEW, EnrolmentState.ELIGIBLE)


@transaction.atomic
def follow_chair(chair: GroupMember, by: User, at: datetime) -> None:
    """Let the new chair answer for the group's proposals that no decree has named.

    What was sent in is answered again, because its criteria ask who answers. Each change is an
    event of its own. Raises Refused when the two ways of answering differ, or when the version
    takes one person per KK and a relative of the chair has the place.
    """
    person = chair.person
    rows = Enrolment.objects.select_for_update(of=("self",)).filter(
        payee=chair.group_id, state__in=BEFORE_DECREE
    )
    for row in rows.exclude(person=person).select_related("version").order_by("pk"):
        old, row.person, row.family = row.person_id, person, person.family
        try:
            with transaction.atomic():
                row.save(update_fields=["person", "family"])
        except IntegrityError as error:
            raise translate_conflict(error) from error
        audit.record(
            verb="programs.follow_chair", by=by, at=at, target=row, person=person.pk, old=old
        )
        if row.state != EnrolmentState.DRAFT:
            ask_and_keep([row], version=row.version, at=at)


def may_choose_payee(enrolment: Enrolment) -> bool:
    """Whether nobody has judged the proposal yet, nor named it in a Berita Acara."""
    return enrolment.state in STILL_OPEN and enrolment.record_id is None


@transaction.atomic
def choose_payee(*, enrolment: Enrolment, payee: Payee, by: User, at: datetime) -> Enrolment:
    """Let a payee be paid; the proposed person answers for it.

    Raises Refused once a verifier has begun on it, for another kind than the programme pays,
    for a closed payee and for one that is proposed already.
    """
    if not by.can(Permission.PROPOSAL_SUBMIT):
        raise NotAllowed("PAYEE-RIGHT", _("Penerima dipilih oleh petugas kabupaten/kota."))
    row: Enrolment = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    check_reach(by=by, area_code=row.area_code)
    check_reach(by=by, area_code=payee.area_code)
    if not may_choose_payee(row):
        raise Refused(
            "PAYEE-JUDGED",
            _(
                "Penerima usulan ini sudah diperiksa atau usulannya berakhir. Tidak ada yang"
                " berubah. Minta pemeriksa mengembalikan usulan untuk diperbaiki."
            ),
        )
    if payee.kind != row.version.payee_kind:
        sentence = _("Program ini membayar %(kind)s.") % {
            "kind": row.version.get_payee_kind_display().lower()
        }
        raise BadInput("PAYEE-KIND", sentence, fields={"payee": sentence})
    if payee.closed_on is not None:
        raise Refused("PAYEE-CLOSED", _("Penerima ini sudah ditutup. Pilih yang lain."))
    try:
        with transaction.atomic():
            Enrolment.objects.filter(pk=row.pk).update(payee=payee, area_code=payee.area_code)
    except IntegrityError as error:
        if "one_open_enrolment_per_payee" not in str(error):
            raise
        raise Refused(
            "PAYEE-TWICE",
            _("Penerima ini sudah diusulkan dalam program dan tahun ini. Tidak ada yang berubah."),
        ) from error
    audit.record(verb="programs.choose_payee", by=by, at=at, target=row, payee=payee.pk)
    row.refresh_from_db()
    return row
