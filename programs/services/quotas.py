"""Writes about places: shifts between regencies, precedence among equals, offers of free places."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.lib.money import number
from bansos.regions.queries import name_of
from programs.choices import (
    DecreeState,
    EnrolmentState,
    OfferAnswer,
    ShiftState,
    VersionState,
)
from programs.models import (
    Enrolment,
    PlaceOffer,
    Precedence,
    ProgrammeVersion,
    Quota,
    QuotaShift,
)
from programs.queries.ranking import next_to_offer, pool_of, ranking_of, waiting_rows
from programs.services.enrolments import check_reach

REGENCY = 5


def _check_right(by: User, permission: Permission, area_code: str) -> None:
    if not by.can(permission):
        raise NotAllowed("QUOTA-RIGHT", _("Peran Anda tidak boleh melakukan ini."))
    check_reach(by=by, area_code=area_code)


def _check_reason(reason: str) -> str:
    if not reason.strip():
        raise BadInput(
            "QUOTA-REASON",
            _("Alasan belum ditulis. Tidak ada yang berubah."),
            fields={"reason": _("Tulis alasannya.")},
        )
    return reason.strip()[:250]


def _places_left(version: ProgrammeVersion, from_area: str) -> int | None:
    """Places that may leave a regency, or that no regency has yet; None is no limit."""
    if from_area:
        pool = pool_of(version, from_area)
        return pool.free if pool.area_code == from_area else 0
    if version.quota_total is None:
        return None
    taken = sum(Quota.objects.filter(version=version).values_list("places", flat=True))
    return version.quota_total - taken


def _check_left(version: ProgrammeVersion, from_area: str, places: int) -> None:
    left = _places_left(version, from_area)
    if left is not None and places > left:
        raise BadInput(
            "QUOTA-SHIFT-MANY",
            _(
                "%(name)s hanya punya %(left)s tempat yang belum dipakai, jadi %(places)s tidak"
                " dapat dipindahkan. Tidak ada yang berubah."
            )
            % {
                "name": name_of(from_area) if from_area else _("Sisa yang belum dibagi"),
                "left": number(left),
                "places": number(places),
            },
            fields={"places": _("Kurangi jumlahnya.")},
        )


@transaction.atomic
def propose_shift(
    *,
    version: ProgrammeVersion,
    from_area: str,
    to_area: str,
    places: int,
    reason: str,
    by: User,
    at: datetime,
) -> QuotaShift:
    """Ask to move places to a regency from another ("" = from what nobody has yet).

    Raises BadInput for a wrong area, no reason, or more places than are free where they come from.
    """
    _check_right(by, Permission.PROGRAM_EDIT, version.area_code)
    version = ProgrammeVersion.objects.select_for_update().get(pk=version.pk)
    if version.state == VersionState.CLOSED:
        raise Refused("QUOTA-CLOSED", _("Versi ini sudah ditutup, jadi kuotanya tidak dipindah."))
    for code in (from_area, to_area):
        if code and (len(code) != REGENCY or not code.startswith(version.area_code)):
            raise BadInput("PROG-QUOTA-AREA", _("Pilih kabupaten atau kota di provinsi ini."))
    if not to_area or from_area == to_area:
        raise BadInput(
            "QUOTA-SHIFT-SAME",
            _("Asal dan tujuan harus dua wilayah yang berbeda. Tidak ada yang berubah."),
            fields={"to_area": _("Pilih wilayah lain.")},
        )
    if places <= 0:
        raise BadInput(
            "QUOTA-SHIFT-NONE",
            _("Jumlah tempat harus lebih dari nol."),
            fields={"places": _("Isi jumlah tempat.")},
        )
    reason = _check_reason(reason)
    _check_left(version, from_area, places)
    row = QuotaShift.objects.create(
        version=version,
        from_area=from_area,
        to_area=to_area,
        places=places,
        reason=reason,
        proposed_at=at,
        proposed_by=by,
    )
    audit.record(
        verb="programs.propose_shift",
        by=by,
        at=at,
        target=version,
        area_code=version.area_code,
        shift=row.pk,
        from_area=from_area,
        to_area=to_area,
        places=places,
    )
    return row


@transaction.atomic
def decide_shift(
    *, shift: QuotaShift, approve: bool, by: User, at: datetime, note: str = ""
) -> QuotaShift:
    """Approve or refuse a shift; approval moves the places, never above the total.

    Raises NotAllowed for its proposer and Stale when somebody was faster.
    """
    version = ProgrammeVersion.objects.select_for_update().get(pk=shift.version_id)
    _check_right(by, Permission.DECREE_APPROVE, version.area_code)
    own = NotAllowed(
        "QUOTA-OWN", _("Anda mengajukan pemindahan ini, jadi orang lain yang memutusnya.")
    )
    if by.pk == shift.proposed_by_id:
        raise own
    if approve:
        _check_left(version, shift.from_area, shift.places)
    state = ShiftState.APPROVED if approve else ShiftState.REFUSED
    try:
        with transaction.atomic():
            changed = QuotaShift.objects.filter(pk=shift.pk, state=ShiftState.PROPOSED).update(
                state=state, decided_at=at, decided_by=by, note=note.strip()[:250]
            )
    except IntegrityError as error:
        if "shift_maker_is_not_checker" in str(error):
            raise own from error
        raise
    if changed != 1:
        raise Stale("QUOTA-STALE", _("Pemindahan ini sudah diputus. Muat ulang halamannya."))
    if approve:
        _move_places(version, shift)
    shift.refresh_from_db()
    audit.record(
        verb="programs.decide_shift",
        by=by,
        at=at,
        target=version,
        area_code=version.area_code,
        shift=shift.pk,
        state=str(state),
        places=shift.places,
    )
    return shift


def _move_places(version: ProgrammeVersion, shift: QuotaShift) -> None:
    """First away, then there: at no moment more than the total."""
    if shift.from_area:
        source = Quota.objects.get(version=version, area_code=shift.from_area)
        Quota.objects.filter(pk=source.pk).update(places=source.places - shift.places)
    target, _made = Quota.objects.get_or_create(
        version=version, area_code=shift.to_area, defaults={"places": 0}
    )
    Quota.objects.filter(pk=target.pk).update(places=target.places + shift.places)


@transaction.atomic
def give_precedence(*, enrolment: Enrolment, reason: str, by: User, at: datetime) -> Precedence:
    """Put one of several with the same order before the others, with the reason why."""
    _check_right(by, Permission.DECREE_PREPARE, enrolment.area_code)
    reason = _check_reason(reason)
    if enrolment.state != EnrolmentState.ELIGIBLE:
        raise Refused("RANK-STATE", _("Hanya yang layak dan belum dalam SK yang punya urutan."))
    try:
        with transaction.atomic():
            row = Precedence.objects.create(
                enrolment=enrolment, reason=reason, given_at=at, given_by=by
            )
    except IntegrityError as error:
        raise Stale(
            "RANK-TWICE", _("Orang ini sudah didahulukan. Muat ulang halamannya.")
        ) from error
    audit.record(verb="programs.give_precedence", by=by, at=at, target=enrolment, reason=reason)
    return row


@transaction.atomic
def end_precedence(*, enrolment: Enrolment, by: User, at: datetime) -> None:
    """Take a precedence back; the record stays."""
    _check_right(by, Permission.DECREE_PREPARE, enrolment.area_code)
    changed = Precedence.objects.filter(enrolment=enrolment, ended_at=None).update(
        ended_at=at, ended_by=by
    )
    if changed != 1:
        raise Stale("RANK-NONE", _("Orang ini tidak didahulukan. Muat ulang halamannya."))
    audit.record(verb="programs.end_precedence", by=by, at=at, target=enrolment)


@transaction.atomic
def offer_place(*, enrolment: Enrolment, by: User, at: datetime) -> PlaceOffer:
    """Offer a free place to the next in order; nobody is passed over.

    Raises Refused when no decree stands yet, no place is free, or somebody else is next.
    """
    _check_right(by, Permission.DECREE_PREPARE, enrolment.area_code)
    version = ProgrammeVersion.objects.select_for_update().get(pk=enrolment.version_id)
    pool = pool_of(version, enrolment.area_code)
    if not version.decrees.filter(state=DecreeState.APPROVED).exists():
        raise Refused(
            "OFFER-EARLY",
            _("SK pertama belum ada, jadi yang dalam kuota langsung masuk SK itu."),
        )
    today = day_of(at, version.programme.agency.zone)
    order = ranking_of(version, pool, waiting_rows(version, pool), today=today)
    first = next_to_offer(order)
    if first is None:
        raise Refused(
            "OFFER-FULL", _("Tidak ada tempat kosong yang belum ditawarkan di wilayah ini.")
        )
    if first.pk != enrolment.pk:
        raise Refused("OFFER-ORDER", _("Bukan gilirannya: tempat ditawarkan menurut urutan."))
    row = PlaceOffer.objects.create(enrolment=enrolment, made_at=at, made_by=by)
    audit.record(verb="programs.offer_place", by=by, at=at, target=enrolment)
    return row


@transaction.atomic
def answer_offer(
    *, offer: PlaceOffer, accepts: bool, by: User, at: datetime, note: str = ""
) -> PlaceOffer:
    """Record what was answered: who accepts comes into the next decree, who declines drops out."""
    _check_right(by, Permission.DECREE_PREPARE, offer.enrolment.area_code)
    if not accepts:
        note = _check_reason(note)
    answer = OfferAnswer.ACCEPTED if accepts else OfferAnswer.DECLINED
    changed = PlaceOffer.objects.filter(pk=offer.pk, answer=OfferAnswer.OPEN).update(
        answer=answer, answered_at=at, answered_by=by, note=note.strip()[:250]
    )
    if changed != 1:
        raise Stale("OFFER-STALE", _("Tawaran ini sudah dijawab. Muat ulang halamannya."))
    offer.refresh_from_db()
    audit.record(
        verb="programs.answer_offer", by=by, at=at, target=offer.enrolment, answer=str(answer)
    )
    return offer
