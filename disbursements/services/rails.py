"""Limits of the interbank rails: asked by one person, in force once another agrees, kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.audit import services as audit
from bansos.lib.dates import day_of
from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from bansos.lib.money import to_sen
from disbursements.models import RailLimit, RailProposal
from disbursements.services.moves import require_right
from programs.choices import INTERBANK, Rail

LATEST = 365


@dataclass(frozen=True)
class LimitValues:
    """What a rail carries from a day on; None where nobody knows a ceiling or a fee."""

    rail: str
    valid_from: date
    min_amount: Decimal
    max_amount: Decimal | None
    fee: Decimal | None
    is_open: bool
    source: str


@transaction.atomic
def propose_limit(*, values: LimitValues, by: User, at: datetime) -> RailProposal:
    """Ask for a new limit from a day on; nothing changes before a second person agrees.

    A limit is never overwritten: it ends where the next one begins. Raises BadInput for amounts
    or days that make no sense, Refused when that rail has a limit or a question for that day.
    """
    require_right(by, Permission.CHANNEL_MANAGE)
    _province(by)
    _check(values, at)
    if RailLimit.objects.filter(rail=values.rail, valid_from=values.valid_from).exists():
        raise _known()
    try:
        with transaction.atomic():
            row = RailProposal.objects.create(
                rail=values.rail,
                valid_from=values.valid_from,
                min_amount=to_sen(values.min_amount),
                max_amount=None if values.max_amount is None else to_sen(values.max_amount),
                fee=None if values.fee is None else to_sen(values.fee),
                is_open=values.is_open,
                source=values.source.strip()[:200],
                asked_at=at,
                asked_by=by,
            )
    except IntegrityError as error:
        raise Refused(
            "RAIL-ASKED", _("Batas jalur ini untuk tanggal itu sudah diajukan.")
        ) from error
    _tell("disbursements.ask_rail_limit", row, by, at)
    return row


def _province(by: User) -> None:
    if by.area_code and len(by.area_code) > 2:
        raise NotAllowed("RAIL-AREA", _("Batas jalur diatur oleh petugas provinsi."))


def _known() -> Refused:
    return Refused(
        "RAIL-KNOWN",
        _("Jalur ini sudah punya batas mulai tanggal itu. Pilih tanggal lain; yang lama tetap."),
    )


def _check(values: LimitValues, at: datetime) -> None:
    today = day_of(at)
    sentence, name = "", ""
    if values.rail not in INTERBANK:
        sentence, name = _("Hanya jalur antarbank yang punya batas."), "rail"
    elif values.valid_from < today:
        sentence = _("Tanggal berlaku tidak boleh di masa lalu: daftar lama sudah memakainya.")
        name = "valid_from"
    elif (values.valid_from - today).days > LATEST:
        sentence, name = _("Tanggal berlaku paling jauh setahun lagi."), "valid_from"
    elif values.min_amount < 0 or (values.fee is not None and values.fee < 0):
        sentence, name = _("Jumlah tidak boleh kurang dari nol."), "min_amount"
    elif values.max_amount is not None and values.max_amount < values.min_amount:
        sentence, name = _("Batas atas tidak boleh di bawah batas bawah."), "max_amount"
    elif not values.source.strip():
        sentence, name = _("Isi sumbernya: peraturan atau surat bank."), "source"
    if sentence:
        raise BadInput("RAIL-INPUT", sentence, fields={name: sentence})


def why_not_answer(row: RailProposal, user: User) -> str:
    """Why this user cannot answer; empty when they can."""
    if row.confirmed_at or row.refused_at:
        return _("Pengajuan ini sudah dijawab.")
    if row.asked_by_id == user.pk:
        return _("Anda yang mengajukan, jadi orang lain yang mengesahkan.")
    return "" if user.can(Permission.SUBMISSION_CONFIRM) else _("Disahkan oleh kepala seksi.")


@transaction.atomic
def answer(*, proposal: RailProposal, agreed: bool, by: User, at: datetime) -> RailProposal:
    """The second person's word; agreed, the limit is in force from its day on.

    Raises NotAllowed for who asked, Stale when it is answered, Refused when its day has passed.
    """
    row = RailProposal.objects.select_for_update().get(pk=proposal.pk)
    why = why_not_answer(row, by)
    if row.confirmed_at or row.refused_at:
        raise Stale("RAIL-ANSWERED", why)
    if why:
        raise NotAllowed("RAIL-PERSON", why)
    _province(by)
    if not agreed:
        row.refused_at, row.refused_by = at, by
        row.save(update_fields=["refused_at", "refused_by"])
    else:
        _put_in_force(row, by, at)
        row.confirmed_at, row.confirmed_by = at, by
        row.save(update_fields=["confirmed_at", "confirmed_by"])
    _tell("disbursements.answer_rail_limit", row, by, at)
    return row


def _put_in_force(row: RailProposal, by: User, at: datetime) -> None:
    if row.valid_from < day_of(at):
        raise Refused(
            "RAIL-LATE",
            _(
                "Tanggal berlakunya sudah lewat. Tolak, lalu minta diajukan lagi dengan tanggal"
                " baru."
            ),
        )
    try:
        with transaction.atomic():
            RailLimit.objects.create(
                rail=row.rail,
                valid_from=row.valid_from,
                min_amount=row.min_amount,
                max_amount=row.max_amount,
                fee=row.fee,
                is_open=row.is_open,
                source=row.source,
                set_at=at,
                set_by=by,
            )
    except IntegrityError as error:
        raise _known() from error


def _tell(verb: str, row: RailProposal, by: User, at: datetime) -> None:
    audit.record(
        verb=verb,
        by=by,
        at=at,
        target=row,
        area_code=by.area_code,
        rail=Rail(row.rail),
        valid_from=row.valid_from,
        min_amount=row.min_amount,
        max_amount=row.max_amount,
        fee=row.fee,
        is_open=row.is_open,
        agreed=row.confirmed_at is not None,
    )
