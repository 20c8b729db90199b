"""The one way an enrolment changes its state: conditional, with a move row and an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.dates import ago_words, day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.lib.scopes import covers
from programs.choices import DECREED, EnrolmentState
from programs.models import Enrolment, EnrolmentMove
from programs.rules import MOVES

CHUNK = 1000


def check_reach(*, by: User, area_code: str) -> None:
    """Refuse a row outside the user's area; views answer 404 before, this guards the rest."""
    if not covers(by.area_code, area_code):
        raise NotAllowed(
            "PROG-AREA",
            _("Wilayah ini di luar wilayah Anda. Tidak ada yang berubah."),
        )


def check_move(
    *,
    old: str,
    new: str,
    by: User,
    also: Mapping[tuple[EnrolmentState, EnrolmentState], Permission] | None = None,
) -> None:
    """Refuse a move the table does not know, or that this user may not make.

    `also`: moves that only the calling act makes (an event, an appeal), each with its right.
    """
    step = (EnrolmentState(old), EnrolmentState(new))
    permission = MOVES.get(step) or (also or {}).get(step)
    if permission is None:
        raise Refused(
            "ENROL-MOVE",
            _("Usulan yang berstatus %(old)s tidak dapat menjadi %(new)s. Tidak ada yang berubah.")
            % {"old": EnrolmentState(old).label, "new": EnrolmentState(new).label},
        )
    if not by.can(permission):
        raise NotAllowed(
            "ENROL-RIGHT", _("Peran Anda tidak boleh melakukan ini. Tidak ada yang berubah.")
        )


def stale(enrolment: Enrolment, *, at: datetime) -> Stale:
    """The sentence of the second hand: who decided first, when, and what."""
    last = (
        EnrolmentMove.objects.filter(enrolment_id=enrolment.pk)
        .select_related("by")
        .order_by("-pk")
        .first()
    )
    if last is None or last.by is None:
        return Stale("ENROL-STALE", _("Usulan ini baru saja berubah. Muat ulang halamannya."))
    return Stale(
        "ENROL-STALE",
        _("Usulan ini sudah diputus oleh %(who)s %(when)s: %(state)s. Putusan Anda tidak disimpan.")
        % {
            "who": last.by.full_name,
            "when": ago_words(last.at, at),
            "state": EnrolmentState(last.new).label,
        },
    )


def translate_conflict(error: IntegrityError) -> Refused:
    """A database refusal of an enrolment in words; an unknown one is raised again."""
    text = str(error)
    sentences: Mapping[str, tuple[str, str]] = {
        "one_open_enrolment_per_person": (
            "ENROL-TWICE",
            _(
                "Orang ini sudah diusulkan atau ditetapkan dalam program dan tahun ini."
                " Tidak ada yang berubah. Buka usulan yang ada."
            ),
        ),
        "one_open_enrolment_per_payee": (
            "PAYEE-TWICE",
            _("Penerima ini sudah diusulkan dalam program dan tahun ini. Tidak ada yang berubah."),
        ),
        "one_place_per_family": (
            "ENROL-FAMILY",
            _(
                "Sudah ada anggota KK yang sama yang layak atau ditetapkan dalam program ini;"
                " satu KK hanya satu orang. Tidak ada yang berubah. Putuskan siapa yang diusulkan"
                " dan catat alasannya."
            ),
        ),
        "enrolment_family_when_one": (
            "ENROL-NO-FAMILY",
            _(
                "Program ini memberi satu tempat per KK, tetapi nomor KK orang ini belum ada."
                " Tidak ada yang berubah. Lengkapi nomor KK dulu."
            ),
        ),
        "proposer_is_not_verifier": (
            "VERIFY-OWN",
            _("Anda mengajukan usulan ini, jadi tidak dapat memutusnya. Minta verifikator lain."),
        ),
    }
    for name, (code, sentence) in sentences.items():
        if name in text:
            return Refused(code, sentence)
    raise error


