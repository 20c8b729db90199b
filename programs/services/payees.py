"""A proposal for a group, an institution or a government: who is paid instead of the person."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.errors import BadInput, NotAllowed, Refused
from beneficiaries.models import Payee
from programs.choices import EnrolmentState
from programs.models import Enrolment
from programs.services.enrolments import check_reach

STILL_OPEN = (
    EnrolmentState.DRAFT,
    EnrolmentState.PROPOSED,
    EnrolmentState.IN_REVIEW,
    EnrolmentState.NEEDS_CORRECTION,
    EnrolmentState.ELIGIBLE,
)


@transaction.atomic
def choose_payee(*, enrolment: Enrolment, payee: Payee, by: User, at: datetime) -> Enrolment:
    """Let a payee be paid; the proposed person answers for it.

    Raises Refused once a decree names the enrolment, for another kind than the programme pays,
    for a closed payee and for one that is proposed already.
    """
    if not by.can(Permission.PROPOSAL_SUBMIT):
        raise NotAllowed("PAYEE-RIGHT", _("Penerima dipilih oleh petugas kabupaten/kota."))
    row: Enrolment = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    check_reach(by=by, area_code=row.area_code)
    check_reach(by=by, area_code=payee.area_code)
    if row.state not in STILL_OPEN:
        raise Refused(
            "PAYEE-DECREED", _("Usulan ini sudah dalam SK atau berakhir, jadi tidak dapat diubah.")
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