@transaction.atomic
def move(
    *,
    enrolment: Enrolment,
    to: EnrolmentState,
    by: User,
    at: datetime,
    reason_code: str = "",
    note: str = "",
    verb: str = "programs.move",
    also: Mapping[tuple[EnrolmentState, EnrolmentState], Permission] | None = None,
    **fields: Any,
) -> Enrolment:
    """Change the state of one enrolment from the one that was read.

    Raises Stale when somebody was faster, NotAllowed without the right, Refused when the table or
    a constraint forbids it. `fields` are columns set with it.
    """
    old = enrolment.state
    check_reach(by=by, area_code=enrolment.area_code)
    check_move(old=old, new=to, by=by, also=also)
    try:
        with transaction.atomic():
            changed = Enrolment.objects.filter(pk=enrolment.pk, state=old).update(
                state=to, **fields
            )
    except IntegrityError as error:
        raise translate_conflict(error) from error
    if changed != 1:
        raise stale(enrolment, at=at)
    EnrolmentMove.objects.create(
        enrolment=enrolment, old=old, new=to, at=at, by=by, reason_code=reason_code, note=note
    )
    audit.record(
        verb=verb, by=by, at=at, target=enrolment, reason=reason_code, old=old, new=str(to)
    )
    enrolment.refresh_from_db()
    return enrolment


def move_many(
    *,
    ids: Sequence[int],
    old: EnrolmentState,
    new: EnrolmentState,
    by: User,
    at: datetime,
    reasons: Mapping[int, tuple[str, str]] | None = None,
    **fields: Any,
) -> int:
    """Move many at once inside the caller's transaction; all or none.

    The caller has checked the right to the record they belong to (a decree) and records one
    event that names them. `reasons`: id -> (code, note). Raises Stale when one has changed.
    """
    if (old, new) not in MOVES:
        raise Refused("ENROL-MOVE", _("Perubahan status ini tidak dikenal."))
    given = reasons or {}
    moved = 0
    for start in range(0, len(ids), CHUNK):
        part = list(ids[start : start + CHUNK])
        moved += Enrolment.objects.filter(pk__in=part, state=old).update(state=new, **fields)
        EnrolmentMove.objects.bulk_create(
            EnrolmentMove(
                enrolment_id=pk,
                old=old,
                new=new,
                at=at,
                by=by,
                reason_code=given.get(pk, ("", ""))[0],
                note=given.get(pk, ("", ""))[1],
            )
            for pk in part
        )
    if moved != len(ids):
        raise Stale(
            "ENROL-STALE",
            _(
                "%(count)s orang berubah statusnya sejak daftar ini disusun."
                " Tidak ada yang berubah. Susun ulang daftarnya."
            )
            % {"count": len(ids) - moved},
        )
    return moved


def stop(
    *,
    enrolment: Enrolment,
    reason_code: str,
    by: User,
    at: datetime,
    note: str = "",
    ended_on: date | None = None,
) -> Enrolment:
    """End an enrolment for one of the reasons its programme names; a draft is just withdrawn."""
    codes = {str(row["code"]) for row in enrolment.version.stop_reasons}
    was_member = enrolment.state in DECREED
    if was_member and reason_code not in codes:
        raise BadInput(
            "ENROL-REASON",
            _("Alasan berhenti belum dipilih. Tidak ada yang berubah."),
            fields={"reason_code": _("Pilih alasan.")},
        )
    return move(
        enrolment=enrolment,
        to=EnrolmentState.STOPPED,
        by=by,
        at=at,
        reason_code=reason_code,
        note=note,
        verb="programs.stop",
        ended_on=ended_on or day_of(at),
        end_reason=reason_code,
    )


def suspend(
    *, enrolment: Enrolment, reason_code: str, note: str, by: User, at: datetime
) -> Enrolment:
    """Hold an active enrolment back from the next lists until it is resumed or stopped."""
    return move(
        enrolment=enrolment,
        to=EnrolmentState.SUSPENDED,
        by=by,
        at=at,
        reason_code=reason_code,
        note=note,
        verb="programs.suspend",
    )


def resume(*, enrolment: Enrolment, note: str, by: User, at: datetime) -> Enrolment:
    """Put a suspended enrolment back on the lists."""
    return move(
        enrolment=enrolment,
        to=EnrolmentState.ACTIVE,
        by=by,
        at=at,
        note=note,
        verb="programs.resume",
    )
